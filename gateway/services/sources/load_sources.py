"""Load the night's extracts into a new snapshot, or refuse them and change nothing.

(1) One load at a time: a lease, renewed while it goes on. (2) Every mapping and extract is found; a missing or stale
one refuses the load. (3) The same extracts under the same mappings on the same day give the same snapshot, which is
only confirmed. (4) Every line is read. (5) Gates that need the whole: an extract that lost too many lines, one that
was there before and is not now, too many lines refused, lines that may be about anybody, any line refused at the first
load of all. (6) What lost lines held is
carried over from the last snapshot; people and families are made. (7) In one transaction: registry, snapshot,
rejects, holds that follow for it, their entries; snapshots that have expired are dropped.

A refusal leaves the snapshot before it in place, keeps its rejects, and is entered with its code and the extract's
hash. It is raised again for whoever asked. What is wrong with the suppression feed is always SuppressionRefused and
stops the night (law L3).

Step (7) is keep_snapshot.py; who may let a shrunk extract pass, and how, is left to accept_shrinkage.py.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial

from gateway.cohort.gathered import Gathered
from gateway.cohort.recall import NoSnapshot
from gateway.cohort.soundness import joined_by_line
from gateway.errors import ConfigurationError, SourceError, StoreBusy
from gateway.model.officers import Action
from gateway.model.records import Reject
from gateway.seams import Seam, seam
from gateway.services.agreements.agreement_shelf import load_register
from gateway.services.cycles import without_looking_for_cycles
from gateway.services.sources.build_in_parts import MOST_IN_A_PART, County, build_in_parts
from gateway.services.sources.keep_snapshot import Inputs, LoadOutcome, confirm, keep_refusal, keep_snapshot
from gateway.services.sources.lines_aside import LinesAside
from gateway.services.sources.source_gates import check_against_last, check_first, check_lines
from gateway.services.sources.source_intake import Intake, read_mappings
from gateway.services.subjects.tombstones import Recognised, recognise
from gateway.services.workplace import Workplace
from gateway.store import leases
from gateway.store.aside import KEY_BYTES, Aside
from gateway.store.forgets import Forget, tombstones
from gateway.store.last_snapshot import SnapshotReader
from gateway.store.registry import RegistryReader
from gateway.store.snapshots import newest_snapshot

__all__ = ["LEASE", "LoadOutcome", "load_sources"]

LEASE = "load"
_LEASE_SECONDS = 900
_RENEWED_EVERY_SECONDS = 60


def load_sources(
    workplace: Workplace, *, accept: str | None = None, most_in_a_part: int = MOST_IN_A_PART
) -> LoadOutcome:
    """Load the newest extracts. Raises SourceError or ConfigurationError when they are refused.

    `accept` is a case reference: where an extract shrank too much, it asks an approver to let exactly this one pass.
    What is loaded does not depend on how large the parts are in which it is made, only how much memory that takes.
    Raises StoreBusy while another load is at work.
    """
    workplace.actor.require(Action.LOAD_SOURCES)
    workplace.record("sources:load-begun", actor=workplace.actor.account)
    with _only_load(workplace) as lease, without_looking_for_cycles():
        return _Load(workplace, lease, accept, most_in_a_part).run()


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

    def __init__(self, workplace: Workplace, lease: leases.Lease, accept: str | None, most: int) -> None:
        self._workplace = workplace
        self._most_in_a_part = most
        self._store = workplace.store
        self._lease = lease
        self._accept = accept
        self._renewed = time.monotonic()
        self._today: date = workplace.clock.today()
        self._intake = Intake({})
        self._rejects: Sequence[Reject] = ()

    def run(self) -> LoadOutcome:
        """Take the steps; enter a refusal before it is raised again."""
        try:
            outcome = self._load()
        except (SourceError, ConfigurationError) as error:
            rejects = self._rejects or joined_by_line(self._intake.gathered.rejects)
            keep_refusal(self._workplace, self._today, self._intake, rejects, error)
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
        inputs = self._find()  # (2)
        with self._store.reading() as connection:
            last = newest_snapshot(connection)
        if last is not None and last.content_hash == inputs.content_hash():  # (3)
            return confirm(self._workplace, self._lease, inputs, last)
        with Aside(self._workplace.folders.state, self._workplace.draw(KEY_BYTES)) as aside:
            self._intake.gathered = lines = LinesAside(aside)
            self._intake.read(environment=inputs.environment, as_at=self._today, between=self._renew)  # (4)
            seam(Seam.EXTRACTS_READ)
            check_against_last(self._workplace, self._intake, accept=self._accept)  # (5)
            county, registry = self._build(lines, aside)  # (6)
            return keep_snapshot(self._workplace, self._lease, inputs, county, registry=registry, aside=aside)  # (7)

    def _find(self) -> Inputs:
        folders = self._workplace.folders
        self._intake.mappings = read_mappings(folders.mappings)
        register = load_register(folders.jobcentres)
        self._intake.find(folders.sources, self._today)
        return Inputs(
            day=self._today,
            environment=self._workplace.environment,
            intake=self._intake,
            register_hash=register.document_hash,
            offices=register.office_of_sector(),
        )

    def _build(self, lines: LinesAside, aside: Aside) -> tuple[County, RegistryReader]:
        self._renew()
        with self._store.reading() as connection:
            last = newest_snapshot(connection)
            before = SnapshotReader(connection, last.snapshot_id) if last else NoSnapshot()
            registry = RegistryReader(connection, self._workplace.keys.index_key())
            county = build_in_parts(
                lines,
                aside,
                before,
                registry,
                believed=self._intake.believed,
                recognise=self._recogniser(tombstones(connection)),
                as_at=self._today,
                between=self._renew_at_times,
                most_in_a_part=self._most_in_a_part,
            )
        self._rejects = county.rejects
        check_lines(self._intake, county, allowed_about_nobody=self._workplace.lines_about_nobody_allowed)  # (5)
        if last is None:
            check_first(self._intake, county, allowed=self._workplace.lines_lost_at_first_allowed)
        self._renew()
        return county, registry

    def _recogniser(self, held_back: Sequence[Forget]) -> Callable[[Gathered], Recognised]:
        if not held_back:
            return lambda _: {}
        return partial(recognise, self._workplace.keys.tombstone_key(), held_back, as_at=self._today)

    def _renew_at_times(self) -> None:
        if time.monotonic() - self._renewed >= _RENEWED_EVERY_SECONDS:
            self._renew()

    def _renew(self) -> None:
        self._renewed = time.monotonic()
        if not leases.renew(self._store, self._lease, _LEASE_SECONDS):
            raise StoreBusy("another load has taken over")
