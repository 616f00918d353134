"""Prove one thing to somebody who has no database: a row of a list, an entry, or that the log only grew.

- The proof ends at the newest checkpoint that a witness co-signed, where there is one that counts what is proven.
- A proof that does not hold is never given out: LedgerDamaged, and `audit verify` says what is wrong.
- A proof is made of few rows and of the subtrees that are kept (store/subtrees.py). Where it does not hold then, it is
  made of the rows alone; what had to be worked out of them is kept for the next, once it has led to a signed root.
- A person is found by an identifier as in `audit person`: with a reason and a case, and with an entry of the ledger
  that is there before the answer. Whoever is not on the list and whoever is unknown get the same answer (law L11).

The form of the documents is ledger/proof_documents.py's; docs/formats/proof.md explains it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.errors import LedgerDamaged, QuestionInvalid, SubjectUnknown
from gateway.ledger.entries import Entry, Event
from gateway.ledger.key_chain import KeyChain
from gateway.ledger.proof_documents import Document, LogProofs, RowFacts, SignedCheckpoint
from gateway.model.officers import Action
from gateway.model.retention import Kept
from gateway.model.time import london_day
from gateway.services.audit.audit_person import Question, kind_kept, require_reason
from gateway.services.subjects.subject_search import subjects_meant
from gateway.services.workplace import Workplace
from gateway.store.log_keys import key_chain_of
from gateway.store.proofs import (
    hand_overs,
    list_id_of,
    newest_cosigned,
    newest_signed,
    positions_of,
    sealing_of,
    signed_at,
)
from gateway.store.retention import purged_on
from gateway.store.sampling import entry_at, row_of
from gateway.store.subtrees import Trees, keep_subtrees

_LISTS = "`gateway audit uses` and `gateway disclose status` name the lists."
_OTHERWISE = "`gateway audit person` says which lists the person is on."
_SIZES = (
    "The second line of a checkpoint is its size; `gateway audit verify --checkpoint` judges one that we do not have."
)


@dataclass(frozen=True, slots=True)
class SealedList:
    """A list that was sealed, with the entry that says so."""

    list_id: int
    reference: str
    sealed: Entry


def prove_row(workplace: Workplace, list_reference: str, position: int) -> Document:
    """Return the proof of one row of a list. Raises AccessDenied, QuestionInvalid, LedgerDamaged."""
    workplace.actor.require(Action.PROVE)
    return _proven(
        workplace,
        lambda connection, trees: _row_proof(connection, trees, sealed_list(connection, list_reference), position),
    )


def prove_person(
    workplace: Workplace, list_reference: str, question: Question, *, reason: str, case_reference: str
) -> Document:
    """Return the proof of the row of a list that is about a person, and enter that somebody asked.

    Raises AccessDenied, LedgerDamaged, EntryInvalid for a case that is none, SubjectUnknown where no row is about them,
    and QuestionInvalid where several could be.
    """
    workplace.actor.require(Action.READ_PERSON)
    require_reason(reason)
    with workplace.store.writing(workplace.actor) as work:
        asked = sealed_list(work.connection, list_reference)
        subjects = subjects_meant(workplace, work.connection, question)
        positions = positions_of(work.connection, asked.list_id, subjects)
        work.enter(
            Event.PERSON_READ,
            reason=reason,
            case=case_reference,
            kind=kind_kept(question, subjects),
            found=bool(positions),
            disclosures=len(positions),
            subject=subjects[0] if positions else None,
        )
    if not positions:
        with workplace.store.reading() as connection:
            _require_evidence(connection, asked)
        raise SubjectUnknown(f"no row of {list_reference} is about anybody known by that", advice=_OTHERWISE)
    if len(positions) > 1:
        rows = ", ".join(map(str, positions))
        raise QuestionInvalid(f"rows {rows} of {list_reference} could be meant", advice="Name one with --position.")
    return _proven(workplace, lambda connection, trees: _row_proof(connection, trees, asked, positions[0]))


def prove_entry(workplace: Workplace, position: int) -> Document:
    """Return the proof of one entry of the log. Raises AccessDenied, QuestionInvalid, LedgerDamaged."""
    workplace.actor.require(Action.PROVE)
    return _proven(workplace, lambda connection, trees: _entry_proof(connection, trees, position))


def prove_growth(workplace: Workplace, older: int) -> Document:
    """Return the proof that the log only grew since the checkpoint of so many entries; 0 is the empty log.

    It is made for the newest checkpoint of all, so that a witness sees that one. Raises AccessDenied, QuestionInvalid,
    LedgerDamaged.
    """
    workplace.actor.require(Action.VERIFY)
    return _proven(workplace, lambda connection, trees: _growth_proof(connection, trees, older))


def _proven(workplace: Workplace, make: Callable[[Connection, Trees], Document]) -> Document:
    with workplace.store.reading() as connection:
        trees = Trees(connection)
        try:
            document = make(connection, trees)
        except LedgerDamaged:
            trees = Trees(connection, kept=False)
            document = make(connection, trees)
    if learned := trees.learned():
        with workplace.store.working_state() as connection:
            for tree, roots in learned.items():
                keep_subtrees(connection, tree, roots)
    return document


def _entry_proof(connection: Connection, trees: Trees, position: int) -> Document:
    entry = entry_at(connection, position)
    if entry is None:
        raise QuestionInvalid(f"the log has no entry {position}")
    return _proofs(connection, trees, at_least=position).of_entry(entry)


def _growth_proof(connection: Connection, trees: Trees, older: int) -> Document:
    keys = key_chain_of(connection)
    before = signed_at(connection, keys.origin, older) if older else None
    if older and before is None:
        raise QuestionInvalid(f"the log has no checkpoint of {older} entries", advice=_SIZES)
    return _proofs_to(connection, trees, keys, newest_signed(connection, keys.origin)).of_growth(before)


def _row_proof(connection: Connection, trees: Trees, asked: SealedList, position: int) -> Document:
    row = row_of(connection, asked.list_id, position)
    if row is None:
        _require_evidence(connection, asked)
        raise QuestionInvalid(f"{asked.reference} has no row {position}", advice=_LISTS)
    facts = RowFacts(asked.reference, row.position, row.subject_ref, row.fields, row.factors, row.commitment, row.leaf)
    proofs = _proofs(connection, trees, at_least=asked.sealed.position)
    return proofs.of_row(facts, trees.of_list(asked.list_id).root, asked.sealed)


def _require_evidence(connection: Connection, asked: SealedList) -> None:
    """Raise QuestionInvalid where the rows of a list were purged at the end of their term."""
    at = purged_on(connection, Kept.EVIDENCE, asked.reference)
    if at is not None:
        raise QuestionInvalid(
            f"the rows of {asked.reference} went at the end of their term, on {london_day(at)}",
            advice="`gateway audit proof --entry` proves what the log says of it.",
        )


def sealed_list(connection: Connection, reference: str) -> SealedList:
    """Return a list that was sealed. Raises QuestionInvalid where there is none of that reference."""
    list_id = list_id_of(connection, reference)
    sealed = sealing_of(connection, list_id) if list_id is not None else None
    if list_id is None or sealed is None:
        raise QuestionInvalid("no list of that reference was sealed here", advice=_LISTS)
    return SealedList(list_id, reference, sealed)


def _proofs(connection: Connection, trees: Trees, *, at_least: int) -> LogProofs:
    keys = key_chain_of(connection)
    cosigned = newest_cosigned(connection, keys.origin, at_least)
    return _proofs_to(connection, trees, keys, cosigned or newest_signed(connection, keys.origin))


def _proofs_to(connection: Connection, trees: Trees, keys: KeyChain, signed: SignedCheckpoint) -> LogProofs:
    # A checkpoint whose signature is not the log's would prove nothing to anybody.
    keys.open(signed.note)
    handed_over = hand_overs(connection, keys.origin, signed.checkpoint.size)
    return LogProofs(signed, trees.log().root, keys.first, handed_over)
