"""Decide what each row is: the steps of `linking.py`, over the pairs that were found and weighed.

Each step takes the rows that it decides, and what is left goes on to the next. A row that is decided no longer stands
in another's way; a person who is decided is linked to no other claimant.

Pure: the same pairs give the same decisions.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import inf

from gateway.model.linkage import Duplicate, Field, How, Judged, Linked, Match, Queued, Verdict, WhyQueued
from gateway.reconciliation.alike_kin import alike_kin
from gateway.reconciliation.duplicates import OneClaimant, settle_duplicates
from gateway.reconciliation.levels import BORN_DIFFERS, DIFFERS, EXACT
from gateway.reconciliation.pairs import Pair, Pairs, candidates_of
from gateway.reconciliation.rules import rule_of
from gateway.reconciliation.sides import Sides
from gateway.reconciliation.vetoes import maybe_a_namesake, maybe_a_twin, only_nearly, vetoes_of

_UNDECIDED = frozenset({Verdict.NOT_SURE, Verdict.NEEDS_INFORMATION})


class Deciding:
    """One pass over a list."""

    def __init__(self, sides: Sides, weighed: Iterable[Pair], judged: Sequence[Judged]) -> None:
        self._sides, self._thresholds = sides, sides.model.thresholds
        self._said = {(each.row, each.key): each.verdict for each in judged if sides.holds(each.row, each.key)}
        self._kin = alike_kin(sides.cohort.columns)
        self._referred = {row.row: sides.referred(row) for row in sides.rows}
        pairs = self._with_those_named({(pair.row, pair.key): pair for pair in weighed})
        self._pairs = Pairs(pairs, self._one_claimant(pairs))
        self._matches: dict[int, Match] = {}
        self._queued: dict[int, WhyQueued] = {}
        #: Who is linked already, and to which claimants.
        self._taken: defaultdict[str, set[int]] = defaultdict(set)

    def linked(self) -> Linked:
        """Return what became of every row."""
        for row in self._open():
            self._by_verdict(row)
        for row in self._open():
            self._by_reference(row)
        self._by_rule()
        self._by_weight()
        for row in self._open():
            self._look_at(row)
        return self._result()

    def _with_those_named(self, found: dict[tuple[int, str], Pair]) -> list[Pair]:
        """Return the pairs, with those that a verdict or a reference names, without those that were said to differ."""
        named = [*self._said, *((row, key) for row, keys in self._referred.items() for key in sorted(keys))]
        for row, key in named:
            if (row, key) not in found:
                found[row, key] = self._sides.pair(row, key)
        return [pair for asked, pair in found.items() if self._said.get(asked) is not Verdict.DIFFERENT]

    def _one_claimant(self, pairs: list[Pair]) -> dict[int, int]:
        """Return the rows that are one claimant, each with the first of them."""
        places, rows_of = self._sides.place_of_row, defaultdict[str, list[int]](list)
        for pair in pairs:
            if pair.bits >= self._thresholds.theta:
                rows_of[pair.key].append(places[pair.row])
        sides = self._sides
        first = OneClaimant(sides.compared, sides.model, sides.frequencies).groups(rows_of.values())
        return {sides.rows[place].row: sides.rows[kept].row for place, kept in first.items()}

    def _open(self) -> list[int]:
        return [row.row for row in self._sides.rows if row.row not in self._matches and row.row not in self._queued]

    def _match(self, pair: Pair, how: How) -> None:
        self._matches[pair.row] = Match(pair.row, pair.key, how, pair.evidence)
        self._taken[pair.key].add(self._pairs.claimant(pair.row))

    def _by_verdict(self, row: int) -> None:  # (0)
        pairs = self._pairs.of_row(row)
        same = [pair for pair in pairs if self._said.get((row, pair.key)) is Verdict.SAME]
        if len(same) == 1:
            self._match(same[0], How.VERDICT)
        elif same:
            self._queued[row] = WhyQueued.POINTS_TO_TWO
        elif any(self._said.get((row, pair.key)) in _UNDECIDED for pair in pairs):
            self._queued[row] = WhyQueued.UNDECIDED

    def _by_reference(self, row: int) -> None:  # (1)
        keys = self._referred[row]
        if not keys:
            return
        pairs = [pair for pair in self._pairs.of_row(row) if pair.key in keys]
        if len(keys) > 1:
            self._queued[row] = WhyQueued.POINTS_TO_TWO
        elif pairs and _contradicts(pairs[0]):
            self._queued[row] = WhyQueued.REFERENCE_CONTRADICTED
        elif pairs:
            self._match(pairs[0], How.RECORD_REF)

    def _by_rule(self) -> None:  # (2)
        ruled = {(pair.row, pair.key): how for pair in self._open_pairs() if (how := rule_of(pair.evidence))}
        people, rows = defaultdict[int, set[str]](set), defaultdict[str, set[int]](set)
        for row, key in ruled:
            people[row].add(key)
            rows[key].add(self._pairs.claimant(row))
        for pair in self._open_pairs():
            how = ruled.get((pair.row, pair.key))
            if how and len(people[pair.row]) == len(rows[pair.key]) == 1 and self._free(pair):
                self._match(pair, how)
        for row, keys in people.items():
            if len(keys) > 1:
                self._queued[row] = WhyQueued.POINTS_TO_TWO

    def _by_weight(self) -> None:  # (3)
        likely = [pair for pair in self._open_pairs() if self._likely(pair) and self._free(pair)]
        decided = frozenset(self._matches)
        for pair in likely:
            ahead = min(self._pairs.lead_over_people(pair), self._pairs.lead_over_rows(pair, decided))
            if ahead >= self._thresholds.delta:
                self._match(pair, How.SCORED)

    def _likely(self, pair: Pair) -> bool:
        return pair.bits >= self._needed(pair) and not vetoes_of(pair.evidence)

    def _needed(self, pair: Pair) -> float:
        """Return what a pair must weigh to be linked: infinitely much where kin of this cohort may be as alike."""
        kin = self._kin
        if (kin.twins and maybe_a_twin(pair.evidence)) or (kin.namesakes and maybe_a_namesake(pair.evidence)):
            return inf
        return self._thresholds.theta + (self._thresholds.delta / 2 if only_nearly(pair.evidence) else 0)

    def _open_pairs(self) -> list[Pair]:
        return [pair for row in self._open() for pair in self._pairs.of_row(row)]

    def _free(self, pair: Pair) -> bool:
        return self._taken[pair.key] <= {self._pairs.claimant(pair.row)}

    def _look_at(self, row: int) -> None:  # (4)
        pairs = self._worth_a_look(row)
        if not pairs:
            return
        first = pairs[0]
        if first.bits >= self._thresholds.theta and vetoes_of(first.evidence):
            self._queued[row] = WhyQueued.VETOED
        else:
            sure = first.bits >= self._needed(first)
            self._queued[row] = WhyQueued.NOT_AHEAD if sure else WhyQueued.NOT_SURE_ENOUGH

    def _worth_a_look(self, row: int) -> list[Pair]:
        """Return the row's pairs that a person should see: of somebody who is another row already, only likely ones.

        What is not likely at all is there only because a verdict, a reference or the number names it.
        """
        return [pair for pair in self._pairs.of_row(row) if self._named(pair) or pair.bits >= self._lowest(pair)]

    def _lowest(self, pair: Pair) -> float:
        return self._thresholds.low if self._free(pair) else self._thresholds.theta

    def _named(self, pair: Pair) -> bool:
        if (pair.row, pair.key) in self._said or pair.key in self._referred[pair.row]:
            return True
        return self._free(pair) and pair.evidence.level(Field.NINO).code == EXACT

    def _result(self) -> Linked:
        rows = [row.row for row in self._sides.rows]
        settled = settle_duplicates(rows, self._pairs.claimant, self._matches, self._queued)
        queued = (
            Queued(row, why, candidates_of(self._worth_a_look(row))) for row, why in sorted(settled.queued.items())
        )
        decided = settled.matches.keys() | settled.queued.keys() | settled.duplicates.keys()
        return Linked(
            matches=tuple(match for _, match in sorted(settled.matches.items())),
            queued=tuple(queued),
            unmatched=tuple(row for row in rows if row not in decided),
            duplicates=tuple(Duplicate(row, of) for row, of in sorted(settled.duplicates.items())),
            model=self._sides.model.name,
            model_sha256=self._sides.model.sha256,
        )


def _contradicts(pair: Pair) -> bool:
    differs = {compared for compared, code in pair.evidence.codes if code == DIFFERS}
    return pair.evidence.level(Field.BORN).code in BORN_DIFFERS and bool({Field.SURNAME, Field.FORENAME} & differs)
