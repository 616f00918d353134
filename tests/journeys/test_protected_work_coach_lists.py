"""A protected workbook at the real command line: it is answered as the same rows in a text file are, and nothing of it,
nor its password, is written anywhere but into the worksheet.
"""

import pytest

from gateway.model.officers import Role
from tests.clock_turned import run_at
from tests.work_coach_lists import HEADINGS, OFFICE, STRANGER, claimant_of, disclosed_in, file_of, hours_after
from tests.work_coach_lists_made import xlsx_of
from tests.workbooks_made import protected

PASSWORD = "a pass phrase of Zzoffice"


@pytest.fixture
def told(told_county, tmp_path):
    county = told_county.copied_to(tmp_path / "county")
    path = county.settings_file
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("roles = "))
    kept = [line for line in lines[at + 1 :] if not line.startswith("offices =")]
    path.write_text("\n".join([*lines[:at], f'roles = ["{Role.TFEA}"]', f'offices = ["{OFFICE}"]', *kept]), "utf-8")
    return county


def test_a_protected_workbook_is_answered_as_the_same_rows_in_a_text_file(told, tmp_path):
    rows = [*(claimant_of(each) for each in disclosed_in(told)[:6]), STRANGER]
    cells = [[row.nino, row.surname, row.forename, row.born, row.postcode, row.work_coach] for row in rows]
    locked, plain, out = tmp_path / "list.xlsx", tmp_path / "list.csv", tmp_path / "out"
    with_hidden = xlsx_of(cells, header=HEADINGS, edit=lambda book, _: book.add_worksheet("Other").hide())
    locked.write_bytes(protected(with_hidden, PASSWORD))
    plain.write_bytes(file_of(rows))

    def run(hours, *words, stdin=b""):
        return run_at(hours_after(hours), told.settings_file, "reconcile", *words, stdin=stdin)

    given = f"{PASSWORD}\n".encode()
    of_office = ("--office", OFFICE)
    assert (ran := run(0, "columns", str(locked), *of_office, "--yes")).code == 1
    assert "work-coach-list-locked" in ran.err
    assert run(0.1, "columns", str(locked), *of_office, "--yes", "--password", "-", stdin=given).code == 0

    to_folder = (*of_office, "--out", str(out), "--json")
    refused = [
        run(0.2, "run", str(locked), *to_folder),
        run(0.3, "run", str(locked), *to_folder, "--password", "-", stdin=b"no\n"),
    ]
    assert [ran.code for ran in refused] == [1, 1]
    assert all("Never save an unprotected copy" in ran.err for ran in refused)
    made = [
        run(0.4, "run", str(locked), *to_folder, "--password", "-", stdin=given).document(),
        run(0.5, "run", str(plain), *to_folder).document(),
    ]
    assert made[0]["counts"] == made[1]["counts"]
    assert [(each["encoding"], each["hidden_sheets"]) for each in made] == [("workbook", 1), ("utf-8", 0)]
    first, second = ((out / f"{each['reconciliation']}.csv").read_bytes() for each in made)
    assert first == second
    assert STRANGER.surname.encode() in first

    kept = b"".join(path.read_bytes() for path in (tmp_path / "county").rglob("*") if path.is_file())
    assert PASSWORD.encode() not in kept
    assert not [ran for ran in refused if STRANGER.surname in ran.said or PASSWORD in ran.said]
