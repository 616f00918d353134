"""Put beside the people who were disclosed what a list made now would tell of them, for one answer.

- Only people on an earlier list of the same part are asked for, and only those whom the agreement's own decision
  includes today: whoever is protected, held or gone since is absent, all in the same way (law L11).
- The statement is the list's own (`list_select`), so an answer can hold no field that a list could not (law L2).
- The lines are there within one transaction and never after it: what was withheld a moment later is not told by them.
- What makes a list wait for a person makes an answer wait too, but for how many people are on it.

This module reads the cohort. It makes nothing that a Jobcentre sees: answer_list.py does, and cannot read what is
read here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Select, delete, func, insert, select

from gateway.errors import ReconciliationRefused, ReconciliationWithheld
from gateway.minimisation import list_select
from gateway.minimisation.line import split_line
from gateway.model.agreement import Mode
from gateway.model.delivery import DISCLOSED
from gateway.services.agreements.agreement_standing import Standing, approved_statement
from gateway.services.disclosure.list_decisions import ListTerms, decide_list, without_size
from gateway.services.disclosure.run_disclosures import current_snapshot, require_last_load, require_loaded_as_approved
from gateway.services.reconciliation.offices import part_of
from gateway.services.workplace import Workplace
from gateway.store.scan import scan
from gateway.store.snapshots import SnapshotFacts, snapshot_facts
from gateway.store.tables import evidence, lists, persons, today_lines

_WENT = [state.value for state in DISCLOSED]


@dataclass(frozen=True, slots=True)
class Answering:
    """An agreement and part under which lists are answered now, with the connection that sees today's lines."""

    connection: Connection
    standing: Standing
    snapshot: SnapshotFacts
    part: str


@contextmanager
def answering(workplace: Workplace, agreement_id: str, office: str) -> Iterator[Answering]:
    """Give a transaction in which today's lines are beside the people who were disclosed; they go with it.

    Raises what a run raises where no list may leave today (law L6), and ReconciliationWithheld.
    """
    with workplace.store.working_state() as connection:
        standing = approved_statement(workplace, connection, agreement_id)
        _require_told_beforehand(standing)
        snapshot = current_snapshot(workplace, connection)
        require_last_load(connection)
        require_loaded_as_approved(connection, standing, snapshot)
        part = part_of(standing.agreement, office)
        terms = ListTerms(standing.agreement, standing.framework, snapshot, workplace.clock.today(), part)
        _require_no_doubt(workplace, connection, terms)
        _put(connection, terms)
        yield Answering(connection, standing, snapshot, terms.part)
        # Where the block ended otherwise, the transaction takes them back.
        connection.execute(delete(today_lines))


def _require_told_beforehand(standing: Standing) -> None:
    """Raise ReconciliationRefused where nobody is told of before their list comes in: it is answered another way."""
    agreement = standing.agreement
    if agreement.mode is Mode.MATCH_FIRST:
        raise ReconciliationRefused(
            f"{agreement.agreement_id} answers lists of its recipient by lists of its own, and by no worksheet",
            advice=f"`gateway claimants take FILE --agreement {agreement.agreement_id}`",
        )


def _require_no_doubt(workplace: Workplace, connection: Connection, terms: ListTerms) -> None:
    decided = decide_list(connection, terms, flags_allowed=workplace.flags_reaching_nobody_allowed)
    # How many people a list has says nothing against telling of one who is on it already.
    withheld = without_size(decided.withheld)
    if withheld is not None:
        reasons = set(withheld.reasons)
        raise ReconciliationWithheld(
            f"a list of {terms.agreement.agreement_id} made now would wait for a person: {', '.join(sorted(reasons))}"
        )


def _put(connection: Connection, terms: ListTerms) -> None:
    """Keep today's line of everybody who stands on the newest list of the part, and what that list told."""
    newest = _newest_list(connection, terms)
    if newest is None:
        return
    list_id, snapshot_id, window = newest
    today = dict(_lines(connection, terms, list_id, terms.snapshot.snapshot_id, terms.day))
    told = today
    if (snapshot_id, window) != (terms.snapshot.snapshot_id, terms.day):
        kept = snapshot_facts(connection, snapshot_id)
        told = dict(_lines(connection, terms, list_id, snapshot_id, window)) if kept else {}
    part: dict[str, object] = {"agreement_id": terms.agreement.agreement_id, "part": terms.part}
    rows = [part | {"subject_ref": ref, "line": line, "told": told.get(ref)} for ref, line in today.items()]
    if rows:
        connection.execute(insert(today_lines), rows)


def _newest_list(connection: Connection, terms: ListTerms) -> tuple[int, int, date] | None:
    of_part = lists.c.agreement_id == terms.agreement.agreement_id, lists.c.part == terms.part
    newest = select(func.max(lists.c.list_id)).where(*of_part, lists.c.state.in_(_WENT)).scalar_subquery()
    query = select(lists.c.list_id, lists.c.snapshot_id, lists.c.window).where(lists.c.list_id == newest)
    row = connection.execute(query).first()
    return (row.list_id, row.snapshot_id, date.fromisoformat(row.window)) if row else None


def _lines(
    connection: Connection, terms: ListTerms, list_id: int, snapshot_id: int, day: date
) -> Iterator[tuple[str, bytes]]:
    """Yield the line of each person on the list that would be sent from a snapshot, without the reference."""
    asked = terms.asked() | {"snapshot_id": snapshot_id, "day": max(day, _as_at(connection, snapshot_id))}
    statement: Select[tuple[object, ...]] = list_select(terms.agreement, terms.framework, **asked)
    on_it = select(evidence.c.subject_ref).where(evidence.c.list_id == list_id)
    for block in scan(connection, statement.where(persons.c.subject_ref.in_(on_it))):
        for scanned in block:
            subject_ref, _, _, rest = split_line(scanned)
            yield subject_ref, rest.removeprefix(b",")


def _as_at(connection: Connection, snapshot_id: int) -> date:
    facts = snapshot_facts(connection, snapshot_id)
    return facts.as_at_on if facts else date.min
