"""The settings file: strict, whole, and silent about values."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.errors import ExitCode, SettingsInvalid
from gateway.model.officers import Role
from gateway.settings import read_settings

GOOD = """
[gateway]
controller = "Fenshire County Council"
environment = "synthetic"
origin = "fenshire.example/gateway"
database = "sqlite:///gateway.db"

[actors.nightly]
name = "The nightly service"
roles = ["service"]
"""


@pytest.fixture
def county(tmp_path, monkeypatch):
    monkeypatch.delenv("GATEWAY_STATE", raising=False)
    monkeypatch.delenv("GATEWAY_CONFIG", raising=False)
    (tmp_path / "config").mkdir()

    def write(text):
        file = tmp_path / "config" / "gateway.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def test_defaults_lie_beside_the_settings_file(county, tmp_path):
    settings = read_settings(county(GOOD))
    assert settings.state == tmp_path / "var"
    assert settings.path(settings.folders.agreements) == tmp_path / "agreements"
    assert settings.database_url() == f"sqlite:///{tmp_path / 'var' / 'gateway.db'}"
    assert settings.actors["nightly"].roles == {Role.SERVICE}


def test_the_environment_moves_the_state_directory(county, tmp_path, monkeypatch):
    monkeypatch.setenv("GATEWAY_STATE", str(tmp_path / "elsewhere"))
    assert read_settings(county(GOOD)).state == tmp_path / "elsewhere"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("synthetic", "staging"), "gateway.environment"),
        (('origin = "fenshire.example/gateway"\n', ""), "gateway.origin"),
        (('roles = ["service"]', 'roles = ["king"]'), "actors.nightly.roles"),
        (('roles = ["service"]', "roles = []"), "actors.nightly.roles"),
        (('database = "sqlite:///gateway.db"\n', ""), "exactly one of database"),
        (('database = "', 'databse = "'), "gateway.databse"),
        (("[actors.nightly]", "[limits]\nsnapshot_kept_days = 0\n[actors.nightly]"), "limits.snapshot_kept_days"),
    ],
)
def test_a_fault_is_named_by_its_setting(county, change, named):
    with pytest.raises(SettingsInvalid) as refusal:
        read_settings(county(GOOD.replace(*change)))
    assert named in str(refusal.value)
    assert refusal.value.exit_code is ExitCode.CONFIGURATION


def test_a_refusal_never_shows_the_value(county):
    """A database address can hold a password (law L8)."""
    with pytest.raises(SettingsInvalid) as refusal:
        read_settings(county(GOOD.replace('"sqlite:///gateway.db"', '["postgresql://gateway:s3cret@db/gateway"]')))
    assert "s3cret" not in str(refusal.value)


def test_a_missing_file_names_the_command_that_makes_one(tmp_path):
    with pytest.raises(SettingsInvalid) as refusal:
        read_settings(tmp_path / "config" / "gateway.toml")
    assert "gateway init" in refusal.value.advice()


def test_what_is_not_toml_is_refused(county):
    with pytest.raises(SettingsInvalid, match="not readable as TOML"):
        read_settings(county("[gateway"))


def test_a_database_file_is_read_and_must_be_private(county, tmp_path):
    secret = tmp_path / "config" / "database"
    secret.write_text("postgresql+psycopg://gateway@127.0.0.1/gateway\n", encoding="utf-8")
    text = GOOD.replace('database = "sqlite:///gateway.db"', 'database_file = "config/database"')
    secret.chmod(0o644)
    with pytest.raises(SettingsInvalid, match="others can read"):
        read_settings(county(text)).database_url()
    secret.chmod(0o600)
    assert read_settings(county(text)).database_url() == "postgresql+psycopg://gateway@127.0.0.1/gateway"


def test_the_tables_owner_is_named_by_the_environment_or_a_private_file(county, tmp_path, monkeypatch):
    monkeypatch.delenv("GATEWAY_OWNER_DATABASE", raising=False)
    assert read_settings(county(GOOD)).owner_database_url() is None
    secret = tmp_path / "config" / "owner"
    secret.write_text("postgresql://owner@127.0.0.1/gateway\n", encoding="utf-8")
    secret.chmod(0o644)
    settings = read_settings(county(GOOD.replace("[gateway]", '[gateway]\nowner_database_file = "config/owner"')))
    with pytest.raises(SettingsInvalid, match="others can read"):
        settings.owner_database_url()
    assert settings.owner_known_here() is None
    secret.chmod(0o600)
    assert settings.owner_database_url() == settings.owner_known_here() == "postgresql://owner@127.0.0.1/gateway"
    monkeypatch.setenv("GATEWAY_OWNER_DATABASE", "postgresql://other@127.0.0.1/gateway")
    assert settings.owner_database_url() == "postgresql://other@127.0.0.1/gateway"


def test_a_database_file_that_is_not_there_is_refused(county):
    text = GOOD.replace('database = "sqlite:///gateway.db"', 'database_file = "config/database"')
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        read_settings(county(text)).database_url()


def test_no_other_package_sees_the_settings(tmp_path):
    """Any package can say that it wants to see what is checked; it is not even loaded."""
    curious = tmp_path / "curious-1.dist-info"
    curious.mkdir()
    (curious / "METADATA").write_text("Metadata-Version: 2.1\nName: curious\nVersion: 1\n")
    (curious / "entry_points.txt").write_text("[pydantic]\ncurious = curious:plugin\n")
    (tmp_path / "curious.py").write_text("raise SystemExit('it was loaded')\n")
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYDANTIC")}
    outside["PYTHONPATH"] = os.pathsep.join([str(tmp_path), str(Path.cwd())])
    program = "import sys, gateway.settings; sys.exit('curious' in sys.modules)"
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, env=outside, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
