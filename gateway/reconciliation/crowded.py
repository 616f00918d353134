"""Leave out what too many people share to say who anybody is: a number, a postcode or a day that is a placeholder.

- A number on more than two different people of one side is nobody's own.
- A postcode or a day of birth of hundreds of the cohort stands for "not known", such as the council's own postcode on
  everybody without an address. It would bring everybody together with everybody, and say nothing.

Pure.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

from gateway.reconciliation.comparable import Comparable

MOST_PEOPLE_OF_A_NUMBER = 2
MOST_PEOPLE_OF_A_VALUE = 300


def without_shared_numbers(side: list[Comparable]) -> list[Comparable]:
    """Return one side without the numbers that stand on more than two different people: nobody's own."""
    shared = _shared_numbers(side)
    return [each._replace(nino=None) if each.nino in shared else each for each in side] if shared else side


def _shared_numbers(side: Sequence[Comparable]) -> set[str]:
    often = {nino for nino, times in Counter(each.nino for each in side).items() if times > MOST_PEOPLE_OF_A_NUMBER}
    people: defaultdict[str, set[tuple[str | None, str | None]]] = defaultdict(set)
    for each in side:
        if each.nino is not None and each.nino in often:
            people[each.nino].add((each.born, each.surname))
    return {nino for nino, different in people.items() if len(different) > MOST_PEOPLE_OF_A_NUMBER}


def without_placeholders(rows: list[Comparable], cohort: list[Comparable]) -> tuple[list[Comparable], list[Comparable]]:
    """Return both sides without the postcodes and days of birth that hundreds of the cohort have."""
    postcodes, days = _crowded([person.postcode for person in cohort]), _crowded([person.born for person in cohort])
    if not (postcodes or days):
        return rows, cohort
    return _without(rows, postcodes, days), _without(cohort, postcodes, days)


def _crowded(values: list[str | None]) -> set[str]:
    counted = Counter(values)
    counted.pop(None, None)
    if max(counted.values(), default=0) <= MOST_PEOPLE_OF_A_VALUE:
        return set()
    return {value for value, people in counted.items() if value and people > MOST_PEOPLE_OF_A_VALUE}


def _without(side: list[Comparable], postcodes: set[str], days: set[str]) -> list[Comparable]:
    return [
        each._replace(
            postcode=None if each.postcode in postcodes else each.postcode,
            born=None if each.born in days else each.born,
        )
        for each in side
    ]
