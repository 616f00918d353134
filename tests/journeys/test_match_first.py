"""Law L11 and the narrowest mode: the recipient's own list comes in, and only people on it are ever told of."""

from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.services.disclosure.seal_list import Outcome
from gateway.store.tables import evidence
from tests.claimants_left import (
    answered,
    collected,
    left,
    list_about,
    names_on,
    people_of,
    reach_of,
    ready,
    still_there,
)
from tests.rehearsed_county import DWP, MORNING
from tests.work_coach_lists import STRANGER


def test_a_list_that_was_left_is_answered_about_those_on_it_whom_the_agreement_includes_and_nobody_else(county):
    ready(county)
    assert county.run(MORNING) == []
    reach = reach_of(county)
    refs = {person.subject_ref for person in reach}
    others = [person for person in people_of(county) if person.subject_ref not in refs and person.nino]
    asked = reach[:6]
    left(county, list_about([*asked, *others[:8]], STRANGER))
    found = collected(county)
    assert (found.failure, found.refused, found.waiting) == (None, [], [])
    (took,) = found.taken
    assert still_there(county) == set()
    assert (took.counts.rows_read, took.counts.on_list) == (15, 6)
    (ran,) = answered(county)
    assert (ran.outcome, ran.people, ran.part) == (Outcome.SEALED, 6, took.part)
    (plain,) = county.plaintexts(DWP).values()
    assert names_on(plain) == {(person.surname, person.forename) for person in asked}
    assert {row.subject_ref for row in county.rows(evidence)} == {person.subject_ref for person in asked}
    (kept,) = county.lists()
    assert kept.state is ListState.VERIFIED
    (entry,) = county.entries(Event.CLAIMANTS_TAKEN)
    assert entry["counts"]["on-list"] == 6
    assert county.audit() == ()
