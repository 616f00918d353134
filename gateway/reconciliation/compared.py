"""One side of a reconciliation as it is compared: five columns of everybody, and each one whole when it is asked for.

Few people of a cohort are a candidate for any row, and reading a name whole takes ten times as long as reading what
everybody is counted and found by. What is counted is counted in the columns; what a pair says is read of its two sides.

Pure.
"""

from collections.abc import Callable, Sequence
from typing import overload

from gateway.reconciliation.columns import Columns
from gateway.reconciliation.comparable import Comparable, Kept


class Compared(Sequence[Comparable]):
    """A side: `columns` hold what is left of it when placeholders are gone, `whole` reads the one at a place."""

    def __init__(self, columns: Columns, whole: Callable[[int, Kept], Comparable], names: frozenset[str]) -> None:
        """`names` are the forenames that several of the cohort bear."""
        self.columns = columns
        self._whole, self._names = whole, names
        self._read: dict[int, Comparable] = {}

    def __len__(self) -> int:
        """Return how many they are."""
        return len(self.columns.nino)

    @overload
    def __getitem__(self, place: int) -> Comparable: ...

    @overload
    def __getitem__(self, place: slice) -> list[Comparable]: ...

    def __getitem__(self, place: int | slice) -> Comparable | list[Comparable]:
        """Return the one at a place, or those at some."""
        if isinstance(place, slice):
            return [self._at(each) for each in range(*place.indices(len(self)))]
        return self._at(range(len(self))[place])

    def _at(self, place: int) -> Comparable:
        read = self._read.get(place)
        if read is None:
            columns = self.columns
            read = self._whole(place, Kept(columns.nino[place], columns.born[place], columns.postcode[place]))
            if not read.known and read.forename in self._names:
                read = read._replace(known=True)
            self._read[place] = read
        return read
