"""Put a table or a refusal into lines of JSON, and take it out again on the other side of a process's boundary.

The first line says which of the two it is; every further one is a row. A day is written so that no text can be one.

Pure.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from gateway.errors import GatewayError, WorkCoachListChanged, WorkCoachListLocked, WorkCoachListRefused
from gateway.sources.work_coach_list.table import WORKBOOK, Cell, Table, TableRow

_REFUSALS: dict[str, type[GatewayError]] = {
    kind.code: kind for kind in (WorkCoachListRefused, WorkCoachListLocked, WorkCoachListChanged)
}
_DAY = "day"


def lines_of_refusal(refusal: GatewayError) -> Iterator[bytes]:
    """Yield the line that says a refusal."""
    yield _line({"refused": refusal.code, "message": str(refusal), "advice": refusal.advice()})


def lines_of_table(table: Table) -> Iterator[bytes]:
    """Yield the lines that say a table."""
    yield _line(
        {
            "header": table.header,
            "sheet": table.sheet,
            "hidden_sheets": table.hidden_sheets,
            "from_1904": table.from_1904,
        }
    )
    for row in table.rows:
        yield _line([row.number, [_said(cell) for cell in row.cells], sorted(row.merged), sorted(row.errors)])


def table_of_lines(lines: Iterable[bytes]) -> Table:
    """Return the table. Raises the refusal, where it is one; ValueError where nothing was said."""
    several = iter(lines)
    head = json.loads(next(several, b""))
    if "refused" in head:
        raise _REFUSALS[head["refused"]](head["message"], advice=head["advice"])
    rows = tuple(_row(*json.loads(line)) for line in several)
    return Table(tuple(head["header"]), rows, WORKBOOK, head["sheet"], head["hidden_sheets"], head["from_1904"])


def _row(number: int, cells: list[Any], merged: list[int], errors: list[int]) -> TableRow:
    return TableRow(number, tuple(map(_meant, cells)), (), frozenset(merged), frozenset(errors))


def _said(cell: Cell) -> object:
    return {_DAY: cell.isoformat()} if isinstance(cell, date) else cell


def _meant(said: Any) -> Cell:
    return date.fromisoformat(said[_DAY]) if isinstance(said, dict) else said


def _line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"
