"""Bytes to a tree of nodes with places, or the faults that stand in the way.

The parser's events are read one by one and the tree is built without recursion and without resolving
anything: no tag is looked up, no alias expanded, no scalar typed. Caps are checked on events, before anything is kept.

A night asks for the same documents again and again, before each list and at each last look. The same bytes under the
same name are read once: a tree cannot be changed, and the file itself is opened each time by whoever asks.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

MOST_BYTES = 256 * 1024
MOST_DEPTH = 16
MOST_PARTS = 20_000
MOST_KEYS_IN_TABLE = 5_000
#: More than the files of one county; a document and its tree are some megabytes at most.
_MOST_REMEMBERED = 32

#: Line ends to the YAML parser and not to editors: they would make a fault's line number wrong.
_ODD_LINE_ENDS = ("\x85", "\u2028", "\u2029")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands; both count from 1."""

    line: int
    column: int


START = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar; always text, whatever it looks like."""

    place: Place
    value: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a table with its value."""

    key: Text
    value: "Node"


@dataclass(frozen=True, slots=True)
class Table:
    """Keys with values, in the order of the document; no key stands twice."""

    place: Place
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    place: Place
    items: tuple["Node", ...]


Node = Text | Table | Items


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a document, and where. The sentence names keys, never values."""

    name: str
    place: Place
    sentence: str

    def __str__(self) -> str:
        return f"{self.name}:{self.place.line}:{self.place.column}: {self.sentence}"


class _Refused(Exception):
    """The document cannot become a tree."""

    def __init__(self, place: Place, sentence: str) -> None:
        super().__init__(sentence)
        self.place = place
        self.sentence = sentence


@dataclass(slots=True)
class _Open:
    """A table or list whose end has not been read yet. In a table, keys and values alternate."""

    is_table: bool
    place: Place
    parts: list[Node]
    first_lines: dict[str, int]


@lru_cache(maxsize=_MOST_REMEMBERED)
def parse_tree(data: bytes, name: str) -> tuple[Node | None, tuple[Fault, ...]]:
    """Return the document's tree, or None and the faults that kept it from becoming one."""
    try:
        return _tree_of(_text_of(data)), ()
    except _Refused as refusal:
        return None, (Fault(name, refusal.place, refusal.sentence),)


def plain_of(node: Node) -> str | list[object] | dict[str, object]:
    """Return the content without places: what `canonical_json` takes, unchanged by layout and comments."""
    if isinstance(node, Text):
        return node.value
    if isinstance(node, Items):
        return [plain_of(item) for item in node.items]
    return {entry.key.value: plain_of(entry.value) for entry in node.entries}


def _text_of(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise _Refused(START, f"the file is larger than {MOST_BYTES // 1024} KiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _Refused(Place(line, 1), "the file is not UTF-8 from this line on") from None
    for odd in _ODD_LINE_ENDS:
        if odd in text:
            raise _Refused(_place_in(text, text.index(odd)), "an unusual line separator stands here")
    return text


def _place_in(text: str, offset: int) -> Place:
    line_start = text.rfind("\n", 0, offset) + 1
    return Place(text.count("\n", 0, offset) + 1, offset - line_start + 1)


def _tree_of(text: str) -> Node:
    roots: list[Node] = []
    stack: list[_Open] = []
    for count, event in enumerate(_events(text)):
        place = _place_of(event.start_mark)
        if count > MOST_PARTS:
            raise _Refused(place, f"the document has more than {MOST_PARTS} parts")
        if roots and isinstance(event, yaml.DocumentStartEvent):
            raise _Refused(place, "a second document begins here; a file holds one")
        _refuse_references(event, place)
        _take(event, place, stack, roots)
    if not roots:
        raise _Refused(START, "the document is empty")
    return roots[0]


def _take(event: yaml.Event, place: Place, stack: list[_Open], roots: list[Node]) -> None:
    if isinstance(event, yaml.ScalarEvent):
        _keep(Text(place, _visible(event.value, place)), stack, roots)
    elif isinstance(event, yaml.CollectionStartEvent):
        if len(stack) == MOST_DEPTH:
            raise _Refused(place, f"the document nests deeper than {MOST_DEPTH} levels")
        stack.append(_Open(isinstance(event, yaml.MappingStartEvent), place, [], {}))
    elif isinstance(event, yaml.CollectionEndEvent):
        _keep(_closed(stack.pop()), stack, roots)


def _keep(node: Node, stack: list[_Open], roots: list[Node]) -> None:
    if not stack:
        roots.append(node)
        return
    parent = stack[-1]
    if parent.is_table and len(parent.parts) % 2 == 0:
        _check_key(node, parent)
    parent.parts.append(node)


def _check_key(node: Node, parent: _Open) -> None:
    if not isinstance(node, Text):
        raise _Refused(node.place, "a key must be plain text")
    first = parent.first_lines.get(node.value)
    if first is not None:
        raise _Refused(node.place, f"this key stands twice; the first is on line {first}")
    if len(parent.first_lines) == MOST_KEYS_IN_TABLE:
        raise _Refused(node.place, f"the table has more than {MOST_KEYS_IN_TABLE} keys")
    parent.first_lines[node.value] = node.place.line


def _closed(opened: _Open) -> Node:
    if not opened.is_table:
        return Items(opened.place, tuple(opened.parts))
    keys = [part for part in opened.parts[0::2] if isinstance(part, Text)]
    pairs = zip(keys, opened.parts[1::2], strict=True)
    return Table(opened.place, tuple(Entry(key, value) for key, value in pairs))


def _events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        raise _Refused(_place_in(text, error.position), "a character that cannot be seen stands here") from None
    except yaml.MarkedYAMLError as error:
        raise _Refused(_place_of(error.problem_mark), _sentence_of(error)) from None


def _sentence_of(error: yaml.MarkedYAMLError) -> str:
    # The parser's own words may quote the text (law L8), so only their kind is passed on.
    if "\\t" in str(error.problem):
        return "a tab stands where only spaces may; indent with spaces"
    return "this is not well-formed YAML: look at the indentation, the quotes and the colon here and just above"


def _place_of(mark: Any) -> Place:
    return START if mark is None else Place(mark.line + 1, mark.column + 1)


def _refuse_references(event: yaml.Event, place: Place) -> None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        raise _Refused(place, "anchors and aliases (& and *) are not allowed; put a value that begins so in quotes")
    if isinstance(event, yaml.NodeEvent) and getattr(event, "tag", None) is not None:
        raise _Refused(place, "tags (!) are not allowed; put a value that begins so in quotes")
    if isinstance(event, yaml.DocumentStartEvent) and (event.version or event.tags):
        raise _Refused(place, "directives (%) are not allowed")


def _visible(value: str, place: Place) -> str:
    for character in value:
        if character not in "\t\n" and unicodedata.category(character) in _UNSEEN:
            raise _Refused(place, "the text contains a character that cannot be seen")
    return value
