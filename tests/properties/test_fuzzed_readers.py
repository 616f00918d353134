"""Whatever bytes a server, a desk or a stranger sends, reading them ends in a value or in a refusal of ours.

Each reader gets noise, and sound bytes with a few edits, which come further in. Nothing is read without a bound: a
packet or a text that promises more than it holds takes no more memory than what came.
"""

import tracemalloc
from dataclasses import replace
from datetime import date

import pysequoia
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.clock import SystemClock
from gateway.delivery import sftp_packets as wire
from gateway.delivery.sftp_link import PeerConfused, PeerGone, PeerMalformed, PeerStalled, StatusRefused
from gateway.delivery.sftp_packets import Kind, Malformed, Open, Reader
from gateway.delivery.sftp_protocol import LIMITS, Handle, SftpClient
from gateway.errors import PackageCorrupt, ReceiptMalformed, SignatureInvalid
from gateway.keyring.forms import new_openpgp_key
from gateway.model.agreement import FileFormat
from gateway.model.receipt import ReceiptLevel
from gateway.receipts.form import RejectReason, receipt_form, write_receipt
from gateway.receipts.pairing import sort_files
from gateway.receipts.parse import MOST_BYTES, ReceiptText, parse_receipt
from gateway.receipts.verify import verify_detached_receipt, verify_receipt
from gateway.sealing.certificate import fingerprint_of, usable_signer
from gateway.sealing.manifest import ManifestFacts, build_manifest, parse_manifest
from gateway.sealing.signatures import clear_sign, sign_detached
from tests.unit.delivery.scripted_channel import ScriptedChannel, version

#: A refusal may keep the bytes a few times over, and no more.
MOST_MEMORY = 2 * 1024 * 1024
HASH = "ab" * 32


@st.composite
def damaged(draw, sound):
    """Sound bytes after one to four edits: a piece goes, comes twice, or becomes something else."""
    data = draw(st.sampled_from(sound))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 12)))
        piece = draw(st.one_of(st.binary(max_size=12), st.just(data[start:end] * 2), st.sampled_from(EXTREMES)))
        data = data[:start] + piece + data[end:]
    return data


EXTREMES = [b"\xff" * 4, b"\x00" * 4, b"\x7f\xff\xff\xff", b"\xff" * 8, b"9" * 30, b"[" * 40, b"\r\n", b"\\ud800"]


# --- packets ----------------------------------------------------------------------------------------------------------

ATTRIBUTES = wire.u32(0x8000000F) + wire.u64(9) + wire.u32(1) * 2 + wire.u32(0o100644) + wire.u32(1) * 2
ATTRIBUTES += wire.u32(1) + wire.string(b"name") + wire.string(b"value")
ENTRY = wire.string(b"r.asc") + wire.string(b"-rw-r--r-- 1 desk desk 9 r.asc") + ATTRIBUTES
READERS = [
    (
        lambda data: wire.extensions_of(Reader(data)),
        wire.u32(3) + wire.string(b"fsync@openssh.com") + wire.string(b"1"),
    ),
    (lambda data: wire.status_of(Reader(data)), wire.u32(4) + wire.string(b"Failure") + wire.string(b"en")),
    (lambda data: wire.attributes_of(Reader(data)), ATTRIBUTES),
    (lambda data: wire.entries_of(Reader(data)), wire.u32(3) + ENTRY * 3),
    (lambda data: wire.free_bytes_of(Reader(data)), wire.u64(4096) * 11),
]


@pytest.mark.parametrize(("read", "sound"), READERS, ids=["version", "status", "attributes", "entries", "room"])
@given(data=st.data())
def test_row_42_a_damaged_packet_is_read_or_malformed(read, sound, data):
    read(sound)
    try:
        read(data.draw(st.one_of(st.binary(max_size=200), damaged([sound]))))
    except Malformed:
        return


def test_row_42_a_packet_that_promises_more_than_it_holds_takes_no_memory():
    promises = [
        (wire.entries_of, wire.u32(0xFFFFFFFF)),
        (wire.entries_of, wire.u32(0xFFFFFFFF) + ENTRY * 2000),
        (wire.attributes_of, wire.u32(0x80000000) + wire.u32(0xFFFFFFFF)),
        (Reader.string, wire.u32(0xFFFFFFFF) + b"x"),
    ]
    for read, data in promises:
        assert peak_of_refusing(Malformed, read, Reader(data)) < MOST_MEMORY


ANSWERS = [
    version(LIMITS),
    wire.packet(Kind.STATUS, wire.u32(1), wire.u32(0), wire.string(b""), wire.string(b"")),
    wire.packet(Kind.STATUS, wire.u32(1), wire.u32(4), wire.string(b"Failure"), wire.string(b"en")),
    wire.packet(Kind.HANDLE, wire.u32(1), wire.string(b"handle")),
    wire.packet(Kind.DATA, wire.u32(1), wire.string(b"data")),
    wire.packet(Kind.ATTRS, wire.u32(1), ATTRIBUTES),
    wire.packet(Kind.NAME, wire.u32(1), wire.u32(2), ENTRY * 2),
]
REQUESTS = [
    lambda client: client.start(),
    lambda client: client.open("x", Open.READ),
    lambda client: client.stat("x"),
    lambda client: client.entries("x"),
    lambda client: client.rename("a", "b"),
    lambda client: client.fsync(Handle(b"h")),
    lambda client: client.sha256(Handle(b"h"), 100_000),
    lambda client: client.write(Handle(b"h"), 100_000, lambda at, count: bytes(count)),
]


@given(st.sampled_from(REQUESTS), damaged(ANSWERS))
def test_row_42_a_damaged_answer_ends_in_a_known_fault(request_, answer):
    client = SftpClient(ScriptedChannel(lambda kind, reader: answer))
    try:
        request_(client)
    except (StatusRefused, PeerGone, PeerStalled, PeerConfused, PeerMalformed):
        return


# --- receipts ---------------------------------------------------------------------------------------------------------

TEXTS = [
    receipt_form("L-1", HASH),
    write_receipt(list_reference="L-1", package_sha256=HASH, level=ReceiptLevel.VALIDATED, people=5, reason=None),
    write_receipt(
        list_reference="L-1",
        package_sha256=HASH,
        level=ReceiptLevel.REJECTED,
        people=None,
        reason=RejectReason.CANNOT_OPEN,
    ),
]


@given(st.one_of(st.binary(max_size=300), damaged(TEXTS)))
def test_a_damaged_receipt_is_read_or_malformed(text):
    try:
        assert isinstance(parse_receipt(text), ReceiptText)
    except ReceiptMalformed:
        return


@given(st.dictionaries(st.text("ab.sig", min_size=1, max_size=8), damaged(TEXTS), max_size=5))
def test_any_files_in_a_receipts_folder_are_sorted(files):
    found = sort_files(files.items())
    assert {name for receipt in found.receipts for name in receipt.names} <= files.keys()


@pytest.fixture(scope="module")
def signed():
    """A receipt signed in both ways, and whose key it is."""
    secret = new_openpgp_key("Invented desk")
    certificate = bytes(pysequoia.Tsk.from_bytes(secret).extract_certificate())
    signer = usable_signer(certificate, fingerprint_of(certificate), SystemClock().today())
    return clear_sign(TEXTS[1], secret), sign_detached(TEXTS[1], secret), signer


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_a_damaged_signed_receipt_is_refused_or_says_what_was_signed(signed, data):
    message, signature, signer = signed
    try:
        if data.draw(st.booleans()):
            receipt = verify_receipt(data.draw(damaged([message])), signer)
        else:
            receipt = verify_detached_receipt(TEXTS[1], data.draw(damaged([signature])), signer)
    except (ReceiptMalformed, SignatureInvalid):
        return
    assert (receipt.list_reference, receipt.package_sha256, receipt.people) == ("L-1", HASH, 5)


def test_a_receipt_of_the_largest_size_takes_no_more_memory_than_a_few_times_that():
    for text in (b"\n" * MOST_BYTES, b"x: y\n" * (MOST_BYTES // 5), b"#" * MOST_BYTES):
        assert peak_of_refusing(ReceiptMalformed, parse_receipt, text) < 4 * MOST_MEMORY


# --- manifests --------------------------------------------------------------------------------------------------------

MANIFEST = ManifestFacts(
    controller="Invented County Council",
    recipient="Jobcentre Plus",
    agreement_id="jobcentre-plus-supporting-families",
    agreement_version=3,
    statement_hash=HASH,
    list_reference="L-1",
    window="2026-11-22",
    part="all",
    supersedes=None,
    people=5,
    fields=("record_ref", "surname"),
    file_format=FileFormat.CSV,
    package_name="jobcentre-plus_2026-11-22_all_abababababab.csv.pgp",
    package_sha256=HASH,
    package_bytes=183000,
    signing_key="A" * 40,
    encryption_key="B" * 40,
    destroy_by=date(2026, 12, 20),
    contact="early.help@county.example",
    checkpoint=("county.example/log", "12", "AAAA", ""),
)


@given(
    st.one_of(
        st.binary(max_size=300),
        damaged([build_manifest(MANIFEST), build_manifest(replace(MANIFEST, supersedes="L-0", checkpoint=()))]),
    )
)
def test_a_damaged_manifest_is_refused_or_is_the_one_way_to_write_what_it_says(text):
    try:
        facts = parse_manifest(text)
    except PackageCorrupt:
        return
    assert build_manifest(facts).rstrip(b"\n") == text.rstrip(b"\n")


def test_a_manifest_without_end_takes_no_more_memory_than_a_few_times_the_largest():
    endless = build_manifest(MANIFEST).replace(b'"fields"', b'"fields": [' + b'"x",' * 2_000_000)
    for text in (endless, b"[" * len(endless), b'"' + b"x" * len(endless)):
        # What is read of it is cut off first; only the text itself may be there again.
        assert peak_of_refusing(PackageCorrupt, parse_manifest, text) < 2 * len(endless) + MOST_MEMORY


def peak_of_refusing(refusal, read, data):
    """Return the most memory that it takes to refuse something, in bytes."""
    tracemalloc.start()
    try:
        with pytest.raises(refusal):
            read(data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
