"""Write the tables of docs/reference/ from the code, or with `--check` say which of them are not true any more."""

import inspect
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from gateway import errors
from gateway.cli import COMMANDS, gateway
from gateway.ledger.entries import SCHEMAS, Event
from gateway.logs import EVENTS
from gateway.model.delivery import ATTESTED, DISCLOSED, MOVES, RESTORED, ListState
from gateway.model.factors import FACTORS
from gateway.model.fields import FIELDS
from gateway.model.officers import ALLOWED, Role
from gateway.model.selection import WithheldReason
from gateway.services.delivery.last_look import HOLD_PLACED, PROTECTED_SINCE, STATEMENT_CHANGED
from gateway.services.delivery.next_steps import AT_REST, FOR_A_PERSON, NOTHING_TO_SEND, SETTLED_FOR_GOOD, next_step
from gateway.settings import Settings
from gateway.sources.work_coach_list.table import HEADER_WITHIN, MOST_BYTES, MOST_COLUMNS, MOST_ROWS
from gateway.sources.work_coach_list.words import COLUMNS, FLAWS, MARKS

ROOT = Path(__file__).resolve().parent.parent
# The matrix stands beside the tests that show it.
sys.path.insert(0, str(ROOT))
from tests.failure_matrix import MATRIX, Row  # noqa: E402

REFERENCE = ROOT / "docs" / "reference"
NOTE = "<!-- Written by scripts/render_docs.py; change the code, not this page. -->"


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    names = list(headings)
    lines = [names, ["---"] * len(names), *map(list, rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def first_line(subject: object) -> str:
    """Return the first line of a docstring."""
    return (inspect.getdoc(subject) or "").split("\n")[0]


def error_classes(base: type[errors.GatewayError] = errors.GatewayError) -> list[type[errors.GatewayError]]:
    """Return every error class, parents first."""
    return [base] + [below for child in base.__subclasses__() for below in error_classes(child)]


def errors_page() -> str:
    """Every refusal with its exit code and way out."""
    parts = ["# Refusals", "Each has a stable code, an exit code and a way out.", ""]
    for kind in error_classes():
        exit_code = f"exit {int(kind.exit_code)}"
        again = ", may succeed later by itself" if kind.retryable else ""
        parts += [f"## {kind.code}", f"{first_line(kind)} ({exit_code}{again})", "", f"Next: {kind.way_out}", ""]
    return "\n".join(parts)


def roles_page() -> str:
    """Who may do what."""
    rows = [[f"`{action}`", *("yes" if role in ALLOWED[action] else "" for role in Role)] for action in ALLOWED]
    return "\n".join(
        [
            "# Roles and actions",
            "An actor is the operating system's account, mapped in the settings to a person and roles. An unmapped",
            "account is refused.",
            "",
            table(["action", *(role.value for role in Role)], rows),
        ]
    )


#: What each state tells an operator; what to do about it is services/delivery/next_steps.py's.
MEANINGS = {
    ListState.PLANNED: "It is due, and nobody has been selected yet.",
    ListState.WITHHELD: "A guard stopped it before it was sealed; nothing was sent.",
    ListState.SEALED: "It is encrypted, signed and in the database with its evidence; nothing was sent.",
    ListState.SENDING: "Bytes may be at the recipient under a temporary name; nothing was published.",
    ListState.UPLOADED: "It is whole under the temporary name, and the server may have been asked to publish it.",
    ListState.VERIFIED: (
        "It stands at the recipient under its final name, with the hash that the ledger holds; with `attested` or "
        "`not-proven` beside it, a person says so, and nobody compared."
    ),
    ListState.UNCERTAIN: (
        "It may be published, and the server cannot show it, or the database was restored and does not know. It is "
        "never sent again by itself."
    ),
    ListState.RECEIVED: "The recipient signed that they have it.",
    ListState.REJECTED: "The recipient signed that they cannot use it, and why.",
    ListState.UNCOLLECTED: "No receipt came in the agreed working days. One that comes later still counts.",
    ListState.FAILED: "It will not go; the reason stands beside it. Another list takes its place.",
    ListState.VOID: "It was not sent, on purpose; the reason stands beside it.",
    ListState.RECALLED: "It was sent, and was taken back or is to be destroyed by the recipient.",
}


#: Of the reasons that change what is to be done, those that are not a guard's.
REASONS = [
    (ListState.UNCERTAIN, RESTORED),
    *((ListState.VOID, reason) for reason in (HOLD_PLACED, PROTECTED_SINCE, STATEMENT_CHANGED, NOTHING_TO_SEND)),
    *((ListState.FAILED, reason) for reason in (errors.RemoteConflict.code, ATTESTED, HOLD_PLACED, PROTECTED_SINCE)),
]


def reason_rows() -> list[list[str]]:
    """What to do about a state where its reason says more than the state does."""
    guards = [(ListState.WITHHELD, reason.value) for reason in WithheldReason]
    return [
        [f"`{state}`", f"`{reason}`", next_step(state, reason) or "Nothing."]
        for state, reason in (*guards, *REASONS)
        if next_step(state, reason) != next_step(state)
    ]


def waits_for(state: ListState) -> str:
    """Who has the next move."""
    if state in FOR_A_PERSON:
        return "a person"
    if state in AT_REST | SETTLED_FOR_GOOD:
        return "nobody"
    return "the recipient" if state is ListState.VERIFIED else "the next tick"


def states_page() -> str:
    """The states of a list, as a picture and a table, with what an operator does about each."""
    arrows = [f"    {state.value} --> {after.value}" for state, targets in MOVES.items() for after in sorted(targets)]
    ends = [f"    {state.value} --> [*]" for state, targets in MOVES.items() if not targets]
    rows = [
        [
            f"`{s}`",
            MEANINGS[s],
            waits_for(s),
            next_step(s) or "Nothing.",
            "yes" if s in DISCLOSED else "",
            ", ".join(f"`{after}`" for after in sorted(targets)) or "(ends here)",
        ]
        for s, targets in MOVES.items()
    ]
    return "\n".join(
        [
            "# States of a delivery",
            "Where a list stands on its way to a recipient, who has the next move, and what to do.",
            "`gateway disclose status` shows each list's state. Where a person asks, the states marked count as",
            "disclosed. Why the machine is like this: [delivery](../explanation/delivery.md).",
            "",
            table(["state", "what it means", "waits for", "what to do", "counts as disclosed", "leads to"], rows),
            "",
            "## Where a reason stands beside the state",
            "It says more than the state does; `gateway disclose status` prints the step that fits it.",
            "",
            table(["state", "reason", "what to do"], reason_rows()),
            "",
            "A list that could not be delivered keeps its state and shows the refusal of its last try: each has its",
            "own way out in [errors.md](errors.md).",
            "",
            "## The moves",
            "A list moves only along these arrows.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            "    [*] --> planned",
            *arrows,
            *ends,
            "```",
        ]
    )


def fields_page() -> str:
    """What can be disclosed at all."""
    rows = [
        [f"`{field.name}`", field.meaning, field.sensitivity.value, ", ".join(f"`{t}`" for t in field.transforms)]
        for field in FIELDS.values()
    ]
    factors = [[f"({letter})", words] for letter, words in FACTORS.items()]
    return "\n".join(
        [
            "# Fields",
            "An agreement can name these fields and no others; what it does not name is never sent.",
            "",
            table(["field", "meaning", "sensitivity", "transforms"], rows),
            "",
            "## The thirteen factors",
            "SI 2018/912, Schedule paragraph 2(3). They decide whether a row may be sent; they are never sent.",
            "",
            table(["factor", "meaning"], factors),
        ]
    )


def events_page() -> str:
    """What the ledger and the operators' log can say."""
    entries = [[f"`{event}`", ", ".join(f"`{name}`" for name in SCHEMAS[event]) or "(nothing)"] for event in Event]
    logged = [[f"`{name}`", ", ".join(f"`{key}`" for key in sorted(keys))] for name, keys in EVENTS.items()]
    return "\n".join(
        [
            "# Events",
            "Both vocabularies are closed: another event, key or free text is refused.",
            "",
            "## In the ledger, for ever",
            table(["event", "what it carries"], entries),
            "",
            "## In the operators' log, for a while",
            table(["event", "what it carries"], logged),
        ]
    )


def work_coach_list_page() -> str:
    """What is read of a Jobcentre's list, and what is said of its rows."""
    bounds = (
        f"At most {MOST_BYTES >> 20} MB, {MOST_ROWS:,} rows and {MOST_COLUMNS} columns, the headings within the first"
    )
    refused = (
        "Refused are formulas on the list's sheet, macros, links to other files, files within the file, headings on"
    )
    return "\n".join(
        [
            "# Work-coach lists",
            "CSV, XLSX, XLSB, XLS and ODS, all but ODS also under a password: its bytes say what a file is.",
            f"{bounds} {HEADER_WITHIN} rows.",
            f"{refused} several sheets or on a hidden one, and headings other than those that were confirmed.",
            "",
            "## Columns",
            table(["column", "meaning"], [[f"`{column}`", words] for column, words in COLUMNS.items()]),
            "",
            "## Why a row could not be read",
            table(["code", "meaning"], [[f"`{flaw}`", words] for flaw, words in FLAWS.items()]),
            "",
            "## What is noticed of a row that was read",
            table(["code", "meaning"], [[f"`{mark}`", words] for mark, words in MARKS.items()]),
        ]
    )


def settings_page() -> str:
    """Every setting with its default."""
    rows = []
    for section, field in Settings.model_fields.items():
        if section in {"base", "actors"}:
            continue
        model = field.annotation
        rows += [
            [f"`[{section}] {name}`", "needed" if item.is_required() else f"`{item.default}`"]
            for name, item in model.model_fields.items()  # type: ignore[union-attr]
        ]
    rows.append(["`[actors.ACCOUNT] name, roles`", "needed, one table for each account"])
    return "\n".join(["# Settings", "In `config/gateway.toml`.", "", table(["setting", "default"], rows)])


def commands_page() -> str:
    """The help of every command."""
    parts = ["# Commands", "What `--help` says of each.", ""]
    context = click.Context(gateway, info_name="gateway")
    for name in COMMANDS:
        command = gateway.get_command(context, name)
        if command is not None:
            parts += _help_of(command, click.Context(command, info_name=f"gateway {name}"))
    return "\n".join(parts)


def _help_of(command: click.Command, context: click.Context) -> list[str]:
    parts = [f"## {context.info_name}", "```", command.get_help(context), "```", ""]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                parts += _help_of(below, click.Context(below, info_name=f"{context.info_name} {name}"))
    return parts


def matrix_page() -> str:
    """Every fault that a delivery survives, and what shows it."""
    rows = [[str(row.number), row.fault, row.kind, row.outcome, row.real, _shown_by(row)] for row in MATRIX]
    return "\n".join(
        [
            "# The failure matrix",
            "Every fault of a network, a server, a disk, a partner or a crash that a delivery must survive, and the",
            "tests that show it. In every case nothing stands under the final name unless its hash is the ledger's,",
            "and no fault puts a package there twice. What each kind leads to: [delivery](../explanation/delivery.md).",
            "",
            table(["row", "fault", "kind", "what happens", "made by", "shown by"], rows),
            "",
            *(f"Row {row.number} is not made by a real server. {row.why}" for row in MATRIX if row.why),
        ]
    )


def _shown_by(row: Row) -> str:
    tests = (*row.tests, row.journey) if row.journey else row.tests
    return ", ".join(f"`{test.rpartition('/')[2]}`" for test in tests)


PAGES: dict[str, Callable[[], str]] = {
    "errors.md": errors_page,
    "roles.md": roles_page,
    "delivery-states.md": states_page,
    "fields.md": fields_page,
    "events.md": events_page,
    "settings.md": settings_page,
    "work-coach-lists.md": work_coach_list_page,
    "commands.md": commands_page,
    "failure-matrix.md": matrix_page,
}


def stale(folder: Path = REFERENCE) -> list[str]:
    """Return the pages that differ from what the code says."""
    return [name for name, text in _rendered() if not _same(folder / name, text)]


def _rendered() -> Iterable[tuple[str, str]]:
    return ((name, f"{NOTE}\n\n{page().rstrip()}\n") for name, page in PAGES.items())


def _same(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


def main() -> None:
    """Write the pages, or check them."""
    if "--check" in sys.argv[1:]:
        pages = stale()
        sys.exit(f"not true any more: {', '.join(pages)}; run scripts/render_docs.py" if pages else 0)
    for name, text in _rendered():
        (REFERENCE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
