"""Tell how a file is encoded, and its hash and lines, in one reading from beginning to end.

- A byte order mark decides. Without one the mapping's candidates are tried in order, each strictly and on the
  whole file.
- A zero byte or character is binary junk, whatever the encoding.
- A file in which some lines are UTF-8 and others are not is refused: read as code page 1252, every name in it
  would become another name, and a flag that knows the person by name would reach nobody (law L3).
- Faults give line numbers, never what stands there (law L8).

Edge: reads one file, in pieces; memory stays flat.
"""

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

PIECE_BYTES = 1 << 18

#: The longer mark first: UTF-32 little-endian begins like UTF-16 little-endian.
_MARKS: tuple[tuple[bytes, str | None], ...] = (
    (codecs.BOM_UTF32_LE, None),
    (codecs.BOM_UTF32_BE, None),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_AGAIN = "Ask for the extract again, written as text in one encoding, then `gateway sources load`."


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What one reading of a file tells; `fault` says why it cannot be used."""

    sha256: str = ""
    size_bytes: int = 0
    lines: int = 0
    encoding: str = ""
    fault: str | None = None
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class _Decoded:
    """How far a strict decoding came: `bad_line` is the line where it failed."""

    lines: int
    bad_line: int | None = None
    zero_line: int | None = None


def facts_of(path: Path, candidates: tuple[str, ...]) -> FileFacts:
    """Return the facts of a file. Raises OSError when it cannot be read."""
    digest = hashlib.sha256()
    size_bytes = 0
    with path.open("rb") as file:
        for piece in pieces_of(file):
            digest.update(piece)
            size_bytes += len(piece)
        if size_bytes == 0:
            return FileFacts(
                fault="the file is empty", advice="Ask for the extract again: even without rows it has a header."
            )
        encoding, lines, fault = _encoding_of(file, candidates)
    return FileFacts(digest.hexdigest(), size_bytes, lines, encoding, fault, _AGAIN if fault else None)


def pieces_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield the whole file from its beginning, in pieces."""
    file.seek(0)
    while piece := file.read(PIECE_BYTES):
        yield piece


def _encoding_of(file: BinaryIO, candidates: tuple[str, ...]) -> tuple[str, int, str | None]:
    """Return encoding, lines after the header, and what is wrong."""
    first_bad_line = None
    for encoding in _by_mark(file, candidates):
        decoded = _decode(file, encoding)
        if decoded.zero_line is not None:
            return "", 0, f"line {decoded.zero_line} holds a zero byte: this is not a text file"
        if decoded.bad_line is None:
            if first_bad_line is not None and _has_utf8_lines(file):
                return "", 0, f"some lines are UTF-8, but line {first_bad_line} is not"
            return encoding, decoded.lines, None
        first_bad_line = first_bad_line or decoded.bad_line
    if first_bad_line is None:
        return "", 0, "it is encoded as UTF-32, which is not read"
    return "", 0, f"line {first_bad_line} is not in the file's encoding"


def _by_mark(file: BinaryIO, candidates: tuple[str, ...]) -> tuple[str, ...]:
    file.seek(0)
    beginning = file.read(4)
    for mark, encoding in _MARKS:
        if beginning.startswith(mark):
            return (encoding,) if encoding else ()
    return candidates


def _decode(file: BinaryIO, encoding: str) -> _Decoded:
    decoder = codecs.getincrementaldecoder(encoding)()
    line_ends = 0
    ended = True
    for piece in chain(pieces_of(file), (b"",)):
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            return _Decoded(0, bad_line=line_ends + error.object.count(b"\n", 0, error.start) + 1)
        if "\0" in text:
            return _Decoded(0, zero_line=line_ends + text.count("\n", 0, text.index("\0")) + 1)
        line_ends += text.count("\n")
        ended = text.endswith("\n") if text else ended
    return _Decoded(line_ends - 1 + (not ended))


def _has_utf8_lines(file: BinaryIO) -> bool:
    """Say whether some line of a file that is not UTF-8 as a whole has letters beyond ASCII that are."""
    file.seek(0)
    while line := file.readline(PIECE_BYTES):
        if not line.isascii() and _is_utf8(line):
            return True
    return False


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
