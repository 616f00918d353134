"""Which forenames people bear, beside those of the table: what several people of the cohort are called is a name.

One letter between two names is two people, between a name and what is none a slip of a key (`levels_of_names.py`). No
table holds the names of every community; the cohort does.

Pure: counted in the cohort, never in the list.
"""

from collections import Counter

from gateway.reconciliation.comparable import Comparable

#: One may be a slip of a key; the same slip twice is rare.
_PEOPLE_OF_A_NAME = 2


def with_known_names(rows: list[Comparable], cohort: list[Comparable]) -> tuple[list[Comparable], list[Comparable]]:
    """Return both sides, knowing the names of the cohort."""
    counted = Counter(person.forename for person in cohort)
    names = {name for name, people in counted.items() if name and people >= _PEOPLE_OF_A_NAME}
    return _knowing(rows, names), _knowing(cohort, names)


def _knowing(side: list[Comparable], names: set[str]) -> list[Comparable]:
    return [each if each.known or each.forename not in names else each._replace(known=True) for each in side]
