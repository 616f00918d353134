"""Edge: rows put aside until they are needed again, so that memory holds a few of them however many there are.

- They lie in a file without a name: when the process ends, however it ends, nothing leads to them any more.
- Each block of them is encrypted and authenticated under a key that only this process has, in its memory (law L8).
- Rows are plain: text, whole numbers, truth values, bytes, days, None, and tuples of these other than days.

Rows are written a column at a time, days as numbers: several times quicker than one by one.
"""

import marshal
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import StoreError

KEY_BYTES = 32
_NONCE_BYTES = 12
#: Rows written at once. Many runs are read beside each other, with this many rows of each in memory.
AT_ONCE = 256

Row = Sequence[Any]
T = TypeVar("T")


class _Place(NamedTuple):
    """Where a block lies; its number is its nonce, and never comes twice under one key."""

    number: int
    offset: int
    length: int


class Aside:
    """The file. `key` must have been drawn for it alone. Raises StoreError where the disk does not take or give it."""

    def __init__(self, folder: Path, key: bytes) -> None:
        with _our_errors():
            self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - closed where it was entered
        self._cipher = AESGCM(key)
        self._number = self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._file.close()

    def put(self, content: bytes) -> _Place:
        """Put a block aside."""
        hidden = self._cipher.encrypt(_nonce(self._number), content, None)
        place = _Place(self._number, self._end, len(hidden))
        waiting = memoryview(hidden)
        with _our_errors():
            self._file.seek(self._end)
            while waiting:
                waiting = waiting[self._file.write(waiting) :]
        self._number, self._end = self._number + 1, self._end + len(hidden)
        return place

    def get(self, place: _Place) -> bytes:
        """Return a block."""
        hidden = b""
        with _our_errors():
            self._file.seek(place.offset)
            while len(hidden) < place.length and (more := self._file.read(place.length - len(hidden))):
                hidden += more
            return self._cipher.decrypt(_nonce(place.number), hidden, None)


@contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"rows cannot be put aside in the state directory ({error.strerror})") from None
    except InvalidTag:
        raise StoreError("the disk does not give back what was put aside in the state directory") from None


def _nonce(number: int) -> bytes:
    return number.to_bytes(_NONCE_BYTES, "big")


class Run:
    """Rows of one kind, in the order in which they came; `days` are the places of their columns of days."""

    def __init__(self, aside: Aside, days: Iterable[int] = (), at_once: int = AT_ONCE) -> None:
        self._aside, self._days, self._at_once = aside, tuple(days), at_once
        self._waiting: list[Row] = []
        self._places: list[_Place] = []
        self._put = 0

    def __len__(self) -> int:
        return self._put + len(self._waiting)

    def append(self, row: Row) -> None:
        """Add a row."""
        self._waiting.append(row)
        if len(self._waiting) >= self._at_once:
            self._put_waiting()

    def extend(self, rows: Iterable[Row]) -> None:
        """Add rows."""
        more = iter(rows)
        while True:
            self._waiting.extend(islice(more, self._at_once - len(self._waiting)))
            if len(self._waiting) < self._at_once:
                return
            self._put_waiting()

    def finish(self) -> None:
        """Put aside what is still in memory."""
        if self._waiting:
            self._put_waiting()

    def blocks(self) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows in lists that are never empty."""
        for place in self._places:
            columns = marshal.loads(self._aside.get(place))  # noqa: S302 - authenticated: nobody else wrote it
            for day in self._days:
                columns[day] = map(_DAYS.__getitem__, columns[day])
            yield list(zip(*columns, strict=True))
        if self._waiting:
            yield list(map(tuple, self._waiting))

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows."""
        return chain.from_iterable(self.blocks())

    def _put_waiting(self) -> None:
        columns: list[Any] = list(zip(*self._waiting, strict=True))
        for day in self._days:
            columns[day] = list(map(_NUMBERS.__getitem__, columns[day]))
        self._places.append(self._aside.put(marshal.dumps(columns)))
        self._put += len(self._waiting)
        # Not cleared but left: whoever reads may still stand in it.
        self._waiting = []


class _Remembered(dict[Any, Any]):
    """What was made of each value before; of days there are few."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        super().__init__({None: None})
        self._make = make

    def __missing__(self, value: Any) -> Any:
        made = self[value] = self._make(value)
        return made


_NUMBERS = _Remembered(cast("Callable[[Any], Any]", date.toordinal))
_DAYS = _Remembered(date.fromordinal)
