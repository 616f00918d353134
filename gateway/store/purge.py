"""Edge: the end of evidence and of sealed copies at their term.

Of evidence counts and root stay, as a stub that nothing changes; the rows go.

(1) What is to go is read and held against its entry first: evidence that is not what was sealed is never purged,
    because the purge would hide that. `audit verify` says what is wrong with it.
(2) The entry of the purge says what goes: how many rows, their root, which fields were told, and by which case.
(3) The rows are deleted: on PostgreSQL by the function that the owner of the tables made (purge_function.py), which
    goes by that entry alone; on SQLite the triggers are dropped and made again in the same transaction.
(4) Nothing is left of them, and the stub is kept.

All of it is one transaction: a crash leaves everything, or nothing but the stub. What is due is not decided here.

Our sealed copy of a list goes in the same way, by the entry that says what it was; its manifest stays.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select, text, update

from gateway.documents import sha256_hex
from gateway.errors import LedgerDamaged, MoveNotAllowed, PackageRemoved
from gateway.ledger.digests import LinesDigest
from gateway.ledger.entries import Entry, read_entry
from gateway.ledger.events import Event
from gateway.ledger.evidence import handover_leaf, leaf, told_leaf
from gateway.ledger.tree import EMPTY_ROOT, GrowingTree
from gateway.model.delivery import RESTING
from gateway.model.retention import Kept
from gateway.store.evidence import read_back_exclusions, read_evidence
from gateway.store.handovers import Handover
from gateway.store.lists import KeptList
from gateway.store.packages import has_copy
from gateway.store.proofs import sealing_of
from gateway.store.purge_function import PURGE_FUNCTION
from gateway.store.reconciliations import Reconciliation
from gateway.store.streams import stream
from gateway.store.subtrees import drop_subtrees
from gateway.store.tables import (
    evidence,
    evidence_stubs,
    exclusions,
    handover_people,
    ledger,
    package_blocks,
    packages,
    told_people,
)
from gateway.store.told_people import rows_told_in
from gateway.store.triggers import sqlite_triggers
from gateway.store.work import Work

_NOT_WHOLE = "`gateway audit verify` says what is wrong with it. Evidence that is not whole is never purged."


@dataclass(frozen=True, slots=True)
class Term:
    """Why evidence goes: since when its time ran, until when it was kept, and where the decision is."""

    rested_on: date
    kept_until: date
    case: str


@dataclass(frozen=True, slots=True)
class _Whole:
    """What the rows of one tree were before they went."""

    rows: int
    root: bytes
    fields: int
    lines: str | None = None


def purge_list(work: Work, kept: KeptList, term: Term) -> int:
    """Purge the evidence and the exclusions of a list; return how many rows of evidence went. Raises LedgerDamaged."""
    sealed = sealing_of(work.connection, kept.list_id)
    if sealed is None:
        raise LedgerDamaged(f"no entry sealed {kept.reference}", advice=_NOT_WHOLE)
    whole, left_out = _whole_list(work.connection, kept), read_back_exclusions(work.connection, kept.list_id)
    found = (whole.rows, whole.root.hex(), whole.lines, left_out.count, left_out.root.hex())
    if found != _sealed_as(sealed):  # (1)
        raise LedgerDamaged(f"the evidence of {kept.reference} is not what was sealed", advice=_NOT_WHOLE)
    position = _enter(work, Kept.EVIDENCE, kept.reference, whole, term, exclusions=left_out.count)
    mine = {evidence: evidence.c.list_id == kept.list_id, exclusions: exclusions.c.list_id == kept.list_id}
    _delete(work.connection, position, mine)
    drop_subtrees(work.connection, kept.list_id)
    return whole.rows


def remove_ciphertext(work: Work, kept: KeptList, *, reason: str, rested_on: date, kept_until: date) -> None:
    """Remove our sealed copy of a list with its entry. The manifest stays.

    It can then never be sent again (law L4): only a list that came to rest loses it. Raises MoveNotAllowed.
    """
    if kept.state not in RESTING:
        raise MoveNotAllowed(f"{kept.reference} is {kept.state.value}, and may still be sent from its sealed copy")
    this = packages.c.list_id == kept.list_id
    manifest = work.connection.execute(select(packages.c.manifest).where(this, has_copy(packages.c.list_id))).scalar()
    if manifest is None:
        raise PackageRemoved(f"our sealed copy of {kept.reference} was removed at the end of its time")
    position = work.enter(
        Event.PACKAGE_REMOVED,
        list=kept.reference,
        package_sha256=kept.package_sha256,
        package_bytes=kept.package_bytes,
        manifest=sha256_hex(manifest),
        reason=reason,
        rested_on=rested_on,
        kept_until=kept_until,
    )
    work.connection.execute(update(packages).where(this).values(explained_by=position))
    _delete(work.connection, position, {package_blocks: package_blocks.c.list_id == kept.list_id})


def purge_handover(work: Work, handover: Handover, term: Term) -> int:
    """Purge who stood on a list that was handed over another way; return how many. Raises LedgerDamaged."""
    whole = _whole_handover(work.connection, handover)
    body = work.connection.execute(select(ledger.c.body).where(ledger.c.position == handover.explained_by)).scalar_one()
    said = read_entry(body).body
    if (whole.rows, whole.root.hex()) != (said.get("identified"), said.get("root")):  # (1)
        raise LedgerDamaged(f"who stood on {handover.reference} is not what was entered", advice=_NOT_WHOLE)
    position = _enter(work, Kept.HANDOVER, handover.reference, whole, term, exclusions=0)
    _delete(work.connection, position, {handover_people: handover_people.c.handover_id == handover.handover_id})
    return whole.rows


def purge_told(work: Work, made: Reconciliation, term: Term) -> int:
    """Purge of whom a work-coach list was answered what; return of how many people. Raises LedgerDamaged."""
    whole = _whole_told(work.connection, made.reference)
    if (whole.rows, whole.root) != (made.told, made.told_root):  # (1)
        raise LedgerDamaged(f"what {made.reference} told of whom is not what was entered", advice=_NOT_WHOLE)
    position = _enter(work, Kept.TOLD, made.reference, whole, term, exclusions=0)
    _delete(work.connection, position, {told_people: told_people.c.reference == made.reference})
    return whole.rows


def _sealed_as(sealed: Entry) -> tuple[object, ...]:
    said = sealed.body
    changed = (said.get("exclusions", 0), said.get("exclusions_root", EMPTY_ROOT.hex()))
    return (said["people"], said["root"], said.get("lines"), *changed)


def _whole_list(connection: Connection, kept: KeptList) -> _Whole:
    """Return what the rows of a list give. A leaf is worked out from its row, whatever the row stores of it."""
    tree, lines, fields = GrowingTree(), LinesDigest(), 0
    for position, subject_ref, told, factors, committed, stored, line in read_evidence(connection, kept.list_id):
        tree.append(_leaf_of(kept.reference, position, subject_ref, told, factors, committed, stored))
        lines.extend([line] if line is not None else [])
        fields |= told
    return _Whole(tree.size, tree.root(), fields, lines.hexdigest() if lines.count else None)


def _leaf_of(  # noqa: PLR0917 - a row in the order of its columns
    reference: str, position: int, subject_ref: str, told: int, factors: int, committed: bytes, stored: bytes
) -> bytes:
    try:
        worked_out = leaf(reference, position, subject_ref, told, factors, committed)
    # SQLite takes any value in any column.
    except (AttributeError, TypeError, ValueError, struct.error):
        worked_out = b""
    if worked_out != stored:
        raise LedgerDamaged(f"row {position} of {reference} does not give its leaf", advice=_NOT_WHOLE)
    return worked_out


def _whole_handover(connection: Connection, handover: Handover) -> _Whole:
    tree = GrowingTree()
    for position, subject_ref in _handed_over(connection, handover.handover_id):
        tree.append(handover_leaf(handover.reference, position, subject_ref))
    return _Whole(tree.size, tree.root(), handover.fields)


def _handed_over(connection: Connection, handover_id: int) -> Iterator[tuple[int, str]]:
    query = select(handover_people.c.position, handover_people.c.subject_ref)
    of_it = query.where(handover_people.c.handover_id == handover_id).order_by(handover_people.c.position)
    return ((row.position, row.subject_ref) for row in stream(connection, of_it))


def _whole_told(connection: Connection, reference: str) -> _Whole:
    tree, fields = GrowingTree(), 0
    for row in rows_told_in(connection, reference):
        said = row.subject_ref, row.kind, row.fields, row.differs, row.commitment
        tree.append(told_leaf(row.reference, row.position, *said))
        fields |= row.fields | row.differs
    return _Whole(tree.size, tree.root(), fields)


def _enter(work: Work, kind: Kept, reference: str, whole: _Whole, term: Term, *, exclusions: int) -> int:
    counted = {"rows": whole.rows, "exclusions": exclusions, "fields": whole.fields}
    days = {"rested_on": term.rested_on, "kept_until": term.kept_until}
    position = work.enter(  # (2)
        Event.EVIDENCE_PURGED,
        kind=kind.value,
        root=whole.root.hex(),
        case=term.case,
        **counted,
        **days,
        **{kind.value: reference},
    )
    stub = insert(evidence_stubs).values(kind=kind.value, reference=reference, root=whole.root, **counted, **days)
    work.connection.execute(stub.values(case_reference=term.case, explained_by=position))  # (4)
    return position


def _delete(connection: Connection, position: int, mine: dict[Table, ColumnElement[bool]]) -> None:
    if connection.dialect.name == "sqlite":
        for table, rows in mine.items():
            _delete_on_sqlite(connection, table, rows)
    else:
        connection.execute(text(f"SELECT {PURGE_FUNCTION}(:entry)"), {"entry": position})  # (3)
    for table, rows in mine.items():
        if connection.execute(select(func.count()).select_from(table).where(rows)).scalar_one():  # (4)
            raise LedgerDamaged(f"rows of {table.name} are left after their purge", advice=_NOT_WHOLE)


def _delete_on_sqlite(connection: Connection, table: Table, rows: ColumnElement[bool]) -> None:
    name = f"{table.name}_no_delete"
    connection.exec_driver_sql(f"DROP TRIGGER {name}")
    connection.execute(delete(table).where(rows))
    connection.exec_driver_sql(sqlite_triggers([table.name], ())[name])
