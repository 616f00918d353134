"""Write the story of a list for reading: what it is, what was decided and sealed, and every step in its order.

Pure.
"""

from collections.abc import Iterator, Mapping

from gateway.documents.report import Cell, Grid, Part, Report
from gateway.ledger.entries import Entry
from gateway.services.audit.audit_list import ListStory

#: What is shown, in this order, where an entry says it.
_WHAT = (
    ("Agreement", "agreement"),
    ("Version", "version"),
    ("Statement, SHA-256", "statement"),
    ("Recipient", "partner"),
    ("For the day", "window"),
    ("Part", "part"),
    ("Supersedes", "supersedes"),
)
_DECIDED = (
    ("Snapshot", "snapshot"),
    ("People", "people"),
    ("Left out", "excluded"),
    ("Digest of the decision", "decision_digest"),
    ("Built on the list", "base"),
    ("Joined", "joiners"),
    ("Changed", "changes"),
    ("Left", "leavers"),
    ("People whom the recipient holds", "held"),
)
_SEALED = (
    ("Evidence kept", "evidence"),
    ("Root of the evidence", "root"),
    ("Exclusions that changed", "exclusions"),
    ("Root of those", "exclusions_root"),
    ("Package", "remote_name"),
    ("Bytes", "package_bytes"),
    ("SHA-256 of the package", "package_sha256"),
    ("Sealed for the key", "recipient_key"),
    ("Signed with the key", "signing_key"),
)
#: What a step's entry may add, with the words before it where it does not speak for itself.
_SAID = (
    ("", "outcome"),
    ("", "reason"),
    ("", "reasons"),
    ("", "level"),
    ("", "verdict"),
    ("by ", "verify_method"),
    ("destroyed on ", "destroyed_on"),
    ("case ", "case"),
    ("superseded by ", "superseded_by"),
)
_TO_CHECK = (
    "That all of this is so: `gateway audit verify`.",
    "One step: `gateway audit proof --entry` with its number. One row: `gateway audit proof --list --position`.",
    "The list with every row, for checking without the gateway: `gateway audit bundle`.",
    "The agreement as it was then: `gateway agreements show`. The decision about a person: `gateway audit explain`.",
)


def list_report(story: ListStory, made: str) -> Report:
    """Return the story as a report."""
    newest = story.entries[-1]
    return Report(
        title=f"List {story.reference}",
        lead=f"{_state(story)} The newest of its {len(story.entries)} steps was {_step(newest)} on {newest.at}.",
        made=made,
        parts=(
            Part("What it is", facts=_facts(_WHAT, story.planned, also=story.superseded_by)),
            *_decision(story),
            Part("Step by step", grids=(_steps(story.entries),)),
            Part("What to hold it against", items=_TO_CHECK),
        ),
    )


def _state(story: ListStory) -> str:
    sealed = story.sealed
    return f"It was sealed for {sealed.body['people']} people." if sealed else "It was never sealed."


def _decision(story: ListStory) -> Iterator[Part]:
    if story.decided is None:
        return
    body = story.decided.body
    reasons = body.get("excluded_by_reason")
    counted = tuple(sorted(reasons.items())) if isinstance(reasons, Mapping) else ()
    grid = Grid("Left out, by reason", ("reason", "people"), counted)
    yield Part("How it was decided", facts=_facts(_DECIDED, body), grids=(grid,) if counted else ())
    if story.sealed:
        yield Part("What was sealed", facts=_facts(_SEALED, story.sealed.body))


def _facts(
    shown: tuple[tuple[str, str], ...], body: Mapping[str, object], *, also: str | None = None
) -> tuple[tuple[str, Cell], ...]:
    said = [(words, _cell(body[name])) for words, name in shown if name in body]
    return (*said, *([("Superseded by", also)] if also else []))


def _steps(entries: tuple[Entry, ...]) -> Grid:
    rows = tuple((str(each.position), each.at, each.actor, _step(each), _said(each)) for each in entries)
    return Grid("Step by step", ("entry", "at", "who", "step", "said"), rows)


def _step(entry: Entry) -> str:
    return entry.event.value.removeprefix("disclosure:list:").replace(":", " ")


def _said(entry: Entry) -> str:
    said = (f"{before}{_cell(entry.body[name])}" for before, name in _SAID if name in entry.body)
    return "; ".join(said) or "-"


def _cell(value: object) -> Cell:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value if isinstance(value, str | int) else str(value)
