"""Edge: rows of evidence and of exclusions, written in the transaction that seals their list and read in order.

- Rows go in block by block as the scan makes them: by COPY on PostgreSQL, by one prepared statement on SQLite.
- What the database took is asked for before anything is signed (law L7): read_back.py.
- An exclusion is stored when it changes. Who is left out anew, or for another reason, comes with the scan; who stands
  on the list again is found here.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from struct import Struct
from typing import Any

from sqlalchemy import Connection, Subquery, and_, func, select

from gateway.ledger.evidence import exclusion_leaf
from gateway.ledger.made_rows import EvidenceRow
from gateway.ledger.tree import GrowingTree
from gateway.store.bulk import insert_rows
from gateway.store.made_blocks import COPY_BEGINS, COPY_ENDS, Evidence, evidence_of, references_as_bytes
from gateway.store.streams import AT_ONCE, stream
from gateway.store.tables import evidence, exclusions
from gateway.store.work import Work

_EXCLUSIONS = """
    SELECT lists.reference, exclusions.agreement_id, exclusions.subject_ref{0}, exclusions.reason
    FROM exclusions JOIN lists ON lists.list_id = exclusions.list_id
    WHERE exclusions.list_id = {1} ORDER BY exclusions.subject_ref
"""
#: Up to the reference of a person: how many columns, and each behind its length.
_COPY_HEAD, _COPY_LENGTH = Struct(">hiqi").pack, Struct(">i").pack
_EXCLUSION_COLUMNS = ["list_id", "subject_ref", "agreement_id", "reason"]
_COLUMNS = "list_id, position, subject_ref, fields, factors, commitment, leaf, line_sealed"


@dataclass(frozen=True, slots=True)
class WrittenExclusions:
    """The exclusions that changed: how many, and the root over them."""

    count: int
    root: bytes


def write_block(work: Work, list_id: int, rows: Sequence[EvidenceRow]) -> None:
    """Write some rows of a list's evidence."""
    if rows:
        write_made(work, evidence_of(list_id, rows, copies=copies(work.connection)))


def write_made(work: Work, made: Evidence) -> None:
    """Write evidence as the database takes it (made_blocks.py)."""
    if isinstance(made, bytes):
        driver: Any = work.connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY evidence ({_COLUMNS}) FROM STDIN (FORMAT binary)") as copy:
            copy.write(made)
    elif made:
        places = "?, ?, ?, ?, ?, ?, ?, ?"
        work.connection.exec_driver_sql(f"INSERT INTO evidence ({_COLUMNS}) VALUES ({places})", made)  # noqa: S608


def copies(connection: Connection) -> bool:
    """Say whether the database takes evidence by COPY."""
    return connection.dialect.name == "postgresql"


def read_evidence(connection: Connection, list_id: int) -> Iterator[EvidenceRow]:
    """Yield a list's rows in their order."""
    columns = [column for column in evidence.c if column is not evidence.c.list_id]
    statement = select(*columns).where(evidence.c.list_id == list_id).order_by(evidence.c.position)
    for row in stream(connection, statement):
        yield tuple(row)


def write_exclusions(
    work: Work, list_id: int, agreement_id: str, changed: Iterable[Sequence[tuple[str, str | None]]]
) -> None:
    """Keep exclusions that changed: blocks of a reference and the reason, None where it ended."""
    for block in changed:
        if copies(work.connection):
            _copy_exclusions(work.connection, list_id, agreement_id, block)
        else:
            rows = [(list_id, subject_ref, agreement_id, reason) for subject_ref, reason in block]
            insert_rows(work.connection, exclusions, _EXCLUSION_COLUMNS, rows)


def _copy_exclusions(
    connection: Connection, list_id: int, agreement_id: str, block: Sequence[tuple[str, str | None]]
) -> None:
    """Copy exclusions in as binary rows: what follows the reference is put together once for each reason."""
    head = _COPY_HEAD(4, 8, list_id, 16)
    tails = {reason: _copied_text(agreement_id) + _copied_text(reason) for reason in {reason for _, reason in block}}
    people = references_as_bytes([subject_ref for subject_ref, _ in block])
    rows = [head + people[16 * at : 16 * at + 16] + tails[reason] for at, (_, reason) in enumerate(block)]
    driver: Any = connection.connection.driver_connection
    command = f"COPY exclusions ({', '.join(_EXCLUSION_COLUMNS)}) FROM STDIN (FORMAT binary)"
    with driver.cursor() as cursor, cursor.copy(command) as copy:
        copy.write(b"".join((COPY_BEGINS, *rows, COPY_ENDS)))


def _copied_text(text: str | None) -> bytes:
    """Return a text behind its length, as a binary COPY has it."""
    if text is None:
        return _COPY_LENGTH(-1)
    data = text.encode()
    return _COPY_LENGTH(len(data)) + data


def read_back_exclusions(connection: Connection, list_id: int) -> WrittenExclusions:
    """Return the count and root of the exclusions kept with a list."""
    tree = GrowingTree()
    tree.extend(read_exclusion_leaves(connection, list_id))
    return WrittenExclusions(tree.size, tree.root())


def read_exclusion_leaves(connection: Connection, list_id: int) -> Iterator[bytes]:
    """Yield the leaves of the exclusions kept with a list, in the order of references.

    The driver is asked itself, as SQLAlchemy would make an object of each row.
    """
    driver: Any = connection.connection.driver_connection
    question = _EXCLUSIONS.format("::text", "%s") if copies(connection) else _EXCLUSIONS.format("", "?")
    # On PostgreSQL a cursor with a name is the server's, and hands over some rows at a time.
    with closing(driver.cursor("exclusions") if copies(connection) else driver.cursor()) as cursor:
        cursor.execute(question, (list_id,))
        while rows := cursor.fetchmany(AT_ONCE):
            for row in rows:
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
