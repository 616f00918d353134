"""A night on which everything is stopped makes no list, and the next run after an approver's start makes them all."""

from gateway.services.agreements.stop_disclosures import StartReason, StopReason, start_disclosures, stop_disclosures
from gateway.services.disclosure.list_making import ListMade
from gateway.services.disclosure.run_disclosures import Refused, run_disclosures
from gateway.services.planning.plan_night import plan_night
from tests.rehearsed_county import SECOND_PERSON, SMALL_HOURS

CASE = "IG-2026-0142"


def test_nothing_is_made_while_everything_is_stopped(sqlite_county):
    county = sqlite_county
    county.approve()
    with county.at(SMALL_HOURS) as workplace:
        due = plan_night(workplace, load_at=county.settings.load_at).to_run()
    with county.at(SMALL_HOURS, SECOND_PERSON) as workplace:
        stop_disclosures(workplace, StopReason.SAFETY, CASE)
    assert county.run() == []
    with county.at(SMALL_HOURS) as workplace:
        stopped = run_disclosures(workplace, due)
    assert stopped
    assert all(isinstance(ran, Refused) and ran.code == "agreement-not-in-force" for ran in stopped)
    assert all("gateway disclose start" in ran.way_out for ran in stopped)
    assert county.lists() == []
    with county.at(SMALL_HOURS, SECOND_PERSON) as workplace:
        start_disclosures(workplace, StartReason.RESOLVED, CASE)
    assert any(isinstance(ran, ListMade) for ran in county.run())
