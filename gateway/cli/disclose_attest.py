"""`gateway disclose attest`: say what the recipient's desk holds, or whether a list was handed over as recorded."""

from pathlib import Path

import click

from gateway.cli.disclose_handover import HANDED_OVER, confirm
from gateway.cli.opening import opened
from gateway.cli.showing import say
from gateway.model.delivery import ListState
from gateway.services.disclosure.attest_handover import is_handover
from gateway.services.disclosure.attest_lists import Holding, attest_list


@click.command("attest")
@click.argument("references", nargs=-1, required=True)
@click.option("--as", "holding", required=True, type=click.Choice([*(each.value for each in Holding), *HANDED_OVER]))
@click.option("--case", required=True, help="The case reference.")
@click.pass_obj
def attest(config: Path | None, references: tuple[str, ...], holding: str, case: str) -> None:
    """Say what the recipient's desk holds of uncertain lists, or whether lists were handed over as recorded.

    It takes an approver who did not run the lists, or did not record them.
    """
    for reference in references:
        if is_handover(reference) != (holding in HANDED_OVER):
            raise click.UsageError(f"{reference} is not attested as {holding}: --help says what there is")
    for reference in references:
        if is_handover(reference):
            confirm(config, reference, holding, case)
        else:
            _attest_list(config, reference, Holding(holding), case)


def _attest_list(config: Path | None, reference: str, holding: Holding, case: str) -> None:
    with opened(config) as workplace:
        state = attest_list(workplace, reference, holding, case)
    say(f"{reference} is {state.value}, as attested. {_ATTESTED[state]}")


_ATTESTED = {
    ListState.VERIFIED: "It is never sent again; the next window makes a new list.",
    ListState.FAILED: "It is never sent again; the next window makes a new list.",
    ListState.PLANNED: "Its window is free: it is run if the agreement still catches it up.",
}
