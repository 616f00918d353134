"""Say how an agreement stands: what every run asks before it does anything, and officers at any time.

- The policy statement (agreements/statement.py) is made afresh from the files each time it is asked for; a change of
  any of them leaves the approvals behind.
- A statement that was approved and then gave way to another one stays given up: putting the old files back would
  bring back a partner's old key, or fields that were taken out, with nobody asked.
- Each stored signature is verified again each time: a row in the database is no approval.
- The approvers file counts while its hash is the one that the ledger enrolled.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from gateway.agreements.approval import Approval, approvals_that_count
from gateway.agreements.approvers import Approvers, read_approvers
from gateway.agreements.force import Reason, cautions, reasons_not_to_run, refuse_for
from gateway.agreements.statement import Statement, statement_of
from gateway.documents import sha256_hex
from gateway.errors import AgreementUnapproved, ApprovalInvalid
from gateway.model.agreement import Agreement
from gateway.model.framework import Framework
from gateway.model.partner import Partner
from gateway.services.agreements.agreement_shelf import Shelf
from gateway.services.workplace import Workplace
from gateway.store.agreements import (
    KeptStatement,
    approved_statements,
    enrolled_approvers,
    signatures_kept,
    stopped_switches,
)

ENROL = "`gateway agreements enrol`; a changed file takes two existing approvers: agreements/README.md"


@dataclass(frozen=True, slots=True)
class Standing:
    """An agreement as it stands: what was approved, by whom, and what keeps it from running today.

    `document` is the file's bytes; `mapping_hashes` are those in the statement.
    """

    agreement: Agreement
    document: bytes
    framework: Framework
    partner: Partner
    mapping_hashes: Mapping[str, str]
    statement: Statement
    approvals: tuple[Approval, ...]
    reasons: tuple[Reason, ...]
    cautions: tuple[Reason, ...]


def standing_of(workplace: Workplace, connection: Connection, agreement_id: str) -> Standing:
    """Return how an agreement stands today. Raises where a file that it rests on cannot be read."""
    shelf = Shelf.of(workplace)
    agreement, document = shelf.agreement(agreement_id)
    framework, partner = shelf.framework(agreement.cohort.framework), shelf.partner(agreement.recipient)
    mappings, environment = shelf.mapping_hashes(), workplace.environment
    statement = statement_of(
        agreement,
        partner=partner,
        framework=framework,
        mappings=mappings,
        jobcentres_hash=shelf.jobcentres().document_hash,
        environment=environment,
    )
    approvals, unusable = _approvals_on(workplace, connection, statement)
    today, stopped = workplace.clock.today(), stopped_switches(connection)
    reasons = reasons_not_to_run(agreement, approvals=approvals, stopped=stopped, today=today, environment=environment)
    return Standing(
        agreement=agreement,
        document=document,
        framework=framework,
        partner=partner,
        mapping_hashes=mappings,
        statement=statement,
        approvals=approvals,
        reasons=(*unusable, *reasons, *_superseded(connection, statement, today)),
        cautions=cautions(agreement, framework, today=today, environment=environment),
    )


def _superseded(connection: Connection, statement: Statement, today: date) -> Iterator[Reason]:
    approved = approved_statements(connection)
    standing = {kept.statement_hash for kept in _last_of_each(approved, today)}
    if statement.statement_hash in {kept.statement_hash for kept, _ in approved} - standing:
        sentence = "another policy statement, of this or a higher version, was approved after this one"
        yield Reason("superseded", sentence, "Put what was approved last back, or approve a higher version")


def not_superseded(connection: Connection, today: date) -> list[KeptStatement]:
    """Return of each agreement what was approved last of its highest version, of those valid by today or later."""
    return _last_of_each(approved_statements(connection), today)


def _last_of_each(approved: Iterable[tuple[KeptStatement, int]], today: date) -> list[KeptStatement]:
    last: dict[tuple[str, bool], tuple[int, int, KeptStatement]] = {}
    for kept, place in approved:
        key = (kept.agreement_id, _valid_from(kept) <= today)
        last[key] = max(last.get(key, (0, 0, kept)), (kept.version, place, kept), key=lambda each: each[:2])
    return [kept for _, _, kept in last.values()]


def require_approved_record(workplace: Workplace, connection: Connection, partner: Partner) -> None:
    """Raise AgreementUnapproved unless the partner's record is one that approvers signed, and that was not replaced.

    Asked before anybody speaks to the partner's server or believes a receipt: a record that somebody changed could lead
    to another server, and its key could sign that all is well (law L6).
    """
    bound = [json.loads(kept.body)["partner"] for kept in not_superseded(connection, workplace.clock.today())]
    if {"name": partner.name, "sha256": partner.document_hash} not in bound:
        raise AgreementUnapproved(
            f"the record of {partner.name} is not one that approvers signed",
            advice="Put the approved file back, or have the agreements with them approved: agreements/README.md.",
        )


def _valid_from(kept: KeptStatement) -> date:
    return date.fromisoformat(json.loads(kept.body)["valid_from"])


def approved_statement(workplace: Workplace, connection: Connection, agreement_id: str) -> Standing:
    """Return how an agreement stands if a list may leave under it today.

    Raises AgreementNotInForce or AgreementUnapproved with every reason (law L6). Asked when a run is planned, before
    its list is sealed and before the first byte is sent: an agreement can end between the steps.
    """
    standing = standing_of(workplace, connection, agreement_id)
    refuse_for(agreement_id, standing.reasons)
    return standing


def approvers_in_force(workplace: Workplace, connection: Connection) -> Approvers:
    """Return the approvers. Raises ApprovalInvalid unless the file is exactly the one that was enrolled."""
    enrolled = enrolled_approvers(connection)
    if enrolled is None:
        raise ApprovalInvalid("no approvers file is enrolled yet", advice=ENROL)
    data = approvers_file(workplace)
    if sha256_hex(data) != enrolled:
        raise ApprovalInvalid("the approvers file is not the one that was enrolled", advice=ENROL)
    return read_approvers(data, workplace.folders.approvers.name)


def approvers_file(workplace: Workplace) -> bytes:
    """Return the bytes of the approvers file. Raises ApprovalInvalid when there is none."""
    try:
        return workplace.folders.approvers.read_bytes()
    except OSError as error:
        raise ApprovalInvalid(f"the approvers file cannot be read: {error.strerror}", advice=ENROL) from None


def _approvals_on(
    workplace: Workplace, connection: Connection, statement: Statement
) -> tuple[tuple[Approval, ...], tuple[Reason, ...]]:
    try:
        approvers = approvers_in_force(workplace, connection)
    except ApprovalInvalid as error:
        return (), (Reason("approvers-unusable", str(error), error.advice()),)
    signatures = signatures_kept(connection, statement.statement_hash).values()
    return approvals_that_count(signatures, statement.body, approvers), ()
