"""Recognise a forgotten person in a later extract without holding an identifier of theirs, and hold them back.

- A tombstone is a set of marks: keyed hashes of all by which flags go on from one record to another that could be the
  same person (cohort/traits.py), and of the sources' own ids. The key lies in a file of its own and makes nothing else,
  so that whoever has the database and every other key can try nobody against it.
- It recognises as loosely as flags reach (law L3): a twin, or a namesake born on the same day, is held too.
- Whoever is recognised gets a hold under the case of the forgetting, and from there holds spread as always.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, select

from gateway.cohort.gathered import Gathered, Handle
from gateway.cohort.rows import Clue
from gateway.cohort.traits import SAME_PERSON, numbers_of, places_of, traits_of
from gateway.ledger.forgotten import marks_in, trait_mark
from gateway.services.subjects.hold_reach import as_record, keep_hold
from gateway.store.forgets import Forget, people_kept, records_kept
from gateway.store.registry import Subject
from gateway.store.tables import holds
from gateway.store.work import Work

#: Why somebody is held whom a tombstone recognised. Stored.
FORGOTTEN = "forgotten"
_RECORD = "record"
#: The case under which each recognised record is held back.
Recognised = Mapping[Handle, str]


def tombstone_of(key: bytes, connection: Connection, subject_refs: Sequence[str], as_at: date) -> bytes:
    """Return the marks of everything that the kept snapshots hold of the subjects; empty where they hold nothing."""
    people = Gathered(persons=[as_record(row) for row in people_kept(connection, subject_refs)])
    traits = {trait for _, trait in _traits(people, as_at) if trait[0] in SAME_PERSON}
    records = {(_RECORD, *handle) for handle in records_kept(connection, subject_refs)}
    return b"".join(sorted(trait_mark(key, trait) for trait in traits | records))


def recognise(key: bytes, forgotten: Iterable[Forget], gathered: Gathered, as_at: date) -> Recognised:
    """Return the records of a load by which a forgotten person is recognised."""
    case_of = {mark: each.case_reference for each in forgotten for mark in marks_in(each.tombstone or b"")}
    found: dict[Handle, str] = {}
    for handle, trait in _traits(gathered, as_at):
        case = case_of.get(trait_mark(key, trait))
        if case is not None:
            found[handle] = case
    return found


def hold_recognised(
    work: Work, recognised: Recognised, clues: Iterable[Sequence[Clue]], subjects: Iterable[Subject]
) -> int:
    """Hold back every person of a load who has a recognised record; return how many holds were placed."""
    if not recognised:
        return 0
    standing = select(holds.c.subject_ref).where(holds.c.lifted_at.is_(None), holds.c.reason == FORGOTTEN)
    held, placed = set(work.connection.execute(standing).scalars()), 0
    for known, subject in zip(clues, subjects, strict=True):
        cases = sorted({recognised[clue] for clue in known if clue in recognised})
        if cases and subject.subject_ref not in held:
            keep_hold(work, subject.subject_ref, FORGOTTEN, cases[0])
            placed += 1
    return placed


def _traits(gathered: Gathered, as_at: date) -> Iterator[tuple[Handle, tuple[str, ...]]]:
    for traits in traits_of(gathered, numbers_of(gathered, as_at), places_of(gathered, as_at)):
        yield traits.handle, (_RECORD, *traits.handle)
        yield from ((traits.handle, key) for key in traits.loose_keys)
