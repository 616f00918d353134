"""Write the report for a person as data that a program or a spreadsheet can read: JSON and CSV.

A cell that a spreadsheet would take for a formula has an apostrophe in front.

Pure.
"""

import csv
import io
import json
from collections.abc import Iterator

from gateway.documents.subject_report import RIGHTS, AnsweredTo, HandedOver, Sharing, SubjectReport

FORM = "subject-report/1"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BYTE_ORDER_MARK = "\ufeff"
_COLUMNS = (
    "kind",
    "day",
    "shared_with",
    "why",
    "power",
    "data_protection_law",
    "agreement",
    "what_a_list_says",
    "list",
    "office",
    "how_it_went",
    "what_this_list_said",
    "text",
)


def as_csv(report: SubjectReport) -> str:
    """Return the report as CSV with CRLF and a byte order mark: one row for each list, sentences in `text`."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, _COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in _rows(report))
    return _BYTE_ORDER_MARK + stream.getvalue()


def _rows(report: SubjectReport) -> Iterator[dict[str, str]]:
    yield {"kind": "about", "text": report.in_short}
    yield from ({"kind": "about", "text": f"{name}: {said}"} for name, said in report.about)
    for sharing in report.sharings:
        yield from _shared_rows(sharing)
    for answered in report.answered:
        yield {
            "kind": "answered an office's list",
            "day": answered.day.isoformat(),
            "shared_with": answered.recipient,
            "why": answered.purpose,
            "power": answered.power,
            "agreement": answered.agreement,
            "what_a_list_says": "; ".join(answered.facts),
            "list": answered.reference,
            "office": answered.office,
            "how_it_went": answered.told,
        }
    for each in report.handed_over:
        yield {
            "kind": "handed over, not proven",
            "day": each.day.isoformat(),
            "shared_with": each.recipient,
            "what_a_list_says": "; ".join(each.facts),
            "list": each.reference,
            "how_it_went": each.manner,
        }
    for kind, sentences in (("about", report.scope), ("your rights", RIGHTS), ("complaints", report.complain)):
        yield from ({"kind": kind, "text": sentence} for sentence in sentences)


def _shared_rows(sharing: Sharing) -> Iterator[dict[str, str]]:
    said_on = {each.list_reference: said for said in sharing.said or () for each in said.lists}
    for each in sharing.shared:
        said = said_on.get(each.list_reference)
        yield {
            "kind": "shared",
            "day": each.day.isoformat(),
            "shared_with": sharing.recipient,
            "why": sharing.purpose,
            "power": sharing.power,
            "data_protection_law": "; ".join(sharing.basis),
            "agreement": sharing.agreement,
            "what_a_list_says": "; ".join(sharing.facts),
            "list": each.list_reference,
            "office": each.office,
            "how_it_went": each.how_it_went,
            "what_this_list_said": "; ".join(f"{name}: {value}" for name, value in said.values) if said else "",
        }


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def as_json(report: SubjectReport) -> str:
    """Return the report as one JSON document."""
    return json.dumps(_data(report), indent=2, ensure_ascii=False) + "\n"


def _data(report: SubjectReport) -> dict[str, object]:
    return {
        "form": FORM,
        "in_short": report.in_short,
        "controller": report.controller,
        "request": report.case_reference,
        "made_on": report.made_on.isoformat(),
        "goes_to": report.goes_to.isoformat(),
        "records_since": report.records_since.isoformat(),
        "sharings": [_sharing_data(each) for each in report.sharings],
        "answers_to_lists": [_answered_data(each) for each in report.answered],
        "handed_over_not_proven": [_handed_over_data(each) for each in report.handed_over],
        "scope": list(report.scope),
        "rights": list(RIGHTS),
        "complaints": list(report.complain),
    }


def _sharing_data(sharing: Sharing) -> dict[str, object]:
    data: dict[str, object] = {
        "shared_with": sharing.recipient,
        "why": sharing.purpose,
        "power": sharing.power,
        "data_protection_law": list(sharing.basis),
        "agreement": sharing.agreement,
        "what_a_list_says": list(sharing.facts),
        "recipient_keeps_a_list": sharing.recipient_keeps,
        "privacy_notice": sharing.privacy_notice,
        "contacts": list(sharing.contacts),
        "lists": [
            {
                "day": each.day.isoformat(),
                "list": each.list_reference,
                "office": each.office,
                "how_it_went": each.how_it_went,
            }
            for each in sharing.shared
        ],
    }
    if sharing.said is not None:
        data["said"] = [
            {"lists": [each.list_reference for each in said.lists], "values": dict(said.values)}
            for said in sharing.said
        ]
    return data


def _answered_data(each: AnsweredTo) -> dict[str, object]:
    return {
        "day": each.day.isoformat(),
        "shared_with": each.recipient,
        "office": each.office,
        "why": each.purpose,
        "power": each.power,
        "agreement": each.agreement,
        "said": each.told,
        "facts_shown": list(each.facts),
        "record": each.reference,
    }


def _handed_over_data(each: HandedOver) -> dict[str, object]:
    return {
        "day": each.day.isoformat(),
        "shared_with": each.recipient,
        "manner": each.manner,
        "what_a_list_says": list(each.facts),
        "record": each.reference,
    }
