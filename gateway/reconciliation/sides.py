"""The two sides of a reconciliation, and how a row or a person is found in them.

Pure.
"""

from collections import defaultdict
from collections.abc import Sequence

from gateway.model.linkage import Person
from gateway.model.work_coach_list import Claimant
from gateway.reconciliation.compared import Compared
from gateway.reconciliation.pairs import Pair
from gateway.reconciliation.weights import Frequencies, Model, weigh


class Sides:
    """The rows of a list and the people of a cohort, in order, as they are and as they are compared."""

    def __init__(
        self,
        *,
        rows: Sequence[Claimant],
        people: Sequence[Person],
        compared: Compared,
        cohort: Compared,
        model: Model,
        frequencies: Frequencies,
    ) -> None:
        self.rows, self.people, self.compared, self.cohort = rows, people, compared, cohort
        self.model, self.frequencies = model, frequencies
        self.place_of_row = {row.row: place for place, row in enumerate(rows)}
        self.place_of_person = {person.key: place for place, person in enumerate(people)}
        if len(self.place_of_row) != len(rows) or len(self.place_of_person) != len(people):
            raise ValueError("a row or a person is there twice")
        self._referred: defaultdict[str, set[str]] = defaultdict(set)
        for person in people:
            for reference in person.record_refs:
                self._referred[reference].add(person.key)

    def holds(self, row: int, key: str) -> bool:
        """Say whether both the row and the person are there."""
        return row in self.place_of_row and key in self.place_of_person

    def pair(self, row: int, key: str) -> Pair:
        """Return a row and a person with what speaks for it."""
        one, other = self.compared[self.place_of_row[row]], self.cohort[self.place_of_person[key]]
        return Pair(row, key, weigh(one, other, self.model, self.frequencies, self.model.prior(len(self.people))))

    def referred(self, row: Claimant) -> set[str]:
        """Return the people to whom the reference on a row was given: none, one, or by a fault two."""
        return self._referred.get(row.record_ref.strip(), set()) if row.record_ref.strip() else set()
