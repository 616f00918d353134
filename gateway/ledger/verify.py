"""The argument that the ledger and the evidence are whole, and what is said where they are not.

The log:
(1) Each row's bytes are an entry in its canonical form, its leaf is that of the bytes, its columns say the same.
(2) Positions run from 1 without a gap, each entry names its own, and time never goes back.
(3) Each checkpoint is signed by the key of its period, at a hand-over by both (key_chain.py), and its root is that of
    as many first entries as it counts.
(4) The newest checkpoint counts every entry, and no size at which a work began lacks its checkpoint.
(5) Each checkpoint kept elsewhere, or co-signed by a recipient, counts no more entries than there are, and its root is
    theirs, or an entry records that its entries were lost in a restore (losses.py). No checkpoint in the database is of
    a size that was lost.

Each list, its exclusions, what each work-coach list was answered, and each batch of the registry:
(6) Leaves worked out from the rows are the leaves stored, and positions run without a gap.
(7) Their number and root are those of the entry; which entry, follows from (1) to (5). Where an entry records that
    one of these was purged at its term, it says that number and root again, and no row is there.

What is kept of a tree, so that a proof need not read every row, is no evidence; where it says something else than rows
that are whole, that is found too.

Each other row:
(8) What it says is what the entry that explains it says.

So a changed, removed, added or moved row contradicts an entry, a changed log contradicts its checkpoints, and one that
was signed again with stolen keys contradicts a checkpoint kept elsewhere. What nobody can find here is a disclosure
that was never entered: only the partner's side shows that one.

Pure: rows come in as streams, findings go out; memory does not grow with the number of rows.
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, TypeGuard

from gateway.errors import CheckpointInvalid, EntryInvalid
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.entries import Entry, read_entry
from gateway.ledger.events import Event
from gateway.ledger.key_chain import KeyChain
from gateway.ledger.losses import Loss, loss_counting
from gateway.ledger.tree import HASH_BYTES, GrowingTree, leaf_hash

#: Rows whose leaves do not fit are held against each other to tell a move from a change; more are not.
_COMPARED = 64
NOTHING_KEPT: Mapping[int, object] = MappingProxyType({})
#: Where a checkpoint is that nobody else has to have.
_HERE = "in the database"


class Fault(StrEnum):
    """How something is not as it was signed."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "reordered"
    TRUNCATED = "truncated"
    FORKED = "forked"
    UNSIGNED = "unsigned"
    UNEXPLAINED = "unexplained"
    UNGUARDED = "unguarded"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not whole: `where` names the row, list, entry, checkpoint or trigger, never a person."""

    fault: Fault
    where: str
    what: str


class LogRow(NamedTuple):
    """A row of the ledger."""

    position: int
    at: str
    actor: str
    event: str
    body: bytes
    leaf: bytes


class NoteRow(NamedTuple):
    """A row of the checkpoints."""

    size: int
    root: bytes
    note: str


class LeafRow(NamedTuple):
    """A row under a tree: its place, the leaf it stores (None where none is stored), and how to work it out at one."""

    position: int
    stored: bytes | None
    leaf_at: Callable[[int], bytes]


class LeafBlock(NamedTuple):
    """Rows under a tree that follow one another, of which the leaves that they store are those worked out from them.

    The leaves are given as the roots of whole subtrees and as the `rest` behind these. `subtrees` is None where a row
    does not give its leaf. `rows` gives them one by one, to say what is wrong.
    """

    positions: range
    subtrees: Sequence[bytes] | None
    rest: Sequence[bytes]
    rows: Callable[[], Iterable[LeafRow]]


@dataclass(frozen=True, slots=True)
class Claim:
    """What an entry says of a tree: how many leaves, which root, and the position of the first."""

    count: int
    root: str
    first: int


class LogCheck:
    """Steps (1) to (5) over one reading of the log; `size` and `root` say afterwards what was read.

    `keys` begins with the log's first key, and learns the others from the entries.
    """

    def __init__(self, keys: KeyChain, elsewhere: Iterable[Checkpoint] = ()) -> None:
        self.keys = keys
        self._elsewhere = [(checkpoint, "kept elsewhere") for checkpoint in elsewhere]
        self._tree = GrowingTree()
        self._notes: Iterator[NoteRow] = iter(())
        self._note: NoteRow | None = None
        self._counted = 0
        self._last, self._last_at = 0, ""
        self._broken = False
        #: What the log says that it lost, and the checkpoints held against it that count such entries.
        self.losses: list[Loss] = []
        self.lost: list[Checkpoint] = []

    def hold_against(self, checkpoint: Checkpoint, place: str) -> None:
        """Judge one more checkpoint by step (5); `place` says who has it. To be called before anything is read."""
        self._elsewhere.append((checkpoint, place))

    @property
    def size(self) -> int:
        """The position of the last entry that was read."""
        return self._last

    @property
    def root(self) -> bytes:
        """The root over the entries that were read."""
        return self._tree.root()

    def subtree_findings(self, kept: Mapping[int, object]) -> Iterator[Finding]:
        """Yield what is wrong with what is kept of the log's tree, once it was read."""
        if not self._broken:
            yield from _judge_subtrees("log", self._tree, kept)

    def findings(
        self, rows: Iterable[LogRow], notes: Iterable[NoteRow], on_entry: Callable[[Entry], None]
    ) -> Iterator[Finding]:
        """Yield what is wrong; each entry that can be read is handed to `on_entry`. Both streams come in order."""
        # The smallest is taken first, from the end.
        self._elsewhere.sort(key=lambda known: known[0].size, reverse=True)
        self._notes = iter(notes)
        self._note = next(self._notes, None)
        yield from self._checkpoints_reached()
        expected = 1
        for row in rows:
            for finding in self._row_findings(row, expected, on_entry):
                self._broken = True
                yield finding
            self._last, expected = row.position, row.position + 1
            self._tree.append(row.leaf if _is_hash(row.leaf) else leaf_hash(b""))
            yield from self._checkpoints_reached()
        yield from self._ends()

    def _row_findings(self, row: LogRow, expected: int, on_entry: Callable[[Entry], None]) -> Iterator[Finding]:
        where = f"entry {row.position}"
        if row.position != expected:  # (2)
            yield Finding(Fault.MISSING, f"entry {expected}", f"entries up to {row.position - 1} are not there")
        try:
            entry = read_entry(row.body)
        except EntryInvalid:
            yield Finding(Fault.CHANGED, where, "its bytes are not an entry of ours")
            return
        if leaf_hash(row.body) != row.leaf:  # (1)
            yield Finding(Fault.CHANGED, where, "its bytes do not give its leaf")
        if entry.position != row.position:  # (2)
            yield Finding(Fault.REORDERED, where, f"it says that it is entry {entry.position}")
        elif (row.at, row.actor, row.event) != (entry.at, entry.actor, entry.event.value):  # (1)
            yield Finding(Fault.CHANGED, where, "its columns do not say what its bytes say")
        if entry.at < self._last_at:  # (2)
            yield Finding(Fault.REORDERED, where, "it is older than the entry before it")
        if entry.after != self._counted:  # (4)
            yield Finding(
                Fault.MISSING,
                f"checkpoint {entry.after}",
                f"entry {row.position} was made after it, and it is not there",
            )
            self._counted = entry.after
        self._last_at = entry.at
        if entry.event is Event.LOG_KEY_CHANGED:
            yield from self._hand_over(entry)
        if entry.event is Event.DATABASE_RESTORED:
            yield from self._restored(entry)
        on_entry(entry)

    def _hand_over(self, entry: Entry) -> Iterator[Finding]:
        try:
            self.keys.hand_over(entry.position, str(entry.body["vkey"]))
        except CheckpointInvalid as error:
            yield Finding(Fault.CHANGED, f"entry {entry.position}", str(error))

    def _restored(self, entry: Entry) -> Iterator[Finding]:
        loss = Loss.said_by(entry)
        self.losses.append(loss)
        if not entry.after == loss.had < loss.held:  # (5)
            what = "what it says was lost does not begin where its work began"
            yield Finding(Fault.CHANGED, f"entry {entry.position}", what)

    def _checkpoints_reached(self) -> Iterator[Finding]:
        while self._note is not None and self._note.size <= self._last:
            yield from self._judge_note(self._note)
            self._counted = self._note.size
            self._note = next(self._notes, None)
        while self._elsewhere and self._elsewhere[-1][0].size <= self._last:  # (5)
            yield from self._judge_root(*self._elsewhere.pop())

    def _judge_note(self, row: NoteRow) -> Iterator[Finding]:
        where = f"checkpoint {row.size}"
        try:
            checkpoint = self.keys.open(row.note)
        except CheckpointInvalid as error:
            yield Finding(Fault.UNSIGNED, where, str(error))
            return
        if (checkpoint.size, checkpoint.root) != (row.size, row.root):
            yield Finding(Fault.CHANGED, where, "its columns do not say what was signed")
        if any(loss.had < checkpoint.size <= loss.held for loss in self.losses):  # (5)
            yield Finding(Fault.FORKED, where, "it is of a size that an entry records as lost")
        yield from self._judge_root(checkpoint, _HERE)

    def _judge_root(self, checkpoint: Checkpoint, place: str) -> Iterator[Finding]:
        where = f"checkpoint {checkpoint.size} {place}"
        if checkpoint.origin != self.keys.origin:
            yield Finding(Fault.UNSIGNED, where, "it is another log's")
        elif place != _HERE and checkpoint.root != self._tree.root() and loss_counting(checkpoint, self.losses):  # (5)
            self.lost.append(checkpoint)
        # Where an entry was found wrong before, the root follows from that and says nothing more.
        elif checkpoint.root != self._tree.root() and not self._broken:  # (3)
            self._broken = True
            yield Finding(Fault.FORKED, where, "the entries that it counts give another root")

    def _ends(self) -> Iterator[Finding]:
        yield from self._checkpoints_reached()
        missing = [self._note] if self._note else []
        missing.extend(self._notes)
        sizes = [note.size for note in missing] + [checkpoint.size for checkpoint, _ in self._elsewhere]
        if sizes:  # (4), (5)
            what = f"a checkpoint counts {max(sizes)} entries; the log ends at {self._last}"
            yield Finding(Fault.TRUNCATED, f"entry {self._last + 1}", what)
        elif self._counted < self._last:  # (4)
            yield Finding(
                Fault.INSERTED, f"entry {self._counted + 1}", "no checkpoint counts the entries from here to the end"
            )


def leaf_findings(where: str, rows: Iterable[LeafRow], claim: Claim | None) -> Iterator[Finding]:
    """Yield what is wrong with the rows under one tree: steps (6) and (7). Without a claim the tree is nobody's."""
    check = _TreeCheck(where, claim)
    for row in rows:
        yield from check.row(row)
    yield from check.end()


def block_findings(
    where: str, blocks: Iterable[LeafBlock], claim: Claim | None, kept: Mapping[int, object] = NOTHING_KEPT
) -> Iterator[Finding]:
    """Yield the same of rows that come in blocks: a block that is as it should be costs a few hashes.

    `kept` are roots of subtrees, by their numbers, as they are kept of this tree.
    """
    check = _TreeCheck(where, claim)
    for block in blocks:
        if not check.takes_whole(block):
            for row in block.rows():
                yield from check.row(row)
    yield from check.end(kept)


class _TreeCheck:
    """Steps (6) and (7) over the rows of one tree in their order."""

    def __init__(self, where: str, claim: Claim | None) -> None:
        self._where, self._claim = where, claim
        self._tree, self._wrong = GrowingTree(), list[LeafRow]()
        self._expected = claim.first if claim else 0
        self._broken = False

    def takes_whole(self, block: LeafBlock) -> bool:
        """Add a block in which nothing is wrong; say whether it was one."""
        following = range(self._expected, self._expected + len(block.positions))
        if block.subtrees is None or block.positions != following or not self._tree.is_at_edge(block.subtrees):
            return False
        self._expected = following.stop
        for root in block.subtrees:
            self._tree.join(root)
        self._tree.extend(block.rest)
        return True

    def row(self, row: LeafRow) -> Iterator[Finding]:
        if row.position != self._expected and self._claim:  # (6)
            self._broken = True
            yield _gap(self._where, row.position, self._expected)
        self._expected = row.position + 1
        leaf = _worked_out(row, row.position)
        if row.stored is not None and leaf != row.stored:  # (6)
            self._wrong.append(row)
            if len(self._wrong) > _COMPARED:
                yield from _wrong_leaves(self._where, self._wrong)
                self._broken, self._wrong = True, []
        self._tree.append(row.stored if _is_hash(row.stored) else leaf)

    def end(self, kept: Mapping[int, object] = NOTHING_KEPT) -> Iterator[Finding]:
        yield from _wrong_leaves(self._where, self._wrong)
        broken = self._broken or bool(self._wrong)
        found = list(_judge_tree(self._where, self._tree, self._claim, broken=broken))
        # What is wrong with the rows says enough of what was worked out of them.
        yield from found or ([] if broken else _judge_subtrees(self._where, self._tree, kept))


def disagreements(where: str, row: Mapping[str, object], entry: Mapping[str, object]) -> Iterator[Finding]:
    """Yield a finding for each name under which the row says something else than the entry: step (8)."""
    for name, value in row.items():
        if entry.get(name) != value:
            yield Finding(Fault.CHANGED, where, f"its {name} is not what its entry says")


def _judge_tree(where: str, tree: GrowingTree, claim: Claim | None, *, broken: bool) -> Iterator[Finding]:
    if claim is None:
        yield Finding(Fault.INSERTED, where, f"{tree.size} rows that no entry knows of")
    elif tree.size > claim.count:  # (7)
        yield Finding(Fault.INSERTED, where, f"{tree.size} rows where its entry counts {claim.count}")
    elif tree.size < claim.count:  # (7)
        yield Finding(Fault.TRUNCATED, where, f"{tree.size} rows where its entry counts {claim.count}")
    elif tree.root().hex() != claim.root and not broken:  # (7)
        yield Finding(Fault.CHANGED, where, "its rows agree with themselves and give another root than its entry says")


def _judge_subtrees(where: str, tree: GrowingTree, kept: Mapping[int, object]) -> Iterator[Finding]:
    for number, root in kept.items():
        if number not in range(len(tree.subtrees)) or tree.subtrees[number] != root:
            what = "what is kept of its tree is not what its rows give; the next proof of it makes it anew"
            yield Finding(Fault.CHANGED, f"{where} subtree {number}", what)


def _gap(where: str, position: int, expected: int) -> Finding:
    if position < expected:
        return Finding(Fault.INSERTED, f"{where} row {position}", "there is no such place in it")
    return Finding(Fault.MISSING, f"{where} row {expected}", f"rows up to {position - 1} are not there")


def _wrong_leaves(where: str, wrong: list[LeafRow]) -> Iterator[Finding]:
    for row in wrong:
        came_from = next((other.position for other in wrong if _worked_out(row, other.position) == row.stored), None)
        if came_from is None:
            yield Finding(Fault.CHANGED, f"{where} row {row.position}", "what it says does not give its leaf")
        else:
            yield Finding(Fault.REORDERED, f"{where} row {row.position}", f"it stood in place {came_from}")


def _worked_out(row: LeafRow, position: int) -> bytes:
    try:
        return row.leaf_at(position)
    # SQLite takes any value in any column: what cannot be packed or joined is not what we wrote.
    except (ArithmeticError, AttributeError, TypeError, ValueError, struct.error):
        return b""


def _is_hash(leaf: object) -> TypeGuard[bytes]:
    return isinstance(leaf, bytes) and len(leaf) == HASH_BYTES
