"""The policy statement: a change of anything that decides changes what was approved."""

import json
from dataclasses import replace
from datetime import date

from gateway.agreements.statement import statement_of
from gateway.documents import canonical_json, sha256_hex
from gateway.model.partner import Partner
from tests.agreements_made import a_framework, an_agreement

PARTNER = Partner(
    name="dwp",
    title="DWP",
    host="sftp.partner.example",
    port=22,
    user="county",
    host_keys=("ssh-ed25519 AAAA",),
    inbox="in",
    receipts="out",
    certificate=b"",
    fingerprint="A" * 40,
    receipt_certificate=b"",
    receipt_fingerprint="B" * 40,
    least_verification="read_back",
    document_hash="1" * 64,
)
USUAL = {
    "partner": PARTNER,
    "framework": a_framework(),
    "mappings": {"liquidlogic_ehm": "2" * 64, "suppression": "3" * 64},
    "jobcentres_hash": "4" * 64,
    "environment": "synthetic",
}


def test_the_statement_is_canonical_and_binds_everything():
    statement = statement_of(an_agreement(), **USUAL)
    assert json.loads(statement.body) == {
        "form": "policy-statement/1",
        "agreement": {"id": "jobcentre-plus", "version": 1, "sha256": "0" * 64},
        "partner": {"name": "dwp", "sha256": "1" * 64},
        "framework": {"id": "three_needs", "sha256": "0" * 64},
        "mappings": {"liquidlogic_ehm": "2" * 64, "suppression": "3" * 64},
        "jobcentres": "4" * 64,
        "environment": "synthetic",
        "valid_from": "2026-01-01",
    }
    assert statement.body == canonical_json(json.loads(statement.body))
    assert statement.statement_hash == sha256_hex(statement.body)
    assert (statement.agreement_id, statement.version, statement.valid_from) == ("jobcentre-plus", 1, date(2026, 1, 1))


def test_any_change_needs_new_approvals():
    agreement = an_agreement()
    statements = [
        statement_of(agreement, **USUAL),
        statement_of(replace(agreement, document_hash="9" * 64), **USUAL),
        statement_of(replace(agreement, version=2), **USUAL),
        statement_of(agreement, **USUAL | {"partner": replace(PARTNER, document_hash="9" * 64)}),
        statement_of(agreement, **USUAL | {"framework": replace(a_framework(), document_hash="9" * 64)}),
        statement_of(agreement, **USUAL | {"mappings": {**USUAL["mappings"], "suppression": "9" * 64}}),
        statement_of(agreement, **USUAL | {"mappings": {"liquidlogic_ehm": "2" * 64}}),
        statement_of(agreement, **USUAL | {"jobcentres_hash": "9" * 64}),
        statement_of(agreement, **USUAL | {"environment": "production"}),
        statement_of(replace(agreement, starts_on=date(2026, 1, 2)), **USUAL),
    ]
    assert len({statement.statement_hash for statement in statements}) == len(statements)
