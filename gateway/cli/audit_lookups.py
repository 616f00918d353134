"""`gateway audit lookups|sample`: the officers' own looks, and a random sample of disclosures for an audit."""

from datetime import datetime
from pathlib import Path

import click

from gateway.cli import register_forms, report_forms
from gateway.cli.opening import opened
from gateway.cli.person import case
from gateway.cli.showing import as_json, show_json
from gateway.services.assurance.audit_sample import MOST_EACH, draw_again, draw_sample
from gateway.services.assurance.sample_report import sample_report
from gateway.services.audit.audit_lookups import audit_lookups
from gateway.services.registers.register_agreements import made_by
from gateway.services.registers.register_uses import Period

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("lookups")
@click.option("--from", "first", type=_DAY, required=True, help="The first London day.")
@click.option("--to", "last", type=_DAY, required=True, help="The last London day.")
@register_forms.form
@as_json
@click.pass_obj
def lookups(config: Path | None, first: datetime, last: datetime, form: str, as_json: bool) -> None:
    """Show who looked at evidence: when, about whom (as the beginning of a reference), why, under which case."""
    with opened(config) as workplace:
        found = audit_lookups(workplace, Period(first.date(), last.date()))
    register_forms.show_register(found, form, as_json=as_json)


@click.command("sample")
@click.option("--from", "first", type=_DAY, help="The first London day of lists.")
@click.option("--to", "last", type=_DAY, help="The last London day of lists.")
@click.option("--each", type=click.IntRange(1, MOST_EACH), default=3, show_default=True, help="Of each stratum.")
@click.option("--seed", "words", help="Anything; what is kept of it is a hash. Without it the seed is drawn.")
@click.option(
    "--again", type=click.IntRange(1), help="Draw the sample again that was entered at this place of the log."
)
@case
@report_forms.form
@as_json
@click.pass_obj
def sample(
    config: Path | None,
    first: datetime | None,
    last: datetime | None,
    each: int,
    words: str | None,
    again: int | None,
    case: str,
    form: str,
    as_json: bool,
) -> None:
    """Draw disclosures at random by agreement, part and state, with the evidence and the proof of each."""
    if again is None and (first is None or last is None):
        raise click.UsageError("a new sample needs --from and --to")
    with opened(config) as workplace:
        if again is not None:
            found = draw_again(workplace, again, case_reference=case)
        elif first is not None and last is not None:
            period = Period(first.date(), last.date())
            found = draw_sample(workplace, period, each=each, words=words, case_reference=case)
        report = sample_report(found, made_by(workplace))
    if as_json:
        show_json(found)
    else:
        report_forms.show_report(report, form)


COMMANDS = (lookups, sample)
