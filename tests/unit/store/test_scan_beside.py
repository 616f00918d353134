"""Statements that are read beside a writer see one state of the database, and leave nothing behind."""

import threading
from contextlib import closing
from datetime import date
from enum import StrEnum
from itertools import chain

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Date,
    Float,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    func,
    insert,
    literal,
    select,
)

from gateway.errors import StoreError
from gateway.store import scan_process
from gateway.store.dialects import connect_engine, make_sqlite_file
from gateway.store.scan_beside import ScansBeside

things = Table("things", MetaData(), Column("number", Integer, primary_key=True), Column("kind", Text))
SMALL = select(things.c.number).where(things.c.number < 6).order_by(things.c.number)
LARGE = select(things.c.number).where(things.c.number >= 6).order_by(things.c.number)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def writer(request, tmp_path):
    """A connection that is writing, behind ten things that were committed."""
    if request.param == "sqlite":
        make_sqlite_file(tmp_path / "things.db")
        url = f"sqlite:///{tmp_path / 'things.db'}"
    else:
        url = request.getfixturevalue("postgres_url")
    engine = connect_engine(url)
    with engine.begin() as connection:
        things.drop(connection, checkfirst=True)
        things.create(connection)
        connection.execute(insert(things), [{"number": number, "kind": "x"} for number in range(10)])
    with engine.connect() as connection:
        connection.execute(insert(things).values(number=10, kind="not committed"))
        yield connection
        connection.rollback()
    with engine.begin() as connection:
        things.drop(connection)
    engine.dispose()


def numbers(part):
    return [int(line) for line in chain.from_iterable(part)]


def readers():
    return [each.name for each in threading.enumerate() if each.name == "scan-beside"]


def test_each_part_has_its_statements_rows_and_nothing_that_the_writer_wrote(writer):
    with closing(ScansBeside(writer, [SMALL, LARGE], block=2)) as scans:
        assert [numbers(part) for part in scans.parts] == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9]]
    assert readers() == []


def test_the_writer_goes_on_while_others_read(writer):
    seen = []
    with closing(ScansBeside(writer, [SMALL, LARGE], block=1)) as scans:
        for lines in chain.from_iterable(scans.parts):
            seen += lines
            writer.execute(insert(things), [{"number": 100 + int(line), "kind": "y"} for line in lines])
    assert [int(line) for line in seen] == list(range(10))
    assert len(writer.execute(select(things.c.number).where(things.c.kind == "y")).all()) == 10


@pytest.mark.postgres
def test_all_parts_see_one_state_though_another_commits_between_them(postgres_url):
    engine = connect_engine(postgres_url)
    with engine.begin() as connection:
        things.create(connection)
        connection.execute(insert(things), [{"number": number, "kind": "x"} for number in range(10)])
    beside = ScansBeside._connected

    def and_another_commits(self, engine, count):
        for connection in beside(self, engine, count):
            yield connection
            with engine.begin() as other:
                other.execute(
                    insert(things).values(number=20 + connection.connection.driver_connection.info.backend_pid)
                )

    with engine.connect() as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScansBeside, "_connected", and_another_commits)
        with closing(ScansBeside(connection, [SMALL, LARGE])) as scans:
            assert [numbers(part) for part in scans.parts] == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9]]
        assert len(connection.execute(select(things.c.number)).all()) == 12
    with engine.begin() as connection:
        things.drop(connection)
    engine.dispose()


def test_one_that_is_given_up_leaves_no_thread(writer):
    with closing(ScansBeside(writer, [SMALL, LARGE], block=1)) as scans:
        assert next(scans.parts[0]) == [b"0"]
    assert readers() == []
    # Nor is anything taken from it any more.
    assert list(scans.parts[1]) == []


def test_what_keeps_one_part_from_being_read_is_raised_where_it_is_taken(writer):
    unknown = select(literal(1).op("no_such_operator")(things.c.number))
    with pytest.raises(StoreError), closing(ScansBeside(writer, [SMALL, unknown])) as scans:
        assert numbers(scans.parts[0]) == [0, 1, 2, 3, 4, 5]
        numbers(scans.parts[1])
    assert readers() == []


def test_a_statement_without_rows_gives_no_block(writer):
    with closing(ScansBeside(writer, [SMALL.where(things.c.kind == "none"), LARGE])) as scans:
        assert [numbers(part) for part in scans.parts] == [[], [6, 7, 8, 9]]


def test_at_its_end_a_part_stays_at_its_end(writer):
    with closing(ScansBeside(writer, [SMALL.where(things.c.kind == "none"), LARGE])) as scans:
        assert [numbers(part) for part in scans.parts] == [[], [6, 7, 8, 9]]
        assert [numbers(part) for part in scans.parts] == [[], []]


def test_a_database_in_memory_is_read_by_its_one_connection():
    with create_engine("sqlite://").connect() as connection:
        _fill(connection)
        with closing(ScansBeside(connection, [SMALL, LARGE])) as scans:
            assert readers() == []
            assert [numbers(part) for part in scans.parts] == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9]]


def _fill(connection: Connection) -> None:
    things.create(connection)
    connection.execute(insert(things), [{"number": number, "kind": "x"} for number in range(10)])


@pytest.fixture
def reader(tmp_path):
    make_sqlite_file(tmp_path / "things.db")
    engine = connect_engine(f"sqlite:///{tmp_path / 'things.db'}")
    with engine.connect() as connection:
        _fill(connection)
        connection.commit()
        yield connection
    engine.dispose()


@pytest.mark.parametrize("ends", ["pass", "sys.stdin.buffer.read(9)", "sys.exit(3)"])
def test_L1_a_process_that_ends_early_is_not_taken_for_the_end_of_what_it_reads(reader, monkeypatch, ends):
    monkeypatch.setattr(scan_process, "_LOAD", f"import sys; {ends}")
    with pytest.raises(StoreError, match="ended early"), closing(ScansBeside(reader, [SMALL, LARGE])) as scans:
        numbers(scans.parts[0])


def test_a_process_that_cannot_be_started_is_a_fault_of_the_store(reader, monkeypatch):
    monkeypatch.setattr(scan_process.sys, "executable", "/nowhere/python")
    with pytest.raises(StoreError, match="no room"):
        ScansBeside(reader, [SMALL, LARGE])


def test_L8_what_a_process_is_asked_is_in_no_argument_of_it(reader):
    asked = select(things.c.number).where(things.c.kind == "Synthetic Name")
    with closing(ScansBeside(reader, [asked, SMALL])) as scans:
        child = scans.parts[0]._child
        assert "Synthetic" not in " ".join(child.args)
        assert [numbers(part) for part in scans.parts] == [[], [0, 1, 2, 3, 4, 5]]


def test_days_words_and_nothing_are_handed_on_as_the_driver_gets_them(reader):
    class Kind(StrEnum):
        X = "x"

    day = literal(date(2026, 2, 28), Date)
    asked = select(things.c.number).where(
        things.c.kind == Kind.X, func.date("2026-02-27", "+1 day") == day, literal(None, Text).is_(None)
    )
    with closing(ScansBeside(reader, [asked, SMALL])) as scans:
        assert numbers(scans.parts[0]) == list(range(10))


def test_a_value_of_another_type_is_handed_to_nobody(reader):
    asked = select(things.c.number).where(things.c.number > literal(1.5, Float))
    with pytest.raises(TypeError, match="float"):
        ScansBeside(reader, [asked, SMALL])
