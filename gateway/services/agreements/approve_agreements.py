"""Import approvals of a policy statement, and keep the list of who may approve.

Officers sign on their own machines; the gateway verifies and keeps signatures and holds no approver's private key.
"""

import json
from pathlib import Path

from sqlalchemy import Connection

from gateway.agreements.approval import Approval, approvals_that_count, is_enough, verify_approval
from gateway.agreements.approvers import Approvers, read_approvers
from gateway.agreements.statement import Statement
from gateway.documents import sha256_hex
from gateway.errors import ApprovalInvalid
from gateway.ledger.events import Event
from gateway.model.officers import Action
from gateway.services.agreements.agreement_standing import Standing, approvers_file, approvers_in_force, standing_of
from gateway.services.workplace import Workplace
from gateway.store.agreements import (
    KeptStatement,
    approvers_ever_enrolled,
    enrolled_approvers,
    keep_approval,
    keep_statement,
    replace_approval,
    signatures_kept,
    statement_kept,
    statements_kept,
)
from gateway.store.work import Work

#: A copy of the approvers file that is in force, in the state directory; its hash is held against the ledger.
ENROLLED_COPY = "approvers.enrolled"
_MOST_SIGNATURES = 40
_MOST_SIGNATURE_BYTES = 16 * 1024


def prepare_statement(workplace: Workplace, agreement_id: str) -> Statement:
    """Return the statement as it is now; its `body`, with nothing put behind it, is what approvers sign."""
    workplace.actor.require(Action.READ_AGREEMENTS)
    with workplace.store.reading() as connection:
        return standing_of(workplace, connection, agreement_id).statement


def import_approval(workplace: Workplace, agreement_id: str, signature: bytes) -> Approval:
    """Verify a detached signature over the statement as it is now, and keep it with its entry.

    The same person's approval twice is one. Raises ApprovalInvalid when it does not verify or may not count.
    """
    workplace.actor.require(Action.IMPORT_APPROVAL)
    with workplace.store.writing(workplace.actor) as work:
        standing = standing_of(workplace, work.connection, agreement_id)
        approvers = approvers_in_force(workplace, work.connection)
        approval = verify_approval(signature, standing.statement.body, approvers, workplace.clock.today())
        _refuse_another_text(work.connection, standing)
        if approval.principal not in {given.principal for given in standing.approvals}:
            keep_prepared(work, standing)
            _keep_approval(work, standing.statement, approval, signature, approvers)
    return approval


def import_approvals_beside(workplace: Workplace, agreement_id: str) -> tuple[Approval, ...]:
    """Import every signature in the approvals folder that fits the statement: `<id>.<anything>.sig`.

    One that does not fit approved an earlier statement and is passed over.
    """
    workplace.actor.require(Action.IMPORT_APPROVAL)
    body = prepare_statement(workplace, agreement_id).body
    with workplace.store.reading() as connection:
        approvers = approvers_in_force(workplace, connection)
    today = workplace.clock.today()
    found = _signatures_in(workplace.folders.approvals, agreement_id)
    fitting = [signature for signature in found if approvals_that_count([signature], body, approvers, today)]
    return tuple(import_approval(workplace, agreement_id, signature) for signature in fitting)


def is_signed_beside(workplace: Workplace, agreement_id: str) -> bool:
    """Say whether any signature for an agreement lies in the approvals folder."""
    return bool(_signatures_in(workplace.folders.approvals, agreement_id))


def enrol_approvers(workplace: Workplace) -> Approvers:
    """Bring the approvers file into force.

    The first file is enrolled as it is. A changed one takes two existing approvers in two roles, by signatures over
    the new file that lie beside it as `approvers.<anything>.sig`. Raises ApprovalInvalid when they are missing, and for
    a file that was in force before: its old signatures would bring back somebody who was taken out.
    """
    workplace.actor.require(Action.INSTALL)
    data = approvers_file(workplace)
    approvers = read_approvers(data, workplace.folders.approvers.name)
    with workplace.store.writing(workplace.actor) as work:
        before = enrolled_approvers(work.connection)
        if before != approvers.file_hash:
            signers = () if before is None else _signers_of_change(workplace, work.connection, before, data)
            _enter_enrolment(work, approvers, signers, before)
    # After the commit: a copy that is behind the ledger is put right by enrolling the same file again.
    (workplace.folders.state / ENROLLED_COPY).write_bytes(data)
    return approvers


def _refuse_another_text(connection: Connection, standing: Standing) -> None:
    # One version is one text, so that "version 3" in a conversation means one thing.
    agreement = standing.agreement
    for kept in statements_kept(connection, agreement.agreement_id):
        if kept.version == agreement.version and _document_hash_in(kept) != agreement.document_hash:
            raise ApprovalInvalid(
                f"version {agreement.version} was approved with another text",
                advice="Raise `version` in the agreement, then sign the new statement.",
            )


def _document_hash_in(kept: KeptStatement) -> str:
    return str(json.loads(kept.body)["agreement"]["sha256"])


def keep_prepared(work: Work, standing: Standing) -> None:
    """Keep a statement with the documents that it was made of, where it is not kept yet."""
    statement = standing.statement
    if statement_kept(work.connection, statement.statement_hash) is not None:
        return
    position = work.enter(
        Event.AGREEMENT_PREPARED,
        agreement=statement.agreement_id,
        version=statement.version,
        statement=statement.statement_hash,
        document=standing.agreement.document_hash,
        document_bytes=sha256_hex(standing.document),
        partner=standing.partner.name,
        partner_hash=standing.partner.document_hash,
        framework=standing.framework.document_hash,
        mappings=dict(standing.mapping_hashes),
        valid_from=statement.valid_from,
    )
    kept = KeptStatement(
        statement.statement_hash,
        statement.agreement_id,
        statement.version,
        statement.body,
        standing.document,
        standing.framework.document,
    )
    keep_statement(work, kept, explained_by=position)


def _keep_approval(
    work: Work, statement: Statement, approval: Approval, signature: bytes, approvers: Approvers
) -> None:
    position = work.enter(
        Event.AGREEMENT_APPROVED,
        agreement=statement.agreement_id,
        version=statement.version,
        statement=statement.statement_hash,
        principal=approval.principal,
        role=approval.role.value,
        signature=sha256_hex(signature),
        key=approval.fingerprint,
        approvers=approvers.file_hash,
    )
    # A signature of the same person that no longer counts, by a key since taken out, makes room for the new one.
    stored = approval.principal in signatures_kept(work.connection, statement.statement_hash)
    keep = replace_approval if stored else keep_approval
    keep(
        work,
        statement.statement_hash,
        principal=approval.principal,
        role=approval.role.value,
        signature=signature,
        explained_by=position,
    )


def _enter_enrolment(work: Work, approvers: Approvers, signers: tuple[Approval, ...], before: str | None) -> None:
    roles = {one.principal: one.role.value for one in approvers.approvers}
    work.enter(
        Event.APPROVERS_ENROLLED,
        approvers=approvers.file_hash,
        count=len(roles),
        roles=roles,
        approved_by=[signer.principal for signer in signers],
        before=before,
    )


def _signers_of_change(workplace: Workplace, connection: Connection, before: str, data: bytes) -> tuple[Approval, ...]:
    approvers = _enrolled_before(workplace, before)
    _refuse_enrolled_before(connection, data)
    path = workplace.folders.approvers
    signatures = _signatures_in(path.parent, path.name)
    signers = approvals_that_count(signatures, data, approvers, workplace.clock.today())
    if not is_enough(signers):
        raise ApprovalInvalid(
            f"the approvers file has changed, and {len(signers)} of two existing approvers in two roles signed it",
            advice="Each signs the new file and puts the signature beside it: agreements/README.md.",
        )
    return signers


def _refuse_enrolled_before(connection: Connection, data: bytes) -> None:
    if sha256_hex(data) in approvers_ever_enrolled(connection):
        raise ApprovalInvalid(
            "this very approvers file was in force before, and another took its place",
            advice="Put a comment with today's date into it, and have it signed again: agreements/README.md.",
        )


def _enrolled_before(workplace: Workplace, before: str) -> Approvers:
    copy = workplace.folders.state / ENROLLED_COPY
    data = copy.read_bytes() if copy.is_file() else b""
    if sha256_hex(data) != before:
        raise ApprovalInvalid(
            "the copy of the approvers file in force is missing or changed, so nobody can approve another",
            advice=f"Put the enrolled file back as {ENROLLED_COPY} in the state directory, then enrol again.",
        )
    return read_approvers(data, ENROLLED_COPY)


def _signatures_in(folder: Path, stem: str) -> list[bytes]:
    names = sorted(path for path in folder.glob("*.sig") if path.name.startswith(f"{stem}.") and path.is_file())
    return [path.read_bytes() for path in names[:_MOST_SIGNATURES] if path.stat().st_size <= _MOST_SIGNATURE_BYTES]
