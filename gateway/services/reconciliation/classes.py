"""Say of every row of a work-coach list what it is: exactly one class each, so the classes sum to the rows read.

- A row that is a person on the newest list is `on-list`, or `details-differ` where it and the list say different
  things. A person of an earlier list is `left`, with the day of their last list and nothing else.
- A row that may be somebody is `possible` and tells nothing of them. All others are `not-on-list`.
- A difference is named by its field, and only in fields that the agreement tells as they are.
- What is marked of a lead professional is what changed since the list that the recipient holds.

Pure.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from gateway.model.linkage import Linked, Match, Person
from gateway.model.reconciliation import FOUND, AnsweredRow, Counts, LeadMark, RowClass
from gateway.model.work_coach_list import Claimant, WorkCoachList
from gateway.reconciliation.comparable import Reader
from gateway.services.reconciliation.told import DisclosedPerson, Told

#: A field of the agreement, and the column in which the two sides are compared.
_COMPARED = (
    ("surname", "surname"),
    ("forename", "forename"),
    ("date_of_birth", "born"),
    ("nino", "nino"),
    ("postcode", "postcode"),
)
_LEAD = "lead_professional_name"


def answered_rows(
    the_list: WorkCoachList,
    linked: Linked,
    people: Mapping[str, DisclosedPerson],
    exact: frozenset[str],
    reader: Reader,
) -> tuple[AnsweredRow, ...]:
    """Return what every row is, in the order of rows. `exact` names the fields in which a difference is named."""
    claimants = {each.row: each for each in the_list.claimants}
    rows = [
        *(_found(match, claimants[match.row], people[match.key], exact, reader) for match in linked.matches),
        *(AnsweredRow(each.row, RowClass.POSSIBLE, claimants[each.row]) for each in linked.queued),
        *(AnsweredRow(row, RowClass.NOT_ON_LIST, claimants[row]) for row in linked.unmatched),
        *(
            AnsweredRow(each.row, RowClass.DUPLICATE, claimants[each.row], duplicate_of=each.of)
            for each in linked.duplicates
        ),
        *(AnsweredRow(each.row, RowClass.UNREADABLE, flaws=each.reasons) for each in the_list.unreadable),
    ]
    return tuple(sorted(rows, key=lambda each: each.row))


def counts_of(rows: Iterable[AnsweredRow], without: int, rows_read: int) -> Counts:
    """Count the rows by class; `without` is how many people on the list are without a work coach."""
    times = Counter(each.kind for each in rows)
    number = {kind.value.replace("-", "_"): times[kind] for kind in RowClass}
    return Counts(rows_read=rows_read, **number, without_coach=without)


def without_coach(rows: Iterable[AnsweredRow], people: Iterable[DisclosedPerson]) -> tuple[DisclosedPerson, ...]:
    """Return the people on the list for whom no row names a work coach."""
    coached = {
        each.subject_ref
        for each in rows
        if each.kind in FOUND and each.claimant is not None and each.claimant.work_coach
    }
    return tuple(each for each in people if each.is_on_list and each.subject_ref not in coached)


def _found(
    match: Match, claimant: Claimant, person: DisclosedPerson, exact: frozenset[str], reader: Reader
) -> AnsweredRow:
    if not person.is_on_list or person.today is None:
        return AnsweredRow(
            match.row,
            RowClass.LEFT,
            claimant,
            subject_ref=person.subject_ref,
            how=match.how,
            last_list_on=person.window,
        )
    differs = differences(claimant, person.today, exact, reader)
    return AnsweredRow(
        match.row,
        RowClass.DETAILS_DIFFER if differs else RowClass.ON_LIST,
        claimant,
        subject_ref=person.subject_ref,
        how=match.how,
        differs=differs,
        marks=marks_of(person),
        lead=person.lead,
        last_list_on=person.window,
    )


def differences(claimant: Claimant, told: Told, exact: frozenset[str], reader: Reader) -> tuple[str, ...]:
    """Return the fields in which a row and the list say different things; what either does not say is no difference."""
    row = reader.claimant(claimant)
    person = reader.person(_as_told(told))
    return tuple(
        name
        for name, column in _COMPARED
        if name in exact and _both_known_and_different(getattr(row, column), getattr(person, column))
    )


def marks_of(person: DisclosedPerson) -> tuple[LeadMark, ...]:
    """Return what is to be known of the lead professional; nothing where the agreement does not name one."""
    if person.today is None or _LEAD not in person.today:
        return ()
    now, then = person.today[_LEAD], person.lead_then
    if not now:
        return (LeadMark.LEFT,) if then else (LeadMark.MISSING,)
    return (LeadMark.CHANGED,) if then is not None and then != now else ()


def _as_told(told: Told) -> Person:
    born = told.get("date_of_birth", "")
    return Person(
        key="",
        nino=told.get("nino", ""),
        forename=told.get("forename", ""),
        surname=told.get("surname", ""),
        born=date.fromisoformat(born) if len(born) == len("1980-12-31") else None,
        postcode=told.get("postcode", ""),
    )


def _both_known_and_different(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other
