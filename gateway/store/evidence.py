"""Edge: rows of evidence and of exclusions, written in the transaction that seals their list and read in order.

- Rows go in block by block as the scan makes them: by COPY on PostgreSQL, by one prepared statement on SQLite.
- `read_back` gives the root over what the database took, for the sealed entry: what it lost or changed is found
  before anything is signed (law L7).
- An exclusion is stored when it changes. Who is left out anew, or for another reason, comes with the scan; who stands
  on the list again is found here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any

from sqlalchemy import Connection, Subquery, and_, func, select

from gateway.ledger.evidence import LinesDigest, exclusion_leaf
from gateway.ledger.tree import GrowingTree
from gateway.store.bulk import insert_rows
from gateway.store.streams import AT_ONCE, stream
from gateway.store.tables import evidence, exclusions, lists
from gateway.store.work import Work

#: Position, subject_ref, fields, factors (masked), commitment, leaf, sealed line.
EvidenceRow = tuple[int, str, int, int, bytes, bytes, bytes | None]

_EXCLUSION_COLUMNS = ["list_id", "subject_ref", "agreement_id", "reason"]
_COLUMNS = "list_id, position, subject_ref, fields, factors, commitment, leaf, line_sealed"
#: A binary COPY begins with its signature, flags and the length of nothing more, and ends with a count of -1.
_COPY_BEGINS, _COPY_ENDS = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
#: Up to the length of the commitment, as `_copied` says. Hashes as text would be twice as long, and be read again.
_COPY_NUMBERS = Struct(">hiqiii16siiiii").pack
_COPY_LENGTH = Struct(">i").pack
_COPY_NULL = _COPY_LENGTH(-1)


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
        command = f"COPY evidence ({_COLUMNS}) FROM STDIN (FORMAT binary)"
        with driver.cursor() as cursor, cursor.copy(command) as copy:
            copy.write(b"".join((_COPY_BEGINS, *(_copied(list_id, row) for row in rows), _COPY_ENDS)))
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
    work: Work, list_id: int, agreement_id: str, changed: Iterable[Sequence[tuple[str, str | None]]]
) -> None:
    """Keep exclusions that changed: blocks of a reference and the reason, None where it ended."""
    for block in changed:
        rows = [(list_id, subject_ref, agreement_id, reason) for subject_ref, reason in block]
        insert_rows(work.connection, exclusions, _EXCLUSION_COLUMNS, rows)


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


def kept_exclusions(agreement_id: str) -> Subquery:
    """Return each person's newest exclusion under the agreement, without those that have ended.

    Columns: `subject_ref`, `reason`.
    """
    newest_first = func.row_number().over(partition_by=exclusions.c.subject_ref, order_by=exclusions.c.list_id.desc())
    ranked = (
        select(exclusions.c.subject_ref, exclusions.c.reason, newest_first.label("rank"))
        .where(exclusions.c.agreement_id == agreement_id)
        .subquery()
    )
    newest = and_(ranked.c.rank == 1, ranked.c.reason.is_not(None))
    return select(ranked.c.subject_ref, ranked.c.reason).where(newest).subquery("before")


def _copied(list_id: int, row: EvidenceRow) -> bytes:
    """Return a row as PostgreSQL's binary COPY has it: how many columns, and each behind its length."""
    position, subject_ref, fields, factors, committed, leaf, line = row
    person = bytes.fromhex(subject_ref.replace("-", ""))
    numbers = _COPY_NUMBERS(8, 8, list_id, 4, position, 16, person, 4, fields, 4, factors, len(committed))
    hashes = numbers + committed + _COPY_LENGTH(len(leaf)) + leaf
    return hashes + _COPY_NULL if line is None else hashes + _COPY_LENGTH(len(line)) + line
