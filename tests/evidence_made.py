"""A database with some of everything that `audit verify` judges, made by the gateway's own writers."""

import random
from dataclasses import fields, replace
from datetime import date
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select, update

from gateway.agreements.force import agreement_switch
from gateway.documents.canonical import sha256_hex
from gateway.ledger.checkpoint import read_unverified
from gateway.ledger.cosignature import Cosigned, Cosigner
from gateway.ledger.entries import Event
from gateway.ledger.evidence import commitment, handover_leaf, told_leaf
from gateway.ledger.tree import root_of
from gateway.model.complaint import ComplaintAbout, ComplaintOutcome, ComplaintState
from gateway.model.delivery import ListState
from gateway.model.export import HarmCheck, state_after
from gateway.model.forgetting import ForgetReason, ForgetState
from gateway.model.handover import HandoverState
from gateway.model.keys import IndexKey, KeyFacts, KeyPurpose
from gateway.model.reconciliation import Counts, ReconciliationState
from gateway.model.retention import HoldState
from gateway.model.time import as_text
from gateway.store.agreements import keep_approval, set_switch
from gateway.store.complaints import Complaint, erase_notes, keep_complaint, keep_note, move_complaint
from gateway.store.deliveries import Attempt, keep_attempt
from gateway.store.exports import Export, keep_export, move_export
from gateway.store.forgets import Forget, keep_forget, move_forget
from gateway.store.handovers import handover_named, keep_handover, move_handover
from gateway.store.keys import keep_key, retire_key
from gateway.store.lists import get_list, move_list
from gateway.store.purge import Term, purge_handover, purge_list, purge_told, remove_ciphertext
from gateway.store.receipts import keep_receipt
from gateway.store.reconciliations import (
    GivenVerdict,
    Reconciliation,
    keep_reconciliation,
    keep_verdict,
    move_reconciliation,
    reconciliation_named,
)
from gateway.store.record_holds import RecordHold, keep_record_hold, let_go_of
from gateway.store.registry_growth import grow, next_batch, plan_growth
from gateway.store.tables import checkpoints, holds, snapshots
from gateway.store.told_people import ToldRow, keep_told
from gateway.store.witnesses import keep_cosignature
from tests.lists_made import (
    STATEMENT,
    Subject,
    keep_statement_of,
    plan_list_of,
    seal_list_of,
    send_list,
)
from tests.whole_load import read_registry

INDEX_KEY = IndexKey((b"the key of the blind index, made ",))
SOURCE = "liquidlogic_ehm"
WITNESS = "desk.example/witness"
DESK = Cosigner(WITNESS, Ed25519PrivateKey.generate())


def make_evidence(store, actor, people: int = 12) -> list[Subject]:
    """Fill a database; return the subjects of the registry in the order of their references."""
    keep_statement_of(store, actor)
    _keep_snapshot(store, actor)
    _approve(store, actor)
    _keep_keys(store, actor)
    _suspend(store, actor)
    subjects = grow_registry(store, actor, people)
    listed, left_out = subjects[:-2], subjects[-2:]
    reasons = [(person.subject_ref, "protected") for person in left_out]
    first = seal_list_of(store, actor, "2026-11-20", listed, keep=True, excluded=reasons)
    send_list(store, actor, first, "L-2026-11-20-all")
    _try_and_answer(store, actor, first)
    _witness(store, actor)
    second = seal_list_of(store, actor, "2026-11-21", listed[:5], excluded=reasons[:1])
    send_list(store, actor, second, "L-2026-11-21-all", verified=False)
    _withhold(store, actor)
    _hold(store, actor, subjects)
    _ask_exports(store, actor, subjects)
    _ask_to_forget(store, actor, subjects)
    _complain(store, actor, subjects)
    _reconcile(store, actor, subjects)
    for number, state in enumerate(HandoverState, 1):
        hand_over(store, actor, f"HND-{number}", [person.subject_ref for person in subjects[:number]], state)
    _end_terms(store, actor, subjects)
    _hold_records(store, actor, subjects)
    return subjects


def grow_registry(store, actor, people: int) -> list[Subject]:
    """Let two loads bring people: the second brings nobody new, and a number for somebody known."""
    chance = random.Random(7)
    clues = [[(SOURCE, str(1000 + number)), ("nino", f"QQ{number:06d}")] for number in range(people)]
    loads = [clues, [*clues[:1], [*clues[1], ("nino", "QQ999999")], *clues[2:]]]
    for number, brought in enumerate(loads, start=1):
        with store.reading() as connection:
            registry = read_registry(connection, INDEX_KEY)
        with store.writing(actor) as work:
            growth = plan_growth(registry, brought, next_batch(work.connection), chance.randbytes)
            grow(work, growth, load=f"LOAD-{number}")
    made = [Subject(subject.subject_ref, subject.secret) for subject in growth.people]
    return sorted(made, key=lambda subject: subject.subject_ref)


def _keep_snapshot(store, actor):
    counts = {"people": 12, "flags": 3, "flags_reaching_nobody": 0}
    with store.writing(actor) as work:
        position = work.enter(
            Event.SOURCES_LOADED,
            load="LOAD-1",
            snapshot="S-1",
            content_hash=sha256_hex(b"made"),
            as_at_on=date(2026, 11, 20),
            **counts,
        )
        work.connection.execute(
            insert(snapshots).values(
                snapshot_id=1,
                reference="S-1",
                loaded_at=as_text(work.at),
                as_at_on=date(2026, 11, 20),
                content_hash=sha256_hex(b"made"),
                explained_by=position,
                **counts,
            )
        )


def _approve(store, actor):
    approval = {"principal": "officer@county.example", "role": "ig_officer"}
    with store.writing(actor) as work:
        position = work.enter(
            Event.AGREEMENT_APPROVED,
            agreement="jcp-supporting-families",
            version=1,
            statement=sha256_hex(STATEMENT),
            signature=sha256_hex(b"signed"),
            **approval,
        )
        keep_approval(work, sha256_hex(STATEMENT), signature=b"signed", explained_by=position, **approval)


def _keep_keys(store, actor):
    with store.writing(actor) as work:
        for letter in "AB":
            facts = KeyFacts(
                KeyPurpose.RECIPIENT, "jcp", letter * 40, "rsa3072", date(2026, 1, 1), date(2028, 1, 1), ""
            )
            said = {
                "fingerprint": facts.fingerprint,
                "purpose": facts.purpose.value,
                "owner": "jcp",
                "algorithm": "rsa3072",
            }
            days = {"not_before_on": facts.not_before_on, "not_after_on": facts.not_after_on}
            keep_key(work, facts, explained_by=work.enter(Event.KEY_IMPORTED, **said, **days))
        said["fingerprint"] = "A" * 40
        retire_key(work, "A" * 40, explained_by=work.enter(Event.KEY_RETIRED, reason="superseded", **said))


def _suspend(store, actor):
    with store.writing(actor) as work:
        for event, stopped in ((Event.AGREEMENT_SUSPENDED, True), (Event.AGREEMENT_RESUMED, False)):
            position = work.enter(event, agreement="another", reason="incident", case="IG-2026-1")
            set_switch(work, agreement_switch("another"), stopped=stopped, reason="incident", explained_by=position)


def _try_and_answer(store, actor, list_id):
    with store.writing(actor) as work:
        kept = get_list(work.connection, list_id)
        keep_attempt(work, kept, Attempt(work.at, work.at, "verified", b"{}", "SHA256:" + "a" * 43, "read_back"))
        position = work.enter(
            Event.RECEIPT_COLLECTED,
            raw_sha256=sha256_hex(b"receipt"),
            partner="jcp",
            verdict="accepted",
            collected_at=as_text(work.at),
            list=kept.reference,
            level="received",
        )
        keep_receipt(
            work,
            raw=b"receipt",
            raw_sha256=sha256_hex(b"receipt"),
            partner="jcp",
            verdict="accepted",
            collected_at=as_text(work.at),
            list_id=list_id,
            level="received",
            explained_by=position,
        )
        refused = {"partner": "jcp", "verdict": "unknown_list", "collected_at": as_text(work.at)}
        refused["raw_sha256"] = sha256_hex(b"another receipt")
        position = work.enter(Event.RECEIPT_REFUSED, **refused)
        keep_receipt(work, raw=b"another receipt", list_id=None, level=None, explained_by=position, **refused)
        position = work.enter(Event.LIST_RECEIVED, list=kept.reference, receipt=sha256_hex(b"receipt"))
        move_list(work, list_id, ListState.RECEIVED, explained_by=position, verify_method="read_back")


def _witness(store, actor):
    """Let the recipient cosign the newest checkpoint in the receipt that it left."""
    with store.writing(actor) as work:
        newest = select(checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(1)
        note = DESK.cosign(work.connection.execute(newest).scalar_one(), work.at)
        checkpoint = read_unverified(note)
        said = {"partner": "jcp", "witness": DESK.vkey}
        position = work.enter(
            Event.CHECKPOINT_WITNESSED,
            receipt=sha256_hex(b"receipt"),
            size=checkpoint.size,
            root=checkpoint.root.hex(),
            cosigned_at=as_text(work.at),
            note=sha256_hex(note.encode()),
            **said,
        )
        cosigned = Cosigned(checkpoint, WITNESS, work.at)
        keep_cosignature(
            work, cosigned, note=note, receipt_sha256=sha256_hex(b"receipt"), explained_by=position, **said
        )


def hand_over(store, actor, reference: str, people: list[str], state=HandoverState.ATTESTED) -> None:
    """Record a list that was handed over on paper, and let it come to a state."""
    leaves = [handover_leaf(reference, position, person) for position, person in enumerate(people, 1)]
    row = {"partner": "jcp", "handed_over_on": date(2026, 3, 2), "manner": "paper", "fields": 0b100}
    row |= {"people": len(people) + 1, "identified": len(people)}
    root, agreement, case = root_of(leaves), "jcp-supporting-families", "IG-2026-7"
    said = row | {"handover": reference, "agreement": agreement, "root": root.hex(), "case": case}
    kept = row | {"reference": reference, "agreement_id": agreement, "root": root, "case_reference": case}
    with store.writing(actor) as work:
        position = work.enter(Event.HANDOVER_ENTERED, **said)
        keep_handover(work, list(zip(people, leaves, strict=True)), explained_by=position, **kept)
        found = handover_named(work.connection, reference)
        if state is not HandoverState.ENTERED:
            reason = {"reason": "not-handed-over"} if state is HandoverState.DISMISSED else {}
            position = work.enter(Event(f"disclosure:handover:{state.value}"), **said, **reason)
            move_handover(work, found, state, explained_by=position)


def receive_list(store, actor, list_id: int, reference: str) -> None:
    """Let the recipient have it."""
    with store.writing(actor) as work:
        position = work.enter(Event.LIST_RECEIVED, list=reference)
        move_list(work, list_id, ListState.RECEIVED, explained_by=position)


def _end_terms(store, actor, subjects):
    """A list and a handover whose evidence was purged, and our sealed copy with it."""
    reference = "L-2026-11-19-all"
    left_out = [(person.subject_ref, "protected") for person in subjects[5:7]]
    list_id = seal_list_of(store, actor, "2026-11-19", subjects[:3], keep=True, excluded=left_out)
    send_list(store, actor, list_id, reference)
    receive_list(store, actor, list_id, reference)
    hand_over(store, actor, "HND-90", [person.subject_ref for person in subjects[:2]])
    days = {"rested_on": date(2026, 11, 22), "kept_until": date(2026, 12, 27)}
    with store.writing(actor) as work:
        remove_ciphertext(work, get_list(work.connection, list_id), reason="term-ended", **days)
    term = Term(date(2026, 11, 22), date(2033, 11, 22), "IG-2033-1")
    with store.writing(actor) as work:
        purge_list(work, get_list(work.connection, list_id), term)
    with store.writing(actor) as work:
        purge_handover(work, handover_named(work.connection, "HND-90"), term)
    with store.writing(actor) as work:
        purge_told(work, reconciliation_named(work.connection, "RCN-ely-2026-11-21-1"), term)


def _hold_records(store, actor, subjects):
    for number, about in enumerate(({"list_reference": "L-2026-11-20-all"}, {"subject_ref": subjects[0].subject_ref})):
        with store.writing(actor) as work:
            named = {"list_reference": None, "subject_ref": None} | about
            hold = RecordHold(
                f"KEEP-{number}",
                **named,
                case_reference="IG-2026-9",
                held_by="somebody",
                held_at=as_text(work.at),
                state=HoldState.HELD,
            )
            keep_record_hold(work, hold)
    with store.writing(actor) as work:
        let_go_of(work, hold, "IG-2026-10")


def _ask_exports(store, actor, subjects):
    """One that waits, one released, one refused; the last is about somebody of whom nothing was told."""
    for number, (check, subject) in enumerate([(None, subjects[0]), (HarmCheck.NONE, subjects[1]), ("other", None)], 1):
        with store.writing(actor) as work:
            about = subject and subject.subject_ref
            asked = Export(
                f"EXP-{number}", about, "SAR-2026-1", "somebody", as_text(work.at), number, number == 1, number > 1
            )
            said = {name: value for name, value in asked.said().items() if name != "harm_check"}
            keep_export(work, asked, explained_by=work.enter(Event.EXPORT_ASKED, kind="nino", **said))
        if check is not None:
            found = HarmCheck.NONE if subject else HarmCheck.SERIOUS_HARM
            event = Event.EXPORT_RELEASED if subject else Event.EXPORT_REFUSED
            with store.writing(actor) as work:
                position = work.enter(event, **asked.said() | {"harm_check": found.value})
                move_export(work, asked, found, state_after(found), explained_by=position)


def _ask_to_forget(store, actor, subjects):
    """One that waits, one refused, one whose rows are gone and whom a tombstone holds back; all of them are still known."""
    ended = {
        ForgetState.REFUSED: Event.FORGET_REFUSED,
        ForgetState.ERASED: Event.FORGET_ERASED,
        ForgetState.FORGOTTEN: Event.FORGET_FINISHED,
    }
    counts = dict.fromkeys(
        (
            [
                "people",
                "identifiers",
                "snapshots",
                "rows",
                "notes",
                "extracts",
                "extracts_left",
                "marks",
                "evidence",
                "lists",
                "exclusions",
                "packages",
                "handovers",
                "told",
                "complaints",
            ]
        ),
        0,
    )
    for number, ends in enumerate([(), (ForgetState.REFUSED,), (ForgetState.ERASED, ForgetState.FORGOTTEN)], 1):
        with store.writing(actor) as work:
            about = subjects[number].subject_ref if number < 3 else None
            forget = Forget(
                f"FGT-{number}", about, ForgetReason.NOT_NEEDED, "IG-2026-4", "somebody", as_text(work.at), number == 3
            )
            keep_forget(work, forget, explained_by=work.enter(Event.FORGET_ASKED, **forget.said()))
            for end in ends:
                forget = replace(forget, tombstone=b"a mark of 16 ..." if number == 3 else None)
                said = forget.said()
                if end is ForgetState.ERASED:
                    truths = {"exported": False, "again": False}
                    said = said | counts | truths | {"backups_until": date(2027, 2, 20)}
                position = work.enter(ended[end], **said)
                forget = move_forget(work, forget, end, explained_by=position, tombstone=forget.tombstone)


def _complain(store, actor, subjects):
    """One of each state, about a person, a list or nobody, each with two notes; those on the last one are removed."""
    about = [(subjects[0].subject_ref, None), (None, "L-2026-11-20-all"), (None, None)]
    acknowledged = {"state": ComplaintState.ACKNOWLEDGED, "acknowledged_on": date(2026, 11, 20)}
    closed = {"state": ComplaintState.CLOSED, "closed_on": date(2026, 11, 21), "outcome": ComplaintOutcome.UPHELD}
    for number, (subject_ref, list_reference) in enumerate(about, 1):
        with store.writing(actor) as work:
            made = Complaint(
                reference=f"CMP-{number}",
                case_reference="IG-2026-9",
                about=ComplaintAbout.SHARING,
                received_on=date(2026, 11, 19),
                recorded_by=actor.account,
                recorded_at=as_text(work.at),
                subject_ref=subject_ref,
                list_reference=list_reference,
            )
            keep_complaint(work, made, explained_by=work.enter(Event.COMPLAINT_RECORDED, **made.said()))
            for n in range(2):
                keep_note(work, made, f"said on the telephone, {n}", bytes([number + n]) * 32)
            moves = [(Event.COMPLAINT_ACKNOWLEDGED, acknowledged), (Event.COMPLAINT_CLOSED, closed)]
            for event, changes in moves[: number - 1]:
                moved = replace(made, **changes)
                made = move_complaint(work, made, moved, explained_by=work.enter(event, **moved.said()))
    with store.writing(actor) as work:
        erase_notes(work, ["CMP-3"], reason="time-over")


def _reconcile(store, actor, subjects):
    """A work-coach list that was answered and searched, and what two people decided about one of its rows."""
    answer_list_of(store, actor, "RCN-ely-2026-11-21-1", subjects[:3])
    made = answer_list_of(store, actor, "RCN-ely-2026-11-22-1", subjects[:6])
    with store.writing(actor) as work:
        position = work.enter(Event.RECONCILIATION_SEARCHED, **made.said(), searched=2, queued=1)
        move_reconciliation(work, made, ReconciliationState.SEARCHED, explained_by=position)
    for mark in (b"first", b"second"):
        with store.writing(actor) as work:
            given = _given(work, subjects[0], mark)
            keep_verdict(work, given, explained_by=work.enter(Event.VERDICT_GIVEN, **given.said()))


def answer_list_of(store, actor, reference, people, **said):
    """Answer a work-coach list: the first of the people left, of the others the lead professional is told."""
    zero = dict.fromkeys((each.name for each in fields(Counts)), 0)
    told = [_told(reference, place, person) for place, person in enumerate(people, 1)]
    with store.writing(actor) as work:
        made = Reconciliation(
            reference=reference,
            agreement_id="jcp-supporting-families",
            statement_hash=sha256_hex(STATEMENT),
            partner="jcp",
            office="ely",
            file_sha256=sha256_hex(b"file"),
            answer_sha256=sha256_hex(b"answer"),
            fingerprint=sha256_hex(b"headings"),
            model="uk-1",
            model_sha256=sha256_hex(b"model"),
            snapshot="S-1",
            counts=Counts(**zero | {"rows_read": 3, "on_list": 1, "not_on_list": 2, "without_coach": 4}),
            told=len(told),
            told_root=root_of(row.leaf for row in told),
            ran_by=actor.account,
            ran_at=as_text(work.at),
            state=ReconciliationState.ANSWERED,
        )
        made = replace(made, **said)
        position = work.enter(Event.RECONCILED, **made.said(), found=33, low_share=False)
        keep_reconciliation(work, made, [], explained_by=position)
        keep_told(work, told)
    return made


def _told(reference, place, person):
    committed = commitment(person.secret, "jcp-supporting-families", b"what was shown")
    said = ("left", 1, 0) if place == 1 else ("details-differ", 0b1100000001, 0b100)
    leaf = told_leaf(reference, place, person.subject_ref, *said, committed)
    return ToldRow(reference, place, person.subject_ref, *said, committed, leaf)


def _given(work, subject, mark):
    return GivenVerdict(
        agreement_id="jcp-supporting-families",
        reference="RCN-ely-2026-11-22-1",
        row=2,
        row_mark=sha256(mark).digest(),
        evidence_mark=sha256(mark + b"both").digest(),
        subject_ref=subject.subject_ref,
        side="cohort",
        verdict="same",
        reason="known-move",
        case_reference="DQ-2026-1",
        takes_two=True,
        decided_by=work.actor.account,
        decided_at=as_text(work.at),
    )


def _withhold(store, actor):
    with store.writing(actor) as work:
        list_id, reference = plan_list_of(work, "2026-11-22")
        decided = {"people": 3, "excluded": 2, "decision_digest": sha256_hex(b"decided")}
        position = work.enter(Event.LIST_WITHHELD, list=reference, reasons=["too_many"], **decided)
        move_list(work, list_id, ListState.WITHHELD, reason="too_many", explained_by=position, **decided)


def _hold(store, actor, subjects):
    for person in subjects[:2]:
        with store.writing(actor) as work:
            said = {"subject": person.subject_ref, "reason": "objection", "case": "IG-2026-2"}
            work.connection.execute(
                insert(holds).values(
                    subject_ref=person.subject_ref,
                    reason="objection",
                    case_reference="IG-2026-2",
                    placed_at=as_text(work.at),
                    explained_by=work.enter(Event.HOLD_PLACED, **said),
                )
            )
    with store.writing(actor) as work:
        position = work.enter(Event.HOLD_LIFTED, **said)
        lifted = update(holds).where(holds.c.subject_ref == person.subject_ref)
        work.connection.execute(lifted.values(lifted_at=as_text(work.at), explained_by=position))
