"""The command line tells the shell what kind of refusal it was, and a person the way out (design.md section 8)."""

import shutil
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest

from gateway.bootstrap import account_name
from gateway.cli.deliver import _exit_code
from gateway.model.delivery import ListState
from gateway.sandbox.rehearsal import new_host_key
from gateway.services.delivery.deliver_lists import Delivered
from tests.command_line import County, a_county, a_county_with_lists_due, gateway

JOBCENTRE = "jobcentre-plus-supporting-families"


@pytest.fixture
def county(tmp_path) -> County:
    return a_county(tmp_path)


def test_done_is_0(county):
    assert county.run("sources", "status").code == 0


@pytest.mark.parametrize(
    "words",
    [("--no-such-option",), ("no-such-command",), ("sources", "load", "--accept", "shrinkage"), ("keys", "show")],
)
def test_a_wrong_command_line_is_2(county, words):
    ran = county.run(*words)
    assert ran.code == 2
    assert not ran.out


def test_no_settings_file_is_5_and_names_init(tmp_path):
    ran = gateway("--config", str(tmp_path / "none.toml"), "sources", "status")
    assert ran.code == 5
    assert "gateway init" in ran.err


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('environment = "synthetic"', 'environment = "zebra-staging"', "gateway.environment"),
        ("snapshot_kept_days = 35", 'snapshot_kept_days = "zebra"', "limits.snapshot_kept_days"),
        ("[service]", "[zebra]", "zebra"),
        ('load_at = "22:00"', 'load_at = "22:00', "TOML"),
    ],
)
def test_faulty_settings_are_5_and_the_value_is_not_repeated(county, old, new, named):
    county.edit("config/gateway.toml", (old, new))
    ran = county.run("sources", "status")
    assert ran.code == 5
    assert named in ran.err
    assert named == "zebra" or "zebra" not in ran.said


def test_an_account_that_is_not_mapped_is_6(county):
    county.edit("config/gateway.toml", (f'[actors."{account_name()}"]', '[actors."somebody-else"]'))
    ran = county.run("sources", "status")
    assert ran.code == 6
    assert "[actors." in ran.err


@pytest.mark.parametrize(
    "words",
    [
        ("sources", "accept", "liquidlogic_ehm", "persons", "--case", "IG-2026-0001"),
        ("agreements", "suspend", JOBCENTRE, "--reason", "incident", "--case", "IG-2026-0001"),
    ],
)
def test_what_the_roles_do_not_allow_is_6(county, words):
    ran = county.run(*words)
    assert ran.code == 6
    assert "may not do" in ran.err


def test_a_faulty_agreement_is_5_with_file_line_and_column(county):
    county.edit(f"agreements/{JOBCENTRE}.yaml", ("  article_9:", "  article_nine:"))
    checked = county.run("agreements", "check")
    assert checked.code == 5
    assert f"{JOBCENTRE}.yaml:29:3" in checked.out
    assert county.run("agreements", "preview", JOBCENTRE).code == 5
    assert county.run("agreements", "preview", "fenland-housing-options").code == 0


def test_a_faulty_mapping_is_5_with_file_line_and_column(county):
    county.edit("config/sources/liquidlogic_ehm.yaml", ("      surname: SURNAME\n      date", "      date"))
    ran = county.run("sources", "load")
    assert ran.code == 5
    assert "liquidlogic_ehm.yaml:" in ran.err


def test_a_missing_extract_is_75_and_the_old_snapshot_stays(county):
    county.extract("liquidlogic_ehm", "needs").unlink()
    ran = county.run("sources", "load")
    assert ran.code == 75
    assert "liquidlogic_ehm/needs_{date}.csv" in ran.err
    assert county.run("agreements", "preview", JOBCENTRE).code == 0


def test_a_missing_suppression_feed_is_3(county):
    county.extract("suppression", "suppression").unlink()
    ran = county.run("sources", "load")
    assert ran.code == 3
    assert "make-the-suppression-feed.md" in ran.err


def test_nothing_to_decide_from_is_1_and_names_the_command(tmp_path):
    ran = a_county(tmp_path, loaded=False).run("agreements", "preview", JOBCENTRE)
    assert ran.code == 1
    assert "gateway sources load" in ran.err


def test_other_tables_are_5_and_name_db_upgrade(county):
    with _database(county) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    ran = county.run("sources", "status")
    assert ran.code == 5
    assert "gateway db upgrade" in ran.err
    assert county.run("db", "upgrade").code == 5


def test_a_database_at_this_version_needs_no_upgrade(county):
    ran = county.run("db", "upgrade")
    assert (ran.code, ran.out) == (0, "")
    assert "at this version already" in ran.err


def test_keys_that_others_can_read_are_5(county):
    (county.folder / "state" / "keys" / "packages.pgp").chmod(0o644)
    ran = county.run("keys", "show", "packages")
    assert ran.code == 5
    assert "others can read" in ran.err


def test_a_withheld_list_is_3_and_the_other_agreement_is_sealed_all_the_same(tmp_path):
    ran = a_county_with_lists_due(tmp_path).run("disclose", "run")
    assert ran.code == 3
    assert "withheld" in ran.out
    assert "sealed" in ran.out


def test_L6_another_host_key_is_4_and_nothing_is_sent(tmp_path):
    county = _sealed(tmp_path)
    (county.folder / "invented" / "host_key").write_bytes(new_host_key())
    with county.served():
        ran = county.run("deliver", "resume")
    assert ran.code == 4
    assert "host-key-mismatch" in ran.said
    assert not list((county.folder / "partner").rglob("*.pgp"))


def test_a_server_that_is_not_there_is_75(tmp_path):
    ran = _sealed(tmp_path).run("deliver", "resume")
    assert ran.code == 75
    assert "connection-failed" in ran.said


@pytest.mark.parametrize(
    ("state", "code", "answer"),
    [
        ("verified", None, 0),
        ("sending", "transfer-interrupted", 75),
        ("uncertain", "outcome-unknown", 75),
        ("sealed", "transfer-refused", 1),
        ("sealed", "agreement-unapproved", 5),
        ("failed", "remote-conflict", 1),
        ("void", "hold-placed", 1),
    ],
)
def test_what_a_person_has_to_mend_before_a_delivery_is_not_75(state, code, answer):
    """A script that tries again on 75 would do so for ever."""
    waits = Delivered(1, "LST-1", "dwp", ListState.SEALED, "connection-failed")
    one = Delivered(2, "LST-2", "dwp", ListState(state), code)
    assert _exit_code((one,)) == answer
    assert _exit_code((one, waits)) == (answer or 75)
    assert _exit_code((one, replace(waits, security=True))) == 4


def test_L7_changed_evidence_is_4(tmp_path):
    county = a_county_with_lists_due(tmp_path)
    assert county.run("audit", "verify").code == 0
    with _database(county) as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        connection.execute("UPDATE ledger SET at = '2026-01-01T00:00:00Z' WHERE position = 2")
    ran = county.run("audit", "verify")
    assert ran.code == 4
    assert "NOT whole" in ran.err


def test_a_production_county_rehearses_nothing(tmp_path):
    folder = tmp_path / "real"
    made = gateway("init", str(folder), "--controller", "A Real Council", "--environment", "production")
    assert made.code == 0
    for words in (("invent",), ("approve", JOBCENTRE), ("serve",), ("desk", "dwp-jobcentre-plus")):
        ran = County(folder).run("sandbox", *words)
        assert ran.code == 5
        assert "real people" in ran.err
    assert not list((folder / "extracts").rglob("*.csv"))


def test_init_writes_over_nothing_and_takes_away_what_it_could_not_finish(tmp_path, county):
    before = {path: path.read_bytes() for path in county.folder.rglob("*") if path.is_file()}
    assert gateway("init", str(county.folder), "--controller", "Another Council").code == 5
    assert {path: path.read_bytes() for path in county.folder.rglob("*") if path.is_file()} == before
    half = tmp_path / "half"
    assert gateway("init", str(half), "--controller", "A Council", "--origin", "not a name").code == 5
    assert not half.exists()
    shutil.rmtree(county.folder)


@contextmanager
def _database(county: County):
    with closing(sqlite3.connect(county.folder / "state" / "gateway.db")) as connection, connection:
        yield connection


def _sealed(folder) -> County:
    county = a_county_with_lists_due(folder)
    assert county.run("disclose", "run", "fenland-housing-options").code == 0
    return county
