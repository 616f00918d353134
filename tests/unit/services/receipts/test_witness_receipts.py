"""A recipient co-signs the checkpoint it was sent: it is kept as a witness, and no fault in it costs the receipt."""

import base64
import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, insert, select

from gateway.ledger.checkpoint import Checkpoint, Ed25519Signer, open_checkpoint, parse_vkey, sign_checkpoint
from gateway.ledger.cosignature import Cosigner, open_cosigned, parse_witness
from gateway.ledger.notes import read_note
from gateway.ledger.verify import Fault
from gateway.model.delivery import ListState
from gateway.model.partner import Partner
from gateway.model.receipt import ReceiptLevel
from gateway.receipts.form import COSIGNED, write_receipt
from gateway.receipts.witness import CLOCKS_DIFFER_BY, Witnessing
from gateway.sealing.signatures import clear_sign
from gateway.services.audit.audit_verify import audit_verify
from gateway.services.receipts.collect_receipts import collect_receipts
from gateway.store.tables import checkpoints, cosignatures, ledger
from tests.bare_workplace import a_bare_workplace
from tests.delivery_made import PartnerKey, make_partner_key, with_certificate
from tests.lists_made import approve_records_of, keep_statement_of, seal_list_of, send_list, some_subjects
from tests.receipts_folder import ReceiptsFolder
from tests.tampering import as_owner, found_in, put_triggers_back

WINDOW = "2026-11-22"
REFERENCE = f"L-{WINDOW}-all"
SHA256 = hashlib.sha256(f"sealed {REFERENCE}".encode()).hexdigest()
PEOPLE = 5
WITNESS = "desk.example/witness"
#: The key that the partner's record pins.
DESK = Cosigner(WITNESS, Ed25519PrivateKey.generate())


class Keys:
    """The one key that the audit uses."""

    def __init__(self, signer):
        self._signer = signer

    def checkpoint_signer(self):
        return self._signer


@pytest.fixture(scope="module")
def key() -> PartnerKey:
    return make_partner_key()


@pytest.fixture
def folder() -> ReceiptsFolder:
    return ReceiptsFolder()


@pytest.fixture
def witnessed(sqlite_store, clock, everyone, tmp_path, key, folder, signer):
    """A county with one list delivered to a partner who is a witness too."""
    keep_statement_of(sqlite_store, everyone)
    list_id = seal_list_of(sqlite_store, everyone, WINDOW, some_subjects(PEOPLE))
    send_list(sqlite_store, everyone, list_id, REFERENCE)
    bare = Partner("jcp", "jcp", "127.0.0.1", 22, "council", (), "/i", "/r", b"", "", b"", "", "read_back", "0" * 64)
    partner = replace(with_certificate(bare, key), name="jcp", witness_key=DESK.vkey)
    approve_records_of(sqlite_store, everyone, partner)
    return a_bare_workplace(
        sqlite_store,
        clock,
        everyone,
        tmp_path,
        partners={"jcp": partner},
        transport_to=lambda _: folder,
        keys=Keys(signer),
    )


def events(county) -> list[str]:
    with county.store.reading() as connection:
        return list(connection.execute(select(ledger.c.event).order_by(ledger.c.position)).scalars())


def the_note_sent(county) -> str:
    """The checkpoint that the manifest of the list carries: that of the work in which it was sealed."""
    with county.store.reading() as connection:
        sealed = select(ledger.c.position).where(ledger.c.event == "disclosure:list:sealed").scalar_subquery()
        query = select(checkpoints.c.note).where(checkpoints.c.size >= sealed).order_by(checkpoints.c.size)
        return connection.execute(query).scalars().first()


def says(key, note=None, raw=None, level=ReceiptLevel.VALIDATED, reference=REFERENCE) -> bytes:
    text = write_receipt(
        list_reference=reference, package_sha256=SHA256, level=level, people=PEOPLE, reason=None, cosigned=note
    )
    return clear_sign(text + (f"{COSIGNED}: {raw}\r\n".encode() if raw else b""), key.secret)


def collected(county):
    (result,) = collect_receipts(county)
    return result.collected


def kept(county):
    with county.store.reading() as connection:
        return connection.execute(select(cosignatures)).all()


def test_a_good_cosignature_is_kept_with_its_entry_and_anybody_can_verify_it(witnessed, folder, key, signer):
    note = the_note_sent(witnessed)
    folder.files["r.asc"] = says(key, DESK.cosign(note, witnessed.clock.now()))
    (receipt,) = collected(witnessed)
    assert (receipt.accepted, receipt.checkpoint) == (True, Witnessing.KEPT)
    (row,) = kept(witnessed)
    found = open_cosigned(row.note, [parse_vkey(signer.vkey)], parse_witness(row.witness))
    assert (found.checkpoint.size, found.checkpoint.root) == (row.size, bytes(row.root))
    assert (found.at, found.witness) == (witnessed.clock.now(), WITNESS)
    assert events(witnessed)[-3:] == ["receipt:collected", "checkpoint:witnessed", "disclosure:list:received"]
    assert audit_verify(witnessed).findings == ()


def stranger(note, at):
    return Cosigner(WITNESS, Ed25519PrivateKey.generate()).cosign(note, at)


def forged(note, at):
    checkpoint = Checkpoint(note.splitlines()[0], 3, b"x" * 32)
    return DESK.cosign(sign_checkpoint(checkpoint, Ed25519Signer(checkpoint.origin, Ed25519PrivateKey.generate())), at)


@pytest.mark.parametrize(
    ("cosign", "verdict"),
    [
        (stranger, Witnessing.WRONG_KEY),
        (lambda note, at: note, Witnessing.WRONG_KEY),
        (forged, Witnessing.NOT_OUR_CHECKPOINT),
        (lambda note, at: "Ann Example has moved", Witnessing.NOT_OUR_CHECKPOINT),
        (lambda note, at: DESK.cosign(note, at + CLOCKS_DIFFER_BY + timedelta(seconds=1)), Witnessing.BAD_TIME),
        (lambda note, at: DESK.cosign(note, at - CLOCKS_DIFFER_BY - timedelta(seconds=1)), Witnessing.BAD_TIME),
    ],
    ids=["another key", "nobody's", "another log's", "words", "from the future", "older than the checkpoint"],
)
def test_a_bad_cosignature_leaves_its_code_and_costs_the_receipt_nothing(witnessed, folder, key, cosign, verdict):
    folder.files["r.asc"] = says(key, cosign(the_note_sent(witnessed), witnessed.clock.now()))
    (receipt,) = collected(witnessed)
    assert (receipt.accepted, receipt.moved_to, receipt.checkpoint) == (True, ListState.RECEIVED, verdict)
    assert kept(witnessed) == []
    assert verdict.value in _last_entry_of(witnessed, "receipt:collected")
    assert audit_verify(witnessed).findings == ()


@pytest.mark.parametrize("raw", ["====", "not-base64!", "8J+Y", "x" * 16384])
def test_what_is_no_note_at_all_costs_the_receipt_nothing(witnessed, folder, key, raw):
    folder.files["r.asc"] = says(key, raw=raw)
    (receipt,) = collected(witnessed)
    assert (receipt.accepted, receipt.checkpoint in {Witnessing.UNREADABLE, Witnessing.NOT_OUR_CHECKPOINT}) == (
        True,
        True,
    )


def test_a_checkpoint_that_went_with_another_list_says_nothing_about_this_one(witnessed, folder, key):
    with witnessed.store.reading() as connection:
        newest = connection.execute(select(checkpoints.c.note).order_by(checkpoints.c.size.desc())).scalars().first()
    folder.files["r.asc"] = says(key, DESK.cosign(newest, witnessed.clock.now()))
    assert [receipt.checkpoint for receipt in collected(witnessed)] == [Witnessing.OTHER_CHECKPOINT]
    assert kept(witnessed) == []


def test_of_a_partner_whose_record_pins_no_witness_no_cosignature_counts(witnessed, folder, key):
    county = replace(witnessed, partners={"jcp": replace(witnessed.partners["jcp"], witness_key=None)})
    folder.files["r.asc"] = says(key, DESK.cosign(the_note_sent(county), county.clock.now()))
    (receipt,) = collected(county)
    assert (receipt.accepted, receipt.checkpoint) == (True, Witnessing.NO_WITNESS_PINNED)
    assert kept(county) == []


def test_a_second_receipt_for_the_list_may_co_sign_again(witnessed, folder, key):
    note = DESK.cosign(the_note_sent(witnessed), witnessed.clock.now())
    for level in (ReceiptLevel.RECEIVED, ReceiptLevel.PROCESSED):
        folder.files[f"{level}.asc"] = says(key, note, level=level)
        assert [receipt.checkpoint for receipt in collected(witnessed)] == [Witnessing.KEPT]
    assert len(kept(witnessed)) == 2
    assert audit_verify(witnessed).findings == ()


def test_L7_what_bears_our_signature_and_is_not_in_our_log_is_kept_as_proof(witnessed, folder, key, signer):
    """Somebody with our keys told the recipient one story and the database another."""
    other = sign_checkpoint(Checkpoint(signer.name, 3, b"another story".ljust(32)), signer)
    folder.files["r.asc"] = says(key, DESK.cosign(other, witnessed.clock.now()))
    (receipt,) = collected(witnessed)
    assert (receipt.accepted, receipt.checkpoint) == (True, Witnessing.CONTRADICTS_LOG)
    assert "checkpoint:contradicted" in events(witnessed)
    (finding,) = audit_verify(witnessed).findings
    assert (finding.fault, finding.where) == (Fault.FORKED, f"checkpoint 3 co-signed by {WITNESS}")


def test_L7_proof_of_a_second_story_is_kept_though_its_receipt_is_refused(witnessed, folder, key, signer):
    """As when the list was taken out of the database together with everything since."""
    later = sign_checkpoint(Checkpoint(signer.name, 4000, b"what was cut".ljust(32)), signer)
    folder.files["r.asc"] = says(key, DESK.cosign(later, witnessed.clock.now()), reference="L-2026-11-29-all")
    (receipt,) = collected(witnessed)
    assert (receipt.verdict, receipt.checkpoint) == ("unknown_list", Witnessing.CONTRADICTS_LOG)
    (finding,) = audit_verify(witnessed).findings
    assert (finding.fault, "4000" in finding.what) == (Fault.TRUNCATED, True)


def test_nobody_without_our_key_can_make_the_log_look_forked(witnessed, folder, key):
    folder.files["r.asc"] = says(key, forged(the_note_sent(witnessed), witnessed.clock.now()))
    collected(witnessed)
    assert audit_verify(witnessed).whole


def test_L8_of_the_note_only_our_signature_and_the_witnesss_are_kept(witnessed, folder, key):
    note = DESK.cosign(the_note_sent(witnessed), witnessed.clock.now())
    words = base64.b64encode(b"QQ123456C is with her sister now").decode()
    folder.files["r.asc"] = says(key, f"{note}\N{EM DASH} Ann-Example {words}\n")
    assert [receipt.checkpoint for receipt in collected(witnessed)] == [Witnessing.KEPT]
    (row,) = kept(witnessed)
    assert [line.name for line in read_note(row.note)[1]] == [note.splitlines()[0], WITNESS]


def test_L7_history_rewritten_with_our_own_keys_is_found_by_what_the_recipient_saw(witnessed, folder, key, signer):
    folder.files["r.asc"] = says(key, DESK.cosign(the_note_sent(witnessed), witnessed.clock.now()))
    collected(witnessed)
    (row,) = kept(witnessed)
    with as_owner(witnessed.store) as connection:
        note = sign_checkpoint(Checkpoint(signer.name, row.size, b"rewritten".ljust(32)), signer)
        assert open_checkpoint(note, [parse_vkey(signer.vkey)]).size == row.size
        connection.execute(delete(checkpoints).where(checkpoints.c.size == row.size))
        connection.execute(insert(checkpoints).values(size=row.size, root=b"rewritten".ljust(32), note=note))
        put_triggers_back(connection)
        assert Fault.FORKED in {finding.fault for finding in found_in(connection, signer)}


def _last_entry_of(county, event: str) -> str:
    with county.store.reading() as connection:
        query = select(ledger.c.body).where(ledger.c.event == event).order_by(ledger.c.position.desc()).limit(1)
        return connection.execute(query).scalar_one().decode()
