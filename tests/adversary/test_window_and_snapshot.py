"""Whoever may run a list may not choose the day that it is decided on, nor what it is decided from."""

from datetime import date, timedelta

import pytest

from gateway.errors import SnapshotMissing, SuppressionRefused
from gateway.services.disclosure.list_making import ListMade
from gateway.services.disclosure.run_disclosures import Refused, run_disclosures
from gateway.services.planning.plan_night import NOT_LOADED, plan_night
from tests.extracts_edited import edit, extract_of, take_again_on
from tests.rehearsed_county import EVENING, HOUSING, JOBCENTRE, NIGHT, SMALL_HOURS

DAY = timedelta(days=1)


def run(county, agreement, day, at=SMALL_HOURS):
    with county.at(at) as workplace:
        return run_disclosures(workplace, [(agreement, day)])


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(NIGHT + DAY, id="tomorrow"),
        pytest.param(date(NIGHT.year + 1, NIGHT.month, NIGHT.day), id="a year ahead: children would be of age"),
        pytest.param(NIGHT - DAY, id="before anybody approved"),
    ],
)
def test_a_window_that_is_not_due_is_refused(county, day):
    county.approve()
    (refused,) = run(county, JOBCENTRE, day)
    assert isinstance(refused, Refused)
    assert refused.code == "disclosure-refused"
    assert county.lists() == []


def test_the_window_that_is_due_is_run(county):
    county.approve()
    assert all(isinstance(each, ListMade) for each in run(county, JOBCENTRE, NIGHT))


def test_L3_nothing_runs_from_the_snapshot_before_a_refused_load(county):
    """The feed that was refused tonight may hold the one flag that matters."""
    county.approve()
    extract_of(county, "suppression", "suppression").unlink()
    with pytest.raises(SuppressionRefused):
        county.load(EVENING + timedelta(hours=1))
    with pytest.raises(SnapshotMissing):
        run(county, JOBCENTRE, NIGHT)
    assert county.lists() == []


@pytest.mark.parametrize("closed", [False, True])
def test_a_window_that_is_caught_up_sends_nobody_whose_case_was_closed_since(county, closed):
    """Monday's list is made on Wednesday, from Tuesday's extracts; on Tuesday every case was closed, or none was."""
    county.change_agreement(JOBCENTRE, "every: weekday", "every: week\n  weekday: monday")
    county.approve()
    tuesday = NIGHT + DAY
    take_again_on(county, tuesday)
    if closed:
        edit(county, "liquidlogic_ehm", "families", lambda lines: [_ended(line, tuesday) for line in lines])
    county.load(EVENING + 2 * DAY)
    made = run(county, JOBCENTRE, NIGHT, SMALL_HOURS + 2 * DAY)
    assert bool(sum(each.people for each in made)) is not closed


def _ended(line, day):
    return line | {"PROGRAMME_END_DTTM": f"{day:%d/%m/%Y}"}


def test_L6_a_register_that_was_changed_for_the_load_alone_is_found(county):
    """It decides which office gets whom: loaded under another one, put back, and nobody would have approved it."""
    register = county.settings.path(county.settings.folders.jobcentres)
    approved = register.read_text(encoding="utf-8")
    register.write_text(approved.replace("CB5, ", "").replace("[CB6, CB7]", "[CB5, CB6, CB7]"), encoding="utf-8")
    county.load(EVENING + timedelta(hours=1))
    register.write_text(approved, encoding="utf-8")
    county.approve()
    assert [each.code for each in run(county, JOBCENTRE, NIGHT)] == ["agreement-not-in-force"]
    county.load(EVENING + timedelta(hours=2))
    assert all(isinstance(each, ListMade) for each in run(county, JOBCENTRE, NIGHT))


def test_L3_a_mapping_that_was_widened_for_one_load_does_not_let_a_shrunk_feed_pass(county):
    """Its limit on loss is raised, half the flags are loaded away, and it is put back as it was approved."""
    mapping = county.folder / "config" / "sources" / "suppression.yaml"
    approved = mapping.read_text(encoding="utf-8")
    edit(county, "suppression", "suppression", lambda lines: lines[: len(lines) // 2])
    mapping.write_text(approved.replace("shrink_limit_percent: 30", "shrink_limit_percent: 100"), encoding="utf-8")
    county.load(EVENING + timedelta(hours=1))
    mapping.write_text(approved, encoding="utf-8")
    with pytest.raises(SuppressionRefused):
        county.load(EVENING + timedelta(hours=2))


def test_L3_a_window_that_waits_for_the_nights_load_is_told_from_others(county):
    """From ten in the evening on nothing runs from yesterday's snapshot, whoever names the window."""
    county.approve()
    with county.at(SMALL_HOURS) as workplace:
        before = plan_night(workplace, load_at=county.settings.load_at)
    with county.at(EVENING + DAY) as workplace:
        after = plan_night(workplace, load_at=county.settings.load_at)
    assert before.kept_back(NOT_LOADED.code, NIGHT) == frozenset()
    assert after.kept_back(NOT_LOADED.code, NIGHT) == {JOBCENTRE, HOUSING}
    assert after.kept_back(NOT_LOADED.code, NIGHT - DAY) == frozenset()
