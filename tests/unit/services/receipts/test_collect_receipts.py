"""Receipts are evidence first: kept as they came, in the transaction that moves the list, and put away only then."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from gateway.errors import AccessDenied, ConnectionFailed, KeyUnavailable, KeyUnusable, TransferRefused
from gateway.keyring.forms import new_openpgp_key
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.model.officers import Actor, Role
from gateway.model.partner import Partner
from gateway.model.receipt import ReceiptLevel
from gateway.receipts.form import RejectReason, receipt_form, write_receipt
from gateway.sealing.packets import LITERAL
from gateway.sealing.signatures import clear_sign, sign_detached
from gateway.services.receipts import collect_receipts as collect_receipts_module
from gateway.services.receipts.collect_receipts import MOST_BYTES, collect_receipts
from gateway.store.lists import get_list
from gateway.store.tables import ledger, lists, receipts
from tests.bare_workplace import a_bare_workplace
from tests.delivery_made import PartnerKey, with_certificate
from tests.lists_made import approve_records_of, keep_statement_of, seal_list_of, send_list, some_subjects
from tests.receipts_folder import ReceiptsFolder
from tests.unit.sealing.test_expansion import NOTHING, compressed, inline, packet

WINDOW = "2026-11-22"
REFERENCE = f"L-{WINDOW}-all"
SHA256 = hashlib.sha256(f"sealed {REFERENCE}".encode()).hexdigest()
PEOPLE = 5
NAME = "package.csv.pgp"


@pytest.fixture(scope="module")
def key() -> PartnerKey:
    return PartnerKey(new_openpgp_key("Invented recipient"))


@pytest.fixture
def folder() -> ReceiptsFolder:
    return ReceiptsFolder()


@pytest.fixture
def county(store, clock, everyone, tmp_path, key, folder):
    """A county whose one partner is `jcp`, with one list delivered to it."""
    return a_county(store, clock, everyone, tmp_path, key, folder)


def a_county(store, clock, actor, path: Path, key: PartnerKey, folder: ReceiptsFolder):
    keep_statement_of(store, actor)
    list_id = seal_list_of(store, actor, WINDOW, some_subjects(PEOPLE))
    send_list(store, actor, list_id, REFERENCE)
    with store.writing(actor) as work:
        named = work.enter(Event.LIST_VERIFIED, list=REFERENCE, package_sha256=SHA256, verify_method="read_back")
        work.connection.execute(update(lists).values(remote_name=NAME, explained_by=named))
    partner = a_partner_named("jcp", key)
    approve_records_of(store, actor, partner, *(a_partner_named(name, key) for name in ("housing", "absent")))
    return a_bare_workplace(store, clock, actor, path, partners={"jcp": partner}, transport_to=lambda _: folder)


def a_partner_named(name: str, key: PartnerKey):
    bare = Partner(name, name, "127.0.0.1", 22, "council", (), "/i", "/r", b"", "", b"", "", "read_back", "0" * 64)
    return replace(with_certificate(bare, key), name=name)


def text(level=ReceiptLevel.RECEIVED, people=None, reason=None, reference=REFERENCE, sha256=SHA256) -> bytes:
    return write_receipt(list_reference=reference, package_sha256=sha256, level=level, people=people, reason=reason)


def collected(county):
    (result,) = collect_receipts(county)
    return result


def state(county) -> ListState:
    with county.store.reading() as connection:
        return get_list(connection, 1).state


def kept(county):
    with county.store.reading() as connection:
        return connection.execute(select(receipts).order_by(receipts.c.explained_by)).all()


def events(county) -> list[str]:
    with county.store.reading() as connection:
        return list(connection.execute(select(ledger.c.event).order_by(ledger.c.position)).scalars())


def test_a_receipt_is_kept_moves_its_list_and_is_put_away(county, folder, key):
    folder.files["r.asc"] = message = clear_sign(text(ReceiptLevel.VALIDATED, PEOPLE), key.secret)
    result = collected(county)
    (receipt,) = result.collected
    assert (receipt.verdict, receipt.accepted, receipt.list_reference) == ("accepted", True, REFERENCE)
    assert (result.accepted, result.refused, result.failure) == (1, 0, None)
    assert state(county) is ListState.RECEIVED
    (row,) = kept(county)
    assert (bytes(row.raw), row.partner, row.level, row.verdict) == (message, "jcp", "validated", "accepted")
    assert folder.archived == ["r.asc"]
    assert events(county)[-2:] == ["receipt:collected", "disclosure:list:received"]
    assert county.record == [("receipts:collected", {"partner": "jcp", "accepted": 1, "refused": 0})]


def test_a_rejection_moves_the_list_and_says_why(county, folder, key):
    folder.files["r.asc"] = clear_sign(text(ReceiptLevel.REJECTED, reason=RejectReason.CANNOT_OPEN), key.secret)
    collected(county)
    with county.store.reading() as connection:
        found = get_list(connection, 1)
    assert (found.state, found.reason) == (ListState.REJECTED, "cannot_open")


def test_what_kleopatra_makes_of_the_form_is_accepted_with_it_and_without(county, folder, key):
    """`Sign` makes a file of its own; the desk may leave both or, as they did not touch the form, that alone."""
    form = receipt_form(REFERENCE, SHA256)
    folder.files[f"{NAME}.receipt.txt.sig"] = sign_detached(form, key.secret)
    assert [receipt.verdict for receipt in collected(county).collected] == ["accepted"]
    folder.files[f"{NAME}.receipt.txt"] = form
    folder.files[f"{NAME}.receipt.txt.asc"] = sign_detached(form, key.secret)
    assert [receipt.verdict for receipt in collected(county).collected] == ["accepted"]
    assert folder.files == {}
    assert state(county) is ListState.RECEIVED


def test_a_signature_for_nothing_that_we_sent_is_refused(county, folder, key):
    folder.files["other.receipt.txt.sig"] = sign_detached(b"something", key.secret)
    folder.files["thing.sig"] = sign_detached(b"something else", key.secret)
    assert {receipt.verdict for receipt in collected(county).collected} == {"signature_without_text"}
    assert state(county) is ListState.VERIFIED


def test_a_text_whose_signature_is_not_there_waits_where_it_lies(county, folder):
    folder.files[f"{NAME}.receipt.txt"] = receipt_form(REFERENCE, SHA256)
    result = collected(county)
    assert (result.collected, result.waiting, folder.archived) == ([], 1, [])
    assert kept(county) == []


@pytest.mark.parametrize(
    ("make", "verdict"),
    [
        (lambda key: clear_sign(text(), new_openpgp_key("thief")), "signature-invalid"),
        (lambda key: clear_sign(text(sha256="cd" * 32), key.secret), "other_package"),
        (lambda key: clear_sign(text(reference="L-2026-11-21-all"), key.secret), "unknown_list"),
        (lambda key: clear_sign(text(ReceiptLevel.PROCESSED, PEOPLE + 1), key.secret), "other_count"),
        (lambda key: clear_sign(b"thank you\n", key.secret), "receipt-malformed"),
        (lambda key: b"\x00junk", "receipt-malformed"),
        (lambda key: compressed(2, inline(new_openpgp_key("thief"))), "signature-invalid"),
        (lambda key: compressed(3, packet(LITERAL, NOTHING)), "receipt-malformed"),
        (lambda key: b"", "signature-invalid"),
    ],
    ids=[
        "other signer",
        "other package",
        "unknown list",
        "other count",
        "no receipt",
        "junk",
        "other signer, compressed",
        "64 MiB of nothing, compressed",
        "empty",
    ],
)
def test_a_refused_receipt_is_evidence_and_changes_nothing(county, folder, key, make, verdict):
    folder.files["r.asc"] = message = make(key)
    result = collected(county)
    assert [receipt.verdict for receipt in result.collected] == [verdict]
    assert (result.accepted, result.refused) == (0, 1)
    assert state(county) is ListState.VERIFIED
    (row,) = kept(county)
    assert row.verdict == verdict
    assert hashlib.sha256(message).hexdigest().encode() in bytes(row.raw) or bytes(row.raw) == message
    assert events(county)[-1] == "receipt:refused"
    assert folder.archived == ["r.asc"]


@pytest.mark.parametrize(
    "make",
    [
        lambda key: clear_sign(text() + b"remark: we could not find Ann Example\n", key.secret),
        lambda key: clear_sign(b"list: Ann Example\n", new_openpgp_key("thief")),
        lambda key: b"we could not find Ann Example",
    ],
    ids=["signed, with a remark", "signed by another", "not signed"],
)
def test_L8_words_that_are_no_receipt_are_not_kept(county, folder, key, make):
    folder.files["r.asc"] = make(key)
    assert not collected(county).collected[0].accepted
    assert b"Ann" not in bytes(kept(county)[0].raw)


def test_a_receipt_for_another_partners_list_is_as_unknown_as_one_for_none(county, folder, key):
    other = a_partner_named("housing", key)
    theirs = replace(county, partners={"housing": other})
    folder.files["r.asc"] = clear_sign(text(), key.secret)
    assert [receipt.verdict for receipt in collected(theirs).collected] == ["unknown_list"]
    assert kept(county)[0].list_id is None
    assert state(county) is ListState.VERIFIED


def test_the_same_bytes_again_are_nothing_new(county, folder, key):
    message = clear_sign(text(), key.secret)
    folder.files["r.asc"] = message
    collected(county)
    before = events(county)
    folder.files["again.asc"] = message
    result = collected(county)
    assert [receipt.verdict for receipt in result.collected] == ["duplicate"]
    assert result.refused == 0
    assert events(county) == before
    assert folder.archived == ["r.asc", "again.asc"]


def test_a_crash_before_the_files_are_put_away_makes_no_second_receipt(county, folder, key):
    folder.files["r.asc"] = clear_sign(text(), key.secret)
    folder.breaks_at_archive = True
    result = collected(county)
    assert isinstance(result.failure, ConnectionFailed)
    assert result.accepted == 1
    folder.breaks_at_archive = False
    assert [receipt.verdict for receipt in collected(county).collected] == ["duplicate"]
    assert len(kept(county)) == 1
    assert folder.files == {}


def test_one_file_that_may_not_be_put_away_keeps_no_receipt_from_counting(county, folder, key):
    folder.files["a.asc"] = clear_sign(b"no receipt", key.secret)
    folder.files["b.asc"] = clear_sign(text(), key.secret)
    folder.may_not_move = {"a.asc"}
    for verdicts in (["receipt-malformed", "accepted"], ["duplicate"]):
        result = collected(county)
        assert isinstance(result.failure, TransferRefused)
        assert [receipt.verdict for receipt in result.collected] == verdicts
    assert state(county) is ListState.RECEIVED
    assert folder.archived == ["b.asc"]


def test_any_number_of_files_that_stay_keep_no_receipt_from_being_read(county, folder, key, monkeypatch):
    monkeypatch.setattr(collect_receipts_module, "MOST_FILES", 2)
    folder.faults = {f"ill-named-{number}": "ill_named" for number in range(5)}
    folder.files["r.asc"] = clear_sign(text(), key.secret)
    assert collected(county).accepted == 1


def test_a_folder_that_is_read_slowly_is_read_in_several_goes(county, folder, key, clock):
    folder.files = {f"r{number}.asc": clear_sign(b"%d is no receipt" % number, key.secret) for number in range(3)}

    def an_hour_a_file():
        for file in ReceiptsFolder.collect(folder):
            clock.instant += timedelta(hours=1)
            yield file

    folder.collect = an_hour_a_file
    assert [collected(county).refused for _ in range(4)] == [1, 1, 1, 0]


def test_what_was_said_cannot_be_taken_back_by_a_later_receipt(county, folder, key):
    folder.files["a.asc"] = clear_sign(text(ReceiptLevel.PROCESSED, PEOPLE), key.secret)
    collected(county)
    folder.files["b.asc"] = clear_sign(text(ReceiptLevel.REJECTED, reason=RejectReason.ASK_US), key.secret)
    assert [receipt.verdict for receipt in collected(county).collected] == ["contradicts"]
    assert state(county) is ListState.RECEIVED


def test_no_more_is_read_at_once_than_fits_in_memory_and_the_rest_the_next_time(county, folder, key):
    """A partner may leave what it likes; ours comes to its turn all the same."""
    large = b"#" * (64 * 1024)
    folder.files |= {f"a{number:04}.asc": large + b"%d" % number for number in range(MOST_BYTES // len(large) + 2)}
    folder.files["z.asc"] = clear_sign(text(), key.secret)
    assert {receipt.accepted for receipt in collected(county).collected} == {False}
    assert [receipt.verdict for receipt in collected(county).collected][-1] == "accepted"
    assert folder.files == {}


def test_a_receipt_that_overtakes_the_delivery_waits(store, clock, everyone, tmp_path, key, folder):
    county = a_county(store, clock, everyone, tmp_path, key, folder)
    reference = "L-2026-11-24-all"
    list_id = seal_list_of(store, everyone, "2026-11-24", some_subjects(PEOPLE))
    send_list(store, everyone, list_id, reference, verified=False)
    sha256 = hashlib.sha256(f"sealed {reference}".encode()).hexdigest()
    folder.files["r.asc"] = clear_sign(text(reference=reference, sha256=sha256), key.secret)
    result = collected(county)
    assert (result.collected, result.waiting, folder.archived, kept(county)) == ([], 1, [], [])


@pytest.mark.parametrize(("fault", "put_away"), [("oversize", True), ("not_a_file", True), ("ill_named", False)])
def test_a_file_that_was_not_read_is_recorded_once_without_its_name(county, folder, fault, put_away):
    """Law L8: the partner chose the name."""
    folder.faults["Ann-Example-NINO.txt"] = fault
    assert [receipt.verdict for receipt in collected(county).collected] == [fault]
    assert b"Ann" not in bytes(kept(county)[0].raw)
    assert bool(folder.archived) is put_away
    folder.faults["Ann-Example-NINO.txt"] = fault
    assert [receipt.verdict for receipt in collected(county).collected] == ["duplicate"]


def test_a_partner_that_cannot_be_reached_keeps_no_other_from_being_asked(county, folder, key):
    gone = ReceiptsFolder()
    gone.reachable = False
    both = {"absent": a_partner_named("absent", key), "jcp": county.partners["jcp"]}
    county = replace(county, partners=both, transport_to=lambda partner: gone if partner.name == "absent" else folder)
    folder.files["r.asc"] = clear_sign(text(), key.secret)
    absent, jcp = collect_receipts(county)
    assert (absent.partner, type(absent.failure)) == ("absent", ConnectionFailed)
    assert (jcp.partner, jcp.accepted) == ("jcp", 1)


def test_L6_nothing_is_read_under_a_receipt_key_that_cannot_be_used(county, folder, key):
    mispinned = replace(county.partners["jcp"], receipt_fingerprint="B" * 40)
    folder.files["r.asc"] = clear_sign(text(), key.secret)
    (result,) = collect_receipts(replace(county, partners={"jcp": mispinned}))
    assert isinstance(result.failure, KeyUnusable)
    assert (result.collected, folder.archived) == ([], [])


@pytest.mark.gpg
def test_a_receipt_that_only_gnupg_reads_waits_where_it_lies_without_it(county, folder, desk, monkeypatch):
    fingerprint = desk.make_key("answers")
    gpgs = {"receipt_certificate": desk.certificate(fingerprint), "receipt_fingerprint": fingerprint}
    county = replace(county, partners={"jcp": replace(county.partners["jcp"], **gpgs)})
    folder.files["r.gpg"] = desk.do("-u", fingerprint, "-s", "--compress-algo", "bzip2", given=text())
    with monkeypatch.context() as without:
        without.setenv("PATH", "")
        result = collected(county)
    assert isinstance(result.failure, KeyUnavailable)
    assert (kept(county), folder.archived) == ([], [])
    assert collected(county).accepted == 1


def test_only_the_partners_asked_for_are_asked(county, folder):
    assert collect_receipts(county, ["somebody-else"]) == []


def test_it_takes_the_role(county):
    reader = Actor("reader", "Invented Reader", frozenset({Role.AUDITOR}))
    with pytest.raises(AccessDenied):
        collect_receipts(replace(county, actor=reader))
