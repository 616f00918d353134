"""Our SSH key is read from a file that nobody else can read, and nothing of it reaches a message (law L8)."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa

from gateway.delivery.ssh_key import certified_until, load_key
from gateway.errors import KeyUnavailable


def pem(key, passphrase: bytes | None = None) -> bytes:
    protection = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, protection)


@pytest.fixture
def keep(tmp_path):
    def keep(data: bytes, mode: int = 0o600):
        path = tmp_path / "key"
        path.write_bytes(data)
        path.chmod(mode)
        return path

    return keep


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (ed25519.Ed25519PrivateKey.generate(), "ssh-ed25519"),
        (ec.generate_private_key(ec.SECP256R1()), "ecdsa-sha2-nistp256"),
        (rsa.generate_private_key(65537, 3072), "ssh-rsa"),
    ],
    ids=["ed25519", "ecdsa", "rsa"],
)
def test_a_key_of_each_kind_is_read(keep, key, name):
    assert load_key(keep(pem(key))).get_name() == name


def test_a_key_under_a_passphrase_needs_it(keep):
    path = keep(pem(ed25519.Ed25519PrivateKey.generate(), b"open sesame"))
    assert load_key(path, "open sesame").get_name() == "ssh-ed25519"
    for passphrase in (None, "another"):
        with pytest.raises(KeyUnavailable):
            load_key(path, passphrase)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_row_50_a_key_that_others_can_read_is_refused(keep, mode):
    with pytest.raises(KeyUnavailable, match="others can read"):
        load_key(keep(pem(ed25519.Ed25519PrivateKey.generate()), mode))


@pytest.mark.parametrize("data", [b"", b"no key at all\n", b"\xff\xfe", b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"])
def test_anything_else_is_no_key(keep, data):
    with pytest.raises(KeyUnavailable):
        load_key(keep(data))


def test_a_kind_that_is_not_used_any_more_is_refused(keep):
    key = dsa.generate_private_key(1024)
    data = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    with pytest.raises(KeyUnavailable):
        load_key(keep(data))


def test_a_key_that_is_not_there(tmp_path):
    with pytest.raises(KeyUnavailable):
        load_key(tmp_path / "nowhere")


def test_a_key_without_a_certificate_has_no_end(keep):
    assert certified_until(keep(pem(ed25519.Ed25519PrivateKey.generate()))) is None


@pytest.mark.parametrize("beside", [b"", b"not a certificate\n", b"ssh-ed25519-cert-v01@openssh.com AAAA\n"])
def test_a_certificate_that_cannot_be_read_is_told(keep, beside):
    path = keep(pem(ed25519.Ed25519PrivateKey.generate()))
    path.with_name("key-cert.pub").write_bytes(beside)
    for read in (load_key, certified_until):
        with pytest.raises(KeyUnavailable, match="certificate"):
            read(path)


@pytest.mark.parametrize(
    ("before", "until"), [(1_800_000_000, datetime(2027, 1, 15, 8, tzinfo=UTC)), (2**64 - 1, None)]
)
def test_a_certificate_says_when_it_ends_or_that_it_does_not(keep, before, until):
    ours, authority = ed25519.Ed25519PrivateKey.generate(), ed25519.Ed25519PrivateKey.generate()
    builder = serialization.SSHCertificateBuilder().public_key(ours.public_key()).serial(1)
    builder = builder.type(serialization.SSHCertificateType.USER).key_id(b"gateway").valid_principals([b"council"])
    certificate = builder.valid_after(0).valid_before(before).sign(authority)
    path = keep(pem(ours))
    path.with_name("key-cert.pub").write_bytes(certificate.public_bytes() + b"\n")
    assert certified_until(path) == until
