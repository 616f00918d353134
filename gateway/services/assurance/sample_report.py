"""Write an audit sample for reading: the strata, the rows that were drawn, and what to hold them against.

The proofs themselves are for programs and stand in the JSON document. Pure.
"""

from gateway.documents.report import Grid, Part, Report
from gateway.services.assurance.audit_sample import Sample


def sample_report(sample: Sample, made: str) -> Report:
    """Return the sample as a report."""
    draw = sample.draw
    return Report(
        title="Random sample of disclosures",
        lead=f"{len(sample.rows):,} disclosures for the days {draw.period.in_words}: up to {draw.each} of each "
        "agreement, part and state.",
        made=made,
        parts=(
            Part(
                "How it was drawn",
                ("Whoever draws with this seed from the log of this size draws the same rows.",),
                (
                    ("Seed", draw.seed),
                    ("Entries in the log then", draw.size),
                    ("Log", sample.origin),
                    ("Digest of what was drawn", sample.digest),
                ),
            ),
            Part("Strata", grids=(_strata(sample),)),
            Part("Rows", grids=(_rows(sample),)),
            Part(
                "What to hold a row against",
                items=(
                    "The list: `gateway audit uses` has its package hash, state and receipt.",
                    "The proof: `--json` has a document for each row, for the stand-alone verifier.",
                    "The decision: an officer asks `gateway audit person` under a case of their own.",
                ),
            ),
        ),
    )


def _strata(sample: Sample) -> Grid:
    return Grid(
        "Strata",
        ("agreement", "part", "state", "lists", "disclosures", "drawn"),
        tuple((s.agreement_id, s.part, s.state, s.lists, s.disclosures, s.drawn) for s in sample.strata),
    )


def _rows(sample: Sample) -> Grid:
    return Grid(
        "Rows",
        ("list", "position", "reference", "fields", "line kept", "evidence"),
        tuple(
            (
                row.list_reference,
                row.position,
                row.subject_ref[:8] if row.subject_ref else "purged",
                len(row.fields),
                "yes" if row.is_line_kept else "no",
                "proven" if row.proof else "purged",
            )
            for row in sample.rows
        ),
    )
