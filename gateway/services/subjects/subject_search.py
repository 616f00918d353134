"""Find whom an identifier can mean, by the blind index alone.

Loosely on purpose: both for telling a person everything and for holding everybody back who could be meant. An old
number that leads to one reference of a person leads to all that are linked with it; whom no source knows
(handover_people.py) stands for whoever has their number, so that one is found with each of those. Where one person
alone may be meant, an identifier that leads to several is refused.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from gateway.cohort.identifiers import nino_stem
from gateway.errors import SubjectAmbiguous, SubjectUnknown
from gateway.services.workplace import Workplace
from gateway.store.blind_index import NINO, Clue
from gateway.store.linked import linked_to
from gateway.store.registry import known_by_number_alone, sharing_a_number, subjects_known_by


def subjects_meant(workplace: Workplace, connection: Connection, clue: Clue) -> list[str]:
    """Return the references of everybody meant: for a National Insurance number, with any suffix and without."""
    kind, value = clue
    values = {value, nino_stem(value)} if kind == NINO else {value}
    key = workplace.keys.index_key()
    found = (subjects_known_by(connection, key, (kind, each)) for each in sorted(values))
    meant = linked_to(connection, [subject for subjects in found for subject in subjects])
    others = [each for each in sharing_a_number(connection, meant) if each not in meant]
    return meant + known_by_number_alone(connection, others)


def one_person(connection: Connection, meant: Sequence[str]) -> str:
    """Return the reference that stands for the one person meant. Raises SubjectUnknown or SubjectAmbiguous."""
    if not meant:
        raise SubjectUnknown("the registry knows nobody by that identifier")
    by_number = known_by_number_alone(connection, meant)
    known = [each for each in meant if each not in by_number] or list(meant)
    if not set(known) <= set(everybody_behind(connection, known[0])):
        raise SubjectAmbiguous("the identifier leads to more than one person")
    return known[0]


def everybody_behind(connection: Connection, subject_ref: str) -> list[str]:
    """Return every reference of one person: those linked, and those known by a number that nobody else has."""
    linked = linked_to(connection, [subject_ref]) or [subject_ref]
    others = [each for each in sharing_a_number(connection, linked) if each not in linked]
    alone = known_by_number_alone(connection, others)
    return linked + [each for each in alone if set(sharing_a_number(connection, [each])) <= {*linked, *alone}]
