"""Bring together the rows and the people who may be one: whoever agrees in every part of one of the rules.

Pairs that no rule brings together are never looked at. Splink would find the same by its own SQL, and a test holds that
it does. Read here, a cohort is gone through once, in portions, and only who is in a pair is read whole and weighed.

Pure.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gateway.reconciliation.columns import Columns

Values = Sequence[str | None]
_Index = dict[tuple[str | None, ...], list[int]]
#: What is cut out of the columns of so many people at once stays small.
_PORTION = 16_384


class Part(NamedTuple):
    """What must be the same: a piece of one column of a person, and of one of a row."""

    person: str
    row: str
    piece: slice | None = None
    #: Day and month change places in the row.
    swapped: bool = False


def _piece(column: str, start: int, stop: int | None = None) -> Part:
    return Part(column, column, slice(start, stop))


PARTS = {
    **{column: Part(column, column) for column in Columns._fields},
    "nino-begins": _piece("nino", 0, 5),
    "nino-first": _piece("nino", 2, 5),
    "nino-last": _piece("nino", 5, 8),
    "born-swapped": Part("born", "born", swapped=True),
    "year": _piece("born", 0, 4),
    "year-and-month": _piece("born", 0, 6),
    "day-and-month": _piece("born", 4),
    "year-of-two-digits-and-month": _piece("born", 2, 6),
    "forename-initial": _piece("forename", 0, 1),
    "surname-initial": _piece("surname", 0, 1),
    "forename-begins": _piece("forename", 0, 3),
    "surname-begins": _piece("surname", 0, 4),
    "forename-is-surname": Part("forename", "surname"),
    "forename-begins-surname": Part("forename", "surname", slice(0, 1)),
    "surname-begins-forename": Part("surname", "forename", slice(0, 3)),
    "surname-is-forename": Part("surname", "forename"),
    "outcode": _piece("postcode", 0, 4),
}
#: Parts that few of a cohort have in common with any row: a rule that begins with one is looked for among those alone.
_FEW_AGREE = frozenset(
    {"nino", "born", "born-swapped", "surname", "postcode", "forename-is-surname", "surname-begins-forename"}
)
#: Each must be selective in a cohort of 100,000.
RULES = tuple(
    tuple(rule.split())
    for rule in (
        "nino",
        "born nino-begins",
        "nino-first forename-initial surname-initial",
        "nino-last forename-initial year",
        "born forename-initial",
        "born surname-initial",
        "born forename-is-surname",
        "born postcode",
        "born-swapped surname-initial",
        "born-swapped forename-initial",
        "surname forename",
        "forename-is-surname surname-is-forename",
        "surname-begins-forename forename-begins-surname year",
        "surname year",
        "surname day-and-month forename-initial",
        "surname-begins forename-begins year-of-two-digits-and-month",
        "year-and-month forename outcode",
        "day-and-month forename outcode",
        "postcode forename",
        "postcode surname-initial",
        "postcode forename-initial",
    )
)


class Brought(NamedTuple):
    """The pairs, by the places of their two sides: the n-th of one belongs to the n-th of the other."""

    rows: "array[int]"
    people: "array[int]"


def brought_together(rows: Columns, people: Columns) -> Brought:
    """Return every pair that a rule brings together once, in the order of people and rows."""
    sought = _by_first_part(rows)
    of_rows, of_people = array("i"), array("i")
    for start in range(0, len(people.nino), _PORTION):
        portion = Columns(*(column[start : start + _PORTION] for column in people))
        # One number for a pair takes a fifth of the memory of two.
        found: set[int] = set()
        for each in sought:
            found.update(place * len(rows.nino) + row for place, row in each.among(portion))
        for pair in sorted(found):
            place, row = divmod(pair, len(rows.nino))
            of_people.append(start + place)
            of_rows.append(row)
    return Brought(of_rows, of_people)


class _Sought:
    """Some rules that begin with one part, or with none that few agree in, and what the rows have for each."""

    def __init__(self, first: str | None, rules: list[tuple[str, ...]], rows: Columns) -> None:
        self._first = first
        self._standing = set(_of_rows(rows, PARTS[first])) - {None} if first else set()
        self._rules = [(rule, _index(rule, rows)) for rule in rules]
        self._parts = {part for rule in rules for part in rule}
        self._read = {PARTS[part].person for part in self._parts}

    def among(self, people: Columns) -> Iterator[tuple[int, int]]:
        """Yield the places of the people who agree with a row, each with the row."""
        places: Sequence[int] = range(len(people.nino))
        if self._first:
            standing, values = self._standing, _of_people(people, PARTS[self._first])
            places = [place for place, value in enumerate(values) if value in standing]
            people = Columns(
                *(
                    [column[place] for place in places] if name in self._read else []
                    for name, column in zip(Columns._fields, people, strict=True)
                )
            )
        pieces = {part: _of_people(people, PARTS[part]) for part in self._parts}
        for rule, rows in self._rules:
            for place, key in zip(places, zip(*(pieces[part] for part in rule), strict=True), strict=True):
                if key in rows:
                    for row in rows[key]:
                        yield place, row


def _by_first_part(rows: Columns) -> list[_Sought]:
    beginning: defaultdict[str | None, list[tuple[str, ...]]] = defaultdict(list)
    for rule in RULES:
        beginning[rule[0] if rule[0] in _FEW_AGREE else None].append(rule)
    return [_Sought(first, rules, rows) for first, rules in beginning.items()]


def _index(rule: tuple[str, ...], rows: Columns) -> _Index:
    index: _Index = {}
    for row, key in enumerate(zip(*(_of_rows(rows, PARTS[part]) for part in rule), strict=True)):
        if None not in key:
            index.setdefault(key, []).append(row)
    return index


def _of_people(people: Columns, part: Part) -> Values:
    return _cut(getattr(people, part.person), part.piece)


def _of_rows(rows: Columns, part: Part) -> Values:
    values: Values = getattr(rows, part.row)
    if part.swapped:
        return [value and value[:4] + value[6:] + value[4:6] for value in values]
    return _cut(values, part.piece)


def _cut(values: Values, piece: slice | None) -> Values:
    return values if piece is None else [value and value[piece] for value in values]
