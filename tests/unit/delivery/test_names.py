"""Names at the recipient: the same list has the same name everywhere, and no name says anything about a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery.names import (
    manifest_name,
    may_collect,
    may_place,
    package_name,
    receipt_form_name,
    temporary_name,
)

SHA256 = "0123456789abcdef" * 4


def test_a_name_says_agreement_day_office_and_the_beginning_of_the_hash():
    name = package_name("jobcentre-plus-supporting-families", "2026-11-22", "Cambridge", SHA256)
    assert name == "jobcentre-plus-supporting-families_2026-11-22_cambridge_0123456789ab.csv.pgp"
    assert manifest_name(name) == f"{name}.manifest.asc"
    assert receipt_form_name(name) == f"{name}.receipt.txt"
    assert temporary_name(name) == f".{name}.part"


def test_names_sort_by_day():
    days = ["2026-11-22", "2026-09-30", "2026-12-01"]
    assert sorted(package_name("a-b", day, "all", SHA256) for day in days) == [
        package_name("a-b", day, "all", SHA256) for day in sorted(days)
    ]


@given(st.text(max_size=200), st.text(max_size=200), st.dates())
def test_whatever_an_office_is_called_its_name_can_be_placed(agreement, office, day):
    name = package_name(agreement, day.isoformat(), office, SHA256)
    assert name.endswith("_0123456789ab.csv.pgp")
    assert len(manifest_name(name)) <= 150
    assert may_place(f"x{name}") or name.startswith("_")


def test_the_longest_name_of_a_package_leaves_room_for_its_companions_and_its_receipt():
    name = package_name("a" * 60, "2026-11-22", "b" * 40, SHA256)
    companions = [name, manifest_name(name), receipt_form_name(name), f"{name}.validated.asc"]
    assert all(may_place(each) and may_collect(each) for each in companions)


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "a..b", "a b", "x" * 161, "é", "a\nb", "-"])
def test_row_49_a_name_that_climbs_or_hides_is_not_collected(name):
    assert not may_collect(name)


@pytest.mark.parametrize("name", ["a", "L-1.receipt.asc", "x" * 160, "A_b-c.sig"])
def test_a_plain_name_is_collected(name):
    assert may_collect(name)
