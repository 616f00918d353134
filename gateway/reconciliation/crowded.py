"""Leave out what too many people share to say who anybody is: a number, a postcode or a day that is a placeholder.

- A number on more than two different people of one side is nobody's own.
- A postcode or a day of birth of hundreds of the cohort stands for "not known", such as the council's own postcode on
  everybody without an address. It would bring everybody together with everybody, and say nothing.

Pure.
"""

from collections import Counter, defaultdict

from gateway.reconciliation.columns import Columns

MOST_PEOPLE_OF_A_NUMBER = 2
MOST_PEOPLE_OF_A_VALUE = 300


def without_shared_numbers(side: Columns) -> Columns:
    """Return one side without the numbers that stand on more than two different people: nobody's own."""
    return side._replace(nino=_without(side.nino, _shared_numbers(side)))


def _shared_numbers(side: Columns) -> set[str]:
    often = _oftener(side.nino, MOST_PEOPLE_OF_A_NUMBER)
    people: defaultdict[str, set[tuple[str | None, str | None]]] = defaultdict(set)
    for nino, born, surname in zip(side.nino, side.born, side.surname, strict=True) if often else ():
        if nino is not None and nino in often:
            people[nino].add((born, surname))
    return {nino for nino, different in people.items() if len(different) > MOST_PEOPLE_OF_A_NUMBER}


def without_placeholders(rows: Columns, cohort: Columns) -> tuple[Columns, Columns]:
    """Return both sides without the postcodes and days of birth that hundreds of the cohort have."""
    postcodes, days = (_oftener(values, MOST_PEOPLE_OF_A_VALUE) for values in (cohort.postcode, cohort.born))
    shown, held = (
        side._replace(postcode=_without(side.postcode, postcodes), born=_without(side.born, days))
        for side in (rows, cohort)
    )
    return shown, held


def _oftener(values: list[str | None], most: int) -> set[str]:
    counted = Counter(values)
    counted.pop(None, None)
    if max(counted.values(), default=0) <= most:
        return set()
    return {value for value, times in counted.items() if value is not None and times > most}


def _without(values: list[str | None], gone: set[str]) -> list[str | None]:
    return [None if value in gone else value for value in values] if gone else values
