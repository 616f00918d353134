"""The yearly figures for the public: by recipient and purpose, how many files, how many people, how often.

- A recipient and a purpose are named by the agreement as it was kept with each list.
- People are counted once a year and row, however often they stood on a list.
- Numbers under five are hidden, and so is whatever would give them away (small_numbers.py). Counts of files and of
  nights are no numbers of people.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import Connection

from gateway.agreements.kept_document import KeptDocument, read_kept_document
from gateway.documents.register import Column, Register, Value
from gateway.ledger.entries import read_entry
from gateway.ledger.events import Event
from gateway.model.delivery import DISCLOSED
from gateway.model.officers import Action
from gateway.services.registers.register_agreements import made_by, midnight
from gateway.services.registers.small_numbers import PeopleCounts, published, published_count, published_sums
from gateway.services.workplace import Workplace
from gateway.store.agreements import statement_kept
from gateway.store.registers import (
    entries_between,
    files_between,
    handovers_between,
    people_on,
    statements_with_entries,
)
from gateway.store.retention import handovers_purged, lists_purged, told_purged
from gateway.store.told_people import answers_between

_COLUMNS = (
    Column("recipient", "Recipient"),
    Column("purpose", "Purpose"),
    Column("files", "Files released"),
    Column("people", "Different people"),
    Column("disclosures", "People on the files, added up"),
)
_ALL = "All recipients"
#: What else the public may ask for, by the event that counts it.
_OTHER = {
    Event.SHARING_DECLINED: "Decisions not to share",
    Event.COMPLAINT_RECORDED: "Complaints about how data was used",
    Event.HOLD_PLACED: "Holds placed on a person",
    Event.PERSON_READ: "Look-ups of what was shared about a person",
}


@dataclass(slots=True)
class _Share:
    """What one recipient was given for one purpose."""

    files: int = 0
    disclosures: int = 0
    list_ids: list[int] = field(default_factory=list)
    handover_ids: list[int] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)


def transparency_figures(workplace: Workplace, year: int) -> Register:
    """Return the figures of a calendar year as they may be published. Raises AccessDenied."""
    workplace.actor.require(Action.READ_REGISTERS)
    first, last = date(year, 1, 1), date(year, 12, 31)
    with workplace.store.reading() as connection:
        shares = _shares(connection, first, last)
        counts = {key: _counts(connection, share) for key, share in shares.items()}
        other = _others(connection, first, last)
        gone = _without_evidence(connection, shares)
    rows: list[tuple[Value, ...]] = [(*key, shares[key].files, *published(counts[key])) for key in sorted(shares)]
    if rows:
        rows.append(
            (_ALL, "all", sum(share.files for share in shares.values()), *published_sums(list(counts.values())))
        )
    over = "" if workplace.clock.today() > last else " The year is not over."
    return Register(
        title=f"Sharing in {year}",
        made=made_by(workplace),
        about=f"Figures for publishing. Fewer than five people are never counted out.{over} {other}{gone}",
        columns=_COLUMNS,
        rows=tuple(rows),
    )


def _shares(connection: Connection, first: date, last: date) -> dict[tuple[str, str], _Share]:
    found: dict[tuple[str, str], _Share] = defaultdict(_Share)
    kept: dict[str, KeptDocument] = {}
    for file in files_between(connection, first, last, DISCLOSED):
        if file.statement_hash not in kept:
            kept[file.statement_hash] = read_kept_document(file.document, file.agreement_id)
        share = found[_named(kept[file.statement_hash], file.partner)]
        share.files += 1
        share.disclosures += file.people or 0
        share.list_ids.append(file.list_id)
    newest = {kept.agreement_id: kept.agreement_document for kept, _ in statements_with_entries(connection)}
    for handover in handovers_between(connection, first, last):
        document = newest.get(handover.agreement_id)
        words = read_kept_document(document, handover.agreement_id) if document else None
        share = found[_named(words, handover.partner)]
        share.files += 1
        share.disclosures += handover.people
        share.handover_ids.append(handover.handover_id)
    for made in answers_between(connection, first, last):
        then = statement_kept(connection, made.statement_hash)
        words = read_kept_document(then.agreement_document, made.agreement_id) if then else None
        share = found[_named(words, made.partner)]
        share.files += 1
        share.disclosures += made.told
        share.answers.append(made.reference)
    return dict(found)


def _without_evidence(connection: Connection, shares: dict[tuple[str, str], _Share]) -> str:
    """Say of how many files it is known no longer who stood on them: they cannot be counted as different people."""
    lists = lists_purged(connection, [each for share in shares.values() for each in share.list_ids])
    told = told_purged(connection) & {each for share in shares.values() for each in share.answers}
    handed = handovers_purged(connection, [each for share in shares.values() for each in share.handover_ids])
    gone = len(lists) + len(handed) + len(told)
    if not gone:
        return ""
    return f" Of {gone} files it is kept no longer who stood on them; nobody on them is counted among different people."


def _named(document: KeptDocument | None, partner: str) -> tuple[str, str]:
    if document is None:
        return partner, "not recorded"
    return document.recipient or partner, document.purpose or document.purpose_code or "not recorded"


def _counts(connection: Connection, share: _Share) -> PeopleCounts:
    return PeopleCounts(people_on(connection, share.list_ids, share.handover_ids, share.answers), (share.disclosures,))


def _others(connection: Connection, first: date, last: date) -> str:
    """Return what else happened, in a sentence, with small numbers hidden."""
    entries = entries_between(
        connection, [*_OTHER, Event.LIST_WITHHELD], midnight(first), midnight(last + timedelta(days=1))
    )
    counted = Counter(read_entry(content).event for _, content in entries)
    people = "; ".join(f"{words}: {published_count(counted[event])}" for event, words in _OTHER.items())
    return f"{people}. Lists that were stopped for a person to look at: {counted[Event.LIST_WITHHELD]}."
