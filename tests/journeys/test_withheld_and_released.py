"""A list that waits for a person, and a person who asks not to be on one, at every hour of the night.

A release can only shrink a list; a hold counts until the first byte is sent.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway import bootstrap
from gateway.errors import AccessDenied, NotReleasable
from gateway.model.delivery import ListState
from gateway.model.officers import Actor, Role
from gateway.services.agreements.suspend_agreements import SuspendReason, suspend
from gateway.services.disclosure.list_making import ListMade, Outcome
from gateway.services.disclosure.release_lists import release_list
from gateway.services.subjects.hold_subjects import LiftReason, lift_hold
from gateway.store.tables import evidence, lists, package_blocks, packages
from tests.rehearsed_county import DWP, HOUSING, JOBCENTRE, SECOND_PERSON, SMALL_HOURS, RehearsedCounty

CASE = "IG-2026-0142"
#: The office whose list is the largest; only its list passes over the limit that these tests set.
LATER = SMALL_HOURS + timedelta(hours=1)


@pytest.fixture
def withheld(county, ordinary_lists) -> tuple[RehearsedCounty, str]:
    """A county in which the largest office's list waits for a person, and that list's reference."""
    return withhold_the_largest(county, ordinary_lists), largest(ordinary_lists)


@pytest.fixture
def withheld_on_sqlite(sqlite_county, ordinary_lists) -> tuple[RehearsedCounty, str]:
    """The same where the kind of database does not matter."""
    return withhold_the_largest(sqlite_county, ordinary_lists), largest(ordinary_lists)


def largest(ordinary: dict[str, bytes]) -> str:
    return max((name for name in ordinary if JOBCENTRE in name), key=lambda name: len(ordinary[name]))


def withhold_the_largest(county: RehearsedCounty, ordinary: dict[str, bytes]) -> RehearsedCounty:
    county.change_agreement(
        JOBCENTRE, "most_people: 6000", f"most_people: {people_on(ordinary[largest(ordinary)]) - 3}"
    )
    county.approve()
    county.run()
    return county


def people_on(content: bytes) -> int:
    return content.count(b"\r\n") - 1


def ninos_on(content: bytes) -> list[str]:
    """The numbers on a list for Jobcentre Plus, in its order."""
    return [line.split(b",")[5].decode() for line in content.split(b"\r\n")[1:-1] if line.split(b",")[5]]


def without(content: bytes, *ninos: str) -> bytes:
    """The list without the lines of the people who have these numbers."""
    lines = content.split(b"\r\n")
    return b"\r\n".join(line for line in lines if not any(nino.encode() in line for nino in ninos))


def release(county: RehearsedCounty, reference: str, actor: Actor = SECOND_PERSON) -> ListMade:
    with county.at(LATER, actor) as workplace:
        return release_list(workplace, reference, reason="looked-at", case_reference=CASE)


def state_of(county: RehearsedCounty, reference: str) -> ListState:
    (kept,) = county.lists(lists.c.reference == reference)
    return kept.state


def test_a_withheld_list_has_no_package_and_no_evidence(withheld_on_sqlite):
    county, reference = withheld_on_sqlite
    (kept,) = county.lists(lists.c.reference == reference)
    assert kept.state is ListState.WITHHELD
    assert county.rows(packages, packages.c.list_id == kept.list_id) == []
    assert county.rows(package_blocks, package_blocks.c.list_id == kept.list_id) == []
    assert county.rows(evidence, evidence.c.list_id == kept.list_id) == []


def test_a_release_makes_exactly_the_list_that_was_withheld(withheld, ordinary_lists):
    county, reference = withheld
    made = release(county, reference)
    assert (made.outcome, made.people) == (Outcome.SEALED, people_on(ordinary_lists[reference]))
    county.deliver()
    assert county.plaintexts() == ordinary_lists


def test_whoever_ran_a_list_may_not_release_it_whatever_their_roles(withheld_on_sqlite):
    county, reference = withheld_on_sqlite
    runner = Actor(bootstrap.account_name(), "Invented Runner", frozenset(Role))
    with pytest.raises(NotReleasable, match="whoever ran a list may not release it"):
        release(county, reference, runner)
    assert state_of(county, reference) is ListState.WITHHELD


def test_a_release_takes_an_approver(withheld_on_sqlite):
    county, reference = withheld_on_sqlite
    with pytest.raises(AccessDenied):
        release(county, reference, replace(SECOND_PERSON, roles=frozenset(Role) - {Role.APPROVER}))
    assert state_of(county, reference) is ListState.WITHHELD


def test_a_list_is_released_once(withheld_on_sqlite):
    county, reference = withheld_on_sqlite
    release(county, reference)
    with pytest.raises(NotReleasable):
        release(county, reference)


def test_a_person_held_after_the_withholding_is_left_out_of_the_release(withheld, ordinary_lists):
    county, reference = withheld
    county.clock.instant = SMALL_HOURS + timedelta(minutes=5)
    held = ninos_on(ordinary_lists[reference])[0]
    assert county.hold(held) == 1
    release(county, reference)
    county.deliver()
    assert county.plaintexts(DWP)[reference] == without(ordinary_lists[reference], held)


def test_a_hold_that_is_lifted_after_the_withholding_adds_nobody(sqlite_county, ordinary_lists):
    """Held before the run, free before the release: the person was not on what was withheld, and is not added."""
    county, reference = sqlite_county, largest(ordinary_lists)
    before, after = ninos_on(ordinary_lists[reference])[:2]
    county.hold(before)
    withhold_the_largest(county, ordinary_lists)
    county.clock.instant = SMALL_HOURS + timedelta(minutes=5)
    with county.at() as workplace:
        assert lift_hold(workplace, ("nino", before), reason=LiftReason.DECIDED, case_reference=CASE) == 1
    county.hold(after)
    release(county, reference)
    county.deliver()
    assert county.plaintexts(DWP)[reference] == without(ordinary_lists[reference], before, after)


def test_a_release_is_bound_to_the_agreement_that_was_withheld(sqlite_county, ordinary_lists):
    """Another version is another agreement, though two officers have signed it: the next window runs under it."""
    county, reference = withhold_the_largest(sqlite_county, ordinary_lists), largest(ordinary_lists)
    county.change_agreement(JOBCENTRE, "version: 1", "version: 2")
    county.approve(JOBCENTRE)
    with pytest.raises(NotReleasable):
        release(county, reference)
    assert state_of(county, reference) is ListState.WITHHELD


def test_a_hold_between_seal_and_send_makes_the_list_void_and_nothing_of_it_is_sent(county, ordinary_lists):
    reference = largest(ordinary_lists)
    county.approve()
    county.run()
    county.hold(ninos_on(ordinary_lists[reference])[0])
    delivered = {each.reference: each for each in county.deliver()}
    assert (delivered[reference].state, delivered[reference].code) == (ListState.VOID, "hold-placed")
    (kept,) = county.lists(lists.c.reference == reference)
    assert not any(path.name.strip(".").startswith(kept.remote_name) for path in county.inbox(DWP).iterdir())
    sent = county.plaintexts()
    assert sent.keys() == {name for name, each in delivered.items() if each.state is ListState.VERIFIED}
    assert all(sent[name] == ordinary_lists[name] for name in sent)


def test_a_held_person_is_an_ordinary_leaver_of_the_next_list(sqlite_county, ordinary_lists):
    """Law L11: disclosed before and held since, the person is just not there, and the list looks like any other."""
    county, reference = sqlite_county, largest(ordinary_lists)
    county.approve()
    county.run()
    county.deliver()
    first = {each.manifest.list_reference: each for each in county.opened(DWP)}[reference]
    held = ninos_on(ordinary_lists[reference])[0]
    county.hold(held)
    county.load(SMALL_HOURS + timedelta(hours=20, minutes=30))
    county.run(SMALL_HOURS + timedelta(days=1))
    county.deliver()
    next_reference = reference.replace("2026-11-16", "2026-11-17")
    second = {each.manifest.list_reference: each for each in county.opened(DWP)}[next_reference]
    content = second.file.read_bytes()
    assert content == without(ordinary_lists[reference], held)
    assert second.manifest.people == first.manifest.people - 1
    assert second.manifest.fields == first.manifest.fields
    assert second.manifest.supersedes is None


def test_L6_an_agreement_that_is_suspended_after_the_seal_keeps_its_lists_at_home(sqlite_county):
    county = sqlite_county
    county.approve()
    county.run()
    with county.at() as workplace:
        suspend(workplace, JOBCENTRE, SuspendReason.SAFETY, CASE)
    county.deliver()
    assert county.states() == {JOBCENTRE: {ListState.SEALED}, HOUSING: {ListState.VERIFIED}}
    assert list(county.inbox(DWP).iterdir()) == []
