"""Edge: the subject registry: which random reference stands for a person, found again by a blind index.

- A clue (a source's id, a National Insurance number with or without its suffix) is kept as HMAC-SHA256 under the
  registry's key, cut to 16 bytes: who has the database alone cannot look anybody up.
- The key can be changed: reindex.py makes all values anew. A key that is older than the rows is refused, because it
  would find nobody, and everybody would be met anew; one that is newer, as with a database from a backup, is taken as
  it was then.
- A person is found again by the ids of their records and by nothing else; a number alone makes nobody the same. Who is
  not found gets a new reference and a new secret, drawn at random; neither is ever used again for somebody else.
- Where two subjects turn out to be one person, the one met first stands for them from then on, all their clues lead to
  both, and a `subject:linked` entry says so: whoever looks one up finds the history of both.
- What a load adds is a batch: one leaf for each subject that got anything, and their root in a `registry:grown` entry.
  A swap of two people's rows gives other leaves (law L7).

The index is read before people are made and written after; `require_unchanged` refuses the load if anything, such as
forgetting somebody, came between.
"""

import hmac
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple, TypeVarTuple
from uuid import UUID

from sqlalchemy import Connection, Result, Select, and_, func, select

from gateway.errors import KeyUnusable, LedgerDamaged, StoreBusy
from gateway.ledger.entries import Event
from gateway.ledger.evidence import SECRET_BYTES, registry_commitment, registry_leaf
from gateway.ledger.tree import root_of
from gateway.model.keys import IndexKey
from gateway.store.bulk import insert_rows
from gateway.store.tables import registry_leaves, subject_identifiers, subjects
from gateway.store.work import Work

NINO = "nino"

_VALUE_BYTES = 16
_REFERENCE_BYTES = 16
_READ_AT_ONCE = 10_000

_NOBODY: frozenset[str] = frozenset()

Row = TypeVarTuple("Row")
#: A kind (`nino`, or a source's name) and a value.
Clue = tuple[str, str]
#: Whom each clue of one person leads to.
LedTo = Mapping[Clue, frozenset[str]]


class Subject(NamedTuple):
    """Somebody in the registry: `order` is when they were met, by batch and the position of their leaf in it."""

    subject_ref: str
    secret: bytes
    order: tuple[int, int]


def index_value(key: IndexKey, clue: Clue) -> bytes:
    """Return what the index keeps of a clue."""
    kind, value = clue
    return reduce(hashed_again, key.secrets, f"{kind}\0{value}".encode())


def hashed_again(value: bytes, secret: bytes) -> bytes:
    """Return a value of the index under one secret more."""
    return hmac.digest(secret, value, "sha256")[:_VALUE_BYTES]


def index_key_of(connection: Connection, key: IndexKey) -> IndexKey:
    """Return the key that the index was made with: the one given, or it as it was when an older database was in use.

    Raises KeyUnusable where the key given is older than the index.
    """
    # One row says it for all: they are made anew in one transaction.
    version = connection.execute(select(subject_identifiers.c.index_version).limit(1)).scalar() or key.version
    if version > key.version:
        raise KeyUnusable(
            f"the index of people was made with {version} secrets, and its key has {key.version}",
            advice="Put the index key in place that was backed up with this database: keys/README.md.",
        )
    return IndexKey(key.secrets[:version])


def subjects_known_by(connection: Connection, key: IndexKey, clue: Clue) -> list[str]:
    """Return the references of everybody whom a clue leads to, the one met first at the front. Raises KeyUnusable."""
    key = index_key_of(connection, key)
    columns = subject_identifiers.c
    statement = (
        select(columns.subject_ref)
        .join(subjects, subjects.c.subject_ref == columns.subject_ref)
        .where(columns.kind == clue[0], columns.value == index_value(key, clue))
        .order_by(subjects.c.batch, subjects.c.position)
    )
    return list(connection.execute(statement).scalars())


def known_by_number_alone(connection: Connection, subject_refs: Collection[str]) -> list[str]:
    """Return those of the subjects whom no source knows: they stand for whoever has their number."""
    columns = subject_identifiers.c
    by_source = select(columns.subject_ref).where(columns.subject_ref.in_(list(subject_refs)), columns.kind != NINO)
    known = frozenset(connection.execute(by_source).scalars())
    return [each for each in subject_refs if each not in known]


def sharing_a_number(connection: Connection, subject_refs: Collection[str]) -> list[str]:
    """Return everybody, in the order of references, who is known by a number of any of the subjects."""
    mine, theirs = subject_identifiers.alias("mine"), subject_identifiers.alias("theirs")
    same = and_(theirs.c.kind == mine.c.kind, theirs.c.value == mine.c.value)
    query = (
        select(theirs.c.subject_ref)
        .join_from(mine, theirs, same)
        .where(mine.c.subject_ref.in_(list(subject_refs)), mine.c.kind == NINO)
        .distinct()
    )
    return sorted(connection.execute(query).scalars())


class Registry:
    """The registry as it stood when it was read."""

    def __init__(
        self, key: IndexKey, subject_of: Mapping[str, Subject], known: Mapping[str, Mapping[bytes, str | set[str]]]
    ) -> None:
        self._key = key
        self._subject_of = subject_of
        #: By kind and value, whom it leads to: nearly always one, who is then kept without a set of their own.
        self._known = known
        self._values: dict[Clue, bytes] = {}
        led_to = (found for values in known.values() for found in values.values())
        self.state = _State(len(subject_of), sum(1 if isinstance(found, str) else len(found) for found in led_to))

    @classmethod
    def read(cls, connection: Connection, key: IndexKey) -> "Registry":
        """Return everything in the registry. Raises KeyUnusable for a key that is older than the index."""
        key = index_key_of(connection, key)
        columns = subjects.c
        people = select(columns.subject_ref, columns.secret, columns.batch, columns.position)
        subject_of = {row[0]: Subject(row[0], row[1], (row[2], row[3])) for row in _streamed(connection, people)}
        index = select(subject_identifiers.c.kind, subject_identifiers.c.value, subject_identifiers.c.subject_ref)
        known: dict[str, dict[bytes, str | set[str]]] = {}
        for kind, value, subject_ref in _streamed(connection, index):
            subject = subject_of.get(subject_ref)
            # The text that is there already, rather than another like it.
            reference = subject_ref if subject is None else subject.subject_ref
            values = known.setdefault(kind, {})
            before = values.setdefault(value, reference)
            if before is not reference:
                values[value] = {reference} | (before if isinstance(before, set) else {before})
        return cls(key, subject_of, known)

    def remembered(self, clues: Iterable[Clue]) -> dict[Clue, frozenset[str]]:
        """Return the subjects of each clue that leads to any."""
        return {clue: found for clue in clues if (found := self.subjects_of(clue))}

    def subjects_of(self, clue: Clue) -> frozenset[str]:
        """Return the references that a clue leads to."""
        values = self._known.get(clue[0])
        found = values.get(self.value_of(clue)) if values else None
        if found is None:
            return _NOBODY
        return frozenset({found} if isinstance(found, str) else found)

    def value_of(self, clue: Clue) -> bytes:
        """Return what the index keeps of a clue."""
        value = self._values.get(clue)
        if value is None:
            value = self._values[clue] = index_value(self._key, clue)
        return value

    def require_unchanged(self, connection: Connection) -> None:
        """Raise StoreBusy if the registry is no longer as it was read."""
        people = connection.execute(select(func.count()).select_from(subjects)).scalar_one()
        # Made anew meanwhile, it needs a newer key than this.
        index_key_of(connection, self._key)
        index = select(func.count()).select_from(subject_identifiers)
        if _State(people, connection.execute(index).scalar_one()) != self.state:
            raise StoreBusy("the subject registry changed during the load", advice="`gateway sources load` again.")

    # --- growing ---------------------------------------------------------------------------------------------------

    def plan_growth(self, people: Sequence[Sequence[Clue]], batch: int, draw: Callable[[int], bytes]) -> "Growth":
        """Return the subject of each person, and what the registry must learn for that."""
        growth = Growth(batch, self._key.version, [], {}, [], [])
        for clues in people:
            led_to = {clue: self.subjects_of(clue) for clue in clues}
            found = sorted(self._met_before(led_to), key=lambda subject: subject.order)
            if not found:
                found = [_new_subject(draw, batch, len(growth.identifiers))]
                growth.new.append(found[0])
            growth.links.extend(
                (found[0].subject_ref, other.subject_ref) for other in found[1:] if _is_news(found[0], other, led_to)
            )
            growth.people.append(found[0])
            for subject in found:
                self._note_missing(growth, subject, led_to)
        return growth

    def _met_before(self, led_to: LedTo) -> list[Subject]:
        references = {ref for (kind, _), refs in led_to.items() if kind != NINO for ref in refs}
        if not references <= self._subject_of.keys():
            raise LedgerDamaged("the registry's index leads to a subject that is not in the registry")
        return [self._subject_of[reference] for reference in references]

    def _note_missing(self, growth: "Growth", subject: Subject, led_to: LedTo) -> None:
        missing = [(clue[0], self.value_of(clue)) for clue, refs in led_to.items() if subject.subject_ref not in refs]
        if missing:
            growth.identifiers[subject] = missing


def _is_news(one: Subject, other: Subject, led_to: LedTo) -> bool:
    pair = {one.subject_ref, other.subject_ref}
    return not any(pair <= refs for (kind, _), refs in led_to.items() if kind != NINO)


class _State(NamedTuple):
    people: int
    identifiers: int


@dataclass(slots=True)
class Growth:
    """What a load adds: `people` is the subject of each person, in order; `links` pairs one met first with another."""

    batch: int
    index_version: int
    people: list[Subject]
    identifiers: dict[Subject, list[tuple[str, bytes]]]
    new: list[Subject]
    links: list[tuple[str, str]]


def next_batch(connection: Connection) -> int:
    """Return the number of the next batch."""
    newest = connection.execute(select(func.max(registry_leaves.c.batch))).scalar()
    return 1 if newest is None else newest + 1


def grow(work: Work, growth: Growth, **load: str) -> None:
    """Enter and write what the registry learns; `load` names the load and its snapshot for the entries."""
    if not growth.identifiers:
        return
    leaves = list(_leaves(growth))
    root = root_of(leaf for *_, leaf in leaves)
    position = work.enter(
        Event.REGISTRY_GROWN,
        batch=growth.batch,
        people=len(leaves),
        root=root.hex(),
        new=len(growth.new),
        identifiers=sum(map(len, growth.identifiers.values())),
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
    for position, (subject, rows) in enumerate(growth.identifiers.items()):
        named = [(kind, growth.index_version, value) for kind, value in rows]
        committed = registry_commitment(subject.secret, named)
        leaf = registry_leaf(growth.batch, position, subject.subject_ref, committed)
        yield growth.batch, position, subject.subject_ref, committed, leaf


def _write(connection: Connection, growth: Growth, leaves: Sequence[Leaf], position: int) -> None:
    # In the order of their keys, which are random: as they come, each would be put into another page.
    insert_rows(
        connection,
        subjects,
        ("subject_ref", "secret", "batch", "position", "explained_by"),
        ((subject.subject_ref, subject.secret, *subject.order, position) for subject in sorted(growth.new)),
    )
    insert_rows(
        connection,
        subject_identifiers,
        ("kind", "value", "index_version", "subject_ref", "explained_by"),
        sorted(
            (kind, value, growth.index_version, subject.subject_ref, position)
            for subject, rows in growth.identifiers.items()
            for kind, value in rows
        ),
    )
    insert_rows(connection, registry_leaves, ("batch", "position", "subject_ref", "commitment", "leaf"), leaves)


def leaves_of(connection: Connection, batch: int) -> Iterable[bytes]:
    """Return the leaves of a batch in their order."""
    columns = registry_leaves.c
    statement = select(columns.leaf).where(columns.batch == batch).order_by(columns.position)
    return _streamed(connection, statement).scalars()


def _new_subject(draw: Callable[[int], bytes], batch: int, position: int) -> Subject:
    drawn = draw(_REFERENCE_BYTES + SECRET_BYTES)
    reference = UUID(bytes=drawn[:_REFERENCE_BYTES], version=4)
    return Subject(str(reference), drawn[_REFERENCE_BYTES:], (batch, position))


def _streamed(connection: Connection, statement: Select[*Row]) -> Result[*Row]:
    """Return the rows a block at a time; set on the statement, because a connection would keep the option."""
    return connection.execute(statement.execution_options(yield_per=_READ_AT_ONCE))
