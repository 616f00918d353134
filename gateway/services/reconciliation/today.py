"""Work out what a list made now would tell of people who were disclosed already, for one answer.

- Only people on an earlier list of the same part, or on one that was handed over since, are asked for, and of them only
  those whom the agreement's own decision includes today: whoever is protected, held or gone since is absent, all in the
  same way (law L11).
- The statement is the list's own, which counts and projects at once: an answer can hold no field that a list could not
  (law L2), and rests on the same decision as what would withhold a list.
- Everything is read in one snapshot of the database, and nobody waits for it: whoever keeps the answer finds out first
  that nothing came in between (moved.py).
- What makes a list wait for a person makes an answer wait too, but for how many people are on it.

This module reads the cohort. It makes nothing that a Jobcentre sees: answer_list.py does, and cannot read what is
read here.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import CompoundSelect, Connection, Select, func, select, union_all

from gateway.errors import ReconciliationRefused, ReconciliationWithheld
from gateway.minimisation import WholeList, list_select, whole_list_select
from gateway.minimisation.line import split_line
from gateway.model.agreement import Mode
from gateway.model.delivery import DISCLOSED
from gateway.model.handover import HandoverState
from gateway.selection.funnel import Funnel
from gateway.services.agreements.agreement_standing import Standing, approved_statement
from gateway.services.disclosure.list_decisions import ListTerms, judge_list, kept_standing, without_size
from gateway.services.disclosure.run_disclosures import current_snapshot, require_last_load, require_loaded_as_approved
from gateway.services.reconciliation.offices import part_of
from gateway.services.workplace import Workplace
from gateway.store.delta import held_since
from gateway.store.disclosed import TodayLine
from gateway.store.evidence import kept_exclusions
from gateway.store.scan import scan
from gateway.store.snapshots import SnapshotFacts, snapshot_facts
from gateway.store.tables import handover_people, handovers, lists, persons

#: Whose lines are asked for.
_People = Select[tuple[str]] | CompoundSelect[tuple[str]]
_WENT = [state.value for state in DISCLOSED]


@dataclass(frozen=True, slots=True)
class Answering:
    """An agreement and part under which lists are answered now, today's lines, and the snapshot in which they are."""

    connection: Connection
    standing: Standing
    snapshot: SnapshotFacts
    part: str
    today: Mapping[str, TodayLine] = field(repr=False)


@contextmanager
def answering(workplace: Workplace, agreement_id: str, office: str) -> Iterator[Answering]:
    """Give one snapshot of the database, and today's lines of people who were disclosed.

    Raises what a run raises where no list may leave today (law L6), and ReconciliationWithheld.
    """
    with workplace.store.reading() as connection:
        standing = approved_statement(workplace, connection, agreement_id)
        _require_told_beforehand(standing)
        snapshot = current_snapshot(workplace, connection)
        require_last_load(connection)
        require_loaded_as_approved(connection, standing, snapshot)
        part = part_of(standing.agreement, office)
        terms = ListTerms(standing.agreement, standing.framework, snapshot, workplace.clock.today(), part)
        yield Answering(connection, standing, snapshot, terms.part, _today(workplace, connection, terms))


def _require_told_beforehand(standing: Standing) -> None:
    """Raise ReconciliationRefused where nobody is told of before their list comes in: it is answered another way."""
    agreement = standing.agreement
    if agreement.mode is Mode.MATCH_FIRST:
        raise ReconciliationRefused(
            f"{agreement.agreement_id} answers lists of its recipient by lists of its own, and by no worksheet",
            advice=f"`gateway claimants take FILE --agreement {agreement.agreement_id}`",
        )


def _require_no_doubt(workplace: Workplace, connection: Connection, terms: ListTerms, funnel: Funnel) -> None:
    decided = judge_list(connection, terms, funnel, flags_allowed=workplace.flags_reaching_nobody_allowed)
    # How many people a list has says nothing against telling of one who is on it already.
    withheld = without_size(decided.withheld)
    if withheld is not None:
        reasons = set(withheld.reasons)
        raise ReconciliationWithheld(
            f"a list of {terms.agreement.agreement_id} made now would wait for a person: {', '.join(sorted(reasons))}"
        )


def _today(workplace: Workplace, connection: Connection, terms: ListTerms) -> dict[str, TodayLine]:
    """Return today's line of everybody whom the newest list, or one handed over since, left with the recipient."""
    newest = _newest_list(connection, terms)
    if newest is None:
        on_it = _handed_over(terms, date.min)
        return {ref: TodayLine(line, None) for ref, line in _now(workplace, connection, terms, on_it).items()}
    list_id, snapshot_id, window = newest
    on_lists = held_since(connection, list_id)
    today = _now(workplace, connection, terms, union_all(on_lists, _handed_over(terms, window)))
    told = today
    if (snapshot_id, window) != (terms.snapshot.snapshot_id, terms.day):
        kept = snapshot_facts(connection, snapshot_id)
        told = dict(_lines(connection, terms, on_lists, snapshot_id, window)) if kept else {}
    return {ref: TodayLine(line, told.get(ref)) for ref, line in today.items()}


def _newest_list(connection: Connection, terms: ListTerms) -> tuple[int, int, date] | None:
    of_part = lists.c.agreement_id == terms.agreement.agreement_id, lists.c.part == terms.part
    newest = select(func.max(lists.c.list_id)).where(*of_part, lists.c.state.in_(_WENT)).scalar_subquery()
    query = select(lists.c.list_id, lists.c.snapshot_id, lists.c.window).where(lists.c.list_id == newest)
    row = connection.execute(query).first()
    return (row.list_id, row.snapshot_id, date.fromisoformat(row.window)) if row else None


def _now(workplace: Workplace, connection: Connection, terms: ListTerms, on_it: _People) -> dict[str, bytes]:
    """Return the line of each of these people that a list made now would have. Raises ReconciliationWithheld."""
    statement = whole_list_select(
        terms.agreement,
        terms.framework,
        going=lambda rows: rows.where(persons.c.subject_ref.in_(on_it)),
        kept_before=kept_exclusions(terms.agreement.agreement_id),
        kept_standing=kept_standing(connection, terms),
        **terms.asked(),
    )
    with closing(scan(connection, statement)) as blocks:
        whole = WholeList(blocks)
        _require_no_doubt(workplace, connection, terms, whole.funnel())
        # Exclusions are of no interest here, and stand before the rows.
        deque(whole.exclusions(), maxlen=0)
        return dict(_told_in(whole.rows()))


def _handed_over(terms: ListTerms, since: date) -> Select[tuple[str]]:
    """Return everybody on lists that were handed over another way from a day on; they name no part."""
    of_it = select(handovers.c.handover_id).where(
        handovers.c.agreement_id == terms.agreement.agreement_id,
        handovers.c.state == HandoverState.ATTESTED.value,
        handovers.c.handed_over_on >= since,
    )
    return select(handover_people.c.subject_ref).where(handover_people.c.handover_id.in_(of_it))


def _lines(
    connection: Connection, terms: ListTerms, on_it: _People, snapshot_id: int, day: date
) -> Iterator[tuple[str, bytes]]:
    """Return the line of each of these people that a list made from a snapshot would have, without the reference."""
    asked = terms.asked() | {"snapshot_id": snapshot_id, "day": max(day, _as_at(connection, snapshot_id))}
    statement: Select[tuple[object, ...]] = list_select(terms.agreement, terms.framework, **asked)
    return _told_in(scan(connection, statement.where(persons.c.subject_ref.in_(on_it))))


def _told_in(blocks: Iterable[list[bytes]]) -> Iterator[tuple[str, bytes]]:
    for block in blocks:
        for scanned in block:
            subject_ref, _, _, rest = split_line(scanned)
            yield subject_ref, rest.removeprefix(b",")


def _as_at(connection: Connection, snapshot_id: int) -> date:
    facts = snapshot_facts(connection, snapshot_id)
    return facts.as_at_on if facts else date.min
