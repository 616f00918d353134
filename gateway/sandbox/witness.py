"""Edge: acts as the witness that a recipient's desk is: co-signs the checkpoints that come with its lists.

It says what a witness says and no more: that this is the largest checkpoint of the log that it has seen. So it keeps
the newest one that it co-signed, and is silent where it is shown a smaller one. One of the same size with another root
is two stories of one log: it co-signs nothing more of it, and whoever runs it is to call the county's auditors.
"""

from dataclasses import dataclass
from pathlib import Path

from gateway.errors import CheckpointInvalid
from gateway.ledger.checkpoint import read_unverified
from gateway.ledger.cosignature import Cosigner
from gateway.model.time import Clock


@dataclass(frozen=True, slots=True)
class DeskWitness:
    """A desk's own witness; `newest` is the file that remembers what it co-signed last."""

    cosigner: Cosigner
    clock: Clock
    newest: Path

    def cosign(self, note: str) -> str | None:
        """Return the checkpoint co-signed; None where a larger one was seen before.

        Raises CheckpointInvalid for what is no checkpoint, or contradicts the one that was co-signed last. The caller
        has checked whose it is: it stands in a manifest that the council signed.
        """
        shown, seen = read_unverified(note), self._seen()
        if seen is not None and shown.size == read_unverified(seen).size and shown != read_unverified(seen):
            raise CheckpointInvalid("the council shows another checkpoint of a size that was co-signed before")
        if seen is not None and shown.size < read_unverified(seen).size:
            return None
        cosigned = self.cosigner.cosign(note, self.clock.now())
        self.newest.parent.mkdir(parents=True, exist_ok=True)
        self.newest.write_text(cosigned, encoding="utf-8")
        return cosigned

    def _seen(self) -> str | None:
        return self.newest.read_text(encoding="utf-8") if self.newest.exists() else None
