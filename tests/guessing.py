"""A database that somebody took, and how they would guess whom its evidence is about.

The thief has every table but the registry, every key of ours, and a list as its recipient has it. They know everybody:
a million people with all that a list says of each, and the county's own are among them. What they lack is the subjects'
secrets. That a list names the people on it, in the order of their rows, is no guess; whom the other rows are about is.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Table, select

from gateway.ledger.evidence import commitment, references_under, registry_commitment
from gateway.store.blind_index import NINO, index_value
from gateway.store.registry_growth import grow, next_batch, plan_growth
from gateway.store.tables import metadata, subject_identifiers, subjects
from tests.evidence_made import INDEX_KEY, SOURCE
from tests.lists_made import AGREEMENT, Subject, keep_statement_of, seal_list_of, send_list
from tests.whole_load import read_registry

EVERYBODY = range(1_000_000)
#: Whom the county knows: every so many of everybody.
KNOWN = range(137, 1_000_000, 24_989)
REGISTRY = (subjects, subject_identifiers)
REFERENCE_KEY = b"the key of one agreement's references"
_NO_SECRET = bytes(32)
_SURNAMES = ("Smith", "Jones", "Taylor", "Brown", "Williams", "Wilson", "Johnson", "Davies")
_FORENAMES = ("Ava", "Noah", "Mia", "Leo", "Ivy", "Max", "Eve", "Sam")
_HEX = re.compile(rb"[0-9a-f]{32,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{24,}={0,2}")
#: Of a digest; a hit by chance has odds of one in 10^30.
_WINDOW = 16


@dataclass(frozen=True)
class Taken:
    """What the thief knows of the county: who stands on the list that was delivered, and a row of another one."""

    people: dict[int, Subject]
    delivered: Collection[int]
    target: int


def make_county(store, actor) -> Taken:
    """Fill a database: one list of the first half of the county's people, and one of them all, with lines kept."""
    keep_statement_of(store, actor)
    people = _register(store, actor)
    number_of = {subject.subject_ref: number for number, subject in people.items()}
    in_order = sorted(people.values(), key=lambda subject: subject.subject_ref)
    delivered = in_order[: len(in_order) // 2]

    def line(subject: Subject, _: int) -> bytes:
        return line_of(subject.subject_ref, number_of[subject.subject_ref])

    first = seal_list_of(store, actor, "2026-11-20", delivered, line_of=line)
    send_list(store, actor, first, "L-2026-11-20-all")
    second = seal_list_of(store, actor, "2026-11-21", in_order, keep=True, line_of=line)
    send_list(store, actor, second, "L-2026-11-21-all")
    target = number_of[in_order[-1].subject_ref]
    return Taken(people, {number_of[each.subject_ref] for each in delivered}, target)


def nino_of(number: int) -> str:
    """The National Insurance number of one of everybody."""
    return f"QQ{number:06d}"


def line_of(subject_ref: str, number: int) -> bytes:
    """The line of a list about one of everybody."""
    return references_under(REFERENCE_KEY)(subject_ref).encode() + _facts_of(number)


def everything_in(connection: Connection, *, but: Collection[Table] = ()) -> frozenset[bytes]:
    """Every run of so many octets in every value of every other table, also where it was written as text."""
    found: set[bytes] = set()
    for table in metadata.sorted_tables:
        if table not in but:
            for row in connection.execute(select(table)):
                for value in row:
                    content = value if isinstance(value, bytes) else str(value).encode()
                    found.update(*map(_windows, (content, *_decoded(content))))
    return frozenset(found)


def guessed(
    everything: frozenset[bytes], guesses: Callable[[int], Iterator[bytes]], among: Collection[int]
) -> set[int]:
    """Return those of whom a guess is found."""
    return {number for number in among if any(guess[:_WINDOW] in everything for guess in guesses(number))}


def thief(taken: Taken, *, secret: bytes = _NO_SECRET) -> Callable[[int], Iterator[bytes]]:
    """Return how the thief guesses that somebody is in the database, or is whom the target row is about."""
    reference = references_under(REFERENCE_KEY)(taken.people[taken.target].subject_ref).encode()

    def guesses(number: int) -> Iterator[bytes]:
        facts, nino = _facts_of(number), nino_of(number).encode()
        line = reference + facts
        blind = index_value(INDEX_KEY, (NINO, nino.decode()))
        yield blind
        yield commitment(secret, AGREEMENT, line)
        yield hashlib.sha256(line).digest()
        yield hashlib.sha256(facts).digest()
        yield hashlib.sha256(nino).digest()
        yield hmac.digest(REFERENCE_KEY, nino, "sha256")
        yield registry_commitment(secret, [(NINO, INDEX_KEY.version, blind)])

    return guesses


def _register(store, actor) -> dict[int, Subject]:
    with store.reading() as connection:
        registry = read_registry(connection, INDEX_KEY)
    with store.writing(actor) as work:
        clues = [[(SOURCE, str(2_000_000 + number)), (NINO, nino_of(number))] for number in KNOWN]
        drawn = iter(range(1_000_000))
        growth = plan_growth(
            registry,
            clues,
            next_batch(work.connection),
            lambda size: hashlib.shake_256(f"drawn {next(drawn)}".encode()).digest(size),
        )
        grow(work, growth, load="LOAD-1")
    return {number: Subject(each.subject_ref, each.secret) for number, each in zip(KNOWN, growth.people, strict=True)}


def _facts_of(number: int) -> bytes:
    surname, forename = _SURNAMES[number % 8], _FORENAMES[number // 8 % 8]
    born = f"19{60 + number % 40}-{1 + number % 12:02d}-{1 + number % 28:02d}"
    return f",A,{surname},{forename},{born},QQ{number:06d}".encode()


def _windows(content: bytes) -> Iterator[bytes]:
    if 0 < len(content) < _WINDOW:
        yield content
    for start in range(len(content) - _WINDOW + 1):
        yield content[start : start + _WINDOW]


def _decoded(content: bytes) -> Iterator[bytes]:
    for digits in _HEX.findall(content):
        yield bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
    for digits in _BASE64.findall(content):
        try:
            yield base64.b64decode(digits + b"=" * (-len(digits) % 4))
        except binascii.Error:
            continue
