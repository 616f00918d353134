"""Exports for people of a rehearsed county, asked for by one officer, released by another, written and read back."""

from pathlib import Path

from gateway.model.export import HarmCheck
from gateway.services.audit.audit_person import Question
from gateway.services.audit.subject_exports import Format, ask_export, release_export, write_export
from tests.rehearsed_county import SECOND_PERSON, RehearsedCounty

CASE = "SAR-2026-0017"


def exported(county: RehearsedCounty, question: Question, folder: Path, **asked: bool) -> dict[Format, bytes]:
    """The person's export in every format, as the county's evidence has it at the county's time."""
    wanted = {"values": False, "lead_named": False} | asked
    with county.at() as workplace:
        export = ask_export(workplace, question, case_reference=CASE, **wanted)
    with county.at(actor=SECOND_PERSON) as workplace:
        release_export(workplace, export.reference, HarmCheck.NONE)
    with county.at() as workplace:
        return {form: write_export(workplace, export.reference, form, folder).read_bytes() for form in Format}
