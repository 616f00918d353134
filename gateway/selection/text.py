"""Give both databases one way to ask whether text is unsafe to put into a spreadsheet.

The rule is that of wording.py. Hidden characters are found by a character class: `GLOB` on SQLite, a regular
expression on PostgreSQL, whose text cannot hold a NUL.

Nearly every value is safe, and asking the whole rule of each costs more than all other rules together. So values are
looked through together for anything that could be unsafe, and the rule is asked only of what looks so.

Pure: expressions only; nothing here runs one.
"""

import operator
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, case, false, func, literal, not_, or_, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from gateway.selection.wording import FORMULA_STARTS, HIDDEN_RANGES, PHONE_LENGTHS, PHONE_PREFIX, PHONE_TAIL


class HidesCharacters(GenericFunction[bool]):
    """Whether a text that is not null holds a character that shows as nothing."""

    name = "hides_characters"
    type = Boolean()
    inherit_cache = True


@compiles(HidesCharacters, "postgresql")
def _on_postgresql(element: HidesCharacters, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    ranges = "".join(f"\\u{low:04x}-\\u{high:04x}" for low, high in HIDDEN_RANGES)
    return f"({text} ~ '[{ranges}]')"


@compiles(HidesCharacters, "sqlite")
def _on_sqlite(element: HidesCharacters, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    ranges = " || ".join(f"char({low}) || '-' || char({high})" for low, high in HIDDEN_RANGES)
    return f"({text} GLOB '*[' || {ranges} || ']*' OR instr(CAST({text} AS BLOB), x'00') > 0)"


class LooksUnsafe(GenericFunction[bool]):
    """Whether values, each behind a bar, could hold something unsafe: false only where none of them is unsafe."""

    name = "looks_unsafe"
    type = Boolean()
    inherit_cache = True


_BAR = "|"


@compiles(LooksUnsafe, "postgresql")
def _looks_on_postgresql(element: LooksUnsafe, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    hidden = "".join(f"\\u{low:04x}-\\u{high:04x}" for low, high in HIDDEN_RANGES)
    starts = "".join(f"\\u{ord(start):04x}" for start in FORMULA_STARTS)
    return f"({text} ~ '[{hidden}]|[{_BAR}] *[{starts}]')"


@compiles(LooksUnsafe, "sqlite")
def _looks_on_sqlite(element: LooksUnsafe, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    # A hyphen is itself only at the end of a class. What is not ASCII is only suspected.
    starts = "".join(sorted((start for start in FORMULA_STARTS if start.isascii()), key="-".__eq__))
    return f"({text} GLOB '*[^ -~]*' OR {text} GLOB '*{_BAR}[ {starts}]*' OR instr(CAST({text} AS BLOB), x'00') > 0)"


def any_unsafe(
    values: Mapping[str, ColumnElement[Any]], may_be_phone: str, suspect: ColumnElement[bool] | None = None
) -> ColumnElement[bool]:
    """Return whether one of the values is unsafe: two-valued, a null is safe; one field may be a telephone number.

    `suspect` is false only where none of them looks unsafe, for whoever knows that already.
    """
    starts = (starts_formula(value, may_be_phone=name == may_be_phone) for name, value in values.items())
    suspected = looks_unsafe(values.values()) if suspect is None else suspect
    # A case, because it alone is sure to ask one thing before the other.
    return case((suspected, or_(*starts, HidesCharacters(_behind_bars(values.values())))), else_=false())


def looks_unsafe(values: Iterable[ColumnElement[Any]]) -> ColumnElement[bool]:
    """Return whether one of the values could be unsafe: two-valued, and false only where none of them is."""
    return LooksUnsafe(_behind_bars(values))


def _behind_bars(values: Iterable[ColumnElement[Any]]) -> ColumnElement[str]:
    """Return the values as one text, each behind a bar."""
    return reduce(operator.add, (literal(_BAR) + func.coalesce(value, "") for value in values), literal(""))


def starts_formula(text: ColumnElement[Any], *, may_be_phone: bool = False) -> ColumnElement[bool]:
    """Return whether a spreadsheet would take the value for a formula."""
    starts: ColumnElement[bool] = func.substr(func.ltrim(text), 1, 1).in_(FORMULA_STARTS)
    exempt = not_(_is_phone(text)) if may_be_phone else true()
    return and_(text.is_not(None), starts, exempt)


def _is_phone(text: ColumnElement[Any]) -> ColumnElement[bool]:
    tail = func.ltrim(func.substr(text, len(PHONE_PREFIX) + 1), PHONE_TAIL)
    return and_(
        func.substr(text, 1, len(PHONE_PREFIX)) == PHONE_PREFIX,
        func.length(text).between(*PHONE_LENGTHS),
        tail == "",
    )
