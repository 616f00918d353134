"""A certificate of destruction is due some days after the list is to be destroyed, where the agreement asks for one."""

from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.ledger.events import Event
from gateway.model.time import as_text
from gateway.services.alerts.retention_alerts import CERTIFICATE_OVERDUE, EVIDENCE_DUE, retention_alerts
from gateway.services.retention.certificates_due import certificates_due
from gateway.services.retention.plan_retention import plan_retention
from gateway.store.receipts import keep_receipt
from tests.bare_workplace import a_bare_workplace
from tests.lists_made import AGREEMENT, seal_list_of, send_list, some_subjects
from tests.resting_lists import AT_TERM, FIRST, SECOND, keep_terms, two_lists

#: The list for 20 November is destroyed by 18 December, and certified by 1 January.
DUE = datetime(2027, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def county(store, clock, everyone, tmp_path, monkeypatch):
    keep_terms(store, everyone, monkeypatch)
    two_lists(store, everyone, some_subjects(3))
    return a_bare_workplace(store, clock, everyone, tmp_path)


def certify(county, list_id: int, reference: str, verdict: str = "accepted") -> None:
    with county.store.writing(county.actor) as work:
        said = {"raw_sha256": f"{list_id}{len(verdict)}".zfill(64), "partner": "jcp", "verdict": verdict}
        said |= {"level": "destroyed", "collected_at": as_text(work.at)}
        event = Event.RECEIPT_COLLECTED if verdict == "accepted" else Event.RECEIPT_REFUSED
        position = work.enter(event, list=reference, destroyed_on="2026-11-22", **said)
        keep_receipt(work, raw=b"certificate", list_id=list_id, explained_by=position, **said)


def test_a_certificate_is_overdue_the_day_after_it_was_due(county, clock):
    first, second = certificates_due(county)
    assert (first.reference, first.destroy_by, first.due_on) == (FIRST, date(2026, 12, 18), date(2027, 1, 1))
    clock.instant = DUE
    assert certificates_due(county, overdue_only=True) == []
    clock.instant = DUE + timedelta(days=1)
    assert [each.reference for each in certificates_due(county, overdue_only=True)] == [FIRST]
    assert [each.reference for each in certificates_due(county)] == [first.reference, second.reference]


def test_one_that_came_is_due_no_more_and_one_that_was_refused_is(county, clock):
    certify(county, 1, FIRST)
    certify(county, 2, SECOND, "not_yet")
    clock.instant = DUE + timedelta(days=100)
    assert [each.reference for each in certificates_due(county)] == [SECOND]


def test_nothing_is_due_of_what_never_went_or_where_none_is_agreed(
    store, clock, everyone, tmp_path, monkeypatch, county
):
    seal_list_of(store, everyone, "2026-11-22", some_subjects(2))
    clock.instant = DUE + timedelta(days=100)
    assert [each.reference for each in certificates_due(county)] == [FIRST, SECOND]


def test_where_none_is_agreed_none_is_due(store, clock, everyone, tmp_path):
    from tests.lists_made import keep_statement_of

    keep_statement_of(store, everyone)
    list_id = seal_list_of(store, everyone, "2026-11-20", some_subjects(2))
    send_list(store, everyone, list_id, FIRST)
    clock.instant = DUE + timedelta(days=100)
    assert certificates_due(a_bare_workplace(store, clock, everyone, tmp_path)) == []


def test_people_are_told_once_for_each_agreement_and_once_for_all_evidence(county, clock):
    assert retention_alerts(certificates_due(county), plan_retention(county)) == ()
    clock.instant = AT_TERM
    owed, evidence = retention_alerts(certificates_due(county), plan_retention(county))
    assert (owed.code, owed.agreement, owed.count, owed.next) == (
        CERTIFICATE_OVERDUE,
        AGREEMENT,
        2,
        "gateway retention certificates",
    )
    assert (evidence.code, evidence.count, evidence.next) == (EVIDENCE_DUE, 2, "gateway retention plan")
