"""Write a month's assurance statement, so that it fits one page and says what it rests on.

Pure.
"""

from collections.abc import Mapping

from gateway.documents.report import Cell, Part, Report
from gateway.ledger.events import Event
from gateway.model.time import as_text
from gateway.services.assurance.assurance_figures import AssuranceFigures

#: What is counted of the month, by the event that counts it, in the words of the statement.
_EVENTS = (
    (Event.LIST_RECALLED, "Lists recalled"),
    (Event.RECEIPT_REFUSED, "Receipts refused"),
    (Event.DATABASE_RESTORED, "Databases restored from a backup"),
    (Event.HOLD_PLACED, "Holds placed on people"),
    (Event.SUBJECT_FORGOTTEN, "People forgotten"),
    (Event.SHARING_DECLINED, "Decisions not to share"),
    (Event.ALERT_RAISED, "Alerts raised"),
)
_STOPS = {
    "times everything": Event.DISCLOSURE_STOPPED,
    "agreements": Event.AGREEMENT_SUSPENDED,
    "recipients": Event.PARTNER_DISABLED,
}
#: The rest would not fit the page.
_MOST_ITEMS = 6
_FAILED = ("failed", "uncertain", "rejected", "uncollected", "void")


def assurance_report(figures: AssuranceFigures, *, controller: str, made: str, signed_by: str) -> Report:
    """Return the statement; `signed_by` is the fingerprint of the key that signs it."""
    over = "" if figures.is_over else f" The month is not over: figures up to {as_text(figures.at)}."
    return Report(
        title=f"Assurance statement, {figures.month}",
        lead=f"{controller}: disclosures of the Supporting Families gateway for {figures.period.in_words}.{over}",
        made=made,
        parts=(_sent(figures), _happened(figures), _standing(figures), _verified(figures, signed_by)),
        compact=True,
    )


def _sent(figures: AssuranceFigures) -> Part:
    failed = ", ".join(f"{figures.states[state]} {state}" for state in _FAILED)
    return Part(
        "What was sent",
        facts=(
            ("Lists released", figures.released),
            ("Of those, receipt received", figures.states["received"]),
            ("Lines on them", figures.rows),
            ("Different people", figures.people),
            ("Lists that did not go as planned", failed),
            ("Lists still held back", figures.states["withheld"]),
            ("Tries at delivery that failed", f"{figures.failed_attempts} of {figures.events['delivery:attempted']}"),
        ),
    )


def _happened(figures: AssuranceFigures) -> Part:
    facts: list[tuple[str, Cell]] = [(words, figures.events[event.value]) for event, words in _EVENTS]
    looks = ", ".join(f"{count} {name}" for name, count in figures.looks.items())
    together = (
        ("Extracts", _counted(figures, {"loaded": Event.SOURCES_LOADED, "refused": Event.SOURCES_REFUSED})),
        ("Lists held back", _counted(figures, {"for a person": Event.LIST_WITHHELD, "released": Event.LIST_RELEASED})),
        ("Stopped", _counted(figures, _STOPS)),
        ("Removed at its term", _removed(figures)),
        ("Complaints", _complaints(figures)),
        ("Looks at evidence", looks or "none"),
    )
    return Part("What happened in the month", facts=(*facts, *together))


def _counted(figures: AssuranceFigures, events: Mapping[str, Event]) -> str:
    return ", ".join(f"{figures.events[event.value]} {words}" for words, event in events.items())


def _removed(figures: AssuranceFigures) -> str:
    return _counted(figures, {"sealed copies": Event.PACKAGE_REMOVED, "lists' evidence": Event.EVIDENCE_PURGED})


def _complaints(figures: AssuranceFigures) -> str:
    counted = _counted(figures, {"recorded": Event.COMPLAINT_RECORDED, "closed": Event.COMPLAINT_CLOSED})
    return f"{counted}, {figures.complaints_late} of the month not acknowledged in time"


def _standing(figures: AssuranceFigures) -> Part:
    agreements = ", ".join(f"{count} {rating}" for rating, count in sorted(figures.agreements.items()))
    items = [f"{name}: {why}" for name, why in figures.overdue]
    items += [
        f"Key of {key.owner} ({key.purpose}) {_ends(key.last_on)}: {key.fingerprint}" for key in figures.keys_ending
    ]
    items += [f"Stopped now: {name}" for name in figures.stopped_now]
    if len(items) > _MOST_ITEMS:
        more = len(items) - _MOST_ITEMS
        items = [*items[:_MOST_ITEMS], f"and {more} more: `gateway audit register`, `gateway keys list`"]
    return Part(
        "How it stands today",
        facts=(
            ("Agreements", agreements or "none"),
            ("Agreements overdue or not in force", len(figures.overdue)),
            ("Keys that end soon or cannot be used", len(figures.keys_ending)),
            ("Complaints not closed", figures.complaints_open),
        ),
        items=tuple(items),
    )


def _ends(last_on: object) -> str:
    return "cannot be used" if last_on is None else f"ends on {last_on}"


def _verified(figures: AssuranceFigures, signed_by: str) -> Part:
    found = figures.verification
    verdict = "whole: nothing was changed, removed, inserted or reordered" if found.whole else "NOT WHOLE"
    more = " or more" if found.more else ""
    return Part(
        "What was verified",
        facts=(
            ("Evidence", verdict),
            ("Findings", f"{len(found.findings)}{more}"),
            ("Rows of evidence recomputed", found.rows),
            ("Up to the checkpoint of", f"{found.size:,} entries"),
            ("Root of the log", found.root),
            ("Co-signed by recipients up to", _cosigned(found.cosigned_up_to)),
            ("Restores on record", len(found.losses)),
            ("Signed by the key", signed_by),
        ),
    )


def _cosigned(size: int | None) -> str:
    return "no entry" if size is None else f"{size:,} entries"
