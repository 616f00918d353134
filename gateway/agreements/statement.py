"""Put together the policy statement: everything that decides what a list holds and where it goes, by hash.

An agreement alone is not what is approved. The partner's record redirects a list, a framework or a mapping widens
it, the environment makes invented people real: so the statement binds the hashes of all of them, and a change of any
needs new approvals. Its bytes are canonical JSON; they are what approvers sign and what every run records.

Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gateway.documents import canonical_json, sha256_hex
from gateway.model.agreement import Agreement
from gateway.model.framework import Framework
from gateway.model.partner import Partner

#: The form of the statement. It is signed: another form gets another name.
FORM = "policy-statement/1"


@dataclass(frozen=True, slots=True)
class Statement:
    """A policy statement; `statement_hash` is SHA-256 of `body`, hexadecimal."""

    agreement_id: str
    version: int
    body: bytes
    statement_hash: str
    valid_from: date


def statement_of(
    agreement: Agreement,
    *,
    partner: Partner,
    framework: Framework,
    mappings: Mapping[str, str],
    jobcentres_hash: str,
    environment: str,
) -> Statement:
    """Return the statement; `mappings` gives the hash of each source mapping, the suppression feed's among them.

    A statement holds from the first day of the agreement's term: a version for later can be approved today.
    """
    body = canonical_json(
        {
            "form": FORM,
            "agreement": {
                "id": agreement.agreement_id,
                "version": agreement.version,
                "sha256": agreement.document_hash,
            },
            "partner": {"name": partner.name, "sha256": partner.document_hash},
            "framework": {"id": framework.framework_id, "sha256": framework.document_hash},
            "mappings": dict(mappings),
            "jobcentres": jobcentres_hash,
            "environment": environment,
            "valid_from": agreement.starts_on.isoformat(),
        }
    )
    return Statement(agreement.agreement_id, agreement.version, body, sha256_hex(body), agreement.starts_on)
