"""Type what a document says, key by key, and collect every fault on the way.

- A reader stands for one table. Each method names a key and what is wanted of it, and returns the typed
  value; where the value is missing or wrong it notes a fault and returns a placeholder, so that one reading
  finds all faults.
- `finish` on the first reader adds a fault for each key that nobody asked for, in every table that was read,
  and returns all faults in the order of the document. Values count only if there are none.
- Sentences name keys that the caller knows; a key or value of the document itself is never quoted (law L8).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from gateway.documents.tree import START, Fault, Items, Node, Place, Table, Text, parse_tree

E = TypeVar("E", bound=StrEnum)

LONGEST_TEXT = 2_000
LONGEST_LIST = 5_000

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,8})")
_NO_DAY = date.min
_NO_TIME = time.min
#: Marks a fault that is about a whole table; no key is empty text.
_WHOLE = ""


@dataclass(slots=True)
class _Reading:
    """What all readers of one document share."""

    name: str
    faults: list[Fault] = field(default_factory=list)
    readers: list["Reader"] = field(default_factory=list)


class Reader:
    """One table of a document, read key by key.

    `table` is None where there is nothing to read: then everything gives placeholders without further faults.
    """

    def __init__(
        self, label: str, table: Table | None, reading: _Reading, above: "tuple[Reader, str] | None" = None
    ) -> None:
        self.label = label
        self.node = table
        self.place = START if table is None else table.place
        self._above = above
        self._unsound: set[str] = set()
        self._tables: dict[str, Reader] = {}
        self._lists: dict[str, tuple[Reader, ...]] = {}
        self._values = {} if table is None else {entry.key.value: entry.value for entry in table.entries}
        self._known: set[str] = set()
        self._reading = reading
        reading.readers.append(self)

    @classmethod
    def of(cls, data: bytes, name: str) -> "Reader":
        """Return a reader of the whole document; `name` is what faults call the file."""
        tree, faults = parse_tree(data, name)
        table = tree if isinstance(tree, Table) else None
        reader = cls("", table, _Reading(name, list(faults)))
        if tree is not None and table is None:
            reader.fault(tree.place, "the document must be a table of keys and values")
        return reader

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault found so far in the whole document, once each, in its order."""
        return tuple(sorted(dict.fromkeys(self._reading.faults), key=lambda fault: fault.place))

    def finish(self) -> tuple[Fault, ...]:
        """Note every key that was never asked for, anywhere, and return all faults."""
        for reader in self._reading.readers:
            reader.fault_unknown_keys()
        return self.faults

    def fault(self, place: Place | None, sentence: str) -> None:
        """Note a fault at a place, or at the table's own when there is no better one."""
        self._note(_WHOLE, place or self.place, sentence)

    def fault_at(self, key: str, sentence: str) -> None:
        """Note a fault about a key, at its value or, where it is missing, at the table."""
        self._note(key, self.place_of(key), f"`{self._path(key)}` {sentence}")

    def sound(self, *keys: str) -> bool:
        """Say whether nothing was found wrong under any of the keys so far, so that their values count."""
        return self._unsound.isdisjoint({_WHOLE, *keys})

    def _note(self, key: str, place: Place, sentence: str) -> None:
        self._reading.faults.append(Fault(self._reading.name, place, sentence))
        self._mark(key)

    def _mark(self, key: str) -> None:
        self._unsound.add(key)
        if self._above is not None:
            reader, key_above = self._above
            reader._mark(key_above)  # noqa: SLF001  a reader of the same document

    def place_of(self, key: str) -> Place:
        """Return where a key's value stands."""
        value = self._values.get(key)
        return self.place if value is None else value.place

    def has(self, key: str) -> bool:
        """Say whether the key is there; the key counts as known from now on."""
        self._known.add(key)
        return key in self._values

    def keys(self) -> tuple[Text, ...]:
        """Return every key of the table with its place; for tables whose keys are data."""
        return () if self.node is None else tuple(entry.key for entry in self.node.entries)

    def raw(self, key: str) -> Node | None:
        """Return a key's node as it stands; a missing key is a fault."""
        self._known.add(key)
        node = self._values.get(key)
        if node is None and self.node is not None:
            self._note(key, self.place, f"`{self._path(key)}` is missing")
        return node

    def text(self, key: str, *, longest: int = LONGEST_TEXT, pattern: str | None = None, wanted: str = "text") -> str:
        """Return text that is not blank, one or more lines; `wanted` says what the pattern means."""
        node = self.raw(key)
        if node is None:
            return ""
        return self._taken(key, node, self._path(key), _what_is_wrong(node, longest, pattern, wanted))

    def text_or_none(
        self, key: str, *, longest: int = LONGEST_TEXT, pattern: str | None = None, wanted: str = "text"
    ) -> str | None:
        """Return the text, or None where the key is not there at all."""
        return self.text(key, longest=longest, pattern=pattern, wanted=wanted) if self.has(key) else None

    def integer(self, key: str, least: int, most: int) -> int:
        """Return a whole number from `least` to `most`."""
        text = self.text(key)
        if text and not (_INTEGER.fullmatch(text) and least <= int(text) <= most):
            self.fault_at(key, f"must be a whole number from {least} to {most}")
            return least
        return int(text) if text else least

    def integer_or_none(self, key: str, least: int, most: int) -> int | None:
        """Return the whole number, or None where the key is not there at all."""
        return self.integer(key, least, most) if self.has(key) else None

    def truth(self, key: str) -> bool:
        """Return `true` or `false`; no other spelling is taken."""
        text = self.text(key)
        if text not in {"", "true", "false"}:
            self.fault_at(key, "must be true or false")
        return text == "true"

    def day(self, key: str) -> date:
        """Return a calendar day written `2026-11-22`."""
        text = self.text(key)
        if not text:
            return _NO_DAY
        try:
            if _DAY.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        self.fault_at(key, "must be a day that exists, written like 2026-11-22")
        return _NO_DAY

    def day_or_none(self, key: str) -> date | None:
        """Return the day, or None where the key is not there at all."""
        return self.day(key) if self.has(key) else None

    def clock_time(self, key: str) -> time:
        """Return a time of day written `06:30`."""
        text = self.text(key)
        if not text:
            return _NO_TIME
        try:
            if _TIME.fullmatch(text):
                return time.fromisoformat(text)
        except ValueError:
            pass
        self.fault_at(key, "must be a time of day, written like 06:30")
        return _NO_TIME

    def choice(self, key: str, choices: type[E]) -> E:
        """Return a member of a closed list."""
        text = self.text(key)
        members = list(choices)
        if text and text not in set(members):
            self.fault_at(key, f"must be one of {', '.join(members)}")
            return members[0]
        return choices(text) if text else members[0]

    def texts(
        self, key: str, *, longest: int = LONGEST_TEXT, pattern: str | None = None, wanted: str = "text"
    ) -> tuple[str, ...]:
        """Return a list of texts; an empty list is allowed, a blank text is not."""
        nodes = self._items(key)
        path = self._path(key)
        return tuple(
            self._taken(key, node, f"{path}[{n}]", _what_is_wrong(node, longest, pattern, wanted))
            for n, node in enumerate(nodes, start=1)
        )

    def table(self, key: str) -> "Reader":
        """Return a reader of the table under a key; the same one whenever it is asked for."""
        if key not in self._tables:
            self._tables[key] = self._reader_of(key, self.raw(key), self._path(key))
        return self._tables[key]

    def table_or_none(self, key: str) -> "Reader | None":
        """Return a reader of the table under a key, or None where the key is not there at all."""
        return self.table(key) if self.has(key) else None

    def under(self, table: Table, label: str) -> "Reader":
        """Return a reader of a table that the caller holds as a node, under a label for faults."""
        return Reader(label, table, self._reading, (self, _WHOLE))

    def tables(self, key: str) -> tuple["Reader", ...]:
        """Return a reader for each table of a list; the same ones whenever they are asked for."""
        if key not in self._lists:
            path = self._path(key)
            numbered = enumerate(self._items(key), start=1)
            self._lists[key] = tuple(self._reader_of(key, node, f"{path}[{n}]") for n, node in numbered)
        return self._lists[key]

    def pairs(self, *, longest: int = LONGEST_TEXT) -> tuple[tuple[Text, str], ...]:
        """Return every key with its text, for a table whose keys are data; faults count the keys from 1."""
        pairs = []
        for n, key in enumerate(self.take_keys(), start=1):
            node = self._values[key.value]
            wrong = _what_is_wrong(node, longest, None, "text")
            pairs.append((key, self._taken(_WHOLE, node, f"{self.label}[{n}]", wrong)))
        return tuple(pairs)

    def take_keys(self) -> tuple[Text, ...]:
        """Return every key, all of them known from now on, where keys are data. A blank key is a fault."""
        for key in self.keys():
            self._known.add(key.value)
            if not key.value.strip():
                self.fault(key.place, f"`{self.label}` has a blank key")
        return self.keys()

    def _items(self, key: str) -> tuple[Node, ...]:
        node = self.raw(key)
        if node is None:
            return ()
        if not isinstance(node, Items):
            self.fault_at(key, "must be a list")
            return ()
        if len(node.items) > LONGEST_LIST:
            self.fault_at(key, f"has more than {LONGEST_LIST} items")
            return ()
        return node.items

    def _reader_of(self, key: str, node: Node | None, label: str) -> "Reader":
        table = node if isinstance(node, Table) else None
        if node is not None and table is None:
            self._note(key, node.place, f"`{label}` must be a table of keys and values")
        return Reader(label, table, self._reading, (self, key))

    def _taken(self, key: str, node: Node, path: str, wrong: str | None) -> str:
        if wrong is not None:
            self._note(key, node.place, f"`{path}` {wrong}")
            return ""
        return node.value.strip() if isinstance(node, Text) else ""

    def _path(self, key: str) -> str:
        return f"{self.label}.{key}" if self.label else key

    def fault_unknown_keys(self) -> None:
        """Note every key of this table that was never asked for."""
        for key in self.keys():
            if key.value not in self._known:
                near = _nearest(key.value, self._known)
                where = f" in `{self.label}`" if self.label else ""
                self.fault(key.place, f"this key is not known{where}{near}")


def _what_is_wrong(node: Node, longest: int, pattern: str | None, wanted: str) -> str | None:
    if not isinstance(node, Text):
        return "must be a single text"
    text = node.value.strip()
    if not text:
        return "has no value"
    if len(text) > longest:
        return f"is longer than {longest} characters"
    if pattern is not None and not re.fullmatch(pattern, text):
        return f"must be {wanted}"
    return None


def _nearest(key: str, known: Iterable[str]) -> str:
    ordered = sorted(known)
    near = get_close_matches(key, ordered, n=1, cutoff=0.75)
    if near:
        return f"; is `{near[0]}` meant?"
    return f"; known here: {', '.join(ordered)}" if ordered else ""
