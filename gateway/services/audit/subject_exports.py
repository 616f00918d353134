"""Hand a person what was told about them: one officer asks, another one releases, then the file is written.

- Nothing that is personal is kept while it waits: a row says whom it is about as a reference of the registry, and what
  it will say is put together from the evidence when it is read or written.
- The second officer approves, is not the one who asked, and judges whether serious harm is likely or somebody else
  is told of (model/export.py). They read it first: that is an entry too.
- An identifier that leads to several people is refused: an officer may see who they are, the person asking may not.
- The file is made for its owner alone, is never written over, and only after the entry that says so.
- Somebody who was never disclosed and somebody whom nobody knows get the same report (law L11).
"""

import os
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection

from gateway.documents.subject_data import as_csv, as_json
from gateway.documents.subject_page import as_page
from gateway.documents.subject_report import SubjectReport
from gateway.errors import NotExportable, SubjectAmbiguous
from gateway.ledger.entries import Event
from gateway.model.export import ExportState, HarmCheck, state_after
from gateway.model.officers import Action
from gateway.model.time import as_text
from gateway.services.agreements.stop_disclosures import require_case
from gateway.services.audit.audit_person import Question, kind_kept
from gateway.services.audit.export_content import report_of
from gateway.services.audit.person_history import history_of
from gateway.services.subjects.subject_search import subjects_meant
from gateway.services.workplace import Workplace
from gateway.store.exports import (
    Export,
    all_exports,
    export_named,
    keep_export,
    move_export,
    next_export_reference,
)
from gateway.store.linked import linked_to
from gateway.store.registry import known_by_number_alone


class Format(StrEnum):
    """What a report can be written as. Stored."""

    HTML = "html"
    CSV = "csv"
    JSON = "json"


_WRITERS = {Format.HTML: as_page, Format.CSV: as_csv, Format.JSON: as_json}
_EVENT_OF = {ExportState.RELEASED: Event.EXPORT_RELEASED, ExportState.REFUSED: Event.EXPORT_REFUSED}


def ask_export(
    workplace: Workplace, question: Question, *, case_reference: str, values: bool, lead_named: bool
) -> Export:
    """Ask for an export, which then waits for another officer. Raises SubjectAmbiguous.

    With `values` it says what lists said, where the agreement keeps that; `lead_named` gives the lead professional's
    name and contact there.
    """
    workplace.actor.require(Action.ASK_EXPORT)
    require_case(case_reference)
    with workplace.store.writing(workplace.actor) as work:
        subjects = subjects_meant(workplace, work.connection, question)
        first = _one_person(work.connection, subjects)
        history = history_of(work.connection, subjects)
        told = history.number
        export = Export(
            reference=next_export_reference(work.connection, workplace.clock.today().isoformat()),
            subject_ref=first if told else None,
            case_reference=case_reference,
            asked_by=workplace.actor.account,
            asked_at=as_text(work.at),
            disclosures=told,
            values_told=values,
            lead_named=lead_named,
        )
        position = work.enter(Event.EXPORT_ASKED, kind=kind_kept(question, subjects), **_asked(export))
        keep_export(work, export, explained_by=position)
    return export


def list_exports(workplace: Workplace) -> list[Export]:
    """Return every export that was asked for, oldest first."""
    workplace.actor.require(Action.LIST_EXPORTS)
    with workplace.store.reading() as connection:
        return all_exports(connection)


def read_export(workplace: Workplace, reference: str) -> SubjectReport:
    """Return what an export says, for the officer who judges it. Raises NotExportable."""
    workplace.actor.require(Action.RELEASE_EXPORT)
    with workplace.store.writing(workplace.actor) as work:
        export = _to_judge(workplace, work.connection, reference)
        work.enter(Event.EXPORT_READ, export=reference, case=export.case_reference)
        return report_of(workplace, work.connection, export)


def release_export(workplace: Workplace, reference: str, harm_check: HarmCheck) -> Export:
    """Release an export that somebody else asked for, or refuse it, by what was found. Raises NotExportable."""
    workplace.actor.require(Action.RELEASE_EXPORT)
    with workplace.store.writing(workplace.actor) as work:
        export = _to_judge(workplace, work.connection, reference)
        to = state_after(harm_check)
        said = {**export.said(), "harm_check": harm_check.value}
        return move_export(work, export, harm_check, to, explained_by=work.enter(_EVENT_OF[to], **said))


def write_export(workplace: Workplace, reference: str, form: Format, to: Path) -> Path:
    """Write a released export to a new file, or into a folder under its reference; return the file.

    Raises NotExportable where it is not released, or something is there already.
    """
    workplace.actor.require(Action.ASK_EXPORT)
    path = to / f"{reference}.{form.value}" if to.is_dir() else to
    if path.exists():
        raise NotExportable("there is a file of that name already", advice="Give another name; nothing is replaced.")
    with workplace.store.writing(workplace.actor) as work:
        export = _named(work.connection, reference)
        if export.state is not ExportState.RELEASED:
            raise NotExportable(f"{reference} is {export.state.value}: only what another officer released is written")
        content = _WRITERS[form](report_of(workplace, work.connection, export))
        work.enter(Event.EXPORT_WRITTEN, export=reference, case=export.case_reference, format=form.value)
    _write_for_its_owner(path, content)
    return path


def _one_person(connection: Connection, subjects: list[str]) -> str | None:
    """Return the reference that stands for the one person meant; None for nobody."""
    by_number = known_by_number_alone(connection, subjects)
    known = [each for each in subjects if each not in by_number]
    if not set(known) <= set(linked_to(connection, known[:1])):
        raise SubjectAmbiguous("the identifier leads to more than one person")
    return next(iter(known or subjects), None)


def _asked(export: Export) -> dict[str, object]:
    return {name: value for name, value in export.said().items() if name != "harm_check"}


def _to_judge(workplace: Workplace, connection: Connection, reference: str) -> Export:
    export = _named(connection, reference)
    if export.asked_by == workplace.actor.account:
        raise NotExportable("whoever asked for an export may not release it", advice="Ask another approver.")
    return export


def _named(connection: Connection, reference: str) -> Export:
    export = export_named(connection, reference)
    if export is None:
        raise NotExportable("there is no export of that reference")
    return export


def _write_for_its_owner(path: Path, content: str) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content.encode())
    except OSError as error:
        # The path was chosen by an officer and may name somebody (law L8).
        raise NotExportable(f"the file cannot be written: {error.strerror}") from None
