"""Keep the rows of a county's parts aside, and read them in the order of the whole.

Whole groups are in one part, and each part's rows stand in the order of their content (cohort/build.py). So the order
of all follows from the first thing in a row: the first record of a person, the id of a family, or the person or family
that it hangs on. Keys are given in that order, as if the county had been made at once (law L9).

First the persons and the families are read, each once: what hangs on them is numbered by their keys.
"""

from array import array
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import count
from operator import itemgetter
from typing import Any, NamedTuple

from gateway.cohort.rows import (
    NINO,
    AssessmentRow,
    Cohort,
    EpisodeRow,
    FamilyRow,
    InvolvementRow,
    MembershipRow,
    NeedRow,
    PersonRow,
    PlanRow,
)
from gateway.services.sources.lines_aside import days_in
from gateway.store.aside import Aside, Run
from gateway.store.registry import Met, Registry, Subject

#: Rows of a part that are read at once: all parts are read beside each other.
_AT_ONCE = 64
#: What hangs on a person, and what on a family, by the tables' names.
_ON_PERSONS: dict[str, type[tuple[Any, ...]]] = {"memberships": MembershipRow, "episodes": EpisodeRow}
_ON_FAMILIES: dict[str, type[tuple[Any, ...]]] = {
    "needs": NeedRow,
    "assessments": AssessmentRow,
    "plans": PlanRow,
    "involvements": InvolvementRow,
}
#: Source and id of the first record, then the part, stand before a person's and a family's row.
_BEFORE = 3
_FIRST = itemgetter(0, 1)


class MadePerson(NamedTuple):
    """A person with their key in the whole, who they are to the registry, and their records with the rules of each."""

    row: PersonRow
    met: Met
    records: Sequence[tuple[str, str, str]]


class MadeRows:
    """The rows of all parts."""

    def __init__(self, aside: Aside) -> None:
        self._aside = aside
        self._runs: dict[str, list[Run]] = {name: [] for name in ("persons", "families", *_ON_PERSONS, *_ON_FAMILIES)}
        #: For each part, the keys in the whole by those in the part.
        self._keys: dict[str, list[array[int]]] = {"persons": [], "families": []}
        self.incomplete = 0

    def add(self, cohort: Cohort, registry: Registry) -> None:
        """Put a part's rows aside; `registry` knows what there is to know of its people."""
        part = len(self._runs["persons"])
        self.incomplete += sum(person.incomplete for person in cohort.persons)
        self._put("persons", [_BEFORE + day for day in days_in(PersonRow)], _persons(part, cohort, registry))
        families = ((row.source, row.source_id, part, *row) for row in cohort.families)
        self._put("families", [_BEFORE + day for day in days_in(FamilyRow)], families)
        for name, kind in (_ON_PERSONS | _ON_FAMILIES).items():
            self._put(name, [day - 1 for day in days_in(kind)], (row[1:] for row in getattr(cohort, name)))

    def count_of(self, name: str) -> int:
        """Return how many rows a table has."""
        return sum(map(len, self._runs[name]))

    def persons(self) -> Iterator[MadePerson]:
        """Yield everybody."""
        for key, (row, (records, found, missing, news)) in self._numbered("persons", len(PersonRow._fields)):
            known = tuple([Subject(*subject) for subject in found])
            yield MadePerson(PersonRow(key, *row), Met(known, missing, news), records)

    def families(self) -> Iterator[FamilyRow]:
        """Yield the families."""
        return (FamilyRow(key, *row) for key, (row, _) in self._numbered("families", len(FamilyRow._fields)))

    def hanging(self) -> dict[str, Iterator[tuple[Any, ...]]]:
        """Return the rows of each table that hangs on persons or families, once all of these have been read."""
        persons = {name: self._hanging(name, "persons") for name in _ON_PERSONS}
        return persons | {name: self._hanging(name, "families") for name in _ON_FAMILIES}

    def _put(self, name: str, days: Sequence[int], rows: Iterator[tuple[Any, ...]]) -> None:
        run = Run(self._aside, days, _AT_ONCE)
        run.extend(rows)
        run.finish()
        self._runs[name].append(run)

    def _numbered(self, name: str, width: int) -> Iterator[tuple[int, tuple[tuple[Any, ...], tuple[Any, ...]]]]:
        """Yield each row without its key in the part, with that in the whole, which is noted."""
        keys = self._keys[name] = [array("I", [0]) for _ in self._runs[name]]
        for key, row in zip(count(1), merge(*self._runs[name], key=_FIRST)):
            # In a part, keys go up by one.
            keys[row[_BEFORE - 1]].append(key)
            yield key, (row[_BEFORE + 1 : _BEFORE + width], row[_BEFORE + width :])

    def _hanging(self, name: str, on: str) -> Iterator[tuple[Any, ...]]:
        # Begun only when the first row is asked for: before that there are no keys.
        runs = enumerate(zip(self._runs[name], self._keys[on], strict=True))
        # A membership hangs on two.
        if name == "memberships":
            rekeyed = [_on_both(run, keys, self._keys["families"][part]) for part, (run, keys) in runs]
        else:
            rekeyed = [_on_one(run, keys) for _, (run, keys) in runs]
        yield from ((key, *row) for key, row in enumerate(merge(*rekeyed, key=itemgetter(0)), start=1))


def _on_one(run: Run, keys: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    return ((keys[row[0]], *row[1:]) for row in run)


def _on_both(run: Run, persons: Sequence[int], families: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    return ((persons[row[0]], families[row[1]], *row[2:]) for row in run)


def _persons(part: int, cohort: Cohort, registry: Registry) -> Iterator[tuple[Any, ...]]:
    records = iter(cohort.records)
    for person, clues in zip(cohort.persons, cohort.clues, strict=True):
        found, missing, news = registry.meet(clues)
        own = [next(records) for clue in clues if clue[0] != NINO]
        told = tuple([(source, source_id, rule) for source, source_id, _, rule in own])
        yield (*clues[0], part, *person, told, tuple(map(tuple, found)), missing, news)
