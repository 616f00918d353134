"""Reading SSH signatures, held against the real ssh-keygen in both directions."""

import base64
import hashlib
import subprocess

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.agreements.sshsig import BadSignature, check_key, fingerprint_of, read_signature, verify_signature
from tests.officers_signing import NAMESPACE, an_officer

MESSAGE = b'{"form":"policy-statement/1"}'
KINDS = [
    ("-t", "ed25519"),
    ("-t", "ecdsa", "-b", "256"),
    ("-t", "ecdsa", "-b", "384"),
    ("-t", "ecdsa", "-b", "521"),
    ("-t", "rsa", "-b", "3072"),
]


def string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def mpint(number: int) -> bytes:
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big"))


def armoured(blob: bytes) -> bytes:
    text = base64.b64encode(blob)
    lines = b"\n".join(text[n : n + 70] for n in range(0, len(text), 70))
    return b"-----BEGIN SSH SIGNATURE-----\n" + lines + b"\n-----END SSH SIGNATURE-----\n"


def dearmoured(signature: bytes) -> bytes:
    return base64.b64decode(b"".join(signature.strip().split(b"\n")[1:-1]))


def signed_bytes(namespace: str = NAMESPACE, hash_name: bytes = b"sha512") -> bytes:
    digest = hashlib.new(hash_name.decode(), MESSAGE).digest()
    return b"SSHSIG" + string(namespace.encode()) + string(b"") + string(hash_name) + string(digest)


def signature_file(key: bytes, signature: bytes, **changes: bytes) -> bytes:
    parts = {"namespace": NAMESPACE.encode(), "reserved": b"", "hash": b"sha512"} | changes
    frame = b"".join(string(parts[name]) for name in ("namespace", "reserved", "hash"))
    return armoured(b"SSHSIG" + (1).to_bytes(4, "big") + string(key) + frame + string(signature))


def verify(signature: bytes, message: bytes = MESSAGE, namespace: str = NAMESPACE) -> None:
    verify_signature(read_signature(signature), message, namespace)


def ed25519() -> tuple[Ed25519PrivateKey, bytes]:
    private = Ed25519PrivateKey.generate()
    return private, private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


@pytest.fixture(scope="session", params=KINDS, ids=lambda kind: "-".join(kind[1::2]))
def officer(request, keys):
    return an_officer(keys, "signer", "approver", request.param)


def test_what_ssh_keygen_signs_is_verified_here(officer):
    signature = officer.sign(MESSAGE)
    verify(signature)
    read = read_signature(signature)
    listed = subprocess.run(["ssh-keygen", "-lf", str(officer.key)], capture_output=True, text=True, check=True).stdout
    assert read.fingerprint == listed.split()[1]
    assert read.public_key == base64.b64decode(officer.public.split()[1])
    check_key(read.public_key)


def test_a_signature_that_went_through_windows_is_the_same(officer):
    verify(officer.sign(MESSAGE).replace(b"\n", b"\r\n"))


def test_other_bytes_are_not_signed(officer):
    with pytest.raises(BadSignature, match="does not fit these bytes"):
        verify(officer.sign(MESSAGE), MESSAGE + b"\n")


def test_a_signature_for_another_purpose_does_not_count(officer):
    with pytest.raises(BadSignature, match="another purpose: sign with -n agreement@gateway"):
        verify(officer.sign(MESSAGE, namespace="git"))


def test_a_short_rsa_key_is_refused(keys):
    weak = an_officer(keys, "weak", "approver", ("-t", "rsa", "-b", "2048"))
    with pytest.raises(BadSignature, match="shorter than 3072"):
        verify(weak.sign(MESSAGE))
    with pytest.raises(BadSignature, match="shorter than 3072"):
        check_key(base64.b64decode(weak.public.split()[1]))


def security_key_signature(flags: int, *, application: bytes = b"ssh:") -> tuple[bytes, bytes]:
    private, public = ed25519()
    key = string(b"sk-ssh-ed25519@openssh.com") + string(public) + string(application)
    tail = bytes([flags]) + (7).to_bytes(4, "big")
    signed = hashlib.sha256(application).digest() + tail + hashlib.sha256(signed_bytes()).digest()
    signature = string(b"sk-ssh-ed25519@openssh.com") + string(private.sign(signed)) + tail
    return key, signature_file(key, signature)


def test_a_security_key_counts_when_it_was_touched_and_openssh_agrees(tmp_path):
    key, signature = security_key_signature(1)
    verify(signature)
    check_key(key)
    approvers = tmp_path / "approvers"
    line = f'a@b namespaces="{NAMESPACE}" sk-ssh-ed25519@openssh.com {base64.b64encode(key).decode()} role=approver\n'
    approvers.write_text(line)
    (tmp_path / "s.sig").write_bytes(signature)
    command = ["ssh-keygen", "-Y", "verify", "-f", str(approvers), "-I", "a@b", "-n", NAMESPACE]
    done = subprocess.run([*command, "-s", str(tmp_path / "s.sig")], input=MESSAGE, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_security_key_that_was_not_touched_does_not_count():
    with pytest.raises(BadSignature, match="was not touched"):
        verify(security_key_signature(0)[1])


def test_a_security_key_signature_for_another_application_fails():
    key, signature = security_key_signature(1)
    other = key[: -len(string(b"ssh:"))] + string(b"web:")
    with pytest.raises(BadSignature, match="does not fit"):
        verify(armoured(dearmoured(signature).replace(key, other)))


def test_sha1_rsa_is_refused():
    private = rsa.generate_private_key(65537, 3072)
    numbers = private.public_key().public_numbers()
    key = string(b"ssh-rsa") + mpint(numbers.e) + mpint(numbers.n)
    raw = private.sign(signed_bytes(), padding.PKCS1v15(), hashes.SHA256())
    verify(signature_file(key, string(b"rsa-sha2-256") + string(raw)))
    with pytest.raises(BadSignature, match="not made with SHA-2"):
        verify(signature_file(key, string(b"ssh-rsa") + string(raw)))


GOOD = ed25519()
GOOD_KEY = string(b"ssh-ed25519") + string(GOOD[1])
GOOD_RAW = GOOD[0].sign(signed_bytes())
GOOD_SIGNATURE = string(b"ssh-ed25519") + string(GOOD_RAW)
POINT = b"\x04" + b"\x01" * 64


def test_both_hashes_of_the_form_are_taken():
    verify(signature_file(GOOD_KEY, GOOD_SIGNATURE))
    raw = GOOD[0].sign(signed_bytes(hash_name=b"sha256"))
    verify(signature_file(GOOD_KEY, string(b"ssh-ed25519") + string(raw), hash=b"sha256"))


@pytest.mark.parametrize(
    ("signature", "sentence"),
    [
        (b"", "not an SSH signature file"),
        (b"x" * 20_000, "not an SSH signature file"),
        (b"-----BEGIN SSH SIGNATURE-----\n****\n-----END SSH SIGNATURE-----\n", "not an SSH signature file"),
        (b"note\n" + signature_file(GOOD_KEY, GOOD_SIGNATURE), "not an SSH signature file"),
        (signature_file(GOOD_KEY, GOOD_SIGNATURE) * 2, "not an SSH signature file"),
        (b"-----BEGIN SSH SIGNATURE-----\nA\n-----END SSH SIGNATURE-----\n", "damaged"),
        (armoured(b"SSHSIX" + bytes(4)), "a form that is not known"),
        (armoured(b"SSHSIG" + (2).to_bytes(4, "big")), "a form that is not known"),
        (armoured(b"SSHSIG"), "cut short"),
        (armoured(b"SSHSIG" + (1).to_bytes(4, "big") + b"\xff\xff\xff\xff"), "cut short"),
        (armoured(dearmoured(signature_file(GOOD_KEY, GOOD_SIGNATURE)) + b"x"), "behind the end"),
        (signature_file(GOOD_KEY, GOOD_SIGNATURE, reserved=b"x"), "a form that is not known"),
        (signature_file(GOOD_KEY, GOOD_SIGNATURE, hash=b"md5"), "a form that is not known"),
        (signature_file(GOOD_KEY, GOOD_SIGNATURE, namespace=b"\xff"), "another purpose"),
        (signature_file(GOOD_KEY + b"x", GOOD_SIGNATURE), "behind the end"),
        (signature_file(GOOD_KEY, GOOD_SIGNATURE + b"x"), "behind the end"),
        (signature_file(GOOD_KEY, string(b"ssh-rsa") + string(GOOD_RAW)), "not of its key's kind"),
        (signature_file(GOOD_KEY, string(b"ssh-ed25519") + string(GOOD_RAW[:-1])), "does not fit"),
        (signature_file(string(b"ssh-ed25519") + string(b"short"), GOOD_SIGNATURE), "Ed25519 key cannot be read"),
        (signature_file(string(b"ssh-dss") + string(b"x"), GOOD_SIGNATURE), "kind of key is not accepted"),
        (
            signature_file(string(b"ecdsa-sha2-nistp256") + string(b"nistp999") + string(POINT), GOOD_SIGNATURE),
            "ECDSA key cannot be read",
        ),
        (
            signature_file(string(b"ecdsa-sha2-nistp256") + string(b"nistp256") + string(POINT), GOOD_SIGNATURE),
            "ECDSA key cannot be read",
        ),
        (signature_file(string(b"ssh-rsa") + mpint(2) + mpint(2**3071 + 1), GOOD_SIGNATURE), "RSA key cannot be read"),
        (signature_file(string(b"ssh-rsa") + string(b"\x00\x01") + mpint(2**3071), b""), "shortest form"),
        (signature_file(string(b"ssh-rsa") + string(b"\x81") + mpint(2**3071), b""), "shortest form"),
        (signature_file(string(b"ssh-rsa") + string(b"") + mpint(2**3071), b""), "shortest form"),
        (signature_file(string(b"ssh-rsa") + string(b"\x00") + mpint(2**3071), b""), "shortest form"),
    ],
)
def test_what_is_not_exactly_one_good_signature_is_refused(signature, sentence):
    with pytest.raises(BadSignature, match=sentence):
        verify(signature)


def test_a_key_of_no_accepted_kind_is_refused():
    with pytest.raises(BadSignature, match="kind of key is not accepted"):
        check_key(string(b"ssh-dss"))


def test_a_fingerprint_is_openssh_own():
    assert fingerprint_of(b"abc") == "SHA256:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.data())
def test_any_changed_bit_is_refused(data):
    blob = bytearray(dearmoured(signature_file(GOOD_KEY, GOOD_SIGNATURE)))
    place = data.draw(st.integers(0, len(blob) * 8 - 1))
    blob[place // 8] ^= 1 << place % 8
    with pytest.raises(BadSignature):
        verify(armoured(bytes(blob)))
