"""What `audit verify` asks for and answers; what it finds is held by tests/properties/test_law_7_*.py."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text

from gateway.errors import AccessDenied, CheckpointInvalid
from gateway.ledger.checkpoint import Checkpoint, Ed25519Signer, sign_checkpoint
from gateway.ledger.cosignature import Cosigner
from gateway.ledger.entries import Event
from gateway.ledger.verify import Fault
from gateway.model.officers import ALLOWED, Action, Actor, Role
from gateway.services.audit import audit_verify as service
from gateway.services.audit.audit_verify import audit_verify
from gateway.store.tables import checkpoints, ledger
from tests.bare_workplace import a_bare_workplace
from tests.evidence_made import DESK, make_evidence


class KeyOf:
    """The one key that verifying asks for."""

    def __init__(self, signer):
        self._signer = signer

    def checkpoint_signer(self):
        return self._signer


@pytest.fixture
def workplace(store, clock, everyone, signer, tmp_path):
    return a_bare_workplace(store, clock, everyone, tmp_path, keys=KeyOf(signer))


def _newest_note(store):
    with store.reading() as connection:
        return connection.execute(select(checkpoints.c.note).order_by(checkpoints.c.size.desc())).scalars().first()


def _size(store):
    with store.reading() as connection:
        return connection.execute(text("SELECT count(*) FROM ledger")).scalar_one()


def test_a_new_database_is_whole(workplace):
    found = audit_verify(workplace)
    assert (found.whole, found.size, found.lists, found.rows, found.more) == (True, 1, 0, 0, False)


def test_a_used_database_is_whole_and_stays_whole_under_a_checkpoint_kept_on_the_way(workplace, everyone):
    early = _newest_note(workplace.store)
    make_evidence(workplace.store, everyone)
    found = audit_verify(workplace, early)
    assert found.whole
    assert (found.size, found.lists, found.rows) == (_size(workplace.store), 4, 27)
    assert found.root == audit_verify(workplace, _newest_note(workplace.store)).root


def test_verifying_changes_nothing(workplace, everyone):
    make_evidence(workplace.store, everyone)
    before = _size(workplace.store)
    audit_verify(workplace)
    assert _size(workplace.store) == before


def test_a_checkpoint_from_the_future_of_this_database_says_that_it_is_older_than_it_was(workplace, signer):
    note = sign_checkpoint(Checkpoint(signer.name, 9, b"r" * 32), signer)
    (finding,) = audit_verify(workplace, note).findings
    assert (finding.fault, finding.where) == (Fault.TRUNCATED, "entry 2")


@pytest.mark.parametrize("note", ["", "no note", "three\nlines\nonly\n"])
def test_what_is_no_checkpoint_says_nothing_about_the_log(workplace, note):
    with pytest.raises(CheckpointInvalid):
        audit_verify(workplace, note)


def test_a_checkpoint_of_another_key_says_nothing_about_the_log(workplace, signer):
    stranger = Ed25519Signer(signer.name, Ed25519PrivateKey.generate())
    with pytest.raises(CheckpointInvalid):
        audit_verify(workplace, sign_checkpoint(Checkpoint(signer.name, 1, b"r" * 32), stranger))


def test_of_very_many_findings_the_first_are_listed_and_more_are_said(workplace, everyone, monkeypatch):
    monkeypatch.setattr(service, "MOST_FINDINGS", 3)
    with workplace.store.writing(everyone) as work:
        for _ in range(6):
            work.enter(Event.SERVICE_STOPPED)
    with workplace.store.working_state() as connection:
        drop = "DROP TRIGGER ledger_no_update"
        connection.execute(text(drop if connection.dialect.name == "sqlite" else f"{drop} ON ledger"))
        connection.execute(text("UPDATE ledger SET actor = 'somebody' WHERE position > 1"))
    found = audit_verify(workplace)
    assert (len(found.findings), found.more, found.whole) == (3, True, False)


def test_a_finding_names_the_place_and_no_person(workplace, everyone):
    """Law L8: a finding is shown to operators and auditors, who see no names."""
    subjects = make_evidence(workplace.store, everyone)
    with workplace.store.working_state() as connection:
        for table in ("evidence", "ledger"):
            drop = f"DROP TRIGGER {table}_no_update"
            connection.execute(text(drop if connection.dialect.name == "sqlite" else f"{drop} ON {table}"))
        connection.execute(text("UPDATE evidence SET fields = fields + 1"))
        connection.execute(text("UPDATE ledger SET actor = 'Mary Invented'"))
    told = " ".join(f"{finding.where} {finding.what}" for finding in audit_verify(workplace).findings)
    assert "list L-2026-11-20-all row 1" in told
    assert "Mary" not in told
    assert not any(subject.subject_ref in told for subject in subjects)


@pytest.mark.parametrize("role", sorted(Role))
def test_who_may_verify(workplace, role):
    visitor = replace(workplace, actor=Actor("somebody", "Somebody", frozenset({role})))
    if role in ALLOWED[Action.VERIFY]:
        assert audit_verify(visitor).whole
    else:
        with pytest.raises(AccessDenied):
            audit_verify(visitor)


def test_an_entry_that_nobody_wrote_is_found(workplace):
    with workplace.store.working_state() as connection:
        row = dict(connection.execute(select(ledger)).one()._mapping) | {"position": 2}
        connection.execute(ledger.insert().values(row))
    faults = {finding.fault for finding in audit_verify(workplace).findings}
    assert {Fault.REORDERED, Fault.INSERTED} <= faults


def test_several_checkpoints_are_held_against_the_log_and_each_that_a_witness_cosigned_is_named(
    workplace, everyone, clock, signer
):
    make_evidence(workplace.store, everyone)
    with workplace.store.reading() as connection:
        notes = connection.execute(select(checkpoints.c.note).order_by(checkpoints.c.size)).scalars().all()
    witness = Cosigner("box.example/witness", Ed25519PrivateKey.generate())
    cosigned = [witness.cosign(note, clock.now()) for note in notes[1:4]]
    assert audit_verify(workplace, *cosigned, witnesses=[witness.vkey]).whole
    fork = sign_checkpoint(Checkpoint(signer.name, 3, b"r" * 32), signer)
    (finding,) = audit_verify(
        workplace, *cosigned, witness.cosign(fork, clock.now()), witnesses=[witness.vkey]
    ).findings
    assert (finding.fault, finding.where) == (Fault.FORKED, "checkpoint 3 co-signed by box.example/witness")
    for unseen in (notes[0], DESK.cosign(notes[0], clock.now())):
        with pytest.raises(CheckpointInvalid, match="none of the witnesses"):
            audit_verify(workplace, cosigned[0], unseen, witnesses=[witness.vkey])
    thief = Cosigner(witness.vkey.split("+")[0], Ed25519PrivateKey.generate())
    with pytest.raises(CheckpointInvalid):
        audit_verify(workplace, thief.cosign(notes[0], clock.now()), witnesses=[witness.vkey])
