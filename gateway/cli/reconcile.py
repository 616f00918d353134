"""`gateway reconcile`: answer a Jobcentre's list, look at what is doubtful, decide it, and report."""

import click

from gateway.cli.later import Later

COMMANDS = {
    "run": ("gateway.cli.reconcile_run", "run", "Answer one list, and write its worksheet to a folder."),
    "watch": ("gateway.cli.reconcile_watch", "watch", "Answer what is put into the offices' folders."),
    "columns": ("gateway.cli.reconcile_columns", "columns", "Say what an office's columns mean, once."),
    "queue": ("gateway.cli.reconcile_queue", "queue", "What waits to be looked at; one row side by side."),
    "decide": ("gateway.cli.reconcile_queue", "decide_row", "Say whether a row and a person are the same."),
    "report": ("gateway.cli.reconcile_report", "report", "Counts for the meeting; what the hub is to mend."),
}


@click.group("reconcile", cls=Later, later=COMMANDS)
def command() -> None:
    """Hold a Jobcentre's list of claimants against what it was told, and say who their lead professional is."""
