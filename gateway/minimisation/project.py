"""Project an included person on the agreed fields, each coarsened as the agreement says, and on nothing else.

- The vocabulary is closed: a field has an expression here or cannot be disclosed; columns that sources grow are
  never named, so they cannot appear (law L2).
- A value is disclosed as it is or coarsened by its agreed transform, never mended. What is unsafe to disclose was
  left out by selection.
- An empty text becomes null: the two databases write it differently.
- `need_housing` stands for factor (h), `need_health` for (g) disability and (i) ill-health, `need_offending` for
  (a) and (d), which frameworks name in one need. Substance misuse (l) is left out of health on purpose: the word
  does not ask for it, and the narrower reading discloses less.

Pure: expressions only. `record_ref` is not here: its key must never get into SQL (line.py puts it on).
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, String, case, func, literal, null
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from gateway.errors import AgreementMalformed
from gateway.model.agreement import Agreement, FieldRule
from gateway.model.factors import mask_of
from gateway.model.fields import Transform
from gateway.selection.everybody import Decided
from gateway.selection.leads import free_values, present
from gateway.selection.wording import wording_of
from gateway.store.tables import office_sectors, persons

#: The office that serves the person's postcode sector: to be joined to `persons`, outer.
SERVED = office_sectors.alias("served")
RECORD_REF = "record_ref"
#: A full list says of everyone: hold this record.
ADDED = "A"


class DayText(GenericFunction[str]):
    """A day as `1990-02-28`, whatever date style the server is set to."""

    name = "day_text"
    type = String()
    inherit_cache = True


@compiles(DayText, "postgresql")
def _day_on_postgresql(element: DayText, compiler: SQLCompiler, **options: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **options)}, 'YYYY-MM-DD')"


@compiles(DayText, "sqlite")
def _day_on_sqlite(element: DayText, compiler: SQLCompiler, **options: Any) -> str:
    return f"strftime('%Y-%m-%d', {compiler.process(element.clauses, **options)})"


def projection(agreement: Agreement, each: Decided, action: str = ADDED) -> list[ColumnElement[Any]]:
    """Return the agreed fields but `record_ref`, labelled, in the agreed order.

    Raises AgreementMalformed where a field or its transform has no projection.
    """
    rules = [rule for rule in agreement.fields if rule.name != RECORD_REF]
    return [_projected(rule, agreement, each, action).label(rule.name) for rule in rules]


def _projected(rule: FieldRule, agreement: Agreement, each: Decided, action: str) -> ColumnElement[Any]:
    free = free_values(each.place.people, each.place.standing.families, wording_of(agreement))
    if rule.name in free:
        return free[rule.name]
    if rule.name == "record_action":
        return literal(action)
    make = _MAKERS.get((rule.name, rule.transform))
    if make is None:
        raise AgreementMalformed(f"field {rule.name} cannot be disclosed with the transform {rule.transform}")
    return make(agreement, each)


def _birth_day(_: Agreement, __: Decided) -> ColumnElement[Any]:
    return DayText(persons.c.date_of_birth)


def _birth_year(_: Agreement, __: Decided) -> ColumnElement[Any]:
    return func.substr(DayText(persons.c.date_of_birth), 1, 4)


def _nino(_: Agreement, __: Decided) -> ColumnElement[Any]:
    return present(persons.c.nino)


def _postcode(_: Agreement, __: Decided) -> ColumnElement[Any]:
    return present(persons.c.postcode)


def _sector(_: Agreement, __: Decided) -> ColumnElement[Any]:
    return present(persons.c.postcode_sector)


def _postcode_without_nino(_: Agreement, __: Decided) -> ColumnElement[Any]:
    return case((present(persons.c.nino).is_(None), present(persons.c.postcode)))


def _office(agreement: Agreement, _: Decided) -> ColumnElement[Any]:
    fallback = literal(agreement.split.fallback) if agreement.split else null()
    return present(func.coalesce(SERVED.c.office, fallback))


def _need(*letters: str) -> Callable[[Agreement, Decided], ColumnElement[Any]]:
    mask = mask_of(letters)

    def yes_or_null(_: Agreement, each: Decided) -> ColumnElement[Any]:
        return case((each.factors.bitwise_and(mask) != 0, literal("yes")))

    return yes_or_null


_MAKERS: dict[tuple[str, Transform], Callable[[Agreement, Decided], ColumnElement[Any]]] = {
    ("date_of_birth", Transform.AS_IS): _birth_day,
    ("date_of_birth", Transform.YEAR): _birth_year,
    ("nino", Transform.AS_IS): _nino,
    ("postcode", Transform.AS_IS): _postcode,
    ("postcode", Transform.SECTOR): _sector,
    ("postcode", Transform.WHEN_NINO_BLANK): _postcode_without_nino,
    ("jcp_office", Transform.AS_IS): _office,
    ("need_housing", Transform.AS_IS): _need("h"),
    ("need_health", Transform.AS_IS): _need("g", "i"),
    ("need_offending", Transform.AS_IS): _need("a", "d"),
}
