"""Many agreements in one night: several lists at once on PostgreSQL, one after another on SQLite, and the same lists.

What is entered while a list is made is heeded by it: an agreement that is suspended then, or somebody who is held. One
that fails changes nothing for the others.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Lock
from typing import Any

import pytest
from sqlalchemy import select

from gateway.delivery.interface import Ahead, Session, Transport
from gateway.errors import LedgerDamaged
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.seams import Seam, set_hook
from gateway.selection.decide import selected_select
from gateway.services.agreements.agreement_standing import approved_statement
from gateway.services.agreements.suspend_agreements import SuspendReason, suspend
from gateway.services.delivery.deliver_lists import Retrying, deliver
from gateway.services.delivery.sessions_ahead import SessionsAhead
from gateway.services.disclosure import make_list
from gateway.services.disclosure.list_making import Outcome
from gateway.services.disclosure.run_disclosures import Ran, Refused, run_disclosures, run_each
from gateway.services.disclosure.seal_list import make_within
from gateway.services.planning.plan_night import plan_night
from gateway.store.tables import evidence, lists, persons
from tests.dying_night import KILLED, night_in_lanes, start_dying
from tests.many_agreements import add_agreements
from tests.published_once import assert_nothing_went_unrecorded, assert_published_once
from tests.rehearsed_county import DISTRICT, NIGHT, SMALL_HOURS, RehearsedCounty

AGREEMENTS, AT_ONCE = 5, 3
CASE = "IG-2026-0142"
#: What is passed while a list is made, and after.
OF_A_LIST = (Seam.SCANNED, Seam.PLANNED, Seam.COMMITTED, Seam.KEPT_OUTSIDE)


def approve_many(county: RehearsedCounty) -> list[str]:
    names = add_agreements(county.folder, AGREEMENTS)
    county.approve(*names)
    county.clock.instant = SMALL_HOURS
    return names


@pytest.fixture
def many(county) -> tuple[RehearsedCounty, list[str]]:
    """A loaded county with several agreements of one recipient approved, and their names."""
    return county, approve_many(county)


@contextmanager
def at_the_first(name: Seam, act: Callable[[], object]) -> Iterator[None]:
    """Have something done where a seam is passed for the first time; what that passes itself does not count."""
    turn, done = Lock(), []

    def hook(passed: Seam) -> None:
        with turn:
            if passed is not name or done:
                return
            done.append(passed)
        act()

    set_hook(hook)
    try:
        yield
    finally:
        set_hook(None)
    assert done


def run(county: RehearsedCounty, at_once: int = AT_ONCE) -> list[Ran]:
    with county.at() as workplace:
        due = plan_night(workplace, load_at=county.settings.load_at).to_run()
        return run_disclosures(replace(workplace, lists_at_once=at_once), due)


def lets_several_prepare(county: RehearsedCounty) -> bool:
    with county.at() as workplace:
        return workplace.store.lets_several_prepare


def somebody_selected(county: RehearsedCounty, agreement: str) -> Any:
    """A person with a number whom the agreement's list would hold."""
    with county.at() as workplace, workplace.store.reading() as connection:
        standing = approved_statement(workplace, connection, agreement)
        query = selected_select(standing.agreement, standing.framework, snapshot_id=1, day=NIGHT, part=None)
        chosen = set(connection.execute(query).scalars())
    return next(row for row in county.rows(persons) if row.subject_ref in chosen and row.nino)


def keep_back(monkeypatch: pytest.MonkeyPatch, agreement: str, error: Exception) -> None:
    """Break the list of one agreement where it is made, the first time."""
    left = [error]

    def made(workplace, work, standing, terms, take_turn):
        if terms.agreement.agreement_id == agreement and left:
            raise left.pop()
        return make_within(workplace, work, standing, terms, take_turn)

    monkeypatch.setattr(make_list, "make_within", made)


class _Counted:
    """A way to a partner that notes each session, and each that is opened ahead."""

    def __init__(self, transport: Transport, opened: list[str]) -> None:
        self._transport, self._opened = transport, opened
        self.take_up = transport.take_up

    def ahead(self) -> Ahead | None:
        self._opened.append("ahead")
        return self._transport.ahead()

    def session(self) -> AbstractContextManager[Session]:
        self._opened.append(DISTRICT)
        return self._transport.session()


def people_of(county: RehearsedCounty) -> dict[str, list[str]]:
    """Who is in the evidence of each agreement's list, in order."""
    query = select(lists.c.agreement_id, evidence.c.subject_ref).join(evidence, evidence.c.list_id == lists.c.list_id)
    found: dict[str, list[str]] = {}
    with county.at() as workplace, workplace.store.reading() as connection:
        for agreement, subject in connection.execute(query.order_by(lists.c.agreement_id, evidence.c.position)):
            found.setdefault(agreement, []).append(subject)
    return found


def test_lists_made_at_once_are_those_made_one_after_another_in_the_order_asked(many, ordinary_lists):
    county, names = many
    ran = run(county)
    assert [each.agreement_id for each in ran] == names
    assert {each.outcome for each in ran} == {Outcome.SEALED}
    county.deliver()
    assert_published_once(county, [(name, "all") for name in names])
    (everybody,) = set(map(tuple, people_of(county).values()))
    (ordinary,) = [content for name, content in ordinary_lists.items() if "housing" in name]
    assert len(everybody) == ordinary.count(b"\r\n") - 1
    assert [entry["list"] for entry in county.entries(Event.LIST_PLANNED)] == [
        entry["list"] for entry in county.entries(Event.LIST_SEALED)
    ], "one chain: each list is entered whole before the next"
    assert sorted(each.list_id for each in county.lists()) == list(range(1, AGREEMENTS + 1)), "none was made twice"
    assert {each.outcome for each in run(county)} == set()


def test_L6_an_agreement_that_is_suspended_while_lists_are_made_is_not_made(many):
    """On PostgreSQL while the first list waits for its turn, and it may be that list; on SQLite right behind it."""
    county, names = many
    beside = lets_several_prepare(county)
    suspended = {names[-1], names[0 if beside else -2]}

    def act() -> None:
        with county.at() as workplace:
            for name in suspended:
                suspend(workplace, name, SuspendReason.INCIDENT, CASE)

    with at_the_first(Seam.SCANNED if beside else Seam.COMMITTED, act):
        ran = run(county, at_once=1)
    refused = [each for each in ran if isinstance(each, Refused)]
    assert {each.agreement_id for each in refused} == suspended
    assert {each.code for each in refused} == {"agreement-not-in-force"}
    assert {each.agreement_id for each in county.lists()} == set(names) - suspended
    assert county.audit() == ()


def test_L3_somebody_who_is_held_while_lists_are_made_is_on_none_that_goes(many):
    county, names = many
    beside, person = lets_several_prepare(county), somebody_selected(county, names[0])
    with at_the_first(Seam.SCANNED if beside else Seam.COMMITTED, lambda: county.hold(person.nino)):
        ran = run(county, at_once=1)
    assert {each.outcome for each in ran} == {Outcome.SEALED}
    told = {name for name, people in people_of(county).items() if person.subject_ref in people}
    assert told == (set() if beside else {names[0]})
    county.deliver()
    gone = {each.agreement_id for each in county.lists() if each.state is ListState.VERIFIED}
    assert gone == set(names) - told
    assert county.audit() == ()


def test_a_list_that_breaks_changes_nothing_for_the_others(many, monkeypatch):
    county, names = many
    keep_back(monkeypatch, names[1], ZeroDivisionError())
    with county.at() as workplace:
        ended = run_each(replace(workplace, lists_at_once=AT_ONCE), [(name, NIGHT) for name in names])
    assert [each.agreement_id for each in ended] == names
    assert [type(each.error) for each in ended if each.error] == [ZeroDivisionError]
    assert {each.agreement_id for each in county.lists()} == set(names) - {names[1]}
    assert {each.outcome for each in run(county)} == {Outcome.SEALED}


def test_a_damaged_ledger_ends_the_run(many, monkeypatch):
    county, names = many
    keep_back(monkeypatch, names[0], LedgerDamaged("the ledger has no whole entry 7"))
    with county.at() as workplace:
        ended = run_each(replace(workplace, lists_at_once=1), [(name, NIGHT) for name in names])
    assert {type(each.error) for each in ended} == {LedgerDamaged}
    assert county.lists() == []


def test_asked_to_stop_it_makes_no_other_list_and_answers_for_those_that_were_made(many):
    county, names = many
    with county.at() as workplace:
        due = [(name, NIGHT) for name in names]
        ended = run_each(replace(workplace, lists_at_once=1), due, lambda: len(county.lists()) >= 2)
    assert [each.agreement_id for each in ended] == names[:2]
    assert {each.agreement_id for each in county.lists()} == set(names[:2])


def test_all_lists_of_one_recipient_go_over_one_session(many):
    county, names = many
    run(county)
    opened: list[str] = []
    with county.at() as workplace:
        watched = replace(workplace, transport_to=lambda partner: _Counted(workplace.transport_to(partner), opened))
        waiting = plan_night(workplace, load_at=county.settings.load_at).to_deliver()
        delivered = deliver(watched, waiting, retrying=Retrying(sleep=lambda _: None))
    assert {each.state for each in delivered} == {ListState.VERIFIED}
    assert len(delivered) == len(names)
    assert opened == [DISTRICT]


def test_the_recipient_of_lists_that_are_made_is_reached_once_while_they_are(many):
    county, names = many
    opened: list[str] = []
    with county.at() as workplace, SessionsAhead() as ahead:
        watched = replace(workplace, transport_to=lambda partner: _Counted(workplace.transport_to(partner), opened))
        run_disclosures(watched, plan_night(workplace, load_at=county.settings.load_at).to_run(), ahead=ahead)
        assert opened == ["ahead"]
        delivered = deliver(watched, plan_night(workplace, load_at=county.settings.load_at).to_deliver(), ahead=ahead)
    assert [each.state for each in delivered] == [ListState.VERIFIED] * len(names)
    assert opened == ["ahead", DISTRICT]


def test_L6_nobody_is_reached_for_whom_no_list_is_made(many):
    county, names = many
    opened: list[str] = []
    with county.at() as workplace, SessionsAhead() as ahead:
        watched = replace(workplace, transport_to=lambda partner: _Counted(workplace.transport_to(partner), opened))
        not_due = [(name, NIGHT + timedelta(days=300)) for name in names]
        assert {each.code for each in run_disclosures(watched, not_due, ahead=ahead)} == {"disclosure-refused"}
        assert run_each(watched, [(name, NIGHT) for name in names], lambda: True, ahead=ahead) == []
    assert opened == []


@pytest.mark.postgres
def test_L1_L4_L5_a_night_that_dies_with_several_lists_being_made_is_finished_by_the_next(postgres_county, dice):
    county = postgres_county
    expected = approve_many(county)
    text = county.settings_file.read_text(encoding="utf-8")
    assert "# lists_at_once = 2" in text
    county.settings_file.write_text(text.replace("# lists_at_once = 2", f"lists_at_once = {AT_ONCE}"), encoding="utf-8")
    killed = 0
    for seam in (*OF_A_LIST, *dice.choices(OF_A_LIST, k=2)):
        at = seam, dice.randint(1, 2)
        night = start_dying(county.settings_file, SMALL_HOURS, county.folder / "passed", at=at, act=night_in_lanes)
        night.join(120)
        assert night.exitcode in {KILLED, 0}, at
        killed += night.exitcode == KILLED
        county.a_minute_passes_for_leases()
        assert_nothing_went_unrecorded(county)
        assert county.audit() == ()
    assert killed
    night_in_lanes(county.settings_file, SMALL_HOURS)
    assert_published_once(county, [(name, "all") for name in expected])
