"""The story of one list after a night: what was sealed, each step in its order, and nobody's name."""

import pytest

from gateway.documents.report import report_page, report_text
from gateway.errors import AccessDenied, QuestionInvalid
from gateway.ledger.events import Event
from gateway.model.officers import Actor, Role
from gateway.services.audit.audit_list import audit_list
from gateway.services.audit.list_report import list_report
from tests.audited_county import an_audited_county
from tests.rehearsed_county import JOBCENTRE, MORNING


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    return an_audited_county(tmp_path_factory.mktemp("county"))


def told(county, kept):
    with county.at(MORNING) as workplace:
        return audit_list(workplace, kept.reference)


def a_list(county):
    return next(kept for kept in county.lists() if kept.agreement_id == JOBCENTRE)


def test_the_story_begins_with_the_plan_and_ends_where_the_list_stands(county):
    kept = a_list(county)
    story = told(county, kept)
    steps = [entry.event for entry in story.entries]
    assert steps[0] is Event.LIST_PLANNED
    assert story.entries[-1].position == max(entry.position for entry in story.entries)
    sent = [Event.LIST_SEALED, Event.LIST_SENDING, Event.DELIVERY_ATTEMPTED, Event.LIST_VERIFIED, Event.LIST_RECEIVED]
    assert [step for step in steps if step in sent] == sent
    assert [entry.position for entry in story.entries] == sorted(entry.position for entry in story.entries)


def test_the_story_says_what_the_database_holds_of_the_list(county):
    kept = a_list(county)
    sealed = told(county, kept).sealed
    assert sealed.body["people"] == kept.people
    assert sealed.body["root"] == kept.root.hex()
    assert sealed.body["package_sha256"] == kept.package_sha256


def test_every_list_has_a_story_and_no_story_has_another_lists_entry(county):
    for kept in county.lists():
        assert {entry.body["list"] for entry in told(county, kept).entries} == {kept.reference}


def test_the_report_names_each_step_and_what_it_is_to_be_held_against(county):
    kept = a_list(county)
    report = list_report(told(county, kept), "Made for a test.")
    text = report_text(report)
    assert kept.reference in text
    assert kept.package_sha256 in text
    assert all(step in text for step in ("planned", "sealed", "verified", "received"))
    assert "audit verify" in report_page(report)


def test_a_list_that_there_is_not_is_refused_with_the_way_to_find_one(county):
    with county.at(MORNING) as workplace, pytest.raises(QuestionInvalid) as refused:
        audit_list(workplace, "L-none")
    assert "audit uses" in refused.value.advice()


def test_an_adviser_is_not_told_the_story_of_a_list(county):
    adviser = Actor("adviser", "An Adviser", frozenset({Role.TFEA}))
    with county.at(MORNING, actor=adviser) as workplace, pytest.raises(AccessDenied):
        audit_list(workplace, a_list(county).reference)
