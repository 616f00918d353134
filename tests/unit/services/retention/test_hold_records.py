"""A hold on a person's records keeps every list with whom they are on record, names nobody, and takes a known person."""

import json

import pytest
from sqlalchemy import select

from gateway.errors import DisclosureRefused, RecordsHeld, SubjectUnknown
from gateway.ledger.entries import Event
from gateway.services.retention.hold_records import hold_list, hold_person, let_records_go, list_record_holds
from gateway.store.blind_index import NINO
from gateway.store.retention import holds_on_handovers, holds_on_lists
from gateway.store.tables import ledger
from tests.bare_workplace import a_bare_workplace
from tests.evidence_made import INDEX_KEY, make_evidence

CASE = "LEGAL-2027-4"


class IndexKeyOnly:
    def index_key(self):
        return INDEX_KEY


@pytest.fixture
def county(store, clock, everyone, tmp_path):
    make_evidence(store, everyone)
    return a_bare_workplace(store, clock, everyone, tmp_path, keys=IndexKeyOnly())


def held(county) -> tuple[dict[int, str], dict[int, str]]:
    with county.store.reading() as connection:
        every = range(1, 10)
        return dict(holds_on_lists(connection, every)), dict(holds_on_handovers(connection, every))


def test_a_hold_on_a_person_keeps_what_they_are_on_record_with_until_it_is_let_go(county):
    before = held(county)
    holds = [hold for number in range(12) for hold in hold_person(county, (NINO, f"QQ{number:06d}"), CASE)]
    assert len(holds) == 12
    lists, handovers = held(county)
    assert set(lists) == {1, 2}
    assert set(handovers) == {1, 2, 3}
    assert CASE in {*lists.values(), *handovers.values()}
    for hold in holds:
        let_records_go(county, hold.reference, "LEGAL-2028-1")
    assert held(county) == before


def test_entries_of_holds_hold_no_identifier(county):
    (hold,) = hold_person(county, (NINO, "QQ000003"), CASE)
    with county.store.reading() as connection:
        bodies = connection.execute(select(ledger.c.body).where(ledger.c.event == Event.RECORDS_HELD.value)).scalars()
        newest = json.loads(list(bodies)[-1])["body"]
    assert newest == {
        "hold": hold.reference,
        "case": CASE,
        "held_by": "tester",
        "held_at": hold.held_at,
        "subject": hold.subject_ref,
    }
    assert hold in list_record_holds(county)


def test_what_is_not_there_is_neither_held_nor_let_go(county):
    with pytest.raises(SubjectUnknown):
        hold_person(county, (NINO, "QQ999998"), CASE)
    with pytest.raises(RecordsHeld, match="no list"):
        hold_list(county, "L-0", CASE)
    with pytest.raises(DisclosureRefused, match="case reference"):
        hold_list(county, "L-2026-11-20-all", "because")
    with pytest.raises(RecordsHeld, match="no hold"):
        let_records_go(county, "KEEP-0000", CASE)
    hold = hold_list(county, "L-2026-11-21-all", CASE)
    let_records_go(county, hold.reference, CASE)
    with pytest.raises(RecordsHeld, match="no hold"):
        let_records_go(county, hold.reference, CASE)
