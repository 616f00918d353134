"""Tell Splink of the gateway's model, and hear from it what it would run and what it finds.

- `statement_of` is what Splink runs to weigh pairs that are given to it. scripts/write_linkage_sql.py ships it with the
  model, and the gateway runs it as it stands.
- `found_by_splink` is Splink left to itself: it finds the pairs by its own SQL, looks up how common a value is and
  weighs. A test holds that the gateway finds the same pairs and weighs them the same.

Edge: runs SQL in memory.
"""

import re
from contextlib import closing
from typing import Any

import pyarrow as pa
from splink import DuckDBAPI, Linker
from splink.internals.realtime import compare_records

from gateway.reconciliation.columns import Columns
from gateway.reconciliation.comparable import Comparable
from gateway.reconciliation.compared import Compared
from gateway.reconciliation.fields import COMPARED
from gateway.reconciliation.levels import DIFFERS, NOT_KNOWN, FieldRules
from gateway.reconciliation.pairing import RULES
from gateway.reconciliation.splink_scoring import (
    PAIR,
    PEOPLE,
    ROWS,
    Scored,
    shut_in_memory,
    table_of,
    wanted,
    weighed,
    worth_a_look,
)
from gateway.reconciliation.weights import Frequencies, Model, frequencies_of, with_namesakes

_ROW, _PERSON, _PLACE = "row", "person", "place"
#: What each part of a rule in `pairing.py` is in SQL: `l` is the person, `r` the row.
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
_BLOCKS = tuple(" and ".join(_SAME[part] for part in rule) for rule in RULES)
_PAIR_OF_PLACES = f"if(source_dataset_l = '{_ROW}', [place_l, place_r], [place_r, place_l])"
#: Splink names its tables anew each time.
_NAMED_ANEW = re.compile(rf"({PEOPLE}|{ROWS})_\w+")


def statement_of(model: Model) -> str:
    """Return what Splink runs to weigh pairs of two tables: a person and a row are a pair where `pair` is the same.

    It begins at even odds: the prior depends on the size of the cohort, and is added by whoever reads the weights.
    """
    nobody = table_of([], frequencies_of(Columns([], [], [], [], []), model))
    none = nobody.append_column(PAIR, pa.array([], type=pa.int32()))
    settings = {**_settings(model, 0.0, PAIR), "link_type": "dedupe_only"}
    with closing(shut_in_memory()) as connection:
        compared = compare_records(none, none, settings, DuckDBAPI(connection), join_condition=f"l.{PAIR} = r.{PAIR}")
        return _NAMED_ANEW.sub(r"\1", compared.sql_used_to_create)


def found_by_splink(rows: Compared, people: Compared, model: Model, frequencies: Frequencies) -> list[Scored]:
    """Return what `splink_scoring.score` returns, by Splink alone."""
    prior = model.prior(len(people))
    with closing(shut_in_memory()) as connection:
        database = DuckDBAPI(connection)
        sides = [
            database.register(_placed(side, frequencies), dataset_display_name=name)
            for side, name in ((rows, _ROW), (people, _PERSON))
        ]
        linker = Linker(sides, _settings(model, prior, _PLACE), log_level=None, validate_settings=False)
        for rules in COMPARED:
            if rules.counted:
                shares = database.register(_shares(rules, frequencies))
                linker.table_management.register_term_frequency_lookup(shares, rules.column)
        predicted = linker.inference.predict(warning_mode="never").as_duckdbpyrelation()
        # Its weight has the prior already.
        heavy = predicted.filter(worth_a_look(model, 0.0))
        found = heavy.project(f"{_PAIR_OF_PLACES}, {wanted().partition(', ')[2]}").fetchall()
    scored = (
        Scored(row, person, with_namesakes(evidence, rows[row], people[person], frequencies))
        for (row, person), evidence in weighed(found, model, prior)
    )
    return sorted(scored, key=lambda pair: (pair.row, pair.person))


def _placed(side: Compared, frequencies: Frequencies) -> pa.Table:
    """Return a side without how common anything is: Splink looks that up itself."""
    lines = table_of(side, frequencies).select(list(Comparable._fields))
    return lines.append_column(_PLACE, pa.array(range(len(side)), type=pa.int32()))


def _shares(rules: FieldRules, frequencies: Frequencies) -> pa.Table:
    shares = frequencies.shares[rules.field]
    return pa.table(
        {
            rules.column: pa.array(shares.keys(), type=pa.string()),
            f"tf_{rules.column}": pa.array(shares.values(), type=pa.float64()),
        }
    )


def _settings(model: Model, prior: float, key: str) -> dict[str, Any]:
    return {
        "link_type": "link_only",
        "sql_dialect": "duckdb",
        "unique_id_column_name": key,
        "probability_two_random_records_match": 2**prior / (1 + 2**prior),
        # It keeps the levels only together with the values; the values are not read out.
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": rule, "sql_dialect": "duckdb"} for rule in _BLOCKS
        ],
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
