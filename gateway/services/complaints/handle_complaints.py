"""Record a complaint, that it was acknowledged, and how it ended.

- What is kept for good is a case reference, days, and words of closed lists (law L8). Whom it is about is found by the
  blind index and kept as their reference, which says nothing once they are forgotten; or a list is named, or both, or
  neither where the registry knows nobody.
- A note is the one place for words. It is removed with the person, or once the complaint has been closed for the agreed
  days; a National Insurance number in it is refused, because a note can be about others than the person it goes with.
- Letters are written elsewhere: what is recorded here is the day on which they went.
"""

import re
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Connection

from gateway.errors import ComplaintRefused, SubjectUnknown
from gateway.ledger.events import Event
from gateway.model.complaint import ComplaintAbout, ComplaintOutcome, ComplaintState
from gateway.model.officers import Action
from gateway.model.time import as_text
from gateway.services.agreements.stop_disclosures import require_case
from gateway.services.subjects.subject_search import one_person, subjects_meant
from gateway.services.workplace import Workplace
from gateway.store.blind_index import Clue
from gateway.store.complaints import (
    SALT_BYTES,
    Complaint,
    complaint_named,
    complaints_with_notes_closed_by,
    erase_notes,
    keep_complaint,
    keep_note,
    move_complaint,
    next_complaint_reference,
)
from gateway.store.lists import list_named
from gateway.store.work import Work

LONGEST_NOTE = 2000
#: Why a note is removed at its time. Stored.
_TIME_OVER = "time-over"
_NINO_SHAPE = re.compile(r"\b[A-Za-z]{2}\s?(\d\s?){6}[A-Da-d]?\b")


def record_complaint(
    workplace: Workplace,
    *,
    case_reference: str,
    received_on: date,
    about: ComplaintAbout,
    clue: Clue | None = None,
    list_reference: str | None = None,
    note: str | None = None,
) -> Complaint:
    """Record a complaint that came on a day, and return it.

    Raises AccessDenied, EntryInvalid where the case reference is none, SubjectUnknown, SubjectAmbiguous, and
    ComplaintRefused for a day to come, a list that there is not, or a note that may not be kept.
    """
    workplace.actor.require(Action.HANDLE_COMPLAINT)
    require_case(case_reference)
    _require_passed(workplace, received_on)
    with workplace.store.writing(workplace.actor) as work:
        complaint = Complaint(
            reference=next_complaint_reference(work.connection, workplace.clock.today().isoformat()),
            case_reference=case_reference,
            about=about,
            received_on=received_on,
            recorded_by=workplace.actor.account,
            recorded_at=as_text(work.at),
            subject_ref=None if clue is None else _subject(workplace, work.connection, clue),
            list_reference=None if list_reference is None else _list(work.connection, list_reference),
        )
        keep_complaint(work, complaint, explained_by=work.enter(Event.COMPLAINT_RECORDED, **complaint.said()))
        _note(workplace, work, complaint, note)
    return complaint


def acknowledge_complaint(
    workplace: Workplace, reference: str, *, acknowledged_on: date | None = None, note: str | None = None
) -> Complaint:
    """Record that a complaint was acknowledged, on a day or today. Raises ComplaintRefused, MoveNotAllowed."""
    workplace.actor.require(Action.HANDLE_COMPLAINT)
    day = acknowledged_on or workplace.clock.today()
    _require_passed(workplace, day)
    with workplace.store.writing(workplace.actor) as work:
        complaint = known_complaint(work.connection, reference)
        _require_in_order(complaint, day)
        moved = replace(complaint, state=ComplaintState.ACKNOWLEDGED, acknowledged_on=day)
        return _moved(workplace, work, complaint, moved, Event.COMPLAINT_ACKNOWLEDGED, note)


def close_complaint(
    workplace: Workplace,
    reference: str,
    outcome: ComplaintOutcome,
    *,
    closed_on: date | None = None,
    note: str | None = None,
) -> Complaint:
    """Record that whoever complained was told the outcome. Raises ComplaintRefused, MoveNotAllowed."""
    workplace.actor.require(Action.HANDLE_COMPLAINT)
    day = closed_on or workplace.clock.today()
    _require_passed(workplace, day)
    with workplace.store.writing(workplace.actor) as work:
        complaint = known_complaint(work.connection, reference)
        _require_in_order(complaint, day)
        moved = replace(complaint, state=ComplaintState.CLOSED, closed_on=day, outcome=outcome)
        return _moved(workplace, work, complaint, moved, Event.COMPLAINT_CLOSED, note)


def remove_old_notes(workplace: Workplace) -> int:
    """Remove the notes on complaints that have been closed for longer than agreed; return how many there were."""
    workplace.actor.require(Action.RUN)
    closed_by = workplace.clock.today() - timedelta(days=workplace.complaint_terms.notes_kept_days + 1)
    with workplace.store.reading() as connection:
        due = complaints_with_notes_closed_by(connection, closed_by)
    if not due:
        return 0
    with workplace.store.writing(workplace.actor) as work:
        return erase_notes(work, due, reason=_TIME_OVER)


def known_complaint(connection: Connection, reference: str) -> Complaint:
    """Return a complaint by its reference. Raises ComplaintRefused where there is none."""
    complaint = complaint_named(connection, reference)
    if complaint is None:
        raise ComplaintRefused("there is no complaint of that reference")
    return complaint


def _moved(  # noqa: PLR0917 - a complaint before and after, and what goes with it
    workplace: Workplace, work: Work, complaint: Complaint, moved: Complaint, event: Event, note: str | None
) -> Complaint:
    move_complaint(work, complaint, moved, explained_by=work.enter(event, **moved.said()))
    _note(workplace, work, moved, note)
    return moved


def _note(workplace: Workplace, work: Work, complaint: Complaint, text: str | None) -> None:
    words = (text or "").strip()
    if not words:
        return
    if len(words) > LONGEST_NOTE:
        raise ComplaintRefused(
            f"a note has {LONGEST_NOTE:,} characters at the most", advice="Keep the rest with the papers of the case."
        )
    if _NINO_SHAPE.search(words):
        raise ComplaintRefused(
            "a note holds no National Insurance number",
            advice="Leave it out: `--person -` says whom a complaint is about, and keeps no number.",
        )
    keep_note(work, complaint, words, workplace.draw(SALT_BYTES))


def _subject(workplace: Workplace, connection: Connection, clue: Clue) -> str:
    try:
        return one_person(connection, subjects_meant(workplace, connection, clue))
    except SubjectUnknown as error:
        raise SubjectUnknown(
            str(error), advice="Check it; or record the complaint without --person: the case leads to the papers."
        ) from None


def _list(connection: Connection, reference: str) -> str:
    if list_named(connection, reference) is None:
        raise ComplaintRefused("there is no list of that reference", advice="`gateway disclose status` names them.")
    return reference


def _require_passed(workplace: Workplace, day: date) -> None:
    if day > workplace.clock.today():
        raise ComplaintRefused("that day has not come", advice="Record it on the day, or correct the day.")


def _require_in_order(complaint: Complaint, day: date) -> None:
    """Raise ComplaintRefused for a day before what was recorded already."""
    last = complaint.acknowledged_on or complaint.received_on
    if day < last:
        raise ComplaintRefused(
            f"{complaint.reference} came on {complaint.received_on}, and {last} was its last step",
            advice="Correct the day: nothing is done before that.",
        )
