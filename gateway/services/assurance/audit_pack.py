"""Put together one dated, signed audit pack for the ICO or an internal audit: everything of a period, and nobody in it.

- Each page is what its own command would show, made at one time; the index says which page answers which question.
- The manifest names every file with its SHA-256 and is signed with the key that signs packages: gpg and sha256sum
  check it on any machine.
- Nobody who is on a list is in it, unless the officer adds a sample: then references and hashes are, and no name.
- That it was made is an entry in the ledger with the manifest's hash, so that a pack which turns up later can be
  known.

Where it is written is the face's business.
"""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path

from gateway.documents import sha256_hex
from gateway.documents.register import Register, as_csv, as_data, as_page
from gateway.documents.report import Grid, Part, Report, report_page
from gateway.ledger.events import Event
from gateway.ledger.verify import Finding
from gateway.model.officers import Action
from gateway.sealing.signatures import sign_detached
from gateway.services.assurance.audit_sample import Sample, draw_sample
from gateway.services.assurance.pack_agreements import agreement_files
from gateway.services.assurance.pack_index import (
    CERTIFICATE,
    MANIFEST,
    PROOF_OF_LOG,
    SIGNATURE,
    VERIFIER,
    PackFacts,
    index_data,
    index_page,
)
from gateway.services.assurance.pack_registers import (
    complaints_register,
    failures_register,
    holds_register,
    policies_register,
    runs_register,
)
from gateway.services.assurance.pack_retention import retention_register
from gateway.services.assurance.sample_report import sample_report
from gateway.services.assurance.sign_assurance import certificate_of
from gateway.services.audit.audit_bundle import bundle_log
from gateway.services.audit.audit_lookups import audit_lookups
from gateway.services.audit.audit_verify import Verification, audit_verify
from gateway.services.registers.register_agreements import (
    agreement_register,
    dea_register,
    made_by,
    processing_register,
)
from gateway.services.registers.register_uses import Period, uses_register
from gateway.services.registers.transparency import transparency_figures
from gateway.services.workplace import Workplace
from gateway.store.sampling import newest_checkpoint

_VERIFIER = Path(__file__).parents[2] / "verifier" / VERIFIER
#: Files of a pack are dated by their own pages; an archive gives each the same time, so that it says nothing more.
_DATED = (1980, 1, 1, 0, 0, 0)
_FOR_THE_OFFICER = 0o600 << 16


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack: its files by name, and SHA-256 of its manifest."""

    files: Mapping[str, bytes]
    manifest_sha256: str
    verified: bool


def make_pack(workplace: Workplace, period: Period, *, case_reference: str, sampled_each: int = 0) -> Pack:
    """Return the pack of a period; `sampled_each` adds a sample of so many disclosures of each stratum.

    Raises AccessDenied, and EntryInvalid where the case reference is none.
    """
    workplace.actor.require(Action.MAKE_PACK)
    files, approvals = agreement_files(workplace)
    for name, register in _registers(workplace, period, approvals).items():
        files |= _forms(name, register)
    verification = audit_verify(workplace)
    files |= _verification(workplace, verification) | _proof_of_log(workplace)
    if sampled_each:
        sample = draw_sample(workplace, period, each=sampled_each, words=None, case_reference=case_reference)
        files |= _sample(workplace, sample)
    files[CERTIFICATE] = certificate_of(workplace).encode()
    facts = _facts(workplace, period, case_reference)
    files["index.json"] = _json(index_data(facts, files))
    files["index.html"] = index_page(facts, files).encode()
    manifest = manifest_of(files)
    files[MANIFEST] = manifest
    files[SIGNATURE] = sign_detached(manifest, workplace.keys.package_signing_key())
    _enter(workplace, period, case_reference, files, sampled_each)
    return Pack(files, sha256_hex(manifest), verification.whole)


def manifest_of(files: Mapping[str, bytes]) -> bytes:
    """Return a line for each file as `sha256sum -c` reads them."""
    return "".join(f"{sha256_hex(files[name])}  {name}\n" for name in sorted(files)).encode()


def archive_of(pack: Pack) -> bytes:
    """Return the pack as one ZIP archive."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(pack.files):
            entry = zipfile.ZipInfo(name, _DATED)
            entry.external_attr = _FOR_THE_OFFICER
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, pack.files[name])
    return stream.getvalue()


def _registers(workplace: Workplace, period: Period, approvals: Register) -> dict[str, Register]:
    years = range(period.first.year, min(period.last, workplace.clock.today()).year + 1)
    return {
        "agreements": agreement_register(workplace),
        "approvals": approvals,
        "processing": processing_register(workplace),
        "digital-economy-act": dea_register(workplace),
        "policies": policies_register(workplace),
        "uses": uses_register(workplace, period),
        "runs": runs_register(workplace, period),
        "failures": failures_register(workplace, period),
        "holds": holds_register(workplace, period),
        "complaints": complaints_register(workplace, period),
        "looks": audit_lookups(workplace, period, naming=False),
        "retention": retention_register(workplace, period),
        **{f"figures-{year}": transparency_figures(workplace, year) for year in years},
    }


def _forms(name: str, register: Register) -> dict[str, bytes]:
    return {
        f"{name}.html": as_page(register).encode(),
        f"{name}.csv": as_csv(register).encode(),
        f"{name}.json": _json(as_data(register)),
    }


def _verification(workplace: Workplace, found: Verification) -> dict[str, bytes]:
    with workplace.store.reading() as connection:
        checkpoint = newest_checkpoint(connection)
    verdict = "Nothing was changed, removed, inserted or reordered." if found.whole else "The evidence is NOT whole."
    report = Report(
        title="Verification of the evidence",
        lead=verdict,
        made=made_by(workplace),
        parts=(
            Part(
                "What was recomputed",
                facts=(
                    ("Entries of the log", found.size),
                    ("Root of the log", found.root),
                    ("Lists", found.lists),
                    ("Rows of evidence", found.rows),
                    ("Co-signed by recipients up to entry", found.cosigned_up_to or "none"),
                    ("Public key of the log", workplace.keys.checkpoint_signer().vkey),
                ),
            ),
            Part(
                "Findings",
                grids=(Grid("Findings", ("fault", "where", "what"), tuple(map(_finding, found.findings))),),
            ),
            Part(
                "Databases restored from a backup",
                grids=(
                    Grid(
                        "Databases restored from a backup",
                        ("at", "by", "case", "entries before", "entries lost up to"),
                        tuple((str(loss.at), loss.actor, loss.case, loss.had, loss.held) for loss in found.losses),
                    ),
                ),
            ),
        ),
    )
    files = {"verification.html": report_page(report).encode()}
    if checkpoint is not None:
        files["checkpoint.txt"] = checkpoint.note.encode()
    return files


def _proof_of_log(workplace: Workplace) -> dict[str, bytes]:
    """Return the verifier that needs no gateway, and what it holds against checkpoints that others have."""
    log: list[bytes] = []
    bundle_log(workplace, log.append)
    return {VERIFIER: _VERIFIER.read_bytes(), PROOF_OF_LOG: b"".join(log)}


def _sample(workplace: Workplace, sample: Sample) -> dict[str, bytes]:
    proofs = {f"proofs/{row.list_reference}-{row.position}.json": row.proof for row in sample.rows if row.proof}
    return {
        "sample.html": report_page(sample_report(sample, made_by(workplace))).encode(),
        "sample.json": _json(asdict(sample)),
        **{name: _json(proof) for name, proof in proofs.items()},
    }


def _facts(workplace: Workplace, period: Period, case_reference: str) -> PackFacts:
    burnt_in = workplace.store.facts
    return PackFacts(
        controller=burnt_in.controller,
        origin=burnt_in.origin,
        period=period.in_words,
        case_reference=case_reference,
        made=f"{made_by(workplace)} Asked for by {workplace.actor.name}.",
        signed_by=workplace.keys.package_fingerprint(),
        log_key=workplace.keys.checkpoint_signer().vkey,
    )


def _enter(
    workplace: Workplace, period: Period, case_reference: str, files: Mapping[str, bytes], sampled_each: int
) -> None:
    with workplace.store.writing(workplace.actor) as work:
        work.enter(
            Event.PACK_MADE,
            **{
                "case": case_reference,
                "from": period.first,
                "to": period.last,
                "files": len(files),
                "manifest": sha256_hex(files[MANIFEST]),
                "sampled": sampled_each,
            },
        )


def _json(value: object) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False, default=_plain).encode() + b"\n"


def _plain(value: object) -> str:
    """Return what JSON has no form for: days as days, bytes as hexadecimal."""
    return value.hex() if isinstance(value, bytes) else str(value)


def _finding(finding: Finding) -> tuple[str, str, str]:
    return finding.fault.value, finding.where, finding.what
