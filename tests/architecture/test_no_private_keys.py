"""No private key is in the repository: not in a file, not in a fixture, not in a document."""

import base64
import re
import subprocess
from pathlib import Path

import pytest

from gateway.keyring import forms

ROOT = Path(__file__).parents[2]
#: Material, not the words: a heading followed by something that looks encoded.
SIGNS = {
    "a PEM, OpenSSH or OpenPGP private key": re.compile(
        rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----\s+([\w-]+: .*\s+)*[A-Za-z0-9+/=]{16}"
    ),
    "a checkpoint key": re.compile(rb"PRIVATE\+KEY\+[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]{40}"),
    "an age key": re.compile(rb"AGE-SECRET-KEY-(PQ-)?1[A-Z0-9]{40}"),
    "a PuTTY key": re.compile(rb"PuTTY-User-Key-File-[23]: .*"),
}
#: The first octet of an OpenPGP secret-key packet, old and new format, and the versions that there are.
BINARY_SECRET_KEY = re.compile(rb"\A([\x94-\x97]|\xc5)[\x00-\xff]{1,5}?[\x03-\x06][\x00-\xff]{4}[\x01-\x23]")


def what_is_private(name: str, data: bytes) -> str | None:
    """Return what private thing a file holds, if any."""
    for what, sign in SIGNS.items():
        if sign.search(data):
            return what
    if Path(name).suffix in {".pgp", ".gpg", ".key", ".bin"} and BINARY_SECRET_KEY.match(data):
        return "a binary OpenPGP private key"
    return None


def files_of_the_repository() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = [name for name in listed.stdout.decode().split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def test_no_file_of_the_repository_holds_a_private_key() -> None:
    found = {
        str(path.relative_to(ROOT)): what_is_private(path.name, path.read_bytes()) for path in files_of_the_repository()
    }
    assert len(found) > 100
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("packages.pgp", lambda: forms.new_openpgp_key("somebody")),
        ("note.md", lambda: b"look:\n\n" + forms.new_openpgp_key("somebody")),
        ("packages.pgp", lambda: bytes(forms.read_openpgp_key(forms.new_openpgp_key("somebody")))),
        ("checkpoints.key", lambda: forms.new_checkpoint_key("county.example/log")),
        ("ssh_ed25519", forms.new_ssh_key),
    ],
    ids=["OpenPGP", "in a text", "binary OpenPGP", "checkpoints", "SSH"],
)
def test_every_private_key_that_we_make_would_be_found(name: str, make) -> None:
    assert what_is_private(name, make())


def test_a_public_key_is_no_alarm() -> None:
    certificate = forms.read_openpgp_key(forms.new_openpgp_key("somebody")).extract_certificate()
    assert what_is_private("certificate.pgp", bytes(certificate)) is None
    assert what_is_private("certificate.asc", str(certificate).encode()) is None
    assert what_is_private("words.md", b"-----BEGIN PGP PRIVATE KEY BLOCK----- is what it begins with") is None
    assert what_is_private("some.txt", base64.b64encode(bytes(400))) is None
