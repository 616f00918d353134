"""Read an agreement: strict YAML to the `Agreement` that the gateway obeys, or every fault of the file.

- Unknown and duplicate keys, values outside their closed lists, and text that could lead somewhere (values.py) are
  faults; each is `file:line:column: sentence`.
- What decides whom a list can harm has no default: `domestic_abuse_need`, `evidence`, `blocking_flags`.
- Given what it stands among (`Surroundings`), names of frameworks, recipients, needs and offices are checked too.

Pure: bytes come in. Whether an agreement may run today is left to force.py; the format is docs/formats/agreement.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.agreements import sections
from gateway.agreements.coherence import check_coherence
from gateway.agreements.criteria import needs_named_in
from gateway.agreements.values import check_values
from gateway.documents import Fault, Reader, canonical_json, plain_of, sha256_hex
from gateway.errors import AgreementMalformed
from gateway.model.agreement import Agreement, ClaimantLists, EmptyList, EvidenceKind, FileFormat, Mode
from gateway.model.framework import Framework

MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an agreement may refer to by name."""

    frameworks: Mapping[str, Framework]
    recipients: frozenset[str]
    offices: frozenset[str]


def parse_agreement(
    data: bytes, name: str, surroundings: Surroundings | None = None
) -> tuple[Agreement | None, tuple[Fault, ...]]:
    """Return the agreement, or None and every fault of the document."""
    reader = Reader.of(data, name)
    if len(data) > MOST_BYTES:
        reader.fault(None, f"an agreement is larger than {MOST_BYTES // 1024} KiB")
        return None, reader.faults
    agreement = _agreement_of(reader)
    check_coherence(reader, agreement)
    if surroundings is not None:
        _check_names(reader, agreement, surroundings)
    check_values(reader)
    faults = reader.finish()
    return (None, faults) if faults else (agreement, ())


def load_agreement(data: bytes, name: str, surroundings: Surroundings | None = None) -> Agreement:
    """Return the agreement. Raises AgreementMalformed with one line for each fault."""
    agreement, faults = parse_agreement(data, name, surroundings)
    if agreement is None:
        raise AgreementMalformed("\n".join(str(fault) for fault in faults))
    return agreement


def _agreement_of(reader: Reader) -> Agreement:
    dpia = reader.table("dpia")
    term = reader.table("term")
    teams = sections.teams_under(reader)
    return Agreement(
        agreement_id=reader.text("id", longest=60, pattern=sections.NAME, wanted=sections.NAME_WANTED),
        version=reader.integer("version", 1, 9_999),
        title=reader.text("title", longest=120),
        programme=reader.text("programme", longest=80, pattern=sections.NAME, wanted=sections.NAME_WANTED),
        parties=sections.parties_under(reader),
        recipient=reader.text("recipient", longest=80, pattern=sections.NAME, wanted=sections.NAME_WANTED),
        purpose=sections.purpose_under(reader),
        legal_powers=sections.powers_under(reader),
        lawful_basis=sections.basis_under(reader),
        dpia_reference=dpia.text("reference", longest=80),
        dpia_review_by=dpia.day("review_by"),
        privacy_notice=reader.text("privacy_notice", longest=300),
        starts_on=term.day("starts_on"),
        ends_on=term.day("ends_on"),
        review_by=term.day("review_by"),
        review_grace_days=term.integer("review_grace_days", 0, 90),
        cohort=sections.cohort_under(reader),
        fields=sections.fields_under(reader),
        blocking_flags=sections.flags_under(reader),
        mode=reader.choice("mode", Mode),
        split=sections.split_under(reader),
        file_format=reader.choice("file_format", FileFormat),
        evidence=reader.choice("evidence", EvidenceKind),
        cadence=sections.cadence_under(reader),
        limits=sections.limits_under(reader),
        empty_list=reader.choice("empty_list", EmptyList),
        retention=sections.retention_under(reader),
        team_labels=teams.labels,
        default_team=teams.default,
        default_contact=teams.default_contact,
        contacts=reader.texts("contacts", longest=200),
        registers=sections.registers_under(reader),
        full_list_every=sections.full_list_every_under(reader),
        claimant_lists=reader.choice("claimant_lists", ClaimantLists) if reader.has("claimant_lists") else None,
        document_hash="" if reader.node is None else sha256_hex(canonical_json(plain_of(reader.node))),
    )


def _check_names(reader: Reader, agreement: Agreement, surroundings: Surroundings) -> None:
    if reader.sound("cohort"):
        _check_framework(reader.table("cohort"), agreement, surroundings.frameworks)
    if reader.sound("recipient") and agreement.recipient not in surroundings.recipients:
        reader.fault_at("recipient", f"must be a partner that is configured: {_listed(surroundings.recipients)}")
    split = agreement.split if reader.sound("split") else None
    if split is not None and split.fallback not in surroundings.offices:
        reader.table("split").fault_at("fallback", f"must be one of {_listed(surroundings.offices)}")


def _check_framework(cohort: Reader, agreement: Agreement, frameworks: Mapping[str, Framework]) -> None:
    framework = frameworks.get(agreement.cohort.framework)
    if framework is None:
        cohort.fault_at("framework", f"must be one of {_listed(frozenset(frameworks))}")
        return
    unknown = needs_named_in(agreement.cohort.where) - {code for code, _ in framework.factors}
    if unknown:
        cohort.fault_at("where", f"names needs that the framework does not know: {_listed(unknown)}")


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "none"
