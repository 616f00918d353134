"""Lists with evidence for tests: made as a night makes them, with invented people.

`keep_statement_of` and `seal_list_of` write through `store.writing`, so every row has its entry and checkpoint.
"""

import hashlib
import random
import uuid
from dataclasses import dataclass, field

from sqlalchemy import insert, select

from gateway.documents.canonical import canonical_json, sha256_hex
from gateway.ledger.digests import LinesDigest, decision_digest
from gateway.ledger.entries import Event
from gateway.ledger.evidence import commitment, leaf, mask_factors, seal_line
from gateway.ledger.tree import GrowingTree
from gateway.model.delivery import ListState
from gateway.model.officers import Role
from gateway.model.time import as_text
from gateway.store.agreements import KeptStatement, keep_approval, keep_statement
from gateway.store.evidence import (
    EvidenceRow,
    kept_exclusions,
    read_back_exclusions,
    write_block,
    write_exclusions,
)
from gateway.store.lists import get_list, move_list, plan_list
from gateway.store.packages import PackageBlocks, keep_package
from gateway.store.subtrees import keep_subtrees
from gateway.store.tables import statements

AGREEMENT = "jcp-supporting-families"
STATEMENT = b'{"made":"for tests"}'
FRAMEWORK = b'{"id":"made_for_tests"}'
DOCUMENT = b"""
parties:
  - {name: Invented County Council, role: controller}
  - {name: Invented Department, role: recipient}
purpose:
  code: made
  text: >
    Let two workers of one family know of each other.
legal_powers:
  - {direction: inbound, citation: Another Act}
  - {direction: outbound, citation: "An Act of 2017, section 35"}
lawful_basis:
  article_6: ["6(1)(e)"]
  article_9: ["9(2)(g)"]
  article_10: []
fields:
  - {name: record_ref, necessity: made}
  - {name: surname, necessity: made}
  - {name: date_of_birth, necessity: made, transform: year}
"""
FINGERPRINT = "A" * 40


@dataclass(frozen=True)
class Subject:
    """An invented person of the registry."""

    subject_ref: str
    secret: bytes = field(repr=False)


def some_subjects(count: int, seed: int = 1) -> list[Subject]:
    """Return invented subjects in the order of their references."""
    chance = random.Random(seed)
    made = [Subject(str(uuid.UUID(int=chance.getrandbits(128))), chance.randbytes(32)) for _ in range(count)]
    return sorted(made, key=lambda subject: subject.subject_ref)


def evidence_row(subject: Subject, list_reference: str, position: int, line: bytes, *, keep=False) -> EvidenceRow:
    """Return the row of evidence of one line."""
    fields, factors = 0b111111, mask_factors(subject.secret, list_reference, 0b101)
    committed = commitment(subject.secret, AGREEMENT, line)
    leafed = leaf(list_reference, position, subject.subject_ref, fields, factors, committed)
    kept = seal_line(subject.secret, list_reference, position, line) if keep else None
    return position, subject.subject_ref, fields, factors, committed, leafed, kept


def keep_statement_of(store, actor) -> str:
    """Keep the policy statement that lists need; return its hash."""
    statement_hash = sha256_hex(STATEMENT)
    with store.writing(actor) as work:
        position = work.enter(
            Event.AGREEMENT_PREPARED,
            agreement=AGREEMENT,
            version=1,
            statement=statement_hash,
            document=sha256_hex(b"canonical"),
            document_bytes=sha256_hex(DOCUMENT),
            framework=sha256_hex(FRAMEWORK),
        )
        work.connection.execute(
            insert(statements).values(
                statement_hash=statement_hash,
                agreement_id=AGREEMENT,
                version=1,
                body=STATEMENT,
                agreement_document=DOCUMENT,
                framework_document=FRAMEWORK,
                explained_by=position,
            )
        )
    return statement_hash


def approve_records_of(store, actor, *partners) -> None:
    """Have two roles approve a statement that binds the record of each partner; nothing is really signed."""
    with store.writing(actor) as work:
        for partner in partners:
            agreement, record = f"with-{partner.name}", {"name": partner.name, "sha256": partner.document_hash}
            body = canonical_json({"partner": record, "valid_from": "2026-01-01"})
            place = {"agreement": agreement, "version": 1, "statement": sha256_hex(body)}
            position = work.enter(
                Event.AGREEMENT_PREPARED, document=sha256_hex(DOCUMENT), framework=sha256_hex(FRAMEWORK), **place
            )
            kept = KeptStatement(sha256_hex(body), agreement, 1, body, DOCUMENT, FRAMEWORK)
            keep_statement(work, kept, explained_by=position)
            for role in (Role.APPROVER, Role.IG_OFFICER):
                signed = {"principal": f"invented.{role}", "role": role.value}
                position = work.enter(Event.AGREEMENT_APPROVED, signature=sha256_hex(body), **signed, **place)
                keep_approval(work, sha256_hex(body), signature=body, explained_by=position, **signed)


def plan_list_of(work, window: str, part: str = "all", snapshot_id: int = 1) -> tuple[int, str]:
    """Plan a list; return its id and reference."""
    reference = f"L-{window}-{part}"
    place = {"agreement": AGREEMENT, "version": 1, "statement": sha256_hex(STATEMENT), "window": window, "part": part}
    position = work.enter(Event.LIST_PLANNED, list=reference, partner="jcp", snapshot="S-1", **place)
    list_id = plan_list(
        work,
        reference=reference,
        agreement_id=AGREEMENT,
        version=1,
        statement_hash=sha256_hex(STATEMENT),
        partner="jcp",
        window=window,
        part=part,
        snapshot_id=snapshot_id,
        explained_by=position,
    )
    return list_id, reference


def a_line(_: Subject, position: int) -> bytes:
    """What a list says of somebody where a test does not care."""
    return b"R%d,INVENTED,%d" % (position, position)


def seal_list_of(
    store,
    actor,
    window: str,
    people: list[Subject],
    *,
    part="all",
    keep=False,
    excluded: list[tuple[str, str]] = (),
    line_of=a_line,
    base: int | None = None,
) -> int:
    """Seal a list of these people, or of these differences from a base; return its id."""
    with store.writing(actor) as work:
        list_id, reference = plan_list_of(work, window, part)
        rows = [
            evidence_row(person, reference, position, line_of(person, position), keep=keep)
            for position, person in enumerate(people, start=1)
        ]
        write_block(work, list_id, rows)
        tree, lines = GrowingTree(), LinesDigest()
        tree.extend(row[5] for row in rows)
        lines.extend(row[6] for row in rows if keep)
        keep_subtrees(work.connection, list_id, dict(enumerate(tree.subtrees)))
        before = dict(map(tuple, work.connection.execute(select(kept_exclusions(AGREEMENT)))))
        back_in = [(person.subject_ref, None) for person in people if person.subject_ref in before]
        changed_now = [each for each in excluded if before.get(each[0]) != each[1]]
        write_exclusions(work, list_id, AGREEMENT, [[*changed_now, *back_in]])
        changed = read_back_exclusions(work.connection, list_id)
        ciphertext, manifest = b"sealed " + reference.encode(), b"manifest " + reference.encode()
        digest = decision_digest((person.subject_ref, None) for person in people)
        position = work.enter(
            Event.LIST_SEALED,
            list=reference,
            agreement=AGREEMENT,
            version=1,
            statement=sha256_hex(STATEMENT),
            window=window,
            part=part,
            snapshot="S-1",
            people=tree.size,
            excluded=len(excluded),
            decision_digest=digest,
            partner="jcp",
            root=tree.root().hex(),
            evidence="values" if keep else "digest",
            lines=lines.hexdigest() if lines.count else None,
            exclusions=changed.count,
            exclusions_root=changed.root.hex(),
            package_sha256=hashlib.sha256(ciphertext).hexdigest(),
            package_bytes=len(ciphertext),
            recipient_key=FINGERPRINT,
            signing_key=FINGERPRINT,
            base=get_list(work.connection, base).reference if base else None,
        )
        PackageBlocks(work, list_id).keep(ciphertext)
        keep_package(work, list_id, manifest, explained_by=position)
        move_list(
            work,
            list_id,
            ListState.SEALED,
            explained_by=position,
            people=tree.size,
            excluded=len(excluded),
            decision_digest=digest,
            root=tree.root(),
            package_sha256=hashlib.sha256(ciphertext).hexdigest(),
            package_bytes=len(ciphertext),
            sealed_at=as_text(work.at),
            base=base,
        )
    return list_id


def send_list(store, actor, list_id: int, reference: str, *, verified=True) -> None:
    """Take a sealed list as far as its recipient."""
    with store.writing(actor) as work:
        position = work.enter(Event.LIST_SENDING, list=reference)
        move_list(work, list_id, ListState.SENDING, explained_by=position)
        if verified:
            sha256 = hashlib.sha256(b"sealed " + reference.encode()).hexdigest()
            position = work.enter(Event.LIST_VERIFIED, list=reference, package_sha256=sha256, verify_method="read_back")
            move_list(
                work,
                list_id,
                ListState.VERIFIED,
                explained_by=position,
                verify_method="read_back",
                settled_at=as_text(work.at),
            )


def receive_list(store, actor, list_id: int) -> None:
    """Take a sealed list as far as its receipt."""
    with store.reading() as connection:
        reference = get_list(connection, list_id).reference
    send_list(store, actor, list_id, reference)
    with store.writing(actor) as work:
        position = work.enter(Event.LIST_RECEIVED, list=reference)
        move_list(work, list_id, ListState.RECEIVED, explained_by=position)
