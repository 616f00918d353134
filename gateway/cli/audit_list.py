"""`gateway audit list`: the whole story of one list, for an officer or an auditor."""

from pathlib import Path

import click

from gateway.cli import report_forms
from gateway.cli.opening import opened
from gateway.cli.showing import as_json, show_json
from gateway.services.audit.audit_list import ListStory, audit_list
from gateway.services.audit.list_report import list_report
from gateway.services.registers.register_agreements import made_by


@click.command("list")
@click.argument("reference", metavar="LIST")
@report_forms.form
@as_json
@click.pass_obj
def list_story(config: Path | None, reference: str, form: str, as_json: bool) -> None:
    """Tell of one list how it was decided, where it went and what came back. Nobody is named in it."""
    with opened(config) as workplace:
        story = audit_list(workplace, reference)
        made = made_by(workplace)
    if as_json:
        show_json(_as_data(story))
    else:
        report_forms.show_report(list_report(story, made), form)


def _as_data(story: ListStory) -> dict[str, object]:
    return {
        "reference": story.reference,
        "superseded_by": story.superseded_by,
        "entries": [
            {"position": each.position, "at": each.at, "actor": each.actor, "event": each.event, "body": each.body}
            for each in story.entries
        ],
    }


COMMANDS = (list_story,)
