"""What the log itself says that it lost: entries that a database restored from an older backup does not have.

Whoever settles such a database enters the newest checkpoint that was kept outside. From then on the log goes on behind
the size of that checkpoint: what is between is filled with entries that say only that another one stood there. So no
size is ever used twice, and a checkpoint of the log's own key says by its size alone whether it counts what is here or
what was lost.

- The lost entries are those after `had`, up to `held`.
- At `held` the root is known, and a checkpoint with another one is of neither.

Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.entries import Entry


@dataclass(frozen=True, slots=True)
class Loss:
    """A restore that was settled, as entry `position` says; `after` is the size of the log when that work began."""

    position: int
    after: int
    had: int
    held: int
    root: str
    at: str
    actor: str
    case: str

    @classmethod
    def said_by(cls, entry: Entry) -> Self:
        """Return what an entry of `database:restored` says."""
        had, held = entry.body["had"], entry.body["held"]
        return cls(
            position=entry.position,
            after=entry.after,
            had=had if isinstance(had, int) else 0,
            held=held if isinstance(held, int) else 0,
            root=str(entry.body["root"]),
            at=entry.at,
            actor=entry.actor,
            case=str(entry.body["case"]),
        )

    def counts(self, checkpoint: Checkpoint) -> bool:
        """Say whether a checkpoint of the log's key counts entries that were lost."""
        if checkpoint.size == self.held:
            return checkpoint.root.hex() == self.root
        return self.had < checkpoint.size < self.held


def loss_counting(checkpoint: Checkpoint, losses: Iterable[Loss]) -> Loss | None:
    """Return the restore in which the entries of a checkpoint were lost, if one is recorded."""
    return next((loss for loss in losses if loss.counts(checkpoint)), None)
