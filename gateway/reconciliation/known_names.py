"""Which forenames people bear, beside those of the table: what several people of the cohort are called is a name.

One letter between two names is two people, between a name and what is none a slip of a key (`levels_of_names.py`). No
table holds the names of every community; the cohort does.

Pure: counted in the cohort, never in the list.
"""

from collections import Counter

from gateway.reconciliation.columns import Columns

#: One may be a slip of a key; the same slip twice is rare.
_PEOPLE_OF_A_NAME = 2


def known_names(cohort: Columns) -> frozenset[str]:
    """Return the forenames that several of a cohort bear."""
    counted = Counter(cohort.forename)
    return frozenset(name for name, people in counted.items() if name and people >= _PEOPLE_OF_A_NAME)
