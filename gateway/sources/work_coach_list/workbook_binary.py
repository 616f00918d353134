"""Survey the binary workbooks, XLS and XLSB: how far sheets go, whether formulas stand in them, from when days count.

Both are runs of records, each with a number, a length and so many bytes ([MS-XLS] 2.1.4, [MS-XLSB] 2.1.4). Sheets are
not told apart: a formula on any of them refuses the workbook, since these formats are rare and old.

Pure.
"""

import struct
from collections.abc import Iterator
from enum import IntEnum

from gateway.errors import WorkCoachListRefused
from gateway.sources.work_coach_list.package import Package
from gateway.sources.work_coach_list.sheets import Extent, Survey

#: Sheets and shared strings of XLSB within the bounds of a package.
_WORKBOOK_BIN = "xl/workbook.bin"
_WORKSHEETS = "xl/worksheets/"


class Xls(IntEnum):
    """Records of an XLS workbook that are looked at."""

    FORMULA = 0x0006
    DATE_1904 = 0x0022
    FILE_PASS = 0x002F
    BOUND_SHEET = 0x0085
    MULTIPLE_RK = 0x00BD
    RICH_STRING = 0x00D6
    SHARED_STRING = 0x00FD
    SUPPORTING_BOOK = 0x01AE
    NUMBER = 0x0203
    LABEL = 0x0204
    BOOLEAN_OR_ERROR = 0x0205
    RK = 0x027E


_XLS_CELLS = frozenset(
    {Xls.RICH_STRING, Xls.SHARED_STRING, Xls.NUMBER, Xls.LABEL, Xls.BOOLEAN_OR_ERROR, Xls.RK, Xls.FORMULA}
)
#: What a supporting book names that is this workbook itself, or functions that come with the program.
_OWN_BOOKS = frozenset({0x0401, 0x3A01})
_WORKSHEET = 0


class Xlsb(IntEnum):
    """Records of an XLSB workbook that are looked at."""

    ROW = 0
    FIRST_CELL = 1
    ERROR = 3
    #: From here to the last cell they are formulas.
    FIRST_FORMULA = 8
    LAST_CELL = 11
    WORKBOOK_PROPERTIES = 153
    SUPPORTING_LINK = 355


def survey_of_xls(workbook: bytes) -> Survey:
    """Return what the workbook stream of an XLS file is like. Raises WorkCoachListRefused."""
    extent, from_1904 = Extent(), False
    for kind, body in _xls_records(workbook):
        if kind == Xls.DATE_1904:
            from_1904 = body[:1] == b"\x01"
        elif kind == Xls.BOUND_SHEET and body[5:6] != bytes([_WORKSHEET]):
            raise WorkCoachListRefused("the workbook has macros, or sheets that are charts")
        elif kind == Xls.SUPPORTING_BOOK and _number(body, 2) not in _OWN_BOOKS:
            raise WorkCoachListRefused("the workbook has links to other files")
        else:
            _note_xls(extent, kind, body)
    return Survey({"": extent}, from_1904)


def is_protected_xls(workbook: bytes) -> bool:
    """Say whether the workbook stream of an XLS file is encrypted."""
    return any(kind == Xls.FILE_PASS for kind, _ in _xls_records(workbook))


def survey_of_xlsb(package: Package) -> Survey:
    """Return what an XLSB workbook is like. Raises WorkCoachListRefused."""
    from_1904, extents = False, Extent()
    for kind, body in _xlsb_records(package, _WORKBOOK_BIN):
        if kind == Xlsb.WORKBOOK_PROPERTIES:
            from_1904 = bool(body[:1] and body[0] & 1)
        elif kind == Xlsb.SUPPORTING_LINK:
            raise WorkCoachListRefused("the workbook has links to other files")
    for name in sorted(package.names):
        if name.startswith(_WORKSHEETS) and name.endswith(".bin"):
            _note_xlsb(extents, package, name)
    return Survey({"": extents}, from_1904)


def _note_xls(extent: Extent, kind: int, body: bytes) -> None:
    if kind == Xls.MULTIPLE_RK:
        # Row, first column, six bytes a cell, last column.
        extent.cell(_number(body, 0), _number(body, len(body) - 2))
    elif kind in _XLS_CELLS:
        place = _number(body, 0), _number(body, 2)
        extent.cell(*place)
        if kind == Xls.FORMULA:
            extent.holds_formula(*place)
        if kind == Xls.BOOLEAN_OR_ERROR and body[7:8] == b"\x01":
            extent.shows_error(*place)


def _note_xlsb(extent: Extent, package: Package, name: str) -> None:
    row = 0
    for kind, body in _xlsb_records(package, name):
        if kind == Xlsb.ROW:
            row = _number(body, 0, "<I")
        elif Xlsb.FIRST_CELL < kind <= Xlsb.LAST_CELL:
            place = row, _number(body, 0, "<I")
            extent.cell(*place)
            if kind >= Xlsb.FIRST_FORMULA:
                extent.holds_formula(*place)
            if kind == Xlsb.ERROR:
                extent.shows_error(*place)


def _xls_records(workbook: bytes) -> Iterator[tuple[int, bytes]]:
    position, head = 0, struct.Struct("<HH")
    while position + head.size <= len(workbook):
        kind, length = head.unpack_from(workbook, position)
        position += head.size
        yield kind, workbook[position : position + length]
        position += length


def _xlsb_records(package: Package, name: str) -> Iterator[tuple[int, bytes]]:
    part = b"".join(package.pieces_of(name))
    position = 0
    while position < len(part):
        kind, position = _variable(part, position, most=2)
        length, position = _variable(part, position, most=4)
        # A record's number keeps the bits that say that it goes on.
        yield kind, part[position : position + length]
        position += length


def _variable(part: bytes, position: int, *, most: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, and where what follows it begins."""
    value = 0
    for place in range(most):
        if position >= len(part):
            raise _cut_short()
        value |= (part[position] & 0x7F) << (7 * place)
        position += 1
        if part[position - 1] < 0x80:  # noqa: PLR2004 - the highest bit says that another byte follows
            break
    return value, position


def _number(body: bytes, position: int, form: str = "<H") -> int:
    try:
        return int(struct.unpack_from(form, body, position)[0])
    except struct.error as error:
        raise _cut_short() from error


def _cut_short() -> WorkCoachListRefused:
    return WorkCoachListRefused("the workbook is damaged or cut short", advice="Ask for the file again.")
