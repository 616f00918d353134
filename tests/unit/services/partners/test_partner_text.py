"""A new key is written into a partner's file, and nothing else in the file is touched."""

import tomllib
from pathlib import Path

import pytest

from gateway.errors import PartnerInvalid
from gateway.services.partners.partner_text import (
    PACKAGE,
    RECEIPT,
    with_certificate,
    with_host_keys,
    with_receipt_certificate,
)

EXAMPLE = Path("config/partners/dwp-jobcentre-plus.toml.example").read_text(encoding="utf-8")
A, B = "ssh-ed25519 AAAA", "ssh-ed25519 BBBB"


def comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("#")]


def test_host_keys_are_replaced_where_they_stand():
    changed = with_host_keys(EXAMPLE, [A, B])
    assert tomllib.loads(changed)["server"]["host_keys"] == [A, B]
    assert comments(changed) == comments(EXAMPLE)
    assert with_host_keys(changed, [B]).count("ssh-ed25519") == 1


@pytest.mark.parametrize("layout", ['host_keys = ["ssh-ed25519 OLD"]', 'host_keys=[ "ssh-ed25519 OLD",\n"ssh-rsa x" ]'])
def test_other_layouts_are_understood(layout):
    text = f'title = "x"\n[server]\nhost = "h"\n{layout}\ninbox = "/inbox"\n'
    assert tomllib.loads(with_host_keys(text, [A])) == {
        "title": "x",
        "server": {"host": "h", "host_keys": [A], "inbox": "/inbox"},
    }


@pytest.mark.parametrize(
    "text",
    [
        '[server]\n"host_keys" = ["ssh-ed25519 OLD"]\n',
        'server = { host_keys = ["ssh-ed25519 OLD"] }\n',
        '[other]\nhost_keys = [\n"x"\n]\n[server]\nhost_keys = ["ssh-ed25519 OLD"]\n',
    ],
)
def test_what_cannot_be_changed_by_itself_is_left_to_a_person(text):
    with pytest.raises(PartnerInvalid, match="only a person can change"):
        with_host_keys(text, [A])


def test_a_certificate_is_replaced_in_its_section_alone():
    changed = tomllib.loads(with_certificate(EXAMPLE, PACKAGE, "new.asc", "AB" * 20))
    assert changed.pop("package_certificate") == {"file": "new.asc", "fingerprint": "AB" * 20}
    assert changed == {name: value for name, value in tomllib.loads(EXAMPLE).items() if name != PACKAGE}


def test_the_receipt_key_in_use_is_kept_as_the_one_before():
    once = with_receipt_certificate(EXAMPLE, "new.asc", "AB" * 20)
    assert tomllib.loads(once)["receipt_certificate_before"] == tomllib.loads(EXAMPLE)[RECEIPT]
    twice = tomllib.loads(with_receipt_certificate(once, "newer.asc", "CD" * 20))
    assert twice["receipt_certificate"]["file"] == "newer.asc"
    assert twice["receipt_certificate_before"] == {"file": "new.asc", "fingerprint": "AB" * 20}
    assert comments(once) == comments(EXAMPLE)


@pytest.mark.parametrize("behind", ["", "\n# a word about the witness\n[witness]\nkey = 'k'\n"])
def test_what_stands_behind_a_section_stays(behind):
    text = f"{EXAMPLE}{behind}"
    changed = with_receipt_certificate(with_certificate(text, PACKAGE, "p.asc", "AA"), "r.asc", "BB")
    assert comments(changed) == comments(text)
    assert tomllib.loads(changed).get("witness") == tomllib.loads(text).get("witness")
