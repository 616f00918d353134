"""Normal forms of identifiers, days and names. Every number here is invented: National Insurance numbers start QQ,
or are the published examples of what is not one."""

from datetime import date
from string import ascii_uppercase

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.cohort.identifiers import (
    ADMINISTRATIVE,
    DATE_FORMATS,
    VALID,
    Environment,
    Flaw,
    Nino,
    Unusable,
    date_parser,
    flaw_of_birth,
    loose_surname,
    nino_stem,
    parse_name,
    parse_nino,
    parse_postcode,
    parse_upn,
    sector_of,
    standing_of,
    upn_check_letter,
)

SYNTHETIC, PRODUCTION = Environment.SYNTHETIC, Environment.PRODUCTION
AS_AT = date(2026, 11, 22)


def tried(parse, text):
    """Return what the text parses to, or why it does not."""
    try:
        return parse(text), None
    except Unusable as unusable:
        return None, unusable


def flaw_of(parse, *values):
    with pytest.raises(Unusable) as caught:
        parse(*values)
    return caught.value.flaw


# --- National Insurance numbers


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("QQ123456A", "QQ123456A"),
        ("qq123456a", "QQ123456A"),
        ("QQ 12 34 56 A", "QQ123456A"),
        (" QQ123456 C ", "QQ123456C"),
        ("QQ123456", "QQ123456"),
        ("qq 12 34 56", "QQ123456"),
        ("QQ-12-34-56-D", "QQ123456D"),
        ("QQ\u00a012\u00a034\u00a056\u00a0B", "QQ123456B"),
    ],
)
def test_a_nino_is_read_however_it_is_typed(written, normal):
    assert parse_nino(written, SYNTHETIC) == Nino(normal, VALID)


@pytest.mark.parametrize(
    "written",
    [
        *("", "QQ12345A", "QQ1234567A", "QQ123456E", "QQ123456AA", "Q1234567A", "QQ12345OA", "123456789"),
        *("QQ\u0661\u0662\u0663\u0664\u0665\u0666A", "QQ123456\u00c4", "QQ1234\u200b56A", "QQ123456A\x00", "QQ12?456A"),
    ],
)
def test_what_is_not_a_nino_is_refused_by_its_form(written):
    assert flaw_of(parse_nino, written, SYNTHETIC) is Flaw.NINO_FORM


def test_a_letter_beyond_ascii_does_not_become_one_by_its_capital():
    """The long s has the capital S, the dotless i the capital I: such a value is damaged."""
    assert flaw_of(parse_nino, "\u017fA123456A", PRODUCTION) is Flaw.NINO_FORM


def test_production_reads_exactly_the_prefixes_that_hmrc_allows():
    letters = [
        (first, second)
        for first in ascii_uppercase
        for second in ascii_uppercase
        if _is_read(f"{first}{second}000000A", PRODUCTION)
    ]
    assert len(letters) == 373
    assert not {first for first, _ in letters} & set("DFIQUV")
    assert not {second for _, second in letters} & set("DFIOQUV")
    assert not {"".join(pair) for pair in letters} & {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}


def _is_read(number, environment):
    try:
        parse_nino(number, environment)
    except Unusable:
        return False
    return True


@pytest.mark.parametrize("prefix", ["CR", "MW", "NC", "PP", "PY", "PZ"])
def test_administrative_numbers_are_read_but_stand_apart(prefix):
    assert parse_nino(f"{prefix}000000", PRODUCTION) == Nino(f"{prefix}000000", ADMINISTRATIVE)
    assert standing_of(f"{prefix}000000") == ADMINISTRATIVE


def test_production_refuses_synthetic_numbers():
    assert flaw_of(parse_nino, "QQ123456A", PRODUCTION) is Flaw.NINO_SYNTHETIC


def test_a_synthetic_environment_refuses_every_other_number():
    for first in ascii_uppercase:
        for second in ascii_uppercase:
            if first + second != "QQ":
                assert not _is_read(f"{first}{second}000000A", SYNTHETIC)
    assert flaw_of(parse_nino, "AB000000A", SYNTHETIC) is Flaw.NINO_NOT_SYNTHETIC


def test_the_stem_is_what_two_spellings_share():
    assert nino_stem("QQ123456A") == nino_stem("QQ123456") == "QQ123456"


@given(st.from_regex(r"QQ[0-9]{6}[A-D]?", fullmatch=True), st.data())
def test_normalising_a_nino_twice_changes_nothing(number, data):
    blanks = data.draw(st.lists(st.sampled_from(["", " ", "  ", "\u00a0", "-"]), min_size=9, max_size=9))
    typed = "".join(a + b for a, b in zip(number.lower(), blanks, strict=False))
    assert parse_nino(typed, SYNTHETIC).value == number
    assert parse_nino(number, SYNTHETIC).value == number


# --- Unique Pupil Numbers


@pytest.mark.parametrize("upn", ["B801200005001", "P207000016049", "p207000016049", " B80120 0005 001"])
def test_a_upn_with_the_right_check_letter_is_read(upn):
    assert parse_upn(upn) == upn.replace(" ", "").upper()


def test_the_published_slip_of_arithmetic_is_not_repeated():
    """A help page sums this number to 267 and calls it Q; its weighted sum is 266, which is P."""
    assert flaw_of(parse_upn, "Q207000016049") is Flaw.UPN_CHECK_LETTER


@pytest.mark.parametrize("area", ["838", "839", "873", "940", "941", "942", "943"])
def test_areas_made_since_2019_are_not_refused(area):
    rest = f"{area}400020001"
    assert parse_upn(upn_check_letter(rest) + rest)[1:4] == area


def test_a_temporary_upn_identifies_nobody():
    rest = "8734000200" + "0A"
    assert flaw_of(parse_upn, upn_check_letter(rest) + rest) is Flaw.UPN_TEMPORARY


@pytest.mark.parametrize(
    "upn", ["", "A000000000000", "I801200005001", "B80120000500", "B8012000050011", "B80120000500S"]
)
def test_what_is_not_a_upn_is_refused_by_its_form(upn):
    assert flaw_of(parse_upn, upn) is Flaw.UPN_FORM


@given(
    st.from_regex(r"[0-9]{12}", fullmatch=True).filter(lambda rest: rest != "0" * 12),
    st.integers(0, 11),
    st.integers(1, 9),
)
def test_no_single_wrong_digit_passes_the_check_letter(rest, place, change):
    """23 is prime and larger than every weight and every change of a digit."""
    upn = upn_check_letter(rest) + rest
    assert parse_upn(upn) == upn
    wrong = rest[:place] + str((int(rest[place]) + change) % 10) + rest[place + 1 :]
    assert flaw_of(parse_upn, upn[0] + wrong) in {Flaw.UPN_CHECK_LETTER, Flaw.UPN_FORM}


# --- postcodes


@pytest.mark.parametrize(
    ("written", "normal", "sector"),
    [
        ("CB1 2AB", "CB1 2AB", "CB1 2"),
        ("cb12ab", "CB1 2AB", "CB1 2"),
        (" CB24  6ZZ ", "CB24 6ZZ", "CB24 6"),
        ("M1 1AE", "M1 1AE", "M1 1"),
        ("B33 8TH", "B33 8TH", "B33 8"),
        ("W1A 0AX", "W1A 0AX", "W1A 0"),
        ("EC1A 1BB", "EC1A 1BB", "EC1A 1"),
        ("gir0aa", "GIR 0AA", "GIR 0"),
        ("pe29 3tn", "PE29 3TN", "PE29 3"),
    ],
)
def test_a_postcode_has_a_sector(written, normal, sector):
    postcode = parse_postcode(written)
    assert (postcode, sector_of(postcode)) == (normal, sector)


@pytest.mark.parametrize("written", ["ZZ99 3VZ", "zz993wz", "XX1 1XX", "XXXX XXX", "X", "nopostcode", "No Postcode"])
def test_stand_ins_for_no_postcode_are_told_apart(written):
    assert flaw_of(parse_postcode, written) is Flaw.POSTCODE_PLACEHOLDER


@pytest.mark.parametrize(
    "written", ["", "CB1", "CB1 2A", "CB1 2AC", "QB1 2AB", "CI1 2AB", "CB1 2A\u00df", "GIR 1AA", "CB1?2AB", "CB111 2AB"]
)
def test_what_is_not_a_postcode_is_refused_by_its_form(written):
    assert flaw_of(parse_postcode, written) is Flaw.POSTCODE_FORM


# --- days


@pytest.mark.parametrize(
    "written",
    [
        *("22/11/2026", "22/11/2026 00:00", "22/11/2026 00:00:00", "22/11/2026 9:05", " 22/11/2026 "),
        *(
            "2026-11-22",
            "2026-11-22 00:00:00",
            "2026-11-22T23:59:59",
            "2026-11-22 00:00:00.000",
            "2026-11-22 00:00:00.0000000",
        ),
    ],
)
def test_both_common_formats_are_read_with_and_without_a_time(written):
    assert date_parser(["dd/mm/yyyy", "yyyy-mm-dd"])(written) == AS_AT


@pytest.mark.parametrize(
    "written",
    [
        *("", "22/11/26", "11/22/2026", "31/02/2026", "2026-02-29", "2026-13-01", "22-11-2026", "22/11/2026x"),
        *(
            "2026-11-22 24:00:00",
            "2026-11-22 00:00:00Z",
            "2026-11-22T00:00:00+01:00",
            "22/11/2026 00:00:00 ?",
            "2026-11-2",
        ),
        *("\u0662\u0662/11/2026", "2026\u201311\u201322", "46348"),
    ],
)
def test_what_is_not_a_day_is_refused(written):
    assert flaw_of(date_parser(["dd/mm/yyyy", "yyyy-mm-dd"]), written) is Flaw.DATE_FORM


@pytest.mark.parametrize("written", ["01/01/0206", "31/12/9999", "31/12/1899", "01/01/2101"])
def test_a_day_beyond_anybodys_life_is_refused(written):
    assert flaw_of(date_parser(["dd/mm/yyyy"]), written) is Flaw.DATE_RANGE


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.sampled_from(sorted(DATE_FORMATS)))
def test_every_format_reads_what_it_writes(day, name):
    written = name.replace("yyyy", f"{day.year:04}").replace("mm", f"{day.month:02}").replace("dd", f"{day.day:02}")
    assert date_parser([name])(written) == day


@given(st.text(max_size=40))
@example("2026-11-22\n")
def test_any_text_is_a_day_or_a_flaw(text):
    day, unusable = tried(date_parser(DATE_FORMATS), text)
    assert isinstance(day, date) or unusable.flaw in {Flaw.DATE_FORM, Flaw.DATE_RANGE}


@pytest.mark.parametrize(
    ("born_on", "estimated", "flaw"),
    [
        (date(1990, 5, 1), False, None),
        (AS_AT, False, None),
        (date(2026, 11, 23), False, Flaw.BIRTH_FUTURE),
        (date(2027, 5, 1), True, None),
        (date(2027, 11, 23), True, None),
        (date(2027, 11, 24), True, Flaw.BIRTH_FUTURE),
        (date(1900, 1, 1), False, Flaw.BIRTH_PLACEHOLDER),
        (date(1901, 1, 1), True, Flaw.BIRTH_PLACEHOLDER),
        (date(1915, 11, 23), False, None),
        (date(1915, 11, 22), False, Flaw.BIRTH_TOO_LONG_AGO),
    ],
)
def test_a_date_of_birth_must_be_one_that_somebody_can_have(born_on, estimated, flaw):
    assert flaw_of_birth(born_on, AS_AT, estimated=estimated) is flaw


# --- names


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("O'Neill", "O'Neill"),
        ("Smith-Jones", "Smith-Jones"),
        ("  van   der  Berg ", "van der Berg"),
        ("Jose\u0301", "Jos\u00e9"),
        ("Nu\u00f1ez\u00a0Garc\u00eda", "Nu\u00f1ez Garc\u00eda"),
        ("D\u2019Arcy", "D\u2019Arcy"),
        ("\u674e", "\u674e"),
        ('William "Bill"', 'William "Bill"'),
        ("Baby 2", "Baby 2"),
        ("\u0141ukasz", "\u0141ukasz"),
    ],
)
def test_a_name_is_composed_and_its_blanks_folded(written, normal):
    assert parse_name(written) == normal


@pytest.mark.parametrize(
    "written",
    [
        *(
            "M\ufffdller",
            "M?ller",
            "Smith*",
            "Smi\x07th",
            "Smi\tth",
            "Smi\nth",
            "Smi\x85th",
            "Smith\u202e",
            "\u2066Smith",
        ),
        *(
            "Smi\u200bth",
            "Smi\u00adth",
            "Sm\ue000th",
            "Smith;Jones",
            "Smith_Jones",
            "Smith=1",
            "<b>",
            "M\u00c3\u00bcller",
        ),
        *("Ren\u00c3\u00a9", "Nu\u00c3\u00b1ez", "Smith\u2028"),
        *("Smith\u3164", "\u115fSmith", "Smi\u1160th", "\uffa0"),
    ],
)
def test_a_character_that_no_name_has_is_refused(written):
    assert flaw_of(parse_name, written) is Flaw.NAME_CHARACTER


@pytest.mark.parametrize("written", ["", "-", "...", "12", "'"])
def test_a_name_has_letters(written):
    assert flaw_of(parse_name, written) is Flaw.NAME_LETTERS


def test_a_name_has_an_end():
    assert flaw_of(parse_name, "a" * 101) is Flaw.NAME_LENGTH


@given(st.text(max_size=60))
def test_any_text_is_a_name_in_normal_form_or_a_flaw(text):
    try:
        name = parse_name(text)
    except Unusable:
        return
    assert parse_name(name) == name
    assert name == " ".join(name.split())
    assert loose_surname(name)


# --- loose keys


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O'Neill", "ONEILL"),
        ("Smith-Jones", "smith jones"),
        ("N\u00fa\u00f1ez", "Nunez"),
        ("Jos\u00e9", "Jose\u0301"),
        ("Wa\u0142\u0119sa", "Walesa"),
        ("S\u00f8rensen", "Sorensen"),
        ("Stra\u00dfe", "STRASSE"),
        ("D\u2019Arcy", "D'arcy"),
        ("\u0130nan", "Inan"),
    ],
)
def test_L3_a_flag_finds_a_surname_however_it_is_spelt(one, other):
    assert loose_surname(one) == loose_surname(other)


@given(st.text(max_size=40))
def test_a_loose_surname_is_its_own_loose_surname(text):
    assert loose_surname(loose_surname(text)) == loose_surname(text)


# --- values do not travel


@given(st.text(min_size=6, max_size=20, alphabet="abcdefghij#$%"))
def test_L8_a_flaw_never_carries_the_value(text):
    for parse in (parse_name, parse_upn, parse_postcode, date_parser(DATE_FORMATS), lambda t: parse_nino(t, SYNTHETIC)):
        _, unusable = tried(parse, text)
        if unusable is not None:
            assert text not in repr(unusable)
            assert text not in str(unusable.args)
            assert unusable.__context__ is None
