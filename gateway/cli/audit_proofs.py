"""`gateway audit proof|bundle`: what somebody without the gateway can check."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.person import asked_for, by
from gateway.cli.showing import as_json, count, say, show_json
from gateway.cli.writing import new_file, require_new
from gateway.errors import ExitCode
from gateway.services.audit.audit_bundle import Bundled, bundle_list, bundle_period
from gateway.services.audit.audit_person import Question, ReadReason
from gateway.services.audit.audit_proof import prove_entry, prove_growth, prove_person, prove_row
from gateway.services.registers.register_uses import Period
from gateway.services.workplace import Workplace

_DAY = click.DateTime(["%Y-%m-%d"])
_TO_CHECK = "To check it without the gateway: docs/how-to/verify-without-the-gateway.md"


@click.command("proof")
@click.option("--list", "reference", help="The list of a disclosure.")
@click.option("--position", type=click.IntRange(1), help="With --list: the row.")
@click.option("--person", type=click.Choice(["-"]), help="With --list: whose row; - reads standard input.")
@by
@click.option("--reason", type=click.Choice([reason.value for reason in ReadReason]), help="With --person: why.")
@click.option("--case", "case", help="With --person: the case reference.")
@click.option("--entry", type=click.IntRange(1), help="An entry of the log, by its position.")
@click.option("--consistency", type=click.IntRange(0), help="That the log only grew since the checkpoint of this size.")
@as_json
@click.pass_obj
def proof(
    config: Path | None,
    reference: str | None,
    position: int | None,
    person: str | None,
    kind: str,
    reason: str | None,
    case: str | None,
    entry: int | None,
    consistency: int | None,
    as_json: bool,  # noqa: ARG001 - it is one in any case
) -> None:
    """Prove one disclosure, one entry, or that the log only grew: one JSON document that shows nobody else."""
    chosen = [each for each in (position, person, entry, consistency) if each is not None]
    if len(chosen) != 1 or (reference is None) != (position is None and person is None):
        raise click.UsageError("give --list with --position or --person, or else --entry, or --consistency")
    with opened(config) as workplace:
        if reference is not None and position is not None:
            made = prove_row(workplace, reference, position)
        elif reference is not None:
            made = _of_person(workplace, reference, kind, reason, case)
        elif entry is not None:
            made = prove_entry(workplace, entry)
        else:
            made = prove_growth(workplace, consistency or 0)
    click.echo(json.dumps(made, indent=2, ensure_ascii=False))
    say(_TO_CHECK)


def _of_person(
    workplace: Workplace, reference: str, kind: str, reason: str | None, case: str | None
) -> dict[str, object]:
    if reason is None or case is None:
        raise click.UsageError("--person goes with --reason and --case")
    question = Question(*asked_for(workplace, kind))
    return prove_person(workplace, reference, question, reason=reason, case_reference=case)


@click.command("bundle")
@click.argument("reference", metavar="LIST", required=False)
@click.option("--from", "first", type=_DAY, help="The first London day of lists.")
@click.option("--to", "last", type=_DAY, help="The last London day of lists.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="A new file.")
@as_json
@click.pass_obj
def bundle(
    config: Path | None,
    reference: str | None,
    first: datetime | None,
    last: datetime | None,
    out: Path,
    as_json: bool,
) -> int:
    """Write lists with every row, their entries and the log, for checking elsewhere. Nobody is named in it."""
    write = _bundler(reference, first, last)
    require_new(out)
    with opened(config) as workplace, new_file(out) as file:
        bundled = write(workplace, file.write)
    if as_json:
        show_json(bundled)
    say(f"{count(len(bundled.lists))} lists, {count(bundled.rows)} rows, {count(bundled.size)} entries of the log.")
    if bundled.damaged:
        say(f"NOT as they were sealed: {', '.join(bundled.damaged)}. Next: gateway audit verify")
    say(_TO_CHECK)
    return ExitCode.INTEGRITY if bundled.damaged else ExitCode.DONE


def _bundler(
    reference: str | None, first: datetime | None, last: datetime | None
) -> Callable[[Workplace, Callable[[bytes], object]], Bundled]:
    if reference is not None and first is None and last is None:
        return lambda workplace, write: bundle_list(workplace, reference, write)
    if reference is None and first is not None and last is not None:
        period = Period(first.date(), last.date())
        return lambda workplace, write: bundle_period(workplace, period, write)
    raise click.UsageError("give the reference of a list, or --from and --to")


COMMANDS = (proof, bundle)
