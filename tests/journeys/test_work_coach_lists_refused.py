"""What `gateway reconcile` refuses and asks for, at the real command line: columns, passwords, folders and offices."""

import re

import pytest

from gateway.ledger.events import Event
from gateway.sources.work_coach_list.propose import confirmed, propose
from gateway.worksheets.sheet import Column, Kind, Sheet
from gateway.worksheets.xlsx_file import written_xlsx
from tests.clock_turned import run_at
from tests.work_coach_lists import HEADINGS, OFFICE, STRANGER, claimant_of, disclosed_in, file_of, hours_after
from tests.workbooks_made import protected


@pytest.fixture
def copied(told_county, tmp_path):
    return told_county.copied_to(tmp_path / "county")


def run(county, hours, *words, stdin=b""):
    return run_at(hours_after(hours), county.settings_file, *words, stdin=stdin)


def written(tmp_path, data, name="list.csv"):
    file = tmp_path / name
    file.write_bytes(data)
    return str(file)


def answer(county, hours, file, out, *more, stdin=b""):
    words = ["reconcile", "run", file, "--office", OFFICE, "--out", str(out), *more]
    return run(county, hours, *words, stdin=stdin)


def test_columns_are_shown_changed_and_kept_with_who_said_so(copied, tmp_path):
    data = file_of([STRANGER]).replace(b"Work coach", b"Adviser on Tuesdays")
    file = written(tmp_path, data)
    words = ["reconcile", "columns", file, "--office", OFFICE]
    ran = run(copied, 0.1, *words, "--set", "Adviser on Tuesdays=work_coach", "--set", "Postcode=ignore")
    assert ran.code == 3, ran.said
    assert re.search(r"Adviser on Tuesdays +work_coach +as you say", ran.out)
    assert re.search(r"Postcode +not read", ran.out)
    assert copied.entries(Event.COLUMNS_CONFIRMED) == []
    said = run(copied, 0.2, *words, "--set", "Adviser on Tuesdays=work_coach", "--yes", "--json").document()
    (kept,) = copied.entries(Event.COLUMNS_CONFIRMED)
    assert (kept["office"], kept["profile"]) == (OFFICE, said["confirmed"])
    assert run(copied, 0.3, *words, "--set", "Nothing=work_coach", "--yes").code == 5
    assert run(copied, 0.3, *words, "--set", "Adviser on Tuesdays=nonsense").code == 2


def test_a_profile_that_was_changed_by_hand_is_not_used(copied, tmp_path):
    file = written(tmp_path, file_of([STRANGER]))
    assert run(copied, 0.1, "reconcile", "columns", file, "--office", OFFICE, "--yes").code == 0
    kept = copied.settings.state / "work_coaches" / f"{OFFICE}.toml"
    kept.write_text(kept.read_text("utf-8").replace('"surname"', '"forename2"').replace("forename2", "middle_names"))
    ran = answer(copied, 0.2, file, tmp_path / "out")
    assert (ran.code, "columns-unconfirmed" in ran.err) == (3, True), ran.said
    assert list((tmp_path / "out").iterdir()) == []


def test_other_headings_than_were_confirmed_are_refused(copied, tmp_path):
    file = written(tmp_path, file_of([STRANGER]))
    assert run(copied, 0.1, "reconcile", "columns", file, "--office", OFFICE, "--yes").code == 0
    changed = written(tmp_path, file_of([STRANGER]).replace(b"Postcode", b"Post code"), "changed.csv")
    other = written(tmp_path, file_of([STRANGER]).replace(b"Postcode", b"Shoe size"), "other.csv")
    assert answer(copied, 0.2, changed, tmp_path / "out").code in {0, 5}
    ran = answer(copied, 0.3, other, tmp_path / "other")
    assert (ran.code, "work-coach-list-changed" in ran.err) == (5, True), ran.said


def test_a_protected_workbook_takes_its_password_from_standard_input(copied, tmp_path):
    rows = [claimant_of(each) for each in disclosed_in(copied)[:3]]
    kinds = [Column(heading, Kind.DAY if heading == "Date of birth" else Kind.IDENTIFIER) for heading in HEADINGS]
    cells = [[r.nino, r.surname, r.forename, r.born, r.postcode, r.work_coach] for r in rows]
    plain = written_xlsx([Sheet("Claimants", tuple(kinds), cells)])
    file = written(tmp_path, protected(plain, "a pass phrase"), "list.xlsx")
    columns = ["reconcile", "columns", file, "--office", OFFICE, "--yes"]
    assert (ran := run(copied, 0.1, *columns)).code == 1, ran.said
    assert "work-coach-list-locked" in ran.err
    assert (ran := run(copied, 0.2, *columns, "--password", "-", stdin=b"a pass phrase\n")).code == 0, ran.said
    assert answer(copied, 0.3, file, tmp_path / "out").code == 1
    assert answer(copied, 0.4, file, tmp_path / "out", "--password", "-", stdin=b"another\n").code == 1
    ran = answer(copied, 0.5, file, tmp_path / "out", "--password", "-", "--json", stdin=b"a pass phrase\n")
    assert (ran.code, ran.document()["counts"]["on_list"]) == (0, 3), ran.said
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".csv", ".xlsx"]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.read_bytes() == plain]


def test_an_office_that_there_is_not_and_an_agreement_that_is_not_in_force_are_refused(copied, tmp_path):
    file = written(tmp_path, file_of([STRANGER]))
    ran = run(copied, 0.1, "reconcile", "columns", file, "--office", "atlantis", "--yes")
    assert (ran.code, "reconciliation-refused" in ran.err) == (1, True), ran.said
    assert run(copied, 0.1, "reconcile", "columns", file, "--office", OFFICE, "--yes").code == 0
    stopped = run(copied, 0.2, "disclose", "stop", "--reason", "incident", "--case", "IG-2026-1")
    assert stopped.code == 0, stopped.said
    ran = answer(copied, 0.3, file, tmp_path / "out")
    assert (ran.code, "agreement-not-in-force" in ran.err) == (5, True), ran.said
    assert not confirmed(propose(file_of([STRANGER])), OFFICE, {}).ignored
