"""An agreement in differences, night after night, by OpenSSH's server and on each database: joiners, changes, leavers.

At the end of each night that the recipient took up, its copy is what a full list would have told it.
"""

from datetime import date

import pytest

from gateway.errors import PackageCorrupt
from gateway.ledger.events import Event
from gateway.ledger.evidence import record_ref
from gateway.model.delivery import ListState
from gateway.receipts.form import RejectReason
from gateway.services.audit.audit_person import Question, audit_person
from gateway.services.audit.explain_decision import Recorded, explain_decision
from gateway.services.disclosure.preview_list import preview_list
from gateway.services.disclosure.release_lists import release_list
from gateway.services.rights.tell_recipients import tell_recipients
from gateway.services.subjects.hold_subjects import HoldReason, place_hold
from gateway.store.delta import held_since
from gateway.store.disclosed import disclosed_people
from gateway.store.tables import evidence, lists, person_records, persons
from tests.extracts_edited import edit
from tests.forgetting import CASE, EHM, OFFICER, forgotten, leave_the_source
from tests.killed_servers import partners_sshd
from tests.nights_in_differences import agree_on_differences, full_list, held, night_of, take_up, waiting
from tests.rehearsed_county import BOTH, DISTRICT, HOUSING, SECOND_PERSON, copied_with_database

pytestmark = pytest.mark.sshd
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 11, day) for day in range(16, 21))
WHY = {"reason": "audit", "case_reference": CASE}


@pytest.fixture(params=BOTH)
def county(request, loaded_county, tmp_path):
    """A county whose first list, a full one, was received."""
    if request.param == "sqlite":
        yield from with_first_list(loaded_county.copied_to(tmp_path / "county"))
        return
    names = ("loaded_on_postgres", "postgres_copy", "two_roles")
    first, postgres_copy, roles = [request.getfixturevalue(name) for name in names]
    with copied_with_database(first, tmp_path / "county", postgres_copy, roles) as copied:
        yield from with_first_list(copied)


@pytest.fixture
def here(loaded_county, tmp_path):
    """The same, on SQLite alone: what does not depend on the database."""
    yield from with_first_list(loaded_county.copied_to(tmp_path / "county"))


def with_first_list(county, **agreed):
    with partners_sshd(county):
        agree_on_differences(county, **agreed)
        night_of(county, MONDAY, loads=False)
        take_up(county)
        yield county


def on_the_list(county):
    """People whom the first list told of, as the case system and as the recipient call them."""
    (first, *_) = county.lists()
    told = {row.subject_ref for row in county.rows(evidence, evidence.c.list_id == first.list_id)}
    keys = {row.person_key: row.subject_ref for row in county.rows(persons, persons.c.snapshot_id == first.snapshot_id)}
    with county.at() as workplace:
        key = workplace.keys.reference_key(HOUSING)
    found = {
        row.source_id: record_ref(key, keys[row.person_key])
        for row in county.rows(person_records, person_records.c.snapshot_id == first.snapshot_id)
        if row.source == EHM and keys[row.person_key] in told
    }
    return sorted(found.items())


def rename(county, source_id, surname):
    change = {"SURNAME": surname}
    edit(
        county,
        EHM,
        "persons",
        lambda rows: [row | change if row["DIM_PERSON_ID"] == source_id else row for row in rows],
    )


def hold(county, source_id):
    with county.at() as workplace:
        place_hold(workplace, (EHM, source_id), reason=HoldReason.SAFETY, case_reference=CASE)


def explained(county, source_id, day):
    with county.at(actor=OFFICER) as workplace:
        found = explain_decision(workplace, Question(EHM, source_id), HOUSING, day, **WHY)
    (one,) = found.people
    return one.recorded, one.agrees


def disclosed_now(county, newest):
    """Whom a work-coach list may be told to be on the list, by what the recipient calls them."""
    with county.at() as workplace, workplace.store.reading() as connection:
        key = workplace.keys.reference_key(HOUSING)
        return {record_ref(key, ref) for ref in connection.execute(held_since(connection, newest.list_id)).scalars()}


def told_last(county):
    """The window of the list that told last of four people, as a work-coach list is answered from it (L11)."""
    with county.at() as workplace, workplace.store.reading() as connection:
        key, found = workplace.keys.reference_key(HOUSING), disclosed_people(connection, HOUSING, "all")
    last = {record_ref(key, row.subject_ref): row.list_window for row in found}
    return {reference: last[reference] for _, reference in on_the_list(county)[:4]}


def the_record_says(county, stays, changes, protected):
    """Whoever was not told of again is held, and left out of nothing."""
    assert explained(county, stays, THURSDAY) == (Recorded.HELD, True)
    assert explained(county, stays, TUESDAY) == (Recorded.HELD, True)
    assert explained(county, changes, TUESDAY) == (Recorded.TOLD, True)
    assert explained(county, protected, TUESDAY) == (Recorded.TAKEN_BACK, True)
    with county.at(actor=OFFICER) as workplace:
        answer = audit_person(workplace, Question(EHM, stays), withheld=True, **WHY)
        assert [each.window for each in answer.disclosures] == [str(MONDAY)]
        assert not [each for each in answer.withheld if each.agreement_id == HOUSING]
        answer = audit_person(workplace, Question(EHM, protected), values=True, **WHY)
    assert [name for name, _ in answer.disclosures[-1].values] == ["record_ref", "record_action"]
    assert answer.disclosures[-1].values[1] == ("record_action", "D")
    assert [(each.window, each.fields) for each in answer.disclosures][-1] == (
        str(WEDNESDAY),
        ("record_ref", "record_action"),
    )


def test_joiners_changes_and_leavers_until_the_copy_is_the_full_list(county):
    (changes, changed), (leaves, left), (protected, hidden), (stays, kept), *_ = on_the_list(county)
    assert held(county) == full_list(county, MONDAY)
    before = len(held(county))

    # A night on which somebody changed, somebody left and somebody was protected.
    rename(county, changes, "Zqnewname")
    leave_the_source(county, leaves)
    hold(county, protected)
    county.load(county.clock.now())
    with county.at() as workplace:
        seen = preview_list(workplace, HOUSING, MONDAY)
    (expected,) = seen.differences
    assert seen.last_people == before
    assert (expected.joiners, expected.changes, expected.leavers, expected.why_full) == (0, 1, 2, None)
    assert expected.base == county.lists()[0].reference
    second = night_of(county, TUESDAY)
    told = waiting(county)
    assert told.keys() == {changed, left, hidden}
    assert told[changed]["surname"] == "Zqnewname"
    # L11: whoever left and whoever was protected are taken back alike.
    assert told[left] is None
    assert told[hidden] is None
    assert (second.people, second.joiners, second.changes, second.leavers, second.held) == (3, 0, 1, 2, before - 2)
    (opened,) = county.opened(DISTRICT)
    first = county.lists()[0]
    manifest = opened.manifest
    assert (manifest.base, manifest.base_root, manifest.held) == (first.reference, first.root.hex(), before - 2)

    # No receipt comes; the next night nothing else happened, and who is in doubt is told again.
    third = night_of(county, WEDNESDAY)
    assert (third.base, third.changes, third.leavers) == (first.list_id, 1, 2)
    take_up(county)
    assert held(county) == full_list(county, WEDNESDAY)
    assert {each.state for each in county.lists()} == {ListState.RECEIVED}
    assert disclosed_now(county, third) == held(county).keys()
    assert told_last(county) == {changed: str(WEDNESDAY)} | dict.fromkeys((left, hidden, kept), str(MONDAY))

    # Nothing differs: there is no list, and nobody is said to be left out.
    fourth = night_of(county, THURSDAY)
    assert (fourth.state, fourth.reason, fourth.people) == (ListState.VOID, "nothing-to-send", 0)
    the_record_says(county, stays, changes, protected)

    # Somebody is forgotten: the recipient is told that they are gone, by a row like any other.
    leave_the_source(county, stays)
    forgotten(county, stays)
    night_of(county, FRIDAY)
    assert waiting(county) == {kept: None}
    take_up(county)
    assert held(county) == full_list(county, FRIDAY)

    # The first list of another month is a full one.
    december = night_of(county, date(2026, 12, 1))
    assert (december.base, december.people) == (None, len(held(county)))
    take_up(county)
    assert held(county) == full_list(county, date(2026, 12, 1))
    assert county.audit() == ()


def test_a_list_that_was_recalled_or_rejected_is_not_built_on(here):
    (changes, _), *_ = on_the_list(here)
    first = here.lists()[0]
    rename(here, changes, "Zqnewname")
    second = night_of(here, TUESDAY)
    desk = here.desk(DISTRICT)
    (package,) = desk.waiting()
    desk.reject(package, RejectReason.NOT_EXPECTED, here.clock.today())
    take_up(here)
    assert here.lists(lists.c.list_id == second.list_id)[0].state is ListState.REJECTED
    # A recipient that rejects differences may have lost what they are built on: it gets a full list.
    third = night_of(here, WEDNESDAY)
    assert (third.base, third.people) == (None, first.people)
    take_up(here)
    assert held(here) == full_list(here, WEDNESDAY)
    assert here.audit() == ()


def test_two_full_lists_without_a_receipt_are_followed_by_a_full_one(loaded_county, tmp_path):
    county = loaded_county.copied_to(tmp_path / "county")
    with partners_sshd(county):
        agree_on_differences(county)
        first = night_of(county, MONDAY, loads=False)
        second = night_of(county, TUESDAY)
        assert (first.base, second.base, first.people) == (None, None, second.people)


def test_a_correction_in_between_is_told_again(here):
    (changes, changed), *_ = on_the_list(here)
    rename(here, changes, "Zqnewname")
    here.load(here.clock.now())
    with here.at(actor=OFFICER) as workplace:
        tell_recipients(workplace, (EHM, changes), case=CASE, withdraw=False)
    here.deliver()
    take_up(here)
    assert held(here)[changed]["surname"] == "Zqnewname"
    rename(here, changes, "Zqthird")
    night_of(here, TUESDAY)
    assert waiting(here).keys() == {changed}
    take_up(here)
    assert held(here) == full_list(here, TUESDAY)
    assert here.audit() == ()


def test_too_many_differences_wait_for_a_person_and_go_as_they_then_are(loaded_county, tmp_path):
    county = loaded_county.copied_to(tmp_path / "county")
    for here in with_first_list(county, most_change=20):
        (one, _), (two, _), *_ = on_the_list(here)
        rename(here, one, "Zqone")
        rename(here, two, "Zqtwo")
        waits = night_of(here, TUESDAY)
        assert (waits.state, waits.reason) == (ListState.WITHHELD, "changed_too_much")
        (withheld,) = here.entries(Event.LIST_WITHHELD)
        assert (withheld["joiners"], withheld["changes"], withheld["leavers"]) == (0, 2, 0)
        # Nothing is left of what was scanned.
        assert here.rows(evidence, evidence.c.list_id == waits.list_id) == []
        with here.at(actor=SECOND_PERSON) as workplace:
            release_list(workplace, waits.reference, reason="change-expected", case_reference=CASE)
        here.deliver()
        take_up(here)
        assert held(here) == full_list(here, TUESDAY)
        assert here.audit() == ()


def test_a_desk_that_lost_the_base_takes_no_differences(here):
    (changes, _), *_ = on_the_list(here)
    rename(here, changes, "Zqnewname")
    night_of(here, TUESDAY)
    for copy in (here.folder / "desk").glob("*.copies/*.json"):
        copy.unlink()
    with pytest.raises(PackageCorrupt, match="never took"):
        take_up(here)
