"""Key files under a passphrase: whoever has the files alone has no key, and nothing else is different."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from gateway.delivery.ssh_key import load_key
from gateway.errors import KeyUnavailable, SettingsInvalid
from gateway.keyring import Keyring
from gateway.keyring.ring import FILES, ROTATED
from gateway.model.keys import OURS, KeyPurpose
from gateway.settings import read_settings
from tests.command_line import County, a_county

ORIGIN = "county.example/supporting-families"
SECRET = b"a passphrase that is long enough, of invented words"
SETTINGS = """
[gateway]
controller = "Invented County Council"
environment = "synthetic"
origin = "invented.example/gateway"
database = "sqlite:///gateway.db"

[actors.nightly]
name = "The nightly service"
roles = ["service"]

[keys]
passphrase_file = "{file}"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def make(folder: Path, passphrase: bytes | None = SECRET) -> Keyring:
    return Keyring.generate(
        folder, origin=ORIGIN, owner="Invented County Council", synthetic=True, passphrase=passphrase
    )


def reopened(folder: Path, passphrase: bytes | None) -> Keyring:
    return Keyring(folder, origin=ORIGIN, passphrase=passphrase)


ASKS = {
    KeyPurpose.PACKAGES: lambda ring: ring.package_signing_key(),
    KeyPurpose.CHECKPOINTS: lambda ring: ring.checkpoint_signer().vkey,
    KeyPurpose.INDEX: lambda ring: ring.index_key(),
    KeyPurpose.REFERENCES: lambda ring: ring.reference_key("an-agreement"),
    KeyPurpose.TOMBSTONES: lambda ring: ring.tombstone_key(),
    KeyPurpose.SSH: lambda ring: load_key(ring.ssh_key_path, ring.ssh_passphrase).asbytes(),
}


def test_no_file_can_be_read_as_a_key_without_the_passphrase(folder):
    ring = make(folder)
    assert ring.unsealed() == []
    for purpose, ask in ASKS.items():
        ask(ring)
        for passphrase in (None, b"another passphrase, as long as the right one"):
            with pytest.raises(KeyUnavailable) as refusal:
                ask(reopened(folder, passphrase))
            assert SECRET.decode() not in str(refusal.value)
        data = (folder / FILES[purpose]).read_bytes()
        assert not any(mark in data for mark in (b"PGP PRIVATE", b"PRIVATE+KEY"))
    with pytest.raises(KeyUnavailable, match="under a passphrase, and none is set"):
        reopened(folder, None).facts()


def test_what_may_be_told_of_a_key_is_the_same(folder):
    ring = make(folder, None)
    facts, asked = ring.facts(), {purpose: ask(ring) for purpose, ask in ASKS.items()}
    assert sorted(reopened(folder, SECRET).unsealed()) == sorted(FILES.values())
    assert sorted(reopened(folder, SECRET).seal_all()) == sorted(FILES.values())
    sealed = reopened(folder, SECRET)
    assert sealed.facts() == facts
    assert {purpose: ask(sealed) for purpose, ask in ASKS.items()} == asked
    assert sealed.seal_all() == []


def test_a_key_that_was_made_before_the_passphrase_is_read_as_it_is(folder):
    make(folder, None)
    ring = reopened(folder, SECRET)
    assert ring.ssh_passphrase is None
    for ask in ASKS.values():
        ask(ring)


@pytest.mark.parametrize("purpose", ROTATED)
def test_the_next_and_the_retired_key_are_under_it_too(folder, purpose):
    ring = make(folder)
    prepared = ring.prepare(purpose, owner="Invented County Council", synthetic=True)
    assert ring.prepared(purpose) == prepared
    assert ring.activate(purpose) == prepared
    assert len(list(folder.iterdir())) == len(OURS) + 1
    assert ring.unsealed() == []


def test_a_file_in_the_place_of_another_is_refused(folder):
    """Both are 32 bytes in hexadecimal, and one would do as the other."""
    ring = make(folder)
    (folder / FILES[KeyPurpose.REFERENCES]).write_bytes((folder / FILES[KeyPurpose.INDEX]).read_bytes())
    ring.index_key()
    with pytest.raises(KeyUnavailable, match="another passphrase, or was changed"):
        ring.reference_key("an-agreement")


@pytest.mark.parametrize("at", [25, 45, 60, -1])
def test_a_file_that_was_changed_is_refused(folder, at):
    ring = make(folder)
    path = folder / FILES[KeyPurpose.INDEX]
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(KeyUnavailable, match="was changed"):
        ring.index_key()


def test_a_passphrase_that_can_be_tried_out_is_refused(folder):
    with pytest.raises(KeyUnavailable, match="fewer than 20 characters"):
        make(folder, b"hunter2")
    assert not folder.exists()


def test_nothing_is_sealed_without_a_passphrase(folder):
    make(folder, None)
    with pytest.raises(KeyUnavailable, match="no passphrase is set"):
        reopened(folder, None).seal_all()


def test_openssh_opens_the_ssh_key_with_the_passphrase(folder):
    ring = make(folder)
    command = ["ssh-keygen", "-y", "-f", str(ring.ssh_key_path), "-P"]
    opened = subprocess.run([*command, SECRET.decode()], capture_output=True, text=True, check=True)
    assert opened.stdout.split()[:2] == ring.facts()[-1].public.split()[:2]
    assert subprocess.run([*command, ""], capture_output=True, check=False).returncode != 0


# Where the passphrase comes from.


def settings_with(tmp_path: Path, file: str):
    path = tmp_path / "config" / "gateway.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(SETTINGS.format(file=file))
    return read_settings(path)


def test_a_passphrase_comes_from_a_private_file(tmp_path):
    secret = tmp_path / "passphrase"
    secret.write_bytes(SECRET + b"\n")
    secret.chmod(0o600)
    assert settings_with(tmp_path, str(secret)).keys_passphrase() == SECRET
    if os.name == "posix":
        secret.chmod(0o640)
        with pytest.raises(SettingsInvalid, match="others can read"):
            settings_with(tmp_path, str(secret)).keys_passphrase()


def test_a_passphrase_comes_from_a_credential_of_systemd(tmp_path, monkeypatch):
    settings = settings_with(tmp_path, "credential:gateway-keys")
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(SettingsInvalid, match="no credential gateway-keys") as refusal:
        settings.keys_passphrase()
    assert "systemd-run" in refusal.value.advice()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        settings.keys_passphrase()
    credential = tmp_path / "gateway-keys"
    credential.write_bytes(SECRET)
    # As systemd shows it, where an access list lets the account in.
    credential.chmod(0o440)
    assert settings.keys_passphrase() == SECRET
    with pytest.raises(SettingsInvalid):
        settings_with(tmp_path, "credential:../gateway-keys").keys_passphrase()


def test_the_command_line_seals_the_keys_and_goes_on(tmp_path):
    county: County = a_county(tmp_path, loaded=False)
    secret = tmp_path / "passphrase"
    secret.write_bytes(SECRET)
    secret.chmod(0o600)
    text = county.settings.read_text(encoding="utf-8")
    county.settings.write_text(f'{text}\n[keys]\npassphrase_file = "{secret}"\n', encoding="utf-8")
    assert "6 files not under the passphrase" in county.run("doctor", "--offline").out
    sealed = county.run("keys", "seal", "--json")
    assert sorted(json.loads(sealed.out)) == sorted(FILES.values())
    assert "6 keys, under a passphrase" in county.run("doctor", "--offline").out
    county.settings.write_text(text, encoding="utf-8")
    refused = county.run("keys", "list")
    assert refused.code == 5
    assert "under a passphrase, and none is set" in refused.err
