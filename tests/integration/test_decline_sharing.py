"""Decisions not to share: recorded with their reason, told to the officer alone, and they change nothing that is sent."""

from dataclasses import replace

import pytest

from gateway.errors import AccessDenied, AgreementError, EntryInvalid, SubjectUnknown
from gateway.ledger.events import Event
from gateway.model.officers import Actor, Role
from gateway.services.audit.audit_person import Question, ReadReason, audit_person
from gateway.services.registers.decline_sharing import DeclineReason, Requester, decline_sharing
from gateway.services.subjects.subject_search import subjects_meant
from gateway.store.tables import persons
from tests.audited_county import an_audited_county
from tests.rehearsed_county import JOBCENTRE, MORNING

CASE = "IG-2026-0142"


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """A county for tests that change nothing."""
    return an_audited_county(tmp_path_factory.mktemp("untouched"))


@pytest.fixture
def county(tmp_path):
    return an_audited_county(tmp_path)


def decline(workplace, **changes):
    usual = {"requester": Requester.POLICE, "reason": DeclineReason.NOT_NECESSARY, "case_reference": CASE}
    return decline_sharing(workplace, **(usual | changes))


def test_a_decision_is_an_entry_with_codes_and_a_case_alone(county):
    with county.at(MORNING) as workplace:
        decline(workplace)
        decline(workplace, requester=Requester.RECIPIENT, agreement_id=JOBCENTRE, reason=DeclineReason.NO_LEGAL_POWER)
    assert county.entries(Event.SHARING_DECLINED) == [
        {"requester": "police", "reason": "not-necessary", "case": CASE},
        {"requester": "recipient", "reason": "no-legal-power", "case": CASE, "agreement": JOBCENTRE},
    ]
    assert county.audit() == ()


def test_a_decision_about_a_person_keeps_their_reference_and_is_told_to_the_officer_alone(county):
    nino = next(row.nino for row in county.rows(persons) if row.nino)
    question = Question("nino", nino)
    with county.at(MORNING) as workplace:
        decline(workplace, clue=("nino", nino), reason=DeclineReason.SAFETY)
        with workplace.store.reading() as connection:
            subject = subjects_meant(workplace, connection, question)[0]
        asked = {"reason": ReadReason.AUDIT, "case_reference": "IA-2026-1"}
        shown = audit_person(workplace, question, **asked, withheld=True)
        usual = audit_person(workplace, question, **asked)
    assert [entry["subject"] for entry in county.entries(Event.SHARING_DECLINED)] == [subject]
    (told,) = shown.declined
    assert (told.reason, told.requester, told.agreement_id, told.at) == ("safety", "police", None, MORNING)
    assert usual.declined is None


def test_what_there_is_not_is_refused_with_a_way_out_and_nothing_is_entered(county):
    with county.at(MORNING) as workplace:
        with pytest.raises(AgreementError) as refused:
            decline(workplace, agreement_id="nothing")
        assert "gateway audit register" in refused.value.advice()
        with pytest.raises(SubjectUnknown):
            decline(workplace, clue=("nino", "QQ999999"))
        with pytest.raises(EntryInvalid):
            decline(workplace, case_reference="about the Smiths")
    assert county.entries(Event.SHARING_DECLINED) == []


def test_it_changes_no_list(county):
    with county.at(MORNING) as workplace:
        nino = next(row.nino for row in county.rows(persons) if row.nino)
        before = county.states()
        decline(workplace, clue=("nino", nino))
    assert county.states() == before


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.IG_OFFICER, Role.APPROVER}))
def test_officers_and_approvers_decide(untouched, role):
    with untouched.at(MORNING) as workplace:
        stranger = replace(workplace, actor=Actor("somebody", "Somebody", frozenset({role})))
        with pytest.raises(AccessDenied):
            decline(stranger)
