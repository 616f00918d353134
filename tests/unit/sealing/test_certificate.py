"""Law L6: no expired, revoked, mis-pinned or weak certificate is ever used, and no option says otherwise."""

import inspect
from datetime import date, timedelta

import pysequoia
import pytest
from pysequoia.packet import PacketPile

from gateway.clock import SystemClock
from gateway.errors import KeyUnusable
from gateway.sealing.certificate import fingerprint_of, normal_fingerprint, usable, usable_signer
from gateway.sealing.encryption_keys import names
from gateway.sealing.packets import recipients_of
from tests.gpg_desk import Desk


def today() -> date:
    """Keys are made by other programs, on the machine's own day."""
    return SystemClock().today()


def recipients(certificate: bytes) -> tuple[str, ...]:
    cert = pysequoia.Cert.from_bytes(certificate)
    return recipients_of(pysequoia.encrypt(b"", recipients=[cert], armor=False))


def new_format_packet(tag: int, body: bytes) -> bytes:
    return bytes([0xC0 | tag, 255]) + len(body).to_bytes(4) + body


@pytest.mark.gpg
@pytest.mark.parametrize(
    ("primary", "encryption", "name"),
    [
        ("rsa3072", "rsa3072", "RSA-3072"),
        ("rsa4096", "rsa4096", "RSA-4096"),
        ("nistp256", "nistp256", "NIST P-256"),
        ("nistp384", "nistp384", "NIST P-384"),
        ("nistp521", "nistp521", "NIST P-521"),
        ("ed25519", "cv25519", "Curve25519"),
    ],
)
def test_strong_keys_made_by_gpg_are_usable(desk: Desk, primary: str, encryption: str, name: str) -> None:
    fingerprint = desk.make_key(f"strong {primary}", primary, encryption)
    found = usable(desk.certificate(fingerprint), fingerprint, today())
    assert found.algorithm == name
    assert found.fingerprint == fingerprint
    assert [found.encryption_key] == desk.subkeys(fingerprint)
    assert found.expires_on is not None
    assert timedelta(days=360) < found.expires_on - today() < timedelta(days=370)


@pytest.mark.gpg
@pytest.mark.parametrize(
    ("primary", "encryption", "why"),
    [
        ("rsa2048", "rsa4096", "primary key that is RSA-2048"),
        ("rsa4096", "rsa2048", "is RSA-2048"),
        ("dsa2048", "elg3072", "DSA"),
        ("brainpoolP256r1", "brainpoolP256r1", "not accepted"),
        ("ed25519", None, "no valid encryption key"),
    ],
)
def test_L6_weak_and_foreign_keys_are_refused(desk: Desk, primary: str, encryption: str | None, why: str) -> None:
    fingerprint = desk.make_key(f"weak {primary} {encryption}", primary, encryption)
    with pytest.raises(KeyUnusable, match=why) as refusal:
        usable(desk.certificate(fingerprint), fingerprint, today())
    assert "Kleopatra" in refusal.value.advice() or "phone" in refusal.value.advice()


@pytest.mark.gpg
def test_L6_an_expired_certificate_is_refused(desk: Desk) -> None:
    """The library encrypts to it without a word."""
    fingerprint = desk.make_key("expired", days=30, at="20240101T000000")
    certificate = desk.certificate(fingerprint)
    assert recipients(certificate)
    with pytest.raises(KeyUnusable, match="expired on 2024-01-31"):
        usable(certificate, fingerprint, today())


@pytest.mark.gpg
def test_L6_an_expired_encryption_key_is_refused_under_a_certificate_that_is_not(desk: Desk) -> None:
    """The library falls back to expired keys where it finds no other, and gives the certificate no expiry."""
    fingerprint = desk.make_key("stale subkey", encryption=None, days=0, at="20240101T000000")
    desk.add_encryption_key(fingerprint, "cv25519", days=30, at="20240101T000000")
    certificate = desk.certificate(fingerprint)
    assert recipients(certificate)
    with pytest.raises(KeyUnusable, match=r"its encryption key [0-9A-F]{40} expired on 2024-01-31"):
        usable(certificate, fingerprint, today())


@pytest.mark.gpg
def test_an_encryption_key_whose_life_was_extended_is_usable_again(desk: Desk) -> None:
    fingerprint = desk.make_key("extended", encryption=None, days=0, at="20240101T000000")
    desk.add_encryption_key(fingerprint, "cv25519", days=30, at="20240101T000000")
    before = desk.certificate(fingerprint)
    desk.do("--passphrase", "", "--quick-set-expire", fingerprint, "365d", *desk.subkeys(fingerprint))
    both = pysequoia.Cert.from_bytes(before).merge(pysequoia.Cert.from_bytes(desk.certificate(fingerprint)))
    assert usable(bytes(both), fingerprint, today()).encryption_key == desk.subkeys(fingerprint)[0]


@pytest.mark.gpg
def test_the_day_is_the_one_passed_in_and_a_key_is_not_used_on_the_day_it_expires(desk: Desk) -> None:
    fingerprint = desk.make_key("on the day", days=30)
    certificate = desk.certificate(fingerprint)
    expires_on = usable(certificate, fingerprint, today()).expires_on
    assert expires_on is not None
    usable(certificate, fingerprint, expires_on - timedelta(days=1))
    for day in (expires_on, expires_on + timedelta(days=400)):
        with pytest.raises(KeyUnusable, match=f"expired on {expires_on}"):
            usable(certificate, fingerprint, day)


@pytest.mark.gpg
def test_L6_a_revoked_certificate_is_refused(desk: Desk) -> None:
    """The library encrypts to it without a word."""
    fingerprint = desk.make_key("revoked")
    desk.revoke(fingerprint)
    certificate = desk.certificate(fingerprint)
    assert recipients(certificate)
    for judge in (usable, usable_signer):
        with pytest.raises(KeyUnusable, match="revoked by its owner"):
            judge(certificate, fingerprint, today())


@pytest.mark.gpg
def test_L6_another_certificate_than_the_pinned_one_is_refused(desk: Desk) -> None:
    pinned, other = desk.make_key("pinned"), desk.make_key("other")
    with pytest.raises(KeyUnusable, match=f"the certificate is {other}, and the pinned one is {pinned}"):
        usable(desk.certificate(other), pinned, today())


@pytest.mark.gpg
def test_an_encryption_key_is_no_substitute_for_the_pinned_primary_key(desk: Desk) -> None:
    fingerprint = desk.make_key("by subkey")
    with pytest.raises(KeyUnusable, match="the pinned one is"):
        usable(desk.certificate(fingerprint), desk.subkeys(fingerprint)[0], today())


@pytest.mark.gpg
def test_the_newest_usable_encryption_key_is_taken_and_the_others_are_cut_out(desk: Desk) -> None:
    """The library encrypts to every encryption key that a certificate has."""
    fingerprint = desk.make_key("two keys", days=0, at="20250101T000000")
    desk.add_encryption_key(fingerprint, "rsa3072", days=700)
    old, new = desk.subkeys(fingerprint)
    certificate = desk.certificate(fingerprint)
    assert len(recipients(certificate)) == 2
    found = usable(certificate, fingerprint, today())
    assert found.encryption_key == new
    assert len(recipients(found.certificate)) == 1
    assert names(recipients(found.certificate), new)
    assert not names(recipients(found.certificate), old)


@pytest.mark.gpg
def test_a_weak_encryption_key_beside_a_strong_one_is_passed_over(desk: Desk) -> None:
    fingerprint = desk.make_key("weak and strong")
    desk.add_encryption_key(fingerprint, "rsa2048")
    assert usable(desk.certificate(fingerprint), fingerprint, today()).algorithm == "Curve25519"


@pytest.mark.gpg
def test_an_encryption_key_that_somebody_else_grafted_on_is_not_used(desk: Desk) -> None:
    """A binding is only as good as its signature."""
    victim, thief = desk.make_key("victim"), desk.make_key("thief")
    theirs = list(PacketPile.from_bytes(desk.certificate(thief)))
    graft = b"".join(bytes(packet) for packet in theirs[-2:])
    found = usable(desk.certificate(victim) + graft, victim, today())
    assert [found.encryption_key] == desk.subkeys(victim)
    alone = desk.make_key("no encryption key of its own", encryption=None)
    with pytest.raises(KeyUnusable, match="no valid encryption key"):
        usable(desk.certificate(alone) + graft, alone, today())


@pytest.mark.gpg
@pytest.mark.parametrize("version", [4, 5])
def test_a_post_quantum_key_of_gnupg_is_refused_in_words_that_the_desk_can_act_on(desk: Desk, version: int) -> None:
    fingerprint = desk.make_key(f"kyber {version}")
    kyber = bytes([version]) + bytes(4) + (b"\x08" if version == 4 else b"\x12") + bytes(40)
    with pytest.raises(KeyUnusable, match="post-quantum") as refusal:
        usable(desk.certificate(fingerprint) + new_format_packet(14, kyber), fingerprint, today())
    assert "without the post-quantum option" in refusal.value.advice()


def test_a_whole_certificate_in_gnupgs_own_format_is_refused_in_the_same_words() -> None:
    primary = new_format_packet(6, bytes([5]) + bytes(4) + b"\x16" + bytes(40))
    with pytest.raises(KeyUnusable, match="post-quantum"):
        usable(primary, "A" * 64, date(2026, 11, 22))


def test_a_post_quantum_key_of_the_standard_is_named_and_refused() -> None:
    """It would be usable by Sequoia alone; no desk we know reads it (docs/decisions)."""
    key = pysequoia.Tsk.generate("pq", encryption_algorithm=pysequoia.EncryptionAlgorithm.MLKEM768_X25519)
    certificate = bytes(key.extract_certificate())
    with pytest.raises(KeyUnusable, match="ML-KEM-768"):
        usable(certificate, fingerprint_of(certificate), today())


def test_a_private_key_sent_by_mistake_is_refused_and_its_owner_told() -> None:
    key = pysequoia.Tsk.generate("careless")
    with pytest.raises(KeyUnusable, match="holds a private key") as refusal:
        usable(bytes(key), key.extract_certificate().fingerprint, today())
    assert "revoke" in refusal.value.advice()


def test_exactly_one_certificate_is_read() -> None:
    two = [bytes(pysequoia.Tsk.generate(name).extract_certificate()) for name in ("one", "two")]
    fingerprint = fingerprint_of(two[0])
    for data in (b"".join(two), b"", b"not a certificate", b"\xff" * 40, two[0][:40]):
        with pytest.raises(KeyUnusable):
            usable(data, fingerprint, today())


def test_refusals_are_short_and_quote_nothing_of_the_library() -> None:
    """Its messages are pages of stack."""
    with pytest.raises(KeyUnusable) as refusal:
        usable(b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nSECRET WORD\n", "A" * 40, today())
    assert len(str(refusal.value)) < 200
    assert "SECRET" not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_armoured_and_binary_certificates_are_the_same() -> None:
    certificate = pysequoia.Tsk.generate("armour").extract_certificate()
    fingerprint = certificate.fingerprint
    assert usable(str(certificate).encode(), fingerprint, today()) == usable(bytes(certificate), fingerprint, today())


@pytest.mark.parametrize("text", ["", "0123456789ABCDEF", "Z" * 40, "A" * 41, "A" * 39, "A" * 32])
def test_only_a_full_fingerprint_can_be_pinned(text: str) -> None:
    with pytest.raises(KeyUnusable, match="not a full one"):
        normal_fingerprint(text)


def test_a_fingerprint_may_be_written_as_gpg_prints_it() -> None:
    printed = "3c08 E528 1D58 FA67 F1A7  0477 3A2E 22E6 BB18 38B7"
    assert normal_fingerprint(printed) == "3C08E5281D58FA67F1A704773A2E22E6BB1838B7"
    assert normal_fingerprint("0x" + printed.replace(" ", "")) == normal_fingerprint(printed)


def test_L6_there_is_nothing_to_switch_the_judgement_off_with() -> None:
    assert list(inspect.signature(usable).parameters) == ["certificate", "fingerprint", "on_day"]
    assert list(inspect.signature(usable_signer).parameters) == ["certificate", "fingerprint", "on_day"]
