"""Sort what a partner left into receipts: signed in one piece, or a text and its signature side by side.

- `NAME.sig` or `NAME.asc` with a signature alone belongs to the text `NAME`. Where that is not there it can only be
  the form that we made, unaltered, and the caller makes it again.
- A text without a signature says nothing, but its signature may be on its way: it is left where it lies.

Pure: names and bytes in, receipts to verify out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.errors import PackageCorrupt, ReceiptMalformed
from gateway.receipts.parse import parse_receipt
from gateway.sealing.signatures import is_detached_signature


@dataclass(frozen=True, slots=True)
class Whole:
    """A file that should be a receipt signed in one piece. `names` are the files that it settles."""

    names: tuple[str, ...]
    message: bytes


@dataclass(frozen=True, slots=True)
class Detached:
    """A signature, and the text that lay beside it; None where the text is to be made again from `text_name`."""

    names: tuple[str, ...]
    text_name: str
    text: bytes | None
    signature: bytes


@dataclass(frozen=True, slots=True)
class Sorted:
    """The receipts to verify, in the order of their names, and how many texts wait for a signature."""

    receipts: tuple[Whole | Detached, ...]
    waiting: int


def sort_files(files: Iterable[tuple[str, bytes]]) -> Sorted:
    """Sort the files of one collection."""
    held = dict(files)
    texts = {name for name, data in held.items() if _is_text_alone(data)}
    receipts = tuple(_receipt(name, held, texts) for name in sorted(held.keys() - texts))
    settled = {name for receipt in receipts for name in receipt.names}
    return Sorted(receipts, len(texts - settled))


def _receipt(name: str, held: Mapping[str, bytes], texts: set[str]) -> Whole | Detached:
    base = name.rpartition(".")[0]
    names = (name, base) if base in texts else (name,)
    if not _is_signature_alone(held[name]):
        return Whole(names, held[name])
    return Detached(names, base, held[base] if base in texts else None, held[name])


def _is_signature_alone(data: bytes) -> bool:
    try:
        return is_detached_signature(data)
    except PackageCorrupt:
        return False


def _is_text_alone(data: bytes) -> bool:
    try:
        parse_receipt(data)
    except ReceiptMalformed:
        return False
    return True
