"""What became of the rows of a population, counted against the truth.

Pure but for the table of nicknames, which is read once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from gateway.model.linkage import Linked
from gateway.reconciliation.linking import link
from gateway.reconciliation.model_file import shipped_model
from gateway.reconciliation.nicknames import Nicknames, parse_nicknames
from scripts.linkage.bounds import with_bounds
from scripts.linkage.registers_made import Population

ROOT = Path(__file__).resolve().parents[2]
ALL, WITH, WITHOUT, NAMES = "all", "number: with", "number: without", "names: "


@dataclass
class Tally:
    """What became of some rows."""

    rows: int = 0
    in_cohort: int = 0
    right: int = 0
    wrong: int = 0
    queued: int = 0
    shown: int = 0
    why: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Count what another has counted too."""
        self.rows += other.rows
        self.in_cohort += other.in_cohort
        self.right += other.right
        self.wrong += other.wrong
        self.queued += other.queued
        self.shown += other.shown
        self.why += other.why

    @property
    def linked(self) -> int:
        """Return how many rows were linked without a look."""
        return self.right + self.wrong

    @property
    def automatic(self) -> float:
        """Return the share of the people in the cohort who were linked without a look."""
        return self.right / max(self.in_cohort, 1)

    @property
    def reviewed(self) -> float:
        """Return the same with those whom an officer finds among the candidates."""
        return (self.right + self.shown) / max(self.in_cohort, 1)

    @property
    def queue(self) -> float:
        """Return the share of rows that wait for a person."""
        return self.queued / max(self.rows, 1)

    def line(self) -> str:
        """Return the tally as cells of a table."""
        known = f"{with_bounds(self.right, self.in_cohort)} | {self.reviewed:.3f}" if self.in_cohort else "- | -"
        return f"{self.rows:,} | {self.in_cohort:,} | {self.linked:,} | {self.wrong} | {known} | {self.queue:.2%}"


HEADINGS = "rows | in the cohort | linked | wrong | automatic recall | with review | queue"


@cache
def nicknames() -> Nicknames:
    """Return the table of names that the gateway ships."""
    return parse_nicknames((ROOT / "config/linkage/nicknames.csv").read_text(encoding="utf-8"))


def tallied(made: Iterable[Population]) -> dict[str, Tally]:
    """Link every population, and return the tallies of all rows and of each group of them."""
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    for population in made:
        found = link(population.rows, population.people, model=shipped_model(), nicknames=nicknames())
        _add(population, found, tallies)
    return tallies


def _add(made: Population, found: Linked, tallies: dict[str, Tally]) -> None:
    matched = {match.row: match for match in found.matches}
    queued = {waiting.row: waiting for waiting in found.queued}
    for row, names in _groups(made):
        truth = made.truth.get(row)
        for name in names:
            tally = tallies[name]
            tally.rows += 1
            tally.in_cohort += truth is not None
            if row in matched:
                tally.right += matched[row].key == truth
                tally.wrong += matched[row].key != truth
            elif row in queued:
                tally.queued += 1
                tally.shown += truth in {candidate.key for candidate in queued[row].candidates}
                tally.why[queued[row].why.value] += 1


def _groups(made: Population) -> Iterator[tuple[int, tuple[str, str, str]]]:
    """Yield each row with the groups that it belongs to."""
    held = {person.key: person for person in made.people}
    for row in made.rows:
        truth = made.truth.get(row.row)
        number = WITH if row.nino and (truth is None or held[truth].nino) else WITHOUT
        yield row.row, (ALL, number, f"{NAMES}{made.communities[row.row]}")
