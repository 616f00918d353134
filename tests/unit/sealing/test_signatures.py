"""A signed text is what the pinned key signed, however the desk's tools laid it out, and nothing beside it."""

import pysequoia
import pytest

from gateway.clock import SystemClock
from gateway.errors import KeyUnavailable, PackageCorrupt, SealFailed, SignatureInvalid
from gateway.keyring.forms import new_openpgp_key
from gateway.sealing.certificate import UsableSigner, fingerprint_of, usable_signer
from gateway.sealing.signatures import (
    clear_sign,
    is_detached_signature,
    require_signature,
    sign_detached,
    signed_text,
)
from tests.gpg_desk import Desk

TEXT = b"format: one\n- a dash\ntwo  words\n"
REFUSED = (PackageCorrupt, SignatureInvalid)


def signer_of(key: bytes) -> UsableSigner:
    certificate = bytes(pysequoia.Tsk.from_bytes(key).extract_certificate())
    return usable_signer(certificate, fingerprint_of(certificate), SystemClock().today())


@pytest.fixture(scope="module")
def us(our_key: bytes) -> UsableSigner:
    return signer_of(our_key)


def test_a_text_that_we_sign_can_be_read_by_eye_and_is_verified(our_key: bytes, us: UsableSigner) -> None:
    message = clear_sign(TEXT, our_key)
    assert b"\ntwo  words\n" in message
    assert signed_text(message, us) == TEXT


@pytest.mark.parametrize(
    "lay_out",
    [
        lambda message: b"\xef\xbb\xbf" + message,
        lambda message: message.replace(b"\n", b"\r\n"),
        lambda message: b"\xef\xbb\xbf" + message.replace(b"\n", b"\r\n") + b"\r\n\r\n",
        lambda message: b"\n\n" + message,
    ],
    ids=["byte order mark", "CRLF", "both", "blank lines"],
)
def test_what_windows_tools_do_to_a_clear_text_is_no_fault(lay_out, our_key: bytes, us: UsableSigner) -> None:
    assert signed_text(lay_out(clear_sign(TEXT, our_key)), us) == TEXT


def test_anything_beside_the_signed_text_is_refused(our_key: bytes, us: UsableSigner) -> None:
    """A reader could take it for signed."""
    message = clear_sign(TEXT, our_key)
    another = clear_sign(b"another\n", our_key)
    for altered in (b"before\n" + message, message + b"after\n", message + another, another + b"\n" + message):
        with pytest.raises(REFUSED):
            signed_text(altered, us)


@pytest.mark.parametrize("sign", [clear_sign, None], ids=["clear", "inline"])
def test_a_changed_text_is_refused(sign, our_key: bytes, us: UsableSigner) -> None:
    signer = pysequoia.Tsk.from_bytes(our_key).signer()
    message = sign(TEXT, our_key) if sign else pysequoia.sign(signer, TEXT, armor=False)
    at = message.index(b"words")
    with pytest.raises(REFUSED):
        signed_text(message[:at] + b"swords"[:5] + message[at + 5 :], us)


def test_a_text_signed_by_anybody_else_or_nobody_is_refused(us: UsableSigner) -> None:
    for message in (clear_sign(TEXT, new_openpgp_key("somebody else")), TEXT, b"", b"\xff\xfe\x00"):
        with pytest.raises(REFUSED):
            signed_text(message, us)


def test_an_encrypted_message_is_refused_and_asked_for_in_clear(our_key: bytes, us: UsableSigner) -> None:
    key = pysequoia.Tsk.from_bytes(our_key)
    message = pysequoia.encrypt(TEXT, recipients=[key.extract_certificate()], signer=key.signer())
    with pytest.raises(PackageCorrupt, match="encrypted") as refusal:
        signed_text(message, us)
    assert "in clear" in refusal.value.advice()


def test_a_detached_signature_is_over_exactly_these_bytes(our_key: bytes, us: UsableSigner) -> None:
    signature = sign_detached(TEXT, our_key)
    require_signature(TEXT, signature, us)
    for document in (TEXT + b"\n", TEXT.replace(b"\n", b"\r\n"), b""):
        with pytest.raises(SignatureInvalid):
            require_signature(document, signature, us)
    with pytest.raises(SignatureInvalid):
        require_signature(TEXT, sign_detached(TEXT, new_openpgp_key("somebody else")), us)
    with pytest.raises(PackageCorrupt):
        require_signature(TEXT, b"no signature", us)


def test_a_signature_alone_is_told_from_a_signed_text(our_key: bytes) -> None:
    signer = pysequoia.Tsk.from_bytes(our_key).signer()
    assert is_detached_signature(sign_detached(TEXT, our_key))
    assert is_detached_signature(pysequoia.sign(signer, TEXT, mode=pysequoia.SignatureMode.DETACHED, armor=False))
    assert not is_detached_signature(clear_sign(TEXT, our_key))
    assert not is_detached_signature(b"\xef\xbb\xbf" + clear_sign(TEXT, our_key))
    assert not is_detached_signature(pysequoia.sign(signer, TEXT, armor=False))


@pytest.mark.gpg
@pytest.mark.parametrize(
    "how",
    [("--clearsign",), ("-s",), ("-s", "-a"), ("-s", "-z", "0"), ("-s", "--compress-algo", "bzip2")],
    ids=" ".join,
)
def test_every_way_that_gpg_signs_in_is_read(desk: Desk, how: tuple[str, ...]) -> None:
    fingerprint = desk.make_key(f"signs {' '.join(how)}")
    certificate = desk.certificate(fingerprint)
    signer = usable_signer(certificate, fingerprint, SystemClock().today())
    message = desk.do("-u", fingerprint, *how, given=TEXT)
    # A clear-text signature does not cover the last line's end.
    assert signed_text(message, signer).rstrip(b"\n") == TEXT.rstrip(b"\n")
    altered = 0
    for at in range(0, len(message), 7):
        flipped = bytearray(message)
        flipped[at] ^= 0x04
        try:
            text = signed_text(bytes(flipped), signer)
        except REFUSED:
            continue
        # What no signature covers, such as the file's name, may change; the text may not.
        altered += text.rstrip(b"\n") != TEXT.rstrip(b"\n")
    assert altered == 0


@pytest.mark.gpg
def test_without_gnupg_only_what_it_alone_reads_is_refused_and_the_sender_told_what_to_do(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fingerprint = desk.make_key("compresses")
    signer = usable_signer(desk.certificate(fingerprint), fingerprint, SystemClock().today())
    usual = desk.do("-u", fingerprint, "-s", given=TEXT)
    rare = desk.do("-u", fingerprint, "-s", "--compress-algo", "bzip2", given=TEXT)
    monkeypatch.setenv("PATH", "")
    assert signed_text(usual, signer) == TEXT
    with pytest.raises(KeyUnavailable, match="GnuPG is not installed") as refusal:
        signed_text(rare, signer)
    assert "--compress-algo none" in refusal.value.advice()


@pytest.mark.gpg
@pytest.mark.parametrize("how", [("-b",), ("-b", "-a"), ("-b", "--textmode")], ids=" ".join)
def test_every_detached_signature_of_gpg_is_read(desk: Desk, how: tuple[str, ...]) -> None:
    fingerprint = desk.make_key(f"detached {' '.join(how)}")
    signer = usable_signer(desk.certificate(fingerprint), fingerprint, SystemClock().today())
    signature = desk.do("-u", fingerprint, *how, given=TEXT)
    assert is_detached_signature(signature)
    require_signature(TEXT, signature, signer)


@pytest.mark.gpg
def test_gpg_verifies_what_we_sign(desk: Desk, our_key: bytes, us: UsableSigner) -> None:
    desk.knows(us.certificate)
    said = desk.run("--verify", given=clear_sign(TEXT, our_key))
    assert said.code == 0
    assert said.says("GOODSIG")


@pytest.mark.gpg
def test_L6_a_revoked_signer_is_refused(desk: Desk) -> None:
    fingerprint = desk.make_key("signs, then revokes")
    message = desk.do("-u", fingerprint, "--clearsign", given=TEXT)
    before = desk.certificate(fingerprint)
    signer = usable_signer(before, fingerprint, SystemClock().today())
    assert signed_text(message, signer)
    desk.revoke(fingerprint)
    after = UsableSigner(desk.certificate(fingerprint), fingerprint, signer.algorithm, signer.expires_on)
    with pytest.raises(SignatureInvalid):
        signed_text(message, after)


def test_a_key_that_cannot_sign_is_an_error_that_quotes_nothing() -> None:
    for key in (b"", b"SECRET WORD"):
        with pytest.raises(SealFailed, match="cannot sign") as refusal:
            clear_sign(TEXT, key)
        assert "SECRET" not in str(refusal.value)
