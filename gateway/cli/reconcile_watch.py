"""`gateway reconcile watch`: answer what is put into the offices' folders, until Ctrl-C."""

import time
from pathlib import Path

import click

from gateway.cli.opening import opened
from gateway.cli.reconcile_forms import agreement, as_document
from gateway.cli.showing import as_json, say, show_json
from gateway.errors import StoreError
from gateway.model.officers import Action
from gateway.services.reconciliation.offices import agreement_for_lists
from gateway.services.reconciliation.search_cohort import Searched, search_waiting
from gateway.services.reconciliation.watch_folders import Seen, answer_folders

#: So many rounds in a row may find no database, with longer and longer waits in seconds between them.
_PATIENCE, _DOUBLINGS, _LONGEST_WAIT = 28, 8, 300


@click.command("watch")
@agreement
@click.option("--once", is_flag=True, help="Answer what is there, and end.")
@click.option("--every", "seconds", default=20, show_default=True, type=click.IntRange(1, 3600), help="Seconds.")
@as_json
@click.pass_obj
def watch(config: Path | None, agreement: str | None, once: bool, seconds: int, as_json: bool) -> None:
    """Answer the files that are put into an office's folder, each with its worksheet beside it, until Ctrl-C.

    While the database is held by others or away, it waits and says so; after some two hours it ends.
    """
    failed = 0
    while True:
        try:
            seen, searched = _round(config, agreement)
        except StoreError as error:
            failed += 1
            if once or not _may_pass(error) or failed > _PATIENCE:
                raise
            wait = min(seconds * 2 ** min(failed - 1, _DOUBLINGS), _LONGEST_WAIT)
            say(f"{error}. Tried again in {wait} seconds ({failed} of {_PATIENCE}).")
            time.sleep(wait)
            continue
        failed = 0
        if as_json and (once or seen):
            show_json({"files": [_seen(each) for each in seen], "searched": searched})
        elif not as_json:
            _tell(seen)
        if once:
            if not seen:
                say("Nothing waits in the folders.")
            return
        time.sleep(seconds)


def _round(config: Path | None, agreement: str | None) -> tuple[list[Seen], list[Searched]]:
    """Answer what lies there. Each round opens its own workplace: a setting that changed is seen at once."""
    with opened(config) as workplace:
        seen = answer_folders(workplace, agreement_for_lists(workplace, agreement))
        searched = search_waiting(workplace) if workplace.actor.may(Action.SEARCH_COHORT) else []
    return seen, searched


def _may_pass(error: StoreError) -> bool:
    """Say whether waiting helps: the database is held, away, or without room; never where it is not whole."""
    return error.retryable or type(error) is StoreError


def _seen(each: Seen) -> dict[str, object]:
    answered = as_document(each.answered) if each.answered else None
    return {"office": each.office, "file": str(each.file), "code": each.code, "answered": answered}


def _tell(seen: list[Seen]) -> None:
    for each in seen:
        what = each.answered.reference if each.answered else f"not answered ({each.code})"
        say(f"{each.office}: {what}")
