"""A list takes as long to send as the line is slow, and a hold that comes meanwhile still counts."""

import pytest

from gateway.model.delivery import ListState
from gateway.seams import Seam, set_hook
from gateway.services.agreements.suspend_agreements import SuspendReason, suspend
from gateway.services.subjects.hold_subjects import HoldReason, place_hold
from gateway.store.tables import evidence, persons
from tests.rehearsed_county import DWP, JOBCENTRE

CASE = "IG-2026-0142"


@pytest.fixture
def sealed(county):
    """A county, and the first list of it that is sealed and holds somebody with a number."""
    county.approve()
    county.run()
    numbered = {row.subject_ref: row.nino for row in county.rows(persons, persons.c.nino.is_not(None))}
    for kept in county.lists():
        ninos = [numbered.get(row.subject_ref) for row in county.rows(evidence, evidence.c.list_id == kept.list_id)]
        if kept.state is ListState.SEALED and any(ninos):
            return county, kept, next(filter(None, ninos))
    raise AssertionError("no list fits")


@pytest.fixture
def meanwhile(sealed):
    """Have something done when the list's package is whole on the server under its temporary name."""
    county, kept, _ = sealed

    def do(act):
        def once(seam):
            if seam is Seam.FILE_CLOSED and in_view(county, kept):
                set_hook(None)
                act()

        set_hook(once)

    yield do
    set_hook(None)


def in_view(county, kept):
    return [file.name for file in county.inbox(DWP).iterdir() if file.name.strip(".").startswith(kept.remote_name)]


def test_a_hold_while_the_list_is_staged_makes_it_void_and_takes_it_away(sealed, meanwhile):
    county, kept, nino = sealed

    def hold():
        with county.at() as workplace:
            place_hold(workplace, ("nino", nino), reason=HoldReason.SAFETY, case_reference=CASE)

    meanwhile(hold)
    delivered = {each.reference: each for each in county.deliver(one_by_one=True)}
    assert (delivered[kept.reference].state, delivered[kept.reference].code) == (ListState.VOID, "hold-placed")
    assert in_view(county, kept) == []


def test_an_agreement_that_is_suspended_while_the_list_is_staged_publishes_nothing(sealed, meanwhile):
    county, kept, _ = sealed

    def stop():
        with county.at() as workplace:
            suspend(workplace, JOBCENTRE, SuspendReason.SAFETY, CASE)

    meanwhile(stop)
    delivered = {each.reference: each for each in county.deliver(one_by_one=True)}
    assert delivered[kept.reference].state is ListState.SENDING
    assert kept.remote_name not in in_view(county, kept)
