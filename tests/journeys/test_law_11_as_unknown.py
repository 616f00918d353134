"""Law L11 at the partner's end: who is suppressed and was never disclosed looks as if the county did not know them.

Two counties are alike but for one person: in one a flag protects them, from the other every line of them was taken
away. Nothing that a recipient gets tells which is which.
"""

import csv
from contextlib import ExitStack
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from gateway.delivery.names import manifest_name, receipt_form_name
from gateway.sandbox.invented_layouts import EHM, SUPPRESSION
from gateway.sealing.manifest import ManifestFacts
from gateway.store.tables import ledger, persons
from tests.rehearsed_county import AGREEMENTS, RehearsedCounty, with_server
from tests.unmistakable_people import add_line, file_of

#: What is another in every package, whoever is on its list.
_OF_THE_PACKAGE = {"package_name", "package_sha256", "package_bytes", "checkpoint", "statement_hash"}


@dataclass
class Sent:
    """One list as its recipient has it: rows without their references, the manifest, and the names of the files."""

    rows: list[bytes]
    manifest: ManifestFacts
    names: list[str]
    form: list[bytes]


@dataclass
class County:
    county: RehearsedCounty
    sent: dict[str, Sent]


@pytest.fixture(scope="module")
def counties(founded_county, tmp_path_factory) -> tuple[County, County]:
    """The county in which the person is protected, and the one in which nobody knows them."""
    person = founded_county.facts.canary("ordinary_partner").source_id
    protected = founded_county.copied_to(tmp_path_factory.mktemp("protected") / "county")
    add_line(protected.facts_here, SUPPRESSION, "suppression", f"objection_upheld,{EHM},{person},,,,,01/01/2026,")
    unknown = founded_county.copied_to(tmp_path_factory.mktemp("unknown") / "county")
    taken_away = [take_away(file_of(unknown.facts_here, EHM, feed), person) for feed in ("persons", "memberships")]
    assert taken_away == [1, 1]
    for feed in ("identifiers", "addresses", "involvements", "episodes"):
        take_away(file_of(unknown.facts_here, EHM, feed), person)
    return after_a_night(protected), after_a_night(unknown)


def take_away(path: Path, person: str) -> int:
    """Take every line of a person out of an extract, and say how many there were."""
    lines = path.read_bytes().split(b"\r\n")
    kept = [line for line in lines if person not in next(csv.reader([line.decode()]), [])]
    path.write_bytes(b"\r\n".join(kept))
    return len(lines) - len(kept)


def after_a_night(county: RehearsedCounty) -> County:
    county.load()
    with ExitStack() as open_until_the_end:
        with_server(county, open_until_the_end).approve()
        county.run()
        county.deliver()
        return County(county, {each.manifest.list_reference: sent(county, each) for each in county.opened()})


def sent(county: RehearsedCounty, opened) -> Sent:
    package = opened.package
    inbox = next(county.inbox(name) for name in county.partners if (county.inbox(name) / package).exists())
    beside = sorted(
        path.name.replace(opened.manifest.package_sha256[:12], "")
        for path in inbox.iterdir()
        if path.name.startswith(package)
    )
    form = (inbox / receipt_form_name(package)).read_bytes().replace(opened.manifest.package_sha256.encode(), b"")
    assert (inbox / manifest_name(package)).exists()
    rows = sorted(line.split(b",", 1)[-1] for line in opened.file.read_bytes().split(b"\r\n"))
    return Sent(rows, opened.manifest, beside, form.split(b"\r\n"))


def test_the_two_counties_differ_by_the_one_person(counties):
    known = [len(each.county.rows(persons)) for each in counties]
    assert known[0] == known[1] + 1
    assert {each.manifest.agreement_id for each in counties[0].sent.values()} == set(AGREEMENTS)


def test_L11_every_list_has_the_same_rows(counties):
    protected, unknown = counties
    assert protected.sent.keys() == unknown.sent.keys()
    for reference, each in protected.sent.items():
        assert each.rows == unknown.sent[reference].rows


def test_L11_manifests_say_the_same(counties):
    protected, unknown = counties
    said = [field.name for field in fields(ManifestFacts) if field.name not in _OF_THE_PACKAGE]
    for reference, each in protected.sent.items():
        other = unknown.sent[reference].manifest
        assert {name: getattr(each.manifest, name) for name in said} == {name: getattr(other, name) for name in said}


def test_L11_the_checkpoint_in_a_manifest_counts_the_same_entries(counties):
    """A signed note of the log goes to the recipient with every manifest; its second line is the log's size."""
    protected, unknown = counties
    for reference, each in protected.sent.items():
        other = unknown.sent[reference].manifest
        assert each.manifest.checkpoint[:2] == other.checkpoint[:2]
        assert len(each.manifest.checkpoint) == len(other.checkpoint)
    assert len(protected.county.rows(ledger)) == len(unknown.county.rows(ledger))


def test_L11_the_files_and_the_form_beside_a_package_are_the_same(counties):
    protected, unknown = counties
    for reference, each in protected.sent.items():
        other = unknown.sent[reference]
        assert (each.names, each.form) == (other.names, other.form)
