"""Find whom an identifier can mean, by the blind index alone.

Loosely on purpose: both for telling a person everything and for holding everybody back who could be meant. An old
number that leads to one reference of a person leads to all that are linked with it; whom no source knows
(handover_people.py) stands for whoever has their number, so that one is found with each of those.
"""

from sqlalchemy import Connection

from gateway.cohort.identifiers import nino_stem
from gateway.services.workplace import Workplace
from gateway.store.linked import linked_to
from gateway.store.registry import NINO, Clue, known_by_number_alone, sharing_a_number, subjects_known_by


def subjects_meant(workplace: Workplace, connection: Connection, clue: Clue) -> list[str]:
    """Return the references of everybody meant: for a National Insurance number, with any suffix and without."""
    kind, value = clue
    values = {value, nino_stem(value)} if kind == NINO else {value}
    key = workplace.keys.index_key()
    found = (subjects_known_by(connection, key, (kind, each)) for each in sorted(values))
    meant = linked_to(connection, [subject for subjects in found for subject in subjects])
    others = [each for each in sharing_a_number(connection, meant) if each not in meant]
    return meant + known_by_number_alone(connection, others)
