"""What becomes of a row: verdicts, references, rules, weight, queue, in this order."""

from datetime import date

import pytest

from gateway.model.linkage import How, Judged, Verdict, Veto, WhyQueued
from tests.linkage_made import a_claimant, a_person, linked, the_match, the_queued

STRANGER = {
    "nino": "QQ112358A",
    "forename": "Wojciech",
    "surname": "Nowak",
    "born": date(1971, 9, 30),
    "postcode": "CB1 2AB",
}


def test_a_stranger_is_not_matched() -> None:
    result = linked(a_claimant(**STRANGER), a_person())
    assert result.unmatched == (2,)
    assert not result.matches
    assert not result.queued


def test_the_result_names_the_model_and_its_hash() -> None:
    result = linked(a_claimant(), a_person())
    assert result.model == the_match(result).evidence.model
    assert len(result.model_sha256) == 64


def test_nothing_is_linked_to_nobody() -> None:
    assert linked([], [a_person()]).unmatched == ()
    assert linked([a_claimant()], []).unmatched == (2,)


def test_a_row_that_is_there_twice_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="twice"):
        linked([a_claimant(), a_claimant()], a_person())


# --- (0) verdicts ---------------------------------------------------------------------------------------------------


def test_what_an_officer_said_decides_against_everything() -> None:
    result = linked(a_claimant(**STRANGER), a_person(), [Judged(2, "anna", Verdict.SAME)])
    assert the_match(result).how is How.VERDICT


def test_two_who_were_said_to_differ_are_never_linked() -> None:
    row = a_claimant(record_ref="R1")
    result = linked(row, a_person(record_refs=frozenset({"R1"})), [Judged(2, "anna", Verdict.DIFFERENT)])
    assert result.unmatched == (2,)


@pytest.mark.parametrize("verdict", [Verdict.NOT_SURE, Verdict.NEEDS_INFORMATION])
def test_what_an_officer_could_not_say_waits(verdict: Verdict) -> None:
    queued = the_queued(linked(a_claimant(), a_person(), [Judged(2, "anna", verdict)]))
    assert queued.why is WhyQueued.UNDECIDED
    assert [candidate.key for candidate in queued.candidates] == ["anna"]


def test_two_verdicts_for_one_row_wait() -> None:
    judged = [Judged(2, "anna", Verdict.SAME), Judged(2, "bela", Verdict.SAME)]
    result = linked(a_claimant(), [a_person(), a_person("bela", **STRANGER)], judged)
    assert the_queued(result).why is WhyQueued.POINTS_TO_TWO


def test_a_verdict_about_somebody_who_left_is_of_no_account() -> None:
    assert the_match(linked(a_claimant(), a_person(), [Judged(2, "gone", Verdict.SAME)])).key == "anna"


# --- (1) references -------------------------------------------------------------------------------------------------


def test_a_reference_decides_alone() -> None:
    row = a_claimant(record_ref=" R1 ", **{**STRANGER, "surname": "Wetherby", "forename": "Katherine"})
    match = the_match(linked(row, a_person(record_refs=frozenset({"R1", "R0"}))))
    assert match.how is How.RECORD_REF


def test_a_reference_that_birth_and_surname_contradict_waits() -> None:
    row = a_claimant(record_ref="R1", **STRANGER)
    queued = the_queued(linked(row, a_person(record_refs=frozenset({"R1"}))))
    assert queued.why is WhyQueued.REFERENCE_CONTRADICTED
    assert queued.candidates[0].key == "anna"


def test_a_reference_of_a_sister_waits() -> None:
    row = a_claimant(record_ref="R1", nino="", forename="Zofia", born=date(1995, 7, 30))
    queued = the_queued(linked(row, a_person(record_refs=frozenset({"R1"}))))
    assert queued.why is WhyQueued.REFERENCE_CONTRADICTED


def test_a_reference_that_two_people_have_waits() -> None:
    people = [a_person("a", record_refs=frozenset({"R1"})), a_person("b", record_refs=frozenset({"R1"}), **STRANGER)]
    assert the_queued(linked(a_claimant(record_ref="R1"), people)).why is WhyQueued.POINTS_TO_TWO


def test_a_reference_that_nobody_has_leaves_it_to_the_rest() -> None:
    assert the_match(linked(a_claimant(record_ref="R9"), a_person())).how is How.NINO_AND_BORN


# --- (2) rules ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("different", "how"),
    [
        ({}, How.NINO_AND_BORN),
        ({"surname": "Nowak", "postcode": "CB1 2AB"}, How.NINO_AND_BORN),
        ({"born": date(1987, 12, 4)}, How.NINO_AND_SURNAME),
        ({"nino": ""}, How.NAME_BORN_AND_POSTCODE),
    ],
)
def test_rules_decide_where_they_are_unique(different: dict[str, object], how: How) -> None:
    assert the_match(linked(a_claimant(**different), a_person())).how is how


def test_one_person_held_twice_waits() -> None:
    assert the_queued(linked(a_claimant(), [a_person("a"), a_person("b")])).why is WhyQueued.POINTS_TO_TWO


# --- (3) weight -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "different",
    [
        {"nino": "", "postcode": "CB1 2AB"},
        {"nino": "", "born": date(1987, 12, 4)},
        {"nino": "", "surname": "Nowak"},
        {"nino": "", "forename": "KATIE"},
        {"nino": "QQ730411C", "surname": "Nowak"},
        {"nino": "", "forename": "WETHERBY", "surname": "KATHERINE"},
        {"nino": "", "born": date(1987, 4, 13)},
        {"nino": "QQ112358A"},
        {"forename": "Wiktoria"},
    ],
)
def test_weight_decides_what_rules_do_not(different: dict[str, object]) -> None:
    assert the_match(linked(a_claimant(**different), a_person())).how is How.SCORED


# --- (4) people who must never link by themselves -------------------------------------------------------------------

NEVER = {
    "father and son of one name": ({"nino": "", "born": date(1959, 8, 27)}, {}, Veto.BORN_CONTRADICTS),
    "father and son born on one day of the year": (
        {"nino": "", "born": date(1957, 4, 12)},
        {},
        Veto.NO_IDENTIFIER_AGREES,
    ),
    "twins": ({"nino": "", "forename": "Jayden"}, {"forename": "Kayden"}, Veto.FORENAME_DIFFERS),
    "twins of names like a slip": ({"nino": "", "forename": "Paula"}, {"forename": "Paul"}, Veto.FORENAME_DIFFERS),
    "twins of known names": ({"nino": "", "forename": "Mariam"}, {"forename": "Marian"}, Veto.FORENAME_DIFFERS),
    "twins whose numbers follow": ({"nino": "QQ730142C", "forename": "Jayden"}, {}, Veto.FORENAME_DIFFERS),
    "twins with a common first name": (
        {"nino": "", "forename": "Mohammed Hasan"},
        {"forename": "Mohammed Hussain"},
        Veto.FORENAME_DIFFERS,
    ),
    "a mother's number": (
        {"forename": "Zofia", "born": date(2007, 9, 3)},
        {},
        Veto.FORENAME_DIFFERS,
    ),
    "ex-partners": (
        {"nino": "", "forename": "Martin", "born": date(1984, 9, 3), "postcode": "CB1 2AB"},
        {},
        None,
    ),
    "no number and no day of birth": ({"nino": "", "born": None}, {}, Veto.NO_IDENTIFIER_AGREES),
    "namesakes of one day": ({"postcode": "CB1 2AB", "nino": "QQ112358A"}, {}, Veto.NINO_CONTRADICTS),
    "sisters whose names have one short form": (
        {"nino": "QQ112358A", "forename": "Katy"},
        {},
        Veto.NINO_CONTRADICTS,
    ),
    "married and moved": ({"nino": "", "surname": "Nowak", "postcode": "CB1 2AB"}, {}, Veto.SURNAME_AND_ADDRESS_DIFFER),
    "only an initial": ({"nino": "", "forename": "K"}, {}, Veto.FORENAME_DIFFERS),
}


@pytest.mark.parametrize("case", NEVER)
def test_relatives_and_namesakes_never_link_by_themselves(case: str) -> None:
    listed, held, veto = NEVER[case]
    result = linked(a_claimant(**listed), a_person(**held))
    assert not result.matches
    if veto and result.queued:
        assert veto in the_queued(result).candidates[0].vetoes


def test_a_twin_with_nobody_like_them_in_the_cohort_waits() -> None:
    result = linked(a_claimant(nino="", forename="Jayden"), a_person(forename="Kayden"))
    assert the_queued(result).why is WhyQueued.VETOED


def test_each_twin_is_linked_to_themselves() -> None:
    twins = [a_person("j", forename="Jayden", nino=""), a_person("k", forename="Kayden", nino="QQ730142C")]
    rows = [a_claimant(2, forename="KAYDEN", nino=""), a_claimant(3, forename="JAYDEN", nino="QQ730141C")]
    assert {match.row: match.key for match in linked(rows, twins).matches} == {2: "k", 3: "j"}


def test_candidates_are_shown_likeliest_first_with_their_lead() -> None:
    people = [a_person("a", nino="", forename="Jayden"), a_person("b", nino="", forename="Kayden")]
    queued = the_queued(linked(a_claimant(nino="", forename="J"), people))
    assert [candidate.key for candidate in queued.candidates] == ["a", "b"]
    first, last = queued.candidates
    assert first.lead == pytest.approx(first.evidence.bits - last.evidence.bits)
    assert last.lead is None


def test_no_more_than_five_candidates_are_shown() -> None:
    people = [a_person(f"p{number}", nino="") for number in range(8)]
    assert len(the_queued(linked(a_claimant(nino=""), people)).candidates) == 5


def test_a_row_whose_number_is_somebodys_waits_even_where_all_else_differs_but_the_forename() -> None:
    row = a_claimant(surname="Nowak", born=date(1971, 9, 30), postcode="CB1 2AB")
    assert linked(row, a_person()).unmatched == ()


# --- rows that are one claimant -------------------------------------------------------------------------------------


def test_one_claimant_under_two_work_coaches_is_one_match_and_one_duplicate() -> None:
    result = linked([a_claimant(2), a_claimant(3, nino="", work_coach="B")], a_person())
    assert the_match(result).row == 2
    assert [(each.row, each.of) for each in result.duplicates] == [(3, 2)]


def test_a_stranger_who_stands_there_twice_is_a_duplicate_too() -> None:
    result = linked([a_claimant(2, **STRANGER), a_claimant(3, **STRANGER)], a_person())
    assert result.unmatched == (2,)
    assert [(each.row, each.of) for each in result.duplicates] == [(3, 2)]


def test_a_list_that_says_one_row_a_thousand_times_is_one_claimant() -> None:
    result = linked([a_claimant(row) for row in range(2, 1002)], a_person())
    assert the_match(result).row == 2
    assert len(result.duplicates) == 999


def test_three_spellings_of_one_claimant_are_one() -> None:
    rows = [a_claimant(2), a_claimant(3, surname="WEATHERBY"), a_claimant(4, nino="", forename="KATE")]
    result = linked(rows, [])
    assert result.unmatched == (2,)
    assert {each.of for each in result.duplicates} == {2}


def test_twins_on_one_list_are_two_claimants() -> None:
    rows = [a_claimant(2, forename="Jayden", nino=""), a_claimant(3, forename="Kayden", nino="")]
    assert not linked(rows, a_person()).duplicates


def test_two_rows_with_one_reference_are_one_claimant() -> None:
    rows = [a_claimant(2, record_ref="R1"), a_claimant(3, record_ref="R1", nino="", born=None)]
    result = linked(rows, a_person(record_refs=frozenset({"R1"})))
    assert the_match(result).row == 2
    assert [each.row for each in result.duplicates] == [3]


def test_one_claimant_matched_with_two_people_waits() -> None:
    rows = [a_claimant(2, record_ref="R1"), a_claimant(3, record_ref="R2")]
    people = [a_person("a", record_refs=frozenset({"R1"})), a_person("b", record_refs=frozenset({"R2"}))]
    assert {queued.why for queued in linked(rows, people).queued} == {WhyQueued.POINTS_TO_TWO}


def test_two_rows_that_fit_one_person_equally_wait() -> None:
    rows = [a_claimant(2, born=date(1987, 12, 4), nino="", forename="Jane"),
            a_claimant(3, nino="", forename="Jane", postcode="CB1 2AB")]  # fmt: skip
    people = a_person(forename="Jane", nino="")
    result = linked(rows, people)
    assert len(result.matches) + len(result.duplicates) + len(result.queued) == 2
    assert len({match.row for match in result.matches}) <= 1
