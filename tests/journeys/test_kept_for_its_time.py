"""A list's whole life, on both databases and by the command line: sent, received, destroyed and certified, its sealed
copy removed, its evidence purged after seven years by a person's decision; and nothing else is missing.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from gateway.store.tables import evidence, exclusions, package_blocks, packages
from tests.clock_turned import run_at
from tests.rehearsed_county import DISTRICT, HOUSING, MORNING

NOON = MORNING + timedelta(hours=4)
#: The list is for 16 November: destroyed by 14 December, certified by 28 December.
TO_BE_DESTROYED = datetime(2026, 12, 14, 9, tzinfo=UTC)
OVERDUE = datetime(2026, 12, 29, 9, tzinfo=UTC)
YEARS_LATER = datetime(2033, 11, 17, 9, tzinfo=UTC)
CASE = "IG-2033-0007"


@pytest.fixture
def received(county):
    """A county whose one list was received, under an agreement that asks for a certificate of destruction."""
    county.change_agreement(
        HOUSING, "  their_copy_days: 28\n", "  their_copy_days: 28\n  certificate_within_days: 14\n"
    )
    county.approve(HOUSING)
    county.run()
    county.deliver()
    county.clock.instant = MORNING
    county.answer()
    assert run(county, "receipts", "collect", DISTRICT, at=NOON).code == 0
    return county


def run(county, *words, at, stdin=b""):
    return run_at(at, county.settings_file, *words, stdin=stdin)


def be_approver(county) -> None:
    text = county.settings_file.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("roles = "))
    county.settings_file.write_text(text.replace(line, line.replace("]", ', "approver"]')), encoding="utf-8")


def left(county, *tables) -> list[int]:
    with county.at() as workplace, workplace.store.reading() as connection:
        return [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]


def test_a_list_from_its_night_to_the_end_of_its_evidence(received):
    county = received
    (kept,) = county.lists()
    people = kept.people
    assert run(county, "disclose", "status", "--json", at=TO_BE_DESTROYED).document()["certificates"] == []
    owed = run(county, "disclose", "status", "--json", at=OVERDUE).document()["certificates"]
    assert owed == [{"list": kept.reference, "partner": DISTRICT, "due_on": "2026-12-28"}]
    assert "1 overdue: ring the desk" in run(county, "retention", "certificates", at=OVERDUE).err

    # The desk destroys it, late, and certifies that.
    desk = county.desk(DISTRICT)
    assert desk.destroy(date(2026, 12, 13)) == []
    (certificate,) = desk.destroy(date(2026, 12, 14))
    assert certificate.name.endswith(".destroyed.asc")
    assert not list((county.folder / "desk" / DISTRICT).glob("*.csv"))
    assert run(county, "receipts", "collect", DISTRICT, at=OVERDUE).code == 0
    newest = run(county, "receipts", "list", "--json", at=OVERDUE).document()[0]
    assert (newest["level"], newest["destroyed_on"], newest["verdict"]) == ("destroyed", "2026-12-14", "accepted")
    assert "None is overdue." in run(county, "retention", "certificates", "--overdue", at=OVERDUE).err

    # Our sealed copy goes, and only that.
    plan = run(county, "retention", "plan", "--json", at=OVERDUE).document()
    assert [(each["kind"], each["reference"]) for each in plan["due"]] == [("sealed-copy", kept.reference)]
    assert run(county, "retention", "run", "--json", at=OVERDUE).document()["gone"] == plan["due"]
    with county.at(OVERDUE) as workplace, workplace.store.reading() as connection:
        assert connection.execute(select(packages.c.list_id)).scalars().all() == [kept.list_id]
        assert connection.execute(select(package_blocks)).all() == []
    assert run(county, "retention", "plan", "--json", at=OVERDUE).document()["due"] == []

    # Seven years later its evidence may go; a hold keeps it, and nobody but an approver purges or lets go.
    held = run(county, "retention", "hold", "--list", kept.reference, "--case", "LEGAL-2033-1", at=YEARS_LATER)
    assert held.code == 0
    be_approver(county)
    assert run(county, "retention", "run", "--evidence", "--case", CASE, at=YEARS_LATER).code == 0
    assert left(county, evidence) == [people]
    hold = run(county, "retention", "holds", "--json", at=YEARS_LATER).document()[0]["reference"]
    ended = run(county, "retention", "let-go", hold, "--case", "LEGAL-2033-2", "--json", at=YEARS_LATER).document()
    assert (ended["reference"], ended["state"], ended["list_reference"]) == (hold, "let_go", kept.reference)
    purged = run(county, "retention", "run", "--evidence", "--case", CASE, "--json", at=YEARS_LATER)
    assert [(each["kind"], each["count"]) for each in purged.document()["gone"]] == [("list", people)]
    assert left(county, evidence, exclusions) == [0, 0]
    assert county.lists()[0].people == people
    verified = run(county, "audit", "verify", "--json", at=YEARS_LATER)
    assert (verified.code, verified.document()["findings"]) == (0, [])


def test_evidence_takes_an_approver_and_a_case(received):
    assert run(received, "retention", "run", "--evidence", "--case", CASE, at=YEARS_LATER).code == 6
    assert run(received, "retention", "run", "--evidence", at=YEARS_LATER).code == 2
    assert run(received, "retention", "run", "--case", CASE, at=YEARS_LATER).code == 2
    assert run(received, "retention", "hold", "--case", CASE, at=YEARS_LATER).code == 2
    assert run(received, "retention", "let-go", "KEEP-1", "--case", CASE, at=YEARS_LATER).code == 6
    assert run(received, "retention", "hold", "--list", "L-0", "--case", CASE, at=YEARS_LATER).code == 1
    plan = run(received, "retention", "plan", "--on", "2033-11-17", at=NOON)
    assert "goes only by a person's decision" in plan.err


def test_whom_nobody_knows_is_not_held_and_not_repeated(received):
    unknown = run(received, "retention", "hold", "--person", "-", "--case", CASE, at=NOON, stdin=b"QQ999998\n")
    assert (unknown.code, "QQ999998" in unknown.said) == (1, False)
    assert run(received, "retention", "holds", "--json", at=NOON).document() == []
