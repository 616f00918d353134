"""Give both databases one way to ask whether text is unsafe to put into a spreadsheet.

The rule is that of wording.py. Hidden characters are found by a character class: `GLOB` on SQLite, a regular
expression on PostgreSQL, whose text cannot hold a NUL.

Pure: expressions only; nothing here runs one.
"""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, and_, func, not_, or_
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


def is_unsafe(text: ColumnElement[Any], *, may_be_phone: bool = False) -> ColumnElement[bool]:
    """Return whether a value could act as a formula or hides characters: two-valued, false where it is null."""
    starts_formula: ColumnElement[bool] = func.substr(func.ltrim(text), 1, 1).in_(FORMULA_STARTS)
    if may_be_phone:
        starts_formula = and_(starts_formula, not_(_is_phone(text)))
    return and_(text.is_not(None), or_(starts_formula, HidesCharacters(text)))


def _is_phone(text: ColumnElement[Any]) -> ColumnElement[bool]:
    tail = func.ltrim(func.substr(text, len(PHONE_PREFIX) + 1), PHONE_TAIL)
    return and_(
        func.substr(text, 1, len(PHONE_PREFIX)) == PHONE_PREFIX,
        func.length(text).between(*PHONE_LENGTHS),
        tail == "",
    )
