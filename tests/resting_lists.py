"""Lists whose time is over, for tests: made under an agreement that says how long things are kept, and received."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.store.lists import move_list
from tests import lists_made
from tests.evidence_made import receive_list
from tests.lists_made import keep_statement_of, seal_list_of, send_list

DOCUMENT = Path("agreements/jobcentre-plus-supporting-families.yaml")
#: The clock of a test stands on 22 November 2026.
RESTED = datetime(2026, 11, 22, tzinfo=UTC)
FIRST, SECOND = "L-2026-11-20-all", "L-2026-11-21-all"
AFTER_COPIES = RESTED + timedelta(days=36)
#: The day after the term of the evidence.
AT_TERM = datetime(2033, 11, 23, 12, tzinfo=UTC)


def keep_terms(store, actor, monkeypatch, **changes) -> None:
    """Keep the statement of the shipped agreement, with what it says of retention changed."""
    document = DOCUMENT.read_text(encoding="utf-8")
    for name, value in changes.items():
        lines = [line for line in document.splitlines() if not line.strip().startswith(f"{name}:")]
        at = lines.index("retention:")
        document = "\n".join([*lines[: at + 1], f"  {name}: {value}", *lines[at + 1 :]]) + "\n"
    monkeypatch.setattr(lists_made, "DOCUMENT", document.encode())
    keep_statement_of(store, actor)


def two_lists(store, actor, people, left_out=()) -> tuple[int, int]:
    """Two lists that were received: one with kept lines and with exclusions, one without."""
    excluded = [(person.subject_ref, "protected") for person in left_out]
    first = seal_list_of(store, actor, "2026-11-20", people, keep=True, excluded=excluded)
    second = seal_list_of(store, actor, "2026-11-21", people[:2])
    for list_id, reference in ((first, FIRST), (second, SECOND)):
        send_list(store, actor, list_id, reference)
        receive_list(store, actor, list_id, reference)
    return first, second


def recall(store, actor, list_id: int, reference: str) -> None:
    """Recall a list, so that its time runs anew."""
    with store.writing(actor) as work:
        position = work.enter(Event.LIST_RECALLED, list=reference, reason="incident", case="IG-2026-1")
        move_list(work, list_id, ListState.RECALLED, reason="incident", explained_by=position)
