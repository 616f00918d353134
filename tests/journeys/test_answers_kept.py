"""What an answer to a work-coach list leaves behind and rests on: evidence of each person, and nothing that moved."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from datetime import date

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from gateway.errors import StoreBusy, TooManyLists
from gateway.ledger.events import Event
from gateway.ledger.evidence import record_ref
from gateway.model.forgetting import ForgetReason
from gateway.model.handover import Manner
from gateway.model.officers import Actor, Role
from gateway.model.reconciliation import RowClass
from gateway.services.audit.person_history import history_of
from gateway.services.disclosure.attest_handover import HandedOver, enter_handover, settle_handover
from gateway.services.reconciliation.queue import show_row, waiting_rows
from gateway.services.reconciliation.reconcile_list import STEPS, Upload, reconcile_list
from gateway.services.reconciliation.watch_folders import answer_folders, folder_of
from gateway.store.families import others_in_families
from gateway.store.forgets import erase
from gateway.store.tables import memberships, persons, reconciliations, told_people
from gateway.store.told_people import told_of
from tests.clock_turned import run_at
from tests.rehearsed_county import JOBCENTRE, MORNING, with_server
from tests.work_coach_lists import OFFICE, STRANGER, TFEA, Row, answered, claimant_of, confirm, disclosed_in, file_of

APPROVER = Actor("second", "Invented Approver", frozenset({Role.APPROVER}))
DATA = Actor("data", "Invented Data Officer", frozenset({Role.DATA_OFFICER}))
SERVICE = Actor("nightly", "Nightly service", frozenset({Role.SERVICE}))


@pytest.fixture
def told(told_county, tmp_path):
    return told_county.copied_to(tmp_path / "county")


# --- evidence of each person -------------------------------------------------------------------------------------------


def test_each_person_of_whom_a_worksheet_tells_something_has_a_row_of_evidence(told):
    people = [each for each in disclosed_in(told) if each.nino]
    listed, differs, left = people[:3]
    moved = replace(claimant_of(differs), forename=differs.forename + "e")
    data = file_of([claimant_of(listed), moved, claimant_of(left), STRANGER])
    confirm(told, data)
    told.hold(left.nino)
    made = answered(told, data)
    rows = {row.subject_ref: row for row in told.rows(told_people)}
    assert len(rows) == made.counts.found + made.counts.without_coach
    assert rows[listed.subject_ref].kind == "on-list"
    assert rows[left.subject_ref].kind == "left"
    assert {row.kind for row in rows.values()} == {"on-list", "details-differ", "left", "without-coach"}
    lead, reference = 0b111 << 8, 0b1
    assert rows[listed.subject_ref].fields == lead | reference
    assert rows[left.subject_ref].fields == reference
    assert (rows[differs.subject_ref].kind, rows[differs.subject_ref].differs) == ("details-differ", 0b1000)
    assert told.audit() == ()
    with told.at() as workplace, workplace.store.reading() as connection:
        (answer,) = history_of(connection, [left.subject_ref]).answered
        assert history_of(connection, [STRANGER.nino]).number == 0
    assert (answer.reference, answer.office, answer.answered_by, answer.fields) == (
        made.reference,
        OFFICE,
        TFEA.account,
        ("record_ref",),
    )


def test_what_was_told_cannot_be_read_from_a_row_and_stays_whole_when_the_person_is_forgotten(told):
    person = next(each for each in disclosed_in(told) if each.nino)
    data = file_of([claimant_of(person)])
    confirm(told, data)
    first, second = answered(told, data), answered(told, data)
    with told.at() as workplace, workplace.store.reading() as connection:
        before = [row for _, row in told_of(connection, [person.subject_ref])]
    assert [row.reference for row in before] == [first.reference, second.reference]
    # Keyed by the person's secret, and of what was said alone: the same said twice is the same commitment.
    assert len({row.commitment for row in before}) == 1
    with told.at() as workplace, workplace.store.writing(workplace.actor) as work:
        erase(work, [person.subject_ref], reason=ForgetReason.NOT_NEEDED, case="IG-2026-1")
    third = answered(told, data)
    assert third.counts.found == 0
    with told.at() as workplace, workplace.store.reading() as connection:
        assert [row for _, row in told_of(connection, [person.subject_ref])] == before
    assert told.audit() == ()


def test_somebody_forgotten_who_is_found_by_our_reference_alone_leaves_evidence_too(told):
    person = next(each for each in disclosed_in(told) if each.nino)
    confirm(told, file_of([STRANGER]))
    with told.at() as workplace:
        reference = record_ref(workplace.keys.reference_key(JOBCENTRE), person.subject_ref)
        with workplace.store.writing(workplace.actor) as work:
            erase(work, [person.subject_ref], reason=ForgetReason.NOT_NEEDED, case="IG-2026-1")
    lines = file_of([claimant_of(person)]).decode().splitlines()
    data = f"Council reference,{lines[0]}\r\n{reference},{lines[1]}\r\n".encode()
    confirm(told, data)
    made = answered(told, data)
    assert made.counts.of(RowClass.LEFT) == 1
    assert person.subject_ref in {row.subject_ref for row in told.rows(told_people)}
    assert told.audit() == ()


# --- nothing that moved ------------------------------------------------------------------------------------------------


def test_nobody_waits_for_an_answer_that_is_worked_out(told):
    """Another program has the database's only place for writers as long as it takes."""
    data = file_of([claimant_of(disclosed_in(told)[0])])
    confirm(told, data)
    other = sqlite3.connect(told.settings.state / "gateway.db", isolation_level=None)

    def hold_and_let_go(step: str) -> None:
        if step == STEPS[1]:
            other.execute("BEGIN IMMEDIATE")
        if step == STEPS[2]:
            other.execute("ROLLBACK")

    with told.at(actor=TFEA) as workplace:
        made = reconcile_list(workplace, Upload(JOBCENTRE, OFFICE, data), hold_and_let_go)
    assert made.counts.found == 1


def test_an_answer_is_worked_out_again_where_a_hold_came_in_between(told):
    person = next(each for each in disclosed_in(told) if each.nino)
    data = file_of([claimant_of(person)])
    confirm(told, data)
    steps: list[str] = []

    def hold_once(step: str) -> None:
        steps.append(step)
        if step == STEPS[2] and steps.count(step) == 1:
            told.hold(person.nino)

    with told.at(actor=TFEA) as workplace:
        made = reconcile_list(workplace, Upload(JOBCENTRE, OFFICE, data), hold_once)
    assert steps == [STEPS[0], *STEPS[1:], *STEPS[1:]]
    assert made.counts.of(RowClass.LEFT) == 1


def test_looks_and_other_offices_do_not_count_and_too_much_that_does_is_for_later(told):
    data = file_of([STRANGER])
    confirm(told, data)
    confirm(told, data, office="ely")

    def enter(event: Event, **said: object):
        def entered(step: str) -> None:
            if step == STEPS[2]:
                with told.at() as other, other.store.writing(other.actor) as work:
                    work.enter(event, **said)

        return entered

    def answer_ely(step: str) -> None:
        if step == STEPS[2]:
            answered(told, data, actor=DATA, office="ely")

    upload = Upload(JOBCENTRE, OFFICE, data)
    with told.at(actor=TFEA) as workplace:
        reconcile_list(workplace, upload, enter(Event.RECONCILIATION_READ, kind="summary"))
        reconcile_list(workplace, upload, answer_ely)
        switched = {"reason": "incident", "case": "IG-2026-1"}
        with pytest.raises(StoreBusy, match="changed each time"):
            reconcile_list(workplace, upload, enter(Event.DISCLOSURE_RESUMED, **switched))
    assert len(told.rows(reconciliations)) == 3


# --- lists that were handed over another way ---------------------------------------------------------------------------


@pytest.fixture
def handed(loaded_county, told_county, tmp_path):
    """A county that sent nothing yet, and two people of the office, one of whom stood on a list on paper."""
    county = loaded_county.copied_to(tmp_path / "county")
    with ExitStack() as open_until_the_end:
        with_server(county, open_until_the_end).approve()
    people = [each for each in disclosed_in(told_county) if each.nino][:2]
    return county, *people


def hand_over(county, person, *fields: str) -> str:
    said = HandedOver(JOBCENTRE, date(2026, 11, 16), Manner.PAPER, people=1, fields=fields)
    with county.at(MORNING) as workplace:
        return enter_handover(workplace, said, person.nino.encode(), kind="nino", case="IG-2026-1").reference


def test_who_stood_on_an_attested_list_counts_as_disclosed(handed):
    county, person, other = handed
    data = file_of([claimant_of(person), claimant_of(other)])
    confirm(county, data)
    assert answered(county, data).counts.not_on_list == 2
    reference = hand_over(county, person, "surname", "forename", "date_of_birth", "nino")
    assert answered(county, data).counts.not_on_list == 2
    with county.at(MORNING, APPROVER) as workplace:
        settle_handover(workplace, reference, happened=True, case="IG-2026-2")
    made = answered(county, data)
    assert (made.counts.on_list, made.counts.not_on_list, made.counts.without_coach) == (1, 1, 0)
    county.hold(person.nino)
    assert answered(county, data).counts.of(RowClass.LEFT) == 1
    assert {row.subject_ref for row in county.rows(told_people)} == {person.subject_ref}
    assert county.audit() == ()


def test_what_an_attested_list_is_not_known_to_have_told_finds_nobody_who_left(handed):
    county, person, _ = handed
    data = file_of([claimant_of(person)])
    confirm(county, data)
    reference = hand_over(county, person)
    with county.at(MORNING, APPROVER) as workplace:
        settle_handover(workplace, reference, happened=True, case="IG-2026-2")
    county.hold(person.nino)
    assert answered(county, data).counts.not_on_list == 1


# --- who may ask how often, and what a reviewer sees -------------------------------------------------------------------


def test_one_tfea_answers_so_many_lists_a_day_of_all_their_offices_together(told):
    data, both = file_of([STRANGER]), replace(TFEA, offices=frozenset({OFFICE, "ely"}))
    for office in both.offices:
        confirm(told, data, office=office)
    with told.at(actor=both) as workplace:
        agreed = replace(workplace, reconciling=replace(workplace.reconciling, lists_a_day_by_one=2))
        for office in sorted(both.offices):
            reconcile_list(agreed, Upload(JOBCENTRE, office, data))
        with pytest.raises(TooManyLists, match="tfea answered 2 lists today"):
            reconcile_list(agreed, Upload(JOBCENTRE, OFFICE, data))
        reconcile_list(replace(agreed, actor=SERVICE), Upload(JOBCENTRE, OFFICE, data))


def test_how_many_are_in_the_family_is_for_the_data_team_alone(told):
    person = next(each for each in disclosed_in(told) if each.nino)
    row = claimant_of(person)
    data = file_of([Row("", row.surname, "Zebedee", row.born, "CB2 9ZZ")])
    confirm(told, data)
    answered(told, data)
    with told.at(actor=TFEA) as workplace:
        (waits,) = waiting_rows(workplace)
        assert [each.others for each in show_row(workplace, waits.reference, waits.row).shown] == [None]
    with told.at(actor=DATA) as workplace:
        (shown,) = show_row(workplace, waits.reference, waits.row).shown
    assert shown.others == others_of(told, person)


def others_of(county, person):
    """Counted plainly: everybody but them who is in one of their families now."""
    mine = {each.family_key for each in county.rows(memberships, memberships.c.person_key == person.person_key)}
    now = [each for each in county.rows(memberships) if each.to_on is None or each.to_on > MORNING.date()]
    return len({each.person_key for each in now if each.family_key in mine} - {person.person_key})


def test_of_nobody_in_the_newest_snapshot_no_number_is_said(told):
    with told.at() as workplace, workplace.store.reading() as connection:
        known = connection.execute(select(persons.c.subject_ref).limit(1)).scalar_one()
        assert set(others_in_families(connection, [known, "00000000-0000-0000-0000-000000000000"], MORNING.date())) <= {
            known
        }


def test_a_folder_gets_the_summary_for_the_meeting_and_the_worklist_over_nothing_that_lies_there(told, tmp_path):
    person = next(each for each in disclosed_in(told) if each.nino)
    data = file_of([replace(claimant_of(person), forename=person.forename + "e"), STRANGER])
    confirm(told, data)
    made, out = answered(told, data), tmp_path / "out"
    for words in ((), (made.reference,), (made.reference,)):
        assert run_at(MORNING, told.settings_file, "reconcile", "report", *words, "--out", str(out)).code == 0
    worklist = f"{made.reference}-worklist"
    names = ["for-the-meeting.xlsx", f"{worklist}-2.xlsx", f"{worklist}.xlsx"]
    assert sorted(path.name for path in out.iterdir()) == sorted(names)
    heading, row = sheet_of(out / "for-the-meeting.xlsx")
    said = dict(zip(heading, row, strict=True))
    assert (said["List"], said["Answered on"], said["Rows"]) == (made.reference, MORNING.date(), 2)
    assert (said["Details differ"], said["Not on our list"], said["Found, of a hundred"]) == (1, 1, 50)
    assert person.surname not in str(row)
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    refused = run_at(MORNING, told.settings_file, "reconcile", "report", "--out", str(in_the_way / "out"))
    assert (refused.code, "cannot be made" in refused.err) == (2, True)


def sheet_of(path):
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


# --- watching ----------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="folders have no modes there")
def test_a_folder_that_cannot_be_read_keeps_no_other_office_from_its_answer(told):
    data = file_of([STRANGER])
    for office in (OFFICE, "ely"):
        confirm(told, data, office=office)
        with told.at(MORNING, SERVICE) as workplace:
            folder = folder_of(workplace, office)
        (folder / "list.csv").write_bytes(data)
        os.utime(folder / "list.csv", (MORNING.timestamp() - 60,) * 2)
    with told.at(MORNING, SERVICE) as workplace:
        in_the_way = folder_of(workplace, OFFICE) / "list.csv.answer.csv"
        in_the_way.mkdir()
        (in_the_way / "kept").write_text("")
        seen = {each.office: each.code for each in answer_folders(workplace, JOBCENTRE)}
    assert (seen[OFFICE], seen["ely"]) == ("reconciliation-refused", None)


def test_watching_waits_for_a_database_that_is_away_and_says_so(told):
    text = told.settings_file.read_text("utf-8")
    away = text.replace("sqlite:///gateway.db", "postgresql+psycopg://gateway@127.0.0.1:1/none")
    told.settings_file.write_text(away, "utf-8")
    words = [sys.executable, "-m", "gateway", "--config", str(told.settings_file), "reconcile", "watch", "--every", "1"]
    once = subprocess.run([*words, "--once"], capture_output=True, check=False, text=True)
    assert (once.returncode, "store-busy" in once.stderr) == (75, True)
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as watching:
        said = [watching.stderr.readline() for _ in range(2)]
        watching.send_signal(signal.SIGINT)
    assert "Tried again in 1 seconds (1 of 28)" in said[0]
    assert "Tried again in 2 seconds (2 of 28)" in said[1]
