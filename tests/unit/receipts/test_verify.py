"""Only the pinned key's receipts are accepted, in every way that a desk's tools sign."""

import pytest

from gateway.clock import SystemClock
from gateway.errors import ReceiptMalformed, SignatureInvalid
from gateway.keyring.forms import new_openpgp_key
from gateway.model.receipt import ReceiptLevel
from gateway.receipts.form import RejectReason, receipt_form, write_receipt
from gateway.receipts.parse import MOST_BYTES
from gateway.receipts.verify import bundle, verify_detached_receipt, verify_receipt
from gateway.sealing.certificate import UsableSigner, fingerprint_of, usable_signer
from gateway.sealing.signatures import clear_sign, sign_detached
from tests.delivery_made import PartnerKey
from tests.gpg_desk import Desk

HASH = "ab" * 32
FORM = receipt_form("L-1", HASH)


@pytest.fixture(scope="module")
def partner_key() -> PartnerKey:
    return PartnerKey(new_openpgp_key("Invented recipient"))


@pytest.fixture(scope="module")
def signer(partner_key: PartnerKey) -> UsableSigner:
    certificate = partner_key.certificate
    return usable_signer(certificate, fingerprint_of(certificate), SystemClock().today())


def test_a_signed_form_is_a_receipt(partner_key: PartnerKey, signer: UsableSigner) -> None:
    message = clear_sign(FORM, partner_key.secret)
    receipt = verify_receipt(message, signer)
    assert (receipt.list_reference, receipt.package_sha256, receipt.level) == ("L-1", HASH, ReceiptLevel.RECEIVED)
    assert (receipt.signer_fingerprint, receipt.raw) == (signer.fingerprint, message)


@pytest.mark.parametrize(
    "lay_out",
    [
        lambda m: b"\xef\xbb\xbf" + m,
        lambda m: m.replace(b"\r\n", b"\n"),
        lambda m: m.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
    ],
    ids=["byte order mark", "LF", "CRLF"],
)
def test_line_ends_and_a_byte_order_mark_are_no_fault(lay_out, partner_key: PartnerKey, signer: UsableSigner) -> None:
    assert verify_receipt(lay_out(clear_sign(FORM, partner_key.secret)), signer).level is ReceiptLevel.RECEIVED


def test_a_detached_signature_is_kept_with_its_text(partner_key: PartnerKey, signer: UsableSigner) -> None:
    signature = sign_detached(FORM, partner_key.secret)
    receipt = verify_detached_receipt(FORM, signature, signer)
    assert (
        receipt.raw == bundle(FORM, signature) == f"detached {len(FORM)} {len(signature)}\n".encode() + FORM + signature
    )


def test_any_other_signer_is_refused(our_key: bytes, signer: UsableSigner) -> None:
    with pytest.raises(SignatureInvalid):
        verify_receipt(clear_sign(FORM, our_key), signer)
    with pytest.raises(SignatureInvalid):
        verify_detached_receipt(FORM, sign_detached(FORM, our_key), signer)


def test_an_unsigned_receipt_is_refused(signer: UsableSigner) -> None:
    with pytest.raises((ReceiptMalformed, SignatureInvalid)):
        verify_receipt(FORM, signer)


def test_a_text_that_is_no_receipt_is_refused_though_it_is_signed(
    partner_key: PartnerKey, signer: UsableSigner
) -> None:
    with pytest.raises(ReceiptMalformed):
        verify_receipt(clear_sign(b"thank you\n", partner_key.secret), signer)


def test_an_oversize_message_is_refused_before_anything_looks_at_it(signer: UsableSigner) -> None:
    with pytest.raises(ReceiptMalformed, match="larger than"):
        verify_receipt(b"-" * (MOST_BYTES + 1), signer)
    with pytest.raises(ReceiptMalformed, match="larger than"):
        verify_detached_receipt(b"#" * MOST_BYTES, b"x", signer)


def test_an_edited_text_is_refused_under_the_old_signature(partner_key: PartnerKey, signer: UsableSigner) -> None:
    message = clear_sign(FORM, partner_key.secret).replace(b"level: received", b"level: processed")
    with pytest.raises(SignatureInvalid):
        verify_receipt(message, signer)


@pytest.mark.gpg
@pytest.mark.parametrize("how", [("--clearsign",), ("-s",), ("-s", "--compress-algo", "bzip2")], ids=" ".join)
def test_receipts_that_a_desk_signs_with_gpg_are_read(desk: Desk, how: tuple[str, ...]) -> None:
    fingerprint = desk.make_key("receipts")
    signer = usable_signer(desk.certificate(fingerprint), fingerprint, SystemClock().today())
    text = write_receipt(
        list_reference="L-1",
        package_sha256=HASH,
        level=ReceiptLevel.REJECTED,
        people=7,
        reason=RejectReason.WRONG_COUNT,
    )
    receipt = verify_receipt(desk.do("-u", fingerprint, *how, given=text), signer)
    assert (receipt.level, receipt.people, receipt.reason) == (ReceiptLevel.REJECTED, 7, "wrong_count")


@pytest.mark.gpg
@pytest.mark.parametrize("armour", [(), ("-a",)], ids=["binary", "armoured"])
def test_what_kleopatra_makes_of_sign_file_is_read(desk: Desk, armour: tuple[str, ...]) -> None:
    fingerprint = desk.make_key("kleopatra")
    signer = usable_signer(desk.certificate(fingerprint), fingerprint, SystemClock().today())
    signature = desk.do("-u", fingerprint, *armour, "-b", given=FORM)
    assert verify_detached_receipt(FORM, signature, signer).list_reference == "L-1"
