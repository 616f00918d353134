"""A TFEA's month, at the real command line: from the file to the worksheet, the queue, the verdict and the next file."""

import csv
import io
import os
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from gateway.errors import AccessDenied, ReconciliationRefused, TooManyLists
from gateway.ledger.events import Event
from gateway.model.forgetting import ForgetReason
from gateway.model.linkage import Verdict
from gateway.model.officers import Actor, Role
from gateway.model.reconciliation import VerdictReason
from gateway.services.alerts.reconciliation_alerts import low_share_alerts
from gateway.services.reconciliation import without_coach
from gateway.services.reconciliation.clear_uploaded import clear_uploaded
from gateway.services.reconciliation.decide import Said, decide
from gateway.services.reconciliation.queue import show_row, waiting_rows
from gateway.services.reconciliation.reconcile_list import Upload, reconcile_list
from gateway.services.reconciliation.report import summaries
from gateway.services.reconciliation.search_cohort import search_waiting
from gateway.services.reconciliation.watch_folders import answer_folders, clear_folders, folder_of
from gateway.store.forgets import erase
from gateway.store.tables import ledger, link_verdicts, persons, queue_rows, reconciled_rows, reconciliations
from tests.clock_turned import run_at
from tests.loaded_county import Drawn
from tests.rehearsed_county import JOBCENTRE, MORNING
from tests.work_coach_lists import (
    OFFICE,
    SECOND_MORNING,
    STRANGER,
    TFEA,
    Row,
    answered,
    claimant_of,
    confirm,
    disclosed_in,
    file_of,
    hours_after,
    second_night,
)

DATA = Actor("data", "Invented Data Officer", frozenset({Role.DATA_OFFICER}))
SERVICE = Actor("nightly", "Nightly service", frozenset({Role.SERVICE}))


@pytest.fixture
def told(county):
    """A county that told the Jobcentre of its people last night."""
    county.approve()
    county.run()
    county.deliver()
    return county


def run(county, hours, *words, stdin=b""):
    return run_at(hours_after(hours), county.settings_file, *words, stdin=stdin)


def good(ran):
    assert ran.code == 0, ran.said
    return ran


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def give(county, *roles, offices=(OFFICE,)):
    """Map whoever runs the tests to other roles, for offices."""
    path = county.settings_file
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("roles = "))
    lines[at] = f"roles = {list(roles)!r}".replace("'", '"')
    lines[at + 1 : at + 2] = [f"offices = {list(offices)!r}".replace("'", '"'), *lines[at + 1 : at + 2]]
    path.write_text(
        "\n".join([line for n, line in enumerate(lines) if n <= at + 1 or "offices =" not in line]) + "\n", "utf-8"
    )


def changed_a_little(person) -> Row:
    """The claimant without a number, with another forename and address: nobody links the two without a look."""
    row = claimant_of(person)
    return Row("", row.surname, "Zebedee", row.born, "CB2 9ZZ", row.work_coach)


def test_from_the_file_to_the_verdict_and_the_next_file(told, tmp_path):
    people = disclosed_in(told)
    doubtful = next(each for each in people if each.nino)
    others = [claimant_of(each) for each in people if each.subject_ref != doubtful.subject_ref][:8]
    file, out = tmp_path / "list.csv", tmp_path / "answers"
    file.write_bytes(file_of([changed_a_little(doubtful), *others, others[0], STRANGER]))
    run_words = ["reconcile", "run", str(file), "--office", OFFICE, "--out", str(out), "--json"]

    give(told, "tfea")
    assert (ran := run(told, 0, *run_words)).code == 3, ran.said
    assert "columns-unconfirmed" in ran.err
    assert (ran := run(told, 0.01, "reconcile", "columns", str(file), "--office", OFFICE)).code == 3, ran.said
    good(run(told, 0.02, "reconcile", "columns", str(file), "--office", OFFICE, "--yes"))

    made = good(run(told, 0.1, *run_words)).document()
    counts = made["counts"]
    assert counts["rows_read"] == 11
    assert (counts["on_list"] + counts["details_differ"], counts["duplicate"], counts["possible"]) == (8, 1, 1), counts
    assert counts["not_on_list"] == 1
    assert counts["without_coach"] == len(people) - 8
    worksheet = rows_of(out / f"{made['reconciliation']}.csv")
    assert len(worksheet) == 11
    on_list = [row for row in worksheet if row["Answer"].startswith("On our list")]
    assert all(row["Contact"] and row["Our reference"] for row in on_list)
    (possible,) = [row for row in worksheet if row["Answer"].startswith("Possible")]
    assert [possible[name] for name in ("Lead professional", "Contact", "Our reference", "Last list")] == [""] * 4

    waits = look_at_what_waits(told, made, tmp_path)
    decide_by_two(told, waits)
    again = good(run(told, 0.6, *run_words)).document()["counts"]
    assert (again["possible"], again["on_list"] + again["details_differ"]) == (0, 9), again
    assert good(run(told, 0.7, "reconcile", "queue", "--json")).document() == []
    changes = good(run(told, 0.8, "reconcile", "report", "--json")).document()
    assert [each["counts"]["possible"] for each in changes] == [1, 0]
    look_as_the_data_team(told, made)


def look_at_what_waits(told, made, tmp_path):
    """The queue, a row of it side by side, and the drawing of how it weighs."""
    (waits,) = good(run(told, 0.2, "reconcile", "queue", "--json")).document()
    assert (waits["reference"], waits["side"]) == (made["reconciliation"], "disclosed")
    place = [waits["reference"], str(waits["row"])]
    shown = good(run(told, 0.3, "reconcile", "queue", *place)).out
    assert "their list" in shown
    assert "Altogether" in shown
    svg = tmp_path / "drawn"
    good(run(told, 0.31, "reconcile", "queue", *place, "--svg", str(svg), "--json"))
    assert all("<script" not in path.read_text("utf-8") for path in svg.iterdir())
    return waits


def decide_by_two(told, waits):
    """A veto fired, so that "same" takes two people."""
    place = [waits["reference"], str(waits["row"])]
    said = ["reconcile", "decide", *place, "1", "same", "--reason", "confirmed-by-work-coach", "--case", "DQ-2026-1"]
    first = good(run(told, 0.4, *said, "--json")).document()
    assert first["second_after"]
    assert (ran := run(told, 0.41, *said)).code == 1, ran.said
    assert "verdict-refused" in ran.err
    confirm_as_another(told, waits)


def look_as_the_data_team(told, made):
    """What the TFEA does not see, what the hub is to mend, and that the evidence is whole."""
    give(told, "data_officer", "auditor")
    with_search = good(run(told, 0.9, "reconcile", "queue", "--search", "--json")).document()
    assert {each["side"] for each in with_search} <= {"cohort"}
    mend = good(run(told, 0.91, "reconcile", "report", made["reconciliation"], "--json")).document()
    assert all(each["record_ref"].startswith("R") for each in mend)
    told.clock.instant = hours_after(1)
    assert told.audit() == ()
    assert {row.side for row in told.rows(link_verdicts)} == {"disclosed"}
    (entry, _) = told.entries(Event.RECONCILED)
    assert entry["counts"]["rows-read"] == 11
    assert len(told.entries(Event.CANDIDATES_READ)) == 2
    assert_no_trace_of_anybody(told)


def assert_no_trace_of_anybody(told):
    """Law L8: neither in the log that stays for ever nor in the operators'."""
    kept = b"".join(row.body for row in told.rows(ledger))
    kept += b"".join(path.read_bytes() for path in (told.settings.state / "log").iterdir())
    names = {each.surname for each in disclosed_in(told)} | {STRANGER.surname, "Zebedee"}
    assert not [name for name in names if re.search(rf"\b{re.escape(name)}\b".encode(), kept)]
    assert not re.search(rb"QQ\d{6}", kept)


def confirm_as_another(county, waits):
    other = Actor("data", "Invented Data Officer", frozenset({Role.DATA_OFFICER}))
    said = Said(waits["reference"], waits["row"], 1, Verdict.SAME, VerdictReason.KNOWN_CHANGE_OF_NAME, "DQ-2026-1")
    with county.at(hours_after(0.5), other) as workplace:
        assert decide(workplace, said).second_after is None


@pytest.fixture
def copied(told_county, tmp_path):
    return told_county.copied_to(tmp_path / "county")


def test_the_next_file_says_what_changed_and_a_verdict_still_holds(copied):
    people = [each for each in disclosed_in(copied) if each.nino]
    apart, moved, gone = people[0], people[1], people[2]
    doubtful = changed_a_little(apart)
    data = file_of([doubtful, claimant_of(moved), claimant_of(gone)])
    confirm(copied, data)
    first = answered(copied, data)
    assert first.counts.possible == 1
    with copied.at(actor=DATA) as workplace:
        (waits,) = waiting_rows(workplace)
        said = Said(waits.reference, waits.row, 1, Verdict.DIFFERENT, VerdictReason.RELATIVE, "DQ-2026-2")
        assert decide(workplace, said).verdict is Verdict.DIFFERENT
    second_night(copied, draw=Drawn(2))
    coached = replace(claimant_of(moved), work_coach="Coach C")
    made = answered(copied, file_of([coached, replace(doubtful, postcode="CB3 0AA"), STRANGER]), at=SECOND_MORNING)
    assert (made.counts.possible, made.counts.on_list, made.counts.not_on_list) == (0, 1, 2)
    changed = {(each[0], each[5]) for each in sheet_of(made.worksheet.workbook, "Changes")[1:]}
    assert changed == {
        ("New on your list", STRANGER.surname),
        ("No longer on your list", gone.surname),
        ("Work coach changed", moved.surname),
        ("Answer changed", doubtful.surname),
    }


def sheet_of(workbook, title):
    return CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_name(title).to_python()


def test_a_tfea_answers_for_their_own_offices_alone(copied):
    data = file_of([STRANGER])
    confirm(copied, data, office="ely")
    for office in ("ely", "no-such-office"):
        with pytest.raises(AccessDenied) as refused:
            answered(copied, data, office=office)
        assert str(refused.value) == "tfea may do reconcile:run only for their own offices"


def test_a_tfea_sees_nothing_of_what_waits_for_the_data_team(copied, founded_county):
    """Neither the row, nor that there is one: what is asked about it is answered as for a row that is not there."""
    with copied.at() as workplace, workplace.store.reading() as connection:
        listed = {each.subject_ref for each in disclosed_in(copied)}
        known = connection.execute(select(persons).where(persons.c.nino.is_not(None), persons.c.postcode.is_not(None)))
        not_told = next(each for each in known if each.subject_ref not in listed and each.forename and each.surname)
    data = file_of([claimant_of(not_told)])
    confirm(copied, data)
    made = answered(copied, data)
    assert made.counts.not_on_list == 1
    with copied.at() as workplace:
        assert [each.queued for each in search_waiting(workplace)] == [1]
        assert [each.side for each in waiting_rows(workplace)] == ["cohort"]
        assert show_row(workplace, made.reference, 2).shown[0].compared
    with copied.at(actor=TFEA) as workplace:
        assert waiting_rows(workplace) == []
        refusals = []
        for row in (2, 3):
            with pytest.raises(ReconciliationRefused) as refused:
                show_row(workplace, made.reference, row)
            refusals.append(str(refused.value))
            said = Said(made.reference, row, 1, Verdict.SAME, VerdictReason.KNOWN_MOVE, "DQ-2026-1")
            with pytest.raises(ReconciliationRefused) as refused:
                decide(workplace, said)
            refusals.append(str(refused.value))
        assert len(set(refusals)) == 1
        assert [each.waiting for each in summaries(workplace)] == [0]


def test_an_office_is_answered_so_often_a_day_and_no_more(copied):
    data = file_of([STRANGER])
    confirm(copied, data)
    upload = Upload(JOBCENTRE, OFFICE, data)
    with copied.at(MORNING, TFEA) as workplace:
        twice = replace(workplace, reconciling=replace(workplace.reconciling, lists_a_day=2))
        for _ in range(2):
            reconcile_list(twice, upload)
        with pytest.raises(TooManyLists):
            reconcile_list(twice, upload)
    with copied.at(MORNING + timedelta(hours=15, minutes=29), TFEA) as workplace, pytest.raises(TooManyLists):
        reconcile_list(replace(workplace, reconciling=twice.reconciling), upload)


def test_a_list_of_strangers_raises_an_alert(copied):
    data = file_of([replace(STRANGER, nino=f"QQ99{number:04d}C", surname=f"Zz{number}x") for number in range(25)])
    confirm(copied, data)
    made = answered(copied, data)
    assert made.low_share
    with copied.at() as workplace:
        assert [alert.code for alert in low_share_alerts(workplace)] == ["work-coach-list-of-strangers"]


def test_the_folder_of_an_office_gets_its_worksheet_beside_the_file(copied):
    with copied.at(MORNING, SERVICE) as workplace:
        folder = folder_of(workplace, OFFICE)
    people = disclosed_in(copied)[:3]
    file = folder / "claimants.csv"
    file.write_bytes(file_of([claimant_of(each) for each in people]))
    os.utime(file, (MORNING.timestamp() - 60,) * 2)
    assert watched(copied, MORNING) == [(OFFICE, "columns-unconfirmed")]
    note = (folder / "claimants.csv.not-answered.txt").read_text("utf-8")
    assert "gateway reconcile columns" in note
    assert people[0].surname not in note
    assert watched(copied, MORNING + timedelta(minutes=9)) == []
    confirm(copied, file.read_bytes(), MORNING + timedelta(minutes=9))
    assert watched(copied, MORNING + timedelta(minutes=11)) == [(OFFICE, None)]
    assert watched(copied, MORNING + timedelta(minutes=30)) == []
    assert not (folder / "claimants.csv.not-answered.txt").exists()
    assert sheet_of((folder / "claimants.csv.answer.xlsx").read_bytes(), "Your list")[1][4] == people[0].surname


def test_a_file_that_is_no_list_waits_for_another_one(copied):
    with copied.at(MORNING, SERVICE) as workplace:
        folder = folder_of(workplace, OFFICE)
    file = folder / "claimants.xlsx"
    file.write_bytes(b"MZ this is a program")
    (folder / "elsewhere.csv").symlink_to(copied.settings_file)
    confirm(copied, file_of([STRANGER]))
    os.utime(file, (MORNING.timestamp() - 60,) * 2)
    assert watched(copied, MORNING) == [(OFFICE, "work-coach-list-refused")]
    assert watched(copied, MORNING + timedelta(hours=2)) == []
    assert sorted(path.name for path in folder.iterdir()) == [
        "claimants.xlsx",
        "claimants.xlsx.not-answered.txt",
        "elsewhere.csv",
    ]


def test_too_many_people_without_a_coach_for_a_sheet_stand_in_a_file_beside_it(copied, tmp_path, monkeypatch):
    monkeypatch.setattr(without_coach, "MOST_ON_A_SHEET", 1)
    with copied.at(MORNING, SERVICE) as workplace:
        folder = folder_of(workplace, OFFICE)
    people = disclosed_in(copied)
    file, alone = folder / "claimants.csv", folder / "claimants.csv.answer.no-work-coach.csv"
    file.write_bytes(file_of([claimant_of(people[0]), STRANGER]))
    os.utime(file, (MORNING.timestamp() - 60,) * 2)
    confirm(copied, file.read_bytes())
    assert watched(copied, MORNING) == [(OFFICE, None)]
    ((how_many, where),) = sheet_of((folder / "claimants.csv.answer.xlsx").read_bytes(), "No work coach")[1:]
    assert (how_many, "no-work-coach.csv" in where) == (len(people) - 1, True)
    assert sorted(row["Surname"] for row in rows_of(alone)) == sorted(each.surname for each in people[1:])
    words = ["reconcile", "run", str(file), "--office", OFFICE, "--out", str(tmp_path / "out"), "--json"]
    files = good(run(copied, 1, *words)).document()["files"]
    assert [name.rpartition("-")[2] for name in files][2:] == ["coach.csv"]
    with copied.at() as workplace, workplace.store.reading() as connection:
        assert {each.told for each in connection.execute(select(reconciliations))} == {len(people)}

    monkeypatch.setattr(without_coach, "MOST_ON_A_SHEET", 1000)
    os.utime(file, (MORNING.timestamp() - 30,) * 2)
    assert watched(copied, MORNING + timedelta(minutes=90)) == [(OFFICE, None)]
    assert not alone.exists()
    assert len(sheet_of((folder / "claimants.csv.answer.xlsx").read_bytes(), "No work coach")) == len(people)


def watched(county, at):
    with county.at(at, SERVICE) as workplace:
        return [(each.office, each.code) for each in answer_folders(workplace, JOBCENTRE)]


def test_what_was_answered_goes_from_the_folder_with_its_rows(copied):
    with copied.at(MORNING, SERVICE) as workplace:
        folder = folder_of(workplace, OFFICE)
    for name in ("answered.csv", "waits.csv"):
        (folder / name).write_bytes(file_of([STRANGER]))
        os.utime(folder / name, (MORNING.timestamp() - 60,) * 2)
    for ending in ("", "no-work-coach."):
        (folder / f"answered.csv.answer.{ending}csv").write_bytes(b"told")
    with copied.at(MORNING + timedelta(days=34), SERVICE) as workplace:
        assert clear_folders(workplace) == 0
    with copied.at(MORNING + timedelta(days=36), SERVICE) as workplace:
        assert clear_folders(workplace) == 3
    assert [path.name for path in folder.iterdir()] == ["waits.csv"]


def test_a_folder_that_others_may_open_is_not_used(copied):
    with copied.at(MORNING, SERVICE) as workplace:
        folder = folder_of(workplace, OFFICE)
        folder.chmod(0o755)
        (folder / "claimants.csv").write_bytes(file_of([STRANGER]))
    assert (OFFICE, "reconciliation-refused") in watched(copied, MORNING)
    assert sorted(path.name for path in folder.iterdir()) == ["claimants.csv"]


def test_uploaded_rows_go_after_the_agreed_days_and_verdicts_stay(copied):
    doubtful = next(each for each in disclosed_in(copied) if each.nino)
    data = file_of([changed_a_little(doubtful)])
    confirm(copied, data)
    answered(copied, data)
    with copied.at() as workplace:
        (waits,) = waiting_rows(workplace)
        decide(workplace, Said(waits.reference, 2, 1, Verdict.DIFFERENT, VerdictReason.NAMESAKE, "DQ-2026-1"))
    with copied.at(MORNING + timedelta(days=34)) as workplace:
        assert clear_uploaded(workplace) == []
    with copied.at(MORNING + timedelta(days=36)) as workplace:
        assert [(each.rows, each.queued) for each in clear_uploaded(workplace)] == [(1, 1)]
        assert clear_uploaded(workplace) == []
    assert copied.rows(reconciled_rows) == copied.rows(queue_rows) == []
    assert len(copied.rows(link_verdicts)) == 1
    assert [row.state for row in copied.rows(reconciliations)] == ["cleared"]
    assert copied.audit() == ()


def test_uploaded_rows_go_with_a_person_who_is_forgotten(copied):
    person, other = disclosed_in(copied)[:2]
    data = file_of([claimant_of(person), claimant_of(other)])
    confirm(copied, data)
    answered(copied, data)
    assert {row.subject_ref for row in copied.rows(reconciled_rows)} == {person.subject_ref, other.subject_ref}
    with copied.at() as workplace, workplace.store.writing(workplace.actor) as work:
        erase(work, [person.subject_ref], reason=ForgetReason.NOT_NEEDED, case="IG-2026-1")
    assert [row.subject_ref for row in copied.rows(reconciled_rows)] == [other.subject_ref]
