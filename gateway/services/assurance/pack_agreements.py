"""The agreements of an audit pack: each version that was ever approved, what it says, what changed, who approved it.

- A version is the document as it was kept; a page of plain English stands beside it where the rules of today can read
  it and the framework is still the one that was approved.
- Statement and signatures are the bytes that were signed: `ssh-keygen -Y verify` checks them without the gateway. The
  files of signatures have numbers, and the register of approvals says whose each is.
"""

from collections.abc import Iterator
from itertools import pairwise

from gateway.agreements.difference import differences
from gateway.agreements.frameworks import load_framework
from gateway.agreements.page import content_page_of
from gateway.documents.register import Column, Register, Shape, Value
from gateway.documents.report import Grid, Part, Report, report_page
from gateway.errors import ApprovalInvalid, FrameworkInvalid
from gateway.model.agreement import Agreement
from gateway.model.framework import Framework
from gateway.model.time import as_text
from gateway.services.agreements.agreement_standing import approvers_file
from gateway.services.agreements.agreements_known import read_today
from gateway.services.registers.register_agreements import made_by
from gateway.services.workplace import Workplace
from gateway.store.agreements import KeptStatement
from gateway.store.registers import KeptApproval, approvals_with_entries, statements_with_entries

FOLDER = "agreements"
#: How much of a hash names a file.
_SHOWN = 12
_APPROVALS = (
    Column("agreement", "Agreement"),
    Column("who", "Approved by"),
    Column("role", "Role"),
    Column("at", "Entered"),
    Column("statement", "Statement"),
    Column("document", "Document"),
    Column("signed", "What was signed"),
    Column("signature", "Signature"),
)


def agreement_files(workplace: Workplace) -> tuple[dict[str, bytes], Register]:
    """Return the files by name, and the register of approvals that leads to them."""
    with workplace.store.reading() as connection:
        kept = [statement for statement, _ in statements_with_entries(connection)]
        approvals = approvals_with_entries(connection)
    files: dict[str, bytes] = {}
    rows: list[tuple[Value, ...]] = []
    for statement in kept:
        files |= _version(statement)
        for n, approval in enumerate(
            [each for each in approvals if each.statement_hash == statement.statement_hash], 1
        ):
            name = f"{_stem(statement)}.approval-{n}.sig"
            files[name] = approval.signature
            rows.append(_approval(statement, approval, name))
    files |= dict(_changes(workplace, kept))
    files |= _approvers(workplace)
    return files, Register(
        title="Approvals",
        made=made_by(workplace),
        about="Who approved which policy statement, and the files that show it.",
        columns=_APPROVALS,
        rows=tuple(rows),
        shape=Shape.ENTRIES,
        overview=("agreement", "who", "role", "at"),
    )


def _version(statement: KeptStatement) -> dict[str, bytes]:
    stem = _stem(statement)
    files = {f"{stem}.yaml": statement.agreement_document, f"{stem}.statement": statement.body}
    files[f"{stem}.framework.json"] = statement.framework_document
    agreement = read_today(statement.agreement_document, statement.agreement_id)
    framework = _framework(statement, agreement)
    if agreement is not None and framework is not None:
        files[f"{stem}.txt"] = content_page_of(agreement, framework).encode()
    return files


def _framework(statement: KeptStatement, agreement: Agreement | None) -> Framework | None:
    """Return the framework that was kept with a statement, if it can be read."""
    if agreement is None:
        return None
    try:
        return load_framework(statement.framework_document, agreement.cohort.framework)
    except FrameworkInvalid:
        return None


def _changes(workplace: Workplace, kept: list[KeptStatement]) -> Iterator[tuple[str, bytes]]:
    """Yield for each agreement of more than one document what changed from each to the next."""
    for agreement_id in sorted({statement.agreement_id for statement in kept}):
        versions = [statement for statement in kept if statement.agreement_id == agreement_id]
        grids = tuple(_difference(old, new) for old, new in pairwise(versions))
        if grids:
            report = Report(
                title=f"What changed: {agreement_id}",
                lead="From each approved statement to the next, what widens first.",
                made=made_by(workplace),
                parts=(Part("Changes", grids=grids),),
            )
            yield f"{FOLDER}/{agreement_id}-changes.html", report_page(report).encode()


def _difference(old: KeptStatement, new: KeptStatement) -> Grid:
    before, after = (read_today(each.agreement_document, each.agreement_id) for each in (old, new))
    caption = " to ".join(f"version {each.version} ({each.statement_hash[:_SHOWN]})" for each in (old, new))
    if before is None or after is None:
        return Grid(caption, ("effect", "change"), (("not told", "the rules of today cannot read both"),))
    found = differences(before, after)
    rows = tuple((change.effect.value, change.sentence) for change in found)
    return Grid(
        caption, ("effect", "change"), rows or (("none", "the agreement says the same; what it rests on changed"),)
    )


def _approvers(workplace: Workplace) -> dict[str, bytes]:
    try:
        return {f"{FOLDER}/approvers": approvers_file(workplace)}
    except ApprovalInvalid:
        return {}


def _approval(statement: KeptStatement, approval: KeptApproval, signature: str) -> tuple[Value, ...]:
    stem = _stem(statement)
    return (
        f"{statement.agreement_id}, version {statement.version}",
        approval.principal,
        approval.role,
        as_text(approval.at),
        statement.statement_hash,
        f"{stem}.yaml",
        f"{stem}.statement",
        signature,
    )


def _stem(statement: KeptStatement) -> str:
    return f"{FOLDER}/{statement.agreement_id}-v{statement.version}-{statement.statement_hash[:_SHOWN]}"
