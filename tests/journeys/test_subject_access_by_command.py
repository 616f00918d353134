"""A subject access request at the command line: one officer asks, another reads and releases, the first one writes it."""

import io
import json
import re
import sys
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from gateway.cli import main
from gateway.clock import SystemClock
from gateway.errors import ExitCode
from gateway.model.export import HarmCheck
from gateway.model.officers import Actor, Role
from gateway.services.audit.audit_person import Question
from gateway.services.audit.subject_exports import ask_export, release_export
from gateway.store.tables import SNAPSHOT, metadata
from tests.rehearsed_county import JOBCENTRE, MORNING, SECOND_PERSON, RehearsedCounty, with_server

EHM = "liquidlogic_ehm"
CASE = "SAR-2026-0017"
WHY = ("--reason", "subject-access", "--case", CASE)
IG_OFFICER = Actor("officer", "Invented Officer", frozenset({Role.IG_OFFICER}))
BY_ID = ("--person", "-", "--by", EHM)
_ANY_NINO = re.compile(rb"QQ ?(?:\d ?){6}")


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
        self.patch.setattr(sys, "stdin", io.StringIO(f"{typed}\n"))
        with pytest.raises(SystemExit) as ended:
            main(["--config", str(self.county.settings_file), *words])
        printed = self.capture.readouterr()
        return Ran(int(ended.value.code or 0), printed.out, printed.err)


@pytest.fixture(scope="module")
def after_a_night(loaded_county, tmp_path_factory) -> RehearsedCounty:
    county = loaded_county.copied_to(tmp_path_factory.mktemp("asked") / "county")
    with ExitStack() as open_until_the_end:
        with_server(county, open_until_the_end).approve()
        county.run()
        county.deliver()
    return county


@pytest.fixture
def desk(after_a_night, tmp_path, monkeypatch, capsys) -> Desk:
    return Desk(after_a_night.copied_to(tmp_path / "county"), monkeypatch, capsys)


@pytest.fixture
def told(desk) -> str:
    """The source's own id of somebody who was disclosed."""
    return desk.county.facts.canary("ordinary").source_id


def ask(desk: Desk, who: str, *more: str) -> str:
    ran = desk.run("audit", "person", *BY_ID, *WHY, "--export", *more, typed=who)
    assert ran.code == ExitCode.WITHHELD, ran.err
    return ran.out.strip()


def release(desk: Desk, reference: str, check: HarmCheck = HarmCheck.NONE) -> None:
    # The commands go by the machine's clock.
    with desk.county.at(SystemClock().now(), SECOND_PERSON) as workplace:
        release_export(workplace, reference, check)


def test_what_was_told_is_shown_and_the_question_recorded(desk, told):
    ran = desk.run("audit", "person", *BY_ID, *WHY, typed=told)
    assert ran.code == ExitCode.DONE
    for said in ("Department for Work and Pensions", "Digital Economy Act 2017", "state       verified", JOBCENTRE):
        assert said in ran.out
    assert "Evidence is held since" in ran.err
    assert "QQ" not in ran.out


def test_an_export_goes_from_one_officer_to_another_and_to_a_file(desk, told, tmp_path):
    reference = ask(desk, told, "--values")
    waiting = json.loads(desk.run("audit", "exports", "--json").out)
    assert [(each["reference"], each["state"]) for each in waiting] == [(reference, "asked")]
    refused = desk.run("audit", "release-export", reference, "--harm-check", "none")
    assert refused.code == ExitCode.NOT_ALLOWED
    release(desk, reference)
    assert "write-export" in desk.run("audit", "exports").out
    ran = desk.run("audit", "write-export", reference, "--out", str(tmp_path))
    assert (ran.code, ran.out) == (ExitCode.DONE, "")
    assert "What we shared about you" in (tmp_path / f"{reference}.html").read_text(encoding="utf-8")
    again = desk.run("audit", "write-export", reference, "--out", str(tmp_path))
    assert (again.code, "nothing is replaced" in again.err) == (ExitCode.FAILED, True)


def test_the_second_officer_reads_it_before_they_judge(desk, told):
    """Another officer asked, so that the account that runs the tests can be the second one."""
    with desk.county.at(MORNING, IG_OFFICER) as workplace:
        export = ask_export(workplace, Question(EHM, told), case_reference=CASE, values=True, lead_named=False)
    roles = desk.county.settings_file.read_text(encoding="utf-8").replace('"operator"', '"operator", "approver"')
    desk.county.settings_file.write_text(roles, encoding="utf-8")
    read = desk.run("audit", "release-export", export.reference)
    assert read.code == ExitCode.DONE
    assert "Shared with Department for Work and Pensions" in read.out
    assert "Is serious harm to anybody likely" in read.err
    assert json.loads(desk.run("audit", "release-export", export.reference, "--json").out)["request"] == CASE
    judged = desk.run("audit", "release-export", export.reference, "--harm-check", "serious-harm", "--json")
    assert json.loads(judged.out)["state"] == "refused"
    written = desk.run("audit", "write-export", export.reference, "--out", "none")
    assert written.code == ExitCode.FAILED


def test_reasons_are_for_the_officer_and_never_for_an_export(desk):
    protected = desk.county.facts.canary("flag_restricted_record").source_id
    shown = desk.run("audit", "person", *BY_ID, *WHY, "--withheld", typed=protected)
    assert "restricted_record" in shown.out
    assert "For you alone" in shown.err
    for words in (("--withheld", "--export"), ("--name-lead-professional",), ("--export", "--name-lead-professional")):
        assert desk.run("audit", "person", *BY_ID, *WHY, *words, typed=protected).code == ExitCode.USAGE
    other = ("--reason", "complaint", "--case", CASE)
    assert desk.run("audit", "person", *BY_ID, *other, "--export", typed=protected).code == ExitCode.USAGE


def test_a_decision_is_explained_criterion_by_criterion(desk, told):
    words = ("audit", "explain", *BY_ID, "--agreement", JOBCENTRE, "--on", "2026-11-16", *WHY)
    ran = desk.run(*words, typed=told)
    assert ran.code == ExitCode.DONE
    assert "recorded    told" in ran.out
    assert "yes the person is 18 or older" in ran.out
    protected = desk.run(*words, typed=desk.county.facts.canary("flag_restricted_record").source_id)
    assert "protected   restricted_record" in protected.out
    assert "NO  no blocking flag, recorded death or hold protects the person   <- decided" in protected.out
    (person,) = json.loads(desk.run(*words, "--json", typed=told).out)["people"]
    assert person["agrees"] is True
    assert "nobody by that identifier" in desk.run(*words, typed="9999999").err


def test_L8_nothing_of_all_that_is_kept_but_references(desk, told, tmp_path):
    number = desk.county.facts.canary("ordinary_partner").nino
    assert number
    for words in (("--export", "--values"), ("--values",), ("--withheld",)):
        desk.run("audit", "person", "--person", "-", *WHY, *words, typed=number)
    reference = ask(desk, told, "--values")
    release(desk, reference)
    desk.run("audit", "write-export", reference, "--out", str(tmp_path))
    kept = [table for table in metadata.sorted_tables if table not in SNAPSHOT]
    values = [str(value).encode() for table in kept for row in desk.county.rows(table) for value in row]
    logs = [path.read_bytes() for path in (desk.county.settings.state / "log").glob("*")]
    assert logs
    assert not [text for text in (*values, *logs) if _ANY_NINO.search(text)]
