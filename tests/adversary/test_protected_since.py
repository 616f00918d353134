"""A flag protects from the load that brings it on, also on lists that were decided before and have not left."""

from datetime import timedelta

import pytest

from gateway.errors import EntryInvalid, NotDeliverable
from gateway.model.delivery import ListState
from gateway.selection.decide import selected_select
from gateway.services.agreements.agreement_standing import standing_of
from gateway.services.delivery.deliver_lists import deliver
from gateway.services.disclosure.list_making import ListMade
from gateway.services.disclosure.release_lists import release_list
from gateway.services.night.resume_delivery import resume_delivery
from gateway.store.tables import evidence, person_records, persons
from tests.extracts_edited import flag, take_again_on
from tests.rehearsed_county import EVENING, JOBCENTRE, NIGHT, SECOND_PERSON, SMALL_HOURS

TOMORROW = EVENING + timedelta(days=1)


def largest(made) -> ListMade:
    return max(made, key=lambda each: each.people)


def protect(county, subject_ref):
    """Flag the record of somebody in the next night's feed, and load it."""
    (person,) = county.rows(persons, persons.c.subject_ref == subject_ref)
    record = county.rows(person_records, person_records.c.person_key == person.person_key)[0]
    take_again_on(county, NIGHT)
    flag(county, FLAG_KIND="marac_or_refuge", SOURCE=record.source, SOURCE_ID=record.source_id)
    county.load(TOMORROW)


def selected(county, withheld):
    """Whom a withheld list would have held."""
    with county.at() as workplace, workplace.store.reading() as connection:
        standing = standing_of(workplace, connection, JOBCENTRE)
        statement = selected_select(
            standing.agreement, standing.framework, snapshot_id=1, day=NIGHT, part=withheld.part
        )
        return list(connection.execute(statement).scalars())


def send(county, list_id):
    with county.at(TOMORROW + timedelta(hours=1)) as workplace:
        return deliver(workplace, [list_id])[0]


def test_L3_a_flag_that_comes_between_seal_and_send_makes_the_list_void(county):
    """The partner could not be reached all day; in the evening somebody on the list fled to a refuge."""
    county.approve()
    sealed = largest(county.run())
    protect(county, county.rows(evidence, evidence.c.list_id == sealed.list_id)[0].subject_ref)
    delivered = send(county, sealed.list_id)
    assert (delivered.state, delivered.code) == (ListState.VOID, "protected-since")


def test_a_list_on_which_nobody_was_flagged_since_goes(county):
    county.approve()
    sealed = largest(county.run())
    take_again_on(county, NIGHT)
    county.load(TOMORROW)
    assert send(county, sealed.list_id).state is ListState.VERIFIED


def test_L3_a_release_leaves_out_whoever_was_flagged_since(county):
    county.change_agreement(JOBCENTRE, "most_people: 6000", "most_people: 1")
    county.approve()
    withheld = largest(county.run())
    before = selected(county, withheld)
    assert withheld.people == len(before)
    protect(county, before[0])
    with county.at(TOMORROW + timedelta(minutes=5), SECOND_PERSON) as workplace:
        released = release_list(workplace, withheld.reference, reason="looked-at", case_reference="IG-2026-0142")
    told = {row.subject_ref for row in county.rows(evidence, evidence.c.list_id == released.list_id)}
    assert before[0] not in told
    assert told < set(before)


def test_L8_a_release_takes_its_reason_from_a_closed_list(county):
    """What is entered stays for ever, so that no name may stand where a code does."""
    with county.at(actor=SECOND_PERSON) as workplace, pytest.raises(EntryInvalid):
        release_list(workplace, "LST-none", reason="jane-smith", case_reference="IG-2026-0142")


def test_a_list_whose_delivery_time_is_over_is_sent_only_by_name(county):
    """After a week the people on it are not the people of today: somebody has to mean this very list."""
    county.approve()
    sealed = largest(county.run())
    with county.at(SMALL_HOURS + timedelta(days=7)) as workplace:
        resumed = resume_delivery(workplace, (), load_at=county.settings.load_at)
        assert sealed.reference in resumed.late
        assert not resumed.delivered
        named = resume_delivery(workplace, (sealed.reference,), load_at=county.settings.load_at)
        assert [one.reference for one in named.delivered] == [sealed.reference]


def test_a_list_that_does_not_wait_cannot_be_named_for_delivery(county):
    with county.at(SMALL_HOURS) as workplace, pytest.raises(NotDeliverable, match="LST-none"):
        resume_delivery(workplace, ("LST-none",), load_at=county.settings.load_at)
