"""A load made whole in memory: the plain way, against which the load in parts is held."""

from itertools import islice
from typing import Any

from sqlalchemy import Connection, select

from gateway.cohort.build import build_cohort
from gateway.cohort.recall import NoSnapshot, clues_in, recall
from gateway.cohort.rows import Cohort
from gateway.model.keys import IndexKey
from gateway.services.sources.source_intake import Intake, read_mappings
from gateway.services.workplace import Workplace
from gateway.store import tables
from gateway.store.blind_index import index_key_of
from gateway.store.last_snapshot import SnapshotReader
from gateway.store.registry import Registry, Subject
from gateway.store.registry_growth import drawn_ahead, next_batch, plan_growth
from gateway.store.snapshots import newest_snapshot
from tests.loaded_county import Drawn

#: By the name of a table, its rows as a load should make them, less the snapshot and what explains them.
Rows = dict[str, list[tuple[Any, ...]]]
_CONTENTS = ("families", "memberships", "episodes", "needs", "assessments", "plans", "involvements")


def read_registry(connection: Connection, key: IndexKey) -> Registry:
    """Everything in the registry."""
    key = index_key_of(connection, key)
    columns = tables.subjects.c
    people = select(columns.subject_ref, columns.secret, columns.batch, columns.position)
    subject_of = {row[0]: Subject(row[0], row[1], (row[2], row[3])) for row in connection.execute(people)}
    known: dict[str, dict[bytes, Any]] = {}
    for row in connection.execute(select(tables.subject_identifiers)):
        known.setdefault(row.kind, {}).setdefault(row.value, set()).add(row.subject_ref)
    return Registry(key, subject_of, known)


def whole_load(workplace: Workplace, seed: int) -> tuple[Cohort, Rows]:
    """What a load of tonight's extracts makes, and every row; nothing is written."""
    today = workplace.clock.today()
    intake = Intake(read_mappings(workplace.folders.mappings))
    intake.find(workplace.folders.sources, today)
    intake.read(environment=workplace.environment, as_at=today, between=lambda: None)
    with workplace.store.reading() as connection:
        last = newest_snapshot(connection)
        before = SnapshotReader(connection, last.snapshot_id) if last else NoSnapshot()
        recalled = recall(intake.gathered, before, today)  # type: ignore[arg-type]
        registry = read_registry(connection, workplace.keys.index_key())
        batch = next_batch(connection)
    remembered = registry.remembered(clues_in(recalled))
    cohort = build_cohort(recalled, believed=intake.believed, remembered=remembered, as_at=today)
    draw = Drawn(seed)
    # What the load draws before: its lease's holder, and the key of what it puts aside.
    draw(6), draw(32)
    growth = plan_growth(registry, cohort.clues, batch, drawn_ahead(draw))
    rows: Rows = {name: [tuple(row) for row in getattr(cohort, name)] for name in _CONTENTS}
    rows["person_records"] = sorted(tuple(row) for row in cohort.records)
    rows["persons"] = [
        (row[0], subject.subject_ref, subject.secret, *row[1:])
        for row, subject in zip(cohort.persons, growth.people, strict=True)
    ]
    grown = list(growth.grown)
    rows["subjects"] = sorted((ref, secret, place) for place, (ref, secret, new, _) in enumerate(grown) if new)
    rows["registry_leaves"] = [(place, ref) for place, (ref, *_) in enumerate(grown)]
    rows["subject_identifiers"] = sorted((kind, value, ref) for ref, _, _, missing in grown for kind, value in missing)
    rows["rejects"] = [
        (each.source, each.feed.value, each.line, ",".join(dict.fromkeys(each.reasons))) for each in cohort.rejects
    ]
    return cohort, rows


def rows_in(connection: Connection) -> Rows:
    """What the newest load wrote, in the same form."""
    newest = newest_snapshot(connection)
    assert newest
    found: Rows = {}
    for name in (*_CONTENTS, "person_records", "persons"):
        table = tables.metadata.tables[name]
        of_newest = select(table).where(table.c.snapshot_id == newest.snapshot_id).order_by(*table.primary_key.columns)
        found[name] = [tuple(islice(row, 1, None)) for row in connection.execute(of_newest)]
    found["person_records"].sort()
    leaves, subjects, index, rejects = (
        tables.registry_leaves.c,
        tables.subjects.c,
        tables.subject_identifiers.c,
        tables.rejects.c,
    )
    loaded, grown = (_newest(connection, event) for event in ("sources:loaded", "registry:grown"))
    # A night may bring nothing that the registry did not know.
    batch = next_batch(connection) - 1 if grown > loaded else 0
    asked = {
        "registry_leaves": select(leaves.position, leaves.subject_ref).where(leaves.batch == batch),
        "subjects": select(subjects.subject_ref, subjects.secret, subjects.position).where(subjects.batch == batch),
        "subject_identifiers": select(index.kind, index.value, index.subject_ref).where(
            index.explained_by == grown, index.explained_by > loaded
        ),
        "rejects": select(rejects.source, rejects.feed, rejects.line, rejects.reasons).where(
            rejects.load_reference == newest.reference.replace("SNAP", "LOAD")
        ),
    }
    for name, query in asked.items():
        found[name] = sorted(tuple(row) for row in connection.execute(query))
    return found


def _newest(connection: Connection, event: str) -> int:
    positions = select(tables.ledger.c.position).where(tables.ledger.c.event == event)
    return max(connection.execute(positions).scalars(), default=0)
