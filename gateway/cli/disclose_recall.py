"""`gateway disclose recall`: take back a delivered list, or record that its desk destroyed it."""

from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.showing import as_json, say, show_json
from gateway.errors import ExitCode
from gateway.services.disclosure.recall_lists import Found, Recalled, RecallReason, recall_list, record_destroyed


@click.command("recall")
@click.argument("reference")
@click.option("--reason", type=click.Choice([reason.value for reason in RecallReason]), help="Why it is recalled.")
@click.option("--case", help="The case reference.")
@click.option("--destroyed", is_flag=True, help="Record that the desk says it destroyed what it had taken.")
@as_json
@click.pass_obj
def recall(
    config: Path | None, reference: str, reason: str | None, case: str | None, destroyed: bool, as_json: bool
) -> int:
    """Take back a delivered list where the desk has not taken it; where it has, record the recall."""
    if case is None or (reason is None) != destroyed:
        raise click.UsageError(
            "--reason and --case say why it is recalled, and where the papers are; --destroyed takes --case alone"
        )
    with opened(config) as workplace:
        if reason is None:
            recalled = record_destroyed(workplace, reference, case)
        else:
            recalled = recall_list(workplace, reference, RecallReason(reason), case)
    if as_json:
        show_json({"list": reference, "found": recalled.found, "failure": _code_of(recalled)})
    elif recalled.failure:
        say(f"{reference} is recalled, and its files are not taken back: {recalled.failure}.")
        say(f"Ask the desk by phone to destroy it. Next: the same command again, once this is mended: {_way(recalled)}")
    elif recalled.found:
        say(f"{reference} is recalled. {_FOUND[recalled.found]}")
    return recalled.failure.exit_code if recalled.failure else ExitCode.DONE


def _way(recalled: Recalled) -> str:
    return recalled.failure.advice() if recalled.failure else ""


def _code_of(recalled: Recalled) -> str | None:
    return recalled.failure.code if recalled.failure else None


_FOUND = {
    Found.REMOVED: "Its files were still there, and are removed.",
    Found.GONE: "Its package is not at the recipient's server: the desk took it. Ask them by phone to destroy it.",
    Found.LEFT: "What stands under its name is not what we sent, or may not be read, and was left: ask their IT.",
    Found.TAKEN: "The desk had answered that it has it. Ask them by phone to destroy it.",
    Found.NO_COPY: "Our copy was removed at its term, so what stands under its name cannot be compared, and is left."
    " Ask the desk by phone to destroy it.",
    Found.DESTROYED: "The desk says that it destroyed it: that is on record, as what they say.",
}
