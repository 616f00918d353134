"""Say which receipts came, and what became of each: what a partner is rung about.

Codes, counts and references alone; what stood in a receipt is in the database and goes to nobody from here.
"""

from dataclasses import dataclass
from datetime import datetime

from gateway.ledger.entries import read_entry
from gateway.model.officers import Action
from gateway.receipts.match import Verdict
from gateway.services.workplace import Workplace
from gateway.store.receipts import newest_receipts

#: Nobody reads more of them at once.
MOST = 200


@dataclass(frozen=True, slots=True)
class KnownReceipt:
    """A receipt on record. `checkpoint` is what became of the one that it co-signed, if it did.

    `destroyed_on` is the day of a certificate of destruction.
    """

    collected_at: datetime
    partner: str
    list_reference: str | None
    level: str | None
    verdict: str
    reason: str | None
    checkpoint: str | None
    destroyed_on: str | None = None


def list_receipts(workplace: Workplace, *, refused_only: bool) -> list[KnownReceipt]:
    """Return the newest receipts, newest first. Raises AccessDenied."""
    workplace.actor.require(Action.READ_STATUS)
    with workplace.store.reading() as connection:
        rows = newest_receipts(connection, MOST, without=Verdict.ACCEPTED.value if refused_only else None)
        return [_known(at, body) for at, body in rows]


def _known(at: datetime, body: bytes) -> KnownReceipt:
    said = {name: str(value) for name, value in read_entry(body).body.items()}
    return KnownReceipt(
        collected_at=at,
        partner=said["partner"],
        list_reference=said.get("list"),
        level=said.get("level"),
        verdict=said["verdict"],
        reason=said.get("reason"),
        checkpoint=said.get("cosignature"),
        destroyed_on=said.get("destroyed_on"),
    )
