"""What lies in a partner's folder is sorted into receipts, whatever the desk's tool made of the form."""

from gateway.keyring.forms import new_openpgp_key
from gateway.receipts.form import receipt_form
from gateway.receipts.pairing import Detached, Sorted, Whole, sort_files
from gateway.sealing.signatures import clear_sign, sign_detached

FORM = receipt_form("L-1", "ab" * 32)
NAME = "p.csv.pgp.receipt.txt"


def test_a_signature_and_its_text_belong_together(our_key: bytes) -> None:
    signature = sign_detached(FORM, our_key)
    for suffix in ("sig", "asc"):
        found = sort_files([(NAME, FORM), (f"{NAME}.{suffix}", signature)])
        assert found == Sorted((Detached((f"{NAME}.{suffix}", NAME), NAME, FORM, signature),), 0)


def test_a_signature_alone_is_for_a_form_that_can_be_made_again(our_key: bytes) -> None:
    signature = sign_detached(FORM, our_key)
    found = sort_files([(f"{NAME}.sig", signature)])
    assert found == Sorted((Detached((f"{NAME}.sig",), NAME, None, signature),), 0)


def test_a_text_without_a_signature_waits() -> None:
    assert sort_files([(NAME, FORM)]) == Sorted((), 1)


def test_a_signed_text_settles_the_form_that_it_was_made_from(our_key: bytes) -> None:
    signed = clear_sign(FORM, our_key)
    found = sort_files([(NAME, FORM), (f"{NAME}.asc", signed)])
    assert found == Sorted((Whole((f"{NAME}.asc", NAME), signed),), 0)


def test_anything_else_is_taken_for_a_receipt_and_will_be_refused() -> None:
    found = sort_files([("b", b"junk"), ("a", b"")])
    assert found == Sorted((Whole(("a",), b""), Whole(("b",), b"junk")), 0)


def test_a_receipt_of_one_name_never_settles_a_text_of_another(our_key: bytes) -> None:
    other = new_openpgp_key("other")
    found = sort_files([("one.txt", FORM), ("two.txt.sig", sign_detached(FORM, other))])
    assert found.waiting == 1
    assert [receipt.names for receipt in found.receipts] == [("two.txt.sig",)]
