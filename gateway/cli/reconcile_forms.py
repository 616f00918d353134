"""What the commands about work-coach lists share: the agreement's option, and how an answer is shown."""

import click

from gateway.services.reconciliation.reconcile_list import Reconciled

agreement = click.option("--agreement", help="The agreement; else the one whose lists are split by Jobcentre.")


def as_document(made: Reconciled) -> dict[str, object]:
    """Return an answer as a document."""
    return {
        "reconciliation": made.reference,
        "agreement": made.agreement_id,
        "office": made.office,
        "counts": made.counts,
        "low_share": made.low_share,
        "since": made.since,
        "encoding": made.encoding,
        "hidden_sheets": made.hidden_sheets,
        "answer_sha256": made.worksheet.sha256,
    }
