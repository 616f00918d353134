"""Say what is due to go on a day, why, and by which rule; nothing is changed.

- Our sealed copy of a list goes the agreed days after the list came to rest, by the agreement that it was made under.
- A snapshot goes once it is older than the county keeps one, but for the newest.
- The rows of a work-coach list go the agreed days after it was answered.
- Who stood on a list, and who was left out, goes the county's years after the list came to rest, and never before both
  copies of the list are due to be gone. So does who stood on a list that was handed over another way, and of whom a
  work-coach list was answered what.
- A hold on records, an unfinished restriction or incident, and the suppression feed's legal-hold flag keep a list with
  whom they are about beyond that: its sealed copy and its evidence.
- Where the agreement of a list does not say how long, nothing of it is due, and it is named.

What happens then is run_retention.py's; the rules themselves are agreements/retention.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from sqlalchemy import Connection

from gateway.agreements.kept_document import KeptDocument, read_kept_document
from gateway.agreements.retention import destroy_by, evidence_until, sealed_copy_until, years_before
from gateway.model.officers import Action
from gateway.model.reconciliation import ReconciliationState
from gateway.model.retention import IRREPLACEABLE, Due, Kept
from gateway.model.time import as_text, from_text, london_day, london_midnight
from gateway.services.workplace import Workplace
from gateway.store.agreements import statement_kept
from gateway.store.reconciliations import reconciliations_of
from gateway.store.retention import (
    RestingList,
    expired_snapshots,
    handovers_with_people,
    holds_on_handovers,
    holds_on_lists,
    holds_on_told,
    lists_with_evidence,
    sealed_copies,
    told_purged,
)
from gateway.store.tables import reconciliations


@dataclass(frozen=True, slots=True)
class RetentionPlan:
    """What is due on a day; `without_terms` names the lists whose agreement does not say how long they are kept."""

    day: date
    due: tuple[Due, ...]
    without_terms: tuple[str, ...] = ()

    @property
    def held(self) -> tuple[Due, ...]:
        """What is due and kept all the same."""
        return tuple(each for each in self.due if each.held_by is not None)

    def to_go(self, *kinds: Kept) -> tuple[Due, ...]:
        """Return what goes, of these kinds or of all."""
        return tuple(each for each in self.due if each.held_by is None and each.kind in (kinds or tuple(Kept)))

    @property
    def evidence(self) -> tuple[Due, ...]:
        """What waits for a person: evidence of a disclosure, which nothing can replace."""
        return self.to_go(*IRREPLACEABLE)


def plan_retention(workplace: Workplace, day: date | None = None) -> RetentionPlan:
    """Return what is due today, or would be on another day if nothing else came. Raises AccessDenied."""
    workplace.actor.require(Action.READ_RETENTION)
    with workplace.store.reading() as connection:
        return plan_in(connection, workplace, day or workplace.clock.today())


def plan_in(connection: Connection, workplace: Workplace, day: date) -> RetentionPlan:
    """Return the plan from what one connection sees."""
    terms = _Terms(connection)
    copies, evidence = sealed_copies(connection), _evidence(connection, workplace, day, terms)
    due = (
        *_held(connection, list(_copies(copies, terms, day)), {each.reference: each.list_id for each in copies}),
        *_snapshots(connection, workplace, day),
        *_uploaded(connection, workplace, day),
        *evidence,
        *_handovers(connection, workplace, day),
        *_told(connection, workplace, day),
    )
    return RetentionPlan(day, due, tuple(sorted(terms.missing)))


class _Terms:
    """The words of the agreements that lists were made under, each read once; `missing` are lists without terms."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read: dict[str, KeptDocument | None] = {}
        self.missing: set[str] = set()

    def of(self, kept: RestingList) -> tuple[int, int] | None:
        """Return the days of our copy and of the recipient's; None where they are not known."""
        if kept.statement_hash not in self._read:
            self._read[kept.statement_hash] = document_of(self._connection, kept.statement_hash)
        words = self._read[kept.statement_hash]
        if words is None or words.our_copy_days is None or words.their_copy_days is None:
            self.missing.add(kept.reference)
            return None
        return words.our_copy_days, words.their_copy_days


def document_of(connection: Connection, statement_hash: str) -> KeptDocument | None:
    """Return the words of the agreement that a list was made under, where its statement is kept."""
    kept = statement_kept(connection, statement_hash)
    return _read(kept.agreement_document, kept.agreement_id) if kept else None


@lru_cache(maxsize=64)
def _read(document: bytes, agreement_id: str) -> KeptDocument:
    """Read a document once: the service asks every minute, and the bytes of a statement never change."""
    return read_kept_document(document, agreement_id)


def _copies(copies: list[RestingList], terms: _Terms, day: date) -> Iterator[Due]:
    for each in copies:
        days, rested_on = terms.of(each), london_day(each.rested_at)
        if days is not None and (until := sealed_copy_until(rested_on, days[0])) < day:
            rule = f"our copy goes {days[0]} days after the list was {each.state.value}"
            yield Due(Kept.SEALED_COPY, each.reference, rested_on, until, rule, each.size)


def _snapshots(connection: Connection, workplace: Workplace, day: date) -> Iterator[Due]:
    kept = timedelta(days=workplace.snapshot_kept_days)
    rule = f"a snapshot goes {workplace.snapshot_kept_days} days after its day, but for the newest"
    for each in expired_snapshots(connection, day - kept):
        yield Due(Kept.SNAPSHOT, each.reference, each.as_at_on, each.as_at_on + kept, rule, each.people)


def _uploaded(connection: Connection, workplace: Workplace, day: date) -> Iterator[Due]:
    kept = timedelta(days=workplace.reconciling.rows_kept_days)
    is_kept = reconciliations.c.state != ReconciliationState.CLEARED.value
    ran_before = reconciliations.c.ran_at < as_text(london_midnight(day) - kept)
    rule = f"rows of a work-coach list go {kept.days} days after it was answered; the night removes them"
    for each in reconciliations_of(connection, is_kept, ran_before):
        ran_on = london_day(from_text(each.ran_at))
        yield Due(Kept.UPLOADED, each.reference, ran_on, ran_on + kept, rule, each.counts.rows_read)


def _evidence(connection: Connection, workplace: Workplace, day: date, terms: _Terms) -> Iterator[Due]:
    years = workplace.evidence_kept_years
    lists = lists_with_evidence(connection, london_midnight(years_before(day, years)))
    found = []
    for each in lists:
        days, rested_on = terms.of(each), london_day(each.rested_at)
        if days is None:
            continue
        theirs = destroy_by(date.fromisoformat(each.window), days[1])
        if (until := evidence_until(rested_on, years, sealed_copy_until(rested_on, days[0]), theirs)) < day:
            found.append(Due(Kept.EVIDENCE, each.reference, rested_on, until, _after(years), each.size))
    return _held(connection, found, {each.reference: each.list_id for each in lists})


def _handovers(connection: Connection, workplace: Workplace, day: date) -> Iterator[Due]:
    years = workplace.evidence_kept_years
    found = handovers_with_people(connection, london_midnight(years_before(day, years)))
    held = holds_on_handovers(connection, [each.handover_id for each in found])
    for each in found:
        rested_on = max(london_day(each.rested_at), each.handed_over_on)
        until = evidence_until(rested_on, years)
        if until < day:
            case = held.get(each.handover_id)
            yield Due(Kept.HANDOVER, each.reference, rested_on, until, _after(years), each.size, case)


def _told(connection: Connection, workplace: Workplace, day: date) -> Iterator[Due]:
    years = workplace.evidence_kept_years
    ran_before = reconciliations.c.ran_at < as_text(london_midnight(years_before(day, years)))
    purged = told_purged(connection)
    found = [each for each in reconciliations_of(connection, ran_before) if each.reference not in purged]
    held = holds_on_told(connection, [each.reference for each in found])
    for each in found:
        ran_on = london_day(from_text(each.ran_at))
        if (until := evidence_until(ran_on, years)) < day:
            rule = f"what was told goes {years} years after a work-coach list was answered"
            yield Due(Kept.TOLD, each.reference, ran_on, until, rule, each.told, held.get(each.reference))


def _after(years: int) -> str:
    return f"evidence goes {years} years after the list came to rest"


def _held(connection: Connection, found: list[Due], ids: Mapping[str, int]) -> Iterator[Due]:
    """Yield what was found, each with the case that keeps its list, if one does."""
    held = holds_on_lists(connection, [ids[each.reference] for each in found])
    for each in found:
        case = held.get(ids[each.reference])
        yield Due(each.kind, each.reference, each.rested_on, each.kept_until, each.rule, each.count, case)
