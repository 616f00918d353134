"""Tell the whole story of one list: under what it was made, how it was decided, where it went and what came back.

- It is told from the log alone, so that it says what was recorded, also of a list whose rows went at the end of their
  term, and of a list that was never sealed.
- Entries about looks and alerts name lists too; `audit lookups` has those.
- Nobody is in it: people are counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.errors import QuestionInvalid
from gateway.ledger.entries import Entry
from gateway.ledger.events import Event
from gateway.model.officers import Action
from gateway.services.workplace import Workplace
from gateway.store.entries import entries_about

#: What is told of a list: its states, and what became of what is kept of it.
STORY = (
    *(event for event in Event if event.value.startswith("disclosure:list:")),
    Event.DELIVERY_ATTEMPTED,
    Event.RECEIPT_COLLECTED,
    Event.RECEIPT_REFUSED,
    Event.RECORDS_HELD,
    Event.RECORDS_LET_GO,
    Event.PACKAGE_REMOVED,
    Event.EVIDENCE_PURGED,
)


@dataclass(frozen=True, slots=True)
class ListStory:
    """The entries that are about a list, oldest first, and what they last said of it, by name."""

    reference: str
    entries: tuple[Entry, ...] = field(repr=False)
    #: The list that names it as superseded, if there is one.
    superseded_by: str | None

    @property
    def planned(self) -> Mapping[str, object]:
        """What it was planned as."""
        return self.entries[0].body

    @property
    def sealed(self) -> Entry | None:
        """The entry that sealed it; None where it never was."""
        return self._newest(Event.LIST_SEALED)

    @property
    def decided(self) -> Entry | None:
        """The entry that says how the list was decided last: when it was sealed, else when it was withheld."""
        return self.sealed or self._newest(Event.LIST_WITHHELD)

    def _newest(self, event: Event) -> Entry | None:
        return next((entry for entry in reversed(self.entries) if entry.event is event), None)


def audit_list(workplace: Workplace, reference: str) -> ListStory:
    """Return the story of a list. Raises AccessDenied, and QuestionInvalid where there is no such list."""
    workplace.actor.require(Action.READ_REGISTERS)
    with workplace.store.reading() as connection:
        entries = list(entries_about(connection, *STORY))
    about = tuple(entry for entry in entries if entry.body.get("list") == reference)
    if not about:
        raise QuestionInvalid(
            "there is no list of that reference", advice="`gateway audit uses` and `gateway disclose status` name them."
        )
    later = (entry.body["list"] for entry in entries if entry.body.get("supersedes") == reference)
    return ListStory(reference, about, next((str(each) for each in later), None))
