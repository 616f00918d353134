"""`gateway reconcile columns`: what the columns of an office's list seem to mean, confirmed by whoever looks at it."""

import sys
from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.showing import as_json, say, show_json, show_table
from gateway.errors import ReconciliationWithheld
from gateway.model.officers import Action
from gateway.model.work_coach_list import Column, DateOrder
from gateway.services.reconciliation.columns import confirm_columns
from gateway.sources.work_coach_list.propose import Proposal, confirmed, propose
from gateway.sources.work_coach_list.read import bytes_of

_IGNORE = "ignore"
_MEANINGS = [*(each.value for each in Column), _IGNORE]


@click.command("columns")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, readable=False))
@click.option("--office", required=True, help="The Jobcentre whose list it is.")
@click.option("--set", "choices", multiple=True, metavar="HEADING=MEANING", help=f"MEANING: {', '.join(_MEANINGS)}.")
@click.option(
    "--dates", type=click.Choice([each.value for each in DateOrder]), help="The order of dates that are text."
)
@click.option("--password", type=click.Choice(["-"]), help="Of a protected workbook: - reads standard input.")
@click.option("--yes", is_flag=True, help="Confirm without being asked.")
@as_json
@click.pass_obj
def columns(
    config: Path | None,
    file: Path,
    office: str,
    choices: tuple[str, ...],
    dates: str | None,
    password: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Show what an office's columns seem to mean, and keep it once somebody says that it is so."""
    chosen = dict(_choice(each) for each in choices)
    with opened(config) as workplace:
        workplace.actor.require_office(Action.CONFIRM_COLUMNS, office)
        proposal = propose(bytes_of(file), password=sys.stdin.readline().rstrip("\n") if password else None)
        if not as_json:
            _show(proposal, chosen)
        profile = confirmed(proposal, office, chosen, DateOrder(dates) if dates else None)
        if not yes and not (sys.stdin.isatty() and click.confirm("Is it so?", err=True)):
            if as_json:
                show_json(_document(proposal, chosen) | {"confirmed": None})
            raise ReconciliationWithheld(
                "nothing was kept: nobody said that it is so",
                advice="Look at what is proposed; then the same command with --yes, and --set for what is otherwise.",
            )
        digest = confirm_columns(workplace, profile)
    if as_json:
        show_json(_document(proposal, chosen) | {"confirmed": digest})
        return
    say(f"The columns of {office} are kept. Next: gateway reconcile run FILE --office {office} --out FOLDER")


def _choice(text: str) -> tuple[str, Column | None]:
    heading, between, meaning = text.rpartition("=")
    if not between or meaning not in _MEANINGS:
        raise click.UsageError(f"--set takes HEADING=MEANING, and MEANING is one of {', '.join(_MEANINGS)}")
    return heading, None if meaning == _IGNORE else Column(meaning)


def _show(proposal: Proposal, chosen: dict[str, Column | None]) -> None:
    rows = []
    for each in proposal.columns:
        meaning = chosen.get(each.heading, each.column)
        doubt = "as you say" if each.heading in chosen else each.doubt or ""
        rows.append((each.heading, meaning.value if meaning else "not read", doubt))
    show_table(("heading", "means", "look at it because"), rows)
    say(f"{proposal.rows} rows; dates {proposal.date_order.value}; hidden sheets: {proposal.hidden_sheets}.")
    if proposal.missing:
        say(f"Not there: {', '.join(each.value for each in proposal.missing)}. Fewer people will be found without.")
    if proposal.month_first:
        say(f"{proposal.month_first} dates can only be month first: such a list is refused. Ask for ISO dates.")


def _document(proposal: Proposal, chosen: dict[str, Column | None]) -> dict[str, object]:
    return {
        "columns": [
            {"heading": each.heading, "means": chosen.get(each.heading, each.column), "doubt": each.doubt}
            for each in proposal.columns
        ],
        "dates": proposal.date_order,
        "month_first": proposal.month_first,
        "missing": proposal.missing,
        "rows": proposal.rows,
        "hidden_sheets": proposal.hidden_sheets,
    }
