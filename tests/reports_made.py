"""Reports for a person, made by hand: an ordinary one, and one whose every text is as long as it can be."""

from dataclasses import replace
from datetime import date, timedelta

from gateway.documents.subject_report import HandedOver, Said, Shared, Sharing, SubjectReport

LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh-Cholmondeley"


def a_sharing(nights: int = 3, *, said: bool = True) -> Sharing:
    days = [date(2026, 11, 16) + timedelta(days=n) for n in range(nights)]
    lists = tuple(Shared(day, f"LST-jobcentre-plus-{day}-cambridge", "Cambridge", "Delivered.") for day in days)
    values = (("your surname", "Invented"), ("your National Insurance number", "QQ123456C"))
    return Sharing(
        recipient="Department for Work and Pensions (Jobcentre Plus)",
        agreement="Jobcentre Plus: Supporting Families, version 3",
        purpose="Let two workers of one family know of each other.",
        power="An Act of 2017, section 35",
        basis=("Article 6(1)(e)", "Article 9(2)(g)"),
        facts=("your surname", "your National Insurance number"),
        recipient_keeps="28 days",
        privacy_notice="https://www.county.example/privacy",
        contacts=("Information governance team",),
        shared=lists,
        said=(Said(values, lists),) if said else None,
    )


def a_report(*sharings: Sharing, handed_over: tuple[HandedOver, ...] = ()) -> SubjectReport:
    return SubjectReport(
        controller="Invented County Council",
        case_reference="SAR-2026-0017",
        made_on=date(2026, 11, 22),
        goes_to=date(2026, 11, 20),
        records_since=date(2026, 11, 1),
        sharings=sharings,
        handed_over=handed_over,
    )


def a_handover() -> HandedOver:
    return HandedOver(date(2026, 3, 2), "Department for Work and Pensions", "on paper", ("your surname",), "HND-1")


def a_hard_report() -> SubjectReport:
    """A year of nights, words without a place to break, and a handover."""
    sharing = a_sharing(250)
    lists = tuple(
        replace(each, list_reference=f"LST-{'x' * 80}-{each.day}", office="Huntingdonshire and the Fens")
        for each in sharing.shared
    )
    said = (Said((("your surname", LONG_NAME), ("your postcode", "X" * 90)), lists),)
    return a_report(replace(sharing, shared=lists, said=said), a_sharing(2), handed_over=(a_handover(),))
