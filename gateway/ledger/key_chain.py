"""Say which key signs a checkpoint of which size: the keys of a log, each with the period that entries give it.

- The first key is the one that was enrolled when the log began. An entry signed under the key in force names the next.
- The next key signs from that entry's position on. The checkpoint of exactly that size bears both signatures: the old
  key says to whom it hands over, the new one vouches for all that came before it.
- A signature by a key outside its period says nothing, however good it is: whoever finds an old key can sign no more
  of the log than was there when it was given up.

Pure: whose the first key is, and whether the last one is the one that we hold, is the caller's to ask.
"""

from collections.abc import Iterable

from gateway.errors import CheckpointInvalid
from gateway.ledger.checkpoint import Checkpoint, Signer, Verifier, open_checkpoint, parse_vkey, read_unverified
from gateway.ledger.notes import NoteSignature, add_signature, read_note


class KeyChain:
    """The keys of one log in their order."""

    def __init__(self, first: Verifier) -> None:
        self._periods: list[tuple[int, Verifier]] = [(0, first)]

    @property
    def origin(self) -> str:
        """The log's name, which every key of it bears."""
        return self._periods[0][1].name

    @property
    def first(self) -> Verifier:
        """The key that was enrolled when the log began."""
        return self._periods[0][1]

    @property
    def newest(self) -> Verifier:
        """The key that signs from now on."""
        return self._periods[-1][1]

    @property
    def periods(self) -> tuple[tuple[int, Verifier], ...]:
        """Each key with the size from which on it signs."""
        return tuple(self._periods)

    def hand_over(self, position: int, vkey: str) -> None:
        """Note that the entry at a position names the next key. Raises CheckpointInvalid for another log's."""
        key = parse_vkey(vkey)
        if key.name != self.origin or position <= self._periods[-1][0]:
            raise CheckpointInvalid(
                "the log is handed to a key that does not bear its name, or not after the one before"
            )
        self._periods.append((position, key))

    def signers_of(self, size: int) -> tuple[Verifier, ...]:
        """Return who must have signed a checkpoint of a size: one key, and at a hand-over both."""
        begun = [period for period in self._periods if period[0] <= size]
        at_hand_over = len(begun) > 1 and begun[-1][0] == size
        return tuple(key for _, key in begun[-2 if at_hand_over else -1 :])

    def open(self, note: str) -> Checkpoint:
        """Read a checkpoint that everybody signed who must. Raises CheckpointInvalid otherwise."""
        wanted = self.signers_of(read_unverified(note).size)
        try:
            return [open_checkpoint(note, [key]) for key in wanted][-1]
        except CheckpointInvalid as refusal:
            if self.is_out_of_period(note):
                raise CheckpointInvalid("it is signed by a key of this log outside the period of that key") from refusal
            raise

    def is_out_of_period(self, note: str) -> bool:
        """Say whether a key of this log signed a checkpoint, and none of those that sign at its size."""
        wanted = self.signers_of(read_unverified(note).size)
        others = [key for _, key in self._periods if key not in wanted]
        return _is_signed_by(note, others) and not _is_signed_by(note, wanted)


def _is_signed_by(note: str, keys: Iterable[Verifier]) -> bool:
    try:
        open_checkpoint(note, keys)
    except CheckpointInvalid:
        return False
    return True


def signed_by_next(note: str, signer: Signer) -> str:
    """Return a checkpoint of a hand-over with the signature of the key that it hands over to, behind the old one's."""
    text, _ = read_note(note)
    key_id = parse_vkey(signer.vkey).key_id
    return add_signature(note, NoteSignature(signer.name, key_id, signer.sign(text.encode())))


def is_in_force(key: Verifier, newest_note: str) -> bool:
    """Say whether a key signs what comes after the newest checkpoint: its signature is the last of the log's own."""
    text, signatures = read_note(newest_note)
    own = [each for each in signatures if each.name == key.name][-1:]
    return any(each.key_id == key.key_id and key.verifies(text.encode(), each.signature) for each in own)
