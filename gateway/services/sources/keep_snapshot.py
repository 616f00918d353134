"""Keep what a load made, each in one transaction with its entries: a new snapshot, an old one confirmed, a refusal.

- A new snapshot comes with what the registry learns for it, its rejects, and the holds that follow for its people;
  snapshots that have expired go.
- The same extracts again only confirm the newest snapshot: it counts as this load's.
- A refusal changes no snapshot; it keeps the rejects and the hash of the extract it came from.

What may be kept is decided by load_sources.py.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from gateway.cohort.rows import Cohort
from gateway.documents import canonical_json, sha256_hex
from gateway.errors import GatewayError
from gateway.ledger.entries import Event
from gateway.model.records import Reject, UnmappedCode
from gateway.model.time import as_text
from gateway.services.sources.source_intake import Intake
from gateway.services.subjects.hold_reach import spread_holds
from gateway.services.subjects.tombstones import Recognised, hold_recognised
from gateway.services.workplace import Workplace
from gateway.store import leases
from gateway.store.registry import Growth, Registry, grow, next_batch
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
    cohort: Cohort,
    registry: Registry,
    *,
    recognised: Recognised,
) -> LoadOutcome:
    """Write a snapshot and everything that comes with it; `recognised` are records of people who were forgotten.

    Raises StoreBusy where the lease was lost or the registry has changed since it was read.
    """
    with workplace.store.writing(workplace.actor) as work:
        leases.require(work.connection, lease)
        registry.require_unchanged(work.connection)
        growth = registry.plan_growth(cohort.clues, next_batch(work.connection), workplace.draw)
        names = _Names.next(work.connection, inputs.day)
        facts = _facts_of(cohort, names, inputs, as_text(work.at))
        contents = _contents(cohort, growth, inputs)
        position = _enter_loaded(work, names.load, facts, inputs, contents.extracts, **_counts_of(cohort, inputs))
        grow(work, growth, load=names.load, snapshot=names.snapshot)
        snapshot_id = write_snapshot(work, facts, contents, explained_by=position)
        hold_recognised(work, recognised, cohort.clues, growth.people)
        spread_holds(work)
        keep_rejects(work.connection, names.load, cohort.rejects)
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


def _facts_of(cohort: Cohort, names: _Names, inputs: Inputs, loaded_at: str) -> dict[str, object]:
    return {
        "reference": names.snapshot,
        "loaded_at": loaded_at,
        "as_at_on": inputs.day,
        "content_hash": inputs.content_hash(),
        "people": len(cohort.persons),
        "flags": cohort.flags,
        "flags_reaching_nobody": cohort.astray,
    }


def _counts_of(cohort: Cohort, inputs: Inputs) -> dict[str, int]:
    return {
        "families": len(cohort.families),
        "incomplete": sum(person.incomplete for person in cohort.persons),
        "unmapped": len(inputs.intake.unmapped),
    }


def _contents(cohort: Cohort, growth: Growth, inputs: Inputs) -> Contents:
    refused = Counter((reject.source, reject.feed) for reject in cohort.rejects)
    return Contents(
        persons=cohort.persons,
        subjects=growth.people,
        rows={
            "person_records": cohort.records,
            "families": cohort.families,
            "memberships": cohort.memberships,
            "episodes": cohort.episodes,
            "needs": cohort.needs,
            "assessments": cohort.assessments,
            "plans": cohort.plans,
            "involvements": cohort.involvements,
        },
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
