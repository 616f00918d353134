"""Who was told what about a person, and that the question leaves its trace and the identifier does not."""

import json
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select, text

from gateway.errors import AccessDenied, EntryInvalid, LedgerDamaged, StoreError
from gateway.ledger.entries import Event
from gateway.model.delivery import ListState
from gateway.model.officers import Actor, Role
from gateway.model.receipt import ReceiptLevel
from gateway.services.agreements.agreement_then import agreement_then
from gateway.services.audit.audit_person import Question, audit_person
from gateway.services.audit.audit_verify import audit_verify
from gateway.services.audit.explain_decision import Recorded, explain_decision
from gateway.services.audit.person_history import values_told
from gateway.store.agreements import statement_kept
from gateway.store.history import disclosures_to
from gateway.store.tables import evidence, ledger
from tests.bare_workplace import a_bare_workplace
from tests.evidence_made import INDEX_KEY, SOURCE, make_evidence
from tests.lists_made import seal_list_of


class KeysOf:
    """The keys that the two audits use."""

    def __init__(self, signer):
        self._signer = signer

    def checkpoint_signer(self):
        return self._signer

    def index_key(self):
        return INDEX_KEY


@pytest.fixture
def workplace(store, clock, everyone, signer, tmp_path):
    make_evidence(store, everyone)
    return a_bare_workplace(store, clock, everyone, tmp_path, keys=KeysOf(signer))


def _ask(workplace, kind, value, reason="subject-access", case="SAR-2026-0001", **more):
    return audit_person(workplace, Question(kind, value), reason=reason, case_reference=case, **more)


def _entries(workplace):
    with workplace.store.reading() as connection:
        bodies = connection.execute(select(ledger.c.body).where(ledger.c.event == Event.PERSON_READ.value)).scalars()
        return [json.loads(body)["body"] for body in bodies]


def _everybody(workplace):
    return {number: _ask(workplace, "nino", f"QQ{number:06d}").disclosures for number in range(12)}


def test_every_disclosure_is_told_with_agreement_power_basis_fields_state_and_receipt(workplace):
    histories = _everybody(workplace)
    assert sorted(len(told) for told in histories.values()) == [0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2]
    first, second = next(told for told in histories.values() if len(told) == 2)
    assert (first.window, first.list_reference, first.state) == ("2026-11-20", "L-2026-11-20-all", ListState.RECEIVED)
    assert (first.agreement_id, first.version, first.part) == ("jcp-supporting-families", 1, "all")
    assert first.recipient == "Invented Department"
    assert first.purpose == "Let two workers of one family know of each other."
    assert first.power == "An Act of 2017, section 35"
    assert (first.article_6, first.article_9, first.article_10) == (("6(1)(e)",), ("9(2)(g)",), ())
    assert first.fields[:3] == ("record_ref", "record_action", "surname")
    assert first.receipt is ReceiptLevel.RECEIVED
    assert first.day.isoformat() == "2026-11-22"
    # Nobody can be sure that this one did not arrive.
    assert (second.state, second.receipt, second.receipt_at) == (ListState.SENDING, None, None)


def test_a_person_is_found_by_a_sources_id_and_by_a_number_with_any_suffix(workplace):
    for number, told in _everybody(workplace).items():
        assert _ask(workplace, SOURCE, str(1000 + number)).disclosures == told
        assert _ask(workplace, "nino", f"QQ{number:06d}C").disclosures == told


def test_what_was_told_is_told_again_where_the_agreement_keeps_it(workplace):
    asked = [_ask(workplace, "nino", f"QQ{number:06d}", values=True).disclosures for number in range(12)]
    first, second = next(told for told in asked if len(told) == 2)
    position = first.values[0][1].removeprefix("R")
    assert first.values == (("record_ref", f"R{position}"), ("surname", "INVENTED"), ("date_of_birth", position))
    assert second.values is None
    assert all(told.values is None for history in _everybody(workplace).values() for told in history)


@pytest.mark.parametrize("changed", ["commitment", "leaf", "factors"])
def test_L7_a_kept_line_that_is_not_what_was_committed_to_is_never_told(workplace, changed):
    with workplace.store.reading() as connection:
        row = next(disclosures_to(connection, [_told_twice(workplace)]))
        agreement = agreement_then(statement_kept(connection, row.statement_hash))
    assert values_told(row, agreement)
    other = {"commitment": b"x" * 32, "leaf": b"x" * 32, "factors": row.factors ^ 1}[changed]
    with pytest.raises(LedgerDamaged):
        values_told(replace(row, **{changed: other}), agreement)


def test_what_was_told_is_not_read_without_the_secret(workplace):
    with workplace.store.reading() as connection:
        row = next(disclosures_to(connection, [_told_twice(workplace)]))
        agreement = agreement_then(statement_kept(connection, row.statement_hash))
    assert values_told(replace(row, secret=None), agreement) is None


def test_a_list_that_was_handed_over_another_way_is_told_as_not_proven(workplace):
    attested = [told for number in range(12) for told in _ask(workplace, "nino", f"QQ{number:06d}").attested]
    assert [(each.reference, each.day.isoformat(), each.manner, each.recipient) for each in attested] == [
        ("HND-2", "2026-03-02", "paper", "Invented Department")
    ] * 2
    assert {each.fields for each in attested} == {("surname",)}


def test_an_answer_to_a_work_coach_list_is_a_disclosure_of_its_own(workplace):
    answers = [_ask(workplace, "nino", f"QQ{number:06d}") for number in range(12)]
    told = [each for answer in answers for each in answer.answered]
    assert len(told) == 6
    assert {(each.reference, each.office, each.answered_by) for each in told} == {
        ("RCN-ely-2026-11-22-1", "ely", workplace.actor.account)
    }
    assert {(each.recipient, each.version, each.power) for each in told} == {
        ("Invented Department", 1, "An Act of 2017, section 35")
    }
    kinds = sorted((each.kind.value, each.fields, each.differs) for each in told)
    assert kinds[-1] == ("left", ("record_ref",), ())
    lead = ("record_ref", "lead_professional_name", "lead_professional_contact")
    assert kinds[0] == ("details-differ", lead, ("surname",))
    assert all(answer.number >= len(answer.answered) for answer in answers)


@pytest.mark.parametrize(("side", "shown"), [("disclosed", 1), ("cohort", 0)])
def test_a_look_at_a_person_beside_a_row_is_told_of_those_disclosed_alone(workplace, side, shown):
    """Law L11: that somebody was looked for in the cohort would tell whom the county knows."""
    with workplace.store.writing(workplace.actor) as work:
        subjects = work.connection.execute(select(evidence.c.subject_ref).order_by(evidence.c.subject_ref)).scalars()
        said = {"reconciliation": "RCN-ely-2026-11-22-1", "row": 7, "side": side, "subjects": [next(subjects)]}
        work.enter(Event.CANDIDATES_READ, **said)
    looks = [look for number in range(12) for look in _ask(workplace, "nino", f"QQ{number:06d}").seen]
    assert [(look.by, look.reference, look.row) for look in looks] == [
        (workplace.actor.account, "RCN-ely-2026-11-22-1", 7)
    ] * shown


def test_every_time_left_out_is_shown_to_whoever_asks_why(workplace):
    left_out = [_ask(workplace, "nino", f"QQ{number:06d}", withheld=True).withheld for number in range(12)]
    recorded = [(each.window, each.until, each.reason) for withheld in left_out for each in withheld]
    assert sorted(recorded) == [("2026-11-20", None, "protected")] * 2
    assert _ask(workplace, "nino", "QQ777777", withheld=True).withheld == ()
    assert _ask(workplace, "nino", "QQ000003").withheld is None


def test_whoever_asks_why_is_kept_with_whom_it_was_about(workplace):
    histories = _everybody(workplace)
    suppressed = next(number for number, told in histories.items() if not told)
    asked = len(_entries(workplace))
    _ask(workplace, "nino", f"QQ{suppressed:06d}", withheld=True)
    (entry,) = _entries(workplace)[asked:]
    assert entry["subject"]
    assert (entry["found"], entry["withheld"]) == (False, True)


def _told_twice(workplace):
    with workplace.store.reading() as connection:
        rows = connection.execute(select(evidence.c.subject_ref).where(evidence.c.list_id == 2)).scalars().all()
    return rows[0]


def test_a_list_that_was_never_sent_is_no_disclosure(workplace, everyone):
    before = _everybody(workplace)
    seal_list_of(workplace.store, everyone, "2026-11-23", [])
    assert _everybody(workplace) == before


def test_L8_the_question_is_an_entry_and_the_identifier_is_not_in_it(workplace):
    told = _ask(workplace, "nino", "QQ000003").disclosures
    (entry,) = _entries(workplace)
    expected = {"reason": "subject-access", "case": "SAR-2026-0001", "kind": "nino", "found": bool(told)}
    assert {name: entry[name] for name in expected} == expected
    assert entry["disclosures"] == len(told)
    with workplace.store.reading() as connection:
        everything = connection.execute(text("SELECT body FROM ledger")).scalars()
        assert not any(b"QQ0000" in body for body in everything)


def test_L11_never_disclosed_and_not_known_are_one_answer_and_one_trace(workplace):
    histories = _everybody(workplace)
    suppressed = next(number for number, told in histories.items() if not told)
    asked = len(_entries(workplace))
    assert _ask(workplace, "nino", f"QQ{suppressed:06d}") == _ask(workplace, "nino", "QQ777777")
    one, other = _entries(workplace)[asked:]
    assert one == other


@pytest.mark.parametrize(
    ("reason", "case"),
    [("about my neighbour", "SAR-2026-1"), ("jane-smith", "SAR-2026-1"), ("subject-access", "the Smiths")],
)
def test_L8_a_reason_in_words_is_refused_and_nothing_is_told(workplace, reason, case):
    with pytest.raises(EntryInvalid):
        _ask(workplace, "nino", "QQ000003", reason, case)
    assert _entries(workplace) == []


def test_L8_a_kind_of_identifier_that_nobody_is_known_by_is_not_kept(workplace):
    assert _ask(workplace, "jane-smith", "1") == _ask(workplace, "nino", "QQ777777")
    assert [entry["kind"] for entry in _entries(workplace)] == ["other", "nino"]


def test_an_answer_that_cannot_be_recorded_is_not_given(workplace):
    with workplace.store.working_state() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        connection.execute(text("ALTER TABLE ledger RENAME COLUMN actor TO somebody"))
    with pytest.raises(StoreError):
        _ask(workplace, "nino", "QQ000003")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.IG_OFFICER}))
def test_only_an_ig_officer_asks_about_a_person(workplace, role):
    stranger = replace(workplace, actor=Actor("somebody", "Somebody", frozenset({role})))
    with pytest.raises(AccessDenied):
        _ask(stranger, "nino", "QQ000003")


def test_the_evidence_is_whole_after_it_was_asked_about(workplace):
    _ask(workplace, "nino", "QQ000003")
    found = audit_verify(workplace)
    assert found.whole
    assert (found.lists, found.rows, found.more) == (4, 27, False)


def test_since_when_evidence_is_held_follows_the_newest_purge_and_is_the_same_for_everybody(workplace):
    """A list that came to rest on 22 November was purged: what came to rest by then need not be all there."""
    answers = [_ask(workplace, "nino", number) for number in ("QQ000000", "QQ000001", "QQ123456")]
    assert {answer.evidence_since.isoformat() for answer in answers} == {"2026-11-23"}
    assert "L-2026-11-19-all" not in {told.list_reference for told in answers[0].disclosures}


def test_a_day_of_which_a_list_was_purged_is_explained_as_that_and_nothing_else(workplace):
    asked = {"reason": "audit", "case_reference": "IA-2026-1"}
    answers = [
        explain_decision(
            workplace, Question("nino", f"QQ{number:06d}"), "jcp-supporting-families", date(2026, 11, 19), **asked
        )
        for number in range(12)
    ]
    recorded = {each.recorded for answer in answers for each in answer.people}
    assert recorded == {Recorded.PURGED}
