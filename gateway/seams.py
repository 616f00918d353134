"""Where a process may end between an effect and whatever comes after it, by name.

- A seam stands after each effect that outlasts the process: a commit, a claim, a byte at the partner's.
- To pass one does nothing, unless whoever started the process set a hook. The product never sets one: the tests do,
  in processes of their own that they end there (law L4).
- The names are a closed list, and a test ends a night at each of them. None stands in the loop over rows.

Pure but for the one hook.
"""

from collections.abc import Callable
from enum import StrEnum


class Seam(StrEnum):
    """The effects after which a process may end, in the order of a night."""

    #: A lease is ours: of the load, or of one list's delivery.
    CLAIMED = "claimed"
    #: Every extract is read, and nothing of it is kept yet.
    EXTRACTS_READ = "extracts-read"
    #: Evidence and package of a list are made, in a transaction that is not committed yet.
    SCANNED = "scanned"
    #: The list's row is made, in the same transaction.
    PLANNED = "planned"
    #: A piece of work and its checkpoint are in the database.
    COMMITTED = "committed"
    #: That checkpoint is kept outside the database too.
    KEPT_OUTSIDE = "kept-outside"
    SESSION_OPENED = "session-opened"
    #: A temporary file is there, with nothing in it.
    FILE_OPENED = "file-opened"
    #: The server answered to one block.
    BLOCK_WRITTEN = "block-written"
    #: The file is on the server's disk.
    BROUGHT_TO_DISK = "brought-to-disk"
    FILE_CHECKED = "file-checked"
    FILE_CLOSED = "file-closed"
    #: A file is in the recipient's view.
    RENAMED = "renamed"
    #: The manifest and the receipt form are in view, each after its own seams.
    COMPANIONS_PLACED = "companions-placed"
    #: A receipt is out of the way at the partner's.
    RECEIPT_ARCHIVED = "receipt-archived"


Hook = Callable[[Seam], None]


def _pass_by(_: Seam) -> None:
    """Do nothing."""


_hook: Hook = _pass_by


def seam(name: Seam) -> None:
    """Pass a seam."""
    _hook(name)


def set_hook(hook: Hook | None) -> None:
    """Have something done at each seam of this process from now on; None for nothing."""
    global _hook  # noqa: PLW0603 - one for the process, because a process is what ends
    _hook = hook or _pass_by
