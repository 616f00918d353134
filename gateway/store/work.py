"""One piece of work: a transaction, the entries that explain it, and the checkpoint that ends it.

The argument that a checkpoint is only ever signed over what the database really holds:

(1) One writer at a time: SQLite's BEGIN IMMEDIATE, PostgreSQL's advisory lock. A work may begin before its turn, with
    what needs no entry; nothing of (2) to (6) is asked, and nothing entered, before it has it (`take_turn`).
(2) The last entry is the one that the newest checkpoint counts, so no entry was lost since.
(3) The clock is not behind the last entry (law L9).
(4) At the end the new rows are read back: their bytes are those that were entered, in their order and number.
(5) What they are added to is the tree of the newest checkpoint, and of nothing else: its root is worked out anew, of
    the roots of its whole subtrees as they are kept (subtrees.py) and of the bytes of the rows behind these, and must
    be the one that was signed. Nobody can make other subtrees that give it. Where it does not come out, every row is
    read; where it does not come out of these either, the log is damaged. Only then is the root over all signed.
(6) Whoever signs is whom the log was handed to last; a hand-over ends its work and is signed by both.

So a signature covers what was signed before and what was entered now, whatever became of a row. That the older rows
still are what was signed, `audit verify` says, which reads them all. A work costs what it adds, however long the log.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, insert, select

from gateway.errors import ClockBehindLedger, KeyUnusable, LedgerDamaged
from gateway.ledger.checkpoint import Checkpoint, Signer, open_checkpoint, parse_vkey, sign_checkpoint
from gateway.ledger.entries import Entry, Event, compose_entry
from gateway.ledger.key_chain import is_in_force, signed_by_next
from gateway.ledger.tree import EMPTY_ROOT, SUBTREE, GrowingTree, leaf_hash
from gateway.model.officers import Actor
from gateway.model.time import Clock, as_text, from_text
from gateway.store.streams import AT_ONCE, stream
from gateway.store.subtrees import LOG, keep_subtrees, kept_subtrees
from gateway.store.tables import checkpoints, ledger

HANDED_OVER = "Put the county's newest keys in place, as they were backed up after the key was changed: keys/README.md."


@dataclass(frozen=True, slots=True)
class _Turn:
    """What a work found when its turn came: who signs, what was signed last, and the instant."""

    signer: Signer
    newest: Checkpoint
    at: datetime


class Work:
    """What `Store.writing` gives: a connection to write with, the instant of the work, and `enter`.

    `wait` waits for the writer's place and gives who signs.
    """

    def __init__(self, connection: Connection, *, actor: Actor, clock: Clock, wait: Callable[[], Signer]) -> None:
        self.connection = connection
        self.actor = actor
        self._clock = clock
        self._wait = wait
        self._turn: _Turn | None = None
        self._entries: list[Entry] = []
        self._note: str | None = None
        self.handed_to: Signer | None = None
        self._checkpoint = Checkpoint("", 0, EMPTY_ROOT)
        self._subtrees: dict[int, bytes] = {}

    def take_turn(self) -> None:
        """Wait until no other writes, and begin behind what they entered; nothing where it is our turn already."""
        if self._turn is None:
            signer = self._wait()
            newest = _newest_checkpoint(self.connection, signer)
            self._turn = _Turn(signer, newest, _instant_of_work(self.connection, self._clock, newest))

    @property
    def at(self) -> datetime:
        """The instant of the work."""
        return self._its_turn.at

    @property
    def size(self) -> int:
        """How many entries the log has, those of this work among them."""
        return self._newest.size + len(self._entries)

    @property
    def _newest(self) -> Checkpoint:
        return self._its_turn.newest

    @property
    def _its_turn(self) -> _Turn:
        if self._turn is None:
            raise RuntimeError("a piece of work was gone on with before its turn")
        return self._turn

    def enter(self, event: Event, **body: object) -> int:
        """Append an entry and return its position, for `explained_by`. Raises EntryInvalid where it does not fit."""
        if self._note is not None:
            raise RuntimeError("an entry was made after the checkpoint of its work")
        position = self._newest.size + len(self._entries) + 1
        entry = compose_entry(position, self._newest.size, self.at, self.actor, event, body)
        self.connection.execute(
            insert(ledger).values(
                position=entry.position,
                at=entry.at,
                actor=entry.actor,
                event=entry.event.value,
                body=entry.content,
                leaf=entry.leaf,
            )
        )
        self._entries.append(entry)
        return position

    def checkpoint_note(self) -> str:
        """Sign the checkpoint that will end this work, and return its note; nothing can be entered afterwards.

        A list's manifest carries the note. It stands for nothing unless the work is committed.
        """
        if self._note is None:
            self._checkpoint = Checkpoint(
                self._newest.origin, self._newest.size + len(self._entries), self._root_of_rows()
            )
            self._note = sign_checkpoint(self._checkpoint, self._its_turn.signer)
        return self._note

    def hand_over(self, to: Signer, **body: str) -> None:
        """Enter that another key signs the log from here on; nothing can be entered afterwards in this work."""
        self.enter(Event.LOG_KEY_CHANGED, vkey=to.vkey, **body)
        self._note, self.handed_to = signed_by_next(self.checkpoint_note(), to), to

    def finish(self) -> str | None:
        """Keep the checkpoint and return its note; there is none where nothing was entered."""
        if not self._entries:
            return None
        note, checkpoint = self.checkpoint_note(), self._checkpoint
        self.connection.execute(insert(checkpoints).values(size=checkpoint.size, root=checkpoint.root, note=note))
        keep_subtrees(self.connection, LOG, self._subtrees)
        return note

    def _root_of_rows(self) -> bytes:
        known, size = kept_subtrees(self.connection, LOG), self._newest.size
        tree, new_rows = self._signed_tree(known, size)
        read_back = list(new_rows)
        if read_back != [entry.leaf for entry in self._entries]:  # (4)
            raise LedgerDamaged("the ledger's new rows are not the entries that were made")
        tree.extend(read_back)
        self._subtrees = {number: root for number, root in enumerate(tree.subtrees) if known.get(number) != root}
        return tree.root()

    def _signed_tree(self, known: Mapping[int, object], size: int) -> tuple[GrowingTree, Iterator[bytes]]:
        """Return the tree of the newest checkpoint, and the leaves of the rows behind it."""
        for tree in (_joined(known, size // SUBTREE), GrowingTree()):
            few = self.size - tree.size <= AT_ONCE
            rows = _leaves_behind(self.connection, tree.size, few=few)
            tree.extend(islice(rows, size - tree.size))
            if (tree.size, tree.root()) == (size, self._newest.root):  # (5)
                return tree, rows
        raise LedgerDamaged("the ledger's rows do not give the root of its newest checkpoint")


def _newest_checkpoint(connection: Connection, signer: Signer) -> Checkpoint:
    row = connection.execute(select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)).first()
    if row is None:
        return Checkpoint(signer.name, 0, EMPTY_ROOT)
    key = parse_vkey(signer.vkey)
    newest = open_checkpoint(row.note, [key])
    if not is_in_force(key, row.note):  # (6)
        raise KeyUnusable("the log was handed to another key", advice=HANDED_OVER)
    if (newest.size, newest.root, newest.origin) != (row.size, row.root, signer.name):
        raise LedgerDamaged("the newest checkpoint is not what was signed")
    return newest


def _instant_of_work(connection: Connection, clock: Clock, newest: Checkpoint) -> datetime:
    last = connection.execute(
        select(ledger.c.position, ledger.c.at).order_by(ledger.c.position.desc()).limit(1)
    ).first()
    if (last.position if last else 0) != newest.size:  # (2)
        raise LedgerDamaged("the ledger does not end where its newest checkpoint says")
    now = clock.now()
    if last and now < from_text(last.at):  # (3)
        raise ClockBehindLedger(f"the clock says {as_text(now)}, the last entry {last.at}")
    return now


def _joined(known: Mapping[int, object], most: int) -> GrowingTree:
    """Return the tree of the subtrees that are known from the first on."""
    tree = GrowingTree()
    for number in range(most):
        root = known.get(number)
        if not isinstance(root, bytes):
            break
        tree.join(root)
    return tree


def _leaves_behind(connection: Connection, behind: int, *, few: bool) -> Iterator[bytes]:
    """Yield the leaf of each row behind a position, and nothing that is one where its bytes do not give it.

    `few` rows, which each work reads, are asked for at once: for a stream PostgreSQL is asked four times. Raises
    LedgerDamaged at a gap, or where SQLite was given text in the place of bytes.
    """
    columns = select(ledger.c.position, ledger.c.leaf, ledger.c.body)
    statement = columns.where(ledger.c.position > behind).order_by(ledger.c.position)
    rows = iter(connection.execute(statement)) if few else stream(connection, statement)
    for expected, (position, leaf, content) in enumerate(rows, start=behind + 1):
        if position != expected or not (isinstance(leaf, bytes) and isinstance(content, bytes)):
            raise LedgerDamaged(f"the ledger has no whole entry {expected}")
        yield leaf if leaf_hash(content) == leaf else b""
