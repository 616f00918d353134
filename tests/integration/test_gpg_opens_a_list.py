"""The whole way with tools that a desk has: gpg made the key, opens and verifies, and signs what comes back."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pysequoia
import pytest

from gateway.clock import SystemClock
from gateway.delivery.names import manifest_name, receipt_form_name
from gateway.model.delivery import ListState
from gateway.model.receipt import ReceiptLevel
from gateway.receipts.form import write_receipt
from gateway.sealing.certificate import fingerprint_of, usable
from gateway.sealing.manifest import parse_manifest
from gateway.services.delivery.deliver_lists import Retrying, deliver
from gateway.services.receipts.collect_receipts import collect_receipts
from tests.delivery_made import PARTNER, PartnerKey, an_approved_county, seal_a_list, state_of, with_certificate
from tests.gpg_desk import Desk

pytestmark = pytest.mark.gpg
PEOPLE = 5


class GpgKey(PartnerKey):
    """A partner's certificate as gpg exported it; its private part never leaves gpg."""

    @property
    def certificate(self) -> bytes:
        return self.secret


@pytest.fixture(params=["rsa3072", "ed25519"])
def fingerprint(request, desk: Desk) -> str:
    return desk.make_key(
        f"desk {request.param}", request.param, "cv25519" if request.param == "ed25519" else request.param
    )


@pytest.fixture
def county(sandbox, sqlite_store, clock, everyone, tmp_path, desk: Desk, fingerprint: str, our_key: bytes):
    """A county whose partner's keys are gpg's, with one list delivered to the partner's server."""
    clock.instant = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    partner = with_certificate(sandbox.partner, GpgKey(desk.certificate(fingerprint)))
    county = an_approved_county(sqlite_store, clock, everyone, tmp_path, partner, lambda _: sandbox.transport())
    county = replace(county, partners={PARTNER: partner})
    list_id = seal_a_list(county, our_key, people=PEOPLE)
    deliver(county, [list_id], retrying=Retrying(sleep=lambda _: None, draw=lambda: 1.0))
    assert state_of(county, list_id) is ListState.VERIFIED
    return county


@pytest.fixture
def package(county, sandbox, desk: Desk, our_key: bytes) -> str:
    desk.knows(certificate_of(our_key))
    (name,) = [name for name in sandbox.names() if name.endswith(".csv.pgp")]
    return name


def certificate_of(key: bytes) -> bytes:
    return bytes(pysequoia.Tsk.from_bytes(key).extract_certificate())


def collected(county) -> list[str]:
    (result,) = collect_receipts(county)
    assert result.failure is None
    return [receipt.verdict for receipt in result.collected]


def test_plain_gpg_opens_the_list_and_says_who_signed_it(package, sandbox, desk: Desk, our_key: bytes) -> None:
    said = desk.opens((sandbox.inbox / package).read_bytes())
    assert said.code == 0
    assert said.says("DECRYPTION_OKAY")
    assert said.says("GOODSIG")
    assert fingerprint_of(certificate_of(our_key)) in said.status
    assert said.output.splitlines()[0] == b"record_ref,surname"
    assert len(said.output.splitlines()) == PEOPLE + 1


def test_the_manifest_verifies_and_names_the_package_that_lies_there(package, sandbox, desk: Desk) -> None:
    text = desk.do("--decrypt", given=(sandbox.inbox / manifest_name(package)).read_bytes())
    manifest = parse_manifest(text)
    data = (sandbox.inbox / package).read_bytes()
    assert (manifest.package_name, manifest.package_bytes) == (package, len(data))
    assert manifest.package_sha256 == hashlib.sha256(data).hexdigest()
    assert manifest.people == PEOPLE


@pytest.mark.parametrize(
    ("how", "suffix"),
    [(("-b",), "sig"), (("-b", "-a"), "asc"), (("--clearsign",), "asc"), (("-s",), "gpg")],
    ids=["Kleopatra's sign", "the same, armoured", "notepad", "one file"],
)
def test_the_form_signed_by_the_desk_moves_the_list_to_received(
    county, package, sandbox, desk: Desk, fingerprint: str, how, suffix: str
) -> None:
    form = (sandbox.inbox / receipt_form_name(package)).read_bytes()
    signed = desk.do("-u", fingerprint, *how, given=form)
    (sandbox.receipts / f"{receipt_form_name(package)}.{suffix}").write_bytes(signed)
    assert collected(county) == ["accepted"]
    assert state_of(county, 1) is ListState.RECEIVED
    assert collected(county) == []


def test_an_answer_in_more_words_is_read_too(county, package, sandbox, desk: Desk, fingerprint: str) -> None:
    """As Windows writes it: a byte order mark and CRLF."""
    manifest = parse_manifest(desk.do("--decrypt", given=(sandbox.inbox / manifest_name(package)).read_bytes()))
    text = write_receipt(
        list_reference=manifest.list_reference,
        package_sha256=manifest.package_sha256,
        level=ReceiptLevel.PROCESSED,
        people=PEOPLE,
        reason=None,
    )
    signed = desk.do("-u", fingerprint, "--clearsign", given=text)
    windows = b"\xef\xbb\xbf" + signed.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    (sandbox.receipts / "answer.asc").write_bytes(windows)
    assert collected(county) == ["accepted"]


def test_a_receipt_by_any_other_key_of_the_desk_is_refused(county, package, sandbox, desk: Desk) -> None:
    other = desk.make_key("a colleague")
    form = (sandbox.inbox / receipt_form_name(package)).read_bytes()
    (sandbox.receipts / "answer.asc").write_bytes(desk.do("-u", other, "--clearsign", given=form))
    assert collected(county) == ["signature-invalid"]
    assert state_of(county, 1) is ListState.VERIFIED


def test_an_unsigned_forgery_opens_without_an_error_and_only_the_missing_signature_tells(
    desk: Desk, fingerprint: str
) -> None:
    """Why docs/how-to/open-a-list.md says: no signature, no use."""
    recipient = usable(desk.certificate(fingerprint), fingerprint, SystemClock().today())
    certificate = pysequoia.Cert.from_bytes(recipient.certificate)
    said = desk.opens(pysequoia.encrypt(b"forged\n", recipients=[certificate], armor=False))
    assert (said.code, said.output) == (0, b"forged\n")
    assert not said.says("GOODSIG")
    assert not said.says("VALIDSIG")
