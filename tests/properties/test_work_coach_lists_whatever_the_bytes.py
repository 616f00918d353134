"""Whatever the bytes of a work-coach list: it is refused, or every row of it is accounted for; and what does not matter
changes nothing.
"""

import io
import zipfile
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.errors import SourceError
from gateway.model.work_coach_list import Column, DateOrder
from gateway.sources.work_coach_list.claimants import rows_read
from gateway.sources.work_coach_list.profiles import profile_of
from gateway.sources.work_coach_list.text import DELIMITERS, table_of_text
from gateway.sources.work_coach_list.workbook import survey_of, table_of_workbook_here
from tests.work_coach_lists_made import HEADER, PEOPLE, PROFILE, TODAY, as_typed, csv_of, read, xlsx_of
from tests.workbooks_made import edited, ods_of, xls_of, xlsb_of

TYPED = [HEADER, *([as_typed(value) for value in row] for row in PEOPLE)]
WORKBOOKS = [xlsx_of(), ods_of(TYPED), xls_of(TYPED), xlsb_of(TYPED)]
UNTIMED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}


def rows_of_text(data, profile=PROFILE):
    return rows_read(table_of_text(data, profile), profile, TODAY)


@st.composite
def damaged(draw, data):
    """Bytes of which some are changed, taken out or put in."""
    made = bytearray(data)
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, max(len(made) - 1, 0)))
        made[place : place + draw(st.integers(0, 8))] = draw(st.binary(max_size=8))
    return bytes(made)


@settings(**UNTIMED)
@given(st.binary(max_size=400))
def test_any_bytes_are_refused_or_accounted_for(data):
    try:
        table = table_of_text(csv_of([]) + data, PROFILE)
        rows = rows_read(table, PROFILE, TODAY)
    except SourceError:
        return
    numbers = [each.row for each in (*rows.claimants, *rows.unreadable)]
    assert len(set(numbers)) == len(numbers) == len(table.rows) - rows.blank_rows


@settings(**UNTIMED)
@given(st.lists(st.text('ab",\r\n\0 ', max_size=12), max_size=30))
def test_however_quotes_and_line_ends_fall_no_row_is_lost(cells):
    """Every line is in some row: what is behind a broken row is still read."""
    data = csv_of([]) + "\r\n".join(cells).encode() + b"\r\n" + csv_of(PEOPLE).split(b"\r\n", 1)[1]
    try:
        rows = rows_of_text(data)
    except SourceError:
        return
    assert [each.nino for each in rows.claimants][-3:] == ["QQ123456A", "QQ234567B", "QQ345678C"] or any(
        '"' in cell for cell in cells
    )


@pytest.mark.parametrize("place", range(4), ids=["xlsx", "ods", "xls", "xlsb"])
@settings(**UNTIMED, max_examples=60)
@given(data=st.data())
def test_a_damaged_workbook_is_surveyed_or_refused(place, data):
    workbook = WORKBOOKS[place]
    if zipfile.is_zipfile(io.BytesIO(workbook)) and data.draw(st.booleans()):
        names = zipfile.ZipFile(io.BytesIO(workbook)).namelist()
        name = data.draw(st.sampled_from(names))
        made = edited(workbook, change={name: lambda part: data.draw(damaged(part))})
    else:
        made = data.draw(damaged(workbook))
    try:
        survey_of(made)
    except SourceError:
        return


@pytest.mark.parametrize("place", range(4), ids=["xlsx", "ods", "xls", "xlsb"])
@settings(**UNTIMED, max_examples=4)
@given(data=st.data())
def test_a_damaged_workbook_breaks_no_more_than_the_process_that_opens_it(place, data):
    try:
        found = read(data.draw(damaged(WORKBOOKS[place])))
    except SourceError:
        return
    assert found.rows_read == len(found.claimants) + len(found.unreadable)


NAMES = st.text(st.characters(categories=["Lu", "Ll", "Lo"]), min_size=1, max_size=12).map(lambda name: f"N{name}")
NOTES = st.text("ab ,;|\t\"'=\n", max_size=12)
DAYS = st.one_of(st.just(""), st.dates(date(1930, 1, 1), date(2005, 12, 31)))
CODES = st.from_regex(r"\AQQ[0-9]{6}[A-D]?\Z")
CLAIMANTS = st.lists(st.tuples(NAMES, NAMES, CODES, DAYS, st.just("PE13 1AB"), NAMES, NOTES), min_size=1, max_size=6)


@settings(**UNTIMED)
@given(CLAIMANTS, st.permutations(range(7)), st.sampled_from(DELIMITERS), st.sampled_from(["utf-8-sig", "utf-16"]))
def test_order_of_columns_delimiter_and_encoding_change_no_claimant(people, order, delimiter, encoding):
    turned = [[row[place] for place in order] for row in people]
    header = [HEADER[place] for place in order]
    made = csv_of(turned, header=header, delimiter=delimiter, encoding=encoding)
    assert rows_of_text(made) == rows_of_text(csv_of(people))


@settings(**UNTIMED, max_examples=25)
@given(CLAIMANTS)
def test_a_workbook_of_a_table_gives_the_claimants_of_its_text(people):
    profile = profile_of("wisbech", PROFILE.columns, ["Notes"], DateOrder.DAY_FIRST)
    workbook = rows_read(table_of_workbook_here(xlsx_of(people), profile, None), profile, TODAY)
    # A spreadsheet's dates show that they are dates; what a file of them alone says of doubt is another test's.
    text = rows_of_text(csv_of(people))
    assert [each.row for each in workbook.claimants] == [each.row for each in text.claimants]
    assert [(each.surname, each.nino, each.born) for each in workbook.claimants] == [
        (each.surname, each.nino, each.born) for each in text.claimants
    ]


@settings(**UNTIMED)
@given(CLAIMANTS, st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing_but_their_numbers(people, random):
    shuffled = list(people)
    random.shuffle(shuffled)
    name = "surname forename nino born postcode work_coach marks".split()  # noqa: SIM905

    def told(rows):
        return sorted(str([getattr(each, field) for field in name]) for each in rows_of_text(csv_of(rows)).claimants)

    assert told(shuffled) == told(people)


@settings(**UNTIMED)
@given(st.sampled_from(list(Column)), st.text(max_size=40))
def test_any_text_in_any_column_is_read_or_unreadable_and_never_a_failure(column, text):
    profile = (
        profile_of("ely", [("x", column), ("NI", Column.NINO)], [], DateOrder.DAY_FIRST)
        if (column is not Column.NINO)
        else profile_of("ely", [("x", column), ("NI", Column.RECORD_REF)], [], DateOrder.DAY_FIRST)
    )
    rows = rows_of_text(csv_of([(text.replace("\ud800", ""), "QQ123456A")], header=("x", "NI")), profile)
    assert len(rows.claimants) + len(rows.unreadable) == 1
