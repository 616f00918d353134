"""The signed statement of a month: its figures are the night's, it says what is wrong, and gpg alone can check it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from gateway.documents import sha256_hex
from gateway.errors import AccessDenied, QuestionInvalid
from gateway.ledger.events import Event
from gateway.model.officers import Actor, Role
from gateway.services.assurance.sign_assurance import sign_assurance
from gateway.store.tables import evidence
from tests.audited_county import an_audited_county
from tests.rehearsed_county import JOBCENTRE, MORNING


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """A county for tests that change nothing."""
    return an_audited_county(tmp_path_factory.mktemp("untouched"))


@pytest.fixture
def county(tmp_path):
    return an_audited_county(tmp_path)


def signed_on(county, instant=MORNING, month="2026-11"):
    with county.at(instant) as workplace:
        return sign_assurance(workplace, month)


def plain_text(signed) -> str:
    """What stands between the armour, as it was before it was signed."""
    return signed.text.decode().split("\n\n", 1)[1].split("\n-----BEGIN PGP SIGNATURE")[0]


def test_the_figures_are_those_of_the_night(county):
    county.hold(next(row.nino for row in people(county) if row.nino))
    figures = signed_on(county).figures
    lists = county.lists()
    assert (figures.released, figures.rows) == (6, sum(kept.people for kept in lists))
    assert figures.states["received"] == 6
    assert (figures.events["sources:loaded"], figures.events["hold:placed"] > 0) == (1, True)
    assert (figures.events["delivery:attempted"], figures.failed_attempts) == (6, 0)
    assert figures.verification.whole
    assert figures.verification.rows == figures.rows
    assert figures.verification.cosigned_up_to
    assert not figures.is_over


def people(county):
    from gateway.store.tables import persons

    return county.rows(persons)


def test_a_month_that_is_over_has_nothing_of_the_next_and_one_before_has_nothing(county):
    assert signed_on(county, month="2026-10").figures.released == 0
    assert signed_on(county, datetime(2026, 12, 2, tzinfo=UTC)).figures.is_over
    assert signed_on(county, datetime(2026, 12, 2, tzinfo=UTC), "2026-12").figures.events["sources:loaded"] == 0


def test_what_is_overdue_or_ends_is_named(county):
    signed = signed_on(county, datetime(2029, 1, 5, tzinfo=UTC), "2028-12")
    assert {name for name, _ in signed.figures.overdue} >= {JOBCENTRE}
    assert signed.figures.keys_ending
    text = plain_text(signed)
    assert "the term ended" in text
    assert signed.figures.keys_ending[0].fingerprint in text


def test_evidence_that_is_not_whole_is_said_and_the_statement_is_signed_all_the_same(county):
    with county.at() as workplace, workplace.store.working_state() as connection:
        connection.exec_driver_sql("DROP TRIGGER evidence_no_update")
        connection.execute(update(evidence).where(evidence.c.position == 1).values(fields=1))
    signed = signed_on(county)
    assert not signed.figures.verification.whole
    assert "NOT WHOLE" in plain_text(signed)
    (entry,) = county.entries(Event.ASSURANCE_SIGNED)
    assert entry["whole"] is False


def test_that_it_was_signed_is_an_entry_with_the_hash_of_the_text_and_the_log_that_was_verified(county):
    signed = signed_on(county)
    (entry,) = county.entries(Event.ASSURANCE_SIGNED)
    assert entry == {
        "month": "2026-11",
        "statement": sha256_hex(plain_text(signed).encode()),
        "size": signed.figures.verification.size,
        "whole": True,
    }
    assert county.audit() == ()


@pytest.mark.gpg
def test_a_stranger_checks_text_and_page_with_gpg_and_the_certificate_alone(county, desk, tmp_path):
    files = signed_on(county).files
    desk.knows(files["council-certificate.asc"])
    said = desk.run("--verify", given=files["assurance-2026-11.txt.asc"])
    assert (said.code, said.says("GOODSIG")) == (0, True)
    page, signature = tmp_path / "page.html", tmp_path / "page.html.asc"
    page.write_bytes(files["assurance-2026-11.html"])
    signature.write_bytes(files["assurance-2026-11.html.asc"])
    assert desk.run("--verify", str(signature), str(page)).says("GOODSIG")
    page.write_bytes(files["assurance-2026-11.html"].replace(b"76", b"67", 1))
    assert desk.run("--verify", str(signature), str(page)).says("BADSIG")
    changed = files["assurance-2026-11.txt.asc"].replace(b"76", b"67", 1)
    assert desk.run("--verify", given=changed).says("BADSIG")


@pytest.mark.parametrize("month", ["2026-12", "November", "2026-13", "2026-11-01"])
def test_a_month_to_come_and_what_is_none_are_refused(untouched, month):
    with pytest.raises(QuestionInvalid):
        signed_on(untouched, month=month)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.IG_OFFICER, Role.APPROVER}))
def test_officers_and_approvers_sign_for_the_council(untouched, role):
    with untouched.at(MORNING) as workplace:
        stranger = replace(workplace, actor=Actor("somebody", "Somebody", frozenset({role})))
        with pytest.raises(AccessDenied):
            sign_assurance(stranger, "2026-11")
