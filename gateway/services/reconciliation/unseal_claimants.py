"""Open a list of claimants that a recipient sealed for us, in memory; nothing of it is returned unless they signed it.

It is encrypted to the certificate with which we sign packages, which the recipient holds anyway, and signed by the key
that is pinned for their receipts. Where the agreement lets lists come as they are, there is nothing to open.
"""

from gateway.errors import SignatureInvalid
from gateway.model.agreement import Agreement, ClaimantLists
from gateway.sealing.opening import open_package
from gateway.services.receipts.receipt_signers import Signers
from gateway.services.workplace import Workplace
from gateway.sources.work_coach_list.kinds import refuse_too_large


def list_inside(workplace: Workplace, agreement: Agreement, signers: Signers, data: bytes) -> bytes:
    """Return the list. Raises PackageCorrupt, SignatureInvalid, WorkCoachListRefused where it is too large."""
    if agreement.claimant_lists is ClaimantLists.PLAIN:
        return data
    content = _unsealed(workplace.keys.package_signing_key(), signers, data)
    refuse_too_large(len(content))
    return content


def _unsealed(key: bytes, signers: Signers, data: bytes) -> bytes:
    *others, last = signers
    for signer in others:
        try:
            return open_package(data, key=key, signer=signer)
        except SignatureInvalid:
            continue
    return open_package(data, key=key, signer=last)
