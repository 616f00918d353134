"""A list whose receipt does not come in the agreed working days is said to be uncollected, once."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.agreements.bank_holidays import Holidays
from gateway.agreements.document import load_agreement
from gateway.model.delivery import ListState
from gateway.receipts.overdue import receipt_due_on
from gateway.services.receipts.overdue_receipts import mark_uncollected
from gateway.store.lists import get_list
from gateway.store.tables import ledger
from tests import lists_made
from tests.bare_workplace import a_bare_workplace
from tests.lists_made import keep_statement_of, seal_list_of, send_list, some_subjects

WINDOW = "2026-11-22"
DOCUMENT = Path("agreements/jobcentre-plus-supporting-families.yaml")


@pytest.fixture
def county(store, clock, everyone, tmp_path, monkeypatch):
    """A county with a list that was delivered on a Sunday night, under the shipped agreement."""
    monkeypatch.setattr(lists_made, "DOCUMENT", DOCUMENT.read_bytes())
    keep_statement_of(store, everyone)
    list_id = seal_list_of(store, everyone, WINDOW, some_subjects(3))
    send_list(store, everyone, list_id, f"L-{WINDOW}-all")
    return a_bare_workplace(store, clock, everyone, tmp_path)


def state(county) -> ListState:
    with county.store.reading() as connection:
        return get_list(connection, 1).state


def due_on(county) -> date:
    within = load_agreement(DOCUMENT.read_bytes(), "a.yaml").retention.receipt_within_working_days
    return county.holidays.working_days_after(date(2026, 11, 22), within)


def test_on_the_last_day_there_is_still_time_and_on_the_next_there_is_none(county, clock):
    last = due_on(county)
    clock.instant = datetime(last.year, last.month, last.day, 23, 0, tzinfo=UTC)
    assert mark_uncollected(county, county.holidays) == []
    assert state(county) is ListState.VERIFIED
    clock.instant = datetime(last.year, last.month, last.day + 1, 0, 30, tzinfo=UTC)
    (overdue,) = mark_uncollected(county, county.holidays)
    assert (overdue.reference, overdue.partner, overdue.due_on) == (f"L-{WINDOW}-all", "jcp", last)
    assert state(county) is ListState.UNCOLLECTED
    with county.store.reading() as connection:
        newest = connection.execute(select(ledger.c.event).order_by(ledger.c.position.desc()).limit(1)).scalar_one()
    assert newest == "disclosure:list:uncollected"


def test_it_is_said_once(county, clock):
    clock.instant = datetime(2027, 1, 10, tzinfo=UTC)
    assert len(mark_uncollected(county, county.holidays)) == 1
    assert mark_uncollected(county, county.holidays) == []


def test_a_night_without_anything_overdue_writes_nothing(county):
    with county.store.reading() as connection:
        before = connection.execute(select(ledger.c.position)).all()
    mark_uncollected(county, county.holidays)
    with county.store.reading() as connection:
        assert connection.execute(select(ledger.c.position)).all() == before


def test_working_days_are_those_of_england():
    holidays = Holidays(frozenset({date(2026, 12, 25), date(2026, 12, 28)}), 2026, 2027, date(2026, 11, 1))
    delivered_at = datetime(2026, 12, 24, 1, 30, tzinfo=UTC)
    assert receipt_due_on(delivered_at, 1, holidays) == date(2026, 12, 29)


def test_the_day_of_delivery_is_londons():
    holidays = Holidays(frozenset(), 2026, 2027, date(2026, 11, 1))
    assert receipt_due_on(datetime(2026, 6, 1, 23, 30, tzinfo=UTC), 1, holidays) == date(2026, 6, 3)
