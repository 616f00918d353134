"""Answer a work-coach list from those who were disclosed to its sender, and from nobody else (law L11).

Everything that a Jobcentre is told is worked out here: classes, counts, marks, and who waits to be looked at by them.
The one source is the views in store/disclosed.py; no module that this one imports can read anybody else, which
setup.cfg holds. How common a name is, is counted among those people too: even a weight says nothing of the others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from gateway.model.agreement import Agreement
from gateway.model.linkage import Judged, Linked, Person, Queued
from gateway.model.reconciliation import AnsweredRow, Counts
from gateway.model.work_coach_list import Claimant, WorkCoachList
from gateway.services.reconciliation.classes import answered_rows, counts_of, without_coach
from gateway.services.reconciliation.marks import Marks
from gateway.services.reconciliation.standing_verdicts import judged_rows
from gateway.services.reconciliation.told import DisclosedPerson, people_told, references_of, told_exactly
from gateway.store.disclosed import TodayLine, disclosed_people, verdicts_about

#: Holds rows against people: gateway/reconciliation.
Link = Callable[[Sequence[Claimant], Sequence[Person], Sequence[Judged]], Linked]


@dataclass(frozen=True, slots=True)
class Question:
    """A list, and under what it is answered. `reference` gives what the partner calls a person.

    `today` is what a list made now would tell, of people who were disclosed already.
    """

    agreement: Agreement
    part: str
    the_list: WorkCoachList = field(repr=False)
    marks: Marks
    reference: Callable[[str], str]
    link: Link
    today: Mapping[str, TodayLine] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a list was answered: its rows, the people on the list, and the rows that a person has to look at.

    `without_coach` are those of the people whom no row is about that names a work coach.
    """

    rows: tuple[AnsweredRow, ...] = field(repr=False)
    counts: Counts
    people: dict[str, DisclosedPerson] = field(repr=False)
    without_coach: tuple[DisclosedPerson, ...] = field(repr=False)
    queued: tuple[Queued, ...] = field(repr=False)
    model: str
    model_sha256: str


def answer_list(connection: Connection, question: Question) -> Answer:
    """Return the answer."""
    the_list, marks = question.the_list, question.marks
    people = {each.subject_ref: each for each in _people(connection, question)}
    persons = {key: each.person for key, each in people.items()}
    row_marks = [marks.of_row(claimant) for claimant in the_list.claimants]
    verdicts = verdicts_about(connection, question.agreement.agreement_id, row_marks)
    judged = judged_rows(the_list.claimants, persons, verdicts, marks)
    linked = question.link(the_list.claimants, list(persons.values()), judged)
    answered = answered_rows(the_list, linked, people, told_exactly(question.agreement), marks.reader)
    alone = without_coach(answered, people.values())
    return Answer(
        rows=answered,
        counts=counts_of(answered, len(alone), the_list.rows_read),
        people=people,
        without_coach=alone,
        queued=linked.queued,
        model=linked.model,
        model_sha256=linked.model_sha256,
    )


def _people(connection: Connection, question: Question) -> list[DisclosedPerson]:
    """Return everybody who was disclosed; what the view says of them is needed no longer then."""
    rows = disclosed_people(connection, question.agreement.agreement_id, question.part, question.today)
    return people_told(rows, question.agreement, references_of(rows, question.reference))
