"""`gateway reconcile queue` and `decide`: what waits for a person, side by side, and what they say of it."""

from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.person import case
from gateway.cli.showing import as_json, say, show_json, show_table
from gateway.cli.writing import make_ready, write_beside
from gateway.model.linkage import Verdict, Veto, WhyQueued
from gateway.model.reconciliation import Side, VerdictReason
from gateway.services.reconciliation import waterfall
from gateway.services.reconciliation.decide import Said, decide
from gateway.services.reconciliation.queue import Shown, SideBySide, Waiting, show_row, waiting_rows
from gateway.services.reconciliation.search_cohort import FOUND_IN_COHORT, search_waiting

_ROW = click.IntRange(min=1)
_SIDES = {Side.DISCLOSED: "your lists", Side.COHORT: "the cohort"}
_WHY = {
    WhyQueued.REFERENCE_CONTRADICTED: "date of birth and surname contradict our reference",
    WhyQueued.POINTS_TO_TWO: "our reference is one person's, the number another's",
    WhyQueued.VETOED: "alike, and something speaks against it",
    WhyQueued.NOT_AHEAD: "fits another nearly as well",
    WhyQueued.NOT_SURE_ENOUGH: "possible, not sure enough",
    WhyQueued.UNDECIDED: "looked at, not decided",
    FOUND_IN_COHORT: "somebody of the cohort, never told of",
}
_VETOES = {
    Veto.BORN_CONTRADICTS: "the dates of birth contradict each other",
    Veto.NINO_CONTRADICTS: "the numbers contradict each other",
    Veto.NO_IDENTIFIER_AGREES: "neither the number nor the date of birth agrees",
    Veto.FORENAME_DIFFERS: "another forename: a twin, or a brother or sister",
    Veto.SURNAME_AND_ADDRESS_DIFFER: "no number, and surname and address differ",
}


@click.command("queue")
@click.argument("reference", required=False)
@click.argument("row", required=False, type=_ROW)
@click.option("--svg", type=click.Path(path_type=Path, file_okay=False), help="Folder for a drawing of each person's.")
@click.option("--search", is_flag=True, help="First hold what is on no list against the whole cohort: data officers.")
@as_json
@click.pass_obj
def queue(
    config: Path | None, reference: str | None, row: int | None, svg: Path | None, search: bool, as_json: bool
) -> None:
    """Say what waits to be looked at; with REFERENCE and ROW, show one row beside whom it may be."""
    if (reference is None) != (row is None):
        raise click.UsageError("name both the reference and the row, or neither")
    if svg:
        make_ready(svg)
    with opened(config) as workplace:
        if search:
            search_waiting(workplace)
        if reference is None or row is None:
            _list(waiting_rows(workplace), as_json=as_json)
            return
        shown = show_row(workplace, reference, row)
    if svg:
        _draw(svg, shown)
    if as_json:
        show_json(_document(shown))
        return
    _show(shown)


@click.command("decide")
@click.argument("reference")
@click.argument("row", type=_ROW)
@click.argument("person", type=_ROW)
@click.argument("verdict", type=click.Choice([each.value for each in Verdict]))
@click.option("--reason", required=True, type=click.Choice([each.value for each in VerdictReason]))
@case
@as_json
@click.pass_obj
def decide_row(
    config: Path | None,
    reference: str,
    row: int,
    person: int,
    verdict: str,
    reason: str,
    case: str,
    as_json: bool,
) -> None:
    """Say of a row and one of the people shown beside it, by their number there, whether they are the same."""
    with opened(config) as workplace:
        said = Said(reference, row, person, Verdict(verdict), VerdictReason(reason), case)
        decided = decide(workplace, said)
    if as_json:
        show_json(decided)
        return
    if decided.second_after:
        say("Kept. A second person has to say so too before it counts.")
        return
    say(f"Kept: {decided.verdict.value}. It holds in later lists while the details of both are the same.")


def _list(rows: list[Waiting], *, as_json: bool) -> None:
    if as_json:
        show_json(rows)
        return
    show_table(
        ("list", "row", "office", "against", "why", "people", "days", "second after"),
        [(w.reference, w.row, w.office, _SIDES[w.side], _why(w.why), w.people, w.days, w.second_after) for w in rows],
    )
    say("Next: gateway reconcile queue LIST ROW" if rows else "Nothing waits.")


def _why(why: str) -> str:
    return _WHY.get(why, why)


def _show(shown: SideBySide) -> None:
    say(f"{shown.reference} row {shown.row}: {_why(shown.why)}")
    for each in shown.shown:
        click.echo(f"\nPerson {each.number}" + (f" (so far: {each.verdict.value})" if each.verdict else ""))
        lines = [(waterfall.NAMES[c.name], c.row, c.person, c.words) for c in each.compared]
        show_table(("", "their list", "our record", "how they agree"), lines)
        if each.others is not None:
            click.echo(f"Others in the family: {each.others}")
        if each.takes_two:
            click.echo(
                f"Takes two people, because: {'; '.join(_VETOES.get(veto, veto) for veto in each.candidate.vetoes)}"
            )
        click.echo()
        click.echo(waterfall.as_text(each.candidate.evidence))
    say()
    say(f"Next: gateway reconcile decide {shown.reference} {shown.row} PERSON VERDICT --reason REASON --case CASE")


def _draw(folder: Path, shown: SideBySide) -> None:
    for each in shown.shown:
        name = f"{shown.reference}-row-{shown.row}-person-{each.number}.svg"
        write_beside(folder, name, waterfall.as_svg(each.candidate.evidence).encode())


def _document(shown: SideBySide) -> dict[str, object]:
    return {
        "reconciliation": shown.reference,
        "row": shown.row,
        "side": shown.side,
        "why": shown.why,
        "people": [_person(each) for each in shown.shown],
    }


def _person(each: Shown) -> dict[str, object]:
    evidence = each.candidate.evidence
    return {
        "number": each.number,
        "compared": each.compared,
        "verdict": each.verdict,
        "second_after": each.second_after,
        "takes_two": each.takes_two,
        "vetoes": each.candidate.vetoes,
        "prior": evidence.prior,
        "bits": evidence.bits,
        "lead": each.candidate.lead,
        "others_in_family": each.others,
        "model": evidence.model,
    }
