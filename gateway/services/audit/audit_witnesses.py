"""Hold the log against every checkpoint of it that a recipient co-signed: step (5) of ledger/verify.py.

Each kept note must bear our signature and that of the witness whose key was pinned then. A note that our own key
signed outside its period, or one that the log's entries do not give, says that the log told two stories.
"""

from collections.abc import Iterator

from gateway.errors import CheckpointInvalid
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.cosignature import cosigned_at, parse_witness
from gateway.ledger.key_chain import KeyChain
from gateway.ledger.verify import Fault, Finding, LogCheck
from gateway.model.time import as_text
from gateway.store.witnesses import WitnessRow


def witness_findings(rows: Iterator[WitnessRow], keys: KeyChain, log: LogCheck) -> Iterator[Finding]:
    """Hand every co-signed checkpoint to the check of the log, and yield what is wrong with the notes themselves."""
    for row in rows:
        where = f"checkpoint {row.size} co-signed in receipt {row.receipt_sha256[:12]}"
        try:
            if keys.is_out_of_period(row.note):
                yield Finding(Fault.FORKED, where, "a key of this log signed it outside the period of that key")
                continue
            checkpoint, witness = _verified(row, keys)
        except CheckpointInvalid as error:
            yield Finding(Fault.UNSIGNED, where, str(error))
            continue
        log.hold_against(checkpoint, f"co-signed by {witness}")


def _verified(row: WitnessRow, keys: KeyChain) -> tuple[Checkpoint, str]:
    witness = parse_witness(row.witness)
    checkpoint, at = keys.open(row.note), cosigned_at(row.note, witness)
    if (checkpoint.size, checkpoint.root, as_text(at)) != (row.size, row.root, row.cosigned_at):
        raise CheckpointInvalid("its columns do not say what was co-signed")
    return checkpoint, witness.name
