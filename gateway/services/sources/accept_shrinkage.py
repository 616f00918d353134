"""Let one extract pass although it lost many lines: one person asks, another one, who approves, confirms.

- What is accepted is this one extract, by its hash: tomorrow's is judged afresh.
- Who asks may load sources; who confirms is an approver and somebody else. Both are entries in the ledger, and the
  ledger alone is what the next load goes by.
- Never for the suppression feed (law L3).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from gateway.errors import AccessDenied, ExtractMissing, SuppressionRefused
from gateway.ledger.entries import Entry, Event, read_entry
from gateway.model.officers import Action
from gateway.model.records import Feed
from gateway.services.sources.source_intake import read_mappings
from gateway.services.workplace import Workplace
from gateway.sources.extracts import Extract, find_extracts
from gateway.store.tables import ledger

SHRINKAGE = "shrinkage"

#: Source, feed and hash of one extract.
Which = tuple[str, Feed, str]


@dataclass(frozen=True, slots=True)
class Shrunk:
    """An extract that lost more lines than its mapping allows."""

    source: str
    feed: Feed
    sha256: str
    lines: int
    lines_before: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """An extract that the next load lets pass; `asked_by` is the account that asked."""

    source: str
    feed: Feed
    sha256: str
    asked_by: str


def accepted_extracts(connection: Connection) -> frozenset[Which]:
    """Return the extracts that approvers accepted."""
    return frozenset(_which(entry) for entry in _entries(connection, Event.SOURCES_ACCEPTED))


def ask_to_accept(workplace: Workplace, shrunk: Sequence[Shrunk], case: str) -> None:
    """Enter that somebody asks for extracts to be let pass; asking twice for one changes nothing."""
    workplace.actor.require(Action.LOAD_SOURCES)
    account = workplace.actor.account
    with workplace.store.writing(workplace.actor) as work:
        asked = {
            _which(each) for each in _entries(work.connection, Event.SOURCES_ACCEPT_ASKED) if each.actor == account
        }
        for each in shrunk:
            if (each.source, each.feed, each.sha256) not in asked:
                work.enter(
                    Event.SOURCES_ACCEPT_ASKED,
                    source=each.source,
                    feed=each.feed.value,
                    sha256=each.sha256,
                    reason=SHRINKAGE,
                    case=case,
                    lines=each.lines,
                )


def accept_shrinkage(workplace: Workplace, source: str, feed: str, case_reference: str) -> Accepted:
    """Accept the extract that is there now, for which somebody else asked.

    Raises AccessDenied where nobody else did, SuppressionRefused for the suppression feed.
    """
    workplace.actor.require(Action.ACCEPT_SHRINKAGE)
    extract = _extract(workplace, source, feed)
    which = (extract.source, extract.feed, extract.sha256)
    with workplace.store.writing(workplace.actor) as work:
        asked = [each for each in _entries(work.connection, Event.SOURCES_ACCEPT_ASKED) if _which(each) == which]
        other = next((each for each in reversed(asked) if each.actor != workplace.actor.account), None)
        if other is None:
            raise AccessDenied(
                f"{extract.name}: nobody else has asked for this extract to be let pass",
                advice="A data officer asks with `gateway sources load --accept shrinkage --case REF`.",
            )
        if which not in accepted_extracts(work.connection):
            work.enter(
                Event.SOURCES_ACCEPTED,
                source=extract.source,
                feed=extract.feed.value,
                sha256=extract.sha256,
                reason=SHRINKAGE,
                case=case_reference,
                asked_at=other.position,
                asked_by=other.actor,
            )
    return Accepted(*which, asked_by=other.actor)


def waiting_for_acceptance(workplace: Workplace) -> list[Which]:
    """Return the extracts that somebody asked for and nobody has accepted yet."""
    workplace.actor.require(Action.READ_STATUS)
    with workplace.store.reading() as connection:
        asked = {_which(entry) for entry in _entries(connection, Event.SOURCES_ACCEPT_ASKED)}
        return sorted(asked - accepted_extracts(connection))


def _extract(workplace: Workplace, source: str, feed: str) -> Extract:
    if feed == Feed.SUPPRESSION.value:
        raise SuppressionRefused("nobody can let a shrunk suppression feed pass")
    mapping = read_mappings(workplace.folders.mappings).get(source)
    found = find_extracts(mapping, workplace.folders.sources, workplace.clock.today()) if mapping else {}
    extract = next((each for each in found.values() if each.feed.value == feed), None)
    if extract is None:
        raise ExtractMissing("there is no extract of this source and feed")
    return extract


def _entries(connection: Connection, event: Event) -> Iterator[Entry]:
    bodies = select(ledger.c.body).where(ledger.c.event == event.value).order_by(ledger.c.position)
    return (read_entry(body) for body in connection.execute(bodies).scalars())


def _which(entry: Entry) -> Which:
    body = entry.body
    return str(body["source"]), Feed(str(body["feed"])), str(body["sha256"])
