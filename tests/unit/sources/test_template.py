"""The template and the how-to of the suppression feed say what the gateway reads."""

import re
from pathlib import Path

import pytest

from gateway.cohort.identifiers import Flaw
from gateway.errors import SuppressionRefused
from gateway.model.flags import FAMILY_WIDE, FlagKind
from gateway.model.records import Feed
from gateway.sources.cells import CellFlaw, DropReason
from gateway.sources.lines import LineFlaw
from gateway.sources.rules import RowFlaw
from tests.extracts_written import HEADERS, SHIPPED

HOW_TO = (Path(SHIPPED).parents[1] / "docs" / "how-to" / "make-the-suppression-feed.md").read_text("utf-8")
TEMPLATE = (SHIPPED / "suppression_template.csv").read_bytes()


def test_the_template_has_the_headings_that_the_mapping_reads(extracts):
    columns = extracts.shipped("suppression").feeds[Feed.SUPPRESSION].columns
    assert TEMPLATE.decode().strip().split(",") == list(columns.values()) == HEADERS[Feed.SUPPRESSION].split(",")


def test_L3_the_template_left_as_it_is_refuses(extracts):
    """Law L3: somebody who forgets to fill it in must not open every record."""
    with pytest.raises(SuppressionRefused):
        extracts.read(Feed.SUPPRESSION, TEMPLATE)


def test_the_example_in_the_how_to_is_read(extracts):
    example = re.search(r"```\n(FLAG_KIND.*?)```", HOW_TO, re.DOTALL)
    assert example is not None
    assert len(extracts.read(Feed.SUPPRESSION, example[1].encode()).records) == 3


def test_the_how_to_names_every_kind_and_whom_it_reaches():
    rows = dict(re.findall(r"^\| `([a-z_]+)` \|.*\| (the [a-z ]+) \|$", HOW_TO, re.MULTILINE))
    assert rows == {kind: "the whole family" if kind in FAMILY_WIDE else "the person" for kind in FlagKind}


def test_the_example_in_the_guide_to_mappings_is_a_mapping(extracts):
    guide = (Path(SHIPPED).parents[1] / "docs" / "how-to" / "map-a-source.md").read_text("utf-8")
    shown = set(re.findall(r"^ *([a-z_]+):", guide, re.MULTILINE))
    shipped = set(re.findall(r"^ *([a-z_]+):", (SHIPPED / "liquidlogic_ehm.yaml").read_text("utf-8"), re.MULTILINE))
    assert shown <= shipped


def test_every_reject_code_is_in_the_manual():
    manual = (Path(SHIPPED).parents[1] / "docs" / "reference" / "reject-codes.md").read_text("utf-8")
    codes = {code for kind in (Flaw, CellFlaw, LineFlaw, RowFlaw, DropReason) for code in kind}
    assert {code for code in codes if f"`{code}`" not in manual} == set()
