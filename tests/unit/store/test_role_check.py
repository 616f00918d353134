"""What a role at a PostgreSQL server owns, may and lacks is found; its owner gives it its rights, on record."""

from contextlib import closing

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, ProgrammingError

from gateway.documents.canonical import sha256_hex
from gateway.errors import RolesNotSeparate, StoreError
from gateway.ledger.entries import Event, read_entry
from gateway.store.audit import missing_triggers
from gateway.store.engine import Store
from gateway.store.role_check import rights_found
from gateway.store.roles import enter_rights, role_of, statements_for
from gateway.store.tables import ledger, subjects
from tests.evidence_made import make_evidence
from tests.two_roles import as_superuser, connected

pytestmark = pytest.mark.postgres


@pytest.fixture
def store(two_roles_url, two_roles, clock, signer):
    """A database of two roles, opened by the one that works with it."""
    with closing(Store.open(two_roles.runtimes(two_roles_url), clock=clock, signer=signer)) as opened:
        yield opened


def found_of(url):
    with connected(url) as connection:
        return rights_found(connection)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("GRANT UPDATE ON evidence TO {runtime}", "UPDATE on evidence"),
        ("GRANT UPDATE (leaf) ON ledger TO {runtime}", "UPDATE on ledger"),
        ("GRANT TRUNCATE ON lists TO PUBLIC", "TRUNCATE on lists"),
        ("GRANT TRIGGER ON checkpoints TO {runtime}", "TRIGGER on checkpoints"),
        ("GRANT INSERT ON facts TO {runtime}", "INSERT on facts"),
        ("GRANT UPDATE ON SEQUENCE holds_hold_id_seq TO {runtime}", "UPDATE on holds_hold_id_seq"),
        ("GRANT CREATE ON SCHEMA public TO {runtime}", "CREATE in the schema"),
        (
            "GRANT CREATE, TEMPORARY ON DATABASE {database} TO {runtime}",
            "CREATE in the database, TEMPORARY in the database",
        ),
        ("CREATE TABLE other (id integer); GRANT DELETE ON other TO {runtime}", "DELETE on other"),
        ("CREATE FUNCTION mine() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'", "EXECUTE on mine"),
    ],
)
def test_a_right_too_many_is_found_and_taken_away_again(two_roles_url, two_roles, store, everyone, given, told):
    names = {"runtime": two_roles.runtime, "database": make_url(two_roles_url).database}
    with as_superuser(two_roles_url) as connection:
        connection.execute(text(given.format(**names)))
    found = found_of(two_roles.runtimes(two_roles_url))
    assert ", ".join(found.more) == told
    assert found.less == ()
    if "other" not in given and "mine" not in given:
        apply(two_roles_url, two_roles, store, everyone)
        assert found_of(two_roles.runtimes(two_roles_url)).more == ()


def apply(url, roles, store, actor):
    """Give the rights, as `gateway db roles --apply` does."""
    opened = Store.open(roles.owners(url), clock=store._clock, signer=store._log.signer)
    with closing(opened) as owners, owners.writing(actor) as work:
        return enter_rights(work, roles.runtime)


def test_what_is_lacking_is_found_and_given(two_roles_url, two_roles, store, everyone):
    with as_superuser(two_roles_url) as connection:
        for right in ("INSERT ON evidence", "ALL ON lists", "ALL ON SEQUENCE holds_hold_id_seq"):
            connection.execute(text(f"REVOKE {right} FROM {two_roles.runtime}"))
    lacking = found_of(two_roles.runtimes(two_roles_url)).less
    assert lacking == (
        "INSERT on evidence",
        "INSERT on lists",
        "SELECT on lists",
        "UPDATE on lists",
        "USAGE on holds_hold_id_seq",
    )
    apply(two_roles_url, two_roles, store, everyone)
    assert found_of(two_roles.runtimes(two_roles_url)).less == ()


def test_what_the_role_may_not_rewrite_is_rewritten_by_the_owner_who_is_named(two_roles_url, two_roles, clock, signer):
    """As on a server before version 17, where there is no right for it."""
    with as_superuser(two_roles_url) as connection:
        connection.execute(text(f"REVOKE ALL ON subjects FROM {two_roles.runtime}"))
    how = {"clock": clock, "signer": signer}
    alone = Store.open(two_roles.runtimes(two_roles_url), **how)
    with closing(alone), pytest.raises(StoreError, match="did not rewrite") as refused:
        alone.compact([subjects])
    assert "GATEWAY_OWNER_DATABASE" in refused.value.advice()
    named = Store.open(two_roles.runtimes(two_roles_url), owner=lambda: two_roles.owners(two_roles_url), **how)
    with closing(named) as told:
        told.compact([subjects])


def test_an_owner_and_a_superuser_are_found(two_roles_url, two_roles):
    owner = found_of(two_roles.owners(two_roles_url))
    assert {"table ledger", "function gateway_never_changed", "table holds_hold_id_seq"} <= set(owner.owns)
    assert found_of(two_roles_url).powers[0] == "is a superuser"


@pytest.mark.parametrize(
    ("done", "undone", "told"),
    [
        ("ALTER ROLE {0} CREATEROLE", "ALTER ROLE {0} NOCREATEROLE", "may make roles"),
        ("GRANT {1} TO {0}", "REVOKE {1} FROM {0}", "is a member of {1}"),
        ("GRANT pg_write_all_data TO {0}", "REVOKE pg_write_all_data FROM {0}", "is a member of pg_write_all_data"),
        (
            "GRANT SET ON PARAMETER session_replication_role TO {0}",
            "REVOKE SET ON PARAMETER session_replication_role FROM {0}",
            "may set session_replication_role",
        ),
    ],
)
def test_power_that_no_table_shows_is_found(two_roles_url, two_roles, done, undone, told):
    names = two_roles.runtime, two_roles.owner
    with as_superuser(two_roles_url) as connection:
        connection.execute(text(done.format(*names)))
        try:
            found = found_of(two_roles.runtimes(two_roles_url))
        finally:
            connection.execute(text(undone.format(*names)))
    assert told.format(*names) in found.powers


def test_the_rights_go_on_record_with_their_statements(two_roles_url, two_roles, store, everyone):
    statements = apply(two_roles_url, two_roles, store, everyone)
    with store.reading() as connection:
        body = connection.execute(select(ledger.c.body).order_by(ledger.c.position.desc()).limit(1)).scalar_one()
        assert statements_for(connection, two_roles.runtime) == statements
    entry = read_entry(body)
    assert entry.event is Event.DATABASE_RIGHTS_GIVEN
    assert entry.body["rights"] == sha256_hex("\n".join(statements).encode())


def test_nobody_but_the_owner_gives_rights(store, two_roles, everyone):
    with pytest.raises(RolesNotSeparate, match="only the owner"), store.writing(everyone) as work:
        enter_rights(work, "postgres")
    with pytest.raises(RolesNotSeparate, match="not on the server"), store.writing(everyone) as work:
        enter_rights(work, "nobody_of_that_name")
    with pytest.raises(RolesNotSeparate, match="owns the tables"), store.writing(everyone) as work:
        enter_rights(work, two_roles.owner)


@pytest.mark.parametrize("address", ["sqlite:///gateway.db", "postgresql://127.0.0.1/gateway"])
def test_an_address_without_a_role_is_said_so(address):
    with pytest.raises(RolesNotSeparate):
        role_of(address)


def test_a_table_of_a_later_version_is_read_and_added_to_until_its_rights_are_given(two_roles_url, two_roles):
    with connected(two_roles.owners(two_roles_url)) as connection:
        connection.execute(text("CREATE TABLE later (id bigserial PRIMARY KEY)"))
        connection.execute(text("CREATE FUNCTION gateway_later() RETURNS integer LANGUAGE sql AS 'SELECT 1'"))
        connection.commit()
    with connected(two_roles.runtimes(two_roles_url)) as connection:
        connection.execute(text("INSERT INTO later DEFAULT VALUES"))
        assert connection.execute(text("SELECT count(*) FROM later")).scalar_one() == 1
        connection.commit()
        for refused in ("DELETE FROM later", "TRUNCATE later", "SELECT gateway_later()"):
            with pytest.raises(ProgrammingError, match="permission denied"):
                connection.execute(text(refused))
            connection.rollback()


def test_L10_a_temporary_table_of_the_same_name_is_not_asked_what_is_counted(two_roles_url, two_roles, store, everyone):
    """Where the server lets everybody make temporary tables, as it does until somebody says otherwise."""
    with as_superuser(two_roles_url) as connection:
        connection.execute(text(f"GRANT TEMPORARY ON DATABASE {make_url(two_roles_url).database} TO PUBLIC"))
    make_evidence(store, everyone)
    with connected(two_roles.runtimes(two_roles_url)) as connection:
        connection.execute(text("CREATE TEMPORARY TABLE checkpoints (size bigint)"))
        connection.execute(text("CREATE TEMPORARY TABLE ledger (position bigint)"))
        connection.execute(text("INSERT INTO ledger VALUES (999)"))
        for change in ("UPDATE lists SET state = 'failed'", "DELETE FROM snapshots"):
            with pytest.raises(DBAPIError, match="law L10"), connection.begin_nested():
                connection.execute(text(change))


def test_L7_a_trigger_function_that_looks_elsewhere_is_found(two_roles_url, two_roles, store):
    with connected(two_roles.owners(two_roles_url)) as connection:
        connection.execute(text("ALTER FUNCTION gateway_row_explained() RESET ALL"))
        connection.commit()
    with store.reading() as connection:
        assert missing_triggers(connection) == ["gateway_row_explained"]
