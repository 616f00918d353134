"""Edge: what is sent for a list, kept in blocks, so that nobody ever holds the whole of it.

- The sealed copy is written block by block in the transaction that seals its list. The blocks of a list are numbered
  from 1 and of one size, but for the last; those of several lists may come in any order.
- It is kept as it was made and sent again from here, never made again (law L4). Of a list that came to rest it goes
  after the agreed days (purge.py), and the manifest stays.
- Whoever sends it holds it against the hash in the ledger first, and reads it a block at a time, each for itself:
  nobody keeps a snapshot of the database open for as long as a line is slow.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count, groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, insert, select

from gateway.errors import LedgerDamaged, PackageRemoved, StoreError
from gateway.store.lists import KeptList
from gateway.store.streams import stream
from gateway.store.tables import package_blocks, packages
from gateway.store.work import Work

#: Opens one snapshot of the database: `Store.reading`.
Reading = Callable[[], AbstractContextManager[Connection]]
#: Blocks that are read at a time where they are read one after the other.
_AT_ONCE = 2
_CONTENT = "SELECT content FROM package_blocks WHERE list_id = %s AND number = %s"


class PackageBlocks:
    """Takes the sealed copy of one list, block by block."""

    def __init__(self, work: Work, list_id: int) -> None:
        self._work = work
        self._list_id = list_id
        self._numbers = count(1)

    def keep(self, block: bytes) -> None:
        """Keep the next block."""
        self._work.connection.execute(
            insert(package_blocks).values(list_id=self._list_id, number=next(self._numbers), content=block)
        )


def keep_package(work: Work, list_id: int, manifest: bytes, *, explained_by: int) -> None:
    """Keep that a list's blocks are all there, with the manifest that goes with them."""
    work.connection.execute(insert(packages).values(list_id=list_id, manifest=manifest, explained_by=explained_by))


def has_copy(list_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that the sealed copy of a list is kept."""
    return exists().where(package_blocks.c.list_id == list_id)


class SealedCopy:
    """A list's sealed copy, read as it is needed; one block of it is remembered. `sha256` is what the ledger says."""

    def __init__(self, reading: Reading, kept: KeptList, block_bytes: int) -> None:
        if kept.package_sha256 is None or kept.package_bytes is None:
            raise StoreError(f"{kept.reference} was never sealed")
        self._reading = reading
        self._list_id = kept.list_id
        self._reference = kept.reference
        self._size = kept.package_bytes
        self._block_bytes = block_bytes
        self._number, self._block = 0, b""
        self.sha256 = kept.package_sha256

    def __len__(self) -> int:
        """Return how many bytes it has."""
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        """Return some of its bytes."""
        at, end, _ = part.indices(self._size)
        parts = []
        while at < end:
            number, start = divmod(at, self._block_bytes)
            parts.append(self._numbered(number + 1)[start : start + end - at])
            at += len(parts[-1])
        return b"".join(parts)

    def require_whole(self, connection: Connection) -> None:
        """Raise LedgerDamaged unless what is kept is what was sealed (law L5)."""
        digest = hashlib.sha256()
        for number in range(1, -(-self._size // self._block_bytes) + 1):
            digest.update(self._read(connection, number))
        if digest.hexdigest() != self.sha256:
            raise damaged(self._reference)

    def _numbered(self, number: int) -> bytes:
        if number == self._number:
            return self._block
        with self._reading() as connection:
            return self._read(connection, number)

    def _read(self, connection: Connection, number: int) -> bytes:
        block = _content_of(connection, self._list_id, number)
        expected = min(self._block_bytes, self._size - (number - 1) * self._block_bytes)
        # SQLite keeps any value in any column.
        if not isinstance(block, bytes) or len(block) != expected:
            raise damaged(self._reference)
        self._number, self._block = number, block
        return block


def _content_of(connection: Connection, list_id: int, number: int) -> object:
    if connection.dialect.name != "postgresql":
        this = package_blocks.c.list_id == list_id, package_blocks.c.number == number
        return connection.execute(select(package_blocks.c.content).where(*this)).scalar()
    # Asked of the driver, because a statement is answered in text, in which bytes are twice as long.
    driver: Any = connection.connection.driver_connection
    row = driver.cursor(binary=True).execute(_CONTENT, (list_id, number)).fetchone()
    return row[0] if row else None


def damaged(reference: str) -> LedgerDamaged:
    """Return the error of a sealed copy that is not what the ledger says."""
    return LedgerDamaged(f"the package kept for {reference} is not the one that was sealed")


@dataclass(frozen=True, slots=True)
class Package:
    """What is sent for a list."""

    copy: SealedCopy
    manifest: bytes


def package_of(connection: Connection, reading: Reading, kept: KeptList) -> Package:
    """Return what is sent for a list; `reading` opens the snapshots that its copy is read in later on.

    Raises StoreError where it is not kept, PackageRemoved where it is no longer.
    """
    first = package_blocks.c.list_id == packages.c.list_id, package_blocks.c.number == 1
    block_bytes = select(func.length(package_blocks.c.content)).where(*first).scalar_subquery()
    is_kept = has_copy(packages.c.list_id)
    query = select(packages.c.manifest, is_kept.label("is_kept"), block_bytes.label("block_bytes"))
    row = connection.execute(query.where(packages.c.list_id == kept.list_id)).first()
    if row is None:
        raise StoreError(f"the package of {kept.reference} is not kept")
    if not row.is_kept:
        raise PackageRemoved(f"our sealed copy of {kept.reference} was removed at the end of its time")
    if not row.block_bytes:
        raise damaged(kept.reference)
    return Package(SealedCopy(reading, kept, row.block_bytes), row.manifest)


@dataclass(frozen=True, slots=True)
class KeptCopy:
    """What the blocks of a list come to; no hash where they are not blocks of one size that follow one another."""

    sha256: str | None
    size: int


#: What there is of a list whose sealed copy is gone.
NO_COPY = KeptCopy(None, 0)


def copies_by_list(connection: Connection) -> Iterator[tuple[int, KeptCopy]]:
    """Yield what the sealed copy of each list comes to that has one, in the order of the lists."""
    blocks = select(package_blocks).order_by(package_blocks.c.list_id, package_blocks.c.number)
    for list_id, rows in groupby(stream(connection, blocks, _AT_ONCE), lambda row: int(row.list_id)):
        digest, size, most, sound = hashlib.sha256(), 0, 0, True
        for number, row in enumerate(rows):
            # SQLite keeps any value in any column.
            content = row.content if isinstance(row.content, bytes) else b""
            most = most or len(content)
            sound &= (row.number, size) == (number + 1, number * most) and 0 < len(content) <= most
            digest.update(content)
            size += len(content)
        yield list_id, KeptCopy(digest.hexdigest() if sound else None, size)
