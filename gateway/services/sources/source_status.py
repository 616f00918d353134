"""Say how the sources stand: what the newest snapshot was made of, what was refused, which codes have no mapping.

Counts, codes, files and lines only; nothing here holds a person's details (law L8). The lines that were refused are
for data officers, who look them up in the extract itself.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from gateway.ledger.entries import Event, read_entry
from gateway.model.officers import Action
from gateway.model.records import Reject, UnmappedCode
from gateway.services.workplace import Workplace
from gateway.store.snapshots import (
    ExtractFacts,
    SnapshotFacts,
    extracts_of,
    incomplete_people,
    load_of,
    newest_snapshot,
    rejects_of,
    unmapped_of,
)
from gateway.store.tables import ledger


@dataclass(frozen=True, slots=True)
class Refusal:
    """A load that was refused after the newest one that was not. Without an extract, the fault lay elsewhere."""

    load: str
    at: str
    code: str
    source: str | None
    feed: str | None
    rejected: int


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How the sources stand; `snapshot` is None until the first load."""

    snapshot: SnapshotFacts | None
    extracts: tuple[ExtractFacts, ...]
    incomplete: int
    unmapped: tuple[UnmappedCode, ...]
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class SourceRejects:
    """The lines that the last load refused, whether or not the load itself was refused."""

    load: str | None
    rejects: tuple[Reject, ...]


def source_status(workplace: Workplace) -> SourceStatus:
    """Return how the sources stand."""
    workplace.actor.require(Action.READ_STATUS)
    with workplace.store.reading() as connection:
        snapshot = newest_snapshot(connection)
        refusal = _last_refusal(connection)
        if snapshot is None:
            return SourceStatus(None, (), 0, (), refusal)
        return SourceStatus(
            snapshot=snapshot,
            extracts=tuple(extracts_of(connection, snapshot.snapshot_id)),
            incomplete=incomplete_people(connection, snapshot.snapshot_id),
            unmapped=tuple(unmapped_of(connection, snapshot.snapshot_id)),
            refusal=refusal,
        )


def source_rejects(workplace: Workplace) -> SourceRejects:
    """Return the lines that the last load refused."""
    workplace.actor.require(Action.READ_REJECTS)
    with workplace.store.reading() as connection:
        refusal, snapshot = _last_refusal(connection), newest_snapshot(connection)
        load = refusal.load if refusal else load_of(snapshot) if snapshot else None
        return SourceRejects(load, tuple(rejects_of(connection, load)) if load else ())


def _last_refusal(connection: Connection) -> Refusal | None:
    """Return the last load if it was refused."""
    events = (Event.SOURCES_LOADED.value, Event.SOURCES_REFUSED.value)
    last = select(ledger.c.body).where(ledger.c.event.in_(events)).order_by(ledger.c.position.desc()).limit(1)
    body = connection.execute(last).scalar()
    entry = read_entry(body) if body else None
    if entry is None or entry.event is not Event.SOURCES_REFUSED:
        return None
    said = entry.body
    return Refusal(
        load=str(said["load"]),
        at=entry.at,
        code=str(said["reason"]),
        source=str(said["source"]) if "source" in said else None,
        feed=str(said["feed"]) if "feed" in said else None,
        rejected=int(str(said.get("rejected", 0))),
    )
