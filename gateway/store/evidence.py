"""Edge: rows of evidence and of exclusions, written in the transaction that seals their list and read in order.

- Rows go in block by block as the scan makes them: by COPY on PostgreSQL, by one prepared statement on SQLite.
- `read_back` gives the root over what the database took, for the sealed entry: what it lost or changed is found
  before anything is signed (law L7).
- An exclusion is stored when it changes, by one statement over what was stored before for the same agreement.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, Subquery, and_, func, insert, literal, null, select, union_all

from gateway.ledger.evidence import LinesDigest, exclusion_leaf
from gateway.ledger.tree import GrowingTree
from gateway.model.fields import TAKEN_BACK
from gateway.store.streams import AT_ONCE, stream
from gateway.store.tables import evidence, exclusions, lists
from gateway.store.work import Work

#: Position, subject_ref, fields, factors (masked), commitment, leaf, sealed line.
EvidenceRow = tuple[int, str, int, int, bytes, bytes, bytes | None]

_COLUMNS = "list_id, position, subject_ref, fields, factors, commitment, leaf, line_sealed"


@dataclass(frozen=True, slots=True)
class Written:
    """What the database holds of a list: how many people, the tree's root, and the digest of kept lines, if any.

    `subtrees` are the roots of the tree's whole subtrees.
    """

    people: int
    root: bytes
    lines: str | None
    subtrees: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class WrittenExclusions:
    """The exclusions that changed: how many, and the root over them."""

    count: int
    root: bytes


def write_block(work: Work, list_id: int, rows: Sequence[EvidenceRow]) -> None:
    """Write some rows of a list's evidence."""
    if not rows:
        return
    driver: Any = work.connection.connection.driver_connection
    if work.connection.dialect.name == "postgresql":
        with driver.cursor() as cursor, cursor.copy(f"COPY evidence ({_COLUMNS}) FROM STDIN") as copy:
            copy.write("".join(_copy_line(list_id, *row) for row in rows))
    else:
        work.connection.exec_driver_sql(
            f"INSERT INTO evidence ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - constants
            [(list_id, *row) for row in rows],
        )


def read_evidence(connection: Connection, list_id: int) -> Iterator[EvidenceRow]:
    """Yield a list's rows in their order."""
    columns = [column for column in evidence.c if column is not evidence.c.list_id]
    statement = select(*columns).where(evidence.c.list_id == list_id).order_by(evidence.c.position)
    for row in stream(connection, statement):
        yield tuple(row)


def read_back(connection: Connection, list_id: int) -> Written:
    """Return the root over the leaves that the database holds, for comparison with the one that was made."""
    tree, lines = GrowingTree(), LinesDigest()
    statement = (
        select(evidence.c.leaf, evidence.c.line_sealed)
        .where(evidence.c.list_id == list_id)
        .order_by(evidence.c.position)
        .execution_options(yield_per=AT_ONCE)
    )
    for block in connection.execute(statement).partitions():
        tree.extend([leaf for leaf, _ in block])
        lines.extend([line for _, line in block if line is not None])
    return Written(tree.size, tree.root(), lines.hexdigest() if lines.count else None, tuple(tree.subtrees))


def write_exclusions(
    work: Work, list_id: int, agreement_id: str, excluded: Select[tuple[str, str]]
) -> WrittenExclusions:
    """Keep what changed: `excluded` is a statement of `subject_ref, reason`, one row for each person left out.

    Who was left out before and is on this list gets a row without a reason. Write the list's evidence first.
    """
    before = _as_last_kept(agreement_id)
    now = _as_decided(list_id, excluded, before)
    changed = (
        select(literal(list_id), now.c.subject_ref, literal(agreement_id), now.c.reason)
        .select_from(now.outerjoin(before, before.c.subject_ref == now.c.subject_ref))
        .where(now.c.reason.is_distinct_from(before.c.reason))
    )
    names = ["list_id", "subject_ref", "agreement_id", "reason"]
    work.connection.execute(insert(exclusions).from_select(names, changed))
    return read_back_exclusions(work.connection, list_id)


def read_back_exclusions(connection: Connection, list_id: int) -> WrittenExclusions:
    """Return the count and root of the exclusions kept with a list."""
    tree = GrowingTree()
    tree.extend(read_exclusion_leaves(connection, list_id))
    return WrittenExclusions(tree.size, tree.root())


def read_exclusion_leaves(connection: Connection, list_id: int) -> Iterable[bytes]:
    """Yield the leaves of the exclusions kept with a list, in the order of references."""
    statement = (
        select(lists.c.reference, exclusions.c.agreement_id, exclusions.c.subject_ref, exclusions.c.reason)
        .join(lists, lists.c.list_id == exclusions.c.list_id)
        .where(exclusions.c.list_id == list_id)
        .order_by(exclusions.c.subject_ref)
    )
    for row in stream(connection, statement):
        yield exclusion_leaf(*row)


def _as_last_kept(agreement_id: str) -> Subquery:
    """Return each person's newest exclusion under the agreement, without those that have ended."""
    newest_first = func.row_number().over(partition_by=exclusions.c.subject_ref, order_by=exclusions.c.list_id.desc())
    ranked = (
        select(exclusions.c.subject_ref, exclusions.c.reason, newest_first.label("rank"))
        .where(exclusions.c.agreement_id == agreement_id)
        .subquery()
    )
    newest = and_(ranked.c.rank == 1, ranked.c.reason.is_not(None))
    return select(ranked.c.subject_ref, ranked.c.reason).where(newest).subquery("before")


def _as_decided(list_id: int, excluded: Select[tuple[str, str]], before: Subquery) -> Subquery:
    """Return who is left out now, and with no reason those who were and now stand on the list."""
    left_out = excluded.order_by(None).subquery()
    back_in = (
        select(evidence.c.subject_ref, null().label("reason"))
        .join(before, before.c.subject_ref == evidence.c.subject_ref)
        # Whoever was taken back stands on the list too, and is left out all the same.
        .where(evidence.c.list_id == list_id, evidence.c.fields != TAKEN_BACK)
    )
    return union_all(select(left_out.c.subject_ref, left_out.c.reason), back_in).subquery("now")


def _copy_line(list_id: int, *row: Any) -> str:
    position, subject_ref, fields, factors, committed, leaf, line = row
    kept = "\\N" if line is None else f"\\\\x{line.hex()}"
    return (
        f"{list_id}\t{position}\t{subject_ref}\t{fields}\t{factors}\t"
        f"\\\\x{committed.hex()}\t\\\\x{leaf.hex()}\t{kept}\n"
    )
