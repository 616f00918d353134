"""Judge approvals: whose signature it is, and whether a statement has enough of them.

- A signature counts when it verifies over exactly the statement's bytes, in the namespace `agreement@gateway`, by a
  key that stands in the approvers file that is in force.
- Two approvals are enough when they come from two people in two different roles. Two keys of one person are one
  approval.

Pure: the gateway verifies; it never holds an approver's private key.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from gateway.agreements.approvers import NAMESPACE, ApproverRole, Approvers
from gateway.agreements.sshsig import BadSignature, read_signature, verify_signature
from gateway.errors import ApprovalInvalid

#: How many approvals, by different people in different roles, a statement needs.
NEEDED = 2


@dataclass(frozen=True, slots=True)
class Approval:
    """A signature that was verified: who approved, in which role, with which key."""

    principal: str
    role: ApproverRole
    fingerprint: str


def verify_approval(signature: bytes, message: bytes, approvers: Approvers, on_day: date | None = None) -> Approval:
    """Return who approved the message. `on_day` is given for a new approval: a retired key makes none.

    Raises ApprovalInvalid when the signature does not verify or its key may not approve.
    """
    try:
        read = read_signature(signature)
        owner = approvers.owner_of(read.public_key)
        if owner is None:
            raise ApprovalInvalid(
                f"the signature is by the key {read.fingerprint}, which is not in config/approvers",
                advice="Sign with an enrolled key; agreements/README.md says how a key is enrolled.",
            )
        verify_signature(read, message, NAMESPACE)
    except BadSignature as error:
        raise ApprovalInvalid(str(error), advice="agreements/README.md has the exact command to sign with.") from None
    if on_day is not None and owner.valid_before is not None and on_day >= owner.valid_before:
        raise ApprovalInvalid(
            f"the key of {owner.principal} approves nothing new since {owner.valid_before.isoformat()}",
            advice="Ask another approver, or enrol a new key for this one: agreements/README.md.",
        )
    return Approval(owner.principal, owner.role, owner.fingerprint)


def approvals_that_count(
    signatures: Iterable[bytes], message: bytes, approvers: Approvers, on_day: date | None = None
) -> tuple[Approval, ...]:
    """Return one approval for each person with a signature that verifies, in the order of principals.

    One that does not verify, because other bytes were signed or because its signer was taken out, does not count;
    that is what changing a statement and taking somebody out mean.
    """
    found: dict[str, Approval] = {}
    for signature in signatures:
        try:
            approval = verify_approval(signature, message, approvers, on_day)
        except ApprovalInvalid:
            continue
        found.setdefault(approval.principal, approval)
    return tuple(found[principal] for principal in sorted(found))


def is_enough(approvals: Iterable[Approval]) -> bool:
    """Say whether there are two approvals by different people in different roles."""
    given = list(approvals)
    people = {approval.principal for approval in given}
    roles = {approval.role for approval in given}
    return len(people) >= NEEDED and len(roles) >= NEEDED
