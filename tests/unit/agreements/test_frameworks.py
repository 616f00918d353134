"""Frameworks as dated data: what is shipped, and what a wrong one says."""

from pathlib import Path

import pytest

from gateway.agreements.frameworks import load_framework
from gateway.errors import FrameworkInvalid
from gateway.model.framework import MustExist

SHIPPED = sorted(Path("config/frameworks").glob("*.yaml"))
GOOD = """
id: two_of_three
name: Two of three
starts_on: 2020-04-01
ends_on: 2021-03-31
counted: criteria
needed: 2
must_exist: [plan]
criteria:
  - {code: work, name: Work, verify: false, needs: {"10.1": Out of work, "10.2": Debt}}
  - {code: crime, name: Crime, verify: true, needs: {"7.1": Crime}}
factors: {"10.1": [m], "10.2": [f], "7.1": [d], "9.1": []}
"""


def test_a_framework_says_who_is_eligible():
    framework = load_framework(GOOD.encode(), "two_of_three.yaml")
    assert (framework.counted, framework.needed, framework.must_exist) == ("criteria", 2, {MustExist.PLAN})
    assert [(each.code, each.needs, each.verify) for each in framework.criteria] == [
        ("work", {"10.1", "10.2"}, False),
        ("crime", {"7.1"}, True),
    ]
    assert dict(framework.factors) == {"10.1": ("m",), "10.2": ("f",), "7.1": ("d",), "9.1": ()}


def test_its_hash_changes_with_its_content_and_not_with_its_layout():
    hashes = {
        load_framework(text.encode(), "f").document_hash
        for text in (
            GOOD,
            "# a comment\n" + GOOD.replace("[plan]", "\n  - plan"),
            GOOD.replace("needed: 2", "needed: 1"),
        )
    }
    assert len(hashes) == 2


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("id: two_of_three", "id: Two", "`id` must be lower-case words joined by _"),
        ("counted: criteria", "counted: people", "`counted` must be one of criteria, needs"),
        ("needed: 2", "needed: 3", "`needed` asks for more than the 2 there are"),
        ("counted: criteria\nneeded: 2", "counted: needs\nneeded: 4", "`needed` asks for more than the 3 there are"),
        ("ends_on: 2021-03-31", "ends_on: 2019-03-31", "`ends_on` lies before `starts_on`"),
        ("[plan]", "[plans]", "must be one of assessment, plan, lead_professional"),
        ("code: crime", "code: work", "has two criteria with one code"),
        ('{"7.1": Crime}', "{}", "`criteria[2].needs` names no need"),
        ('{"7.1": Crime}', "{crime: Crime}", "a need's code must be like 10.1"),
        ('"10.1": [m]', '"10.1": [z]', "must be a letter from a to m"),
        ('"10.1": [m]', '"10.1": [m, m]', "names a factor twice"),
        ('"10.1": [m]', "work: [m]", "a need's code must be like 10.1"),
        (', "7.1": [d]', "", "`factors` has no line for 7.1"),
        ("verify: true, ", "", "`criteria[2].verify` is missing"),
        ("name: Two of three", "title: Two of three", "this key is not known"),
        ("criteria:", "criteria: []\nothers:", "this key is not known"),
    ],
)
def test_a_fault_is_named_with_its_place(old, new, fault):
    assert old in GOOD
    with pytest.raises(FrameworkInvalid) as refused:
        load_framework(GOOD.replace(old, new).encode(), "two_of_three.yaml")
    assert fault in str(refused.value)
    assert all(line.startswith("two_of_three.yaml:") for line in str(refused.value).splitlines())


def test_a_file_that_is_no_document_is_refused():
    with pytest.raises(FrameworkInvalid, match=r"f\.yaml:1:1: the document is empty"):
        load_framework(b"", "f.yaml")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_is_shipped_is_whole(path):
    framework = load_framework(path.read_bytes(), path.name)
    assert framework.framework_id == path.stem
    assert framework.must_exist == set(MustExist)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_no_need_gives_two_factors(path):
    """Two of the thirteen factors make a row lawful: they must never come from one need by guess."""
    framework = load_framework(path.read_bytes(), path.name)
    assert all(len(letters) <= 1 for _, letters in framework.factors)


def test_the_shipped_frameworks_agree_on_what_a_need_stands_for():
    maps = {load_framework(path.read_bytes(), path.name).factors for path in SHIPPED}
    assert len(maps) == 1


def test_parenting_and_conflict_are_no_listed_factor():
    framework = load_framework(Path("config/frameworks/sf_2022.yaml").read_bytes(), "sf_2022.yaml")
    factors = dict(framework.factors)
    assert [factors[code] for code in ("2.1", "5.1", "5.2", "5.3", "5.4")] == [()] * 5
    assert (framework.counted, framework.needed, len(framework.criteria)) == ("needs", 3, 10)


@pytest.mark.parametrize("name", ["cambs_2020", "cambs_2021"])
def test_cambridgeshire_asked_for_two_of_six(name):
    framework = load_framework(Path(f"config/frameworks/{name}.yaml").read_bytes(), name)
    assert (framework.counted, framework.needed, len(framework.criteria)) == ("criteria", 2, 6)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_framework_is_read_again_from_its_canonical_form(path):
    framework = load_framework(path.read_bytes(), path.name)
    assert load_framework(framework.document, path.name) == framework
