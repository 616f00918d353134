"""A manifest for tests: sound and ordinary, each test changes the one thing it is about."""

from dataclasses import replace
from datetime import date

from gateway.model.agreement import FileFormat
from gateway.sealing.manifest import ManifestFacts, checkpoint_lines

NOTE = "county.example/log\n12\nAAAA\n\n\N{EM DASH} county.example/log BBBB\n"


def a_manifest(**changed: object) -> ManifestFacts:
    facts = ManifestFacts(
        controller="Invented County Council",
        recipient="Jobcentre Plus",
        agreement_id="jobcentre-plus-supporting-families",
        agreement_version=3,
        statement_hash="ab" * 32,
        list_reference="JCP-2026-11-22-cambridge",
        window="2026-11-22",
        part="cambridge",
        supersedes=None,
        people=3180,
        fields=("record_ref", "surname"),
        file_format=FileFormat.CSV,
        package_name="jobcentre-plus_2026-11-22_cambridge_abababababab.csv.pgp",
        package_sha256="cd" * 32,
        package_bytes=183000,
        signing_key="A" * 40,
        encryption_key="B" * 40,
        destroy_by=date(2026, 12, 20),
        contact="early.help@county.example",
        checkpoint=checkpoint_lines(NOTE),
    )
    return replace(facts, **changed)  # type: ignore[arg-type]
