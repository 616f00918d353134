"""A list of claimants and their work coaches, as a Jobcentre handed it over: what stood in it, row by row.

Every row that was read is one claimant or one unreadable row, never neither. Text is as it stood in the file, without
the blanks around it; "" is an empty cell. What a value means, and whether two spellings are one person, is left to
reconciliation. The list is another organisation's and holds people whom we may never have heard of: no noun here
shows a value when it is printed (law L8).
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Column(StrEnum):
    """What a heading of a work-coach list can mean. Stored in profiles: renaming one needs every office's consent."""

    RECORD_REF = "record_ref"
    NINO = "nino"
    FORENAME = "forename"
    MIDDLE_NAMES = "middle_names"
    SURNAME = "surname"
    #: Forename and surname in one cell; "SURNAME, Forename" or the surname last.
    FULL_NAME = "full_name"
    BORN = "born"
    POSTCODE = "postcode"
    ADDRESS_LINE = "address_line"
    WORK_COACH = "work_coach"
    OFFICE = "office"


class DateOrder(StrEnum):
    """The order in which an office writes dates that are text. Stored in profiles."""

    #: 31/12/1980, 31-12-80, 31 Dec 1980.
    DAY_FIRST = "d/m/y"
    #: 1980-12-31 and nothing else.
    ISO = "iso"


class RowFlaw(StrEnum):
    """Why a row could not be read. A closed list, shown and counted; never with a value."""

    CELLS_MISSING = "cells-missing"
    CELLS_EXTRA = "cells-extra"
    CELL_TOO_LONG = "cell-too-long"
    ROW_TOO_LONG = "row-too-long"
    ZERO_BYTE = "zero-byte"
    #: A quote is not closed, or stands where none can.
    QUOTES_BROKEN = "quotes-broken"
    #: Such as #N/A: the office's spreadsheet itself did not know.
    CELL_ERROR = "cell-error"
    #: A name, identifier or day that stands in a cell merged over several rows: whose it is cannot be told.
    CELL_MERGED = "cell-merged"
    #: The row of headings, once more: exports repeat it on every page.
    HEADINGS_AGAIN = "headings-again"
    #: Neither a reference, nor a National Insurance number, nor a surname.
    IDENTIFIES_NOBODY = "identifies-nobody"


class Mark(StrEnum):
    """What a reader of a claimant's row must know about one of its values. A closed list."""

    #: These three leave `nino` empty: the number identifies nobody.
    NINO_TEMPORARY = "nino-temporary"
    NINO_PLACEHOLDER = "nino-placeholder"
    NINO_REPEATED = "nino-repeated"
    #: Not of the form; kept, because one wrong key is common.
    NINO_FORM = "nino-form"
    #: A spreadsheet took the identifier for a number; blanks, letters or leading zeros may be lost.
    NINO_NUMBER = "nino-number"
    POSTCODE_NUMBER = "postcode-number"
    RECORD_REF_NUMBER = "record-ref-number"
    #: No fixed abode, not known and the like leave `postcode` empty.
    POSTCODE_PLACEHOLDER = "postcode-placeholder"
    #: These four leave `born` empty.
    BORN_UNREADABLE = "born-unreadable"
    BORN_PLACEHOLDER = "born-placeholder"
    BORN_FUTURE = "born-future"
    BORN_TOO_LONG_AGO = "born-too-long-ago"
    #: Read, but by a rule.
    BORN_TWO_DIGIT_YEAR = "born-two-digit-year"
    BORN_SERIAL = "born-serial"
    #: The file shows that a spreadsheet took days for months: this date of birth may be one of them.
    BORN_MAYBE_SWAPPED = "born-maybe-swapped"
    #: Forename and surname were cut out of one cell without a comma.
    NAME_CUT = "name-cut"


@dataclass(frozen=True, slots=True, repr=False)
class Claimant:
    """One row of the list."""

    #: As a person counts who opens the file: the first line or row is 1.
    row: int
    record_ref: str = ""
    nino: str = ""
    forename: str = ""
    middle_names: str = ""
    surname: str = ""
    born: date | None = None
    postcode: str = ""
    address_line: str = ""
    work_coach: str = ""
    #: What the row says; the list's own office where it has no such column.
    office: str = ""
    marks: frozenset[Mark] = frozenset()

    def __repr__(self) -> str:
        return f"Claimant(row={self.row})"


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row from which no claimant could be made, and all reasons."""

    row: int
    reasons: tuple[RowFlaw, ...]


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """How one office lays out its list, as a person confirmed it."""

    #: An office's id, as in the register of Jobcentres.
    office: str
    #: Each heading that is read, and what it means.
    columns: tuple[tuple[str, Column], ...]
    #: Headings that were seen and are not read.
    ignored: tuple[str, ...]
    date_order: DateOrder
    #: SHA-256 of the headings, whatever their order, case and spacing.
    fingerprint: str


@dataclass(frozen=True, slots=True)
class WorkCoachList:
    """A list as it was read. Its claimants and unreadable rows are all the rows that were read."""

    #: Of the file's bytes as they came, also where they were encrypted.
    sha256: str
    profile: ColumnProfile
    rows_read: int
    claimants: tuple[Claimant, ...] = field(repr=False)
    unreadable: tuple[UnreadableRow, ...]
    #: Rows in which every cell is empty: not read, and not among `rows_read`.
    blank_rows: int
    #: `utf-8`, `cp1252` and so on, or `workbook`.
    encoding: str
    #: Name of the sheet that was read, "" for text. People name sheets after people.
    sheet: str = field(repr=False)
    hidden_sheets: int

    def __post_init__(self) -> None:
        if len(self.claimants) + len(self.unreadable) != self.rows_read:
            raise RuntimeError("a row of the list is neither a claimant nor unreadable")

    @property
    def office(self) -> str:
        """The office whose list it is."""
        return self.profile.office
