"""A county on PostgreSQL, made and used by the command line alone."""

import pytest
from sqlalchemy import text

from tests.command_line import County, gateway
from tests.two_roles import as_superuser

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
    assert found["database role"]["verdict"] == "take care"
    assert "is a superuser" in found["database role"]["found"]
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


@pytest.fixture
def owned(tmp_path, postgres_url, two_roles):
    """A county whose tables were made by an owner, and what tells a command who that is."""
    owner = {"GATEWAY_OWNER_DATABASE": two_roles.give(postgres_url)}
    address = tmp_path / "database-address"
    address.write_text(f"{two_roles.runtimes(postgres_url)}\n", encoding="utf-8")
    address.chmod(0o600)
    words = ("init", str(tmp_path / "county"), "--controller", "A Council", "--database-file", str(address))
    made = gateway(*words, **owner)
    assert made.code == 0, made.said
    return County(tmp_path / "county"), owner


def test_L7_a_county_of_two_roles_is_used_by_one_that_owns_nothing(owned, postgres_url, two_roles):
    county, owner = owned
    assert county.run("sandbox", "invent", "--families", "60").code == 0
    assert county.run("sources", "load").code == 0
    assert county.run("agreements", "preview", "jobcentre-plus-supporting-families").code == 0
    assert county.run("audit", "verify").code == 0
    assert role_checked(county)["verdict"] == "ok"
    assert county.run("db", "upgrade", **owner).code == 0
    with as_superuser(postgres_url) as connection:
        connection.execute(text(f"GRANT UPDATE ON evidence TO {two_roles.runtime}"))
        connection.execute(text(f"REVOKE UPDATE ON lists FROM {two_roles.runtime}"))
    lacking = role_checked(county)
    assert (lacking["verdict"], "lacks UPDATE on lists" in lacking["found"]) == ("not ok", True)
    printed = county.run("db", "roles")
    assert printed.code == 0
    assert role_checked(county)["verdict"] == "not ok"
    without = county.run("db", "roles", "--apply")
    assert (without.code, "GATEWAY_OWNER_DATABASE" in without.err) == (5, True)
    applied = county.run("db", "roles", "--apply", **owner)
    assert (applied.code, applied.out) == (0, printed.out)
    assert role_checked(county)["verdict"] == "ok"
    assert county.run("audit", "verify").code == 0
    for ran in (printed, without, applied):
        assert "-word" not in ran.said


def role_checked(county):
    """What the check-up says of the role; the worst, where it says several things."""
    checks = county.run("doctor", "--offline", "--json").document()["checks"]
    return next(check for check in checks if check["what"] == "database role")


def test_the_owner_may_not_be_whom_the_gateway_works_under(owned, postgres_url, two_roles):
    county, _ = owned
    for words in (("db", "upgrade"), ("db", "roles", "--apply")):
        same = county.run(*words, GATEWAY_OWNER_DATABASE=two_roles.runtimes(postgres_url))
        assert (same.code, "roles-not-separate" in same.err) == (5, True), same.said


def test_the_owners_address_may_stand_in_a_private_file(owned):
    county, owner = owned
    kept = county.folder / "config" / "owner-address"
    kept.write_text(owner["GATEWAY_OWNER_DATABASE"], encoding="utf-8")
    county.edit("config/gateway.toml", ("# owner_database_file = ", "owner_database_file = "))
    county.edit("config/gateway.toml", ("owner-address", "config/owner-address"))
    kept.chmod(0o644)
    assert "others can read this file" in county.run("db", "roles", "--apply").err
    kept.chmod(0o600)
    assert county.run("db", "roles", "--apply").code == 0
    shown = county.run("config", "show")
    assert owner["GATEWAY_OWNER_DATABASE"] not in shown.said
