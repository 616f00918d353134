"""`gateway subjects correct` and `told`: notices to every recipient of a person, and the certificate of Article 19."""

from collections.abc import Sequence
from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.person import asked_for, by, case, person
from gateway.cli.showing import as_json, say, show_json, show_table
from gateway.cli.writing import write_new_files
from gateway.services.rights.tell_recipients import Told, certificate_of_notices, tell_recipients


@click.command("correct")
@person
@by
@case
@click.option("--withdraw", is_flag=True, help="Take the person back from everybody, whether still on the list or not.")
@as_json
@click.pass_obj
def correct(
    config: Path | None,
    person: str,  # noqa: ARG001 - `-` alone
    kind: str,
    case: str,
    *,
    withdraw: bool,
    as_json: bool,
) -> None:
    """Make a notice for every recipient who ever got a person: today's agreed fields, or to delete what they hold.

    Whoever is no longer on the list is taken back, whatever the reason. The notices go as lists go.
    """
    with opened(config) as workplace:
        told = tell_recipients(workplace, asked_for(workplace, kind), case=case, withdraw=withdraw)
    _show(told, as_json=as_json)
    if not as_json:
        say(f"Next: the service delivers them; gateway subjects told --case {case}")


@click.command("told")
@case
@click.option("--out", type=click.Path(path_type=Path), help="A new folder for the certificate and its signature.")
@as_json
@click.pass_obj
def told(config: Path | None, case: str, out: Path | None, as_json: bool) -> None:
    """Certify, recipient by recipient, who was told of a correction or withdrawal, when, and why not."""
    with opened(config) as workplace:
        signed = certificate_of_notices(workplace, case)
    if out is not None:
        write_new_files(out, {"article-19.json": signed.document, "article-19.json.asc": signed.signature})
    _show(signed.recipients, as_json=as_json)


def _show(told: Sequence[Told], *, as_json: bool) -> None:
    if as_json:
        show_json(told)
        return
    headings = ("agreement", "recipient", "told at", "notice", "corrected", "taken back", "state", "receipt", "why not")
    rows = [
        (
            *(each.agreement_id, each.partner, each.told_at, each.notice or "-", each.corrected, each.taken_back),
            *(each.state or "-", each.received_at or "-", each.reason or "-"),
        )
        for each in told
    ]
    show_table(headings, rows)
    say("As recorded under UK GDPR Article 19." if told else "Nobody was told anything under that case.")
