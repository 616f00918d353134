"""Hold each list, its evidence and its exclusions against the entry that sealed it: steps (6) to (8)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from gateway.ledger.digests import LinesDigest
from gateway.ledger.entries import Entry
from gateway.ledger.events import Event
from gateway.ledger.evidence import checked_leaf, exclusion_leaf
from gateway.ledger.tree import EMPTY_ROOT
from gateway.ledger.verify import (
    Claim,
    Fault,
    Finding,
    LeafBlock,
    LeafRow,
    block_findings,
    disagreements,
    leaf_findings,
)
from gateway.model.agreement import EvidenceKind
from gateway.model.delivery import ATTESTED, ListState
from gateway.model.retention import Kept
from gateway.services.audit.audit_index import STATE_OF, Reading, number_of
from gateway.services.audit.audit_purges import claim_after, exclusions_counted, purge_findings, purge_of
from gateway.services.audit.audit_rows import Row, entry_of
from gateway.store.audit import ExclusionRow, Explained, exclusions_by_list, list_rows, references_of_lists
from gateway.store.evidence_blocks import EvidenceBlock, EvidenceRow, evidence_by_list, sealed_lines
from gateway.store.subtrees import kept_subtrees

R = TypeVar("R")

_NOBODY = EMPTY_ROOT.hex()
#: Evidence is numbered from one, as the rows of a list are.
_FIRST = 1
_ONLY_SEALED = ("package_sha256", "package_bytes", "remote_name", "sealed_at", "base", "held")


def list_findings(reading: Reading) -> Iterator[Finding]:
    """Yield what is wrong with lists, their rows and their evidence."""
    seen: set[str] = set()
    groups = evidence_by_list(reading.connection, references_of_lists(reading.connection))
    for kept, list_id, blocks in _side_by_side(list_rows(reading.connection), groups):
        if kept is None:
            yield from block_findings(f"list id {list_id}", _leaf_blocks(reading, "", blocks, _Lines()), None)
            continue
        reading.lists += 1
        seen.add(kept.row["reference"])
        yield from _list_row(reading, kept)
        yield from _evidence(reading, kept.row["reference"], list_id, blocks)
    for reference in reading.index.planned.keys() - seen:
        yield Finding(Fault.MISSING, f"list {reference}", "its entries are there and its row is not")


def exclusion_findings(reading: Reading) -> Iterator[Finding]:
    """Yield what is wrong with the exclusions that are kept."""
    groups = exclusions_by_list(reading.connection)
    for kept, list_id, rows in _side_by_side(list_rows(reading.connection), groups):
        reference = kept.row["reference"] if kept else f"id {list_id}"
        said = reading.said_at(reading.index.sealed.get(reference))
        claim = Claim(exclusions_counted(said), str(said.get("exclusions_root", _NOBODY)), 0)
        claim = claim_after(purge_of(reading, Kept.EVIDENCE, reference), claim)
        leaves = (LeafRow(position, None, _exclusion_leaf(reference, row)) for position, row in enumerate(rows))
        yield from leaf_findings(f"exclusions of list {reference}", leaves, claim if kept else None)


def _list_row(reading: Reading, kept: Explained) -> Iterator[Finding]:
    row, entry, reference = kept.row, entry_of(kept), kept.row["reference"]
    where, index = f"list {reference}", reading.index
    if reference not in index.planned:
        yield Finding(Fault.UNEXPLAINED, where, "no entry planned it")
        return
    sealed = reading.said_at(index.sealed.get(reference))
    planned = reading.said_at(index.planned[reference]) | sealed
    if planned.get("snapshot") not in index.newest["snapshots"]:
        # Dropped since: neither the row nor the entry can then name one that is there.
        planned["snapshot"] = None
    yield from disagreements(where, _as_planned(row), planned)
    if sealed:
        yield from disagreements(where, _as_sealed(row), sealed | {"sealed_at": sealed["at"]})
    elif row["root"] not in {None, EMPTY_ROOT} or any(row[name] is not None for name in _ONLY_SEALED):
        yield Finding(Fault.INSERTED, where, "it says that it was sealed, and no entry does")
    elif reference in index.withheld:
        yield from disagreements(where, _as_withheld(row), reading.said_at(index.withheld[reference]))
    verified = reading.said_at(index.verified.get(reference))
    yield from disagreements(where, _as_verified(row), verified | {"settled_at": verified.get("at")})
    if verified:
        yield from _proof(where, verified, sealed)
    yield from _standing(where, row, entry, index.moved.get(reference, 0))


def _proof(where: str, verified: Row, sealed: Row) -> Iterator[Finding]:
    if verified.get("package_sha256") != sealed.get("package_sha256"):
        yield Finding(Fault.CHANGED, where, "another package was verified than the one that was sealed")
    elif not sealed and verified.get("verify_method") != ATTESTED:
        # A restored database lost it: nothing but a person's word can say then that it went.
        yield Finding(Fault.UNEXPLAINED, where, "it was verified, and no entry sealed it")


def _standing(where: str, row: Row, entry: Entry | None, newest: int) -> Iterator[Finding]:
    if entry is None or entry.body.get("list") != row["reference"]:
        yield Finding(Fault.UNEXPLAINED, where, "the entry that it names is not about it")
        return
    if entry.position < newest:
        yield Finding(Fault.CHANGED, where, "its state is older than its newest entry")
    # A try that failed before anything was sent puts the list back.
    state = ListState.SEALED if entry.event is Event.DELIVERY_ATTEMPTED else STATE_OF.get(entry.event)
    if row["state"] != state:
        yield Finding(Fault.CHANGED, where, "its state is not what its entry says")
    if row["reason"] not in _reasons(entry):
        yield Finding(Fault.CHANGED, where, "its reason is not what its entry says")


def _reasons(entry: Entry) -> list[object]:
    """Return the codes that may explain the state that an entry left a list in."""
    reasons = entry.body.get("reasons")
    if isinstance(reasons, list):
        return reasons
    return [entry.body.get("outcome" if entry.event is Event.DELIVERY_ATTEMPTED else "reason")]


def _evidence(reading: Reading, reference: str, list_id: int, blocks: Iterable[EvidenceBlock]) -> Iterator[Finding]:
    where, said = f"list {reference}", reading.said_at(reading.index.sealed.get(reference))
    sealed = Claim(number_of(said.get("people")), str(said.get("root", _NOBODY)), _FIRST)
    purge, lines = purge_of(reading, Kept.EVIDENCE, reference), _Lines()
    claim = claim_after(purge, sealed)
    yield from purge_findings(where, purge, sealed, exclusions_counted(said))
    subtrees = kept_subtrees(reading.connection, list_id)
    yield from block_findings(where, _leaf_blocks(reading, reference, blocks, lines), claim, subtrees)
    kept = claim.count if said.get("evidence") == EvidenceKind.VALUES else 0
    if lines.count != kept:
        yield Finding(Fault.CHANGED, where, f"{lines.count} lines are kept where its entry agrees to {kept}")
    elif kept and _lines_digest(reading, list_id) != said.get("lines"):
        yield Finding(Fault.CHANGED, where, "the lines that it keeps are not those that were sealed")


@dataclass(slots=True)
class _Lines:
    """How many rows of a list keep a line."""

    count: int = 0


def _lines_digest(reading: Reading, list_id: int) -> str | None:
    """Return the hash over the lines that a list keeps; None where one of them is no bytes, as SQLite allows."""
    digest = LinesDigest()
    try:
        digest.extend(sealed_lines(reading.connection, list_id))
    except TypeError:
        return None
    return digest.hexdigest()


def _leaf_blocks(
    reading: Reading, reference: str, blocks: Iterable[EvidenceBlock], lines: _Lines
) -> Iterator[LeafBlock]:
    for block in blocks:
        reading.rows += block.size
        lines.count += block.lines
        yield LeafBlock(block.positions, block.subtrees, block.rest, partial(_leaf_rows, reference, block))


def _leaf_rows(reference: str, block: EvidenceBlock) -> Iterator[LeafRow]:
    return (LeafRow(row.position, row.leaf, _evidence_leaf(reference, row)) for row in block.rows())


def _side_by_side(
    kept: Iterable[Explained], groups: Iterable[tuple[int, Iterator[R]]]
) -> Iterator[tuple[Explained | None, int, Iterator[R]]]:
    """Yield each list with its rows, a list without rows, and rows without a list; both streams come by list id."""
    waiting = iter(groups)
    group = next(waiting, None)
    for explained in kept:
        list_id = explained.row["list_id"]
        while group is not None and group[0] < list_id:
            yield None, *group
            group = next(waiting, None)
        if group is not None and group[0] == list_id:
            yield explained, *group
            group = next(waiting, None)
        else:
            yield explained, list_id, iter(())
    while group is not None:
        yield None, *group
        group = next(waiting, None)


def _as_planned(row: Row) -> dict[str, object]:
    same = {name: row[name] for name in ("version", "window", "part", "partner")}
    of_others = {"snapshot": row["snapshot_reference"], "supersedes": row["supersedes_reference"]}
    return same | of_others | {"agreement": row["agreement_id"], "statement": row["statement_hash"]}


def _as_sealed(row: Row) -> dict[str, object]:
    names = ("people", "excluded", "decision_digest", "package_sha256", "package_bytes", "remote_name", "sealed_at")
    differences = ("joiners", "changes", "leavers", "held")
    root = row["root"]
    of_others = {"root": root.hex() if isinstance(root, bytes) else None, "base": row["base_reference"]}
    return {name: row[name] for name in names + differences} | of_others


def _as_withheld(row: Row) -> dict[str, object]:
    return {name: row[name] for name in ("people", "excluded", "decision_digest")}


def _as_verified(row: Row) -> dict[str, object]:
    return {name: row[name] for name in ("verify_method", "settled_at")}


def _evidence_leaf(reference: str, row: EvidenceRow) -> Callable[[int], bytes]:
    said = (row.subject_ref, row.fields, row.factors, row.commitment)
    return lambda position: checked_leaf(reference, position, *said)


def _exclusion_leaf(reference: str, row: ExclusionRow) -> Callable[[int], bytes]:
    return lambda _: exclusion_leaf(reference, row.agreement_id, row.subject_ref, row.reason)
