"""Link the rows of a work-coach list to people, in this order, and say of every row what became of it.

(0) What an officer has said: "same" decides; "different" is never linked; anything else waits for a person.
(1) The reference that we gave: it decides alone, unless the day of birth and a name both contradict it.
(2) Rules that need no weighing, where they are unique both ways.
(3) Weight: enough of it (theta), ahead of every other person and every other row (delta), and no veto.
(4) What is possible and not decided waits in the queue; everything else is not matched.

A row that says again what another says is a duplicate. Every row stands in exactly one of the four results.
The same inputs give the same result, in whatever order they come.

Pure but for `splink_scoring.py`, which finds and weighs the pairs in memory.
"""

from collections.abc import Callable, Iterable, Sequence

from gateway.model.linkage import Judged, Linked, Person
from gateway.model.work_coach_list import Claimant
from gateway.reconciliation.comparable import Reader
from gateway.reconciliation.compared import Compared
from gateway.reconciliation.crowded import without_placeholders, without_shared_numbers
from gateway.reconciliation.deciding import Deciding
from gateway.reconciliation.known_names import known_names
from gateway.reconciliation.nicknames import Nicknames
from gateway.reconciliation.pairs import Pair
from gateway.reconciliation.sides import Sides
from gateway.reconciliation.splink_scoring import Scored, score
from gateway.reconciliation.weights import Frequencies, Model, frequencies_of

Scorer = Callable[[Compared, Compared, Model, Frequencies], list[Scored]]


def link(
    claimants: Iterable[Claimant],
    people: Iterable[Person],
    *,
    model: Model,
    nicknames: Nicknames,
    judged: Sequence[Judged] = (),
    scorer: Scorer = score,
) -> Linked:
    """Return what became of every row. Raises ValueError when a row or a person's key is there twice.

    `scorer` finds and weighs the pairs; any that weighs as `weights.weigh` does gives the same result.
    """
    rows, persons = sorted(claimants, key=lambda row: row.row), sorted(people, key=lambda person: person.key)
    compared, cohort = compared_sides(rows, persons, nicknames)
    frequencies = frequencies_of(cohort.columns, model)
    sides = Sides(rows=rows, people=persons, compared=compared, cohort=cohort, model=model, frequencies=frequencies)
    weighed = (
        Pair(rows[found.row].row, persons[found.person].key, found.evidence)
        for found in scorer(compared, cohort, model, frequencies)
    )
    return Deciding(sides, weighed, judged).linked()


def compared_sides(
    rows: Sequence[Claimant], people: Sequence[Person], nicknames: Nicknames
) -> tuple[Compared, Compared]:
    """Return a list and a cohort in the form in which they are compared."""
    reader = Reader(nicknames)
    shown, held = without_placeholders(
        without_shared_numbers(reader.rows(rows)), without_shared_numbers(reader.people(people))
    )
    names = known_names(held)
    return (
        Compared(shown, lambda place, kept: reader.claimant(rows[place], kept), names),
        Compared(held, lambda place, kept: reader.person(people[place], kept), names),
    )
