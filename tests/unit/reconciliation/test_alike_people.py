"""People who are more alike than people are elsewhere: each case once linked a row to somebody else, or filled the queue."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from gateway.model.linkage import Field, How, Person, WhyQueued
from gateway.reconciliation.alike_kin import AlikeKin, alike_kin
from gateway.reconciliation.comparable import Reader
from gateway.reconciliation.crowded import MOST_PEOPLE_OF_A_VALUE
from gateway.reconciliation.linking import compared_sides, link
from gateway.reconciliation.model_file import shipped_model
from gateway.reconciliation.sounds import sounds_of
from gateway.reconciliation.weights import frequencies_of
from tests.linkage_made import a_claimant, a_person, columns_of, evidence_of, linked, nicknames, the_match, the_queued

_DAY = date(1987, 4, 12)


def _crowd(count: int, **alike: object) -> list[Person]:
    """Return people who have nothing in common but what is given."""
    return [
        a_person(
            f"c{number}",
            **{
                "nino": "",
                "forename": f"Nobody{chr(97 + number % 26)}{chr(97 + number // 26 % 26)}",
                "surname": f"Else{chr(97 + number % 26)}{chr(97 + number // 26 % 26)}",
                "born": date(1950, 1, 2) + timedelta(days=17 * number),
                "postcode": f"CB{number % 9 + 1} {number // 9 % 9 + 1}A{chr(65 + number % 20)}",
                **alike,
            },
        )
        for number in range(count)
    ]


def _twins(count: int) -> list[Person]:
    """Return so many pairs of twins who live at home."""
    names = zip(_crowd(count), _crowd(count, forename="Ann"), strict=True)
    return [person for one, other in names for person in (one, a_person(f"t{one.key}", **_but_forename(one, other)))]


def _but_forename(one: Person, other: Person) -> dict[str, object]:
    return {"nino": "", "forename": other.forename, "surname": one.surname, "born": one.born, "postcode": one.postcode}


def _fathers_and_sons(count: int) -> list[Person]:
    fathers = _crowd(count)
    sons = [
        a_person(
            f"s{each.key}",
            nino="",
            forename=each.forename,
            surname=each.surname,
            postcode=each.postcode,
            born=date(2005, 6, 7),
        )
        for each in fathers
    ]
    return [*fathers, *sons]


# --- kin who are many in this cohort --------------------------------------------------------------------------------


def _kin(people: Iterable[Person]) -> AlikeKin:
    return alike_kin(compared_sides((), list(people), nicknames())[1].columns)


def test_what_kin_are_many_is_counted_in_the_cohort() -> None:
    assert _kin(_crowd(60)) == AlikeKin(twins=False, namesakes=False)
    assert _kin([*_crowd(60), *_twins(1)]) == AlikeKin(twins=False, namesakes=False)
    assert _kin(_twins(30)) == AlikeKin(twins=True, namesakes=False)
    assert _kin(_fathers_and_sons(30)) == AlikeKin(twins=False, namesakes=True)


def test_who_was_born_on_1_january_is_no_twin() -> None:
    people = _crowd(60, surname="Else", born=date(1980, 1, 1), postcode="CB1 2AB")
    assert not _kin(people).twins


SLIP = {"nino": "", "forename": "Kathewine"}


def test_a_slip_in_a_forename_links_where_twins_are_few() -> None:
    assert the_match(linked(a_claimant(**SLIP), [a_person(), *_crowd(60)])).key == "anna"


@pytest.mark.parametrize("listed", [SLIP, {"nino": "", "forename": "Kate"}, {"forename": "Wiktoria"}])
def test_a_forename_that_is_nearly_the_same_waits_where_twins_are_many(listed: dict[str, object]) -> None:
    queued = the_queued(linked(a_claimant(**listed), [a_person(), *_twins(30)]))
    assert queued.why is WhyQueued.NOT_SURE_ENOUGH
    assert queued.candidates[0].key == "anna"


def test_a_number_on_a_namesake_a_generation_apart_waits_where_sons_bear_their_fathers_names() -> None:
    row = a_claimant(born=date(1959, 8, 27))
    assert the_match(linked(row, [a_person(), *_crowd(60)])).how is How.SCORED
    assert the_queued(linked(row, [a_person(), *_fathers_and_sons(30)])).why is WhyQueued.NOT_SURE_ENOUGH


# --- names that tell little -----------------------------------------------------------------------------------------


def test_two_names_that_the_cohort_bears_are_no_slip_of_a_key() -> None:
    listed, held = a_claimant(nino="", forename="Mabrika"), a_person(nino="", forename="Mabrita")
    known = [*_crowd(2, forename="Mabrika"), *_crowd(2, forename="Mabrita")]
    bearers = [a_person(f"k{place}", **_but_forename(each, each)) for place, each in enumerate(known)]
    assert the_match(linked(listed, [held, *_crowd(60)])).key == "anna"
    assert the_queued(linked(listed, [held, *_crowd(60), *bearers])).why is WhyQueued.VETOED


@pytest.mark.parametrize(("listed", "held"), [("Carla", "Carlo"), ("Jodie", "Jodia"), ("Millie", "Mollie")])
def test_another_last_letter_or_another_name_is_no_slip_of_a_key(listed: str, held: str) -> None:
    assert not linked(a_claimant(nino="", forename=listed), a_person(forename=held)).matches


def test_a_brother_who_is_called_mohammed_too_waits() -> None:
    brother = a_person(forename="Mohammed Hasan", surname="Khan")
    result = linked(a_claimant(nino="", forename="Mohammed", surname="Khan"), brother)
    assert the_queued(result).candidates[0].evidence.level(Field.FORENAME).code == "middle"
    assert not linked(a_claimant(nino="", forename="Md Hussain", surname="Khan"), brother).matches


@pytest.mark.parametrize("listed", ["Hasan", "Md Hasan", "Muhammad Hassan"])
def test_the_name_by_which_somebody_is_called_links_whether_mohammed_stands_before_it_or_not(listed: str) -> None:
    result = linked(
        a_claimant(nino="", forename=listed, surname="Khan"), a_person(forename="Mohammed Hasan", surname="Khan")
    )
    assert the_match(result).key == "anna"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("raheem", "rahim"),
        ("yousuf", "yusuf"),
        ("sukhvinder", "sukhwinder"),
        ("fatimah", "fatima"),
        ("khadija", "kadija"),
    ],
)
def test_one_sound_has_many_spellings(one: str, other: str) -> None:
    assert sounds_of(one) == sounds_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("karim", "karima"),
        ("hasan", "hasna"),
        ("zara", "sara"),
        ("salma", "selma"),
        ("hassan", "hussain"),
        ("ana", "anna"),
    ],
)
def test_two_names_have_two_sounds(one: str, other: str) -> None:
    assert not set(sounds_of(one)) & set(sounds_of(other))


def test_a_forename_written_by_ear_links() -> None:
    assert the_match(linked(a_claimant(nino="", forename="Raheem"), a_person(forename="Rahim"))).key == "anna"


def test_swapped_names_weigh_once_and_little_where_they_are_common() -> None:
    listed = a_claimant(nino="", forename="Owen", surname="Morgan", postcode="CB1 2AB")
    held = a_person(nino="", forename="Morgan", surname="Owen")
    welsh = [
        a_person(f"w{place}", nino="", forename=each, surname=other, born=date(1960, 2, 3) + timedelta(days=place))
        for place, (each, other) in enumerate([("Morgan", "Owen"), ("Owen", "Morgan")] * 200)
    ]
    evidence = evidence_of(listed, held)
    assert evidence.level(Field.FORENAME).bits + evidence.level(Field.SURNAME).bits < 14
    assert not linked(listed, [held, *welsh]).matches


def test_a_twin_of_swapped_names_is_not_nearly_the_same_person() -> None:
    row = a_claimant(nino="", forename="Dawit", surname="Amina")
    evidence = evidence_of(row, a_person(forename="Amira", surname="Dawit"))
    assert evidence.level(Field.FORENAME).code == "nearly-swapped"
    assert not linked(row, [a_person(forename="Amira", surname="Dawit"), *_twins(30)]).matches


def test_half_a_common_surname_weighs_little() -> None:
    singhs = _crowd(300, surname="Kaur")
    listed = a_claimant(nino="", forename="Rajinder", surname="Kaur-Brar", postcode="CB1 2AB")
    held = a_person(nino="", forename="Rajinder", surname="Kaur", postcode="LS7 4YE")
    assert not linked(listed, [held, *singhs]).matches


def test_a_whole_name_is_as_common_as_it_is_though_its_parts_are_not() -> None:
    reader = Reader(nicknames())
    khans = _crowd(40, forename="Mohammed", surname="Khan")
    cohort = [reader.person(person) for person in [*khans, *_crowd(400)]]
    frequencies = frequencies_of(columns_of(cohort), shipped_model())
    assert frequencies.namesake(cohort[0], cohort[1]) < -2
    assert frequencies.namesake(cohort[0], cohort[50]) == frequencies.namesake(cohort[50], cohort[50]) == 0


# --- places and days that tell little -------------------------------------------------------------------------------


def test_a_day_that_nearly_agrees_behind_one_postcode_of_flats_waits() -> None:
    held = a_person(nino="", forename="Maria", surname="Nowak", born=date(2009, 1, 10), address="6 Park Road")
    row = a_claimant(nino="", forename="Maria", surname="Nowak", born=date(2009, 1, 19), address_line="44 Park Road")
    assert not linked(row, held).matches
    common = _crowd(200, forename="Maria", postcode="PE29 3TN")
    assert not linked(
        a_claimant(nino="", forename="Maria", born=date(1987, 4, 13)), [a_person(forename="Maria"), *common]
    ).matches


def test_a_neighbour_with_another_surname_waits() -> None:
    held = a_person(nino="", surname="Popa", address="Flat 60 Kestrel House")
    row = a_claimant(nino="", surname="Nowak", address_line="Flat 100 Kestrel House")
    assert not linked(row, held).matches


def test_a_postcode_and_a_day_of_birth_weigh_less_the_more_people_have_them() -> None:
    crowd = _crowd(200, postcode="PE29 3TN", born=_DAY)
    model, (rows, cohort) = shipped_model(), compared_sides([a_claimant()], [a_person(), *crowd], nicknames())
    frequencies = frequencies_of(cohort.columns, model)
    assert len(rows) == 1
    assert frequencies.shares[Field.POSTCODE]["PE293TN"] > 0.1
    found = link([a_claimant()], [a_person(), *crowd], model=model, nicknames=nicknames()).matches[0].evidence
    alone = evidence_of(a_claimant(), a_person())
    for field in (Field.POSTCODE, Field.BORN):
        assert found.level(field).bits < alone.level(field).bits - 1


def test_a_postcode_and_a_day_of_hundreds_are_placeholders_and_bring_nobody_together() -> None:
    crowd = _crowd(MOST_PEOPLE_OF_A_VALUE + 1, postcode="PE29 3TN", born=date(1970, 1, 1))
    rows, people = compared_sides([a_claimant(born=date(1970, 1, 1))], crowd, nicknames())
    assert {(each.postcode, each.born) for each in (*rows, *people)} == {(None, None)}


# --- nobody ---------------------------------------------------------------------------------------------------------


def test_of_a_list_of_strangers_nobody_is_linked() -> None:
    rows = [a_claimant(place, nino="", born=each.born, forename=each.surname, surname=each.forename, postcode="LS7 1AA")
            for place, each in enumerate(_crowd(60), start=2)]  # fmt: skip
    people = [
        a_person(f"p{each.key}", nino="", forename="Katherine", surname="Wetherby", born=each.born)
        for each in _crowd(60)
    ]
    assert not linked(rows, people).matches
