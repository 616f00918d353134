"""Tell what a file is by its first bytes, whatever its name says, and refuse what is no list.

Pure. Which parts a zip archive or a compound file has is looked at where they are opened.
"""

from enum import StrEnum

from gateway.errors import WorkCoachListRefused
from gateway.sources.work_coach_list.table import MOST_BYTES

_ZIP = b"PK\x03\x04"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MEBIBYTE = 1 << 20
_BEGINNING = 512

#: What a file is that begins like this.
_NO_LIST: tuple[tuple[bytes, str], ...] = (
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"#!", "a program"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a text document"),
    (b"PK\x05\x06", "an empty archive"),
    (b"PK\x07\x08", "a part of an archive"),
    (b"\x1f\x8b", "a compressed file"),
    (b"BZh", "a compressed file"),
    (b"\xfd7zXZ", "a compressed file"),
    (b"7z\xbc\xaf", "an archive"),
    (b"Rar!", "an archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3", "a database"),
    (b"\x09\x08", "a workbook of before 1995"),
    (b"\x09\x04", "a workbook of before 1995"),
    (b"\x09\x02", "a workbook of before 1995"),
)
_MARK = b"\xef\xbb\xbf"


class FileKind(StrEnum):
    """How a file is opened."""

    TEXT = "text"
    #: A zip archive: XLSX, XLSB or ODS.
    PACKAGE = "package"
    #: An OLE compound file: XLS, or any encrypted workbook.
    COMPOUND = "compound"


def kind_of(data: bytes) -> FileKind:
    """Return how the file is opened. Raises WorkCoachListRefused for what cannot be a list."""
    if not data:
        raise WorkCoachListRefused("the file is empty")
    refuse_too_large(len(data))
    if data.startswith(_ZIP):
        return FileKind.PACKAGE
    if data.startswith(COMPOUND):
        return FileKind.COMPOUND
    for beginning, what in _NO_LIST:
        if data.startswith(beginning):
            raise WorkCoachListRefused(f"the file is {what}, whatever its name says")
    if data[:_BEGINNING].removeprefix(_MARK).lstrip().startswith(b"<"):
        raise WorkCoachListRefused("the file is a web page or XML, whatever its name says")
    return FileKind.TEXT


def refuse_too_large(size_bytes: int) -> None:
    """Raise WorkCoachListRefused for a file of more bytes than a list can have."""
    if size_bytes > MOST_BYTES:
        raise WorkCoachListRefused(f"the file is larger than {MOST_BYTES // _MEBIBYTE} MB")
