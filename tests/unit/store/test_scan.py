"""Both ways of scanning give the same bytes, those of PostgreSQL's own CSV."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Text,
    cast,
    create_engine,
    delete,
    insert,
    literal,
    literal_column,
    select,
)

from gateway.errors import StoreError
from gateway.store import scan as scanning
from gateway.store.csv_lines import line_of
from gateway.store.scan import scan

things = Table(
    "things",
    MetaData(),
    Column("number", Integer, primary_key=True),
    Column("first", Text),
    Column("second", String(80)),
    Column("day", Date),
    Column("so", Boolean),
)
#: Values that CSV writers are known to differ on.
AWKWARD = (
    "",
    " ",
    " lead",
    "trail ",
    ",",
    '"',
    '""',
    "a,b",
    'say "so"',
    "\\.",
    "\\",
    "\\N",
    "NULL",
    "a\nb",
    "a\rb",
    "\r\n",
    "tab\t",
    "Zoë",
    "'",
    "%",
    "%(x)s",
    "-",
    "=1",
    "\ufeff",
    "😀",
    ";",
    "#",
)


@contextmanager
def database(url: str) -> Iterator[Connection]:
    engine = create_engine(url, hide_parameters=True)
    with engine.connect() as connection:
        things.metadata.create_all(connection)
        yield connection
        connection.rollback()
    engine.dispose()


@pytest.fixture
def sqlite() -> Iterator[Connection]:
    with database("sqlite://") as connection:
        yield connection


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Connection]:
    with database(postgres_url) as connection:
        yield connection


def fill(connection: Connection, rows: list[tuple[Any, ...]]) -> None:
    connection.execute(delete(things))
    if rows:
        names = [column.name for column in things.columns]
        connection.execute(insert(things), [dict(zip(names, row, strict=True)) for row in rows])


def lines(connection: Connection, statement: Select[Any]) -> list[bytes]:
    return [line for block in scan(connection, statement) for line in block]


def lines_by_rows(connection: Connection, statement: Select[Any]) -> list[bytes]:
    return [line for block in scanning._written(connection, statement, 2) for line in block]


EVERYTHING = select(things).order_by(things.c.number)
AWKWARD_ROWS = [(n, value, AWKWARD[-n], date(2024, 2, 29), n % 2 == 0) for n, value in enumerate(AWKWARD)]
AWKWARD_ROWS += [(100, None, None, None, None), (101, "", None, None, True)]


@pytest.mark.postgres
def test_copy_and_rows_give_the_same_bytes_for_awkward_values(sqlite, postgres):
    for connection in (sqlite, postgres):
        fill(connection, AWKWARD_ROWS)
    copied = lines(postgres, EVERYTHING)
    assert lines_by_rows(postgres, EVERYTHING) == copied
    assert lines(sqlite, EVERYTHING) == copied
    assert copied[0] == b'0,"","",2024-02-29,t'
    assert copied[-2] == b"100,,,,"
    assert copied[-1] == b'101,"",,,t'


@pytest.mark.postgres
@pytest.mark.parametrize("value", [*AWKWARD, None])
def test_a_line_of_one_value_is_written_alike(sqlite, postgres, value):
    """Alone on its line a null, an empty text and `\\.` are each written in their own way."""
    statement = select(things.c.first)
    for connection in (sqlite, postgres):
        fill(connection, [(1, value, None, None, None)])
    assert lines(sqlite, statement) == lines(postgres, statement) == lines_by_rows(postgres, statement)


@pytest.mark.postgres
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))),
            st.one_of(st.none(), st.text('",\r\n\\. a', max_size=6)),
            st.one_of(st.none(), st.dates(date(1900, 1, 1), date(2100, 1, 1))),
            st.one_of(st.none(), st.booleans()),
        ),
        max_size=20,
    )
)
def test_L9_copy_and_rows_give_the_same_bytes_for_any_values(sqlite, postgres, rows):
    """Law L9: the same inputs give the same bytes on both databases."""
    for connection in (sqlite, postgres):
        fill(connection, [(n, *row) for n, row in enumerate(rows)])
    assert lines(sqlite, EVERYTHING) == lines(postgres, EVERYTHING)


@pytest.mark.postgres
@pytest.mark.parametrize("wanted", [["plain", "it's", 'say "so"', "100%", "%(x)s", "\\", ":colon"], []])
def test_parameters_reach_a_copy_as_they_are(sqlite, postgres, wanted):
    statement = (
        select(things.c.number, things.c.first, literal("it's 100% %(x)s \\ so"))
        .where(things.c.first.in_(wanted), things.c.day >= date(2024, 2, 29), things.c.so.is_(True))
        .order_by(things.c.number)
    )
    rows = [(n, value, None, date(2024, 2, 29), True) for n, value in enumerate([*wanted, "other"])]
    for connection in (sqlite, postgres):
        fill(connection, rows)
    copied = lines(postgres, statement)
    assert len(copied) == len(wanted)
    assert copied == lines(sqlite, statement)


@pytest.mark.postgres
def test_days_are_written_alike_whatever_the_server_is_set_to(postgres):
    fill(postgres, [(1, None, None, date(2024, 2, 29), None)])
    postgres.exec_driver_sql("SET datestyle = 'German'")
    assert lines(postgres, select(things.c.number, things.c.day)) == [b"1,2024-02-29"]


def _in_blocks(connection: Connection, *, alone: bool) -> None:
    fill(connection, [(n, "x", None, None, None) for n in range(10)])
    blocks = list(scan(connection, select(things.c.number).order_by(things.c.number), block=4, alone=alone))
    assert [len(block) for block in blocks] == [4, 4, 2]
    assert [line for block in blocks for line in block] == [str(n).encode() for n in range(10)]


@pytest.mark.parametrize("alone", [True, False])
def test_lines_come_in_blocks(sqlite, alone):
    _in_blocks(sqlite, alone=alone)


@pytest.mark.postgres
@pytest.mark.parametrize("alone", [True, False])
def test_lines_of_a_copy_come_in_blocks(postgres, alone):
    _in_blocks(postgres, alone=alone)


def _written_between(connection: Connection) -> None:
    """Evidence is written by the connection that is scanned, block by block."""
    fill(connection, [(n, "x", None, None, None) for n in range(10)])
    statement = select(things.c.number).where(things.c.first == "x").order_by(things.c.number)
    for lines_of_block in scan(connection, statement, block=4):
        connection.execute(insert(things), [{"number": 100 + int(line), "first": "y"} for line in lines_of_block])
    assert len(lines(connection, select(things.c.number).where(things.c.first == "y"))) == 10


def test_the_connection_may_write_between_blocks(sqlite):
    _written_between(sqlite)


@pytest.mark.postgres
def test_the_connection_may_write_between_blocks_of_a_copy(postgres):
    _written_between(postgres)


def test_a_statement_without_rows_gives_no_block(sqlite):
    assert list(scan(sqlite, EVERYTHING)) == []


@pytest.mark.parametrize("value", [1.5, Decimal("1.5"), b"bytes", datetime(2024, 2, 29, tzinfo=UTC)])
def test_a_value_without_an_agreed_form_is_refused(value):
    with pytest.raises(TypeError, match="no agreed form"):
        line_of((1, value))


@pytest.mark.postgres
def test_L8_a_scan_that_breaks_off_says_nothing_of_the_values(postgres):
    fill(postgres, [(1, "Secretive", None, None, None)])
    with pytest.raises(StoreError) as caught:
        lines(postgres, select(cast(things.c.first, Integer)))
    assert "Secretive" not in str(caught.value)


def test_L8_rows_that_break_off_say_nothing_of_the_values(sqlite):
    with pytest.raises(StoreError) as caught:
        lines(sqlite, select(literal_column("no_such_column")))
    assert "no_such_column" not in str(caught.value)


@pytest.mark.postgres
def test_a_scan_that_is_given_up_ends_and_leaves_a_connection_that_can_be_rolled_back(postgres):
    fill(postgres, [(n, "x" * 1000, None, None, None) for n in range(20_000)])
    scanned = scan(postgres, EVERYTHING, alone=True)
    assert len(next(scanned)) == scanning.BLOCK
    scanned.close()
    postgres.rollback()
    assert postgres.execute(select(literal(1))).scalar_one() == 1


@pytest.mark.postgres
def test_room_is_given_for_the_transaction_only(postgres):
    before = postgres.exec_driver_sql("SHOW work_mem").scalar_one()
    scanning.give_room(postgres)
    assert postgres.exec_driver_sql("SHOW work_mem").scalar_one() == "256MB"
    postgres.rollback()
    assert postgres.exec_driver_sql("SHOW work_mem").scalar_one() == before


def test_where_the_database_knows_no_limit_there_is_nothing_to_give(sqlite):
    scanning.give_room(sqlite)
    assert lines(sqlite, select(literal(1), literal(2))) == [b"1,2"]
