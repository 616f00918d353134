"""Law L11 where the recipient's own list comes in: its answer says nothing of anybody who is not told of.

- Somebody who is suppressed and was never told of is answered, byte for byte, as somebody whom the county does not know.
- Somebody who was told of before they were suppressed is answered, byte for byte, as somebody who left the programme.
- Whether an answer waits for a person does not depend on who was asked about.
"""

from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from gateway.services.disclosure.list_making import Outcome
from gateway.services.reconciliation.queue import waiting_rows
from gateway.store.tables import evidence, queue_rows, reconciled_rows
from tests.claimants_left import list_about, names_on, opened_copy, reach_of, ready, taken
from tests.extracts_edited import take_again_on
from tests.journeys.test_law_11_no_oracle import left_the_family, source_id_of, suppressed, take_out, the_person
from tests.loaded_county import Drawn
from tests.rehearsed_county import JOBCENTRE, MORNING, with_server
from tests.work_coach_lists import SECOND_EVENING, SECOND_MORNING, STRANGER, claimant_of, file_of


def ready_here(county):
    """Approved by its officers; the server is there only while that is done."""
    with ExitStack() as stack:
        return ready(with_server(county, stack), plain=True)


def everything_it_comes_to(county, data, at):
    """What the recipient gets, and what their list leaves with us."""
    took = taken(county, data, at=at)
    (made,) = county.run(at)
    plain = opened_copy(county, made.list_id) if made.outcome is Outcome.SEALED else None
    with county.at(at) as workplace:
        waiting = waiting_rows(workplace)
    kept = [tuple(row) for table in (reconciled_rows, queue_rows) for row in county.rows(table)]
    return plain, asdict(took), (made.outcome, made.people, made.reasons), waiting, sorted(map(repr, kept))


def spellings_of(claimant):
    """Somebody as a list may have them: right, and mistyped in two ways."""
    return [
        claimant,
        replace(claimant, nino=claimant.nino[:-2] + "7B"),
        replace(claimant, nino="", surname=claimant.surname[1:] + "e"),
    ]


@pytest.fixture(scope="module")
def two_counties(founded_county, tmp_path_factory):
    """Two counties alike but for one person: protected in the one, not there in the other."""
    source_id = founded_county.facts.canary("ordinary_partner").source_id
    protected = founded_county.copied_to(tmp_path_factory.mktemp("protected") / "county")
    suppressed(protected, source_id)
    protected.load(draw=Drawn())
    ready_here(protected)
    known = the_person(protected, source_id)
    unknown = protected.copied_to(tmp_path_factory.mktemp("unknown") / "county")
    take_out(unknown, known)
    return protected, unknown, known


@pytest.mark.parametrize("spelling", range(3), ids=["right", "mistyped number", "no number and a mistyped name"])
def test_L11_who_is_suppressed_is_answered_as_unknown(two_counties, tmp_path, spelling):
    protected, unknown, known = two_counties
    asked = spellings_of(claimant_of(known))[spelling]
    data = file_of([asked, *(claimant_of(person) for person in reach_of(protected)[:4]), STRANGER])
    told = []
    for county, name in ((protected, "protected"), (unknown, "unknown")):
        copied = county.copied_to(tmp_path / name / "county")
        told.append(everything_it_comes_to(copied, data, MORNING))
        assert known.subject_ref not in {row.subject_ref for row in copied.rows(evidence)}
    assert told[0] == told[1]
    assert (known.surname, known.forename) not in names_on(told[0][0])


def test_L11_a_list_about_the_suppressed_alone_is_a_list_about_nobody(two_counties, tmp_path):
    protected, unknown, known = two_counties
    data = file_of([claimant_of(known)])
    counties = [county.copied_to(tmp_path / str(n) / "county") for n, county in enumerate((protected, unknown))]
    told = [everything_it_comes_to(county, data, MORNING) for county in counties]
    assert told[0] == told[1]
    assert told[0][2] == (Outcome.WITHHELD, 0, ("empty",))


def test_L11_who_was_told_of_before_is_answered_as_somebody_who_left(loaded_county, tmp_path):
    county = ready_here(loaded_county.copied_to(tmp_path / "first" / "county"))
    reach = reach_of(county)
    person = next(each for each in reach if each.nino and source_id_of(county, each) is not None)
    data = list_about([person, *[each for each in reach if each is not person][:5]], STRANGER)
    taken(county, data)
    (first,) = county.run(MORNING)
    assert person.subject_ref in {row.subject_ref for row in county.rows(evidence)}
    source_id, told = source_id_of(county, person), []
    for change in (suppressed, left_the_family):
        changed = county.copied_to(tmp_path / change.__name__ / "county")
        change(changed, source_id)
        take_again_on(changed, SECOND_EVENING.date())
        changed.load(SECOND_EVENING, draw=Drawn(2))
        told.append(everything_it_comes_to(changed, data, SECOND_MORNING))
    assert told[0] == told[1]
    assert told[0][2][1] < first.people


def test_L11_whether_an_answer_waits_does_not_say_who_was_asked_about(loaded_county, tmp_path):
    """Where a person decides about a need, they decide before anybody is told of, whoever that is."""
    county = loaded_county.copied_to(tmp_path / "county")
    county.change_agreement(JOBCENTRE, "domestic_abuse_need: block", "domestic_abuse_need: human")
    ready_here(county)
    reach, outcomes = reach_of(county), set()
    for number in range(2):
        at = MORNING + timedelta(minutes=number)
        took = taken(county, list_about(reach[number * 3 : number * 3 + 3]), at=at)
        (made,) = [each for each in county.run(at) if each.part == took.part]
        outcomes.add((made.outcome, made.reasons))
    assert outcomes == {(Outcome.WITHHELD, ("domestic_abuse_need",))}
