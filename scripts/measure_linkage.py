#!/usr/bin/env python3
"""Measure how well work-coach lists are linked, on invented populations that nothing was tuned on, and write it down.

    .venv/bin/python scripts/measure_linkage.py [--development] [--out FILE]

Twenty held-out populations of 1,000 rows against about 8,700 people, at half, ordinary and double rates of error. Rows
carry no reference. "With review" supposes an officer who picks the right candidate where it is among those shown.
Held-out figures are to be made once, after rules, thresholds and model stand; --development prints the same of the
populations that may be looked at as often as one likes.
"""

import argparse
import platform
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import exp, lgamma, log
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gateway.model.linkage import Linked
from gateway.reconciliation.linking import link
from gateway.reconciliation.model_file import shipped_model
from gateway.reconciliation.nicknames import parse_nicknames
from scripts.linkage.registers_made import Population, population
from scripts.linkage.seeds import DEVELOPMENT, HELD_OUT, RATES

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs/performance-linkage.md"
ROWS, COHORT = 1000, 8700
#: What the project asks for: wrong links at most, automatic recall, recall with review, share of rows in the queue.
BARS = {1.0: (1, 0.95, 0.997, 0.04), 2.0: (2, 0.90, 0.988, 0.06)}
CONFIDENCE = 0.95
GROUPS = {"By presence of a National Insurance number on both sides": "number", "By whose names they are": "names"}
WITHOUT, WITH = "without", "with"


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


def main() -> None:
    """Measure, and write or print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--development", action="store_true", help="the populations that may be looked at; print only")
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    seeds = DEVELOPMENT if asked.development else HELD_OUT
    page = "\n".join(_page({rate: _measured(seeds, rate) for rate in RATES}, seeds)) + "\n"
    if asked.development:
        print(page)
    else:
        asked.out.write_text(page, encoding="utf-8")


def _measured(seeds: tuple[int, ...], rate: float) -> dict[str, Tally]:
    nicknames = parse_nicknames((ROOT / "config/linkage/nicknames.csv").read_text(encoding="utf-8"))
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    for seed in seeds:
        made = population(seed, rows=ROWS, cohort=COHORT, rate=rate)
        _add(made, link(made.rows, made.people, model=shipped_model(), nicknames=nicknames), tallies)
        print(f"rate {rate}, seed {seed}: {tallies['all'].wrong} wrong so far", file=sys.stderr)
    return tallies


def _add(made: Population, found: Linked, tallies: dict[str, Tally]) -> None:
    matched = {match.row: match for match in found.matches}
    queued = {waiting.row: waiting for waiting in found.queued}
    held = {person.key: person for person in made.people}
    for row in made.rows:
        truth = made.truth.get(row.row)
        number = WITH if row.nino and (truth is None or held[truth].nino) else WITHOUT
        for name in ("all", f"number: {number}", f"names: {made.communities[row.row]}"):
            tally = tallies[name]
            tally.rows += 1
            tally.in_cohort += truth is not None
            if row.row in matched:
                tally.right += matched[row.row].key == truth
                tally.wrong += matched[row.row].key != truth
            elif row.row in queued:
                tally.queued += 1
                tally.shown += truth in {candidate.key for candidate in queued[row.row].candidates}
                tally.why[queued[row.row].why.value] += 1


INTRODUCTION = """# How well work-coach lists are linked

Made by `scripts/measure_linkage.py`; do not edit.

Model `{model}`, SHA-256 `{sha256}`. {populations} invented populations (seeds {first} to {last}) of {rows:,} rows
against about {cohort:,} people, at three rates of error: {all_rows:,} rows at each. Half of the rows are people of the
cohort; three in ten of the others are relatives of people in it. No row carries a reference. Python {python}.

A wrong link is a row that was linked, without anybody looking, to somebody else. Bounds hold with 95 % confidence
(Clopper and Pearson). "With review" supposes that an officer picks the right person where they are among the candidates
shown. The three rates are of the same populations, so their figures do not add up to more.

**One generator, with its own traps: a real list will be worse.** The first two real lists of an office are to be
checked row by row. Where a community has few names and many made-up birthdays, more rows wait for a person; the last
table says by how much.
"""


def _page(found: dict[float, dict[str, Tally]], seeds: tuple[int, ...]) -> Iterator[str]:
    model = shipped_model()
    yield INTRODUCTION.format(
        model=model.name,
        sha256=model.sha256,
        populations=len(seeds),
        first=seeds[0],
        last=seeds[-1],
        rows=ROWS,
        cohort=COHORT,
        all_rows=len(seeds) * ROWS,
        python=platform.python_version(),
    )
    yield "## In all\n"
    yield from _table(found)
    yield "\n## What is asked\n"
    yield from _bars(found)
    for title, kind in GROUPS.items():
        yield f"\n## {title}\n"
        yield from _groups(found, kind)


def _table(found: dict[float, dict[str, Tally]]) -> Iterator[str]:
    columns = [
        "rows",
        "linked",
        "wrong",
        "wrong-at-most",
        "precision-at-least",
        "automatic-recall",
        "with-review",
        "queue",
    ]
    yield f"| errors | {' | '.join(columns).replace('-', ' ')} |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for rate, tallies in found.items():
        tally = tallies["all"]
        linked = tally.right + tally.wrong
        highest = upper_bound(tally.wrong, linked)
        yield (
            f"| {rate}x | {tally.rows:,} | {linked:,} | {tally.wrong} | {highest:.4%} | {1 - highest:.5f}"
            f" | {_with_bounds(tally.right, tally.in_cohort)}"
            f" | {_with_bounds(tally.right + tally.shown, tally.in_cohort)}"
            f" | {tally.queue:.2%} |"
        )


def _with_bounds(seen: int, of: int) -> str:
    return f"{seen / of:.4f} ({1 - upper_bound(of - seen, of):.4f} to {upper_bound(seen, of):.4f})"


def _bars(found: dict[float, dict[str, Tally]]) -> Iterator[str]:
    yield "| errors | wrong | automatic recall | with review | queue | met |"
    yield "|---|---|---|---|---|---|"
    for rate, (wrong, automatic, reviewed, queue) in BARS.items():
        tally = found[rate]["all"]
        met = (
            tally.wrong <= wrong
            and tally.automatic >= automatic
            and tally.reviewed >= reviewed
            and tally.queue <= queue
        )
        yield (
            f"| {rate}x | {tally.wrong} of at most {wrong} | {tally.automatic:.4f} of at least {automatic}"
            f" | {tally.reviewed:.4f} of at least {reviewed} | {tally.queue:.2%} of at most {queue:.0%}"
            f" | {'yes' if met else '**no**'} |"
        )


def _groups(found: dict[float, dict[str, Tally]], kind: str) -> Iterator[str]:
    yield "| | errors | rows | in the cohort | wrong | automatic recall | with review | queue |"
    yield "|---|---|---|---|---|---|---|---|"
    for name in sorted({name for tallies in found.values() for name in tallies if name.startswith(kind)}):
        for rate, tallies in found.items():
            tally = tallies[name]
            yield (
                f"| {name.partition(': ')[2]} | {rate}x | {tally.rows:,} | {tally.in_cohort:,} | {tally.wrong}"
                f" | {tally.automatic:.3f} | {tally.reviewed:.3f} | {tally.queue:.2%} |"
            )


def upper_bound(seen: int, of: int) -> float:
    """Return the largest share of which `seen` of `of` or fewer is not a surprise, two-sided (Clopper and Pearson)."""
    if seen >= of:
        return 1.0
    low, high = seen / of, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(seen, of, middle) > (1 - CONFIDENCE) / 2 else (low, middle)
    return high


def _at_most(seen: int, of: int, share: float) -> float:
    """Return the chance of `seen` or fewer of `of`."""
    if share in {0.0, 1.0}:
        return 1.0 - share
    start = lgamma(of + 1)
    return sum(
        exp(start - lgamma(k + 1) - lgamma(of - k + 1) + k * log(share) + (of - k) * log(1 - share))
        for k in range(seen + 1)
    )


if __name__ == "__main__":
    main()
