"""A pin is a whole key of an accepted type, and only its own type is offered (law L6)."""

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from gateway.delivery.pins import offered_types, parse_pin, pin_shown
from gateway.errors import PartnerInvalid


def line_of(key) -> str:
    return key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()


ED25519 = line_of(ed25519.Ed25519PrivateKey.generate())
ECDSA = line_of(ec.generate_private_key(ec.SECP256R1()))
RSA = line_of(rsa.generate_private_key(65537, 3072))


@pytest.mark.parametrize("line", [ED25519, ECDSA, RSA, f"  {ED25519} partner@server \n"], ids=range(4))
def test_a_whole_key_is_a_pin(line):
    pin = parse_pin(line)
    assert pin.fingerprint.startswith("SHA256:")
    assert len(pin.fingerprint) == 50


def test_the_fingerprint_is_the_one_that_ssh_keygen_prints():
    # `ssh-keygen -lf` of this line, whose key is 32 zero bytes.
    blob = b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20" + bytes(32)
    pin = parse_pin(f"ssh-ed25519 {base64.b64encode(blob).decode()}")
    assert pin.fingerprint == "SHA256:kmYcvdi2GkPeWxB6XLjrZB8JHsy2Hm8luHMFp9GMvqk"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8",
        "ssh-ed25519",
        "ssh-ed25519 !!!!",
        "ssh-ed25519 " + ECDSA.split()[1],
        ED25519[:-6],
        "ssh-dss " + ED25519.split()[1],
        "ssh-ed25519-cert-v01@openssh.com " + ED25519.split()[1],
        line_of(rsa.generate_private_key(65537, 2048)),
    ],
    # The keys are new each time, and a test's name may not be.
    ids=range(9),
)
def test_anything_less_is_refused_without_being_quoted(line):
    with pytest.raises(PartnerInvalid) as refused:
        parse_pin(line)
    for part in line.split()[1:]:
        assert part not in str(refused.value)


def test_only_pinned_types_are_offered_in_their_order():
    assert offered_types((parse_pin(RSA), parse_pin(ED25519))) == ("rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519")


def test_a_server_key_is_found_among_the_pins_by_its_bytes():
    pins = (parse_pin(RSA), parse_pin(ED25519))
    assert pin_shown(pins, pins[1].blob) == 2
    assert pin_shown(pins, parse_pin(ECDSA).blob) is None
