"""`gateway audit breach`: what a list, key, server or recipient ever carried, with a draft for the notification."""

from datetime import datetime
from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.person import case
from gateway.cli.report_forms import form, show_report
from gateway.cli.showing import as_json, show_json
from gateway.model.time import LONDON
from gateway.services.breach.audit_breach import audit_breach
from gateway.services.breach.breach_report import breach_report
from gateway.services.breach.breach_scope import BreachQuestion
from gateway.services.registers.register_agreements import made_by

_DAY = click.DateTime(["%Y-%m-%d"])
_MINUTE = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])


@click.command("breach")
@click.option("--list", "list_reference", help="A list's reference.")
@click.option("--key", help="The full fingerprint of any key, of ours or of a recipient.")
@click.option("--host", help="A recipient's server, or SHA256:... of the key that it showed.")
@click.option("--partner", help="A recipient's name.")
@click.option("--from", "first", type=_DAY, help="The first London day of lists.")
@click.option("--to", "last", type=_DAY, help="The last London day of lists.")
@click.option("--noticed-at", type=_MINUTE, help="When the council noticed, London time: 2026-11-22T09:15.")
@case
@form
@as_json
@click.pass_obj
def breach(
    config: Path | None,
    list_reference: str | None,
    key: str | None,
    host: str | None,
    partner: str | None,
    first: datetime | None,
    last: datetime | None,
    noticed_at: datetime | None,
    case: str,
    form: str,
    as_json: bool,
) -> None:
    """Count the people on lists in question, and draft the facts of a notification. The question is recorded."""
    question = BreachQuestion.about(
        list_reference=list_reference,
        key=key,
        host=host,
        partner=partner,
        first=first.date() if first else None,
        last=last.date() if last else None,
    )
    # Of an hour that comes twice the first one counts: the 72 hours then end no later than they should.
    noticed = noticed_at.replace(tzinfo=LONDON, fold=0) if noticed_at else None
    with opened(config) as workplace:
        facts = audit_breach(workplace, question, case_reference=case, noticed_at=noticed)
        report = breach_report(facts, made_by(workplace))
    if as_json:
        show_json(facts)
    else:
        show_report(report, form)


COMMANDS = (breach,)
