"""Edge: how the subject registry grows: by one person after the other, in the order of all (`Growth.take`).

- What a load adds is a batch: one leaf for each subject that got anything, and their root in a `registry:grown` entry.
  A swap of two people's rows gives other leaves (law L7).
- References and secrets are drawn at random and never used again; where two subjects prove to be one person, a
  `subject:linked` entry says so.

Who somebody is, is decided in registry.py.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol, TypeVarTuple

from sqlalchemy import Connection, Result, Select, func, select

from gateway.errors import LedgerDamaged
from gateway.ledger.entries import Event
from gateway.ledger.evidence import SECRET_BYTES, registry_commitment, registry_leaf
from gateway.ledger.tree import root_of
from gateway.store.blind_index import Clue
from gateway.store.bulk import insert_rows
from gateway.store.registry import Met, Registry, Subject
from gateway.store.tables import registry_leaves, subject_identifiers, subjects
from gateway.store.work import Work

_REFERENCE_BYTES = 16
_DRAWN_AT_ONCE = 64
_READ_AT_ONCE = 10_000
_SORTED_AT_ONCE = 20_000

Row = TypeVarTuple("Row")


class Kept(Protocol):
    """Keeps rows in their order: a list, or a run of rows put aside."""

    def append(self, row: Any, /) -> None:
        """Add a row."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows."""
        ...


@dataclass(slots=True)
class Growth:
    """What a load adds. `people` is the subject of each person, where that was asked for.

    `grown` has a row for each leaf, in order: reference, secret, whether they are new, and what the index learns of
    them. `links` pairs one met first with another. `rows` gives what keeps further rows, which may be many.
    """

    batch: int
    index_version: int
    people: list[Subject] = field(default_factory=list)
    grown: Kept = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    rows: Callable[[], Kept] = list
    leaves: int = 0
    new: int = 0
    identifiers: int = 0

    def take(self, met: Met, draw: Callable[[int], bytes]) -> Subject:
        """Return the subject of the next person, and note what the registry learns."""
        found = met.found
        if not found:
            found = (_new_subject(draw, self.batch, self.leaves),)
            self.new += 1
        self.links.extend((found[0].subject_ref, other) for other in met.news)
        for subject, missing in zip(found, met.missing, strict=True):
            if missing:
                self.grown.append((subject.subject_ref, subject.secret, not met.found, missing))
                self.leaves += 1
                self.identifiers += len(missing)
        return found[0]


def plan_growth(
    registry: Registry, people: Iterable[Sequence[Clue]], batch: int, draw: Callable[[int], bytes]
) -> Growth:
    """Return the subject of each person, and what the registry must learn for that."""
    growth = Growth(batch, registry.index_version)
    growth.people.extend(growth.take(registry.meet(clues), draw) for clues in people)
    return growth


def next_batch(connection: Connection) -> int:
    """Return the number of the next batch."""
    newest = connection.execute(select(func.max(registry_leaves.c.batch))).scalar()
    return 1 if newest is None else newest + 1


def grow(work: Work, growth: Growth, **load: str) -> None:
    """Enter and write what the registry learns; `load` names the load and its snapshot for the entries."""
    if not growth.leaves:
        return
    leaves = growth.rows()
    root = root_of(_kept(_leaves(growth), leaves))
    position = work.enter(
        Event.REGISTRY_GROWN,
        batch=growth.batch,
        people=growth.leaves,
        root=root.hex(),
        new=growth.new,
        identifiers=growth.identifiers,
        index_version=growth.index_version,
        **load,
    )
    _write(work.connection, growth, leaves, position)
    if root_of(leaves_of(work.connection, growth.batch)) != root:
        raise LedgerDamaged("the registry's new rows are not what was handed to the database")
    for subject, other in growth.links:
        work.enter(Event.SUBJECT_LINKED, count=1, subject=subject, other=other, load=load["load"])


Leaf = tuple[int, int, str, bytes, bytes]


def _leaves(growth: Growth) -> Iterable[Leaf]:
    """Yield batch, position, reference, commitment and leaf, in the order in which people stand."""
    for position, (subject_ref, secret, _, missing) in enumerate(growth.grown):
        committed = registry_commitment(secret, [(kind, growth.index_version, value) for kind, value in missing])
        leaf = registry_leaf(growth.batch, position, subject_ref, committed)
        yield growth.batch, position, subject_ref, committed, leaf


def _kept(leaves: Iterable[Leaf], kept: Kept) -> Iterator[bytes]:
    for leaf in leaves:
        kept.append(leaf)
        yield leaf[-1]


def _write(connection: Connection, growth: Growth, leaves: Iterable[Leaf], position: int) -> None:
    insert_rows(
        connection,
        subjects,
        ("subject_ref", "secret", "batch", "position", "explained_by"),
        _in_runs(
            (subject_ref, secret, growth.batch, place, position)
            for place, (subject_ref, secret, is_new, _) in enumerate(growth.grown)
            if is_new
        ),
    )
    insert_rows(
        connection,
        subject_identifiers,
        ("kind", "value", "index_version", "subject_ref", "explained_by"),
        _in_runs(
            (kind, value, growth.index_version, subject_ref, position)
            for subject_ref, _, _, missing in growth.grown
            for kind, value in missing
        ),
    )
    insert_rows(connection, registry_leaves, ("batch", "position", "subject_ref", "commitment", "leaf"), leaves)


def _in_runs(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Yield rows in runs ordered by their keys, which are random: as they come, each would go into another page."""
    waiting = iter(rows)
    while run := sorted(islice(waiting, _SORTED_AT_ONCE)):
        yield from run


def leaves_of(connection: Connection, batch: int) -> Iterable[bytes]:
    """Return the leaves of a batch in their order."""
    columns = registry_leaves.c
    statement = select(columns.leaf).where(columns.batch == batch).order_by(columns.position)
    return _streamed(connection, statement).scalars()


def _new_subject(draw: Callable[[int], bytes], batch: int, position: int) -> Subject:
    drawn = draw(_REFERENCE_BYTES + SECRET_BYTES)
    return Subject(reference_of(drawn), drawn[_REFERENCE_BYTES:], (batch, position))


def drawn_ahead(draw: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """Return what draws many times as much at once: to ask for random bytes takes far longer than to get them."""
    ahead = b""

    def draw_from(size: int) -> bytes:
        nonlocal ahead
        if len(ahead) < size:
            ahead = draw(_DRAWN_AT_ONCE * size)
        drawn, ahead = ahead[:size], ahead[size:]
        return drawn

    return draw_from


def reference_of(drawn: bytes) -> str:
    """Return the UUID of version 4 that random bytes give; the library's own takes four times as long to write it."""
    digits = drawn[:_REFERENCE_BYTES].hex()
    variant = "89ab"[drawn[8] >> 4 & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def _streamed(connection: Connection, statement: Select[*Row]) -> Result[*Row]:
    """Return the rows a block at a time; set on the statement, because a connection would keep the option."""
    return connection.execute(statement.execution_options(yield_per=_READ_AT_ONCE))
