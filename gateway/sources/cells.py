"""Make, once for a feed, what reads each kind of cell.

- A blank cell and a null token mean None; where the column must be filled they are a flaw.
- A value that cannot be read is a flaw and never None: an unreadable end would leave a spell open (law L3).
- Known stand-ins for "none" are None: `nopostcode`, rows of X, a temporary pupil number.
- How to reach a worker decides nothing, so an unusable e-mail address or number is left blank and counted.
- Characters that do not print are taken out of staff ids, where a case system is known to leave them.

Readers of cells that repeat remember a bounded number of them. What reads a column reads many cells at once and says
the same of each as the reader of a cell. Pure.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from gateway.cohort.identifiers import (
    Environment,
    Flaw,
    Unusable,
    date_parser,
    parse_name,
    parse_nino,
    parse_postcode,
    parse_upn,
)
from gateway.sources.columns import NOT_READ, Column, Kind, Unknown
from gateway.sources.mapping import SourceMapping

Value = str | date | bool | None
ReadCell = Callable[[str], Value]
ReadColumn = Callable[[Sequence[str]], Sequence[Value]]

LONGEST_TEXT = 120
_REMEMBERED = 1 << 14

_LONGEST_ID = 64
_ID = re.compile(f"[!-~]{{1,{_LONGEST_ID}}}")
_EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_{|}~.-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PHONE = re.compile(r"\+?[0-9(][0-9 ()-]{4,24}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?", re.IGNORECASE)
_TRUTHS: dict[str, bool] = {
    **dict.fromkeys(("y", "yes", "true", "t", "1"), True),
    **dict.fromkeys(("n", "no", "false", "f", "0"), False),
}
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class CellFlaw(StrEnum):
    """Why a cell cannot be used, beside the flaws of identifiers. Stored: renaming one needs a migration."""

    BLANK = "blank"
    ID_FORM = "id_form"
    CODE_UNKNOWN = "code_unknown"
    TRUTH_FORM = "truth_form"
    TEXT_CHARACTER = "text_character"
    TEXT_LENGTH = "text_length"


class DropReason(StrEnum):
    """Why a readable line is left out without being a reject. Stored: renaming one needs a migration."""

    DUPLICATE = "duplicate"
    UNKNOWN_MEMBER = "unknown_member"
    NOT_READ = "code_not_read"


class Dropped(Exception):
    """The line is one that the mapping leaves out."""

    def __init__(self, reason: DropReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CellReaders:
    """Makes the reader of each column of one source."""

    mapping: SourceMapping
    environment: Environment

    def reader_of(self, column: Column, codes: Mapping[str, str]) -> ReadCell:
        """Return what reads a cell of the column: its value, or Unusable or Dropped raised."""
        read = self._by_kind(column, codes)
        blank = _blank_of(column)
        nulls = self.mapping.null_tokens | {""}

        def read_cell(cell: str) -> Value:
            text = cell.strip()
            return blank() if text in nulls else read(text)

        return read_cell if column.kind in _SELDOM_TWICE else lru_cache(maxsize=_REMEMBERED)(read_cell)

    def column_reader_of(self, column: Column, read_cell: ReadCell) -> ReadColumn:
        """Return what reads many cells of the column, given what reads one; Unusable or Dropped raised at the first."""
        if column.kind is not Kind.ID:
            return lambda cells: list(map(read_cell, cells))
        special = self.mapping.null_tokens | self.mapping.unknown_members | {""}

        def read_ids(cells: Sequence[str]) -> Sequence[Value]:
            together = "".join(cells)
            if (
                together.isascii()
                and together.isprintable()
                and " " not in together
                and len(max(cells, key=len)) <= _LONGEST_ID
                and special.isdisjoint(cells)
            ):
                return cells
            return list(map(read_cell, cells))

        return read_ids

    def _by_kind(self, column: Column, codes: Mapping[str, str]) -> ReadCell:
        match column.kind:
            case Kind.ID | Kind.STAFF_ID:
                return self._id_reader(staff=column.kind is Kind.STAFF_ID, filled=column.filled)
            case Kind.DATE:
                return date_parser(self.mapping.date_formats)
            case Kind.SET_DATE:
                return _set_date_reader(date_parser(self.mapping.date_formats))
            case Kind.CODE:
                return _code_reader(codes, column.unknown)
            case Kind.NINO:
                return lambda text: parse_nino(text, self.environment).value
            case _:
                return _READERS[column.kind]

    def _id_reader(self, *, staff: bool, filled: bool) -> ReadCell:
        unknown = self.mapping.unknown_members

        def read_id(text: str) -> str | None:
            text = without_unseen(text) if staff else text
            if text in unknown and not filled:
                # A flag whose id stands for nobody still protects whom its other keys mean.
                return None
            if text in unknown:
                raise Dropped(DropReason.UNKNOWN_MEMBER)
            if not _ID.fullmatch(text):
                raise Unusable(CellFlaw.ID_FORM)
            return text

        return read_id


#: Remembering these would cost memory and save nothing.
_SELDOM_TWICE = frozenset({Kind.ID, Kind.STAFF_ID, Kind.NINO, Kind.UPN, Kind.EMAIL, Kind.PHONE})


def readable_id(cell: str) -> str | None:
    """Return the id that a damaged cell most likely holds, for knowing whom a reject touches; None if it holds none."""
    text = without_unseen(cell).strip()
    return text if _ID.fullmatch(text) else None


def without_unseen(text: str) -> str:
    """Return the text without characters that do not print and without blanks around it."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c for c in text if unicodedata.category(c) not in _UNSEEN).strip()


def _blank_of(column: Column) -> Callable[[], Value]:
    if column.filled:
        return _raise_blank
    return bool if column.kind is Kind.TRUTH else _none


def _raise_blank() -> Value:
    raise Unusable(CellFlaw.BLANK)


def _none() -> None:
    return None


def _set_date_reader(read_date: Callable[[str], date]) -> ReadCell:
    def read_set_date(text: str) -> Value:
        read_date(text)
        raise Dropped(DropReason.DUPLICATE)

    return read_set_date


def _code_reader(codes: Mapping[str, str], unknown: Unknown) -> ReadCell:
    def read_code(text: str) -> str | None:
        canonical = codes.get(text)
        if canonical == NOT_READ:
            raise Dropped(DropReason.NOT_READ)
        if canonical is None and unknown is Unknown.REJECTS:
            raise Unusable(CellFlaw.CODE_UNKNOWN)
        return canonical

    return read_code


def _read_truth(text: str) -> bool:
    truth = _TRUTHS.get(text.casefold())
    if truth is None:
        raise Unusable(CellFlaw.TRUTH_FORM)
    return truth


def _read_upn(text: str) -> str | None:
    try:
        return parse_upn(text)
    except Unusable as unusable:
        if unusable.flaw is Flaw.UPN_TEMPORARY:
            return None
        raise


def _read_postcode(text: str) -> str | None:
    try:
        return parse_postcode(text)
    except Unusable as unusable:
        if unusable.flaw is Flaw.POSTCODE_PLACEHOLDER:
            return None
        raise


def _read_text(text: str) -> str:
    if any(unicodedata.category(c) in _UNSEEN for c in text):
        raise Unusable(CellFlaw.TEXT_CHARACTER)
    if len(text) > LONGEST_TEXT:
        raise Unusable(CellFlaw.TEXT_LENGTH)
    return " ".join(unicodedata.normalize("NFC", text).split())


def _read_email(text: str) -> str | None:
    return text if _EMAIL.fullmatch(text) else None


def _read_phone(text: str) -> str | None:
    return text if _PHONE.fullmatch(text) else None


_READERS: dict[Kind, ReadCell] = {
    Kind.NAME: parse_name,
    Kind.TRUTH: _read_truth,
    Kind.UPN: _read_upn,
    Kind.POSTCODE: _read_postcode,
    Kind.TEXT: _read_text,
    Kind.EMAIL: _read_email,
    Kind.PHONE: _read_phone,
}
