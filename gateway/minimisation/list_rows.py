"""Select and project an agreement's list in one statement, so that what is sent and what is recorded are one scan.

Columns: `subject_ref`, `secret` (hexadecimal), `factors`, then the agreed fields but `record_ref`, in the agreed
order. Rows come in the order of `subject_ref`, which is bytewise on both databases (laws L1 and L9).

Pure: expressions only; store/scan.py runs them, line.py reads what comes out.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from gateway.minimisation.project import ADDED, SERVED, projection
from gateway.model.agreement import Agreement
from gateway.model.framework import Framework
from gateway.selection.everybody import decided
from gateway.selection.holding import TODAY, Holding
from gateway.store.tables import persons


class HexText(GenericFunction[str]):
    """Bytes as lower-case hexadecimal."""

    name = "hex_text"
    type = String()
    inherit_cache = True


@compiles(HexText, "postgresql")
def _hex_on_postgresql(element: HexText, compiler: SQLCompiler, **options: Any) -> str:
    return f"encode({compiler.process(element.clauses, **options)}, 'hex')"


@compiles(HexText, "sqlite")
def _hex_on_sqlite(element: HexText, compiler: SQLCompiler, **options: Any) -> str:
    return f"lower(hex({compiler.process(element.clauses, **options)}))"


def serves(snapshot_id: int) -> ColumnElement[bool]:
    """Return whether an office serves the person's postcode sector: what joins `SERVED` to `persons`."""
    return and_(SERVED.c.snapshot_id == snapshot_id, SERVED.c.sector == persons.c.postcode_sector)


def list_select(
    agreement: Agreement,
    framework: Framework,
    *,
    snapshot_id: int,
    day: date,
    part: str | None = None,
    holding: Holding = TODAY,
    action: str = ADDED,
) -> Select[Any]:
    """Return the statement of the list of a part."""
    everybody = decided(agreement, framework, snapshot_id=snapshot_id, day=day, part=part, holding=holding)
    # Everybody on a row is included: asking that again for each of its values takes as long as deciding.
    each = replace(everybody, factors=everybody.held)
    return (
        select(
            persons.c.subject_ref,
            HexText(persons.c.secret).label("secret"),
            each.factors.label("factors"),
            *projection(agreement, each, action),
        )
        .select_from(each.source.outerjoin(SERVED, serves(snapshot_id)))
        .where(each.in_part, each.reason.is_(None))
        .order_by(persons.c.subject_ref)
    )
