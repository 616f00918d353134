"""Edge: who is to be forgotten, and the deletion itself; the only place that moves one.

- What goes: the registry's rows of the person, everything about them in every kept snapshot, the notes on their
  complaints, and any other note in which their surname, number, postcode or day of birth stands. A family of which
  nobody else is left goes too. What stays is evidence, which says nothing without the secret that is gone.
- A person is moved along `model.forgetting.MOVES_OF_FORGET` or not at all, and each move names its entry (law L10).

What the disk still holds after the deletion is left to compact.py.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from sqlalchemy import Connection, Row, Table, and_, delete, func, insert, select, update

from gateway.errors import MoveNotAllowed
from gateway.ledger.entries import Event, read_entry
from gateway.model.forgetting import GONE, MOVES_OF_FORGET, ForgetReason, ForgetState
from gateway.store import tables
from gateway.store.complaints import complaints_of, erase_notes
from gateway.store.packages import has_copy
from gateway.store.reconciliations import delete_rows_about
from gateway.store.standings import drop_standings
from gateway.store.tables import forgets
from gateway.store.work import Work

#: What is rewritten once rows of people were deleted.
HELD_PEOPLE = (tables.subjects, tables.subject_identifiers, tables.complaint_notes, *tables.SNAPSHOT, *tables.UPLOADED)
#: Why a note goes with the person. Stored.
_FORGOTTEN = "forgotten"
_OF_FAMILY = (tables.needs, tables.assessments, tables.plans, tables.involvements, tables.families)
_OF_PERSON = (tables.memberships, tables.episodes, tables.person_records, tables.persons)


@dataclass(frozen=True, slots=True)
class Forget:
    """Somebody who is to be forgotten. `subject_ref` is None where a restored database never knew them."""

    reference: str
    subject_ref: str | None
    reason: ForgetReason
    case_reference: str
    asked_by: str
    asked_at: str
    hold_back: bool
    state: ForgetState = ForgetState.ASKED
    tombstone: bytes | None = None

    def said(self) -> Mapping[str, object]:
        """Return it in the words of its entries."""
        return {
            "forget": self.reference,
            "reason": self.reason.value,
            "case": self.case_reference,
            "asked_by": self.asked_by,
            "asked_at": self.asked_at,
            "hold_back": self.hold_back,
            "subject": self.subject_ref,
            "tombstone": sha256(self.tombstone).hexdigest() if self.tombstone is not None else None,
        }


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was deleted."""

    people: int = 0
    identifiers: int = 0
    snapshots: int = 0
    rows: int = 0
    notes: int = 0


@dataclass(frozen=True, slots=True)
class Remaining:
    """What stays under a person's references, and says nothing about them."""

    evidence: int
    lists: int
    exclusions: int
    packages: int
    handovers: int
    told: int
    complaints: int


def next_forget_reference(connection: Connection, day: str) -> str:
    """Return what the next forgetting of a day is called."""
    start = f"FGT-{day}-"
    had = select(func.count()).select_from(forgets).where(forgets.c.reference.startswith(start, autoescape=True))
    return f"{start}{connection.execute(had).scalar_one() + 1}"


def keep_forget(work: Work, forget: Forget, *, explained_by: int) -> None:
    """Keep that somebody is to be forgotten, or was before this database was restored."""
    values = {name: getattr(forget, name) for name in Forget.__slots__}
    values |= {"state": forget.state.value, "reason": forget.reason.value}
    work.connection.execute(insert(forgets).values(**values, explained_by=explained_by))


def move_forget(
    work: Work, forget: Forget, to: ForgetState, *, explained_by: int, tombstone: bytes | None = None
) -> Forget:
    """Move one, and return it. Raises MoveNotAllowed."""
    if to not in MOVES_OF_FORGET[forget.state]:
        raise MoveNotAllowed(f"{forget.reference} is {forget.state.value} and cannot become {to.value}")
    moved = replace(forget, state=to, tombstone=tombstone if tombstone is not None else forget.tombstone)
    this = update(forgets).where(forgets.c.reference == forget.reference)
    values = {"state": to.value, "tombstone": moved.tombstone, "explained_by": explained_by}
    work.connection.execute(this.values(**values))
    return moved


def forget_named(connection: Connection, reference: str) -> Forget | None:
    """Return one by its reference."""
    row = connection.execute(select(forgets).where(forgets.c.reference == reference)).first()
    return _kept(row) if row else None


def all_forgets(connection: Connection) -> list[Forget]:
    """Return every one, in the order in which they were asked for."""
    query = select(forgets).order_by(forgets.c.asked_at, func.length(forgets.c.reference), forgets.c.reference)
    return [_kept(row) for row in connection.execute(query)]


def tombstones(connection: Connection) -> list[Forget]:
    """Return those that were forgotten and are held back."""
    gone = forgets.c.state.in_([state.value for state in GONE])
    query = select(forgets).where(gone, forgets.c.tombstone.is_not(None)).order_by(forgets.c.reference)
    return [_kept(row) for row in connection.execute(query)]


# --- what is there, and what stays -----------------------------------------------------------------------------------


def people_kept(connection: Connection, subject_refs: Collection[str]) -> list[Row[tuple[object, ...]]]:
    """Return what every kept snapshot holds of the subjects, one row for each snapshot and subject."""
    query = select(tables.persons).where(tables.persons.c.subject_ref.in_(list(subject_refs)))
    return list(connection.execute(query.order_by(tables.persons.c.snapshot_id, tables.persons.c.person_key)).all())


def records_kept(connection: Connection, subject_refs: Collection[str]) -> list[tuple[str, str]]:
    """Return the sources' records that every kept snapshot takes to be the subjects."""
    record, person = tables.person_records.c, tables.persons.c
    same = and_(person.snapshot_id == record.snapshot_id, person.person_key == record.person_key)
    query = select(record.source, record.source_id).join_from(tables.person_records, tables.persons, same)
    found = connection.execute(query.where(person.subject_ref.in_(list(subject_refs))).distinct())
    return sorted((source, source_id) for source, source_id in found)


def remaining(connection: Connection, subject_refs: Collection[str]) -> Remaining:
    """Count what stays."""
    refs = list(subject_refs)
    is_kept = has_copy(tables.packages.c.list_id)
    lists_of = select(tables.evidence.c.list_id).where(tables.evidence.c.subject_ref.in_(refs)).distinct()
    return Remaining(
        evidence=_count(connection, tables.evidence, tables.evidence.c.subject_ref.in_(refs)),
        lists=len(connection.execute(lists_of).all()),
        exclusions=_count(connection, tables.exclusions, tables.exclusions.c.subject_ref.in_(refs)),
        packages=_count(connection, tables.packages, and_(tables.packages.c.list_id.in_(lists_of), is_kept)),
        handovers=_count(connection, tables.handover_people, tables.handover_people.c.subject_ref.in_(refs)),
        told=_count(connection, tables.told_people, tables.told_people.c.subject_ref.in_(refs)),
        complaints=_count(connection, tables.complaints, tables.complaints.c.subject_ref.in_(refs)),
    )


# --- the deletion ----------------------------------------------------------------------------------------------------


def erase(work: Work, subject_refs: Collection[str], *, reason: ForgetReason, case: str) -> Erased:
    """Delete everything that leads to the subjects, each after its entry; return how much that was."""
    connection, people, identifiers = work.connection, 0, 0
    theirs = [each.reference for each in complaints_of(connection, subject_refs)]
    names = _by_which_a_note_names(connection, subject_refs)
    snapshots, rows = _redact_snapshots(work, subject_refs)
    rows += delete_rows_about(connection, subject_refs)
    notes = erase_notes(work, theirs, reason=_FORGOTTEN, naming=names)
    for subject_ref in subject_refs:
        known = delete(tables.subject_identifiers).where(tables.subject_identifiers.c.subject_ref == subject_ref)
        count = _count(connection, tables.subject_identifiers, known.whereclause)
        work.enter(Event.SUBJECT_FORGOTTEN, subject=subject_ref, reason=reason.value, case=case, identifiers=count)
        connection.execute(known)
        people += connection.execute(
            delete(tables.subjects).where(tables.subjects.c.subject_ref == subject_ref)
        ).rowcount
        identifiers += count
    return Erased(people, identifiers, snapshots, rows, notes)


def _by_which_a_note_names(connection: Connection, subject_refs: Collection[str]) -> set[str]:
    """Return what of the subjects a note on anybody's complaint might hold; a forename alone names nobody."""
    kept = people_kept(connection, subject_refs)
    born = {f"{row.date_of_birth:{form}}" for row in kept if row.date_of_birth for form in ("%Y %m %d", "%d %m %Y")}
    return born | {value for row in kept for value in (row.surname, row.nino, row.postcode) if value}


def _redact_snapshots(work: Work, subject_refs: Collection[str]) -> tuple[int, int]:
    """Delete the subjects out of every snapshot; return how many snapshots and rows that were."""
    found: dict[int, list[int]] = {}
    for row in people_kept(work.connection, subject_refs):
        found.setdefault(row.snapshot_id, []).append(row.person_key)
    rows = 0
    for snapshot_id, keys in found.items():
        _enter_redacted(work, snapshot_id, len(keys))
        drop_standings(work.connection, snapshot_id)
        rows += _delete_people(work.connection, snapshot_id, keys)
    return len(found), rows


def _enter_redacted(work: Work, snapshot_id: int, people: int) -> None:
    columns = tables.snapshots.c
    row = work.connection.execute(select(tables.snapshots).where(columns.snapshot_id == snapshot_id)).one()
    redacted, before = row.redacted + people, _entry_body(work.connection, row.explained_by)
    position = work.enter(
        Event.SNAPSHOT_REDACTED,
        snapshot=row.reference,
        content_hash=row.content_hash,
        as_at_on=row.as_at_on,
        loaded_at=row.loaded_at,
        people=row.people,
        flags=row.flags,
        flags_reaching_nobody=row.flags_reaching_nobody,
        redacted=redacted,
        # Under what it was loaded: a run from it asks.
        **{name: before[name] for name in ("extracts", "mappings", "jobcentres") if name in before},
    )
    this = update(tables.snapshots).where(columns.snapshot_id == snapshot_id)
    work.connection.execute(this.values(redacted=redacted, explained_by=position))


def _entry_body(connection: Connection, position: int) -> Mapping[str, object]:
    content = connection.execute(select(tables.ledger.c.body).where(tables.ledger.c.position == position)).scalar_one()
    return read_entry(content).body


def _delete_people(connection: Connection, snapshot_id: int, keys: list[int]) -> int:
    member = tables.memberships.c
    theirs = select(member.family_key).where(member.snapshot_id == snapshot_id, member.person_key.in_(keys))
    families = set(connection.execute(theirs).scalars())
    rows = sum(_delete(connection, table, snapshot_id, "person_key", keys) for table in _OF_PERSON)
    left = select(member.family_key).where(member.snapshot_id == snapshot_id, member.family_key.in_(families))
    alone = sorted(families - set(connection.execute(left).scalars()))
    return rows + sum(_delete(connection, table, snapshot_id, "family_key", alone) for table in _OF_FAMILY)


def _delete(connection: Connection, table: Table, snapshot_id: int, column: str, keys: Collection[int]) -> int:
    which = table.c.snapshot_id == snapshot_id, table.c[column].in_(list(keys))
    return connection.execute(delete(table).where(*which)).rowcount


def _count(connection: Connection, table: Table, which: object) -> int:
    counted = select(func.count()).select_from(table).where(which)  # type: ignore[arg-type]
    return int(connection.execute(counted).scalar_one())


def _kept(row: Row[tuple[object, ...]]) -> Forget:
    values = {name: getattr(row, name) for name in Forget.__slots__}
    kinds = {"state": ForgetState(row.state), "reason": ForgetReason(row.reason), "hold_back": bool(row.hold_back)}
    return Forget(**values | kinds)
