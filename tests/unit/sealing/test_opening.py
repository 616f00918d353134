"""No unauthenticated plaintext is ever released, by whatever tool the package was made or altered."""

import os
import random
import subprocess
import sys

import pysequoia
import pytest

from gateway.clock import SystemClock
from gateway.errors import KeyUnavailable, PackageCorrupt, SignatureInvalid
from gateway.keyring.forms import new_openpgp_key
from gateway.sealing.certificate import UsableSigner, fingerprint_of, usable, usable_signer
from gateway.sealing.gnupg import GnuPG
from gateway.sealing.opening import open_package
from gateway.sealing.sealer import Sealer
from tests.gpg_desk import Desk

LIST = b"record_ref,surname\r\n" + b"".join(b"%06d,Invented\r\n" % n for n in range(400))
REFUSED = (PackageCorrupt, SignatureInvalid)


@pytest.fixture(scope="module")
def their_key() -> bytes:
    return new_openpgp_key("Invented desk")


def certificate_of(key: bytes) -> bytes:
    return bytes(pysequoia.Tsk.from_bytes(key).extract_certificate())


def signer_of(certificate: bytes) -> UsableSigner:
    return usable_signer(certificate, fingerprint_of(certificate), SystemClock().today())


@pytest.fixture(scope="module")
def us(our_key: bytes) -> UsableSigner:
    return signer_of(certificate_of(our_key))


@pytest.fixture(scope="module")
def package(their_key: bytes, our_key: bytes) -> bytes:
    theirs = certificate_of(their_key)
    recipient = usable(theirs, fingerprint_of(theirs), SystemClock().today())
    blocks: list[bytes] = []
    with Sealer(recipient=recipient, signing_key=our_key, keep=blocks.append) as sealer:
        sealer.feed(LIST)
        sealer.finish()
    return b"".join(blocks)


def test_a_package_opens_to_what_was_signed(package: bytes, their_key: bytes, us: UsableSigner) -> None:
    assert open_package(package, key=their_key, signer=us) == LIST


def test_a_byte_changed_anywhere_releases_nothing(package: bytes, their_key: bytes, us: UsableSigner) -> None:
    """Every byte of the head, and several hundred drawn over the rest.

    A package's first packet says for which key it is; the library tries its key whatever is said there, and X25519
    leaves the highest bit of a public point out of account (RFC 7748 section 5). So a change there may go unnoticed:
    it changes neither the list nor who signed it.
    """
    rest = random.Random(2026).sample(range(400, len(package)), 300)
    still_open = []
    for at in [*range(400), *rest, len(package) - 1]:
        for bit in (0x01, 0x80):
            altered = bytearray(package)
            altered[at] ^= bit
            try:
                assert open_package(bytes(altered), key=their_key, signer=us) == LIST
            except REFUSED:
                continue
            still_open.append(at)
    assert max(still_open) < 2 + package[1]


def test_a_package_cut_anywhere_releases_nothing(package: bytes, their_key: bytes, us: UsableSigner) -> None:
    for length in [*range(0, len(package), 97), len(package) - 1]:
        with pytest.raises(REFUSED):
            open_package(package[:length], key=their_key, signer=us)


def test_something_after_a_package_releases_nothing(package: bytes, their_key: bytes, us: UsableSigner) -> None:
    for more in (b"\0", b"more", package):
        with pytest.raises(REFUSED):
            open_package(package + more, key=their_key, signer=us)


def test_an_unsigned_forgery_is_refused(their_key: bytes, us: UsableSigner) -> None:
    """Most tools decrypt it without a word: no signature, no use."""
    theirs = pysequoia.Cert.from_bytes(certificate_of(their_key))
    forged = pysequoia.encrypt(LIST, recipients=[theirs], armor=False)
    with pytest.raises(SignatureInvalid, match=us.fingerprint):
        open_package(forged, key=their_key, signer=us)


def test_a_package_signed_by_anybody_else_is_refused(their_key: bytes, us: UsableSigner) -> None:
    theirs = pysequoia.Cert.from_bytes(certificate_of(their_key))
    thief = pysequoia.Tsk.from_bytes(new_openpgp_key("Invented County Council: Supporting Families gateway"))
    forged = pysequoia.encrypt(LIST, recipients=[theirs], signer=thief.signer(), armor=False)
    with pytest.raises(SignatureInvalid):
        open_package(forged, key=their_key, signer=us)


def test_a_package_for_somebody_else_is_refused(package: bytes, us: UsableSigner) -> None:
    with pytest.raises(PackageCorrupt, match="not for this key"):
        open_package(package, key=new_openpgp_key("another desk"), signer=us)


def test_a_key_that_cannot_open_is_named_as_the_fault(package: bytes, their_key: bytes, us: UsableSigner) -> None:
    for key in (b"", b"SECRET WORD", certificate_of(their_key)):
        with pytest.raises(KeyUnavailable) as refusal:
            open_package(package, key=key, signer=us)
        assert "SECRET" not in str(refusal.value)


COMPRESSIONS = [("-z", "0"), (), ("--compress-algo", "zip"), ("--compress-algo", "bzip2")]


@pytest.mark.gpg
@pytest.mark.parametrize("options", COMPRESSIONS, ids=["none", "as gpg does", "zip", "bzip2"])
def test_what_a_desk_seals_with_gpg_opens_however_it_compresses(
    desk: Desk, our_key: bytes, options: tuple[str, ...]
) -> None:
    """The library reads no signed message inside a compressed one; gpg itself does."""
    fingerprint = desk.make_key("seals for us")
    sealed = desk.seals(LIST, to=certificate_of(our_key), signed_by=fingerprint, options=options)
    signer = signer_of(desk.certificate(fingerprint))
    assert open_package(sealed, key=our_key, signer=signer) == LIST


@pytest.mark.gpg
@pytest.mark.parametrize("options", COMPRESSIONS, ids=["none", "as gpg does", "zip", "bzip2"])
def test_a_compressed_message_by_another_signer_or_altered_releases_nothing(
    desk: Desk, our_key: bytes, options: tuple[str, ...]
) -> None:
    fingerprint, other = desk.make_key("signs"), desk.make_key("is expected")
    sealed = desk.seals(LIST, to=certificate_of(our_key), signed_by=fingerprint, options=options)
    with pytest.raises(SignatureInvalid):
        open_package(sealed, key=our_key, signer=signer_of(desk.certificate(other)))
    signer = signer_of(desk.certificate(fingerprint))
    for at in range(0, len(sealed), 41):
        altered = bytearray(sealed)
        altered[at] ^= 0x10
        with pytest.raises(REFUSED):
            open_package(bytes(altered), key=our_key, signer=signer)


@pytest.mark.gpg
@pytest.mark.parametrize("options", COMPRESSIONS, ids=["none", "as gpg does", "zip", "bzip2"])
def test_a_compressed_message_without_a_signature_is_refused(
    desk: Desk, our_key: bytes, options: tuple[str, ...]
) -> None:
    expected = desk.make_key("did not sign")
    recipient = desk.home / "ours.pgp"
    recipient.write_bytes(certificate_of(our_key))
    unsigned = desk.do("--trust-model", "always", "-f", str(recipient), *options, "-e", given=LIST)
    with pytest.raises(REFUSED):
        open_package(unsigned, key=our_key, signer=signer_of(desk.certificate(expected)))


@pytest.mark.gpg
def test_gnupgs_home_is_gone_afterwards_and_was_nobody_elses(us: UsableSigner) -> None:
    with GnuPG(private=True) as gpg:
        home = gpg._home
        assert home.stat().st_mode & 0o077 == 0
        with pytest.raises(SignatureInvalid):
            gpg.verified(b"nothing signed", us)
    assert not home.exists()


def test_a_refusal_of_the_library_holds_no_page_about_itself() -> None:
    """To work one out takes fifty megabytes, where the environment asks for it."""
    asked = "import gateway.sealing, pysequoia; pysequoia.Cert.from_bytes(b'junk')"
    environment = os.environ | {"RUST_BACKTRACE": "1", "RUST_LIB_BACKTRACE": "1"}
    done = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=False)
    assert "RuntimeError" in done.stderr
    assert "backtrace" not in done.stderr
