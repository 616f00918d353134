"""Check a workbook that is a zip archive before any of it is unpacked, and unpack single parts within bounds.

- Few parts, none of them encrypted or twice there, none that grows out of proportion when it is unpacked, and not
  more than a bounded size altogether.
- No macros, links to other files, embedded files, or archives within the archive.
- A part gives as many bytes as the archive says, or the workbook is refused as damaged.

Pure: bytes come in.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from enum import StrEnum

from gateway.errors import WorkCoachListRefused

_MOST_PARTS = 2000
_MOST_UNPACKED_BYTES = 160 << 20
#: Sheets of the same few words shrink to a fortieth; a bomb to a thousandth.
_MOST_RATIO = 150
#: Below this a ratio says nothing.
_SMALL_PART_BYTES = 1 << 20
_PIECE_BYTES = 1 << 16
_ENCRYPTED = 0x1

_FORBIDDEN: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?:.*/)?vba(?:project|data)[^/]*|basic/.*|scripts/.*|.*/macrosheets/.*"), "macros"),
    (re.compile(r".*/activex/.*|.*/ctrlprops/.*\.bin"), "controls that can run programs"),
    (re.compile(r".*/externallinks/.*"), "links to other files"),
    (re.compile(r".*/embeddings/.*|object [0-9]+/.*"), "other files embedded in it"),
    (
        re.compile(r".*\.(?:zip|7z|rar|gz|xlsx|xlsm|xlsb|xls|ods|exe|dll|js|vbs|docx|docm)"),
        "other files packed into it",
    ),
)
_AS_VALUES = "Ask for the list as plain values, saved as CSV or XLSX."


class PackageKind(StrEnum):
    """Which workbook an archive is."""

    XLSX = "xlsx"
    XLSB = "xlsb"
    ODS = "ods"


_KIND_BY_PART = {
    "xl/workbook.xml": PackageKind.XLSX,
    "xl/workbook.bin": PackageKind.XLSB,
    "content.xml": PackageKind.ODS,
}


class Package:
    """A workbook's archive whose parts may be unpacked. Making one raises WorkCoachListRefused."""

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise _damaged() from error
        _check_sizes(self._archive.infolist())
        for part in self._archive.infolist():
            _check_name(part.filename)
        self.names = frozenset(self._archive.namelist())
        self.kind = self._kind()

    def pieces_of(self, name: str) -> Iterator[bytes]:
        """Yield a part, unpacked, in pieces."""
        try:
            with self._archive.open(name) as part:
                while piece := part.read(_PIECE_BYTES):
                    yield piece
        except (
            KeyError,
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise _damaged() from error

    def _kind(self) -> PackageKind:
        kinds = [kind for part, kind in _KIND_BY_PART.items() if part in self.names]
        if len(kinds) != 1:
            raise WorkCoachListRefused("the file is an archive, but no workbook", advice=_AS_VALUES)
        return kinds[0]


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > _MOST_PARTS:
        raise WorkCoachListRefused(f"the workbook has more than {_MOST_PARTS} parts", advice=_AS_VALUES)
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise WorkCoachListRefused("the archive is encrypted in a way that no spreadsheet does", advice=_AS_VALUES)
    if len({part.filename.casefold() for part in parts}) < len(parts):
        raise WorkCoachListRefused("the archive has two parts of one name", advice=_AS_VALUES)
    too_large = sum(part.file_size for part in parts) > _MOST_UNPACKED_BYTES
    if too_large or any(_is_bomb(part) for part in parts):
        raise WorkCoachListRefused("the workbook would grow out of all proportion when unpacked", advice=_AS_VALUES)


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    return part.file_size > _SMALL_PART_BYTES and part.file_size > _MOST_RATIO * part.compress_size


def _check_name(name: str) -> None:
    plain = name.casefold().replace("\\", "/").lstrip("/")
    for pattern, what in _FORBIDDEN:
        if pattern.fullmatch(plain):
            raise WorkCoachListRefused(f"the workbook has {what}", advice=_AS_VALUES)


def _damaged() -> WorkCoachListRefused:
    return WorkCoachListRefused("the workbook is damaged or cut short", advice="Ask for the file again.")
