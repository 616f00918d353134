"""Look-ups and samples of a county after a night: nothing is chosen, everything can be drawn and checked again."""

import hashlib
import json
import subprocess
import sys
import uuid
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import delete, update

from gateway.documents.register import as_data
from gateway.documents.report import report_page, report_text
from gateway.errors import AccessDenied, LedgerDamaged, QuestionInvalid
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.model.officers import Actor, Role
from gateway.services.assurance.audit_sample import draw_again, draw_sample
from gateway.services.assurance.sample_report import sample_report
from gateway.services.audit.audit_lookups import audit_lookups
from gateway.services.audit.audit_person import Question, ReadReason, audit_person
from gateway.services.breach.audit_breach import audit_breach
from gateway.services.breach.breach_scope import BreachQuestion
from gateway.services.registers.register_uses import Period
from gateway.store.lists import move_list
from gateway.store.tables import evidence, ledger, persons
from tests.audited_county import an_audited_county
from tests.rehearsed_county import DISTRICT, HOUSING, JOBCENTRE, MORNING

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
CASE = "IA-2026-1"


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """A county for tests that change nothing."""
    return an_audited_county(tmp_path_factory.mktemp("untouched"))


@pytest.fixture
def county(tmp_path):
    return an_audited_county(tmp_path)


def drawn(county, **how):
    with county.at(MORNING) as workplace:
        return draw_sample(workplace, NOVEMBER, case_reference=CASE, **({"each": 3, "words": "dice"} | how))


def test_each_stratum_gives_its_number_and_each_row_is_drawn_once(county):
    sample = drawn(county)
    assert {(s.agreement_id, s.part): s.disclosures for s in sample.strata} == {
        (kept.agreement_id, kept.part): kept.people for kept in county.lists()
    }
    assert all(s.drawn == min(3, s.disclosures) for s in sample.strata)
    assert {(s.agreement_id, s.state) for s in sample.strata} == {(JOBCENTRE, "received"), (HOUSING, "received")}
    assert len({(row.list_reference, row.position) for row in sample.rows}) == len(sample.rows) == 18


def test_every_row_proves_itself_on_a_machine_without_the_gateway(county, tmp_path):
    sample = drawn(county)
    with county.at() as workplace:
        key = workplace.keys.checkpoint_signer().vkey
    for n, row in enumerate(sample.rows):
        document = tmp_path / f"{n}.json"
        document.write_text(json.dumps(row.proof))
        assert row.proof["row"]["list"] == row.list_reference
        assert row.proof["row"]["position"] == row.position
        if n % 6 == 0:
            # A process for each would take a minute.
            assert checked(document, key) == 0
    document.write_text(json.dumps(row.proof).replace(row.subject_ref, str(uuid.UUID(int=1))))
    assert checked(document, key) == 4


def checked(document, key):
    command = [sys.executable, "-I", "gateway/verifier/verify_evidence.py", str(document), "--key", key]
    return subprocess.run(command, capture_output=True, check=False).returncode


def test_the_same_seed_from_the_same_log_draws_the_same_after_the_lists_have_moved_on(county):
    first = drawn(county)
    (entered,) = county.entries(Event.SAMPLE_DRAWN)
    assert entered["seed"] == hashlib.sha256(b"dice").hexdigest()
    position = next(row.position for row in county.rows(ledger, ledger.c.event == Event.SAMPLE_DRAWN.value))
    with county.at(MORNING) as workplace:
        kept = next(each for each in county.lists() if each.reference == first.rows[0].list_reference)
        with workplace.store.writing(workplace.actor) as work:
            entry = work.enter(Event.LIST_REJECTED, list=kept.reference)
            move_list(work, kept.list_id, ListState.REJECTED, explained_by=entry)
        again = draw_again(workplace, position, case_reference=CASE)
    assert (again.rows, again.strata, again.digest) == (first.rows, first.strata, first.digest)
    assert [s.state for s in drawn(county).strata].count("rejected") == 1


def test_another_seed_draws_others_and_without_one_it_is_drawn(county):
    seeds = {drawn(county, words=words).digest for words in ("dice", "other dice", None, None)}
    assert len(seeds) == 4


def test_a_row_that_was_changed_is_not_given_out_as_proven(county):
    change(county, update(evidence).values(leaf=b"x" * 32))
    with pytest.raises(LedgerDamaged, match="is not in the list"):
        drawn(county)


def test_rows_that_were_purged_since_are_drawn_and_said_to_be_gone(county):
    first = drawn(county)
    position = next(row.position for row in county.rows(ledger, ledger.c.event == Event.SAMPLE_DRAWN.value))
    change(county, delete(evidence))
    with county.at(MORNING) as workplace:
        again = draw_again(workplace, position, case_reference=CASE)
    assert again.digest == first.digest
    assert [row.proof for row in again.rows] == [None] * 18
    assert "purged" in report_text(sample_report(again, "x"))


def test_only_a_sample_can_be_drawn_again_and_only_of_a_sensible_size(county):
    with county.at(MORNING) as workplace:
        with pytest.raises(QuestionInvalid, match="no sample"):
            draw_again(workplace, 1, case_reference=CASE)
        for each in (0, 51):
            with pytest.raises(QuestionInvalid):
                draw_sample(workplace, NOVEMBER, each=each, words=None, case_reference=CASE)


def test_L8_a_sample_names_nobody(county):
    sample = drawn(county)
    shown = report_page(sample_report(sample, "x")) + repr(sample)
    for row in county.rows(persons):
        assert not row.nino or row.nino not in shown
        assert f">{row.surname}<" not in shown


def test_looks_are_told_with_who_when_why_and_the_beginning_of_a_reference(county):
    nino = next(row.nino for row in county.rows(persons) if row.nino)
    with county.at(MORNING) as workplace:
        for case in ("SAR-2026-1", "SAR-2026-2"):
            audit_person(workplace, Question("nino", nino), reason=ReadReason.SUBJECT_ACCESS, case_reference=case)
        audit_person(workplace, Question("nino", "QQ999999"), reason=ReadReason.AUDIT, case_reference="IA-2026-2")
        audit_breach(workplace, BreachQuestion.about(partner=DISTRICT), case_reference="IG-2026-3")
        register = audit_lookups(workplace, NOVEMBER)
        earlier = audit_lookups(workplace, Period(date(2026, 10, 1), date(2026, 10, 31)))
    first, second, unknown, breach = as_data(register)["rows"]
    assert (first["who"], first["reason"], first["case"]) == (workplace.actor.account, "subject-access", "SAR-2026-1")
    assert first["what"] == second["what"] == "person-read"
    assert (unknown["person"], unknown["found"]) == ("none", "no")
    assert (breach["what"], breach["about"]) == ("breach-read", (f"partner {DISTRICT}",))
    assert as_data(earlier)["rows"] == []
    if first["found"] == "yes":
        assert len(first["person"]) == 8
        assert first["person"] in register.about


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.IG_OFFICER, Role.AUDITOR}))
def test_samples_are_for_officers_and_auditors_and_looks_for_approvers_too(untouched, role):
    with untouched.at(MORNING) as workplace:
        stranger = replace(workplace, actor=Actor("somebody", "Somebody", frozenset({role})))
        with pytest.raises(AccessDenied):
            draw_sample(stranger, NOVEMBER, each=1, words=None, case_reference=CASE)
        with pytest.raises(AccessDenied):
            draw_again(stranger, 1, case_reference=CASE)
        if role is not Role.APPROVER:
            with pytest.raises(AccessDenied):
                audit_lookups(stranger, NOVEMBER)


def change(county, statement):
    """Change rows behind the gateway's back."""
    with county.at() as workplace, workplace.store.working_state() as connection:
        for trigger in (
            connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
        ):
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        connection.execute(statement)
