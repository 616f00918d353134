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

A part of a load reads what the index knows of its own people (`RegistryReader`), and `meet` says whom each of them is.
The registry grows by one person after the other, in the order of all (`Growth.take`). The index is read before people
are made and written after; `require_unchanged` refuses the load if anything, such as forgetting somebody, came between.
"""

import hashlib
import hmac
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import reduce
from itertools import islice
from typing import Any, NamedTuple, Protocol, TypeVarTuple

from sqlalchemy import Connection, Result, Select, and_, func, select

from gateway.classes import dataclass
from gateway.errors import KeyUnusable, LedgerDamaged, StoreBusy
from gateway.ledger.entries import Event
from gateway.ledger.evidence import SECRET_BYTES, registry_commitment, registry_leaf
from gateway.ledger.tree import root_of
from gateway.model.keys import IndexKey
from gateway.store.bulk import insert_rows, rows_among
from gateway.store.tables import registry_leaves, subject_identifiers, subjects
from gateway.store.work import Work

NINO = "nino"

_VALUE_BYTES = 16
_REFERENCE_BYTES = 16
_DRAWN_AT_ONCE = 64
_READ_AT_ONCE = 10_000
_SORTED_AT_ONCE = 20_000

_HMAC_BLOCK = 64
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))

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


def index_values(key: IndexKey) -> Callable[[Clue], bytes]:
    """Return what gives the same as `index_value`, for many clues: a secret's own part of a hash is made once."""
    begun = [_begun(secret) for secret in key.secrets]

    def value_of(clue: Clue) -> bytes:
        kind, value = clue
        hashed = f"{kind}\0{value}".encode()
        for inner, outer in begun:
            within, around = inner.copy(), outer.copy()
            within.update(hashed)
            around.update(within.digest())
            hashed = around.digest()[:_VALUE_BYTES]
        return hashed

    return value_of


def _begun(secret: bytes) -> tuple["hashlib._Hash", "hashlib._Hash"]:
    """Return the two hashes of HMAC-SHA256 under a secret (RFC 2104), as far as they are the same for all values."""
    if len(secret) > _HMAC_BLOCK:
        secret = hashlib.sha256(secret).digest()
    padded = secret.ljust(_HMAC_BLOCK, b"\0")
    return hashlib.sha256(padded.translate(_INNER)), hashlib.sha256(padded.translate(_OUTER))


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


class RegistryReader:
    """The registry as one transaction sees it, asked about a few at a time. Raises KeyUnusable for an older key."""

    def __init__(self, connection: Connection, key: IndexKey) -> None:
        self._connection = connection
        self._key = index_key_of(connection, key)
        self.state = _state_of(connection)
        self.index_version = self._key.version
        self._value_of = index_values(self._key)

    def about(self, clues: Iterable[Clue]) -> "Registry":
        """Return what the registry knows of these clues, as if it knew no others."""
        values, known = self._known(clues)
        references = {ref for led_to in known.values() for found in led_to.values() for ref in _each(found)}
        return Registry(self._key, self._subjects(sorted(references)), known, values)

    def led_to(self, clues: Iterable[Clue]) -> "Registry":
        """Return whom these clues lead to, and nothing else of them: enough to ask for `subjects_of`."""
        values, known = self._known(clues)
        return Registry(self._key, {}, known, values)

    def _known(self, clues: Iterable[Clue]) -> tuple[dict[Clue, bytes], dict[str, dict[bytes, str | set[str]]]]:
        value_of = self._value_of
        values = {clue: value_of(clue) for clue in clues}
        known: dict[str, dict[bytes, str | set[str]]] = {}
        if self.state.identifiers:
            by_kind: dict[str, list[bytes]] = {}
            for (kind, _), value in values.items():
                by_kind.setdefault(kind, []).append(value)
            for kind, asked in by_kind.items():
                known[kind] = self._led_to(kind, sorted(asked))
        return values, known

    def _led_to(self, kind: str, values: Sequence[bytes]) -> dict[bytes, str | set[str]]:
        columns, led_to = subject_identifiers.c, dict[bytes, str | set[str]]()
        shown = (columns.value, columns.subject_ref)
        for value, subject_ref in rows_among(self._connection, shown, columns.value, values, kind=kind):
            before = led_to.setdefault(value, subject_ref)
            if before != subject_ref:
                led_to[value] = {subject_ref, *_each(before)}
        return led_to

    def _subjects(self, references: Sequence[str]) -> dict[str, Subject]:
        columns = subjects.c
        shown = (columns.subject_ref, columns.secret, columns.batch, columns.position)
        return {
            ref: Subject(ref, secret, (batch, position))
            for ref, secret, batch, position in rows_among(self._connection, shown, columns.subject_ref, references)
        }

    def require_unchanged(self, connection: Connection) -> None:
        """Raise StoreBusy if the registry is no longer as it was read."""
        # Made anew meanwhile, it needs a newer key than this.
        index_key_of(connection, self._key)
        if _state_of(connection) != self.state:
            raise StoreBusy("the subject registry changed during the load", advice="`gateway sources load` again.")


def _each(found: str | set[str]) -> Iterable[str]:
    return (found,) if isinstance(found, str) else found


class Registry:
    """What the registry knew when it was read, of everybody or of some."""

    def __init__(
        self,
        key: IndexKey,
        subject_of: Mapping[str, Subject],
        known: Mapping[str, Mapping[bytes, str | set[str]]],
        values: dict[Clue, bytes] | None = None,
    ) -> None:
        self._key = key
        self._subject_of = subject_of
        #: By kind and value, whom it leads to: nearly always one, who is then kept without a set of their own.
        self._known = known
        self._values = {} if values is None else values

    def remembered(self, clues: Iterable[Clue]) -> dict[Clue, frozenset[str]]:
        """Return the subjects of each clue that leads to any."""
        return {clue: found for clue in clues if (found := self.subjects_of(clue))}

    def subjects_of(self, clue: Clue) -> frozenset[str]:
        """Return the references that a clue leads to."""
        values = self._known.get(clue[0])
        found = values.get(self.value_of(clue)) if values else None
        if found is None:
            return _NOBODY
        return frozenset((found,) if isinstance(found, str) else found)

    def value_of(self, clue: Clue) -> bytes:
        """Return what the index keeps of a clue."""
        value = self._values.get(clue)
        if value is None:
            value = self._values[clue] = index_value(self._key, clue)
        return value

    # --- growing ---------------------------------------------------------------------------------------------------

    def plan_growth(self, people: Iterable[Sequence[Clue]], batch: int, draw: Callable[[int], bytes]) -> "Growth":
        """Return the subject of each person, and what the registry must learn for that."""
        growth = Growth(batch, self._key.version)
        growth.people.extend(growth.take(self.meet(clues), draw) for clues in people)
        return growth

    def meet(self, clues: Sequence[Clue]) -> "Met":
        """Return who somebody is who is known by these clues."""
        if not any(self._known.values()):
            return Met((), (tuple((clue[0], self.value_of(clue)) for clue in dict.fromkeys(clues)),), ())
        led_to = {clue: self.subjects_of(clue) for clue in clues}
        found = sorted(self._met_before(led_to), key=lambda subject: subject.order)
        if not found:
            return Met((), (self._missing(None, led_to),), ())
        news = tuple(other.subject_ref for other in found[1:] if _is_news(found[0], other, led_to))
        return Met(tuple(found), tuple(self._missing(subject.subject_ref, led_to) for subject in found), news)

    def _met_before(self, led_to: LedTo) -> list[Subject]:
        references = {ref for (kind, _), refs in led_to.items() if kind != NINO for ref in refs}
        if not references <= self._subject_of.keys():
            raise LedgerDamaged("the registry's index leads to a subject that is not in the registry")
        return [self._subject_of[reference] for reference in references]

    def _missing(self, subject_ref: str | None, led_to: LedTo) -> tuple["Identifier", ...]:
        return tuple((clue[0], self.value_of(clue)) for clue, refs in led_to.items() if subject_ref not in refs)


def _is_news(one: Subject, other: Subject, led_to: LedTo) -> bool:
    pair = {one.subject_ref, other.subject_ref}
    return not any(pair <= refs for (kind, _), refs in led_to.items() if kind != NINO)


class _State(NamedTuple):
    people: int
    identifiers: int


def _state_of(connection: Connection) -> _State:
    people, index = (
        connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in (subjects, subject_identifiers)
    )
    return _State(people, index)


#: A kind and a value of the index.
Identifier = tuple[str, bytes]


class Met(NamedTuple):
    """Who somebody is: nobody yet, or subjects in the order in which they were met.

    `missing` is what the index lacks of each of them, or of the one who will be made; `news` are references of those
    who were not known to be the first of them.
    """

    found: tuple[Subject, ...]
    missing: tuple[tuple[Identifier, ...], ...]
    news: tuple[str, ...]


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
