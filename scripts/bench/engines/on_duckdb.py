"""DuckDB over exported tables, in memory, as an engine of SQLAlchemy's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from sqlalchemy import Engine, create_engine

from scripts.bench.engines import dialects
from scripts.bench.engines.exported import exported_files

_FUNCTIONS = (
    f"CREATE MACRO hides_characters(words) AS regexp_matches(words, '{dialects.HIDDEN}')",
    f"CREATE MACRO looks_unsafe(words) AS regexp_matches(words, '{dialects.SUSPECT}')",
    "CREATE MACRO hex_text(bytes) AS lower(hex(bytes))",
    "CREATE MACRO day_text(day) AS strftime(day, '%Y-%m-%d')",
)


@contextmanager
def duckdb_over(folder: Path) -> Iterator[Engine]:
    """Give an engine that has the tables of the folder."""
    database = duckdb.connect(config={"threads": 2, "temp_directory": str(folder / "spilled")})
    for name, file in exported_files(folder):
        database.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{file}')")
    for function in _FUNCTIONS:
        database.execute(function)
    engine = create_engine("duckdb://", module=duckdb, creator=database.cursor, hide_parameters=True)
    yield engine
    engine.dispose()
    database.close()
