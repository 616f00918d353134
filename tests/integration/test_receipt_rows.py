"""What a desk leaves on a real server, good or bad, is kept as evidence and moves only what it may (rows 44 to 49)."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update

from gateway.keyring.forms import new_openpgp_key
from gateway.ledger.cosignature import Cosigner
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.model.receipt import ReceiptLevel
from gateway.receipts.form import RejectReason, write_receipt
from gateway.receipts.witness import Witnessing
from gateway.sealing.signatures import clear_sign
from gateway.services.receipts.collect_receipts import collect_receipts
from gateway.services.receipts.overdue_receipts import mark_uncollected
from gateway.store.lists import get_list
from gateway.store.tables import checkpoints, ledger, lists, receipts
from tests import lists_made
from tests.bare_workplace import a_bare_workplace
from tests.delivery_made import make_partner_key, with_certificate
from tests.integration.test_sftp_delivery import writable
from tests.lists_made import approve_records_of, keep_statement_of, seal_list_of, send_list, some_subjects

REFERENCE = "L-2026-11-22-all"
DOCUMENT = Path("agreements/jobcentre-plus-supporting-families.yaml")
PEOPLE = 5
SHA256 = hashlib.sha256(f"sealed {REFERENCE}".encode()).hexdigest()


@pytest.fixture(scope="module")
def key():
    return make_partner_key()


@pytest.fixture
def county(sqlite_store, clock, everyone, tmp_path, key, server, monkeypatch):
    """A county with one list that was delivered to the partner of the server, under the shipped agreement."""
    monkeypatch.setattr(lists_made, "DOCUMENT", DOCUMENT.read_bytes())
    keep_statement_of(sqlite_store, everyone)
    list_id = seal_list_of(sqlite_store, everyone, "2026-11-22", some_subjects(PEOPLE))
    send_list(sqlite_store, everyone, list_id, REFERENCE)
    with sqlite_store.writing(everyone) as work:
        named = work.enter(Event.LIST_VERIFIED, list=REFERENCE, package_sha256=SHA256, verify_method="read_back")
        work.connection.execute(update(lists).values(remote_name="package.csv.pgp", explained_by=named))
    partner = replace(with_certificate(server.partner, key), name="jcp")
    approve_records_of(sqlite_store, everyone, partner)
    folder = tmp_path / "county"
    folder.mkdir()
    return a_bare_workplace(
        sqlite_store, clock, everyone, folder, partners={"jcp": partner}, transport_to=lambda _: server.transport()
    )


def says(key, level=ReceiptLevel.RECEIVED, sha256=SHA256, reference=REFERENCE, reason=None, **more):
    said = {"list_reference": reference, "package_sha256": sha256, "level": level, "people": None, "reason": reason}
    return clear_sign(write_receipt(**(said | more)), key)


def verdicts(county):
    (result,) = collect_receipts(county)
    assert result.failure is None
    return [receipt.verdict for receipt in result.collected]


def state(county):
    with county.store.reading() as connection:
        return get_list(connection, 1).state


def kept(county):
    with county.store.reading() as connection:
        return [bytes(raw) for raw in connection.execute(select(receipts.c.raw)).scalars()]


def test_row_44_a_good_receipt_is_kept_as_it_came_and_then_put_away(county, server, key):
    writable(server.receipts / "r.asc", message := says(key.secret))
    assert verdicts(county) == ["accepted"]
    assert state(county) is ListState.RECEIVED
    assert kept(county) == [message]
    assert (server.receipts / "archive" / "r.asc").read_bytes() == message
    assert not (server.receipts / "r.asc").exists()


@pytest.mark.parametrize(
    ("make", "verdict"),
    [
        (lambda key: says(new_openpgp_key("thief")), "signature-invalid"),
        (lambda key: says(key.secret, sha256="cd" * 32), "other_package"),
        (lambda key: says(key.secret, reference="L-2026-11-21-all"), "unknown_list"),
    ],
    ids=["bad signature", "other hash", "unknown list"],
)
def test_row_45_a_receipt_that_is_not_right_is_evidence_and_moves_nothing(county, server, key, make, verdict):
    writable(server.receipts / "r.asc", message := make(key))
    assert verdicts(county) == [verdict]
    assert state(county) is ListState.VERIFIED
    by_another_key = f"not kept: {verdict} {hashlib.sha256(message).hexdigest()}\n".encode()
    assert kept(county) == [by_another_key if verdict == "signature-invalid" else message]


def test_row_46_the_same_receipt_again_is_nothing_new(county, server, key):
    message = says(key.secret)
    for verdict in ("accepted", "duplicate"):
        writable(server.receipts / "r.asc", message)
        assert verdicts(county) == [verdict]
    assert kept(county) == [message]


def test_row_47_a_rejection_moves_the_list_and_nothing_is_sent_again(county, server, key):
    writable(server.receipts / "r.asc", says(key.secret, ReceiptLevel.REJECTED, reason=RejectReason.CANNOT_OPEN))
    assert verdicts(county) == ["accepted"]
    assert state(county) is ListState.REJECTED
    assert server.names() == []


@pytest.mark.parametrize("level", [ReceiptLevel.RECEIVED, ReceiptLevel.VALIDATED, ReceiptLevel.PROCESSED])
def test_every_level_but_a_rejection_says_that_it_arrived(county, server, key, level):
    writable(server.receipts / "r.asc", says(key.secret, level, people=PEOPLE))
    assert verdicts(county) == ["accepted"]
    assert state(county) is ListState.RECEIVED


@pytest.mark.parametrize(
    ("first", "then", "stays"),
    [
        (ReceiptLevel.PROCESSED, ReceiptLevel.REJECTED, ListState.RECEIVED),
        (ReceiptLevel.REJECTED, ReceiptLevel.PROCESSED, ListState.REJECTED),
        (ReceiptLevel.REJECTED, ReceiptLevel.RECEIVED, ListState.REJECTED),
    ],
)
def test_what_takes_back_what_was_said_is_evidence_and_moves_nothing(county, server, key, first, then, stays):
    reasons = {ReceiptLevel.REJECTED: RejectReason.ASK_US}
    for level, verdict in ((first, "accepted"), (then, "contradicts")):
        people = PEOPLE if level is ReceiptLevel.PROCESSED else None
        writable(server.receipts / "r.asc", says(key.secret, level, reason=reasons.get(level), people=people))
        assert verdicts(county) == [verdict]
    assert state(county) is stays
    assert len(kept(county)) == 2


def test_a_rejection_after_it_arrived_moves_it_on(county, server, key):
    """The desk looked at it only the next day."""
    for level, moved in ((ReceiptLevel.RECEIVED, ListState.RECEIVED), (ReceiptLevel.REJECTED, ListState.REJECTED)):
        reason = RejectReason.WRONG_COUNT if level is ReceiptLevel.REJECTED else None
        writable(server.receipts / "r.asc", says(key.secret, level, reason=reason))
        assert (verdicts(county), state(county)) == (["accepted"], moved)


def test_a_co_signed_checkpoint_comes_back_from_a_real_server(county, server, key, sqlite_store):
    desk = Cosigner("desk.example/witness", Ed25519PrivateKey.generate())
    county = replace(county, partners={"jcp": replace(county.partners["jcp"], witness_key=desk.vkey)})
    with sqlite_store.reading() as connection:
        sealed = select(ledger.c.position).where(ledger.c.event == Event.LIST_SEALED.value).scalar_subquery()
        newest = select(checkpoints.c.note).where(checkpoints.c.size >= sealed).order_by(checkpoints.c.size)
        note = connection.execute(newest).scalars().first()
    writable(server.receipts / "r.asc", says(key.secret, cosigned=desk.cosign(note, county.clock.now())))
    (result,) = collect_receipts(county)
    assert [receipt.checkpoint for receipt in result.collected] == [Witnessing.KEPT]


def test_row_48_no_receipt_in_the_agreed_days_is_uncollected_and_a_late_one_counts(county, server, key, clock):
    clock.instant = datetime(2027, 1, 10, tzinfo=UTC)
    assert verdicts(county) == []
    (overdue,) = mark_uncollected(county, county.holidays)
    assert overdue.reference == REFERENCE
    assert state(county) is ListState.UNCOLLECTED
    writable(server.receipts / "r.asc", says(key.secret))
    assert verdicts(county) == ["accepted"]
    assert state(county) is ListState.RECEIVED


def test_row_49_a_receipt_of_ten_gigabytes_or_one_that_climbs_is_told_and_not_read(county, server, tmp_path):
    """The file has a hole for content: it is as large as it says, and takes no space."""
    writable(server.receipts / "huge.asc", b"")
    with (server.receipts / "huge.asc").open("r+b") as huge:
        huge.truncate(10 * 2**30)
    # A server cannot hold `../x`; this is as near as a name on a disk comes.
    writable(server.receipts / "..x.asc", b"up")
    writable(server.receipts / "x..x.asc", b"up")
    (tmp_path / "ours").write_bytes(says(new_openpgp_key("Invented"), ReceiptLevel.RECEIVED))
    (server.receipts / "link.asc").symlink_to(tmp_path / "ours")
    before = sorted(path for path in tmp_path.rglob("*") if server.receipts not in path.parents)
    assert sorted(verdicts(county)) == ["ill_named", "not_a_file", "oversize"]
    assert state(county) is ListState.VERIFIED
    assert sorted(path for path in tmp_path.rglob("*") if server.receipts not in path.parents) == before
    assert all(raw.startswith(b"not kept: ") for raw in kept(county))
