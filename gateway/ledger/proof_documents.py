"""The JSON documents that prove something of the log to somebody who has no database (docs/formats/proof.md).

- A document leads from what it proves to one signed checkpoint, and from the log's first key to the key that signed it.
- It holds hashes of other rows and nothing else of them: whom they are about cannot be told from it.
- What goes in is proven here first: a document that does not hold is never made.

Pure: rows, leaves and checkpoints are given. They are checked again without the gateway by
gateway/verifier/verify_evidence.py, which is no reader of this code.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.errors import LedgerDamaged
from gateway.ledger.checkpoint import Checkpoint, Verifier
from gateway.ledger.entries import Entry
from gateway.ledger.notes import SIGNS, vkey_of
from gateway.ledger.proofs import RootBetween, consistency_proof, extends, includes, inclusion_proof
from gateway.ledger.tree import EMPTY_ROOT

PROOF = "supporting-families-gateway/proof/1"

Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint and its note, with every signature that it is to be shown with."""

    checkpoint: Checkpoint
    note: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """An entry that names the next key of the log, and the checkpoint of its size, signed by both keys."""

    entry: Entry
    signed: SignedCheckpoint


@dataclass(frozen=True, slots=True)
class RowFacts:
    """A row of evidence as its leaf commits to it; `factors` as they are kept, masked."""

    list_reference: str
    position: int
    subject_ref: str
    fields: int
    factors: int
    commitment: bytes
    leaf: bytes


@dataclass(frozen=True, slots=True)
class LogProofs:
    """Proofs against one checkpoint of the log, of which `log` gives roots.

    Each raises LedgerDamaged where rows, leaves and checkpoints do not fit one another.
    """

    signed: SignedCheckpoint
    log: RootBetween
    first_key: Verifier
    hand_overs: Sequence[HandOver]

    def of_row(self, row: RowFacts, on_list: RootBetween, sealed: Entry) -> Document:
        """Return the proof that a row is on the list that an entry sealed, and that entry in the log."""
        root, size, index = bytes.fromhex(str(sealed.body["root"])), int(str(sealed.body["people"])), row.position - 1
        path = inclusion_proof(on_list, size, index) if 0 <= index < size else []
        if not includes(root, size, index, row.leaf, path):
            raise LedgerDamaged(f"row {row.position} of {row.list_reference} is not in the list that was sealed")
        said = {
            "list": row.list_reference,
            "position": row.position,
            "subject_ref": row.subject_ref,
            "fields": row.fields,
            "factors": row.factors,
            "commitment": row.commitment.hex(),
        }
        return self._document("row", row=said, list_path=_hex(path), **self._entry(sealed))

    def of_entry(self, entry: Entry) -> Document:
        """Return the proof that an entry is in the log."""
        return self._document("entry", **self._entry(entry))

    def of_growth(self, older: SignedCheckpoint | None) -> Document:
        """Return the proof that the log only grew since an older checkpoint; None is the empty log."""
        older_lines = lines_of(older.note) if older else None
        path = self._growth_since(older.checkpoint if older else None)
        return self._document("growth", older=older_lines, growth_path=_hex(path))

    def _entry(self, entry: Entry) -> Document:
        path = self._path_of(entry, self.signed.checkpoint)
        return {"entry": entry.content.decode(), "entry_path": _hex(path)}

    def _document(self, proves: str, **proof: object) -> Document:
        frame: Document = {"format": PROOF, "proves": proves, "first_key": text_of_key(self.first_key)}
        return frame | proof | {"hand_overs": list(self._handed_over()), "checkpoint": lines_of(self.signed.note)}

    def _handed_over(self) -> Iterator[Document]:
        for each in self.hand_overs:
            checkpoint = each.signed.checkpoint
            yield {
                "entry": each.entry.content.decode(),
                "entry_path": _hex(self._path_of(each.entry, checkpoint)),
                "growth_path": _hex(self._growth_since(checkpoint)),
                "checkpoint": lines_of(each.signed.note),
            }

    def _growth_since(self, older: Checkpoint | None) -> list[bytes]:
        newer = self.signed.checkpoint
        size, root = (older.size, older.root) if older else (0, EMPTY_ROOT)
        path = consistency_proof(self.log, newer.size, size) if size <= newer.size else []
        if not extends(root, size, newer.root, newer.size, path):
            raise LedgerDamaged(f"the log of {newer.size} entries does not begin with that of {size}")
        return path

    def _path_of(self, entry: Entry, checkpoint: Checkpoint) -> list[bytes]:
        index = entry.position - 1
        path = inclusion_proof(self.log, checkpoint.size, index) if index < checkpoint.size else []
        if not includes(checkpoint.root, checkpoint.size, index, entry.leaf, path):
            raise LedgerDamaged(f"entry {entry.position} is not in the log of the checkpoint")
        return path


def lines_of(note: str) -> list[str]:
    """Return a note as documents hold it: one item a line, as in a manifest."""
    return note.removesuffix("\n").split("\n")


def note_of(lines: Sequence[str]) -> str:
    """Return the note that these are the lines of."""
    return "\n".join(lines) + "\n"


def text_of_key(key: Verifier) -> str:
    """Return the text form of a key of the log."""
    return vkey_of(key.name, key.public, SIGNS)


def _hex(path: Sequence[bytes]) -> list[str]:
    return [each.hex() for each in path]
