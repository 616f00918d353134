"""Edge: lists that came in under agreements in the mode `match_first`, and whom they ask about.

Such a list is kept as a reconciliation whose rows are those found to be somebody alone (store/reconciliations.py). What
answers it is a list of ours: its window is the London day on which the other came in, and its part is named after that
file, so the same file is answered once (law L4). A part that is called so belongs to no office and to no notice.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, false, select

from gateway.errors import LedgerDamaged
from gateway.ledger.digests import decision_digest
from gateway.model.delivery import DISCLOSED
from gateway.model.reconciliation import ReconciliationState, RowClass
from gateway.model.time import from_text, london_day
from gateway.store.reconciliations import reconciliations_of
from gateway.store.tables import lists, reconciled_rows, reconciliations

#: A part is this and so many digits of the file's hash.
ASKED, _DIGITS = "asked-", 12


@dataclass(frozen=True, slots=True)
class Asking:
    """A list that came in and asks: what it is called, and under which window and part it is answered."""

    reference: str
    window: str
    part: str
    taken_at: datetime
    #: How many people it was found to ask about, and the digest of who they are.
    people: int
    digest: str


def asked_part(file_sha256: str) -> str:
    """Return the part under which a file is answered."""
    return f"{ASKED}{file_sha256[:_DIGITS]}"


def asking(connection: Connection, agreement_id: str) -> list[Asking]:
    """Return the lists that came in under an agreement and whose rows are still kept, oldest first."""
    mine = reconciliations.c.agreement_id == agreement_id
    taken = reconciliations.c.state == ReconciliationState.TAKEN.value
    return [
        Asking(
            reference=each.reference,
            window=london_day(from_text(each.ran_at)).isoformat(),
            part=asked_part(each.file_sha256),
            taken_at=from_text(each.ran_at),
            people=each.counts.on_list,
            digest=each.answer_sha256,
        )
        for each in reconciliations_of(connection, mine, taken)
    ]


def find_asking(connection: Connection, agreement_id: str, window: str, part: str) -> Asking | None:
    """Return the list that a window and part answer, if its rows are still kept."""
    found = (each for each in asking(connection, agreement_id) if (each.window, each.part) == (window, part))
    return next(found, None)


def subjects_asked(connection: Connection, agreement_id: str, window: str, part: str) -> Select[tuple[str]]:
    """Return the statement of the people whom the list asks about that a window and part answer; of nobody without."""
    found = find_asking(connection, agreement_id, window, part)
    subjects = select(reconciled_rows.c.subject_ref)
    if found is None:
        return subjects.where(false())
    known = reconciled_rows.c.kind == RowClass.ON_LIST.value, reconciled_rows.c.subject_ref.is_not(None)
    return subjects.where(reconciled_rows.c.reference == found.reference, *known)


def require_as_entered(connection: Connection, agreement_id: str, window: str, part: str) -> None:
    """Raise LedgerDamaged where the people whom a list asks about are not those that its entry was made about.

    Fewer there may be than rows: whoever was forgotten since is gone from it.
    """
    found = find_asking(connection, agreement_id, window, part)
    if found is None:
        return
    # Two rows may be one person where an officer said so.
    refs = sorted(set(connection.execute(subjects_asked(connection, agreement_id, window, part)).scalars()))
    same = decision_digest((str(each), None) for each in refs) == found.digest
    if len(refs) > found.people or (len(refs) == found.people and not same):
        raise LedgerDamaged(f"{found.reference} asks about other people than it did when it came in")


def last_answered(connection: Connection, agreement_id: str) -> int | None:
    """Return how many people were on the newest answer that went under an agreement; None before the first."""
    went = lists.c.state.in_([state.value for state in DISCLOSED])
    mine = lists.c.agreement_id == agreement_id, lists.c.part.startswith(ASKED), went
    return connection.execute(select(lists.c.people).where(*mine).order_by(lists.c.list_id.desc()).limit(1)).scalar()
