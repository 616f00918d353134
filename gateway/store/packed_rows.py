"""Edge: rows of evidence that follow one another, as the few values that a database packs them into.

- A database joins the columns of some thousand rows and hands over one value for all: a value for each column of each
  row costs more than the row's hashes. It hashes nothing, because it is what is being verified.
- What is packed is split again by width (ledger/packed.py). Where a row has not the kinds and widths of ours, nothing
  of its block is packed, and the rows are read as they are.

Nothing is judged here. How each kind of database packs is in packed_on_sqlite.py and packed_on_postgresql.py.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import Connection

from gateway.ledger.packed import PackedRows

#: Places in a block; a power of two, so that a full block is whole subtrees.
ROWS = 4096

#: Lists by loose index scan: as many steps as there are lists, however many rows they have.
_ENDS = """
    WITH RECURSIVE of_lists(list_id) AS (
        SELECT min(list_id) FROM evidence
        UNION ALL
        SELECT (SELECT min(list_id) FROM evidence WHERE list_id > of_lists.list_id)
        FROM of_lists WHERE list_id IS NOT NULL
    )
    SELECT
        list_id,
        (SELECT min(position) FROM evidence WHERE evidence.list_id = of_lists.list_id),
        (SELECT max(position) FROM evidence WHERE evidence.list_id = of_lists.list_id)
    FROM of_lists WHERE list_id IS NOT NULL ORDER BY list_id
"""
_NEXT = "SELECT min(position) FROM evidence WHERE list_id = {} AND position > {}"
_SIZE = "SELECT count(*), count(line_sealed) FROM evidence WHERE list_id = {}"


class EvidenceRow(NamedTuple):
    """A row of evidence under its list."""

    list_id: int
    position: int
    subject_ref: str
    fields: int
    factors: int
    commitment: bytes
    leaf: bytes
    line_sealed: bytes | None


class Ends(NamedTuple):
    """A list and its first and last position. SQLite keeps any value in any column."""

    list_id: Any
    first: Any
    last: Any


class Packed(NamedTuple):
    """Rows of one list in their order; `lines` counts those that keep a line.

    `rows` is None where a row is like none of ours, or a place between them is empty.
    """

    size: int
    lines: int
    rows: PackedRows | None = None


class Packer(ABC):
    """What reads evidence on one kind of database. It asks the driver: SQLAlchemy makes an object of each row."""

    #: How the driver marks the place of a value.
    mark: ClassVar[str]

    def __init__(self, connection: Connection) -> None:
        self.driver: Any = connection.connection.driver_connection

    def ends(self) -> list[Ends]:
        """Return the lists that have evidence, by id."""
        return [Ends(*row) for row in self.driver.execute(_ENDS).fetchall()]

    def next_position(self, list_id: Any, after: int) -> int:
        """Return the first position behind one, where there is one."""
        return int(self.driver.execute(_NEXT.format(self.mark, self.mark), (list_id, after)).fetchone()[0])

    def unpacked(self, list_id: Any) -> Packed:
        """Return how large a whole list is."""
        return Packed(*self.driver.execute(_SIZE.format(self.mark), (list_id,)).fetchone())

    @abstractmethod
    def block(self, list_id: Any, begins: int) -> Packed:
        """Return the rows at the `ROWS` places behind `begins`."""

    @abstractmethod
    def rows(self, list_id: Any, begins: int | None) -> Iterator[EvidenceRow]:
        """Yield the rows of a block, or of a whole list, one by one as they are."""
