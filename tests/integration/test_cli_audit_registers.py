"""The officers' commands as they are typed: each in every form, talk apart from data, and refusals with their way out."""

import json
from datetime import timedelta

import pytest

from gateway.cli import main
from gateway.clock import SystemClock
from gateway.model.time import london_day
from tests.command_line import Ran, a_county_with_lists_due

HOUSING = "fenland-housing-options"
TODAY = london_day(SystemClock().now())
PERIOD = ("--from", str(TODAY - timedelta(days=3)), "--to", str(TODAY))
CASE = ("--case", "IG-2026-0142")
#: Each command, whether it has CSV, and a word that must be in every form of its answer.
SHOWN = (
    (("audit", "register"), True, HOUSING),
    (("audit", "register", "--format", "dea"), True, "Jobcentre Plus: Supporting Families"),
    (("audit", "ropa"), True, "Data Protection Officer, the county council"),
    (("audit", "uses", *PERIOD), True, "Data uses register"),
    (("audit", "uses", *PERIOD, "--publish"), True, "Data uses register"),
    (("audit", "figures", "--year", str(TODAY.year)), True, "Sharing in"),
    (("audit", "breach", *PERIOD, *CASE), False, "never sent"),
    (("audit", "sample", *PERIOD, *CASE, "--seed", "dice"), False, "Random sample"),
    (("audit", "lookups", *PERIOD), True, "IG-2026-0142"),
)


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """A county whose housing list is sealed; whoever runs the tests is its officer."""
    county = a_county_with_lists_due(tmp_path_factory.mktemp("registers"))
    assert county.run("disclose", "run").code == 3
    county.give_roles("ig_officer", "auditor")
    return county


@pytest.fixture
def run(county, capfd):
    """Run a command in this process: a process of its own for each would take a minute."""

    def typed(*words: str) -> Ran:
        with pytest.raises(SystemExit) as ended:
            main(["--config", str(county.settings), *words])
        said = capfd.readouterr()
        return Ran(ended.value.code, said.out, said.err)

    return typed


@pytest.mark.parametrize(
    ("words", "has_csv", "expected"), SHOWN, ids=lambda value: value[1] if isinstance(value, tuple) else ""
)
def test_each_answer_comes_as_text_page_and_document_on_standard_output(run, words, has_csv, expected):
    for form in ("text", "html", "csv"):
        ran = run(*words, "--as", form)
        assert ran.code == (0 if has_csv or form != "csv" else 2), ran.said
        if ran.code == 0 and form != "csv":
            assert expected in ran.out
            assert ran.err == ""
    document = run(*words, "--json")
    assert document.code == 0
    assert json.loads(document.out)


def test_a_month_is_signed_to_standard_output_or_into_a_new_folder(run, tmp_path):
    month = f"{TODAY:%Y-%m}"
    ran = run("audit", "assurance", "--month", month)
    assert (ran.code, ran.out.startswith("-----BEGIN PGP SIGNED MESSAGE-----")) == (0, True)
    ran = run("audit", "assurance", "--month", month, "--out", str(tmp_path / "new"), "--json")
    assert set(json.loads(ran.out)["files"]) == {path.name for path in (tmp_path / "new").iterdir()}
    assert run("audit", "assurance", "--month", month, "--out", str(tmp_path / "new")).code == 2


@pytest.mark.parametrize("name", ["pack", "pack.zip"])
def test_a_pack_is_written_as_a_folder_or_an_archive(run, tmp_path, name):
    ran = run("audit", "pack", *PERIOD, *CASE, "--out", str(tmp_path / name), "--sample", "1", "--json")
    assert ran.code == 0
    assert "index.html" in json.loads(ran.out)["files"]
    assert (tmp_path / name).exists()
    assert run("audit", "pack", *PERIOD, *CASE, "--out", str(tmp_path / name)).code == 2


def test_a_sample_is_drawn_again_by_its_entry(run):
    first = json.loads(run("audit", "sample", *PERIOD, *CASE, "--json").out)
    looks = json.loads(run("audit", "lookups", *PERIOD, "--json").out)["rows"]
    entry = max(row["entry"] for row in looks if row["what"] == "sample-drawn")
    again = json.loads(run("audit", "sample", "--again", str(entry), *CASE, "--json").out)
    assert again == first
    assert run("audit", "sample", *CASE).code == 2


def test_a_decision_not_to_share_is_recorded(run):
    said = ("disclose", "not-share", HOUSING, "--requester", "police", "--reason", "not-necessary", *CASE)
    assert "gateway subjects hold" in run(*said).err
    assert json.loads(run(*said, "--json").out)["entry"] > 0


@pytest.mark.parametrize(
    ("words", "code", "way_out"),
    [
        (("audit", "breach", *CASE), 2, "--help"),
        (("audit", "breach", "--partner", "nobody", *CASE), 1, "gateway audit uses"),
        (("audit", "breach", *PERIOD, "--case", "the Smiths"), 4, "Next: "),
        (("audit", "assurance", "--month", "soon"), 2, "--help"),
        (
            ("disclose", "not-share", "nothing", "--requester", "court", "--reason", "safety", *CASE),
            5,
            "audit register",
        ),
    ],
)
def test_a_refusal_says_what_to_do_and_leaves_standard_output_empty(run, words, code, way_out):
    ran = run(*words)
    assert (ran.code, ran.out) == (code, "")
    assert way_out in ran.err


def test_the_story_of_a_list_is_told_as_text_page_and_document(run):
    planned = run("disclose", "status", "--json").document()["lists"]
    reference = next(each["reference"] for each in planned if each["state"] == "sealed")
    story = run("audit", "list", reference, "--json").document()
    assert [entry["event"] for entry in story["entries"]] == ["disclosure:list:planned", "disclosure:list:sealed"]
    assert all(entry["body"]["list"] == story["reference"] == reference for entry in story["entries"])
    for form in ("text", "html"):
        ran = run("audit", "list", reference, "--as", form)
        assert ran.code == 0
        assert "Step by step" in ran.out
    refused = run("audit", "list", "no-such-list")
    assert refused.code != 0
    assert "gateway audit uses" in refused.err
