"""Edge: the subject registry: which random reference stands for a person, found again by a blind index.

- A person is found again by the ids of their records and by nothing else; a number alone makes nobody the same. Who is
  not found gets a new reference and a new secret, drawn at random; neither is ever used again for somebody else.
- Where two subjects turn out to be one person, the one met first stands for them from then on, all their clues lead to
  both, and a `subject:linked` entry says so: whoever looks one up finds the history of both.

A part of a load reads what the index knows of its own people (`RegistryReader`), and `meet` says whom each of them is.
The index is read before people are made and written after; `require_unchanged` refuses the load if anything, such as
forgetting somebody, came between. What the index keeps is in blind_index.py, how it grows in registry_growth.py.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, and_, func, select

from gateway.errors import LedgerDamaged, StoreBusy
from gateway.model.keys import IndexKey
from gateway.store.blind_index import NINO, Clue, index_key_of, index_value, index_values
from gateway.store.bulk import rows_among
from gateway.store.tables import subject_identifiers, subjects

_NOBODY: frozenset[str] = frozenset()

#: Whom each clue of one person leads to.
LedTo = Mapping[Clue, frozenset[str]]


class Subject(NamedTuple):
    """Somebody in the registry: `order` is when they were met, by batch and the position of their leaf in it."""

    subject_ref: str
    secret: bytes
    order: tuple[int, int]


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

    @property
    def index_version(self) -> int:
        """How many secrets the index's values are hashed under."""
        return self._key.version

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

    def meet(self, clues: Sequence[Clue]) -> "Met":
        """Return who somebody is who is known by these clues."""
        if not any(self._known.values()):
            return Met((), (tuple((clue[0], self.value_of(clue)) for clue in dict.fromkeys(clues)),), ())
        led_to = {clue: self.subjects_of(clue) for clue in clues}
        if clues[0][0] != NINO and len(led_to[clues[0]]) == 1 and len(set(led_to.values())) == 1:
            # Nearly everybody whom an earlier load met: all that is known of them leads to one subject.
            return Met(tuple(self._met_before(led_to)), ((),), ())
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
