"""Recipients are told of a correction or withdrawal by a list of its own, to the receipt (UK GDPR Article 19)."""

import csv
import io
import json
from contextlib import ExitStack

import pytest

from gateway.errors import NotForgettable
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.model.forgetting import ForgetState
from gateway.services.disclosure.preview_list import preview_list
from gateway.services.receipts.collect_receipts import collect_receipts
from gateway.services.rights.tell_recipients import certificate_of_notices, recipients_of, tell_recipients
from gateway.services.subjects.hold_subjects import HoldReason, place_hold
from gateway.services.subjects.subject_search import subjects_meant
from gateway.store.tables import lists
from tests.extracts_edited import edit
from tests.forgetting import CASE, EHM, OFFICER, ask, confirm, forgotten, leave_the_source
from tests.rehearsed_county import BOTH, JOBCENTRE, MORNING, copied_with_database, with_server

CHANGED = "Zqnewname"


@pytest.fixture(scope="module", params=BOTH)
def told_once(request, loaded_county, tmp_path_factory):
    """On each kind of database in turn, never used itself."""
    folder = tmp_path_factory.mktemp("told") / "county"
    if request.param == "sqlite":
        yield told_by_the_night(loaded_county.copied_to(folder))
        return
    names = ("loaded_on_postgres", "postgres_copy", "two_roles")
    first, postgres_copy, roles = [request.getfixturevalue(name) for name in names]
    with copied_with_database(first, folder, postgres_copy, roles) as county:
        yield told_by_the_night(county)


def told_by_the_night(county):
    with ExitStack() as stack:
        with_server(county, stack)
        county.approve()
        county.run()
        county.deliver()
    county.clock.instant = MORNING
    return county


@pytest.fixture
def told(told_once, tmp_path, request):
    """A county whose recipients got their lists, with their server."""
    with ExitStack() as stack:
        if told_once.on_server:
            how = [request.getfixturevalue(name) for name in ("postgres_copy", "two_roles")]
            county = stack.enter_context(copied_with_database(told_once, tmp_path / "county", *how))
        else:
            county = told_once.copied_to(tmp_path / "county")
        stack.enter_context(county.server())
        yield county


@pytest.fixture
def person(told):
    return told.facts.canary("ordinary").source_id


def tell(county, source_id, *, withdraw=False):
    with county.at(actor=OFFICER) as workplace:
        return tell_recipients(workplace, (EHM, source_id), case=CASE, withdraw=withdraw)


def notices(county):
    """The notices that wait at the desks: manifest and rows of each."""
    opened = [each for each in county.opened() if "notice" in each.manifest.part]
    return [(each.manifest, list(csv.DictReader(io.StringIO(each.file.read_text("utf-8-sig"))))) for each in opened]


def rename(county, source_id):
    def renamed(lines):
        return [line | ({"SURNAME": CHANGED} if line["DIM_PERSON_ID"] == source_id else {}) for line in lines]

    edit(county, EHM, "persons", renamed)


def test_a_correction_carries_todays_fields_names_what_it_supersedes_and_is_tracked_to_the_receipt(told, person):
    rename(told, person)
    told.load(at=MORNING)
    (recipient,) = tell(told, person)
    assert (recipient.corrected, recipient.taken_back, recipient.state) == (1, 0, "sealed")
    told.deliver()
    ((manifest, rows),) = notices(told)
    first = told.lists(lists.c.agreement_id == manifest.agreement_id)[0]
    assert manifest.supersedes in {each.reference for each in told.lists()}
    assert first.state is ListState.VERIFIED
    assert [(row["record_action"], row["surname"]) for row in rows] == [("C", CHANGED)]
    told.answer()
    with told.at() as workplace:
        collect_receipts(workplace)
        signed = certificate_of_notices(workplace, CASE)
    (certified,) = signed.recipients
    assert json.loads(signed.document)["recipients"][0]["notice"] == manifest.list_reference
    assert b"PGP SIGNATURE" in signed.signature
    assert certified.state == "received"
    assert certified.received_at
    assert told.audit() == ()


def test_L11_a_leaver_and_somebody_protected_since_are_taken_back_alike(told, person):
    record = told.plaintexts()
    other = another_on_the_list(told, person)
    leave_the_source(told, person)
    told.load(at=MORNING)
    with told.at() as workplace:
        place_hold(workplace, (EHM, other), reason=HoldReason.SAFETY, case_reference=CASE)
    tell(told, person, withdraw=True)
    tell(told, other)
    told.deliver()
    found = notices(told)
    assert len(found) >= 2
    references = set()
    for manifest, rows in found:
        (row,) = rows
        references.add(row.pop("record_ref"))
        assert row.pop("record_action") == "D"
        assert set(row.values()) == {""}
        assert manifest.people == 1
    assert all(any(each.encode() in text for text in record.values()) for each in references)
    assert {each.state for each in told.lists(lists.c.part.startswith("notice"))} == {ListState.VERIFIED}
    assert told.audit() == ()


def another_on_the_list(county, person):
    names = ("twin", "deceased", "flag_")
    known = [each for each in county.facts.canaries if each.source_id != person and not each.name.startswith(names)]
    for each in known:
        with county.at() as workplace, workplace.store.reading() as connection:
            if recipients_of(connection, subjects_meant(workplace, connection, (EHM, each.source_id))):
                return each.source_id
    raise AssertionError("nobody else was told about")


def test_nobody_is_told_twice_of_a_withdrawal(told, person):
    tell(told, person, withdraw=True)
    told.deliver()
    before = len(told.entries(Event.RECIPIENT_TOLD))
    tell(told, person, withdraw=True)
    assert len(told.entries(Event.RECIPIENT_TOLD)) == before


def test_somebody_is_forgotten_only_once_the_recipients_know(told, person):
    leave_the_source(told, person)
    told.load(at=MORNING)
    with pytest.raises(NotForgettable, match="still hold"):
        ask(told, person, untold=None)
    tell(told, person, withdraw=True)
    with pytest.raises(NotForgettable, match="on its way"):
        ask(told, person, untold=None)
    told.deliver()
    done = confirm(told, ask(told, person, untold=None))
    assert done.state is ForgetState.FORGOTTEN
    assert told.audit() == ()


def test_why_a_recipient_is_not_told_goes_on_record(told, person):
    leave_the_source(told, person)
    told.load(at=MORNING)
    forgotten(told, person)
    with told.at(actor=OFFICER) as workplace:
        (certified,) = certificate_of_notices(workplace, CASE).recipients
    assert (certified.notice, certified.reason) == (None, "disproportionate")


@pytest.mark.parametrize("reason", [HoldReason.OBJECTION, HoldReason.RESTRICTION])
def test_an_objection_shows_in_tonights_preview_at_once(told, person, reason):
    before = would_be_sent(told)
    with told.at() as workplace:
        place_hold(workplace, (EHM, person), reason=reason, case_reference=CASE)
    assert would_be_sent(told) == before - 1


def would_be_sent(county):
    with county.at() as workplace:
        return preview_list(workplace, JOBCENTRE).included
