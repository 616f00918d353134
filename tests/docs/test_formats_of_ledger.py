"""The forms that docs/formats says the ledger has are those that the code writes."""

import re
from pathlib import Path

from gateway.ledger.checkpoint import read_unverified
from gateway.ledger.entries import read_entry
from gateway.ledger.evidence import _EVIDENCE, _EXCLUSION, _REGISTRY, _TOLD

ENTRY = Path("docs/formats/ledger-entry.md").read_text(encoding="utf-8")
CHECKPOINT = Path("docs/formats/checkpoint.md").read_text(encoding="utf-8")


def _example(text):
    return re.search(r"```\n(.*?)```", text, re.DOTALL).group(1)


def test_the_example_of_an_entry_is_one():
    entry = read_entry("".join(line.strip() for line in _example(ENTRY).splitlines()).encode())
    assert (entry.position, entry.after, entry.event.value) == (42, 41, "disclosure:list:void")


def test_every_name_of_an_entry_is_explained():
    rows = re.findall(r"^\| `(\w+)` \|", ENTRY, re.MULTILINE)
    assert rows[:8] == ["v", "position", "after", "at", "actor", "roles", "event", "body"]


def test_the_example_of_a_checkpoint_has_its_three_lines():
    assert read_unverified(_example(CHECKPOINT)).size == 42


def test_each_kind_of_leaf_begins_as_it_is_written():
    answered = "person of whom a work-coach list was answered"
    kinds = ("evidence", _EVIDENCE), ("exclusion", _EXCLUSION), ("registry", _REGISTRY), (answered, _TOLD)
    for name, prefix in kinds:
        assert f"| {name} | `{prefix.hex(' ')}`" in ENTRY
