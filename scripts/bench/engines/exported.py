"""Export the tables that a list is decided from, as Parquet files that other engines read.

Never the database's own file: a second library on a live SQLite file loses committed rows. The files hold people in
plain, so they belong to invented ones and into a folder that is thrown away.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, Table, select

from gateway.store.tables import SNAPSHOT, exclusions, holds

EXPORTED = (*SNAPSHOT, holds, exclusions)
_AT_ONCE = 50_000
_TYPES: dict[type, pa.DataType] = {
    int: pa.int64(),
    str: pa.string(),
    bool: pa.bool_(),
    bytes: pa.binary(),
    date: pa.date32(),
}


def export(connection: Connection, folder: Path) -> None:
    """Write a file of each table, named for it; one without rows has its columns all the same."""
    for table in EXPORTED:
        schema = pa.schema([(column.name, _TYPES[column.type.python_type]) for column in table.c])
        with pq.ParquetWriter(folder / f"{table.name}.parquet", schema) as file:
            for rows in _blocks(connection, table):
                values = zip(*rows, strict=True)
                arrays = [pa.array(column, field.type) for column, field in zip(values, schema, strict=True)]
                file.write_batch(pa.record_batch(arrays, schema=schema))


def exported_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the name of each table and its file."""
    for table in EXPORTED:
        yield table.name, folder / f"{table.name}.parquet"


def _blocks(connection: Connection, table: Table) -> Iterator[Any]:
    query = select(table).execution_options(yield_per=_AT_ONCE)
    yield from connection.execute(query).partitions()
