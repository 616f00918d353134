"""`gateway disclose`: run what is due, see where each list stands, release held lists, stop everything."""

import click

from gateway.cli.later import Later

COMMANDS = {
    "run": ("gateway.cli.disclose_run", "run", "Make the lists that are due; sending is `deliver resume`."),
    "due": ("gateway.cli.disclose_status", "due", "Say what is due now, and what is in its way."),
    "status": ("gateway.cli.disclose_status", "status", "Say where each list stands, and what to do about the rest."),
    "release": ("gateway.cli.disclose_release", "release", "Let a withheld list go; it takes an approver."),
    "stop": ("gateway.cli.disclose_release", "stop", "Stop every disclosure now; one person is enough."),
    "start": ("gateway.cli.disclose_release", "start", "Let disclosures go on after a stop; it takes an approver."),
    "attest": ("gateway.cli.disclose_attest", "attest", "Say what the recipient's desk holds of uncertain lists."),
    "settle": ("gateway.cli.disclose_settle", "settle", "Say what a restored database lost, and settle it."),
    "not-share": ("gateway.cli.disclose_decline", "not_share", "Record a decision not to share."),
    "handed-over": ("gateway.cli.disclose_handover", "handed_over", "Record a list that was handed over another way."),
    "handovers": ("gateway.cli.disclose_handover", "handovers", "Say which lists were handed over another way."),
    "recall": ("gateway.cli.disclose_recall", "recall", "Take back a delivered list, or record the recall."),
}


@click.group("disclose", cls=Later, later=COMMANDS)
def command() -> None:
    """Run what is due; see where each list stands; release held lists; stop everything."""
