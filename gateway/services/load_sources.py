"""Load the night's extracts into a new snapshot, or refuse them and change nothing.

(1) One load at a time: a lease, renewed while it goes on. (2) Every mapping and extract is found; a missing or stale
one refuses the load. (3) The same extracts under the same mappings on the same day give the same snapshot, which is
only confirmed. (4) Every line is read. (5) Gates that need the whole: an extract that lost too many lines, one that
was there before and is not now, too many lines refused, lines that may be about anybody. (6) What lost lines held is
carried over from the last snapshot; people and families are made. (7) In one transaction: registry, snapshot,
rejects, holds that follow for it, their entries; snapshots that have expired are dropped.

A refusal leaves the snapshot before it in place, keeps its rejects, and is entered with its code and the extract's
hash. It is raised again for whoever asked. What is wrong with the suppression feed is always SuppressionRefused and
stops the night (law L3).

Who may let a shrunk extract pass, and how, is left to accept_shrinkage.py.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from gateway.agreements.jobcentres import Jobcentres
from gateway.cohort.build import build_cohort
from gateway.cohort.recall import NoSnapshot, clues_in, recall
from gateway.cohort.rows import Cohort
from gateway.cohort.soundness import joined_by_line
from gateway.documents import canonical_json, sha256_hex
from gateway.errors import ConfigurationError, GatewayError, SourceError, StoreBusy
from gateway.ledger.entries import Event
from gateway.model.officers import Action
from gateway.model.records import Reject, UnmappedCode
from gateway.model.time import as_text
from gateway.seams import Seam, seam
from gateway.services.agreement_shelf import load_register
from gateway.services.hold_reach import spread_holds
from gateway.services.source_gates import check_against_last, check_lines
from gateway.services.source_intake import Intake, read_mappings
from gateway.services.workplace import Workplace
from gateway.store import leases
from gateway.store.last_snapshot import SnapshotReader
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
    newest_snapshot,
    snapshot_facts,
    snapshot_reference,
    unmapped_of,
    write_snapshot,
)
from gateway.store.tables import ledger
from gateway.store.work import Work

LEASE = "load"
_LEASE_SECONDS = 900


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


def load_sources(workplace: Workplace, *, accept: str | None = None) -> LoadOutcome:
    """Load the newest extracts. Raises SourceError or ConfigurationError when they are refused.

    `accept` is a case reference: where an extract shrank too much, it asks an approver to let exactly this one pass.
    Raises StoreBusy while another load is at work.
    """
    workplace.actor.require(Action.LOAD_SOURCES)
    workplace.record("sources:load-begun", actor=workplace.actor.account)
    with _only_load(workplace) as lease:
        return _Load(workplace, lease, accept).run()


@contextmanager
def _only_load(workplace: Workplace) -> Iterator[leases.Lease]:
    holder = f"{workplace.actor.account}-{workplace.draw(6).hex()}"
    lease = leases.claim(workplace.store, LEASE, holder, _LEASE_SECONDS)
    if lease is None:
        raise StoreBusy("another load is at work", advice="Wait for it; `gateway sources status` shows what it made.")
    seam(Seam.CLAIMED)
    try:
        yield lease
    finally:
        leases.release(workplace.store, lease)


class _Load:
    """One load, in the numbered steps of the module."""

    def __init__(self, workplace: Workplace, lease: leases.Lease, accept: str | None) -> None:
        self._workplace = workplace
        self._store = workplace.store
        self._lease = lease
        self._accept = accept
        self._today: date = workplace.clock.today()
        self._intake = Intake({})
        #: The hash of the register of Jobcentres.
        self._jobcentres = ""
        self._rejects: Sequence[Reject] = ()

    def run(self) -> LoadOutcome:
        """Take the steps; enter a refusal before it is raised again."""
        try:
            outcome = self._load()
        except (SourceError, ConfigurationError) as error:
            self._enter_refusal(error)
            raise
        snapshot = outcome.snapshot
        self._workplace.record(
            "sources:loaded",
            snapshot=snapshot.reference,
            people=snapshot.people,
            rejected=outcome.rejected,
            flags=snapshot.flags,
        )
        return outcome

    def _load(self) -> LoadOutcome:
        folders = self._workplace.folders
        self._intake.mappings = read_mappings(folders.mappings)
        offices = load_register(folders.jobcentres)
        self._jobcentres = offices.document_hash
        self._intake.find(folders.sources, self._today)  # (2)
        content = self._content_hash()
        with self._store.reading() as connection:
            last = newest_snapshot(connection)
        if last is not None and last.content_hash == content:  # (3)
            return self._confirm(last)
        environment = self._workplace.environment
        self._intake.read(environment=environment, as_at=self._today, between=self._renew)  # (4)
        seam(Seam.EXTRACTS_READ)
        check_against_last(self._workplace, self._intake, accept=self._accept)  # (5)
        return self._write(*self._build(), offices, content)

    def _content_hash(self) -> str:
        return sha256_hex(
            canonical_json(
                {
                    "as_at": self._today.isoformat(),
                    "environment": self._workplace.environment,
                    "extracts": self._intake.hashes(),
                    "taken_on": [extract.taken_on.isoformat() for extract in self._intake.extracts],
                    "mappings": self._mapping_hashes(),
                    "jobcentres": self._jobcentres,
                }
            )
        )

    def _mapping_hashes(self) -> dict[str, str]:
        return {name: mapping.mapping_hash for name, mapping in self._intake.mappings.items()}

    def _renew(self) -> None:
        if not leases.renew(self._store, self._lease, _LEASE_SECONDS):
            raise StoreBusy("another load has taken over")

    # Step (6): people and families.

    def _build(self) -> tuple[Cohort, Registry]:
        self._renew()
        with self._store.reading() as connection:
            last = newest_snapshot(connection)
            before = SnapshotReader(connection, last.snapshot_id) if last else NoSnapshot()
            recalled = recall(self._intake.gathered, before, self._today)
            registry = Registry.read(connection, self._workplace.keys.index_key())
        cohort = build_cohort(
            recalled,
            believed=self._intake.believed,
            remembered=registry.remembered(clues_in(recalled)),
            as_at=self._today,
        )
        self._rejects = cohort.rejects
        check_lines(self._intake, cohort, allowed_about_nobody=self._workplace.lines_about_nobody_allowed)  # (5)
        self._renew()
        return cohort, registry

    # Step (7): one transaction.

    def _write(self, cohort: Cohort, registry: Registry, offices: Jobcentres, content: str) -> LoadOutcome:
        with self._store.writing(self._workplace.actor) as work:
            leases.require(work.connection, self._lease)
            registry.require_unchanged(work.connection)
            growth = registry.plan_growth(cohort.clues, next_batch(work.connection), self._workplace.draw)
            names = _Names.next(work.connection, self._today)
            facts = _facts_of(cohort, names, content, self._today, as_text(work.at))
            contents = self._contents(cohort, growth, offices)
            position = self._enter_loaded(work, names.load, facts, contents.extracts, cohort)
            grow(work, growth, load=names.load, snapshot=names.snapshot)
            snapshot_id = write_snapshot(work, facts, contents, explained_by=position)
            spread_holds(work)
            keep_rejects(work.connection, names.load, cohort.rejects)
            drop_expired(work, self._today - timedelta(days=self._workplace.snapshot_kept_days))
            return _outcome(work.connection, "loaded", names.load, snapshot_id)

    def _confirm(self, last: SnapshotFacts) -> LoadOutcome:
        """Enter that the extracts are still those of the newest snapshot, so that it counts as this load's."""
        with self._store.writing(self._workplace.actor) as work:
            leases.require(work.connection, self._lease)
            names = _Names.next(work.connection, self._today)
            facts = asdict(last) | {"loaded_at": as_text(work.at)}
            position = self._enter_loaded(work, names.load, facts, extracts_of(work.connection, last.snapshot_id))
            confirm_snapshot(work, last.snapshot_id, as_text(work.at), explained_by=position)
            return _outcome(work.connection, "unchanged", names.load, last.snapshot_id)

    def _contents(self, cohort: Cohort, growth: Growth, offices: Jobcentres) -> Contents:
        refused = Counter((reject.source, reject.feed) for reject in cohort.rejects)
        extracts = [replace(each, rejected=refused[each.source, each.feed]) for each in self._intake.facts]
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
            extracts=extracts,
            unmapped=self._intake.unmapped,
            offices=offices.office_of_sector(),
        )

    def _enter_loaded(
        self,
        work: Work,
        load: str,
        facts: Mapping[str, object],
        extracts: Sequence[ExtractFacts],
        cohort: Cohort | None = None,
    ) -> int:
        entered = {name: facts[name] for name in _ENTERED}
        if cohort is not None:
            entered["families"] = len(cohort.families)
            entered["incomplete"] = sum(person.incomplete for person in cohort.persons)
            entered["unmapped"] = len(self._intake.unmapped)
        return work.enter(
            Event.SOURCES_LOADED,
            load=load,
            snapshot=facts["reference"],
            **entered,
            rejected=sum(each.rejected for each in extracts),
            extracts=self._intake.hashes(),
            mappings=self._mapping_hashes(),
            jobcentres=self._jobcentres,
            lines={f"{each.source}/{each.feed.value}": each.lines for each in extracts},
            rejected_by_feed={f"{each.source}/{each.feed.value}": each.rejected for each in extracts if each.rejected},
        )

    def _enter_refusal(self, error: GatewayError) -> None:
        source, extract = self._intake.source, self._intake.extract
        rejects = self._rejects or joined_by_line(self._intake.gathered.rejects)
        with self._store.writing(self._workplace.actor) as work:
            load = _Names.next(work.connection, self._today).load
            work.enter(
                Event.SOURCES_REFUSED,
                load=load,
                reason=error.code,
                source=source,
                feed=extract.feed.value if extract else None,
                sha256=extract.sha256 if extract else None,
                lines=extract.lines if extract else None,
                rejected=len(rejects),
                extracts=self._intake.hashes(),
            )
            keep_rejects(work.connection, load, rejects)
        feed = extract.feed.value if extract else None
        self._workplace.record("sources:refused", code=error.code, source=source, feed=feed)


#: What the entry of a load says of its snapshot, by the names of the snapshot's own columns.
_ENTERED = ("content_hash", "as_at_on", "people", "flags", "flags_reaching_nobody")


class _Names(NamedTuple):
    """What a load and its snapshot are called: by the day and by the place in the ledger where the load stands."""

    load: str
    snapshot: str

    @classmethod
    def next(cls, connection: Connection, day: date) -> "_Names":
        place = connection.execute(select(func.max(ledger.c.position))).scalar_one() + 1
        return cls(load_reference(day, place), snapshot_reference(day, place))


def _facts_of(cohort: Cohort, names: _Names, content: str, day: date, loaded_at: str) -> dict[str, object]:
    return {
        "reference": names.snapshot,
        "loaded_at": loaded_at,
        "as_at_on": day,
        "content_hash": content,
        "people": len(cohort.persons),
        "flags": cohort.flags,
        "flags_reaching_nobody": cohort.astray,
    }


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
