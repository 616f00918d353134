#!/usr/bin/env python3
"""Make the shipped linkage model from invented populations whose truth is known.

    .venv/bin/python scripts/train_linkage.py [--check]

m is counted over the pairs that are one person, u over pairs drawn at random, at half, ordinary and double rates of
error alike. No weight may go beyond what a county can bear out: an invented population never holds the case that is
missing from it. The file and its hash are written down; with --check nothing is written, and a difference is an error.
"""

import argparse
import json
import re
import sys
from collections import Counter
from hashlib import sha256
from itertools import product
from math import log2, sqrt
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gateway.reconciliation.comparable import Comparable
from gateway.reconciliation.fields import COMPARED
from gateway.reconciliation.levels import EXACT, FieldRules
from gateway.reconciliation.levels_of_names import NEARLY_SWAPPED, SWAPPED
from gateway.reconciliation.linking import compared_sides
from gateway.reconciliation.model_file import SHIPPED
from gateway.reconciliation.nicknames import Nicknames, parse_nicknames
from scripts.linkage.registers_made import Population, population
from scripts.linkage.seeds import RATES, TRAINING

ROOT = Path(__file__).resolve().parents[1]
MADE_ON = "2026-11-22"
ROWS, COHORT, RANDOM_PAIRS = 2000, 8700, 40_000
#: Bits beyond which no level weighs, whatever the invented people say.
HEAVIEST, LIGHTEST = 14.0, -8.0
#: What agrees here agrees with the postcode or the forename too, or is in few lists: it may add, not decide.
BOUNDS = {"address": (3.0, -2.0), "middle": (4.0, -3.0), "postcode": (10.0, -4.0)}
#: As if every level had been seen so often among so many.
SEEN, AMONG = 0.5, 1.0
THRESHOLDS = {"theta": round(log2(99), 4), "delta": round(log2(100), 4), "low": round(log2(1 / 99), 4)}
COMMONNESS = {
    "born": {"expected_people": 20_000, "rarest": 0.0001},
    "postcode": {"expected_people": 1000, "rarest": 0.001},
    "forename": {"expected_people": 1000, "rarest": 0.0005},
    "surname": {"expected_people": 1000, "rarest": 0.0002},
}
MODEL = ROOT / "gateway/reconciliation/models" / f"{SHIPPED}.json"
LOADER = ROOT / "gateway/reconciliation/model_file.py"


def main() -> None:
    """Train, and write or compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the file differs")
    check = parser.parse_args().check
    content = _content().encode()
    digest = sha256(content).hexdigest()
    if check:
        sys.exit(0 if MODEL.read_bytes() == content else "the shipped model is not what this script makes")
    MODEL.write_bytes(content)
    loader = LOADER.read_text(encoding="utf-8")
    LOADER.write_text(re.sub(r'SHIPPED_SHA256 = "\w*"', f'SHIPPED_SHA256 = "{digest}"', loader), encoding="utf-8")
    print(digest)


def _content() -> str:
    same, different = _counted()
    chances = {rules.field.value: _chances(rules, same, different) for rules in COMPARED}
    model = {
        "id": SHIPPED,
        "made_on": MADE_ON,
        "trained_on": f"{len(TRAINING) * len(RATES)} invented populations of {COHORT} people and {ROWS} rows"
        f" at error rates {', '.join(map(str, RATES))}: scripts/train_linkage.py, scripts/linkage",
        "seeds": list(TRAINING),
        "expected_share": 0.4,
        "smallest_cohort": 4096,
        "chances": chances,
        "commonness": COMMONNESS,
        "thresholds": THRESHOLDS,
    }
    return json.dumps(model, indent=1) + "\n"


def _counted() -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    nicknames = parse_nicknames((ROOT / "config/linkage/nicknames.csv").read_text(encoding="utf-8"))
    same: Counter[tuple[str, str]] = Counter()
    different: Counter[tuple[str, str]] = Counter()
    for seed, rate in product(TRAINING, RATES):
        made = population(seed, rows=ROWS, cohort=COHORT, rate=rate)
        _count(made, nicknames, Random(seed), same, different)
    return same, different


def _count(
    made: Population,
    nicknames: Nicknames,
    dice: Random,
    same: Counter[tuple[str, str]],
    different: Counter[tuple[str, str]],
) -> None:
    rows, people = compared_sides(made.rows, made.people, nicknames)
    place = {person.key: number for number, person in enumerate(made.people)}
    for claimant, row in zip(made.rows, rows, strict=True):
        if claimant.row in made.truth:
            _add(row, people[place[made.truth[claimant.row]]], same)
    for _ in range(RANDOM_PAIRS):
        number, person = dice.randrange(len(rows)), dice.randrange(len(people))
        if made.truth.get(made.rows[number].row) != made.people[person].key:
            _add(rows[number], people[person], different)


def _add(row: Comparable, person: Comparable, counted: Counter[tuple[str, str]]) -> None:
    for rules in COMPARED:
        counted[rules.field.value, rules.level_of(row, person)] += 1


def _chances(
    rules: FieldRules, same: Counter[tuple[str, str]], different: Counter[tuple[str, str]]
) -> dict[str, dict[str, float]]:
    bounds = BOUNDS.get(rules.field.value, (HEAVIEST, LIGHTEST))
    found = {code: _bounded(_share(rules, code, same), _share(rules, code, different), *bounds) for code in rules.codes}
    for level in {SWAPPED, NEARLY_SWAPPED} & set(rules.levels):
        found[level.code] = _one_of_two(found[level.code], found[EXACT])
    return found


def _one_of_two(swapped: dict[str, float], exact: dict[str, float]) -> dict[str, float]:
    """Return what each of two names weighs that stand in each other's place.

    That they do is seen in both fields and happened once, so each field takes the root of its chance; and each name
    agrees as often by chance as it does in its own place.
    """
    return {"m": float(f"{sqrt(swapped['m']):.6g}"), "u": exact["u"]}


def _share(rules: FieldRules, code: str, counted: Counter[tuple[str, str]]) -> float:
    known = sum(counted[rules.field.value, each] for each in rules.codes)
    return (counted[rules.field.value, code] + SEEN) / (known + AMONG)


def _bounded(m: float, u: float, heaviest: float, lightest: float) -> dict[str, float]:
    u = max(u, m / 2**heaviest)
    m = max(m, u * 2**lightest)
    return {"m": float(f"{m:.6g}"), "u": float(f"{u:.6g}")}


if __name__ == "__main__":
    main()
