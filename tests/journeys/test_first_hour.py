"""The first hour of somebody new, as README.md tells it: a county of their own, from nothing to a dry run and beyond."""

import csv
import re
import shlex
from pathlib import Path

import click
import pytest

from gateway.cli import gateway as command_line
from tests.command_line import ROOT, County, a_county_with_lists_due, gateway

JOBCENTRE = "jobcentre-plus-supporting-families"
EHM = "config/sources/liquidlogic_ehm.yaml"
#: What the newcomer's own extract says in place of the shipped headings.
HEADINGS = (
    ("source_id: DIM_PERSON_ID", "source_id: Client Number"),
    ("forename: FORENAME\n      surname: SURNAME\n      date_of_birth: BIRTH_DTTM", "{person}"),
    ("file: persons_{date}.csv", "file: Client_List_{date}.csv"),
    (
        "family_id: FAMILY_ID\n      person_id: DIM_PERSON_ID",
        "family_id: Household Key\n      person_id: Client Number",
    ),
    ("delimiter: by_header", "delimiter: semicolon"),
    ("date_formats: [yyyy-mm-dd, dd/mm/yyyy]", "date_formats: [dd/mm/yyyy]"),
    ("        EHLP: lead_professional", "        LEADPROF: lead_professional"),
)
PERSON = "forename: Given Name\n      surname: Family Name\n      date_of_birth: Date of Birth"


def test_from_nothing_to_a_dry_run_on_ones_own_column_headings(tmp_path):
    county = _make(tmp_path / "county")
    county.edit(EHM, *((old, new.replace("{person}", PERSON)) for old, new in HEADINGS))
    assert county.run("agreements", "check").code == 0

    invented = county.run("sandbox", "invent", "--families", "120")
    assert invented.code == 0, invented.err
    extract = next((county.folder / "extracts" / "liquidlogic_ehm").glob("Client_List_*.csv"))
    heading, *people = csv.reader(extract.read_text(encoding="utf-8").splitlines(), delimiter=";")
    assert heading[:4] == ["Client Number", "Given Name", "Family Name", "Date of Birth"]
    assert sum(re.fullmatch(r"\d\d/\d\d/\d{4}", row[3]) is not None for row in people if row) > 300

    loaded = county.run("sources", "load")
    assert loaded.code == 0, loaded.err
    assert "no mapping" not in loaded.err

    listed = county.run("agreements", "list")
    assert listed.out.count("0 of 2 approvals") == 2
    preview = county.run("agreements", "preview", JOBCENTRE)
    assert preview.code == 0
    assert "DRY RUN, nothing sent" in preview.out
    assert int(re.search(r"Would be sent +([\d,]+)", preview.out)[1]) > 50
    assert "Blocks a real run: 1." in preview.out

    checked = county.run("doctor")
    assert checked.code == 1
    for next_step in ("gateway sandbox serve", "gateway service", "gateway sandbox approve", "gateway keys generate"):
        assert next_step in checked.out
    assert not (county.folder / "partner").exists(), "a dry run sends nothing"


def test_headings_that_the_extract_lacks_are_named_and_nothing_else_of_it(tmp_path):
    """The newcomer's most likely mistake: the mapping says one thing, the file another."""
    county = _make(tmp_path / "county")
    assert county.run("sandbox", "invent", "--families", "60").code == 0
    county.edit(EHM, ("      surname: SURNAME\n      date", "      surname: Family Name\n      date"))
    ran = county.run("sources", "load")
    assert ran.code == 5
    assert "the header lacks Family Name" in ran.err
    assert "config/sources/liquidlogic_ehm.yaml" in ran.err
    assert county.run("sandbox", "invent", "--families", "60").code == 5
    assert county.run("sandbox", "invent", "--families", "60", "--again").code == 0
    assert county.run("sources", "load").code == 0


def test_from_approval_to_receipt_with_both_sides_on_one_machine(tmp_path):
    county = a_county_with_lists_due(tmp_path)
    fenland = "fenland-housing-options"
    assert county.run("disclose", "run", fenland).code == 0
    with county.served():
        assert county.run("partners", "check").code == 0
        delivered = county.run("deliver", "resume", "--json")
        assert [each["state"] for each in delivered.document()["delivered"]] == ["verified"]
        opened = county.run("sandbox", "desk", fenland, "--json").document()
        assert opened[0]["people"] > 0
        rows = Path(opened[0]["file"]).read_text(encoding="utf-8").splitlines()
        assert len(rows) == opened[0]["people"] + 1
        assert rows[0].startswith("record_ref,")
        assert county.run("sandbox", "desk", fenland).err.strip() == "Nothing waits at this desk."
        collected = county.run("receipts", "collect")
    assert collected.code == 0
    assert "accepted" in collected.out
    assert county.run("audit", "verify").code == 0


def test_a_desk_that_rejects_is_heard(tmp_path):
    county = a_county_with_lists_due(tmp_path)
    fenland = "fenland-housing-options"
    county.run("disclose", "run", fenland)
    with county.served():
        county.run("deliver", "resume")
        rejected = county.run("sandbox", "desk", fenland, "--reject", "cannot_open", "--json").document()
        assert [each["people"] for each in rejected] == [None]
        county.run("receipts", "collect")
    assert not list((county.folder / "desk").rglob("*.csv"))
    status = county.run("disclose", "status", "--json").document()
    assert {row["state"] for row in status["lists"] if row["agreement_id"] == fenland} == {"rejected"}


def test_a_county_that_goes_live_begins_without_anything_invented(tmp_path):
    folder = tmp_path / "real"
    made = gateway("init", str(folder), "--controller", "A Real Council", "--environment", "production")
    assert made.code == 0
    assert not (folder / "invented").exists()
    assert not list((folder / "config" / "partners").glob("*.toml"))
    for agreement in sorted((folder / "agreements").glob("*.yaml")):
        assert agreement.read_bytes() == (ROOT / "agreements" / agreement.name).read_bytes()
    checked = County(folder).run("doctor", "--json")
    assert checked.code == 1
    found = {check["what"]: check for check in checked.document()["checks"]}
    assert found["database"]["found"].startswith("production")
    assert found["partners"]["verdict"] == "not ok"
    assert found["newest load"]["way_out"] == "`gateway sources load`"


def _make(folder: Path) -> County:
    made = gateway("init", str(folder), "--controller", "Somebody's County Council")
    assert made.code == 0, made.err
    steps = [line.split("#")[0].strip() for line in made.out.splitlines() if line.startswith("gateway ")]
    assert steps[0] == "gateway sandbox invent"
    for step in steps:
        _require_known(step)
    return County(folder)


@pytest.mark.parametrize("page", ["README.md", "agreements/README.md", "keys/README.md"])
def test_every_command_in_the_guides_is_one_that_the_program_takes(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    commands = re.findall(r"`(gateway [a-z][^`\n]*)`", text) + re.findall(r"(?m)^    (gateway [a-z][^#\n]*)", text)
    assert commands
    for command in commands:
        _require_known(command)


def _require_known(line: str) -> None:
    """Fail unless the command and each of its options exists."""
    words = shlex.split(line)[1:]
    found: click.Command = command_line
    context = click.Context(command_line)
    while isinstance(found, click.Group) and words and not words[0].startswith(("-", "<")):
        named = found.get_command(context, words[0])
        assert named is not None or words[0] == "...", f"{line}: no {words[0]}"
        if named is None:
            return
        found, words = named, words[1:]
    known = {opt for each in (*found.params, *command_line.params) for opt in each.opts}
    for word in words:
        if word.startswith("--"):
            assert word.split("=")[0] in known, f"{line}: no option {word}"
