"""What the pages tell partners about manifests, receipts and the desk's steps is what the code does."""

import re
from pathlib import Path

from gateway.keyring.ring import FILES
from gateway.model.receipt import ReceiptLevel
from gateway.receipts.form import RejectReason
from gateway.receipts.match import Verdict
from gateway.receipts.parse import parse_receipt
from gateway.receipts.witness import CLOCKS_DIFFER_BY, Witnessing
from gateway.sealing.manifest import build_manifest, parse_manifest

MANIFEST = Path("docs/formats/manifest.md").read_text(encoding="utf-8")
RECEIPT = Path("docs/formats/receipt.md").read_text(encoding="utf-8")
DESK = Path("docs/how-to/open-a-list.md").read_text(encoding="utf-8")
KEYS = Path("keys/README.md").read_text(encoding="utf-8")


def block(page: str) -> bytes:
    return page.split("```")[1].partition("\n")[2].encode()


def test_the_example_of_a_manifest_is_one() -> None:
    example = block(MANIFEST)
    assert build_manifest(parse_manifest(example)) == example


def test_every_member_of_a_manifest_is_explained() -> None:
    members = set(re.findall(rb'^  "(\w+)"', block(MANIFEST), re.MULTILINE))
    told = set(re.findall(r"`(\w+)`", MANIFEST.split("| member |")[1]))
    assert {member.decode() for member in members} - told <= {"format", "controller", "recipient"}


def test_the_example_of_a_receipt_is_one() -> None:
    said = parse_receipt(block(RECEIPT))
    assert (said.level, said.people) == (ReceiptLevel.VALIDATED, 318)


def test_every_word_of_a_receipt_is_told_to_the_desk() -> None:
    for page in (RECEIPT, DESK):
        assert all(f"`{reason.value}`" in page for reason in RejectReason)
        assert all(f"`{level.value}`" in page or f"level: {level.value}" in page for level in ReceiptLevel)


def test_every_verdict_that_is_refused_is_told() -> None:
    kept = {Verdict.ACCEPTED, Verdict.TOO_EARLY}
    assert all(f"`{verdict.value}`" in RECEIPT for verdict in set(Verdict) - kept)


def test_everything_that_becomes_of_a_cosignature_is_told() -> None:
    assert all(f"`{verdict.value}`" in RECEIPT for verdict in Witnessing)
    assert f"{CLOCKS_DIFFER_BY.seconds // 60} minutes" in RECEIPT


def test_the_desk_is_told_that_an_unsigned_list_is_no_list() -> None:
    assert "No signature, no use." in DESK
    assert "exit code 0" in DESK


def test_every_key_file_is_in_the_inventory() -> None:
    assert all(f"`{name}`" in KEYS for name in FILES.values())
