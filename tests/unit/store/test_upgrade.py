"""A database is brought to another version whole and with its entry, or stays as it was."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text

from gateway.errors import EnvironmentMismatch, KeyUnusable, StoreError, StoreOutOfDate
from gateway.ledger.checkpoint import Ed25519Signer
from gateway.ledger.entries import Event, read_entry
from gateway.services.audit.audit_verify import audit_verify
from gateway.store import engine, upgrade
from gateway.store.engine import Store
from gateway.store.tables import ledger
from tests.bare_workplace import Untouchable, a_bare_workplace

_NEXT = '''"""A later version, for this test."""

from alembic import op

revision = "0002"
down_revision = "{head}"


def upgrade():
    """Add what is wanted."""
    op.execute("{statement}")
'''


class LogKey(Untouchable):
    """The one key that verifying needs."""

    def __init__(self, signer: Ed25519Signer) -> None:
        self._signer = signer

    def checkpoint_signer(self) -> Ed25519Signer:
        return self._signer


@pytest.fixture
def later_gateway(tmp_path, monkeypatch):
    """A gateway one version on, whose script does what it is told."""

    def make(statement: str) -> None:
        scripts = tmp_path / "migrations"
        shutil.copytree(upgrade.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
        script = _NEXT.format(head=upgrade.TABLES_VERSION, statement=statement)
        (scripts / "versions" / "v0002_later.py").write_text(script)
        monkeypatch.setattr(upgrade, "SCRIPTS", scripts)
        monkeypatch.setattr(engine, "TABLES_VERSION", "0002")

    return make


@pytest.fixture
def bring_up(store_url, clock, signer, everyone):
    """Upgrade the database, as the settings would have it unless told otherwise."""

    def bring(**changes):
        terms = {"clock": clock, "signer": signer, "environment": "synthetic", "actor": everyone}
        return Store.upgrade(store_url, **(terms | changes))

    return bring


def _entries(url, clock, signer):
    with closing(Store.open(url, clock=clock, signer=signer)) as opened, opened.reading() as connection:
        return [read_entry(body) for body in connection.execute(select(ledger.c.body)).scalars()]


def test_a_database_at_this_version_is_left_alone(store_url, bring_up, clock, signer):
    assert bring_up() == ("0001", "0001")
    assert [entry.event for entry in _entries(store_url, clock, signer)] == [Event.DATABASE_CREATED]


def test_L10_the_tables_change_with_the_entry_that_says_so(
    store_url, bring_up, later_gateway, clock, signer, everyone, tmp_path
):
    later_gateway("CREATE TABLE later (id INTEGER)")
    with pytest.raises(StoreOutOfDate, match="at 0001, not 0002"):
        Store.open(store_url, clock=clock, signer=signer)
    assert bring_up() == ("0001", "0002")
    last = _entries(store_url, clock, signer)[-1]
    assert (last.event, dict(last.body)) == (Event.DATABASE_UPGRADED, {"tables": "0002", "from": "0001"})
    assert bring_up() == ("0002", "0002")
    with closing(Store.open(store_url, clock=clock, signer=signer)) as opened:
        assert audit_verify(a_bare_workplace(opened, clock, everyone, tmp_path, keys=LogKey(signer))).whole


def test_a_migration_that_fails_changes_nothing(store_url, bring_up, later_gateway, clock, signer, monkeypatch):
    later_gateway("INSERT INTO nowhere VALUES (1)")
    with pytest.raises(StoreError):
        bring_up()
    monkeypatch.setattr(engine, "TABLES_VERSION", "0001")
    assert [entry.event for entry in _entries(store_url, clock, signer)] == [Event.DATABASE_CREATED]


def test_another_environment_another_log_and_a_newer_database_are_refused(store_url, bring_up, clock, signer):
    with pytest.raises(EnvironmentMismatch):
        bring_up(environment="production")
    with pytest.raises(KeyUnusable):
        bring_up(signer=Ed25519Signer(signer.name, Ed25519PrivateKey.generate()))
    with closing(Store.open(store_url, clock=clock, signer=signer)) as opened, opened.working_state() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0009'"))
    with pytest.raises(StoreOutOfDate, match="does not know") as refused:
        bring_up()
    assert "newer gateway" in refused.value.advice()


def test_an_empty_database_is_sent_to_init(tmp_path: Path, clock, signer, everyone):
    (tmp_path / "empty.db").touch(mode=0o600)
    with pytest.raises(StoreOutOfDate, match="no tables yet") as refused:
        Store.upgrade(
            f"sqlite:///{tmp_path / 'empty.db'}", clock=clock, signer=signer, environment="synthetic", actor=everyone
        )
    assert "gateway init" in refused.value.advice()
