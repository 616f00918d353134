"""Say whether kin in a cohort are more alike than in a county: then what is nearly the same may be somebody else.

- A slip of the key in a forename is far more frequent than twins whose names differ by a letter, as long as twins are
  as rare as they are in a county. Where many of the cohort share surname, day of birth and postcode with somebody of
  another forename, it no longer is. 1 January is left out: it is what is written where the day is not known.
- A wrong day of birth beside the right number is more frequent than a father's number on the record of his son, as long
  as few sons at home bear the father's name.

Where there are many, such a pair waits for a person (`deciding.py`), whatever it weighs.

Pure: counted in the cohort, never in the list.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from gateway.reconciliation.comparable import Comparable

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


def alike_kin(cohort: Iterable[Comparable]) -> AlikeKin:
    """Return which kin are many."""
    born_with: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    named: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for person in cohort:
        if person.born and person.surname and person.forename and person.postcode and person.born[4:] != "0101":
            born_with[person.surname, person.born, person.postcode].append(person.forename)
            named[person.forename, person.surname, person.postcode].append(int(person.born[:4]))
    people = sum(map(len, born_with.values())) + _EXPECTED_PEOPLE
    twins = sum(len(names) for names in born_with.values() if len(set(names)) > 1)
    namesakes = sum(len(years) for years in named.values() if max(years) - min(years) >= _A_GENERATION)
    return AlikeKin(twins > _MANY_TWINS * people, namesakes > _MANY_NAMESAKES * people)
