"""A restored database and a copied machine, as an operator and an approver meet them on the command line."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from tests.command_line import County, a_county

CASE = ("--case", "IG-2026-0142")


@pytest.fixture
def county(tmp_path) -> County:
    return a_county(tmp_path, loaded=False)


def database(county: County):
    return county.folder / "state" / "gateway.db"


def become(county: County, before: str, roles: str) -> None:
    county.edit("config/gateway.toml", (f"roles = [{before}]", f"roles = [{roles}]"))


def restore_an_older_one(county: County) -> str:
    """Put back what the database was before something was entered; return the checkpoint kept outside."""
    copy = county.folder / "copy.db"
    shutil.copy(database(county), copy)
    assert county.run("agreements", "enrol").code == 0
    for beside in database(county).parent.glob("gateway.db-*"):
        beside.unlink()
    shutil.copy(copy, database(county))
    return (county.folder / "state" / "checkpoints" / "newest.txt").read_text(encoding="utf-8")


def test_an_older_database_is_4_until_an_approver_settles_it_and_says_so_in_the_audit(county):
    outside = county.folder / "outside.txt"
    outside.write_text(restore_an_older_one(county), encoding="utf-8")
    ran = county.run("agreements", "enrol")
    assert ran.code == 4
    assert "gateway disclose settle" in ran.err
    checked = {each["what"]: each for each in county.run("doctor", "--offline", "--json").document()["checks"]}
    assert checked["checkpoint"]["verdict"] == "not ok"

    look = county.run("disclose", "settle")
    assert look.code == 0
    assert "Nothing was changed." in look.err
    assert "holds on people" in look.err
    assert county.run("disclose", "settle", "--restored", *CASE).code == 6
    become(county, '"operator", "data_officer"', '"approver"')
    settled = county.run("disclose", "settle", "--restored", *CASE, "--json")
    assert settled.code == 0, settled.said
    assert settled.document()["held"] > settled.document()["had"]

    verified = county.run("audit", "verify", "--checkpoint", str(outside))
    assert verified.code == 0, verified.said
    assert "were lost with an older database" in verified.err
    assert "1 checkpoints kept elsewhere count entries that were lost so." in verified.err
    refused = county.run("disclose", "start", "--reason", "resolved", *CASE)
    assert (refused.code, "entered_again" in refused.err) == (1, True)
    assert county.run("disclose", "start", "--reason", "entered_again", *CASE).code == 0


def test_a_database_of_another_machine_is_5_until_an_operator_moves_it(county):
    with closing(sqlite3.connect(database(county))) as connection, connection:
        connection.execute("UPDATE leases SET holder = ? WHERE name = 'host'", ("a" * 64,))
    ran = county.run("agreements", "enrol")
    assert ran.code == 5
    assert "gateway db move" in ran.err
    moved = county.run("db", "move", *CASE)
    assert (moved.code, "belongs to this machine" in moved.err) == (0, True)
    assert county.run("agreements", "enrol").code == 0
