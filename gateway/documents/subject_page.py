"""Write the report for a person as a page that prints on A4.

Pure.
"""

from collections.abc import Iterable, Iterator

from gateway.documents.html_page import Markup, bullets, facts, page, paragraph, section, table
from gateway.documents.subject_report import (
    RIGHTS,
    TITLE,
    AnsweredTo,
    HandedOver,
    Said,
    Sharing,
    SubjectReport,
    day_in_words,
)

#: The columns of a table of lists that are never left out: day, list and how it went.
_ALWAYS = frozenset({0, 1, 3})


def as_page(report: SubjectReport) -> str:
    """Return the report as a page of HTML."""
    before = (
        f"What was shared before {day_in_words(report.records_since)} is in this report only where two officers "
        "entered it, and is then marked as not proven."
    )
    return page(
        TITLE,
        section("About this report", facts("In brief", report.about), *map(paragraph, (before, *report.scope))),
        *(_sharing(each) for each in report.sharings),
        *([_answered(report.answered)] if report.answered else []),
        *([_handed_over(report.handed_over)] if report.handed_over else []),
        section("Your rights", paragraph("You may:"), bullets(RIGHTS)),
        section("How to complain", *map(paragraph, report.complain)),
        lead=report.in_short,
        foot=f"{report.controller}. {report.case_reference}. Private: for the person who asked.",
    )


def _sharing(sharing: Sharing) -> Markup:
    said = [
        ("Why we shared it, as the agreement says", sharing.purpose),
        ("The law that lets us share it", sharing.power),
        ("Data protection law", "; ".join(sharing.basis)),
        ("The agreement", sharing.agreement),
        ("How long the recipient keeps a list", sharing.recipient_keeps),
        ("Our privacy notice", sharing.privacy_notice),
        ("Who answers for this sharing", "; ".join(sharing.contacts)),
    ]
    return section(
        f"Shared with {sharing.recipient}",
        facts("Why, and under which law", [pair for pair in said if pair[1]]),
        section("What a list says about each person", bullets(sharing.facts), level=3),
        section("When", _days(sharing), level=3),
        *([] if sharing.said is None else [section("What the lists said about you", *_words(sharing), level=3)]),
    )


def _days(sharing: Sharing) -> Markup:
    """Return the table of lists, without the columns that would be empty: offices, and which words a list had."""
    words_of = {each.list_reference: f"words {n}" for n, said in _numbered(sharing) for each in said.lists}
    rows = [
        (
            day_in_words(each.day),
            each.list_reference,
            each.office,
            each.how_it_went,
            words_of.get(each.list_reference, ""),
        )
        for each in sharing.shared
    ]
    shown = [n for n in range(5) if n in _ALWAYS or any(row[n] for row in rows)]
    headings = ("Day", "List", "Office", "How it went", "What it said")
    return table("Lists that named you", [headings[n] for n in shown], [[row[n] for n in shown] for row in rows])


def _words(sharing: Sharing) -> Iterator[Markup]:
    if not sharing.said:
        yield paragraph("We keep proof of what these lists said, and not their words.")
    for n, said in _numbered(sharing):
        yield facts(f"Words {n}", said.values)


def _numbered(sharing: Sharing) -> Iterator[tuple[int, Said]]:
    return enumerate(sharing.said or (), 1)


def _answered(answered: Iterable[AnsweredTo]) -> Markup:
    listed = list(answered)
    rows = [
        (day_in_words(each.day), f"{each.recipient}, {each.office}", each.told, ", ".join(each.facts), each.reference)
        for each in listed
    ]
    why = dict.fromkeys((each.agreement, each.purpose, each.power) for each in listed)
    return section(
        "What we answered when an office sent us its own list",
        paragraph(
            "An office that we share with can send us a list of its own. We say which people on it are on ours, and "
            "whom to call. These answers were about you."
        ),
        *(facts("Why, and under which law", _reasons(*each)) for each in why),
        table("Answers that were about you", ("Day", "To whom", "What we said", "Facts shown", "Record"), rows),
    )


def _reasons(agreement: str, purpose: str, power: str) -> list[tuple[str, str]]:
    return [
        ("Why we shared it, as the agreement says", purpose),
        ("The law that lets us share it", power),
        ("The agreement", agreement),
    ]


def _handed_over(handed_over: Iterable[HandedOver]) -> Markup:
    rows = [
        (day_in_words(each.day), each.recipient, each.manner, ", ".join(each.facts), each.reference)
        for each in handed_over
    ]
    return section(
        "Handed over another way: not proven",
        paragraph("Two officers recorded that these lists named you. We hold no proof of them."),
        table("Lists handed over another way", ("Day", "Recipient", "How", "What it said of people", "Record"), rows),
    )
