"""Say in words what a column means, why a row could not be read, and what was noticed of a value.

For the people who look at a list and for the manual; every code of the closed lists has its words here.

Pure.
"""

from gateway.model.work_coach_list import Column, Mark, RowFlaw

COLUMNS: dict[Column, str] = {
    Column.RECORD_REF: "our reference, from a list that we sent",
    Column.NINO: "National Insurance number",
    Column.FORENAME: "forename",
    Column.MIDDLE_NAMES: "middle names",
    Column.SURNAME: "surname",
    Column.FULL_NAME: "the whole name in one cell: `SURNAME, Forename`, or the surname last",
    Column.BORN: "date of birth",
    Column.POSTCODE: "postcode",
    Column.ADDRESS_LINE: "first line of the address",
    Column.WORK_COACH: "work coach",
    Column.OFFICE: "Jobcentre; where there is no such column, the list's own",
}
FLAWS: dict[RowFlaw, str] = {
    RowFlaw.CELLS_MISSING: "it has fewer cells than there are headings",
    RowFlaw.CELLS_EXTRA: "it has more cells than there are headings: a value holds the delimiter",
    RowFlaw.CELL_TOO_LONG: "a value is longer than any name or address",
    RowFlaw.ROW_TOO_LONG: "it is longer than any row of such a list",
    RowFlaw.ZERO_BYTE: "it holds a zero character: the file was damaged on its way",
    RowFlaw.QUOTES_BROKEN: "a quote is not closed, or stands where none can",
    RowFlaw.CELL_ERROR: "the spreadsheet shows an error where it would say who somebody is",
    RowFlaw.CELL_MERGED: "a cell that would say who somebody is, is merged over several rows",
    RowFlaw.HEADINGS_AGAIN: "it is the row of headings once more",
    RowFlaw.IDENTIFIES_NOBODY: "it has no reference, no National Insurance number and no surname",
}
MARKS: dict[Mark, str] = {
    Mark.NINO_TEMPORARY: "a temporary National Insurance number, which counts as missing",
    Mark.NINO_PLACEHOLDER: "a placeholder for the National Insurance number, which counts as missing",
    Mark.NINO_REPEATED: "a National Insurance number that stands on more than two rows, which counts as missing",
    Mark.NINO_FORM: "the National Insurance number is not of the form; perhaps mistyped",
    Mark.NINO_NUMBER: "a spreadsheet took the National Insurance number for a number: a part of it may be lost",
    Mark.POSTCODE_NUMBER: "a spreadsheet took the postcode for a number: a part of it may be lost",
    Mark.RECORD_REF_NUMBER: "a spreadsheet took our reference for a number: a part of it may be lost",
    Mark.POSTCODE_PLACEHOLDER: "no fixed abode, or a placeholder for the postcode, which counts as missing",
    Mark.BORN_UNREADABLE: "the date of birth cannot be read in the office's order, and counts as missing",
    Mark.BORN_PLACEHOLDER: "1 January 1900 or 1901 stands for no date of birth, and counts as missing",
    Mark.BORN_FUTURE: "the date of birth lies ahead, and counts as missing",
    Mark.BORN_TOO_LONG_AGO: "the date of birth is more than 110 years ago, and counts as missing",
    Mark.BORN_TWO_DIGIT_YEAR: "the year of birth has two digits: it was taken for the one of somebody aged 16 to 110",
    Mark.BORN_SERIAL: "the date of birth is a bare number, read as a spreadsheet counts days",
    Mark.BORN_MAYBE_SWAPPED: "a spreadsheet may have swapped day and month of the dates in this file",
    Mark.NAME_CUT: "the name stood in one cell without a comma: the last word was taken for the surname",
}
