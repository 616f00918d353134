"""Invented lists of claimants and work coaches, as files of every kind that a Jobcentre might hand over."""

import csv
import datetime as dt
import io
from datetime import date

import xlsxwriter

from gateway.model.work_coach_list import Column, DateOrder
from gateway.sources.work_coach_list.profiles import profile_of
from gateway.sources.work_coach_list.read import read_list

TODAY = date(2026, 11, 22)
HEADER = ("Surname", "Forename", "NINO", "DOB", "Postcode", "Work Coach", "Notes")
COLUMNS = (
    ("Surname", Column.SURNAME),
    ("Forename", Column.FORENAME),
    ("NINO", Column.NINO),
    ("DOB", Column.BORN),
    ("Postcode", Column.POSTCODE),
    ("Work Coach", Column.WORK_COACH),
)
PROFILE = profile_of("wisbech", COLUMNS, ["Notes"], DateOrder.DAY_FIRST)
ANNA = ("Kowalska", "Anna", "QQ123456A", date(1990, 4, 3), "PE13 1AB", "Ruth Bell", "")
JONAS = ("Žukauskas", "Jonas", "QQ234567B", date(1985, 12, 31), "PE14 0XY", "Ruth Bell", "rang, twice")
SEAN = ("O'Neill-Smith", "Seán", "QQ345678C", date(2001, 2, 28), "PE15 9ZZ", "Omar Said", 'says "later"')
PEOPLE = (ANNA, JONAS, SEAN)


def as_typed(value, order=DateOrder.DAY_FIRST):
    """Return a value as somebody types it."""
    if isinstance(value, date):
        return value.isoformat() if order is DateOrder.ISO else f"{value:%d/%m/%Y}"
    return str(value)


def csv_of(rows=PEOPLE, *, header=HEADER, delimiter=",", encoding="utf-8", above=(), end="\r\n"):
    """Return a CSV file's bytes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end)
    writer.writerows(above)
    writer.writerow(header)
    writer.writerows([as_typed(value) for value in row] for row in rows)
    return text.getvalue().encode(encoding)


def xlsx_of(rows=PEOPLE, *, header=HEADER, above=(), edit=None, **options):
    """Return a workbook's bytes; `edit` may change the workbook and its first sheet."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, **options}) as workbook:
        sheet = workbook.add_worksheet("Claimants")
        days = workbook.add_format({"num_format": "dd/mm/yyyy"})
        for number, row in enumerate([*above, header, *rows]):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, dt.datetime.combine(value, dt.time()), days)
                elif isinstance(value, float | int):
                    sheet.write_number(number, column, value)
                else:
                    sheet.write_string(number, column, value)
        if edit:
            edit(workbook, sheet)
    return file.getvalue()


def read(data, profile=PROFILE, password=None):
    """Read a list on the day of these tests."""
    return read_list(data, profile, as_at=TODAY, password=password)


def without_row(claimant):
    """Return a claimant as told apart from where it stands."""
    return tuple(
        getattr(claimant, name)
        for name in ("record_ref", "nino", "forename", "middle_names", "surname", "born", "postcode", "work_coach")
    )
