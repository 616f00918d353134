"""Choose what a list of differences is built on: the newest list that the recipient is known to have taken.

A list that was never received is not built on. A list is a full one, which is right whatever the recipient holds,

- while nothing was received, and the first time in each week, month or quarter, as the agreement says;
- where anything that the base rests on was recalled or rejected since, or its evidence was purged;
- where the recipient has to destroy the full list that the base rests on, or certified that it destroyed any of it;
- where the recipient rejected a list since: it may have lost what that was built on;
- where it was made under another policy statement or for another partner: its columns or people may be others;
- where a full list went since and no receipt came: nobody knows which of the two the recipient holds;
- where the database was restored from a backup since, and may not know of all that went.

Lists of differences and notices that were sealed since are in doubt, whatever became of them: whoever stands on one is
told again (minimisation/delta.py).

Reads, and changes nothing.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import Connection

from gateway.agreements.full_lists import is_full_again
from gateway.agreements.retention import destroy_by
from gateway.model.agreement import Mode
from gateway.model.delivery import ListState
from gateway.model.receipt import ReceiptLevel
from gateway.receipts.match import Verdict
from gateway.services.agreements.agreement_standing import Standing
from gateway.services.disclosure.list_decisions import ListTerms
from gateway.store.delta import lists_behind, newest_received, require_evidence, restored_since, sealed_since
from gateway.store.history import newest_receipts
from gateway.store.lists import KeptList
from gateway.store.retention import lists_purged


class WhyFull(StrEnum):
    """Why a list of an agreement in differences is a full one."""

    NOTHING_RECEIVED = "nothing-received"
    PERIOD_BEGINS = "period-begins"
    DESTROYED = "destroyed"
    TAKEN_BACK = "taken-back"
    REJECTED = "rejected"
    OTHER_STATEMENT = "other-statement"
    FULL_LIST_IN_DOUBT = "full-list-in-doubt"
    RESTORED = "restored-backup"


@dataclass(frozen=True, slots=True)
class Base:
    """What a list of differences is built on, each oldest first.

    `received` begins with a full list and ends with the newest list that was received; `doubtful` were sealed since.
    """

    received: tuple[KeptList, ...]
    doubtful: tuple[KeptList, ...]

    @property
    def newest(self) -> KeptList:
        """The list that the differences are against."""
        return self.received[-1]

    @property
    def people(self) -> int | None:
        """How many people the recipient holds who took the newest."""
        return self.newest.people if self.newest.base is None else self.newest.held

    @property
    def places(self) -> tuple[list[int], list[int]]:
        """The ids of what was received, and of what is in doubt."""
        return [kept.list_id for kept in self.received], [kept.list_id for kept in self.doubtful]

    @property
    def list_ids(self) -> list[int]:
        """All of them."""
        received, doubtful = self.places
        return received + doubtful


def base_of(connection: Connection, terms: ListTerms, standing: Standing) -> Base | WhyFull | None:
    """Return what the list is built on, or why it is a full one; None where the agreement's lists all are.

    Raises LedgerDamaged where evidence is missing.
    """
    if terms.agreement.mode is not Mode.DELTA:
        return None
    newest = newest_received(connection, terms.agreement.agreement_id, terms.part)
    if newest is None:
        return WhyFull.NOTHING_RECEIVED
    received = lists_behind(connection, newest)
    doubtful = sealed_since(connection, received)
    why = _why_full(connection, terms, standing, received, doubtful)
    if why is not None:
        return why
    require_evidence(connection, [*received, *doubtful])
    return Base(tuple(received), tuple(doubtful))


def _why_full(
    connection: Connection, terms: ListTerms, standing: Standing, received: list[KeptList], doubtful: list[KeptList]
) -> WhyFull | None:
    full, made_under = received[0], (standing.statement.statement_hash, standing.partner.name)
    every = terms.agreement.full_list_every
    if every is None or is_full_again(every, date.fromisoformat(full.window), terms.day):
        return WhyFull.PERIOD_BEGINS
    kept_until = destroy_by(date.fromisoformat(full.window), terms.agreement.retention.their_copy_days)
    if terms.day > kept_until or _is_destroyed(connection, received):
        return WhyFull.DESTROYED
    if any((kept.statement_hash, kept.partner) != made_under for kept in received):
        return WhyFull.OTHER_STATEMENT
    if any(kept.root is None for kept in doubtful) or restored_since(connection, full.sealed_at or ""):
        return WhyFull.RESTORED
    if any(kept.base is None and kept.supersedes is None for kept in doubtful):
        return WhyFull.FULL_LIST_IN_DOUBT
    if any(kept.state is ListState.REJECTED for kept in doubtful):
        return WhyFull.REJECTED
    taken_back = any(kept.state is not ListState.RECEIVED for kept in received)
    if taken_back or lists_purged(connection, [kept.list_id for kept in received]):
        return WhyFull.TAKEN_BACK
    return None


def _is_destroyed(connection: Connection, received: list[KeptList]) -> bool:
    """Say whether the recipient certified that it destroyed any of the lists."""
    newest = newest_receipts(connection, [kept.list_id for kept in received], Verdict.ACCEPTED.value)
    return any(receipt.level is ReceiptLevel.DESTROYED for receipt in newest.values())
