"""`gateway subjects forget` and what belongs to it: one officer asks, another confirms, and a certificate says what."""

from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.person import asked_for, by, case, person
from gateway.cli.showing import as_json, count, say, show_json, show_table
from gateway.cli.writing import write_new_files
from gateway.errors import ExitCode
from gateway.model.forgetting import ForgetReason, ForgetState, UntoldReason
from gateway.services.rights.forget_again import forget_again
from gateway.services.rights.forget_certificate import forget_certificate
from gateway.services.rights.forget_subjects import ask_forget, confirm_forget, list_forgets, refuse_forget
from gateway.store.forgets import Forget

_NEXT = {
    ForgetState.ASKED: "gateway subjects confirm-forget {}",
    ForgetState.ERASED: "gateway subjects confirm-forget {}",
    ForgetState.FORGOTTEN: "gateway subjects certificate {}",
    ForgetState.REFUSED: "-",
}


@click.command("forget")
@person
@by
@click.option("--reason", required=True, type=click.Choice([reason.value for reason in ForgetReason]))
@case
@click.option(
    "--hold-back",
    is_flag=True,
    help="They stay in the county's source: retain a keyed tombstone, so that they are never disclosed again.",
)
@click.option(
    "--untold",
    type=click.Choice([reason.value for reason in UntoldReason]),
    help="Why recipients who still hold them are not told; without it, all must have been.",
)
@as_json
@click.pass_obj
def forget(
    config: Path | None,
    person: str,  # noqa: ARG001 - `-` alone
    kind: str,
    reason: str,
    case: str,
    *,
    hold_back: bool,
    untold: str | None,
    as_json: bool,
) -> int:
    """Ask that a person be forgotten. Nothing is deleted until another officer confirms it."""
    with opened(config) as workplace:
        asked = ask_forget(
            workplace,
            asked_for(workplace, kind),
            reason=ForgetReason(reason),
            case_reference=case,
            hold_back=hold_back,
            untold=UntoldReason(untold) if untold else None,
        )
    if as_json:
        show_json(_facts(asked))
    else:
        click.echo(asked.reference)
        say("It waits: an approver who did not ask for it confirms or refuses it.")
        say(f"Next: gateway subjects confirm-forget {asked.reference}")
    return ExitCode.WITHHELD


@click.command("confirm-forget")
@click.argument("reference")
@click.option("--refuse", is_flag=True, help="They are not to be forgotten.")
@as_json
@click.pass_obj
def confirm(config: Path | None, reference: str, *, refuse: bool, as_json: bool) -> None:
    """Forget a person whom another officer asked to be forgotten, for good; or refuse it.

    Extracts that newer ones have replaced are removed with them. What was begun and not finished goes on from there.
    """
    with opened(config) as workplace:
        settled = refuse_forget(workplace, reference) if refuse else confirm_forget(workplace, reference)
    if as_json:
        show_json(_facts(settled))
        return
    say(f"{settled.reference} is {settled.state.value}.")
    if settled.state is ForgetState.FORGOTTEN:
        say(f"Next: gateway subjects certificate {settled.reference}")


@click.command("forgets")
@as_json
@click.pass_obj
def forgets(config: Path | None, as_json: bool) -> None:
    """Show who was to be forgotten, by the case alone, and where each stands."""
    with opened(config) as workplace:
        found = [_facts(each) for each in list_forgets(workplace)]
    if as_json:
        show_json(found)
    else:
        headings = ("reference", "case", "reason", "held back", "state", "asked by", "asked at", "next")
        show_table(headings, [list(each.values()) for each in found])


@click.command("certificate")
@click.argument("reference")
@click.option("--out", type=click.Path(path_type=Path), help="A new folder for the text, the JSON and its signature.")
@as_json
@click.pass_obj
def certificate(config: Path | None, reference: str, out: Path | None, as_json: bool) -> None:
    """Say what was deleted of a person who was forgotten, what remains, and until when backups hold them."""
    with opened(config) as workplace:
        signed = forget_certificate(workplace, reference)
    told = signed.certificate
    if out is not None:
        files = {"txt": told.as_text().encode(), "json": told.as_json(), "json.asc": signed.signature}
        write_new_files(out, {f"{reference}.{form}": content for form, content in files.items()})
    elif as_json:
        show_json(told)
    else:
        click.echo(told.as_text(), nl=False)


@click.command("forget-again")
@as_json
@click.pass_obj
def again(config: Path | None, as_json: bool) -> None:
    """Delete again, out of a restored database, everybody who was forgotten since the backup was made."""
    with opened(config) as workplace:
        done = forget_again(workplace)
    if as_json:
        show_json(done)
    elif done.forgettings:
        say(f"{count(done.forgettings)} forgettings were done again; {count(done.people)} references had come back.")
    else:
        say("Nobody who was forgotten is in this database.")


def _facts(forget: Forget) -> dict[str, object]:
    return {
        "reference": forget.reference,
        "case": forget.case_reference,
        "reason": forget.reason.value,
        "hold_back": forget.hold_back,
        "state": forget.state.value,
        "asked_by": forget.asked_by,
        "asked_at": forget.asked_at,
        "next": _NEXT[forget.state].format(forget.reference),
    }
