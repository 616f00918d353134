"""Give both databases one way to ask whether text is unsafe to put into a spreadsheet.

The rule is that of wording.py. Hidden characters are found by a character class: `GLOB` on SQLite, a regular
expression on PostgreSQL, whose text cannot hold a NUL.

Pure: expressions only; nothing here runs one.
"""

import operator
from collections.abc import Mapping
from functools import reduce
from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, func, literal, not_, or_, true
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


def any_unsafe(values: Mapping[str, ColumnElement[Any]], may_be_phone: str) -> ColumnElement[bool]:
    """Return whether one of the values is unsafe: two-valued, a null is safe; one field may be a telephone number.

    Hidden characters are looked for in all values at once: that costs the most.
    """
    starts = (starts_formula(value, may_be_phone=name == may_be_phone) for name, value in values.items())
    together = reduce(operator.add, (func.coalesce(value, "") for value in values.values()), literal(""))
    return or_(*starts, HidesCharacters(together))


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
