"""`gateway doctor`: one line for each thing that a night needs, the next command for what is not there, never a person."""

import sqlite3
from contextlib import closing

import pytest

from tests.command_line import County, a_county, a_county_with_lists_due, gateway


@pytest.fixture
def county(tmp_path) -> County:
    return a_county_with_lists_due(tmp_path)


def _found(county: County, *words: str) -> dict[str, dict[str, str]]:
    ran = county.run("doctor", "--json", *words)
    said = ran.document()
    assert ran.code == (0 if said["ok"] else 1)
    assert said["ok"] == all(check["verdict"] != "not ok" for check in said["checks"])
    return {check["what"]: check for check in said["checks"]}


def test_a_county_that_is_ready_but_for_its_service_and_server(county):
    found = _found(county)
    wrong = {what for what, check in found.items() if check["verdict"] == "not ok"}
    assert wrong == {"service", "partner dwp-jobcentre-plus", "partner fenland-housing-options"}
    assert found["service"]["way_out"] == "Start `gateway service`"
    assert "gateway sandbox serve" in found["partner dwp-jobcentre-plus"]["way_out"]
    assert {"settings", "account", "keys", "database", "clock", "mappings", "newest load", "approvers", "disk"} <= {
        what for what, check in found.items() if check["verdict"] == "ok"
    }


def test_offline_the_partners_are_not_tried(county):
    assert not any(what.startswith("partner ") for what in _found(county, "--offline"))


def test_nothing_would_stop_a_night_when_the_service_lives_and_the_server_answers(county):
    _leave_a_heartbeat(county)
    with county.served():
        ran = county.run("doctor")
    assert ran.code == 0, ran.out
    assert "Nothing would stop a night." in ran.err
    assert all(line.startswith(("ok ", "take care ")) for line in ran.out.splitlines())


@pytest.mark.parametrize(
    ("damage", "what", "said"),
    [
        (lambda c: c.edit("config/gateway.toml", ("[limits]", "[limit]")), "settings", "limit"),
        (lambda c: c.edit("config/gateway.toml", ('[actors."', '[actors."x')), "account", "is not mapped"),
        (lambda c: (c.folder / "state/keys/index.key").unlink(), "keys", "no key for"),
        (lambda c: (c.folder / "state/keys/index.key").chmod(0o640), "keys", "others can read"),
        (lambda c: (c.folder / "config/partners/dwp-jobcentre-plus.asc").unlink(), "partners' files", "is not there"),
        (lambda c: (c.folder / "config/bank_holidays.yaml").unlink(), "bank holidays' file", "cannot be read"),
        (lambda c: (c.folder / "state/gateway.db").unlink(), "database", ""),
        (lambda c: c.edit("config/gateway.toml", ('"synthetic"', '"production"')), "database", "for ever"),
        (lambda c: c.edit("config/sources/capita_one.yaml", ("title:", "titel:")), "mappings", "capita_one.yaml:"),
        (lambda c: c.extract("capita_one", "needs").unlink(), "extracts of capita_one", "no such extract"),
        (
            lambda c: c.edit("agreements/fenland-housing-options.yaml", ("empty_list: skip", "empty_list: maybe")),
            "agreements' files",
            "fenland-housing-options.yaml:",
        ),
        (lambda c: c.edit("config/approvers", ("role=approver", "role=approver\n#")), "approvers", "not the one"),
        (
            lambda c: c.edit("agreements/fenland-housing-options.yaml", ("version: 1", "version: 2")),
            "agreement fenland-housing-options",
            "0 of 2 approvals",
        ),
        (
            lambda c: c.edit("config/gateway.toml", ("command = []", 'command = ["no-such-program"]')),
            "alerts",
            "not there",
        ),
    ],
)
def test_what_is_not_as_it_must_be_has_its_own_line_and_a_next_step(county, damage, what, said):
    damage(county)
    check = _found(county, "--offline")[what]
    assert check["verdict"] == "not ok"
    assert said in check["found"]
    assert check["way_out"]


def test_nothing_loaded_yet_is_told(tmp_path):
    found = _found(a_county(tmp_path, loaded=False), "--offline")
    assert found["newest load"]["found"] == "nothing was loaded yet"
    assert found["newest load"]["way_out"] == "`gateway sources load`"


def test_a_suspended_agreement_is_no_fault(county):
    county.give_roles("operator", "data_officer", "ig_officer")
    words = ("fenland-housing-options", "--reason", "review", "--case", "IG-2026-0001")
    assert county.run("agreements", "suspend", *words).code == 0
    check = _found(county, "--offline")["agreement fenland-housing-options"]
    assert check["verdict"] == "take care"
    assert "gateway agreements resume" in check["way_out"]


def test_a_clock_behind_the_ledger_is_told(county):
    with closing(sqlite3.connect(county.folder / "state" / "gateway.db")) as connection, connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        newest = "UPDATE ledger SET at = '2199-01-01T00:00:00Z' WHERE position = (SELECT max(position) FROM ledger)"
        connection.execute(newest)
    assert "Compare the machine's clock" in _found(county, "--offline")["clock"]["way_out"]


def test_an_account_without_the_operators_role_may_look_and_tries_no_server(county):
    county.give_roles("auditor")
    found = _found(county)
    assert found["partners"]["verdict"] == "take care"
    assert "operator" in found["partners"]["found"]


def test_without_settings_there_is_one_line(tmp_path):
    ran = gateway("--config", str(tmp_path / "none.toml"), "doctor")
    assert ran.code == 1
    assert len(ran.out.splitlines()) == 1
    assert "gateway init" in ran.out


def _leave_a_heartbeat(county: County) -> None:
    from gateway import bootstrap
    from gateway.services.planning.heartbeat import live
    from gateway.settings import read_settings

    with bootstrap.workplace_of(read_settings(county.settings)) as workplace:
        live(workplace)
