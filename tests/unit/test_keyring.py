"""Our private keys: nobody else can read them, none is written over, and each has one purpose."""

import os
import stat
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.delivery.ssh_key import load_key
from gateway.errors import EnvironmentMismatch, KeyUnavailable
from gateway.keyring import Keyring
from gateway.keyring.files import write_private
from gateway.keyring.forms import new_checkpoint_key
from gateway.keyring.ring import FILES, ROTATED
from gateway.ledger.checkpoint import parse_vkey
from gateway.model.keys import OURS, KeyPurpose
from gateway.sealing.certificate import fingerprint_of, usable, usable_signer
from gateway.sealing.signatures import clear_sign, signed_text
from tests.gpg_desk import Desk

ORIGIN = "county.example/supporting-families"
posix_only = pytest.mark.skipif(os.name != "posix", reason="modes and owners are POSIX's")


def make(folder: Path, **changes) -> Keyring:
    usual = {"origin": ORIGIN, "owner": "Invented County Council", "synthetic": True}
    return Keyring.generate(folder, **(usual | changes))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def ring(folder: Path) -> Keyring:
    return make(folder)


@posix_only
def test_keys_are_made_so_that_nobody_else_can_read_them(ring: Keyring, folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name for path in folder.iterdir()} == set(FILES.values())
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_every_purpose_has_a_file_of_its_own() -> None:
    assert set(FILES) == set(OURS)
    assert len(set(FILES.values())) == len(OURS)


ASKS = {
    KeyPurpose.PACKAGES: lambda ring: ring.package_signing_key(),
    KeyPurpose.CHECKPOINTS: lambda ring: ring.checkpoint_signer(),
    KeyPurpose.INDEX: lambda ring: ring.index_key(),
    KeyPurpose.REFERENCES: lambda ring: ring.reference_key("an-agreement"),
    KeyPurpose.TOMBSTONES: lambda ring: ring.tombstone_key(),
    KeyPurpose.SSH: lambda ring: load_key(ring.ssh_key_path),
}


@posix_only
@pytest.mark.parametrize("purpose", OURS)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o622])
def test_L6_a_key_that_others_can_read_or_change_is_refused(
    ring: Keyring, folder: Path, purpose: KeyPurpose, mode: int
) -> None:
    (folder / FILES[purpose]).chmod(mode)
    with pytest.raises(KeyUnavailable, match="others can read"):
        ASKS[purpose](ring)
    with pytest.raises(KeyUnavailable, match="others can read"):
        ring.facts()


@posix_only
@pytest.mark.parametrize("mode", [0o750, 0o705, 0o777])
def test_a_folder_that_others_can_enter_is_refused(ring: Keyring, folder: Path, mode: int) -> None:
    folder.chmod(mode)
    with pytest.raises(KeyUnavailable, match="others can read or change keys"):
        ring.index_key()
    with pytest.raises(KeyUnavailable):
        make(folder, purposes=[KeyPurpose.SSH])
    folder.chmod(0o700)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_a_key_that_belongs_to_another_account_is_refused(ring: Keyring, folder: Path) -> None:
    os.chown(folder / FILES[KeyPurpose.INDEX], 65534, 65534)
    with pytest.raises(KeyUnavailable, match="belongs to another account"):
        ring.index_key()
    os.chown(folder, 65534, 65534)
    with pytest.raises(KeyUnavailable, match="belongs to another account"):
        ring.reference_key("an-agreement")


@posix_only
def test_a_key_behind_a_link_is_refused(ring: Keyring, folder: Path, tmp_path: Path) -> None:
    key = folder / FILES[KeyPurpose.INDEX]
    key.rename(tmp_path / "elsewhere")
    key.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyUnavailable, match="cannot be read"):
        ring.index_key()


def test_a_key_that_is_not_there_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    for ask in ASKS.values():
        with pytest.raises(KeyUnavailable) as refusal:
            ask(Keyring(tmp_path / "nothing", origin=ORIGIN))
        assert refusal.value.advice()


def test_a_key_is_never_written_over_another(ring: Keyring, folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(KeyUnavailable, match="is there already"):
        make(folder)
    (folder / FILES[KeyPurpose.INDEX]).unlink()
    with pytest.raises(KeyUnavailable, match="is there already"):
        make(folder)
    # It was refused before anything was written.
    assert not (folder / FILES[KeyPurpose.INDEX]).exists()
    assert all(path.read_bytes() == data for path, data in before.items() if path.exists())


def test_a_single_key_can_be_made_alone(ring: Keyring, folder: Path) -> None:
    before = ring.index_key()
    (folder / FILES[KeyPurpose.SSH]).unlink()
    make(folder, purposes=[KeyPurpose.SSH])
    assert load_key(ring.ssh_key_path)
    assert ring.index_key() == before


def test_reference_keys_differ_by_agreement_and_ring_and_are_always_the_same(ring: Keyring, tmp_path: Path) -> None:
    keys = {ring.reference_key(name) for name in ("one", "two", "", "one\x00")}
    assert len(keys) == 4
    assert ring.reference_key("one") == ring.reference_key("one")
    assert make(tmp_path / "other").reference_key("one") not in keys
    assert ring.index_key() not in keys


def test_a_reference_key_is_what_the_standard_derives(folder: Path) -> None:
    """Pinned: a changed derivation would give everybody on every list a new reference."""
    ring = make(folder, purposes=[])
    path = folder / FILES[KeyPurpose.REFERENCES]
    path.write_text("00" * 32)
    path.chmod(0o600)
    assert ring.reference_key("an-agreement").hex() == (
        "dc0ea91cfeb6aff65adbc4425e6c0260a38d7388a18229f7dee06d868786ecdb"
    )


def test_the_checkpoint_key_bears_the_logs_name(ring: Keyring, folder: Path) -> None:
    signer = ring.checkpoint_signer()
    assert signer.name == ORIGIN
    assert parse_vkey(signer.vkey).verifies(b"text", signer.sign(b"text"))
    with pytest.raises(KeyUnavailable, match="for the log"):
        Keyring(folder, origin="another.example/log").checkpoint_signer()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("PRIVATE", "PUBLIC"),
        lambda text: text[:-10],
        lambda text: text.replace("county.example", "county.test"),
        lambda text: "",
        lambda text: "\ufffd" * 50,
    ],
    ids=["prefix", "cut", "name", "empty", "junk"],
)
def test_a_spoilt_checkpoint_key_is_refused(ring: Keyring, folder: Path, spoil) -> None:
    path = folder / FILES[KeyPurpose.CHECKPOINTS]
    path.write_text(spoil(new_checkpoint_key(ORIGIN).decode()), encoding="utf-8")
    with pytest.raises(KeyUnavailable):
        ring.checkpoint_signer()


@pytest.mark.parametrize("data", [b"", b"zz" * 32, b"00" * 31, b"00" * 33, b"\xff" * 64, b"0" * 70_000])
def test_a_spoilt_secret_is_refused_and_not_quoted(ring: Keyring, folder: Path, data: bytes) -> None:
    (folder / FILES[KeyPurpose.INDEX]).write_bytes(data)
    with pytest.raises(KeyUnavailable) as refusal:
        ring.index_key()
    assert "zz" not in str(refusal.value)


def test_a_spoilt_signing_key_is_refused(ring: Keyring, folder: Path) -> None:
    (folder / FILES[KeyPurpose.PACKAGES]).write_bytes(b"SECRET WORD")
    for ask in (ring.certificate, ring.package_fingerprint, ring.facts):
        with pytest.raises(KeyUnavailable) as refusal:
            ask()
        assert "SECRET" not in str(refusal.value)


def test_what_may_be_told_of_keys_holds_nothing_private(ring: Keyring, folder: Path) -> None:
    facts = ring.facts()
    assert [fact.purpose for fact in facts] == list(OURS)
    assert len({fact.fingerprint for fact in facts}) == len(OURS)
    told = repr(facts) + repr(ring.index_key())
    secrets = [ring.index_key().secrets[0].hex(), (folder / FILES[KeyPurpose.REFERENCES]).read_text().strip()]
    secrets += [(folder / FILES[KeyPurpose.CHECKPOINTS]).read_text().split("+", 4)[4].strip()]
    assert not any(secret in told for secret in secrets)
    assert repr(ring.index_key().secrets[0]) not in told
    assert "PRIVATE" not in told


def test_our_signing_key_lasts_two_years_and_is_told_so(ring: Keyring) -> None:
    packages = ring.facts()[0]
    assert packages.fingerprint == ring.package_fingerprint() == fingerprint_of(ring.certificate().encode())
    assert packages.not_before_on == SystemClock().today()
    assert packages.not_after_on is not None
    assert timedelta(days=727) < packages.not_after_on - SystemClock().today() < timedelta(days=731)


def test_an_ssh_fingerprint_is_what_openssh_prints(ring: Keyring, tmp_path: Path) -> None:
    ssh = ring.facts()[-1]
    public = tmp_path / "ssh.pub"
    public.write_text(ssh.public)
    printed = subprocess.run(["ssh-keygen", "-l", "-f", str(public)], capture_output=True, check=True, text=True)
    assert ssh.fingerprint in printed.stdout


def test_our_certificate_is_one_that_a_partner_can_use(ring: Keyring) -> None:
    certificate = ring.certificate().encode()
    assert usable(certificate, ring.package_fingerprint(), SystemClock().today()).algorithm == "Curve25519"


def test_production_refuses_the_keys_of_a_demonstration(ring: Keyring, tmp_path: Path) -> None:
    ring.require_environment("synthetic")
    with pytest.raises(EnvironmentMismatch, match="demonstration"):
        ring.require_environment("production")
    make(tmp_path / "real", synthetic=False).require_environment("production")


@pytest.mark.parametrize("purpose", ROTATED)
def test_a_next_key_lies_beside_the_one_in_use_until_it_is_activated(
    ring: Keyring, folder: Path, purpose: KeyPurpose
) -> None:
    before = {facts.purpose: facts for facts in ring.facts()}
    prepared = ring.prepare(purpose, owner="Invented County Council", synthetic=True)
    assert {facts.purpose: facts for facts in ring.facts()} == before
    assert ring.prepared(purpose) == prepared
    assert ring.activate(purpose) == prepared
    after = {facts.purpose: facts for facts in ring.facts()}
    assert after[purpose] == prepared != before[purpose]
    assert {name: facts for name, facts in after.items() if name is not purpose} == {
        name: facts for name, facts in before.items() if name is not purpose
    }
    assert len([path for path in folder.iterdir() if ".retired-" in path.name]) == 1
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.iterdir())
    with pytest.raises(KeyUnavailable, match=r"\.next is not there"):
        ring.activate(purpose)


def test_an_interrupted_activation_is_finished_by_doing_it_again(ring: Keyring, folder: Path) -> None:
    prepared = ring.prepare(KeyPurpose.SSH, owner="Invented County Council", synthetic=True)
    waiting = (folder / "ssh_ed25519.next").read_bytes()
    old = (folder / FILES[KeyPurpose.SSH]).read_bytes()
    ring.activate(KeyPurpose.SSH)
    (folder / FILES[KeyPurpose.SSH]).write_bytes(old)
    write_private(folder / "ssh_ed25519.next", waiting)
    assert ring.activate(KeyPurpose.SSH) == prepared
    assert ring.facts()[-1] == prepared


def test_a_prepared_key_is_not_made_over_another_prepared_one(ring: Keyring) -> None:
    ring.prepare(KeyPurpose.SSH, owner="Invented County Council", synthetic=True)
    with pytest.raises(KeyUnavailable, match="is there already"):
        ring.prepare(KeyPurpose.SSH, owner="Invented County Council", synthetic=True)


def test_what_cannot_be_rotated_is_refused_with_the_reason(ring: Keyring) -> None:
    purpose = KeyPurpose.REFERENCES
    for rotate in (lambda: ring.prepare(purpose, owner="x", synthetic=True), lambda: ring.activate(purpose)):
        with pytest.raises(KeyUnavailable, match="would get another reference"):
            rotate()


def test_a_prepared_key_that_is_given_up_leaves_nothing(ring: Keyring, folder: Path) -> None:
    before = {path.name for path in folder.iterdir()}
    ring.prepare(KeyPurpose.SSH, owner="Invented County Council", synthetic=True)
    ring.abandon(KeyPurpose.SSH)
    assert ring.prepared(KeyPurpose.SSH) is None
    assert {path.name for path in folder.iterdir()} == before
    with pytest.raises(KeyUnavailable):
        ring.abandon(KeyPurpose.SSH)


def test_the_next_index_key_has_one_secret_more(ring: Keyring) -> None:
    before = ring.index_key()
    ring.prepare(KeyPurpose.INDEX, owner="Invented County Council", synthetic=True)
    following = ring.next_index_key()
    assert (following.secrets[:-1], following.version) == (before.secrets, 2)
    assert ring.index_key() == before
    ring.activate(KeyPurpose.INDEX)
    assert ring.index_key() == following
    with pytest.raises(KeyUnavailable):
        ring.next_index_key()


def test_the_log_can_be_signed_by_the_key_in_use_and_by_the_next(ring: Keyring) -> None:
    (in_use,) = ring.checkpoint_signers()
    ring.prepare(KeyPurpose.CHECKPOINTS, owner="Invented County Council", synthetic=True)
    before, following = ring.checkpoint_signers()
    assert before.vkey == in_use.vkey != following.vkey
    assert following.name == ORIGIN
    assert ring.next_checkpoint_signer().vkey == following.vkey
    ring.activate(KeyPurpose.CHECKPOINTS)
    # The one before: a database from an older backup knows no other.
    assert [signer.vkey for signer in ring.checkpoint_signers()] == [following.vkey, before.vkey]
    with pytest.raises(KeyUnavailable):
        ring.next_checkpoint_signer()


@pytest.mark.gpg
def test_a_signing_key_whose_primary_stays_offline_can_be_put_in_place(desk: Desk, ring: Keyring, folder: Path) -> None:
    """The production ceremony of keys/README.md: gpg makes the key, and the machine gets the signing part alone."""
    fingerprint = desk.make_key("offline primary", encryption=None, days=0, usage="cert")
    desk.do("--passphrase", "", "--quick-add-key", fingerprint, "ed25519", "sign", "365d")
    parts = desk.do("--passphrase", "", "--export-secret-subkeys", fingerprint)
    (folder / FILES[KeyPurpose.PACKAGES]).write_bytes(parts)
    signer = usable_signer(ring.certificate().encode(), fingerprint, SystemClock().today())
    assert signed_text(clear_sign(b"text\n", ring.package_signing_key()), signer) == b"text\n"
    packages = ring.facts()[0]
    assert packages.fingerprint == fingerprint
    assert packages.not_after_on is not None
    assert timedelta(days=362) < packages.not_after_on - SystemClock().today() < timedelta(days=366)
