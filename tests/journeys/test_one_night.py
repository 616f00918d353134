"""One night from raw extracts to receipts, on each database: what left is what is on record, and nothing else left.

Laws L1, L2 and L3 at the end of the whole way: the lists are judged as the desks opened them.
"""

import csv
import io
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date

import pytest

from gateway import bootstrap
from gateway.agreements.document import load_agreement
from gateway.ledger.evidence import commitment, leaf, open_line, record_ref
from gateway.ledger.tree import root_of
from gateway.minimisation.line import LINE_END
from gateway.model.agreement import Agreement
from gateway.model.delivery import ListState
from gateway.model.time import age_on
from gateway.receipts.witness import Witnessing
from gateway.sandbox.desk import OpenedList
from gateway.sandbox.invented_county import AS_AGREED, INCLUDED
from gateway.services.receipts.collect_receipts import collect_receipts
from gateway.store.lists import KeptList
from gateway.store.tables import cosignatures, evidence, exclusions, person_records, persons, snapshots
from tests.rehearsed_county import AGREEMENTS, BOTH, HOUSING, JOBCENTRE, MORNING, NIGHT, RehearsedCounty, with_server

#: Reasons that hold under every agreement; the others depend on its framework and power.
ALWAYS = {"protected", "under_age", "incomplete_record", "not_in_cohort"}


@dataclass
class Disclosed:
    """One list: as it is on record, and as a desk opened it."""

    kept: KeptList
    opened: OpenedList

    @property
    def lines(self) -> list[bytes]:
        return self.opened.file.read_bytes().split(LINE_END)[1:-1]

    @property
    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.opened.file.read_text(encoding="utf-8"), newline="")))


@dataclass
class Night:
    """What a test looks at, the morning after."""

    county: RehearsedCounty
    disclosed: list[Disclosed]
    persons: dict[str, object]

    def of(self, agreement: str) -> list[Disclosed]:
        return [each for each in self.disclosed if each.kept.agreement_id == agreement]

    def evidence(self, disclosed: Disclosed) -> list:
        rows = self.county.rows(evidence, evidence.c.list_id == disclosed.kept.list_id)
        return sorted(rows, key=lambda row: row.position)

    def told_of(self, agreement: str) -> set[str]:
        return {row.subject_ref for disclosed in self.of(agreement) for row in self.evidence(disclosed)}


@pytest.fixture(scope="module", params=BOTH)
def night(request: pytest.FixtureRequest, founded_county: RehearsedCounty, tmp_path_factory) -> Iterator[Night]:
    """One night on each kind of database; the tests only look at it, but for the last one, whose desks answer."""
    county = founded_county.copied_to(tmp_path_factory.mktemp("night") / "county")
    if request.param == "postgresql":
        county.move_to(request.getfixturevalue("module_postgres_url"), request.getfixturevalue("two_roles"))
    county.load()
    with ExitStack() as open_until_the_end:
        yield the_night_of(with_server(county, open_until_the_end))


def the_night_of(county: RehearsedCounty) -> Night:
    county.approve()
    county.run()
    county.deliver()
    kept = {each.reference: each for each in county.lists()}
    disclosed = [Disclosed(kept[opened.manifest.list_reference], opened) for opened in county.opened()]
    people = {row.subject_ref: row for row in county.rows(persons)}
    return Night(county, disclosed, people)


def agreement_named(county: RehearsedCounty, agreement_id: str) -> Agreement:
    path = county.folder / "agreements" / f"{agreement_id}.yaml"
    return load_agreement(path.read_bytes(), path.name)


def test_every_list_that_was_sealed_is_verified_and_opens(night):
    assert {each.kept.state for each in night.disclosed} == {ListState.VERIFIED}
    assert {each.kept.agreement_id for each in night.disclosed} == set(AGREEMENTS)
    assert len(night.disclosed) == len(night.county.lists())


def test_L1_every_delivered_line_is_the_one_that_its_evidence_commits_to_in_order(night):
    for disclosed in night.disclosed:
        kept, rows = disclosed.kept, night.evidence(disclosed)
        assert [row.position for row in rows] == list(range(1, len(disclosed.lines) + 1))
        for row, line in zip(rows, disclosed.lines, strict=True):
            secret = night.persons[row.subject_ref].secret
            assert commitment(secret, kept.agreement_id, line) == row.commitment
            made = leaf(kept.reference, row.position, row.subject_ref, row.fields, row.factors, row.commitment)
            assert made == row.leaf
        assert root_of(row.leaf for row in rows) == kept.root


def test_L1_a_line_names_its_person_by_the_agreements_own_reference(night):
    with night.county.at() as workplace:
        for disclosed in night.disclosed:
            key = workplace.keys.reference_key(disclosed.kept.agreement_id)
            expected = [record_ref(key, row.subject_ref) for row in night.evidence(disclosed)]
            assert [row["record_ref"] for row in disclosed.rows] == expected


def test_L1_where_the_agreement_keeps_values_they_are_the_lines_that_were_sent(night):
    for disclosed in night.disclosed:
        for row, line in zip(night.evidence(disclosed), disclosed.lines, strict=True):
            if disclosed.kept.agreement_id == HOUSING:
                secret = night.persons[row.subject_ref].secret
                assert open_line(secret, disclosed.kept.reference, row.position, row.line_sealed) == line
            else:
                assert row.line_sealed is None


def test_L1_counts_agree_everywhere_and_included_and_excluded_are_everyone(night):
    (snapshot,) = night.county.rows(snapshots)
    for disclosed in night.disclosed:
        people = len(disclosed.lines)
        assert (disclosed.kept.people, disclosed.opened.people, disclosed.opened.manifest.people) == (people,) * 3
    for agreement in AGREEMENTS:
        counted = sum(each.kept.people + each.kept.excluded for each in night.of(agreement))
        assert counted == snapshot.people == len(night.persons)


def test_L1_nobody_is_on_two_lists_of_one_agreement(night):
    for agreement in AGREEMENTS:
        told = [row.subject_ref for disclosed in night.of(agreement) for row in night.evidence(disclosed)]
        assert len(told) == len(set(told))


def test_L2_the_fields_are_the_agreed_ones_exactly(night):
    for disclosed in night.disclosed:
        agreed = agreement_named(night.county, disclosed.kept.agreement_id).field_names
        header = disclosed.opened.file.read_bytes().split(LINE_END)[0].decode()
        assert tuple(header.split(",")) == agreed == disclosed.opened.manifest.fields
        assert {len(row) for row in csv.reader([line.decode() for line in disclosed.lines])} == {len(agreed)}


def test_L2_transforms_leave_only_what_was_agreed(night):
    ninos = {person.nino for person in night.persons.values() if person.nino}
    births = {person.date_of_birth.isoformat() for person in night.persons.values() if person.date_of_birth}
    for disclosed in night.of(HOUSING):
        content = disclosed.opened.file.read_text(encoding="utf-8")
        assert not any(value in content for value in ninos | births)
        assert {len(row["date_of_birth"]) for row in disclosed.rows} == {4}
        assert {len(row["postcode"].split(" ")[1]) for row in disclosed.rows if row["postcode"]} <= {1}
    for disclosed in night.of(JOBCENTRE):
        assert not any(row["nino"] and row["postcode"] for row in disclosed.rows)


def test_nobody_under_age_is_on_any_list(night):
    for agreement in AGREEMENTS:
        told = night.told_of(agreement)
        assert told
        assert all(age_on(night.persons[subject].date_of_birth, NIGHT) >= 18 for subject in told)
    born = [date.fromisoformat(row["date_of_birth"]) for each in night.of(JOBCENTRE) for row in each.rows]
    assert all(age_on(day, NIGHT) >= 18 for day in born)


def test_L3_every_canary_is_told_of_or_left_out_as_the_county_expects(night):
    """And by nobody else's number either: a canary who is left out stands on no opened list by NINO."""
    keys = {(row.source, row.source_id): row.person_key for row in night.county.rows(person_records)}
    subjects = {person.person_key: subject for subject, person in night.persons.items()}
    sent = "".join(each.opened.file.read_text(encoding="utf-8") for each in night.disclosed)
    told = {agreement: night.told_of(agreement) for agreement in AGREEMENTS}
    wrong = []
    for canary in night.county.facts.canaries:
        subject = subjects[keys[canary.source, canary.source_id]]
        if canary.expected not in {AS_AGREED, INCLUDED} and canary.nino:
            wrong += [(canary.name, "stands by NINO")] * (canary.nino[:8] in sent)
        if canary.expected != AS_AGREED and (subject in told[JOBCENTRE]) != (canary.expected == INCLUDED):
            wrong.append((canary.name, JOBCENTRE))
        if canary.expected in ALWAYS and subject in told[HOUSING]:
            wrong.append((canary.name, HOUSING))
    assert wrong == []


def test_L3_the_recorded_reasons_are_those_that_the_county_expects(night):
    keys = {(row.source, row.source_id): row.person_key for row in night.county.rows(person_records)}
    subjects = {person.person_key: subject for subject, person in night.persons.items()}
    recorded = {
        row.subject_ref: row.reason for row in night.county.rows(exclusions, exclusions.c.agreement_id == JOBCENTRE)
    }
    judged = [
        (canary.name, recorded[subject], canary.expected)
        for canary in night.county.facts.canaries
        if canary.expected != AS_AGREED and (subject := subjects[keys[canary.source, canary.source_id]]) in recorded
    ]
    assert len(judged) > 20
    assert [each for each in judged if each[1] != each[2]] == []


def test_one_person_has_different_references_under_the_two_agreements(night):
    with night.county.at() as workplace:
        keys = [workplace.keys.reference_key(agreement) for agreement in AGREEMENTS]
    both = night.told_of(JOBCENTRE) & night.told_of(HOUSING)
    assert both
    assert all(record_ref(keys[0], subject) != record_ref(keys[1], subject) for subject in both)
    named = [{row["record_ref"] for each in night.of(agreement) for row in each.rows} for agreement in AGREEMENTS]
    assert not named[0] & named[1]


def test_each_office_gets_its_own_people_and_no_other_office_sees_them(night):
    for disclosed in night.of(JOBCENTRE):
        assert {row["jcp_office"] for row in disclosed.rows} == {disclosed.kept.part}
        assert disclosed.opened.package.split("_")[2] == disclosed.kept.part


def test_receipts_of_the_desks_make_every_list_received_and_the_evidence_whole(night):
    county = night.county
    for disclosed in night.disclosed:
        county.desk(disclosed.kept.partner).accept(disclosed.opened)
    with county.at(MORNING) as workplace:
        answers = collect_receipts(workplace)
    assert [(answer.failure, answer.refused) for answer in answers] == [(None, 0), (None, 0)]
    assert set().union(*county.states().values()) == {ListState.RECEIVED}
    # What each partner's desk saw of our log came back signed, and is held against it.
    said = [receipt.checkpoint for answer in answers for receipt in answer.collected]
    assert said.count(Witnessing.KEPT) == len(county.rows(cosignatures)) >= len(answers)
    assert set(said) <= {Witnessing.KEPT, None}
    assert county.audit() == ()
    with county.at() as workplace:
        again = collect_receipts(workplace)
    assert [answer.collected for answer in again] == [[], []]


def test_L6_nothing_of_a_night_needs_a_key_that_the_partner_has(night):
    """Our side holds no secret of a desk: nothing in the state directory opens a package."""
    secrets_of_desks = [bytes(partner.key) for partner in night.county.partners.values()]
    for path in night.county.settings.state.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(secret in content for secret in secrets_of_desks)
    assert bootstrap.keyring_of(night.county.settings).package_fingerprint()
