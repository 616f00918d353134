"""Keep the checkpoints that recipients co-sign in their receipts: whoever holds one can prove what our log was.

What a co-signed checkpoint is worth is decided by receipts/witness.py. One that is refused leaves its code with the
receipt and nothing else. One that bears our own signature and is not in our log is kept as proof against it, and the
receipt that brought it ends in an alarm: `gateway audit verify` names it from then on.
"""

from functools import partial

from gateway.documents import sha256_hex
from gateway.ledger.events import Event
from gateway.model.partner import Partner
from gateway.model.receipt import Receipt
from gateway.model.time import as_text
from gateway.receipts.witness import OurLog, Witnessed, Witnessing, judge_cosignature
from gateway.store.lists import KeptList
from gateway.store.log_keys import key_chain_of
from gateway.store.outside import is_known
from gateway.store.witnesses import checkpoint_sent, keep_cosignature, made_at
from gateway.store.work import Work

_EVENT_OF = {
    Witnessing.KEPT: Event.CHECKPOINT_WITNESSED,
    Witnessing.CONTRADICTS_LOG: Event.CHECKPOINT_CONTRADICTED,
}


def judge_witness(
    work: Work, partner: Partner, receipt: Receipt | None, accepted_for: KeptList | None
) -> Witnessed | None:
    """Return what the co-signed checkpoint of a receipt is worth, if it holds one.

    `accepted_for` is the list of an accepted receipt.
    """
    if receipt is None or receipt.cosigned_checkpoint is None:
        return None
    connection, keys = work.connection, key_chain_of(work.connection)
    sent = checkpoint_sent(connection, accepted_for, keys.origin) if accepted_for else None
    log = OurLog(keys, partial(made_at, connection), partial(is_known, connection), sent)
    return judge_cosignature(receipt.cosigned_checkpoint, partner.witness_key, log, work.at)


def keep_witnessed(
    work: Work, partner: Partner, witnessed: Witnessed | None, *, receipt_sha256: str, reference: str | None
) -> None:
    """Keep what is worth keeping, with its entry."""
    if witnessed is None or witnessed.cosigned is None or partner.witness_key is None:
        return
    cosigned = witnessed.cosigned
    position = work.enter(
        _EVENT_OF[witnessed.verdict],
        partner=partner.name,
        witness=partner.witness_key,
        receipt=receipt_sha256,
        size=cosigned.checkpoint.size,
        root=cosigned.checkpoint.root.hex(),
        cosigned_at=as_text(cosigned.at),
        note=sha256_hex(witnessed.note.encode()),
        list=reference,
    )
    keep_cosignature(
        work,
        cosigned,
        note=witnessed.note,
        receipt_sha256=receipt_sha256,
        partner=partner.name,
        witness=partner.witness_key,
        explained_by=position,
    )
