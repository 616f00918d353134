"""A complaint at the command line: recorded, linked to what was disclosed, acknowledged, closed; its notes go, it stays."""

import io
import json
import sys
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from gateway.cli import main
from gateway.clock import SystemClock
from gateway.errors import ExitCode
from gateway.services.complaints.handle_complaints import remove_old_notes
from gateway.store.tables import complaint_notes, lists, metadata
from tests.rehearsed_county import BOTH, RehearsedCounty

EHM = "liquidlogic_ehm"
CASE = "IG-2026-0142"
WORDS = "Zqrang the council.\nZqmore by letter."


@dataclass
class Ran:
    code: int
    out: str
    err: str


@dataclass
class Desk:
    """Where an officer types."""

    county: RehearsedCounty
    patch: pytest.MonkeyPatch
    capture: pytest.CaptureFixture[str]

    def run(self, *words: str, typed: str = "") -> Ran:
        self.patch.setattr(sys, "stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as ended:
            main(["--config", str(self.county.settings_file), *words])
        printed = self.capture.readouterr()
        return Ran(int(ended.value.code or 0), printed.out, printed.err)


@pytest.fixture(params=BOTH)
def desk(request, tmp_path, monkeypatch, capsys):
    """A county after a night, on each kind of database."""
    on_server = request.param == "postgresql"
    county = request.getfixturevalue("postgres_county" if on_server else "sqlite_county")
    county.approve()
    county.run()
    county.deliver()
    return Desk(county, monkeypatch, capsys)


def test_a_complaint_from_the_telephone_call_to_its_end(desk):
    today = SystemClock().today()
    came, told = today - timedelta(days=20), desk.county.facts.canary("ordinary").source_id
    named = desk.county.lists(lists.c.state == "verified")[0].reference
    words = ("complaints", "record", "--case", CASE, "--received", came.isoformat(), "--about", "sharing")
    about = ("--person", "-", "--by", EHM, "--list", named, "--note", "-")
    recorded = desk.run(*words, *about, typed=f"{told}\n{WORDS}\n")
    assert recorded.code == ExitCode.DONE, recorded.err
    reference, last = recorded.out.strip(), came + timedelta(days=30)
    assert f"To be acknowledged by {last}" in recorded.err

    status = desk.run("disclose", "status")
    assert f"{reference}: a complaint to be acknowledged by {last}, 10 days left" in status.err
    (listed,) = json.loads(desk.run("complaints", "list", "--open", "--json").out)
    assert (listed["reference"], listed["late"], listed["names_somebody"]) == (reference, False, True)

    shown = desk.run("complaints", "show", reference)
    assert WORDS in shown.out
    assert shown.out.count("told of them") == len(json.loads(_person(desk, told).out)["disclosures"]) > 0
    assert f"named         {named}" in shown.out

    acknowledged = desk.run("complaints", "acknowledge", reference, "--on", (came + timedelta(days=2)).isoformat())
    assert acknowledged.code == ExitCode.DONE, acknowledged.err
    assert "to be answered without undue delay" in desk.run("disclose", "status").err
    again = desk.run("complaints", "acknowledge", reference)
    assert (again.code, "move-not-allowed" in again.err) == (ExitCode.FAILED, True)

    closed = desk.run("complaints", "close", reference, "--outcome", "upheld", "--note", "-", typed="Zqanswered.")
    assert closed.code == ExitCode.DONE, closed.err
    assert reference not in desk.run("disclose", "status").err
    assert desk.run("complaints", "list", "--open").out == ""
    assert "upheld" in desk.run("complaints", "list").out
    for_the_officer = _person(desk, told, "--withheld")
    assert [each["case"] for each in json.loads(for_the_officer.out)["complaints"]] == [CASE]

    with desk.county.at(SystemClock().now() + timedelta(days=91)) as workplace:
        assert remove_old_notes(workplace) == 2
    assert desk.county.rows(complaint_notes) == []
    assert desk.county.audit() == ()


def test_L8_no_word_of_a_complaint_is_anywhere_but_in_its_note(desk):
    told = desk.county.facts.canary("ordinary").source_id
    words = ("complaints", "record", "--case", CASE, "--received", date(2026, 11, 16).isoformat())
    about = ("--about", "safety", "--person", "-", "--by", EHM, "--note", "-", "--json")
    made = json.loads(desk.run(*words, *about, typed=f"{told}\n{WORDS}").out)["complaint"]
    refused = desk.run("complaints", "close", made, "--outcome", "upheld", "--note", "-", typed="Zqsee QQ 12 34 56 C")
    assert (refused.code, "Zqsee" in refused.err, "complaint-refused" in refused.err) == (ExitCode.FAILED, False, True)
    unknown = desk.run("complaints", "show", "Zqsomebody")
    assert (unknown.code, "Zqsomebody" in unknown.err) == (ExitCode.FAILED, False)
    kept = [table for table in metadata.sorted_tables if table is not complaint_notes]
    values = [value for table in kept for row in desk.county.rows(table) for value in row]
    logs = [path.read_bytes() for path in (desk.county.settings.state / "log").glob("*")]
    said = [value if isinstance(value, bytes) else str(value).encode() for value in (*values, *logs)]
    assert logs
    assert not [each for each in said if b"Zqrang" in each or b"Zqsee" in each or b"Zqsomebody" in each]


def _person(desk: Desk, told: str, *more: str) -> Ran:
    words = ("audit", "person", "--person", "-", "--by", EHM, "--reason", "complaint", "--case", CASE, "--json")
    return desk.run(*words, *more, typed=f"{told}\n")
