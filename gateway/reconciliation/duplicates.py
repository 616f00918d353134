"""Find the rows of a list that are one claimant, who may stand in it twice under two work coaches.

Two rows are one claimant by the same measure as a row and a person are: heavy enough, and nothing vetoes it. Twins on
one list are two claimants.

Pure: what is compared are the rows alone, so that it says nothing about who is in the cohort.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from gateway.model.linkage import How, Match, WhyQueued
from gateway.reconciliation.comparable import Comparable
from gateway.reconciliation.vetoes import vetoes_of
from gateway.reconciliation.weights import Frequencies, Model, weigh

#: A group that shares one key and is larger than this is no group of duplicates, but a value that many people share.
_LARGEST_GROUP = 30


class OneClaimant:
    """Says which rows, by their places in the list, are one claimant."""

    def __init__(self, rows: Sequence[Comparable], model: Model, frequencies: Frequencies) -> None:
        self._rows, self._model, self._frequencies = rows, model, frequencies
        self._prior = model.prior(len(rows))

    def groups(self, sharing: Iterable[Sequence[int]] = ()) -> dict[int, int]:
        """Return, for each place that is one claimant with another, the first place of that claimant.

        `sharing` are places that fit one person; they are compared beside those that share a number, or a name and a
        day of birth. Rows that say the very same are compared once, however many there are.
        """
        alike: dict[Comparable, int] = {}
        spoken_for = [alike.setdefault(row, place) for place, row in enumerate(self._rows)]
        groups = [*self._likely(), *sharing]
        distinct = (sorted({spoken_for[place] for place in group}) for group in groups)
        pairs = {pair for group in distinct if len(group) <= _LARGEST_GROUP for pair in combinations(group, 2)}
        joined = _Joined()
        for one, other in sorted(pairs):
            # Two that are one claimant by way of a third need not be compared.
            if joined.first(one) != joined.first(other) and self._same(one, other):
                joined.join(one, other)
        first = joined.all()
        for place, speaker in enumerate(spoken_for):
            if place != speaker and (speaker in first or self._same(speaker, place)):
                first[place] = first.setdefault(speaker, speaker)
        return first

    def _likely(self) -> Iterator[list[int]]:
        groups: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
        for place, row in enumerate(self._rows):
            if row.nino:
                groups["nino", row.nino, ""].append(place)
            if row.born:
                groups["surname", row.born, row.surname or ""].append(place)
                groups["forename", row.born, row.forename or ""].append(place)
        return (group for group in groups.values() if len(group) > 1)

    def _same(self, one: int, other: int) -> bool:
        evidence = weigh(self._rows[one], self._rows[other], self._model, self._frequencies, self._prior)
        return evidence.bits >= self._model.thresholds.theta and not vetoes_of(evidence)


class _Joined:
    """Places that are one with others: each points to an earlier one of its group, the first of a group to itself."""

    def __init__(self) -> None:
        self._earlier: dict[int, int] = {}

    def first(self, place: int) -> int:
        """Return the first place of a group; the place itself where it is joined with none."""
        earlier = self._earlier
        while (before := earlier.get(place, place)) != place:
            # Whoever asks next has half as far to go.
            earlier[place] = earlier[before]
            place = before
        return place

    def join(self, one: int, other: int) -> None:
        """Make one group of two."""
        first, later = sorted((self.first(one), self.first(other)))
        self._earlier[first] = self._earlier[later] = first

    def all(self) -> dict[int, int]:
        """Return the first place of everyone who is joined with another."""
        return {place: self.first(place) for place in self._earlier}


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of the rows, when those that are said again are set apart."""

    matches: dict[int, Match]
    queued: dict[int, WhyQueued]
    #: Each row that says again what another says, and that other.
    duplicates: dict[int, int]


_STRENGTH = {how: place for place, how in enumerate(How)}
#: An officer asked for these two: they are not folded into another row.
_ASKED_FOR = frozenset({WhyQueued.UNDECIDED, WhyQueued.REFERENCE_CONTRADICTED})


def settle_duplicates(
    rows: Sequence[int],
    claimant: Callable[[int], int],
    matches: Mapping[int, Match],
    queued: Mapping[int, WhyQueued],
) -> Settled:
    """Return the rows with one row for each claimant; the others point to it.

    The one is the row that is matched most strongly, else the first that waits, else the first. One claimant whose
    rows were matched with two people waits for a person to look at it.
    """
    settled = Settled(dict(matches), dict(queued), {})
    for group in _groups(rows, claimant, matches):
        found = sorted((matches[row] for row in group if row in matches), key=_strength)
        if len({match.key for match in found}) > 1:
            settled.queued.update(dict.fromkeys([match.row for match in found], WhyQueued.POINTS_TO_TWO))
            _forget(settled.matches, settled.queued)
            continue
        kept = found[0].row if found else next((row for row in group if row in queued), group[0])
        for row in group:
            if row != kept and queued.get(row) not in _ASKED_FOR:
                settled.duplicates[row] = kept
    _forget(settled.matches, settled.duplicates)
    _forget(settled.queued, settled.duplicates)
    return settled


def _groups(rows: Sequence[int], claimant: Callable[[int], int], matches: Mapping[int, Match]) -> list[list[int]]:
    """Return the rows of each claimant who stands there more than once; rows of one person are one claimant too."""
    first_of: dict[str, int] = {}
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows:
        name = claimant(row)
        if row in matches:
            name = first_of.setdefault(matches[row].key, name)
        groups[name].append(row)
    return [group for group in groups.values() if len(group) > 1]


def _strength(match: Match) -> tuple[int, float, int]:
    return _STRENGTH[match.how], -match.evidence.bits, match.row


def _forget(rows: dict[int, Match] | dict[int, WhyQueued], gone: Iterable[int]) -> None:
    for row in gone:
        rows.pop(row, None)
