"""A county on PostgreSQL, made and used by the command line alone."""

import pytest

from tests.command_line import County, gateway

pytestmark = pytest.mark.postgres


def test_a_county_is_made_over_an_empty_database_and_used(tmp_path, postgres_url):
    address = tmp_path / "database-address"
    address.write_text(f"{postgres_url}\n", encoding="utf-8")
    words = ("init", str(tmp_path / "county"), "--controller", "A Council", "--database-file", str(address))
    address.chmod(0o644)
    refused = gateway(*words)
    assert refused.code == 5
    assert "others can read this file" in refused.err
    assert not (tmp_path / "county").exists()
    address.chmod(0o600)
    assert gateway(*words).code == 0
    county = County(tmp_path / "county")
    assert not list((county.folder / "state").glob("*.db"))
    assert county.run("sandbox", "invent", "--families", "60").code == 0
    assert county.run("sources", "load").code == 0
    assert county.run("agreements", "preview", "jobcentre-plus-supporting-families").code == 0
    assert county.run("db", "upgrade").code == 0
    found = {check["what"]: check for check in county.run("doctor", "--offline", "--json").document()["checks"]}
    assert found["database"]["verdict"] == "ok"
    assert found["newest load"]["verdict"] == "ok"
    assert county.run("audit", "verify").code == 0
    shown = county.run("config", "show")
    assert "(in database_file)" in shown.out
    assert postgres_url not in shown.said


def test_a_database_that_is_not_there_is_told_without_its_address(tmp_path):
    address = tmp_path / "database-address"
    address.write_text("postgresql+psycopg://gateway:zebra-word@127.0.0.1:1/gateway\n", encoding="utf-8")
    address.chmod(0o600)
    ran = gateway("init", str(tmp_path / "county"), "--controller", "A Council", "--database-file", str(address))
    assert ran.code in {1, 75}
    assert "zebra-word" not in ran.said
    assert "Traceback" not in ran.err
    assert not (tmp_path / "county").exists()
