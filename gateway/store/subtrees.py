"""Edge: the roots of whole subtrees of the lists' trees and of the log's, so that a proof does not read every row.

- They are kept with the rows that they are worked out of, in the same transaction; a help, and no evidence. Whoever
  takes a proof or a root from here holds it against what was signed, and turns to the rows where it does not fit.
- What is missing is worked out of the rows, and can be kept then. `audit verify` holds what is kept against the rows.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select

from gateway.ledger.known_trees import KnownTree
from gateway.store.tables import evidence, ledger, subtrees

#: The number of the log's own tree; a list's is the list's.
LOG = 0


def keep_subtrees(connection: Connection, tree: int, roots: Mapping[int, bytes]) -> None:
    """Keep roots by their numbers, in the place of those that were kept under the same."""
    if not roots:
        return
    connection.execute(delete(subtrees).where(subtrees.c.tree == tree, subtrees.c.number.in_(list(roots))))
    rows = [{"tree": tree, "number": number, "root": root} for number, root in roots.items()]
    connection.execute(insert(subtrees), rows)


def drop_subtrees(connection: Connection, tree: int) -> None:
    """Keep nothing of a tree any more."""
    connection.execute(delete(subtrees).where(subtrees.c.tree == tree))


def kept_subtrees(connection: Connection, tree: int) -> dict[int, object]:
    """Return what is kept of a tree, as it is: SQLite keeps any value in any column."""
    query = select(subtrees.c.number, subtrees.c.root).where(subtrees.c.tree == tree).order_by(subtrees.c.number)
    return {row[0]: row[1] for row in connection.execute(query).all()}


class Trees:
    """The trees that proofs are taken from; with `kept=False`, from the rows alone."""

    def __init__(self, connection: Connection, *, kept: bool = True) -> None:
        self._connection = connection
        self._kept = kept
        self._trees: dict[int, KnownTree] = {}

    def log(self) -> KnownTree:
        """Return the log's tree."""
        leaves = select(ledger.c.leaf).order_by(ledger.c.position)
        return self._tree(LOG, leaves, ledger.c.position)

    def of_list(self, list_id: int) -> KnownTree:
        """Return the tree of a list."""
        leaves = select(evidence.c.leaf).where(evidence.c.list_id == list_id).order_by(evidence.c.position)
        return self._tree(list_id, leaves, evidence.c.position)

    def learned(self) -> dict[int, dict[int, bytes]]:
        """Return what had to be worked out of rows, by tree."""
        return {number: tree.learned for number, tree in self._trees.items() if tree.learned}

    def _tree(self, number: int, leaves: Select[Any], position: Any) -> KnownTree:
        def between(first: int, end: int) -> list[bytes]:
            query = leaves.where(position > first, position <= end)
            # All at once: one by one takes as long as hashing them.
            return _hashes(self._connection.execute(query).scalars().all())

        if number not in self._trees:
            kept = kept_subtrees(self._connection, number) if self._kept else {}
            known = {place: root for place, root in kept.items() if isinstance(root, bytes)}
            self._trees[number] = KnownTree(known, between)
        return self._trees[number]


def _hashes(leaves: Iterable[Any]) -> list[bytes]:
    """Return leaves; what SQLite holds in their place gives a root that nobody signed."""
    return [leaf if isinstance(leaf, bytes) else b"" for leaf in leaves]
