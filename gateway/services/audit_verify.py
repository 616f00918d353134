"""Verify everything that the database holds as evidence: the log, the lists, the registry, the rows, the triggers.

The argument and its numbers are those of ledger/verify.py; here is only what is read for each step. It needs the
log's public key and no secret, streams in one snapshot of the database, and changes nothing. A checkpoint that was
kept elsewhere (with a manifest, on paper, by a partner) shows a log that was cut or signed again.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection

from gateway.errors import EntryInvalid
from gateway.ledger.checkpoint import open_checkpoint, parse_vkey
from gateway.ledger.entries import Entry, read_entry
from gateway.ledger.events import Event
from gateway.ledger.evidence import LinesDigest, exclusion_leaf, leaf, registry_commitment, registry_leaf
from gateway.ledger.tree import EMPTY_ROOT
from gateway.ledger.verify import Claim, Fault, Finding, LeafRow, LogCheck, disagreements, leaf_findings
from gateway.model.agreement import EvidenceKind
from gateway.model.delivery import ListState
from gateway.model.officers import Action
from gateway.services.audit_rows import ONE_ROW_EACH, SAYS, STATE_OF, Row, entry_of, row_findings
from gateway.services.workplace import Workplace
from gateway.store.audit import (
    EvidenceRow,
    ExclusionRow,
    Explained,
    RegistryRow,
    entry_bytes,
    evidence_by_list,
    exclusions_by_list,
    explained_rows,
    facts_kept,
    list_rows,
    log_rows,
    missing_triggers,
    note_rows,
    registered_in,
    registry_by_batch,
    strays_of_registry,
)
from gateway.store.engine import facts_hash
from gateway.store.tables import metadata

R = TypeVar("R")

#: A wholesale change gives a finding for each row; nobody reads more of them than this.
MOST_FINDINGS = 1000
_NOBODY = Claim(0, EMPTY_ROOT.hex(), 1)


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found. `size` and `root` are the log's; `more` says that there is more to find than is listed."""

    size: int
    root: str
    lists: int
    rows: int
    findings: tuple[Finding, ...]
    more: bool

    @property
    def whole(self) -> bool:
        """Say whether nothing was found."""
        return not self.findings


@dataclass(slots=True)
class _Index:
    """Where in the log the entries stand that rows are held against: positions only, the rest is read again."""

    created: int = 0
    planned: dict[str, int] = field(default_factory=dict)
    sealed: dict[str, int] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    batches: dict[int, int] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    awaited: dict[str, set[int]] = field(default_factory=lambda: {table: set() for table in ONE_ROW_EACH})

    def note(self, entry: Entry) -> None:
        """Remember where an entry stands."""
        body, position = entry.body, entry.position
        if entry.event in STATE_OF:
            self.moved[str(body["list"])] = position
        for table, events in ONE_ROW_EACH.items():
            if entry.event in events:
                self.awaited[table].add(position)
        match entry.event:
            case Event.DATABASE_CREATED:
                self.created = self.created or position
            case Event.LIST_PLANNED:
                self.planned[str(body["list"])] = position
            case Event.LIST_SEALED:
                self.sealed[str(body["list"])] = position
            case Event.REGISTRY_GROWN:
                self.batches[int(str(body["batch"]))] = position
            case Event.SUBJECT_FORGOTTEN:
                self.forgotten.add(str(body["subject"]))


def audit_verify(workplace: Workplace, checkpoint: str | None = None) -> Verification:
    """Verify the evidence, also against a signed checkpoint kept elsewhere.

    Raises CheckpointInvalid where that one is not signed by the log's key: it then says nothing about the log.
    """
    workplace.actor.require(Action.VERIFY)
    signer = workplace.keys.checkpoint_signer()
    trusted = [parse_vkey(signer.vkey)]
    elsewhere = [open_checkpoint(checkpoint, trusted)] if checkpoint is not None else []
    log = LogCheck(signer.name, trusted, elsewhere)
    with workplace.store.reading() as connection:
        reading = _Reading(connection, log)
        findings = list(islice(reading.findings(), MOST_FINDINGS + 1))
    return Verification(
        size=log.size,
        root=log.root.hex(),
        lists=reading.lists,
        rows=reading.rows,
        findings=tuple(findings[:MOST_FINDINGS]),
        more=len(findings) > MOST_FINDINGS,
    )


class _Reading:
    """One pass over the database; `lists` and `rows` count what was read under them."""

    def __init__(self, connection: Connection, log: LogCheck) -> None:
        self._connection = connection
        self._log = log
        self._index = _Index()
        self.lists = 0
        self.rows = 0

    def findings(self) -> Iterator[Finding]:
        """Yield everything that is not whole."""
        read = self._connection
        yield from self._log.findings(log_rows(read), note_rows(read), self._index.note)  # (1) to (5)
        yield from self._facts()
        yield from self._lists()
        yield from self._exclusions()
        yield from self._registry()
        for table in SAYS:
            yield from self._rows_of(table)
        for name in missing_triggers(read):
            yield Finding(Fault.UNGUARDED, f"trigger {name}", "it is missing, changed or switched off")

    def _facts(self) -> Iterator[Finding]:
        kept = {"facts": facts_hash(facts_kept(self._connection))}
        yield from disagreements("facts of the database", kept, self._body(self._index.created))

    def _lists(self) -> Iterator[Finding]:
        seen: set[str] = set()
        groups = evidence_by_list(self._connection)
        for kept, list_id, rows in _side_by_side(list_rows(self._connection), groups):
            if kept is None:
                yield from leaf_findings(f"list id {list_id}", self._evidence_leaves("", rows, LinesDigest()), None)
                continue
            self.lists += 1
            seen.add(kept.row["reference"])
            yield from self._list_row(kept)
            yield from self._evidence(kept.row["reference"], rows)
        for reference in self._index.planned.keys() - seen:
            yield Finding(Fault.MISSING, f"list {reference}", "its entries are there and its row is not")

    def _list_row(self, kept: Explained) -> Iterator[Finding]:
        row, entry, reference = kept.row, entry_of(kept), kept.row["reference"]
        where = f"list {reference}"
        planned = self._index.planned.get(reference)
        if planned is None:
            yield Finding(Fault.UNEXPLAINED, where, "no entry planned it")
            return
        yield from disagreements(where, _as_planned(row), self._body(planned))
        sealed = self._index.sealed.get(reference)
        if sealed is not None:
            yield from disagreements(where, _as_sealed(row), self._body(sealed))
        elif row["root"] not in {None, EMPTY_ROOT} or row["package_sha256"] is not None:
            yield Finding(Fault.INSERTED, where, "it says that it was sealed, and no entry does")
        if entry is None or entry.body.get("list") != reference:
            yield Finding(Fault.UNEXPLAINED, where, "the entry that it names is not about it")
        elif entry.position < self._index.moved.get(reference, 0):
            yield Finding(Fault.CHANGED, where, "its state is older than its newest entry")
        elif row["state"] != _state_after(entry):
            yield Finding(Fault.CHANGED, where, "its state is not what its entry says")

    def _evidence(self, reference: str, rows: Iterable[EvidenceRow]) -> Iterator[Finding]:
        where, body = f"list {reference}", self._body(self._index.sealed.get(reference, 0))
        claim = Claim(_number(body["people"]), str(body["root"]), 1) if body else _NOBODY
        lines = LinesDigest()
        yield from leaf_findings(where, self._evidence_leaves(reference, rows, lines), claim)
        if body and lines.count != (claim.count if body["evidence"] == EvidenceKind.VALUES else 0):
            yield Finding(Fault.CHANGED, where, f"{lines.count} lines are kept, which is not what was agreed")
        elif lines.count and lines.hexdigest() != body.get("lines"):
            yield Finding(Fault.CHANGED, where, "the lines that it keeps are not those that were sealed")

    def _evidence_leaves(self, reference: str, rows: Iterable[EvidenceRow], lines: LinesDigest) -> Iterator[LeafRow]:
        for row in rows:
            self.rows += 1
            if isinstance(row.line_sealed, bytes):
                lines.extend([row.line_sealed])
            yield LeafRow(row.position, row.leaf, _evidence_leaf(reference, row))

    def _exclusions(self) -> Iterator[Finding]:
        for kept, list_id, rows in _side_by_side(list_rows(self._connection), exclusions_by_list(self._connection)):
            reference = kept.row["reference"] if kept else f"id {list_id}"
            body = self._body(self._index.sealed.get(reference, 0))
            claim = Claim(_number(body.get("exclusions", 0)), str(body.get("exclusions_root", _NOBODY.root)), 0)
            leaves = (LeafRow(position, None, _exclusion_leaf(reference, row)) for position, row in enumerate(rows))
            yield from leaf_findings(f"exclusions of list {reference}", leaves, claim if kept else None)

    def _registry(self) -> Iterator[Finding]:
        read, batches = self._connection, dict(self._index.batches)
        for batch, rows in registry_by_batch(read):
            body = self._body(batches.get(batch, 0))
            claim = Claim(_number(body["people"]), str(body["root"]), 0) if body else None
            yield from leaf_findings(f"registry batch {batch}", map(_registry_leaf, rows), claim)
            batches.pop(batch, None)
        for batch in batches:
            yield Finding(Fault.MISSING, f"registry batch {batch}", "its entry is there and its leaves are not")
        for batch, position in self._index.batches.items():
            yield from self._registered(batch, position)
        leafless, strays = strays_of_registry(read, self._index.batches)
        if leafless or strays:
            what = f"{leafless} subjects and {strays} identifiers that no batch brought"
            yield Finding(Fault.INSERTED, "registry", what)

    def _registered(self, batch: int, position: int) -> Iterator[Finding]:
        for known in registered_in(self._connection, batch, position):
            where = f"registry batch {batch} row {known.position}"
            if known.secret is None:
                if known.subject_ref not in self._index.forgotten:
                    yield Finding(Fault.MISSING, where, "its subject is gone, and no entry says that it was forgotten")
            elif registry_commitment(known.secret, known.identifiers) != known.commitment:
                yield Finding(Fault.CHANGED, where, "its subject's secret or identifiers are not those that it brought")

    def _rows_of(self, table: str) -> Iterator[Finding]:
        awaited = self._index.awaited.get(table, set())
        for explained in explained_rows(self._connection, metadata.tables[table]):
            awaited.discard(explained.row["explained_by"])
            yield from row_findings(table, explained)
        for position in sorted(awaited):
            yield Finding(Fault.MISSING, f"{table} row of entry {position}", "its entry is there and it is not")

    def _body(self, position: int) -> dict[str, object]:
        """Return what the entry at a position says; nothing where there is none that can be read."""
        content = entry_bytes(self._connection, position) if position else None
        try:
            return dict(read_entry(content).body) if content is not None else {}
        except EntryInvalid:
            return {}


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
    return same | {"agreement": row["agreement_id"], "statement": row["statement_hash"]}


def _as_sealed(row: Row) -> dict[str, object]:
    names = ("people", "excluded", "decision_digest", "package_sha256", "package_bytes")
    root = row["root"]
    said = {name: row[name] for name in names} | {"root": root.hex() if isinstance(root, bytes) else None}
    return said | ({"remote_name": row["remote_name"]} if row["remote_name"] is not None else {})


def _state_after(entry: Entry) -> ListState | None:
    # A try that failed before anything was sent puts the list back.
    return ListState.SEALED if entry.event is Event.DELIVERY_ATTEMPTED else STATE_OF.get(entry.event)


def _evidence_leaf(reference: str, row: EvidenceRow) -> Callable[[int], bytes]:
    return lambda position: leaf(reference, position, row.subject_ref, row.fields, row.factors, row.commitment)


def _exclusion_leaf(reference: str, row: ExclusionRow) -> Callable[[int], bytes]:
    return lambda _: exclusion_leaf(reference, row.agreement_id, row.subject_ref, row.reason)


def _registry_leaf(row: RegistryRow) -> LeafRow:
    def at(position: int) -> bytes:
        return registry_leaf(row.batch, position, row.subject_ref, row.commitment)

    return LeafRow(row.position, row.leaf, at)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
