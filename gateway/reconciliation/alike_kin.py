"""Say whether kin in a cohort are more alike than in a county: then what is nearly the same may be somebody else.

- A slip of the key in a forename is far more frequent than twins whose names differ by a letter, as long as twins are
  as rare as they are in a county. Where many of the cohort share surname, day of birth and postcode with somebody of
  another forename, it no longer is. 1 January is left out: it is what is written where the day is not known.
- A wrong day of birth beside the right number is more frequent than a father's number on the record of his son, as long
  as few sons at home bear the father's name.

Where there are many, such a pair waits for a person (`deciding.py`), whatever it weighs.

Pure: counted in the cohort, never in the list.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from gateway.reconciliation.columns import Columns

#: In a county three in a hundred are born twins; that both are grown up, at home and in the cohort is rarer.
_MANY_TWINS = 0.015
#: Fathers and sons, grandmothers and granddaughters.
_MANY_NAMESAKES = 0.025
#: A cohort counts as so many people more, of whom none is alike: a few people show nothing.
_EXPECTED_PEOPLE = 300
_A_GENERATION = 10


class AlikeKin(NamedTuple):
    """Which kin are so many that they must be reckoned with."""

    twins: bool
    #: Of one forename and surname behind one postcode, a generation apart.
    namesakes: bool


def alike_kin(cohort: Columns) -> AlikeKin:
    """Return which kin are many."""
    people = [
        (f"{surname} {postcode}", forename, born)
        for surname, postcode, forename, born in zip(
            cohort.surname, cohort.postcode, cohort.forename, cohort.born, strict=True
        )
        if surname and postcode and forename and born and born[4:] != "0101"
    ]
    born_with = _together([f"{home} {born}" for home, _, born in people])
    named = _together([f"{home} {forename}" for home, forename, _ in people])
    twins = sum(len(group) for group in born_with if len({people[place][1] for place in group}) > 1)
    namesakes = sum(len(group) for group in named if _a_generation([people[place][2] for place in group]))
    counted = len(people) + _EXPECTED_PEOPLE
    return AlikeKin(twins > _MANY_TWINS * counted, namesakes > _MANY_NAMESAKES * counted)


def _a_generation(days: list[str]) -> bool:
    return int(max(days)[:4]) - int(min(days)[:4]) >= _A_GENERATION


def _together(keys: list[str]) -> Iterable[list[int]]:
    """Return the places of each key that is there more than once."""
    often = {key for key, times in Counter(keys).items() if times > 1}
    under: defaultdict[str, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        if key in often:
            under[key].append(place)
    return under.values()
