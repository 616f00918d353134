"""What the command line prints: data to standard output, talk to standard error, one JSON document where it is asked."""

import subprocess
import sys

import click
import pytest

from gateway.cli import gateway as command_line
from tests.command_line import ROOT, County, a_county, a_county_with_lists_due

JOBCENTRE = "jobcentre-plus-supporting-families"
#: They run until they are stopped, or tell a story.
WITHOUT_END = {"demo", "service"}
#: Their output is data in a form of its own: the bytes that approvers sign, a JSON Schema, a key for a partner.
OWN_FORM = {"agreements statement", "agreements schema"}
#: They change one thing and say so on standard error.
ACTS = {
    "audit write-export",
    *("agreements approve", "agreements enrol", "agreements suspend", "agreements resume"),
    *("db move", "disclose release", "disclose stop", "disclose start", "disclose attest"),
    *("keys compare", "keys import", "partners compare", "partners disable", "partners enable"),
    *("sources accept", "subjects hold", "subjects release"),
}


def _leaves(group: click.Group, *above: str):
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from _leaves(found, *above, name)
        else:
            yield " ".join((*above, name)), found


LEAVES = dict(_leaves(command_line))


def _has_json(found: click.Command) -> bool:
    return any("--json" in each.opts for each in found.params)


def test_every_command_that_reads_or_runs_has_json():
    without = {name for name, found in LEAVES.items() if not _has_json(found)}
    assert without == WITHOUT_END | OWN_FORM | ACTS


@pytest.mark.parametrize("name", sorted(LEAVES))
def test_every_command_says_what_it_does(name):
    assert LEAVES[name].help


def test_every_command_is_called_what_its_group_calls_it():
    assert [found.name for found in LEAVES.values()] == [name.split()[-1] for name in LEAVES]


@pytest.fixture(scope="module")
def county(tmp_path_factory) -> County:
    return a_county_with_lists_due(tmp_path_factory.mktemp("json"))


#: In an order in which each has something to say. Code 1 of the doctor: in a rehearsal there is no service.
READ = (
    (("config", "show"), 0),
    (("agreements", "check"), 0),
    (("agreements", "list"), 0),
    (("agreements", "show", JOBCENTRE), 0),
    (("agreements", "preview", JOBCENTRE), 0),
    (("sources", "load"), 0),
    (("sources", "status"), 0),
    (("sources", "rejects"), 0),
    (("keys", "generate"), 0),
    (("keys", "list"), 0),
    (("keys", "show", "packages"), 0),
    (("db", "upgrade"), 0),
    (("doctor", "--offline"), 1),
    (("disclose", "due"), 0),
    (("disclose", "run"), 3),
    (("disclose", "status"), 0),
    (("partners", "check"), 0),
    (("deliver", "resume"), 0),
    (("sandbox", "desk", "fenland-housing-options"), 0),
    (("receipts", "collect"), 0),
    (("sandbox", "desk", "fenland-housing-options", "--destroy"), 0),
    (("retention", "plan"), 0),
    (("sandbox", "invent", "--families", "60", "--again"), 0),
    (("audit", "verify"), 0),
)


def test_json_is_one_document_on_standard_output_and_talk_is_on_standard_error(county):
    with county.served():
        for words, code in READ:
            ran = county.run(*words, "--json")
            assert ran.code == code, (words, ran.said)
            assert ran.document() is not None, words


def test_settings_are_shown_in_words_and_always_in_the_same_order(county):
    shown = county.run("config", "show").out
    assert "{" not in shown
    roles = next(line for line in shown.splitlines() if line.startswith("[actors]")).split("roles: ")[1].split("; ")[0]
    assert roles.split(", ") == sorted(roles.split(", "))
    assert len(roles.split(", ")) > 1


def test_what_was_sent_is_there_for_programs_and_people(county):
    """After the documents before: the story that they tell together."""
    status = county.run("disclose", "status", "--json").document()
    states = {row["agreement_id"]: row["state"] for row in status["lists"]}
    assert states["fenland-housing-options"] == "received"
    assert states[JOBCENTRE] == "withheld"
    opened = list((county.folder / "desk" / "fenland-housing-options").iterdir())
    assert len(opened) == 1
    verified = county.run("audit", "verify")
    assert verified.code == 0
    assert "verified" in verified.err


@pytest.mark.parametrize(
    "words", [("init", "{folder}", "--controller", "A Council"), ("sandbox", "approve", JOBCENTRE)]
)
def test_making_things_has_json_too(tmp_path, words):
    new = a_county(tmp_path)
    ran = new.run(*(word.format(folder=tmp_path / "other") for word in words), "--json")
    assert ran.code == 0, ran.said
    assert ran.document()


def test_a_refusal_leaves_standard_output_empty(tmp_path):
    ran = a_county(tmp_path, loaded=False).run("sources", "load", "--json")
    assert (ran.code, ran.out) == (75, "")


#: What takes long to load, and who may: nothing but what uses it.
_LOADED = """
import sys
from gateway.cli import main
try:
    main(sys.argv[2:])
except SystemExit as ended:
    assert ended.code == 0, ended.code
sys.exit(" ".join(sorted(set(sys.argv[1].split()) & set(sys.modules))) or 0)
"""
_NOT_FOR_A_LIST = "alembic apscheduler asyncssh duckdb flask jsonschema paramiko psycopg splink"


def loaded_by(unused, *words):
    command = [sys.executable, "-c", _LOADED, unused, *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_help_imports_neither_the_database_nor_the_network():
    heavy = "sqlalchemy cryptography pydantic pysequoia yaml asyncio rich structlog"
    ended = loaded_by(f"{heavy} {_NOT_FOR_A_LIST}", "--help")
    assert ended.returncode == 0, ended.stderr
    assert "doctor" in ended.stdout


@pytest.mark.parametrize("words", [("disclose", "run"), ("disclose", "status"), ("sources", "load")])
def test_what_a_command_does_not_use_is_not_loaded(tmp_path, words):
    """A list of a small county takes less time than loading what reaches a partner."""
    settings = a_county(tmp_path).settings
    ended = loaded_by(_NOT_FOR_A_LIST, "--config", str(settings), *words)
    assert ended.returncode == 0, ended.stderr


_MATCHED = """
import sys
from gateway.cli import main
from gateway.reconciliation.splink_scoring import shut_in_memory
shut_in_memory().close()
main(sys.argv[1:])
"""


def test_a_command_that_matched_a_list_says_nothing_of_what_it_leaves():
    ended = subprocess.run(
        [sys.executable, "-c", _MATCHED, "--version"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
