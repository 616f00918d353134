"""Find the pairs that may be one person, and weigh them: Splink's SQL on a DuckDB that lives in memory.

- DuckDB may open no file, load no extension and spill nothing to disk: names stay in memory (law L8).
- The model's weights are given, and the table of how common a name is comes from the cohort; nothing is trained and
  nothing is taken from the list.
- What a pair weighs is the same as `weights.weigh` says of it; a property test holds that.
- The order of pairs is by row and person, whatever the threads did.

Edge: runs SQL. What becomes of a pair is left to `deciding.py`.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker

from gateway.model.linkage import Evidence, Level
from gateway.reconciliation.comparable import Comparable
from gateway.reconciliation.fields import COMPARED
from gateway.reconciliation.levels import DIFFERS, NOT_KNOWN, FieldRules
from gateway.reconciliation.levels_of_identifiers import NINO
from gateway.reconciliation.weights import Frequencies, Model, with_namesakes

_LIMITS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 2,
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
_ROW, _PERSON = "row", "person"
_LISTS = frozenset({"middles", "given", "nicks", "parts", "others"})
#: Splink adds up what is rounded here.
_WITHIN_ROUNDING = 0.001
_TEXT = pa.string()
_TYPES = {name: pa.list_(_TEXT) if name in _LISTS else _TEXT for name in Comparable._fields} | {"known": pa.bool_()}

_SAME = {
    **{name: f"l.{name} = r.{name}" for name in ("nino", "born", "forename", "surname", "postcode")},
    "nino-begins": "substr(l.nino, 1, 5) = substr(r.nino, 1, 5)",
    "nino-first": "substr(l.nino, 3, 3) = substr(r.nino, 3, 3)",
    "nino-last": "substr(l.nino, 6, 3) = substr(r.nino, 6, 3)",
    "born-swapped": "l.born = substr(r.born, 1, 4) || substr(r.born, 7, 2) || substr(r.born, 5, 2)",
    "year": "substr(l.born, 1, 4) = substr(r.born, 1, 4)",
    "year-and-month": "substr(l.born, 1, 6) = substr(r.born, 1, 6)",
    "day-and-month": "substr(l.born, 5) = substr(r.born, 5)",
    "year-of-two-digits-and-month": "substr(l.born, 3, 4) = substr(r.born, 3, 4)",
    "forename-initial": "left(l.forename, 1) = left(r.forename, 1)",
    "surname-initial": "left(l.surname, 1) = left(r.surname, 1)",
    "forename-begins": "substr(l.forename, 1, 3) = substr(r.forename, 1, 3)",
    "surname-begins": "substr(l.surname, 1, 4) = substr(r.surname, 1, 4)",
    "forename-is-surname": "l.forename = r.surname",
    "forename-begins-surname": "left(l.forename, 1) = left(r.surname, 1)",
    "surname-begins-forename": "left(l.surname, 3) = left(r.forename, 3)",
    "surname-is-forename": "l.surname = r.forename",
    "outcode": "left(l.postcode, 4) = left(r.postcode, 4)",
}
#: Pairs that no rule brings together are never looked at. Each rule must be selective in a cohort of 100,000.
BLOCKS = tuple(
    " and ".join(_SAME[each] for each in rule.split())
    for rule in (
        "nino",
        "nino-begins born",
        "nino-first forename-initial surname-initial",
        "nino-last forename-initial year",
        "born forename-initial",
        "born surname-initial",
        "born forename-is-surname",
        "born postcode",
        "born-swapped surname-initial",
        "born-swapped forename-initial",
        "forename surname",
        "forename-is-surname surname-is-forename",
        "forename-begins-surname surname-begins-forename year",
        "surname year",
        "surname day-and-month forename-initial",
        "surname-begins forename-begins year-of-two-digits-and-month",
        "forename year-and-month outcode",
        "forename day-and-month outcode",
        "postcode forename",
        "postcode surname-initial",
        "postcode forename-initial",
    )
)


class Scored(NamedTuple):
    """A pair that may be one person, by its places in the two sides."""

    row: int
    person: int
    evidence: Evidence


def score(
    rows: Sequence[Comparable], people: Sequence[Comparable], model: Model, frequencies: Frequencies
) -> list[Scored]:
    """Return every pair that a rule brings together and that weighs enough to be looked at, by row and person."""
    if not rows or not people:
        return []
    prior = model.prior(len(people))
    with closing(shut_in_memory()) as connection:
        database = DuckDBAPI(connection)
        sides = [
            database.register(_table(side), dataset_display_name=name)
            for side, name in ((rows, _ROW), (people, _PERSON))
        ]
        linker = Linker(sides, _settings(model, prior), log_level=None, validate_settings=False)
        for rules in COMPARED:
            if rules.counted:
                shares = database.register(_shares(rules, frequencies))
                linker.table_management.register_term_frequency_lookup(shares, rules.column)
        predicted = linker.inference.predict(warning_mode="never").as_duckdbpyrelation()
        found = predicted.filter(_worth_a_look(model)).project(", ".join(_wanted())).fetchall()
    scored = (
        Scored(row, person, with_namesakes(evidence, rows[row], people[person], frequencies))
        for row, person, evidence in _scored(found, model, prior)
    )
    return sorted(scored, key=lambda pair: (pair.row, pair.person))


def shut_in_memory() -> duckdb.DuckDBPyConnection:
    """Return a database that reaches no file, no network and no extension, and cannot be told to."""
    connection = duckdb.connect(":memory:", config=_LIMITS)
    for shut in _SHUT:
        connection.execute(shut)
    return connection


def _worth_a_look(model: Model) -> str:
    """Return the condition of a pair that is read out: heavy enough, or of one number and something else besides."""
    # Splink counts levels down to 0 for "differs"; -1 is "not known".
    same_number = f"gamma_of_nino = {len(NINO.levels)}"
    besides = "greatest(gamma_of_born, gamma_of_forename, gamma_of_surname) > 0"
    return f"match_weight >= {model.thresholds.low - _WITHIN_ROUNDING!r} or ({same_number} and {besides})"


def _table(side: Sequence[Comparable]) -> pa.Table:
    columns = zip(*side, strict=True)
    arrays = {
        name: pa.array(column, type=_TYPES[name]) for name, column in zip(Comparable._fields, columns, strict=True)
    }
    return pa.table({"place": pa.array(range(len(side)), type=pa.int32()), **arrays})


def _shares(rules: FieldRules, frequencies: Frequencies) -> pa.Table:
    shares = frequencies.shares[rules.field]
    return pa.table(
        {
            rules.column: pa.array(shares.keys(), type=_TEXT),
            f"tf_{rules.column}": pa.array(shares.values(), type=pa.float64()),
        }
    )


def _settings(model: Model, prior: float) -> dict[str, Any]:
    return {
        "link_type": "link_only",
        "sql_dialect": "duckdb",
        "unique_id_column_name": "place",
        "probability_two_random_records_match": 2**prior / (1 + 2**prior),
        # It keeps the levels only together with the values; the values are not read out.
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
        "blocking_rules_to_generate_predictions": [{"blocking_rule": rule, "sql_dialect": "duckdb"} for rule in BLOCKS],
        "comparisons": [_comparison(rules, model) for rules in COMPARED],
    }


def _comparison(rules: FieldRules, model: Model) -> dict[str, Any]:
    chances = model.chances[rules.field]
    nothing = f"{rules.column}_l is null or {rules.column}_r is null"
    known = [
        {
            "sql_condition": level.sql,
            "label_for_charts": level.code,
            "m_probability": chances[level.code].m,
            "u_probability": chances[level.code].u,
            **_adjusted(rules, level.code, model),
        }
        for level in rules.levels
    ]
    differs = chances[DIFFERS]
    return {
        "output_column_name": f"of_{rules.field.value}",
        "comparison_levels": [
            {"sql_condition": nothing, "label_for_charts": NOT_KNOWN, "is_null_level": True},
            *known,
            {
                "sql_condition": "ELSE",
                "label_for_charts": DIFFERS,
                "m_probability": differs.m,
                "u_probability": differs.u,
            },
        ],
    }


def _adjusted(rules: FieldRules, code: str, model: Model) -> dict[str, Any]:
    if code not in rules.adjusted | rules.lowered:
        return {}
    return {"tf_adjustment_column": rules.column, "tf_minimum_u_value": model.rarest(rules, code)}


def _wanted() -> list[str]:
    """Return the columns that are read out: where the pair stands, then level, weight and adjustment of each field."""
    columns = ["source_dataset_l", "place_l", "place_r"]
    for rules in COMPARED:
        name = f"of_{rules.field.value}"
        columns += [f"gamma_{name}", f"mw_{name}", f"mw_tf_adj_{name}" if rules.counted else "0::double"]
    return columns


def _scored(found: Iterable[tuple[Any, ...]], model: Model, prior: float) -> Iterator[Scored]:
    """Read the pairs out of what Splink leaves."""
    codes = [{-1: NOT_KNOWN, **dict(enumerate(reversed(rules.codes)))} for rules in COMPARED]
    for left, place_l, place_r, *of_fields in found:
        row, person = (place_l, place_r) if left == _ROW else (place_r, place_l)
        levels = tuple(
            (rules.field, _level(rules, code_of[counted], bits + adjustment))
            for rules, code_of, (counted, bits, adjustment) in zip(COMPARED, codes, _by_field(of_fields), strict=True)
        )
        yield Scored(row, person, Evidence(levels, prior, model.name))


def _level(rules: FieldRules, code: str, bits: float) -> Level:
    return Level(code, rules.words_of(code), round(bits, 6))


def _by_field(of_fields: list[Any]) -> Iterator[tuple[Any, Any, Any]]:
    """Yield what belongs to one field: its level, weight and adjustment."""
    return zip(of_fields[::3], of_fields[1::3], of_fields[2::3], strict=True)
