"""Count the people on lists in question, once each, and the children by their age on the first day of theirs.

A date of birth comes from any snapshot that is kept, else from the line that was kept with the disclosure, where the
agreement keeps them and the registry has not forgotten the person. Whose age nobody can tell any more is counted
apart.
"""

import csv
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from gateway.agreements.kept_document import KeptDocument, read_kept_document
from gateway.ledger.evidence import open_line
from gateway.model.fields import Transform, columns_of
from gateway.model.time import age_on
from gateway.services.breach.breach_scope import SealedFile
from gateway.store.breach import KeptLine, PersonOnLists, kept_lines, people_of

ADULT = 18
#: A date of birth that tells an age: as it is, not the year alone.
_BIRTH = ("date_of_birth", Transform.AS_IS)


@dataclass(frozen=True, slots=True)
class PeopleInQuestion:
    """How many people, counted once each. `protected` have a flag or a hold today, of those whom it is known of."""

    people: int
    adults: int
    children: int
    age_not_known: int
    protected: int
    protection_not_known: int


def people_in_question(
    connection: Connection, left: Sequence[SealedFile], answers: Sequence[str] = ()
) -> PeopleInQuestion:
    """Count everybody on the lists, and whom answers to work-coach lists told of."""
    people = list(people_of(connection, [each.file.list_id for each in left], answers))
    born = _born_by_lines(connection, left, {person.subject_ref for person in people if person.born_on is None})
    return _counted(people, born)


def _counted(people: Sequence[PersonOnLists], born: Mapping[str, date]) -> PeopleInQuestion:
    ages = [_age(person, born) for person in people]
    return PeopleInQuestion(
        people=len(people),
        adults=sum(age is not None and age >= ADULT for age in ages),
        children=sum(age is not None and age < ADULT for age in ages),
        age_not_known=ages.count(None),
        protected=sum(person.is_held or bool(person.flags) for person in people),
        protection_not_known=sum(person.flags is None and not person.is_held for person in people),
    )


def _age(person: PersonOnLists, born: Mapping[str, date]) -> int | None:
    born_on = person.born_on or born.get(person.subject_ref)
    return None if born_on is None else age_on(born_on, date.fromisoformat(person.first_window))


def _born_by_lines(connection: Connection, left: Sequence[SealedFile], wanted: AbstractSet[str]) -> dict[str, date]:
    """Return dates of birth from the lines that were kept, of people whom no snapshot has any more."""
    found: dict[str, date] = {}
    for each in left if wanted else ():
        words = read_kept_document(each.file.document, each.file.agreement_id)
        if _BIRTH not in words.fields:
            continue
        for subject_ref, line in kept_lines(connection, each.file.list_id):
            if subject_ref in wanted and (born_on := _born_on(line, words)):
                found[subject_ref] = born_on
    return found


def _born_on(line: KeptLine, words: KeptDocument) -> date | None:
    """Return the date of birth in a line, if its list carried one."""
    names = columns_of((name for name, _ in words.fields), line.fields)
    opened = open_line(line.secret, line.list_reference, line.position, line.line_sealed).decode()
    cells = dict(zip(names, next(csv.reader([opened], strict=True)), strict=True))
    day = cells.get(_BIRTH[0])
    return date.fromisoformat(day) if day else None
