"""`gateway audit register|ropa|uses|figures`: the registers, made from what the gateway holds and never typed again."""

from datetime import datetime
from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.register_forms import as_json, form, show_register
from gateway.services.registers.register_agreements import agreement_register, dea_register, processing_register
from gateway.services.registers.register_uses import Period, uses_register
from gateway.services.registers.transparency import transparency_figures

_DAY = click.DateTime(["%Y-%m-%d"])
_LAYOUTS = {"agreements": agreement_register, "dea": dea_register}


@click.command("register")
@click.option("--format", "layout", type=click.Choice(list(_LAYOUTS)), default="agreements", show_default=True)
@form
@as_json
@click.pass_obj
def register(config: Path | None, layout: str, form: str, as_json: bool) -> None:
    """Show the register of agreements, red, amber or green; or the Digital Economy Act register's eighteen fields."""
    with opened(config) as workplace:
        found = _LAYOUTS[layout](workplace)
    show_register(found, form, as_json=as_json)


@click.command("ropa")
@form
@as_json
@click.pass_obj
def ropa(config: Path | None, form: str, as_json: bool) -> None:
    """Show the record of processing: UK GDPR Article 30(1) with the columns of DPA 2018 Schedule 1 paragraph 41."""
    with opened(config) as workplace:
        found = processing_register(workplace)
    show_register(found, form, as_json=as_json)


@click.command("uses")
@click.option("--from", "first", type=_DAY, required=True, help="The first London day.")
@click.option("--to", "last", type=_DAY, required=True, help="The last London day.")
@click.option("--publish", is_flag=True, help="For the public: fewer than five people are not counted out.")
@form
@as_json
@click.pass_obj
def uses(config: Path | None, first: datetime, last: datetime, publish: bool, form: str, as_json: bool) -> None:
    """Show every file that was released: to whom, what for, how many people, its hash, state and receipt."""
    with opened(config) as workplace:
        found = uses_register(workplace, Period(first.date(), last.date()), publish=publish)
    show_register(found, form, as_json=as_json)


@click.command("figures")
@click.option("--year", type=click.IntRange(2000, 2999), required=True)
@form
@as_json
@click.pass_obj
def figures(config: Path | None, year: int, form: str, as_json: bool) -> None:
    """Show the yearly figures for the public, by recipient and purpose; fewer than five people are not counted out."""
    with opened(config) as workplace:
        found = transparency_figures(workplace, year)
    show_register(found, form, as_json=as_json)


COMMANDS = (register, ropa, uses, figures)
