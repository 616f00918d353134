"""Keep what a load made, each in one transaction with its entries: a new snapshot, an old one confirmed, a refusal.

- A new snapshot comes with what the registry learns for it, its rejects, and the holds that follow for its people;
  snapshots that have expired go.
- The same extracts again only confirm the newest snapshot: it counts as this load's.
- A refusal changes no snapshot; it keeps the rejects and the hash of the extract it came from.

What may be kept is decided by load_sources.py.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from gateway.cohort.rows import Clue, PersonRow
from gateway.documents import canonical_json, sha256_hex
from gateway.errors import GatewayError
from gateway.ledger.entries import Event
from gateway.model.records import Reject, UnmappedCode
from gateway.model.time import as_text
from gateway.services.sources.build_in_parts import County
from gateway.services.sources.merged_parts import MadePerson
from gateway.services.sources.night_standings import keep_night_standings
from gateway.services.sources.source_intake import Intake
from gateway.services.subjects.hold_reach import spread_holds
from gateway.services.subjects.tombstones import hold_recognised
from gateway.services.workplace import Workplace
from gateway.store import leases
from gateway.store.aside import Aside, Run
from gateway.store.registry import RegistryReader, Subject
from gateway.store.registry_growth import Growth, drawn_ahead, grow, next_batch
from gateway.store.snapshots import (
    Contents,
    ExtractFacts,
    SnapshotFacts,
    confirm_snapshot,
    drop_expired,
    extracts_of,
    incomplete_people,
    keep_rejects,
    load_reference,
    snapshot_facts,
    snapshot_reference,
    unmapped_of,
    write_snapshot,
)
from gateway.store.tables import ledger
from gateway.store.work import Work

#: What the entry of a load says of its snapshot, by the names of the snapshot's own columns.
_ENTERED = ("content_hash", "as_at_on", "people", "flags", "flags_reaching_nobody")


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """What a load did: `loaded` a new snapshot, or found it `unchanged`. Counts only; nothing about a person."""

    state: str
    load: str
    snapshot: SnapshotFacts
    extracts: tuple[ExtractFacts, ...]
    rejected: int
    incomplete: int
    unmapped: tuple[UnmappedCode, ...]


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a snapshot follows from, beside what earlier loads knew."""

    day: date
    environment: str
    intake: Intake
    #: The hash of the register of Jobcentres, and the office of each postcode sector by it.
    register_hash: str
    offices: Mapping[str, str]

    @property
    def mapping_hashes(self) -> dict[str, str]:
        """The hash of each mapping by the name of its file."""
        return {name: mapping.mapping_hash for name, mapping in self.intake.mappings.items()}

    def content_hash(self) -> str:
        """Return the hash that is the same for the same inputs."""
        return sha256_hex(
            canonical_json(
                {
                    "as_at": self.day.isoformat(),
                    "environment": self.environment,
                    "extracts": self.intake.hashes(),
                    "taken_on": [extract.taken_on.isoformat() for extract in self.intake.extracts],
                    "mappings": self.mapping_hashes,
                    "jobcentres": self.register_hash,
                }
            )
        )


def keep_snapshot(
    workplace: Workplace,
    lease: leases.Lease,
    inputs: Inputs,
    county: County,
    *,
    registry: RegistryReader,
    aside: Aside,
) -> LoadOutcome:
    """Write a snapshot and everything that comes with it, one row after another.

    Raises StoreBusy where the lease was lost or the registry has changed since it was read.
    """
    with workplace.store.writing(workplace.actor) as work:
        leases.require(work.connection, lease)
        registry.require_unchanged(work.connection)
        names = _Names.next(work.connection, inputs.day)
        facts = _facts_of(county, names, inputs, as_text(work.at))
        people = _People(county, _growth(work, registry, aside), workplace.draw, aside)
        contents = _contents(county, people, inputs)
        position = _enter_loaded(work, names.load, facts, inputs, contents.extracts, **_counts_of(county, inputs))
        snapshot_id = write_snapshot(work, facts, contents, explained_by=position)
        keep_night_standings(workplace, work, snapshot_id, inputs.day)
        grow(work, people.growth, load=names.load, snapshot=names.snapshot)
        hold_recognised(work, county.recognised, *people.recognised())
        spread_holds(work)
        keep_rejects(work.connection, names.load, county.rejects)
        drop_expired(work, inputs.day - timedelta(days=workplace.snapshot_kept_days))
        return _outcome(work.connection, "loaded", names.load, snapshot_id)


def confirm(workplace: Workplace, lease: leases.Lease, inputs: Inputs, last: SnapshotFacts) -> LoadOutcome:
    """Enter that the extracts are still those of the newest snapshot."""
    with workplace.store.writing(workplace.actor) as work:
        leases.require(work.connection, lease)
        names = _Names.next(work.connection, inputs.day)
        extracts = extracts_of(work.connection, last.snapshot_id)
        position = _enter_loaded(work, names.load, asdict(last), inputs, extracts)
        confirm_snapshot(work, last.snapshot_id, as_text(work.at), explained_by=position)
        return _outcome(work.connection, "unchanged", names.load, last.snapshot_id)


def keep_refusal(
    workplace: Workplace, day: date, intake: Intake, rejects: Sequence[Reject], error: GatewayError
) -> None:
    """Enter why a load was refused, and keep its rejects."""
    extract = intake.extract
    feed = extract.feed.value if extract else None
    with workplace.store.writing(workplace.actor) as work:
        load = _Names.next(work.connection, day).load
        work.enter(
            Event.SOURCES_REFUSED,
            load=load,
            reason=error.code,
            source=intake.source,
            feed=feed,
            sha256=extract.sha256 if extract else None,
            lines=extract.lines if extract else None,
            rejected=len(rejects),
            extracts=intake.hashes(),
        )
        keep_rejects(work.connection, load, rejects)
    workplace.record("sources:refused", code=error.code, source=intake.source, feed=feed)


class _Names(NamedTuple):
    """What a load and its snapshot are called: by the day and by the place in the ledger where the load stands."""

    load: str
    snapshot: str

    @classmethod
    def next(cls, connection: Connection, day: date) -> "_Names":
        place = connection.execute(select(func.max(ledger.c.position))).scalar_one() + 1
        return cls(load_reference(day, place), snapshot_reference(day, place))


class _People:
    """Everybody of a snapshot, met one after another: what each brings along is kept until it can be written."""

    def __init__(self, county: County, growth: Growth, draw: Callable[[int], bytes], aside: Aside) -> None:
        self._county, self._draw = county, drawn_ahead(draw)
        self.growth = growth
        #: The records of those who were met, with their keys.
        self.records = Run(aside)
        self._recognised: list[tuple[tuple[Clue, ...], Subject]] = []

    def __iter__(self) -> Iterator[tuple[PersonRow, Subject]]:
        """Yield each person with the subject who stands for them, whom the registry knows or learns of."""
        for person in self._county.rows.persons():
            subject = self.growth.take(person.met, self._draw)
            key = person.row.person_key
            for source, source_id, rule in person.records:
                self.records.append((source, source_id, key, rule))
            if self._county.recognised:
                self._note_recognised(person, subject)
            yield person.row, subject

    def _note_recognised(self, person: MadePerson, subject: Subject) -> None:
        handles = tuple((source, source_id) for source, source_id, _ in person.records)
        if not self._county.recognised.keys().isdisjoint(handles):
            self._recognised.append((handles, subject))

    def recognised(self) -> tuple[list[tuple[Clue, ...]], list[Subject]]:
        """Return those in whom a forgotten person is recognised: their records, and who stands for each."""
        return [handles for handles, _ in self._recognised], [subject for _, subject in self._recognised]


def _growth(work: Work, registry: RegistryReader, aside: Aside) -> Growth:
    return Growth(next_batch(work.connection), registry.index_version, grown=Run(aside), rows=lambda: Run(aside))


def _facts_of(county: County, names: _Names, inputs: Inputs, loaded_at: str) -> dict[str, object]:
    return {
        "reference": names.snapshot,
        "loaded_at": loaded_at,
        "as_at_on": inputs.day,
        "content_hash": inputs.content_hash(),
        "people": county.rows.count_of("persons"),
        "flags": county.flags,
        "flags_reaching_nobody": county.astray,
    }


def _counts_of(county: County, inputs: Inputs) -> dict[str, int]:
    return {
        "families": county.rows.count_of("families"),
        "incomplete": county.rows.incomplete,
        "unmapped": len(inputs.intake.unmapped),
    }


def _contents(county: County, people: _People, inputs: Inputs) -> Contents:
    refused = Counter((reject.source, reject.feed) for reject in county.rejects)
    return Contents(
        people=people,
        # Those of people are there when everybody was met, and what hangs on them then has its keys.
        rows={"person_records": people.records, "families": county.rows.families(), **county.rows.hanging()},
        extracts=[replace(each, rejected=refused[each.source, each.feed]) for each in inputs.intake.facts],
        unmapped=inputs.intake.unmapped,
        offices=inputs.offices,
    )


def _enter_loaded(
    work: Work,
    load: str,
    facts: Mapping[str, object],
    inputs: Inputs,
    extracts: Sequence[ExtractFacts],
    **counts: int,
) -> int:
    return work.enter(
        Event.SOURCES_LOADED,
        load=load,
        snapshot=facts["reference"],
        **{name: facts[name] for name in _ENTERED},
        redacted=facts.get("redacted") or None,
        **counts,
        rejected=sum(each.rejected for each in extracts),
        extracts=inputs.intake.hashes(),
        mappings=inputs.mapping_hashes,
        jobcentres=inputs.register_hash,
        lines={f"{each.source}/{each.feed.value}": each.lines for each in extracts},
        rejected_by_feed={f"{each.source}/{each.feed.value}": each.rejected for each in extracts if each.rejected},
    )


def _outcome(connection: Connection, state: str, load: str, snapshot_id: int) -> LoadOutcome:
    facts = snapshot_facts(connection, snapshot_id)
    if facts is None:
        raise RuntimeError("a snapshot is gone in the transaction that wrote it")
    extracts = extracts_of(connection, snapshot_id)
    return LoadOutcome(
        state=state,
        load=load,
        snapshot=facts,
        extracts=tuple(extracts),
        rejected=sum(each.rejected for each in extracts),
        incomplete=incomplete_people(connection, snapshot_id),
        unmapped=tuple(unmapped_of(connection, snapshot_id)),
    )
