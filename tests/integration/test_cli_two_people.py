"""Two people at one machine, by the real command line: each under their own account, over the service's files."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.bootstrap import account_name
from gateway.delivery.pins import parse_pin
from tests.command_line import ROOT, County, Ran, a_county

#: An account that every system has; it owns nothing of the county's.
SECOND = "daemon"
DWP = "dwp-jobcentre-plus"
pytestmark = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="only root can start a process in another's name",
)


@pytest.fixture
def county(tmp_path) -> County:
    county = a_county(tmp_path, loaded=False)
    with county.settings.open("a", encoding="utf-8") as settings:
        settings.write(f'\n[actors.{SECOND}]\nname = "Invented Officer"\nroles = ["ig_officer"]\n')
    return county


def as_second(county: County, *words: str, effective: str = account_name()) -> Ran:
    """Run a command in the second person's name, with the files of an account."""
    person = ["setpriv", f"--ruid={SECOND}", f"--euid={effective}", "--keep-groups", "--"]
    ended = subprocess.run(
        [*person, sys.executable, "-m", "gateway", "--config", str(county.settings), *words],
        cwd=ROOT,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ran(ended.returncode, ended.stdout, ended.stderr)


def test_our_key_is_changed_by_two_people(county):
    made = county.run("keys", "rotate", "checkpoints")
    assert made.code == 0, made.said
    fingerprint = county.run("keys", "show", "checkpoints", "--next", "--json").document()[0]["fingerprint"]
    words = ("keys", "compare", "checkpoints", "--fingerprint", fingerprint)
    assert "one more person" in county.run(*words).err
    second = as_second(county, *words)
    assert (second.code, "Next: gateway keys rotate checkpoints" in second.err) == (0, True), second.said
    assert f"In use from now on: {fingerprint}" in county.run("keys", "rotate", "checkpoints").err
    verified = county.run("audit", "verify")
    assert verified.code == 0, verified.said


def test_a_partners_host_key_is_changed_by_two_people(county, tmp_path):
    host_key = Ed25519PrivateKey.generate().public_key()
    line = host_key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    (tmp_path / "key.pub").write_text(f"{line} root@sftp\n")
    assert county.run("sandbox", "approve", "jobcentre-plus-supporting-families").code == 0
    proposed = county.run("partners", "pin", DWP, "--host-key", str(tmp_path / "key.pub"))
    fingerprint = parse_pin(line).fingerprint
    assert fingerprint in proposed.err, proposed.said
    words = ("partners", "compare", DWP, "--fingerprint", fingerprint)
    assert "one more person" in county.run(*words).err
    assert as_second(county, *words).code == 0
    placed = county.run("partners", "pin", DWP)
    assert "gateway agreements approve jobcentre-plus-supporting-families" in placed.err, placed.said
    shown = county.run("partners", "pin", DWP)
    assert "waits for its first answer" in shown.out
    assert fingerprint in shown.out


def test_an_account_that_may_not_use_the_files_is_told_what_to_do():
    # Not under tmp_path: that is closed to everybody else.
    with tempfile.TemporaryDirectory(prefix="gw-others-") as folder:
        Path(folder).chmod(0o755)
        county = a_county(Path(folder), loaded=False)
        refused = as_second(county, "keys", "list", effective="nobody")
        assert (refused.code, "may not use the state directory" in refused.err) == (6, True), refused.said
        assert "several-people.md" in refused.err
        county.settings.chmod(0o600)
        refused = as_second(county, "keys", "list", effective="nobody")
        assert (refused.code, "may not read it" in refused.err) == (5, True), refused.said
