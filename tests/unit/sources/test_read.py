"""What real extracts hold, and what becomes of it."""

from datetime import date

import pytest

from gateway.cohort.identifiers import upn_check_letter
from gateway.errors import ExtractMalformed, HeaderUnknown, SuppressionRefused
from gateway.model.flags import FlagKind
from gateway.model.records import (
    AddressRecord,
    AssessmentRecord,
    EpisodeRecord,
    FamilyRecord,
    Feed,
    FlagRecord,
    IdentifierRecord,
    InvolvementRecord,
    MembershipRecord,
    NeedRecord,
    PersonRecord,
    PlanRecord,
    UnmappedCode,
    WorkerRecord,
)
from gateway.sources.read import read_feed

EHM = "liquidlogic_ehm"
FEBRUARY, MARCH = date(2025, 2, 1), date(2025, 3, 1)


@pytest.mark.parametrize(
    ("feed", "record"),
    [
        (Feed.PERSONS, PersonRecord(2, EHM, "101", "Ada", "Example", date(1990, 5, 1), False, None, None)),
        (Feed.FAMILIES, FamilyRecord(2, EHM, "F1", FEBRUARY, None)),
        (Feed.MEMBERSHIPS, MembershipRecord(2, EHM, "F1", "101", FEBRUARY, None)),
        (Feed.EPISODES, EpisodeRecord(2, EHM, "101", FEBRUARY, None)),
        (
            Feed.WORKERS,
            WorkerRecord(2, EHM, "77", "Jo", "Helper", "jo.helper@council.example", "01223 000000", "Early Help North"),
        ),
        (Feed.INVOLVEMENTS, InvolvementRecord(2, EHM, "101", "77", "lead_professional", FEBRUARY, None)),
        (Feed.ADDRESSES, AddressRecord(2, EHM, "101", "CB1 2AB", FEBRUARY, None)),
        (Feed.IDENTIFIERS, IdentifierRecord(2, EHM, "101", "nino", "QQ123456A", "valid", None, None)),
        (Feed.NEEDS, NeedRecord(2, EHM, "F1", "10.1", FEBRUARY, None)),
        (Feed.ASSESSMENTS, AssessmentRecord(2, EHM, "F1", MARCH, True)),
        (Feed.PLANS, PlanRecord(2, EHM, "F1", MARCH, None)),
        (
            Feed.SUPPRESSION,
            FlagRecord(
                *(2, FlagKind.NON_DISCLOSURE, EHM, "101", "QQ123456A", "Example", date(1990, 5, 1), "CB1 2AB"),
                *(date(2026, 1, 1), None),
            ),
        ),
    ],
)
def test_every_feed_gives_its_record(extracts, good, feed, record):
    outcome = extracts.lines(feed, good[feed])
    assert outcome.record == record
    assert (outcome.counts.lines, outcome.counts.loaded, outcome.counts.rejected) == (1, 1, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("quoted", [False, True])
def test_encoding_delimiter_line_end_and_quotes_make_no_difference(extracts, headers, encoding, delimiter, end, quoted):
    lines = [headers[Feed.PERSONS], "101,Ren\u00e9e,N\u00fa\u00f1ez,1990-05-01 00:00:00,N,,,,WBRI"]
    rows = [delimiter.join(f'"{cell}"' if quoted else cell for cell in line.split(",")) + end for line in lines]
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    outcome = extracts.read(Feed.PERSONS, mark + "".join(rows).encode(encoding))
    assert (outcome.record.forename, outcome.record.surname) == ("Ren\u00e9e", "N\u00fa\u00f1ez")


def test_a_quoted_cell_may_hold_delimiters_and_doubled_quotes(extracts):
    outcome = extracts.lines(Feed.PERSONS, '101,"Ada ""Addy"" May","Example, Jr",1990-05-01,N,,,,"W,BRI"')
    assert (outcome.record.forename, outcome.record.surname) == ('Ada "Addy" May', "Example, Jr")


def test_columns_may_come_in_any_order_and_number(extracts):
    """Law L2: a column that nobody mapped is not read, whatever it is called."""
    header = "RELIGION,END_DTTM,family_id , START_DTTM,DIM_PERSON_ID,NOTES"
    outcome = extracts.read(Feed.MEMBERSHIPS, f"{header}\nx,,F1,2025-02-01,101,secret\n".encode())
    assert outcome.record == MembershipRecord(2, EHM, "F1", "101", FEBRUARY, None)


def test_capita_one_is_read_from_its_own_headings(extracts):
    extracts.use(extracts.shipped("capita_one"))
    header = "BASE_ID;FIRST_NAME;LAST_NAME;DOB;NI_NO;POST_CODE;UPN;DECEASED"
    line = "700001;Zo\u00eb;Example;01/05/1990;qq 12 34 56;nopostcode;B801200005001;02/03/2020"
    record = extracts.read(Feed.PERSONS, f"{header}\r\n{line}\r\n".encode("cp1252")).record
    assert record == PersonRecord(
        *(2, "capita_one", "700001", "Zo\u00eb", "Example", date(1990, 5, 1), False, date(2020, 3, 2)),
        *("B801200005001", "QQ123456", None),
    )


def test_blank_lines_at_the_end_are_nothing(extracts, headers, good):
    data = f"{headers[Feed.FAMILIES]}\n{good[Feed.FAMILIES]}\n\n  \n,,\r\n\n".encode()
    outcome = extracts.read(Feed.FAMILIES, data)
    assert (outcome.counts.lines, len(outcome.records), outcome.rejects) == (1, 1, [])


def test_L3_a_lone_quote_at_the_end_may_have_been_a_record(extracts, headers, good):
    """Taken for a blank line it would be a lost record that nobody hears of, in the suppression feed too."""
    outcome = extracts.read(Feed.FAMILIES, f'{headers[Feed.FAMILIES]}\n{good[Feed.FAMILIES]}\n"",\n"\n'.encode())
    assert outcome.counts.rejected > 0


def test_a_blank_line_between_lines_may_have_been_a_record(extracts, good):
    outcome = extracts.lines(Feed.FAMILIES, "", "F2,01/02/2025,", ",,", good[Feed.FAMILIES], "")
    assert [(reject.line, reject.reasons) for reject in outcome.rejects] == [(2, ("line_blank",)), (4, ("line_blank",))]
    assert [record.line for record in outcome.records] == [3, 5]


def test_duplicates_and_unknown_members_are_dropped_and_counted(extracts, good):
    persons = extracts.lines(
        Feed.PERSONS,
        good[Feed.PERSONS],
        "102,Ada,Example,1990-05-01,N,,,2026-01-01 00:00:00,WBRI",
        "-1,Unknown,?,1900-01-01,N,,,,",
    )
    assert persons.counts.dropped == {"duplicate": 1, "unknown_member": 1}
    assert (persons.counts.lines, persons.counts.loaded, persons.rejects) == (3, 1, [])
    members = extracts.lines(Feed.MEMBERSHIPS, "F1,-1,2025-02-01,", good[Feed.MEMBERSHIPS], "-1,101,,")
    assert members.counts.dropped == {"unknown_member": 2}


def test_a_mark_of_duplication_that_cannot_be_read_rejects(extracts, good):
    outcome = extracts.lines(Feed.PERSONS, good[Feed.PERSONS], "102,Ada,Example,1990-05-01,N,,,yes,WBRI")
    assert outcome.rejects[0].reasons == ("duplicated_on:date_form",)


def test_an_unborn_child_has_an_estimated_date_of_birth_ahead(extracts):
    outcome = extracts.lines(
        Feed.PERSONS, "101,,Example,2027-03-01 00:00:00,Y,,,,", "102,Baby,Example,2027-03-01 00:00:00,N,,,,"
    )
    assert outcome.record.dob_estimated
    assert outcome.record.forename is None
    assert outcome.rejects[0].reasons == ("date_of_birth:birth_future",)


def test_characters_that_do_not_print_are_taken_out_of_staff_ids(extracts):
    outcome = extracts.lines(Feed.WORKERS, "\u00a07\x077 \u200b,x,Jo,Helper,,,")
    assert outcome.record.worker_id == "77"


def test_an_unusable_contact_is_left_blank_and_counted(extracts):
    outcome = extracts.lines(
        Feed.WORKERS, "77,,Jo,Helper,,jo at council,ask Sam", "78,,Al,Helper,,NULL,+44 1223 000000"
    )
    assert [(worker.email, worker.phone) for worker in outcome.records] == [(None, None), (None, "+44 1223 000000")]
    assert outcome.counts.left_blank == {"email": 1, "phone": 1}


def test_stand_ins_for_no_postcode_and_no_pupil_number_are_blank(extracts):
    addresses = extracts.lines(
        Feed.ADDRESSES, *(f"101,,,x,{stand_in}" for stand_in in ("nopostcode", "XXXX XXX", "ZZ99 3VZ", "", "NULL"))
    )
    assert [record.postcode for record in addresses.records] == [None] * 5


def test_pupil_numbers_link_people_so_a_wrong_one_rejects_and_a_temporary_one_is_blank(extracts):
    temporary = upn_check_letter("87340002000A") + "87340002000A"
    upns = ("B801200005001", temporary, "A801200005001")
    outcome = extracts.lines(Feed.PERSONS, *(f"10{n},Ada,Example,1990-05-01,N,,{upn},," for n, upn in enumerate(upns)))
    assert [record.upn for record in outcome.records] == ["B801200005001", None]
    assert outcome.rejects[0].reasons == ("upn:upn_check_letter",)


def test_a_team_name_is_short_and_can_be_seen(extracts):
    lines = ("77,,Jo,Helper,Early  Help,,", "78,,Jo,Helper,Early\x07Help,,", f"79,,Jo,Helper,{'x' * 121},,")
    outcome = extracts.lines(Feed.WORKERS, *lines)
    assert outcome.record.team == "Early Help"
    assert outcome.reasons == {"team:text_character", "team:text_length"}


def test_codes_without_a_mapping_load_as_none_and_are_counted(extracts):
    outcome = extracts.lines(Feed.NEEDS, "F1,SF10_1,01/02/2025,", "F2,SF77_1,01/02/2025,", "F3,SF77_1,01/02/2025,")
    assert [record.code for record in outcome.records] == ["10.1", None, None]
    assert outcome.unmapped == [UnmappedCode(EHM, Feed.NEEDS, "code", "SF77_1", 2)]


def test_L8_an_unmapped_code_that_looks_like_anything_else_is_not_shown(extracts):
    """Law L8: swapped columns would put people's own values where a code stands."""
    values = (
        "QQ123456A",
        "B801200005001",
        "CB1 2AB",
        "01/05/1990",
        "O'Neill",
        "a longer text than any code has",
        "N\u00fa\u00f1ez",
    )
    outcome = extracts.lines(Feed.NEEDS, *(f"F1,{value},01/02/2025," for value in values))
    assert outcome.unmapped == [UnmappedCode(EHM, Feed.NEEDS, "code", "(not code-like)", len(values))]


def test_a_column_with_more_unmapped_codes_than_a_list_can_lack_refuses_the_feed(extracts):
    lines = [f"F1,C{n},01/02/2025," for n in range(60)]
    with pytest.raises(ExtractMalformed, match="NEED_CODE holds more than 50 codes that are not mapped"):
        extracts.lines(Feed.NEEDS, *lines)


def test_an_identifier_that_is_not_read_is_dropped_and_an_unknown_kind_rejects(extracts, good):
    outcome = extracts.lines(
        *(Feed.IDENTIFIERS, good[Feed.IDENTIFIERS], "101,NHS Number,4857773456,,", "102,NI No,QQ123456A,,")
    )
    assert outcome.counts.dropped == {"code_not_read": 1}
    assert outcome.rejects[0].reasons == ("kind:code_unknown",)
    assert outcome.rejects[0].person_ids == ("102",)
    assert outcome.unmapped == [UnmappedCode(EHM, Feed.IDENTIFIERS, "kind", "NI No", 1)]


def test_the_environment_decides_which_numbers_are_read(extracts):
    lines = ("101,National Insurance Number,QQ123456A,,", "102,National Insurance Number,CR000000A,,")
    synthetic = extracts.lines(Feed.IDENTIFIERS, *lines)
    assert [reject.reasons for reject in synthetic.rejects] == [("value:nino_not_synthetic",)]
    extracts.environment = "production"
    production = extracts.lines(Feed.IDENTIFIERS, *lines)
    assert [reject.reasons for reject in production.rejects] == [("value:nino_synthetic",)]
    assert production.record.standing == "administrative"


def test_every_reason_is_told_at_once_and_whom_the_line_touches(extracts, good):
    line = "F 1\x07,10\x071,31/02/2025,2020"
    outcome = extracts.lines(Feed.MEMBERSHIPS, good[Feed.MEMBERSHIPS], line, "F1,102,2025-02-01,2024-02-01")
    first, second = outcome.rejects
    assert first.reasons == ("family_id:id_form", "person_id:id_form", "from_on:date_form", "to_on:date_form")
    assert (first.person_ids, first.family_ids) == (("101",), ())
    assert second.reasons == ("to_on:ends_before_it_begins",)
    assert (second.person_ids, second.family_ids) == (("102",), ("F1",))


def test_L3_an_end_that_cannot_be_read_rejects_and_never_loads_as_open(extracts, good):
    """Law L3: a null end would keep a spell open."""
    ends = {
        Feed.FAMILIES: ("F2,01/02/2025,31.12.2025", "closed_on"),
        Feed.MEMBERSHIPS: ("F2,102,2025-02-01,soon", "to_on"),
        Feed.EPISODES: ("9,102,2025-02-01,2025-02-30", "ended_on"),
        Feed.INVOLVEMENTS: ("102,77,EHLP,2025-02-01,-", "to_on"),
        Feed.ADDRESSES: ("102,2025-02-01,?,x,CB1 2AB", "to_on"),
        Feed.IDENTIFIERS: ("102,National Insurance Number,QQ123456A,,x", "to_on"),
        Feed.NEEDS: ("F2,SF10_1,01/02/2025,\ufffd", "met_on"),
        Feed.PLANS: ("F2,01/03/2025,0", "ended_on"),
    }
    for feed, (line, column) in ends.items():
        outcome = extracts.lines(feed, good[feed], line)
        assert outcome.reasons == {f"{column}:date_form"}
        assert outcome.rejects[0].person_ids + outcome.rejects[0].family_ids != ()


def test_a_reading_is_made_once_and_counts_stand_at_its_end(extracts, good):
    extracts.write(Feed.FAMILIES, extracts.bytes_of(Feed.FAMILIES, good[Feed.FAMILIES]))
    mapping, found = extracts.find(Feed.FAMILIES)
    reading = read_feed(mapping, found[Feed.FAMILIES], environment="synthetic", as_at=date(2026, 11, 22))
    with pytest.raises(RuntimeError):
        _ = reading.counts
    list(reading)
    assert reading.counts.loaded == 1
    with pytest.raises(RuntimeError):
        list(reading)


# --- the suppression feed


def test_an_empty_suppression_feed_is_refused_unless_it_says_so(extracts):
    with pytest.raises(SuppressionRefused, match="does not say that this is meant"):
        extracts.lines(Feed.SUPPRESSION)
    for line in ("none tonight,,,,,,,,", "None  Tonight", '"NONE TONIGHT",,,,,,,,', "none tonight,,,,,,,,\n\n"):
        outcome = extracts.lines(Feed.SUPPRESSION, line)
        assert (outcome.records, outcome.rejects, outcome.unmapped, outcome.counts.lines) == ([], [], [], 0)


def test_none_tonight_may_lack_the_end_of_its_line(extracts, headers):
    assert not extracts.read(Feed.SUPPRESSION, f"{headers[Feed.SUPPRESSION]}\nnone tonight,,,,,,,,".encode()).records


@pytest.mark.parametrize(
    "lines", [("none tonight,,,,,,,,", "GOOD"), ("GOOD", "none tonight"), ("none tonight", "none tonight")]
)
def test_none_tonight_stands_alone(extracts, good, lines):
    with pytest.raises(SuppressionRefused, match="none tonight"):
        extracts.lines(Feed.SUPPRESSION, *(good[Feed.SUPPRESSION] if line == "GOOD" else line for line in lines))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("none tonight,,,,Example,,,,", "kind:code_unknown, no_usable_key"),
        ("non-disclosure,liquidlogic_ehm,101,,,,,,", "kind:code_unknown"),
        (",liquidlogic_ehm,101,,,,,,", "kind:blank"),
        ("non_disclosure,,,,,,,,", "no_usable_key"),
        ("non_disclosure,liquidlogic_ehm,,,,,,,", "no_usable_key"),
        ("non_disclosure,,,,Example,,,,", "no_usable_key"),
        ("non_disclosure,,,,Example,,nopostcode,,", "no_usable_key"),
        ("non_disclosure,,,,,01/05/1990,CB1 2AB,,", "no_usable_key"),
        ("non_disclosure,,101,,,,,,", "source:blank"),
        ("non_disclosure,ehm,101,,,,,,", "source:code_unknown"),
        ("non_disclosure,liquidlogic_ehm,-1,,,,,,", "no_usable_key"),
        ("non_disclosure,,,QQ12345A,,,,,", "nino:nino_form"),
        ("non_disclosure,,,AB000000A,,,,,", "nino:nino_not_synthetic"),
        ("non_disclosure,,,,Ex?mple,01/05/1990,,,", "surname:name_character"),
        ("non_disclosure,,,,Example,05/1990,,,", "date_of_birth:date_form"),
        ("non_disclosure,,,,Example,01/01/1900,,,", "date_of_birth:birth_placeholder"),
        ("non_disclosure,,,,Example,,CB1,,", "postcode:postcode_form"),
        ("non_disclosure,,,QQ123456A,,,,x,", "from_on:date_form"),
        ("non_disclosure,,,QQ123456A,,,,,x", "to_on:date_form"),
        ("non_disclosure,,,QQ123456A,,,,01/02/2026,01/01/2026", "to_on:ends_before_it_begins"),
        ("non_disclosure,,,QQ123456A,,,,", "columns_too_few"),
        ("non_disclosure,,,QQ123456A,,,,,,", "columns_too_many"),
        ('non_disclosure,,,QQ123456A,"Example,,,,', "quotes_odd"),
        ("", "line_blank"),
    ],
)
def test_L3_one_line_that_cannot_be_read_refuses_the_suppression_feed(extracts, good, line, reason):
    """Law L3: a reject or an unmapped kind refuses the load."""
    with pytest.raises(SuppressionRefused) as caught:
        extracts.lines(Feed.SUPPRESSION, good[Feed.SUPPRESSION], line, good[Feed.SUPPRESSION])
    assert f"line 3 ({reason})" in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        "non_disclosure,liquidlogic_ehm,101,,,,,,",
        "deceased,,,qq 12 34 56,,,,,",
        "marac_or_refuge,,,,O'Neill,01/05/1990,,,",
        "restricted_record,,,,Example,,cb12ab,,",
        "legal_hold,,,,Example,01/03/2027,,,",
    ],
)
def test_one_key_is_enough_for_a_flag(extracts, line):
    assert extracts.lines(Feed.SUPPRESSION, line).record.kind == line.split(",")[0]


def test_L3_a_flag_whose_id_stands_for_nobody_still_protects_by_its_other_keys(extracts):
    """An id of -1 drops a line in every other feed; a flag that is dropped would protect nobody and be missed by none."""
    read = extracts.lines(Feed.SUPPRESSION, "non_disclosure,liquidlogic_ehm,-1,QQ123456A,,,,,")
    assert (read.record.source_id, read.record.nino) == (None, "QQ123456A")
    assert read.counts.dropped == {}


def test_whatever_is_wrong_with_the_suppression_feed_is_suppression_refused(extracts, headers):
    for data in (b"", b"\x00\x01", b"A,B\n", headers[Feed.SUPPRESSION].encode() + b"\nnon_dis"):
        with pytest.raises(SuppressionRefused):
            extracts.read(Feed.SUPPRESSION, data)


# --- headers


def test_a_header_without_a_mapped_heading_names_what_is_missing_and_nothing_else(extracts):
    """Law L8: where there is no header, the first line is somebody's data."""
    with pytest.raises(HeaderUnknown) as caught:
        extracts.read(Feed.FAMILIES, b"Canary,01/02/2025,\nF2,01/02/2025,\n")
    assert "FAMILY_ID, PROGRAMME_START_DTTM, PROGRAMME_END_DTTM" in str(caught.value)
    assert "Canary" not in str(caught.value) + caught.value.advice()


def test_a_heading_that_stands_twice_is_refused(extracts):
    with pytest.raises(HeaderUnknown, match="the header has twice: FAMILY_ID"):
        extracts.read(Feed.FAMILIES, b"FAMILY_ID,PROGRAMME_START_DTTM,PROGRAMME_END_DTTM,family_id\nF1,,,F2\n")


def test_a_wrong_delimiter_is_found_out(extracts):
    extracts.use(extracts.shipped("capita_one"))
    with pytest.raises(HeaderUnknown) as caught:
        extracts.read(Feed.FAMILIES, b"CASE_ID,OPENED,CLOSED\n1,,\n")
    assert "`delimiter: comma`" in caught.value.advice()
