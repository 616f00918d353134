"""Write an evidence bundle: lists with every row, the entries about them, and the log that they stand in.

- One JSON document a line, in the order in which a reader needs them (docs/formats/bundle.md), so that neither side
  keeps more than the log's leaves.
- Nobody is in it: a row has a reference that means nothing outside the registry, a bitmap of fields, and hashes. Of
  entries that are about something else only the leaf is there.
- It says what the database holds, whole or not: that is for the reader to find. What does not fit is told here too.

It is checked without the gateway by gateway/verifier/verify_evidence.py.
"""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from gateway.errors import EntryInvalid, QuestionInvalid
from gateway.ledger.entries import Entry, read_entry
from gateway.ledger.events import Event
from gateway.ledger.proof_documents import lines_of, text_of_key
from gateway.ledger.tree import GrowingTree
from gateway.model.officers import Action
from gateway.model.retention import Kept
from gateway.model.time import as_text
from gateway.services.audit.audit_proof import SealedList, sealed_list
from gateway.services.registers.register_uses import Period
from gateway.services.workplace import Workplace
from gateway.store.log_keys import key_chain_of
from gateway.store.proofs import cosigned_notes, hand_overs, log_contents, newest_signed, rows_of, sealed_lists
from gateway.store.retention import purged_on

BUNDLE = "supporting-families-gateway/bundle/1"
#: Entries that say what the log itself is.
_OF_THE_LOG = frozenset({Event.DATABASE_CREATED, Event.DATABASE_RESTORED, Event.ENTRY_LOST, Event.LOG_KEY_CHANGED})
_OF_AGREEMENTS = frozenset({Event.AGREEMENT_PREPARED, Event.AGREEMENT_APPROVED})
#: They name a list, and are about those who look after it.
_OF_OURSELVES = frozenset({Event.BREACH_READ, Event.ALERT_RAISED, Event.RECORDS_HELD, Event.RECORDS_LET_GO})


@dataclass(slots=True)
class Bundled:
    """What was written; `damaged` names the lists whose rows are not those that were sealed."""

    size: int = 0
    lists: list[str] = field(default_factory=list)
    rows: int = 0
    damaged: list[str] = field(default_factory=list)


def bundle_list(workplace: Workplace, reference: str, write: Callable[[bytes], object]) -> Bundled:
    """Write the bundle of one list. Raises AccessDenied, and QuestionInvalid where no such list was sealed."""
    workplace.actor.require(Action.PROVE)
    with workplace.store.reading() as connection:
        return _bundle(workplace, connection, [reference], write)


def bundle_period(workplace: Workplace, period: Period, write: Callable[[bytes], object]) -> Bundled:
    """Write the bundle of every list that was sealed for the days of a period.

    Raises AccessDenied, and QuestionInvalid where there is none.
    """
    workplace.actor.require(Action.PROVE)
    with workplace.store.reading() as connection:
        references = sealed_lists(connection, period.first, period.last)
        if not references:
            raise QuestionInvalid(f"no list was sealed for {period.in_words}")
        return _bundle(workplace, connection, references, write)


def bundle_log(workplace: Workplace, write: Callable[[bytes], object]) -> Bundled:
    """Write the log without any list: a checkpoint that somebody kept can be held against it. Raises AccessDenied."""
    workplace.actor.require(Action.PROVE)
    with workplace.store.reading() as connection:
        return _bundle(workplace, connection, [], write)


def _bundle(
    workplace: Workplace, connection: Connection, references: Sequence[str], write: Callable[[bytes], object]
) -> Bundled:
    bundled = Bundled()
    found = [sealed_list(connection, each) for each in references]
    for document in _documents(connection, found, bundled, as_text(workplace.clock.now())):
        write(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return bundled


def _documents(
    connection: Connection, found: Sequence[SealedList], bundled: Bundled, made_at: str
) -> Iterator[dict[str, object]]:
    keys = key_chain_of(connection)
    newest = newest_signed(connection, keys.origin)
    bundled.size = newest.checkpoint.size
    yield {
        "format": BUNDLE,
        "origin": keys.origin,
        "made_at": made_at,
        "first_key": text_of_key(keys.first),
        "lists": [each.reference for each in found],
    }
    handed_over = (each.signed.note for each in hand_overs(connection, keys.origin, bundled.size))
    for note in dict.fromkeys([*handed_over, *cosigned_notes(connection), newest.note]):
        yield {"checkpoint": lines_of(note)}
    yield from _log(connection, bundled.size, found)
    for each in found:
        yield from _list(connection, each, bundled)
    yield {"end": True, "lists": len(bundled.lists), "rows": bundled.rows}


def _log(connection: Connection, size: int, found: Sequence[SealedList]) -> Iterator[dict[str, object]]:
    references = {each.reference for each in found}
    statements = {str(each.sealed.body["statement"]) for each in found}
    for position, content, leaf in log_contents(connection, size):
        if _is_told(content, references, statements):
            yield {"position": position, "entry": content.decode()}
        else:
            yield {"position": position, "leaf": leaf.hex()}


def _is_told(content: bytes, references: Collection[str], statements: Collection[str]) -> bool:
    entry = _entry(content)
    if entry is None:
        return False
    if entry.event in _OF_AGREEMENTS:
        return entry.body["statement"] in statements
    of_lists = entry.body.get("list") in references and entry.event not in _OF_OURSELVES
    return entry.event in _OF_THE_LOG or of_lists


def _entry(content: bytes) -> Entry | None:
    """Return an entry; None for bytes that are none, whose leaf alone is told: `audit verify` names them."""
    try:
        return read_entry(content)
    except EntryInvalid:
        return None


def _list(connection: Connection, found: SealedList, bundled: Bundled) -> Iterator[dict[str, object]]:
    tree = GrowingTree()
    yield {"list": found.reference, "sealed_by": found.sealed.position}
    for position, subject_ref, fields, factors, commitment, leaf in rows_of(connection, found.list_id):
        tree.append(leaf)
        yield {
            "row": position,
            "subject_ref": subject_ref,
            "fields": fields,
            "factors": factors,
            "commitment": commitment.hex(),
            "leaf": leaf.hex(),
        }
    bundled.lists.append(found.reference)
    bundled.rows += tree.size
    if tree.size == 0 and purged_on(connection, Kept.EVIDENCE, found.reference):
        # The entry of the purge is among those that are told.
        return
    if (tree.size, tree.root().hex()) != (found.sealed.body["people"], found.sealed.body["root"]):
        bundled.damaged.append(found.reference)
