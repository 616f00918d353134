"""Keep records beyond their time while a case needs them: one list, or whatever is kept about one person.

It stops a removal and nothing else: nobody is kept off a list by it, and nobody told less. The identifier of a person
is read by the face, looked up by the blind index, and kept as their references (law L8).
"""

from collections.abc import Sequence
from dataclasses import replace

from gateway.errors import RecordsHeld, SubjectUnknown
from gateway.model.officers import Action
from gateway.model.retention import HoldState
from gateway.model.time import as_text
from gateway.services.agreements.stop_disclosures import require_case
from gateway.services.subjects.subject_search import subjects_meant
from gateway.services.workplace import Workplace
from gateway.store.blind_index import Clue
from gateway.store.lists import list_named
from gateway.store.record_holds import (
    RecordHold,
    keep_record_hold,
    let_go_of,
    record_hold_named,
    record_holds_kept,
)
from gateway.store.work import Work


def hold_list(workplace: Workplace, list_reference: str, case: str) -> RecordHold:
    """Keep a list's records. Raises AccessDenied, DisclosureRefused for no case, RecordsHeld for no list."""
    workplace.actor.require(Action.HOLD_RECORDS)
    require_case(case)
    with workplace.store.writing(workplace.actor) as work:
        if list_named(work.connection, list_reference) is None:
            raise RecordsHeld("there is no list of that reference", advice="`gateway disclose status` names the lists.")
        return _hold(work, case, list_reference=list_reference)


def hold_person(workplace: Workplace, clue: Clue, case: str) -> Sequence[RecordHold]:
    """Keep what is kept of everybody whom it can mean. Raises AccessDenied, DisclosureRefused, SubjectUnknown."""
    workplace.actor.require(Action.HOLD_RECORDS)
    require_case(case)
    with workplace.store.writing(workplace.actor) as work:
        meant = subjects_meant(workplace, work.connection, clue)
        if not meant:
            raise SubjectUnknown("the registry knows nobody by that identifier")
        return [_hold(work, case, subject_ref=subject) for subject in meant]


def let_records_go(workplace: Workplace, reference: str, case: str) -> RecordHold:
    """End a hold; `case` is where that was decided. Raises AccessDenied, DisclosureRefused, RecordsHeld."""
    workplace.actor.require(Action.LET_RECORDS_GO)
    require_case(case)
    with workplace.store.writing(workplace.actor) as work:
        hold = record_hold_named(work.connection, reference)
        if hold is None or hold.state is HoldState.LET_GO:
            raise RecordsHeld("there is no hold of that reference to end")
        let_go_of(work, hold, case)
    return replace(hold, state=HoldState.LET_GO)


def list_record_holds(workplace: Workplace) -> list[RecordHold]:
    """Return every hold on records, those that ended too. Raises AccessDenied."""
    workplace.actor.require(Action.READ_RETENTION)
    with workplace.store.reading() as connection:
        return record_holds_kept(connection)


def _hold(work: Work, case: str, *, list_reference: str | None = None, subject_ref: str | None = None) -> RecordHold:
    hold = RecordHold(
        reference=f"KEEP-{work.at:%Y-%m-%d}-{work.size + 1}",
        list_reference=list_reference,
        subject_ref=subject_ref,
        case_reference=case,
        held_by=work.actor.account,
        held_at=as_text(work.at),
        state=HoldState.HELD,
    )
    keep_record_hold(work, hold)
    return hold
