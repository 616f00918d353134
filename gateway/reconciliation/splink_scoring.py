"""Weigh the pairs that may be one person: the statement that Splink writes for the model, on a DuckDB in memory.

- Splink wrote the statement once, of the model's fields, levels and weights; it is shipped with the model, and a test
  holds that Splink would write the same today. So neither Splink nor what it needs is loaded to answer a list.
- DuckDB may open no file, load no extension and spill nothing to disk: names stay in memory (law L8).
- The model's weights are given, and how common a name is comes from the cohort; nothing is trained and nothing is taken
  from the list.
- What a pair weighs is the same as `weights.weigh` says of it, and as Splink itself does when it is given both sides
  whole; tests hold both.
- The order of pairs is by row and person, whatever the threads did.

Edge: runs SQL. Which pairs there are is left to `pairing.py`, what becomes of one to `deciding.py`.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from gateway.model.linkage import Evidence, Level
from gateway.reconciliation.comparable import Comparable
from gateway.reconciliation.compared import Compared
from gateway.reconciliation.fields import COMPARED
from gateway.reconciliation.levels import NOT_KNOWN, FieldRules
from gateway.reconciliation.levels_of_identifiers import NINO
from gateway.reconciliation.model_file import shipped_statement
from gateway.reconciliation.pairing import Brought, brought_together
from gateway.reconciliation.weights import Frequencies, Model, with_namesakes

_LIMITS: dict[str, str | bool | int | float | list[str]] = {
    # What there is to do is done before another thread has begun.
    "threads": 1,
    "memory_limit": "1GB",
    "temp_directory": "",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
#: Order matters: after the last but one nothing else about files may be set, after the last nothing at all.
_SHUT = (
    # It would be written among a command's data wherever a query takes two seconds.
    "set enable_progress_bar = false",
    "set enable_external_access = false",
    "set lock_configuration = true",
)
#: What Splink's statement calls the two tables, and the column that says which of each belong together.
PEOPLE, ROWS, PAIR = "__splink__compare_records_left", "__splink__compare_records_right", "pair"
#: Each side of all pairs, the n-th beside the n-th: what Splink's statement takes for the table.
_BESIDE = "create view {0} as select pairs.pair, each_{0}.* from pairs join each_{0} on each_{0}.place = pairs.{0}"
#: So many pairs are weighed at once that memory does not grow with the names that a list and a cohort share.
_AT_ONCE = 200_000
_LISTS = frozenset({"middles", "given", "nicks", "parts", "others"})
#: Splink adds up what is rounded here.
_WITHIN_ROUNDING = 0.001
_TEXT = pa.string()
_TYPES = {name: pa.list_(_TEXT) if name in _LISTS else _TEXT for name in Comparable._fields} | {"known": pa.bool_()}


class Scored(NamedTuple):
    """A pair that may be one person, by its places in the two sides."""

    row: int
    person: int
    evidence: Evidence


def score(rows: Compared, people: Compared, model: Model, frequencies: Frequencies) -> list[Scored]:
    """Return every pair that a rule brings together and that weighs enough to be looked at, by row and person."""
    brought, prior = brought_together(rows.columns, people.columns), model.prior(len(people))
    asked, scored = _asked(model, prior), list[Scored]()
    for start in range(0, len(brought.rows), _AT_ONCE):
        portion = Brought(*(places[start : start + _AT_ONCE] for places in brought))
        with closing(shut_in_memory()) as connection:
            _tell(connection, portion, rows, people, frequencies)
            found = connection.execute(asked).fetchall()
        for pair, evidence in weighed(found, model, prior):
            row, person = portion.rows[pair], portion.people[pair]
            scored.append(Scored(row, person, with_namesakes(evidence, rows[row], people[person], frequencies)))
    return sorted(scored, key=lambda pair: (pair.row, pair.person))


def _tell(
    connection: duckdb.DuckDBPyConnection, brought: Brought, rows: Compared, people: Compared, frequencies: Frequencies
) -> None:
    connection.register("pairs", _pairs(brought))
    for name, side, places in ((ROWS, rows, brought.rows), (PEOPLE, people, brought.people)):
        each = sorted(set(places))
        connection.register(f"each_{name}", _placed([side[place] for place in each], each, frequencies))
        connection.execute(_BESIDE.format(name))


def shut_in_memory() -> duckdb.DuckDBPyConnection:
    """Return a database that reaches no file, no network and no extension, and cannot be told to."""
    connection = duckdb.connect(":memory:", config=_LIMITS)
    for shut in _SHUT:
        connection.execute(shut)
    return connection


def _asked(model: Model, prior: float) -> str:
    # Of the model and this module alone: nothing of a list or a cohort is in it.
    return f"select {wanted()} from ({shipped_statement(model)}) where {worth_a_look(model, prior)}"  # noqa: S608


def worth_a_look(model: Model, prior: float) -> str:
    """Return the condition of a pair that is read out: heavy enough, or of one number and something else besides."""
    # Splink counts levels down to 0 for "differs"; -1 is "not known".
    same_number = f"gamma_of_nino = {len(NINO.levels)}"
    besides = "greatest(gamma_of_born, gamma_of_forename, gamma_of_surname) > 0"
    lowest = model.thresholds.low - prior - _WITHIN_ROUNDING
    return f"match_weight >= {lowest!r} or ({same_number} and {besides})"


def _pairs(brought: Brought) -> pa.Table:
    numbers = {PAIR: range(len(brought.rows)), ROWS: brought.rows, PEOPLE: brought.people}
    return pa.table({name: pa.array(each, type=pa.int32()) for name, each in numbers.items()})


def _placed(side: Sequence[Comparable], places: Sequence[int], frequencies: Frequencies) -> pa.Table:
    return table_of(side, frequencies).append_column("place", pa.array(places, type=pa.int32()))


def table_of(side: Sequence[Comparable], frequencies: Frequencies) -> pa.Table:
    """Return people or rows as a table, each with how common its names, day and postcode are."""
    columns: dict[str, list[Any]] = {
        name: [each[place] for each in side] for place, name in enumerate(Comparable._fields)
    }
    shares = {
        f"tf_{rules.column}": pa.array(
            [frequencies.shares[rules.field].get(value) for value in columns[rules.column]], type=pa.float64()
        )
        for rules in COMPARED
        if rules.counted
    }
    return pa.table({name: pa.array(columns[name], type=_TYPES[name]) for name in columns} | shares)


def wanted() -> str:
    """Return the columns that are read out: which pair, then level, weight and adjustment of each field."""
    columns = [f"{PAIR}_l"]
    for rules in COMPARED:
        name = f"of_{rules.field.value}"
        columns += [f"gamma_{name}", f"mw_{name}", f"mw_tf_adj_{name}" if rules.counted else "0::double"]
    return ", ".join(columns)


def weighed(found: Iterable[tuple[Any, ...]], model: Model, prior: float) -> Iterator[tuple[int, Evidence]]:
    """Read out of what Splink leaves which pair it is and what speaks for it."""
    levels_of = [(rules.field, _levels(rules)) for rules in COMPARED]
    for pair, *of_fields in found:
        levels = tuple(
            (field, Level(*told[counted], round(bits + adjustment, 6)))
            for (field, told), (counted, bits, adjustment) in zip(levels_of, _by_field(of_fields), strict=True)
        )
        yield pair, Evidence(levels, prior, model.name)


def _levels(rules: FieldRules) -> dict[int, tuple[str, str]]:
    """Return code and words of each level by the number that Splink counts it by."""
    codes = {-1: NOT_KNOWN, **dict(enumerate(reversed(rules.codes)))}
    return {counted: (code, rules.words_of(code)) for counted, code in codes.items()}


def _by_field(of_fields: list[Any]) -> Iterator[tuple[Any, Any, Any]]:
    """Yield what belongs to one field: its level, weight and adjustment."""
    return zip(of_fields[::3], of_fields[1::3], of_fields[2::3], strict=True)
