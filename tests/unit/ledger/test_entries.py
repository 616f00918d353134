"""Entries: a closed vocabulary, one schema each, bytes that are stored as they were hashed."""

import hashlib
import json
from datetime import UTC, date, datetime

import pytest

from gateway.documents.canonical import canonical_json
from gateway.errors import EntryInvalid
from gateway.ledger.entries import Event, compose_entry, read_entry
from gateway.ledger.schemas import SCHEMAS
from gateway.model.officers import Actor, Role

AT = datetime(2026, 11, 22, 23, 10, tzinfo=UTC)
OFFICER = Actor("ig.officer", "Invented Officer", frozenset({Role.IG_OFFICER, Role.AUDITOR}))


def _stopped(**changes):
    entry = compose_entry(7, 5, AT, OFFICER, Event.DISCLOSURE_STOPPED, {"reason": "incident", "case": "IG-2026-1"})
    return canonical_json(json.loads(entry.content) | changes)


def test_an_entry_says_who_did_what_when_and_where_in_the_log():
    entry = read_entry(_stopped())
    assert json.loads(entry.content) == {
        "v": 1,
        "position": 7,
        "after": 5,
        "at": "2026-11-22T23:10:00Z",
        "actor": "ig.officer",
        "roles": ["auditor", "ig_officer"],
        "event": "disclosure:stopped",
        "body": {"reason": "incident", "case": "IG-2026-1"},
    }
    assert entry.leaf == hashlib.sha256(b"\x00" + entry.content).digest()


def test_every_event_has_a_schema_and_is_named_by_the_grammar():
    assert set(SCHEMAS) == set(Event)
    for event in Event:
        assert 2 <= len(event.value.split(":")) <= 3
        assert event.value == event.value.lower()


def test_a_name_whose_value_is_none_is_left_out_and_days_are_written_as_days():
    body = {"list": "L-1", "due_on": date(2026, 11, 23), "reason": None}
    assert compose_entry(1, 0, AT, OFFICER, Event.LIST_UNCOLLECTED, body).body == {
        "list": "L-1",
        "due_on": "2026-11-23",
    }


def test_an_instant_is_written_as_every_instant():
    body = {"raw_sha256": "0" * 64, "partner": "jcp", "verdict": "accepted", "collected_at": AT}
    assert (
        compose_entry(1, 0, AT, OFFICER, Event.RECEIPT_COLLECTED, body).body["collected_at"] == "2026-11-22T23:10:00Z"
    )


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({}, "needs reason"),
        ({"reason": "a sentence about somebody"}, "reason .* not of its kind"),
        ({"reason": "incident", "note": "x"}, "has no note"),
        ({"reason": "incident", "case": "about QQ123456C"}, "case .* not of its kind"),
    ],
)
def test_L8_a_body_that_does_not_fit_is_refused_without_its_value(body, complaint):
    with pytest.raises(EntryInvalid, match=complaint) as caught:
        compose_entry(1, 0, AT, OFFICER, Event.DISCLOSURE_STOPPED, body)
    assert "somebody" not in str(caught.value)
    assert "QQ123456C" not in str(caught.value)


def test_an_account_that_the_ledger_cannot_name_is_refused():
    with pytest.raises(EntryInvalid, match="account"):
        compose_entry(1, 0, AT, Actor("two words", "x", frozenset()), Event.SERVICE_STOPPED, {})


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"\xff",
        b"7",
        b"[]",
        b'["v","position","after","at","actor","roles","event","body"]',
        b'{"v":1}',
        b'{"v":1.5}',
        _stopped() + b" ",
        _stopped(v=2),
        _stopped(event="disclosure:list:made-up"),
        _stopped(body=7),
        _stopped(body={"reason": "a sentence"}),
        _stopped(at="yesterday"),
        _stopped(position=-1),
        _stopped(position="7"),
        _stopped(after=None),
        _stopped(actor="two words"),
        _stopped(roles=["king"]),
        _stopped(roles="auditor"),
    ],
)
def test_bytes_that_no_entry_of_ours_has_are_refused(content):
    with pytest.raises(EntryInvalid):
        read_entry(content)
