"""Edge: who signs the log of an open database, of the keys that we hold.

- A database is opened with the newest of our keys that its entries name.
- Before each work the key in force is taken: another process may have handed the log over since.
- A database from an older backup does not know a key that the log was handed to since. What that key signed is read
  all the same, so that the database is found to be old and not the checkpoint to be false.
"""

from collections.abc import Callable, Iterable

from sqlalchemy import Connection

from gateway.errors import CheckpointInvalid, KeyUnusable
from gateway.ledger.checkpoint import Checkpoint, Signer, open_checkpoint, parse_vkey, vkey_of
from gateway.ledger.key_chain import KeyChain, is_in_force
from gateway.store.log_keys import key_chain_of, newest_note
from gateway.store.work import HANDED_OVER


class LogSigner:
    """`signer` signs; `others` gives the keys that may have taken its place, as the key files stand when asked."""

    def __init__(self, signer: Signer, others: Callable[[], Iterable[Signer]]) -> None:
        self.signer = signer
        self._others = others
        self._keys = KeyChain(parse_vkey(signer.vkey))

    def take_known(self, connection: Connection, origin: str) -> None:
        """Take the newest of our keys that is one of the log's. What was signed with it is not looked at here."""
        if origin != self.signer.name:
            raise KeyUnusable("the checkpoint key bears the name of another log")
        keys = key_chain_of(connection)
        ours = {signer.vkey: signer for signer in (self.signer, *self._others())}
        known = [key for key in (vkey_of(key.name, key.public) for _, key in keys.periods) if key in ours]
        if not known:
            raise KeyUnusable("the checkpoint key is none of those of this database's log", advice=HANDED_OVER)
        self.signer, self._keys = ours[known[-1]], keys

    def take_in_force(self, connection: Connection) -> None:
        """Take the key that signs next. Raises KeyUnusable where we do not hold it."""
        note = newest_note(connection)
        if note is None or is_in_force(parse_vkey(self.signer.vkey), note):
            return
        for signer in self._others():
            if is_in_force(parse_vkey(signer.vkey), note):
                self.take(signer, connection)
                return
        raise KeyUnusable("the log was handed to a checkpoint key that is not here", advice=HANDED_OVER)

    def take(self, signer: Signer, connection: Connection) -> None:
        """Sign with a key that the log was handed to."""
        self.signer, self._keys = signer, key_chain_of(connection)

    def read(self, note: str) -> Checkpoint:
        """Read a checkpoint of this log, also one of a key that this database does not know yet."""
        try:
            return self._keys.open(note)
        except CheckpointInvalid:
            if self._keys.is_out_of_period(note):
                raise
            return open_checkpoint(note, [parse_vkey(signer.vkey) for signer in self._others()])

    def newest(self, connection: Connection) -> Checkpoint:
        """Return the newest checkpoint that the database holds."""
        return self.read(newest_note(connection) or "")
