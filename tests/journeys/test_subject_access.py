"""An officer answers people who ask what was told about them: nothing tells whoever was left out from whoever left.

Two nights. Four families have two adults each on one office's list of the first. Before the second a flag says of one of
them that a refuge is involved, the second leaves the programme, the third is held by an officer, and the fourth stays.
"""

import csv
import html
import io
import json
import re
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.ledger.events import Event
from gateway.model.flags import FlagKind
from gateway.services.audit.audit_person import Question, audit_person
from gateway.services.audit.explain_decision import Recorded, RestsOn, explain_decision
from gateway.services.audit.replay_decision import Replayer
from gateway.services.audit.subject_exports import Format
from gateway.services.audit.withheld_nights import Source
from gateway.services.subjects.hold_subjects import HoldReason, place_hold
from gateway.store.history import lists_made
from gateway.store.snapshots import drop_expired
from gateway.store.tables import (
    evidence,
    families,
    involvements,
    lists,
    memberships,
    person_records,
    persons,
)
from tests.exports_made import CASE, exported
from tests.extracts_edited import edit, flag, take_again_on
from tests.rehearsed_county import HOUSING, JOBCENTRE, NIGHT, RehearsedCounty, with_server

EHM = "liquidlogic_ehm"
SECOND_NIGHT = date(2026, 11, 17)
SECOND_EVENING = datetime(2026, 11, 16, 22, 30, tzinfo=UTC)
SECOND_SMALL_HOURS = datetime(2026, 11, 17, 2, 5, tzinfo=UTC)
ASKED = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
WHY = {"reason": "subject-access", "case_reference": CASE}
_SAID_TWICE = re.compile(rb"(\{[^{}]*\})(,\s*\1)+")
_DAY = re.compile(rb"\d{4}-\d{2}-\d{2}|\d{1,2} [JFMASOND][a-z]+ \d{4}")


@dataclass(frozen=True)
class Pair:
    """A family of two adults on the list, by the source's own ids."""

    family: str
    one: str
    other: str


@dataclass
class Asked:
    """The county after both nights, and whom officers are asked about."""

    county: RehearsedCounty
    folder: Path
    flagged: Pair
    left: Pair
    held: Pair
    stays: Pair
    numbers: count = field(default_factory=count)

    def export(self, source_id: str, **asked: bool) -> dict[Format, bytes]:
        folder = self.folder / str(next(self.numbers))
        folder.mkdir()
        return exported(self.county, Question(EHM, source_id), folder, **asked)

    def ask(self, source_id: str, **asked: bool):
        with self.county.at() as workplace:
            return audit_person(workplace, Question(EHM, source_id), **WHY, **asked)

    def explain(self, source_id: str, agreement: str, day: date):
        with self.county.at() as workplace:
            return explain_decision(workplace, Question(EHM, source_id), agreement, day, **WHY)


@pytest.fixture(scope="module")
def asked(loaded_county, tmp_path_factory):
    folder = tmp_path_factory.mktemp("asked")
    county = loaded_county.copied_to(folder / "county")
    with ExitStack() as open_until_the_end:
        with_server(county, open_until_the_end).approve()
        county.run()
        county.deliver()
        flagged, left, held, stays = families_of_one_list(county)
        take_again_on(county, date(2026, 11, 16))
        flag(county, FLAG_KIND=FlagKind.MARAC_OR_REFUGE.value, SOURCE=EHM, SOURCE_ID=flagged.one)
        edit(county, EHM, "families", lambda lines: [closed(line, left.family) for line in lines])
        county.load(SECOND_EVENING)
        for source_id in (held.one, held.other):
            with county.at() as workplace:
                place_hold(workplace, (EHM, source_id), reason=HoldReason.OBJECTION, case_reference=CASE)
        county.run(SECOND_SMALL_HOURS)
        county.deliver()
        county.clock.instant = ASKED
        yield Asked(county, folder, flagged, left, held, stays)


def closed(line: dict[str, str], family: str) -> dict[str, str]:
    return line | {"PROGRAMME_END_DTTM": "16/11/2026"} if line["FAMILY_ID"] == family else line


def families_of_one_list(county: RehearsedCounty) -> list[Pair]:
    """Four families of whom two adults each are on one office's list of the first night."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in on_lists(county, JOBCENTRE):
        found.setdefault((row.part, row.family), []).append(row.person)
    pairs = [(part, Pair(family, *people)) for (part, family), people in found.items() if len(people) == 2]
    office = max({part for part, _ in pairs}, key=[part for part, _ in pairs].count)
    return [pair for part, pair in pairs if part == office][:4]


def on_lists(county: RehearsedCounty, agreement: str):
    """Everybody on a list of the agreement with each family of theirs, by the source's own ids."""
    query = (
        select(
            lists.c.part,
            families.c.source_id.label("family"),
            person_records.c.source_id.label("person"),
            persons.c.person_key,
        )
        .select_from(lists)
        .join(evidence, evidence.c.list_id == lists.c.list_id)
        .join(persons, persons.c.subject_ref == evidence.c.subject_ref)
        .join(memberships, memberships.c.person_key == persons.c.person_key)
        .join(families, families.c.family_key == memberships.c.family_key)
        .join(person_records, person_records.c.person_key == persons.c.person_key)
        .where(lists.c.agreement_id == agreement, families.c.source == EHM, person_records.c.source == EHM)
        .order_by(lists.c.part, families.c.source_id, person_records.c.source_id)
    )
    with county.at() as workplace, workplace.store.reading() as connection:
        return connection.execute(query).all()


def without_days(report: bytes) -> bytes:
    """The report with every day taken out, and what is then said twice in a row said once."""
    lines = [_DAY.sub(b"DAY", line) for line in report.splitlines()]
    once = b"\n".join(line for n, line in enumerate(lines) if n == 0 or line != lines[n - 1])
    return _SAID_TWICE.sub(rb"\1", once)


# --- law L11: what a person is given -------------------------------------------------------------------------------


def test_the_families_went_their_ways(asked):
    told = {
        name: [[each.window for each in asked.ask(who).disclosures if each.agreement_id == JOBCENTRE] for who in people]
        for name, people in {
            "flagged": (asked.flagged.one, asked.flagged.other),
            "left": (asked.left.one, asked.left.other),
            "held": (asked.held.one, asked.held.other),
            "stays": (asked.stays.one, asked.stays.other),
        }.items()
    }
    once, twice = ["2026-11-16"], ["2026-11-16", "2026-11-17"]
    assert told == {"flagged": [once, once], "left": [once, once], "held": [once, once], "stays": [twice, twice]}


@pytest.mark.parametrize("form", Format)
def test_L11_both_adults_of_a_flagged_family_and_of_one_that_left_are_given_the_same_bytes(asked, form):
    people = (asked.flagged.one, asked.flagged.other, asked.left.one, asked.left.other)
    assert len({asked.export(who)[form] for who in people}) == 1


@pytest.mark.parametrize("form", Format)
def test_L11_whoever_is_held_is_given_what_whoever_left_is_given(asked, form):
    assert len({asked.export(who)[form] for who in (asked.held.one, asked.held.other, asked.left.one)}) == 1


@pytest.mark.parametrize("form", Format)
def test_L11_reports_of_flagged_and_unflagged_families_differ_in_nothing_but_days(asked, form):
    flagged, stays = asked.export(asked.flagged.one)[form], asked.export(asked.stays.one)[form]
    assert flagged != stays
    assert without_days(flagged) == without_days(stays)


@pytest.mark.parametrize("form", Format)
def test_L11_whoever_was_never_told_of_is_given_what_somebody_unknown_is_given(asked, form):
    protected = asked.county.facts.canary("flag_restricted_record").source_id
    never, unknown = asked.export(protected)[form], asked.export("9999999")[form]
    assert never == unknown
    assert b"no sharing of information about you" in never


def test_L11_the_entries_of_such_a_question_say_the_same(asked):
    protected = asked.county.facts.canary("flag_restricted_record").source_id
    for source_id in (protected, "9999999"):
        asked.export(source_id)
    never, unknown = asked.county.entries(Event.EXPORT_ASKED)[-2:]
    assert never.pop("export") != unknown.pop("export")
    assert (never.pop("kind"), unknown.pop("kind")) == (EHM, "other")
    assert never == unknown
    assert "subject" not in never


# --- what a report holds -------------------------------------------------------------------------------------------


def test_a_report_says_who_what_when_why_and_under_which_law(asked):
    page = asked.export(asked.stays.one)[Format.HTML].decode()
    for said in (
        f"{asked.county.settings.gateway.controller} (the controller)",
        CASE,
        "Shared with Department for Work and Pensions (Jobcentre Plus)",
        "Digital Economy Act 2017 section 35",
        "Article 6(1)(e)",
        "family has one plan",
        "your National Insurance number",
        "16 November 2026",
        "17 November 2026",
        "Our records of sharing begin on",
        "15 November 2026",
        "Information Commissioner",
        f"Data Protection Officer of {asked.county.settings.gateway.controller}",
    ):
        assert said in page, said


def test_nobody_but_the_person_is_in_a_report_even_with_what_was_said(asked):
    """Of everybody who stands on the list that keeps values; of lead professionals too, unless an officer names them."""
    told = on_lists(asked.county, HOUSING)
    people = {row.person_key: row for row in asked.county.rows(persons, persons.c.snapshot_id == 1)}
    leads = {name for row in asked.county.rows(involvements) for name in (row.name, row.email, row.phone) if name}
    assert len(told) > 5
    for row in told[:3]:
        written = asked.export(row.person, values=True)
        own = people[row.person_key]
        for report in (content.decode("utf-8-sig") for content in written.values()):
            assert own.surname in report or own.surname in html.unescape(report)
            assert own.forename in report or own.forename in html.unescape(report)
            others = {each.nino for each in people.values() if each.nino} - {own.nino}
            assert not [number for number in others if number in report]
            assert not [name for name in leads if name in report]
            assert "your family&#x27;s lead professional" in report or "your family's lead professional" in report
        in_family = {each.forename for each in family_of(asked.county, row.family) if each.person_key != row.person_key}
        values = said_in(written).values()
        assert not (in_family - {own.forename, own.surname}) & set(values)


def test_an_officer_can_have_the_lead_professional_named(asked):
    told = on_lists(asked.county, HOUSING)
    said = [said_in(asked.export(row.person, values=True, lead_named=True)) for row in told[:3]]
    leads = {row.name for row in asked.county.rows(involvements)}
    assert all(each["the name of your family's lead professional"] in leads for each in said)


def said_in(written: dict[Format, bytes]) -> dict[str, str]:
    """What the one list said whose agreement keeps values."""
    sharings = json.loads(written[Format.JSON])["sharings"]
    (said,) = (said for sharing in sharings for said in sharing["said"])
    return said["values"]


def family_of(county: RehearsedCounty, family: str):
    keys = [row.family_key for row in county.rows(families, families.c.source_id == family)]
    members = {row.person_key for row in county.rows(memberships, memberships.c.family_key.in_(keys))}
    return county.rows(persons, persons.c.person_key.in_(members), persons.c.snapshot_id == 1)


def test_what_was_said_comes_with_the_lists_that_said_it_and_where_it_is_not_kept_that_is_said(asked):
    housed = {row.person for row in on_lists(asked.county, HOUSING)}
    both = next(row.person for row in on_lists(asked.county, JOBCENTRE) if row.person in housed)
    rows = list(csv.DictReader(io.StringIO(asked.export(both, values=True)[Format.CSV].decode("utf-8-sig"))))
    shared = {row["list"]: row for row in rows if row["kind"] == "shared"}
    (kept,) = (row for reference, row in shared.items() if HOUSING in reference)
    assert "your year of birth" not in kept["what_a_list_says"]
    assert "your date of birth (the year only)" in kept["what_a_list_says"]
    assert re.search(r"your date of birth: \d{4};", kept["what_this_list_said"])
    assert all(not row["what_this_list_said"] for reference, row in shared.items() if JOBCENTRE in reference)
    assert "and not their words" in asked.export(both, values=True)[Format.HTML].decode()


# --- what an officer alone is answered -----------------------------------------------------------------------------


def test_an_officer_sees_when_and_why_a_person_was_left_out(asked):
    for who, protections in (
        (asked.flagged.one, ("marac_or_refuge",)),
        (asked.flagged.other, ("marac_or_refuge",)),
        (asked.held.one, ("hold",)),
    ):
        withheld = [each for each in asked.ask(who, withheld=True).withheld if each.agreement_id == JOBCENTRE]
        assert {(each.window, each.reason, each.source) for each in withheld} == {
            ("2026-11-17", "protected", Source.RECORDED),
            ("2026-11-17", "protected", Source.REPLAYED),
        }
        assert {each.protections for each in withheld if each.source is Source.REPLAYED} == {protections}


def test_an_ordinary_leaver_was_left_out_for_leaving(asked):
    withheld = [each for each in asked.ask(asked.left.one, withheld=True).withheld if each.agreement_id == JOBCENTRE]
    assert [(each.window, each.reason, each.source) for each in withheld] == [
        ("2026-11-17", "not_in_cohort", Source.REPLAYED)
    ]


def test_a_look_at_reasons_is_kept_with_whom_it_was_about(asked):
    protected = asked.county.facts.canary("flag_restricted_record").source_id
    asked.ask(protected)
    asked.ask(protected, withheld=True)
    plain, withheld = asked.county.entries(Event.PERSON_READ)[-2:]
    assert "subject" not in plain
    assert withheld["subject"]
    assert withheld["withheld"] is True


@pytest.mark.parametrize(
    ("who", "day", "recorded", "included", "reason"),
    [
        ("stays", SECOND_NIGHT, Recorded.TOLD, True, None),
        ("flagged", NIGHT, Recorded.TOLD, True, None),
        ("flagged", SECOND_NIGHT, Recorded.LEFT_OUT, False, "protected"),
        ("held", NIGHT, Recorded.TOLD, True, None),
        ("held", SECOND_NIGHT, Recorded.LEFT_OUT, False, "protected"),
        ("left", SECOND_NIGHT, Recorded.NOTHING, False, "not_in_cohort"),
    ],
)
def test_a_decision_is_explained_by_what_was_recorded_and_by_its_snapshot(asked, who, day, recorded, included, reason):
    (found,) = asked.explain(getattr(asked, who).other, JOBCENTRE, day).people
    assert (found.recorded, found.rests_on, found.agrees) == (recorded, RestsOn.SNAPSHOT, True)
    assert (found.replay.included, found.replay.reason) == (included, reason)
    decided = [line.words for line in found.replay.criteria if line.decided]
    assert bool(decided) is not included


def test_every_replay_of_both_nights_comes_to_what_was_recorded(asked):
    """Of everybody, on every list: the reference interpreter over what is kept says what the run's statement did."""
    people = {(row.snapshot_id, row.subject_ref) for row in asked.county.rows(persons)}
    with asked.county.at() as workplace, workplace.store.reading() as connection:
        replayer = Replayer(workplace, connection)
        told = {(row.list_id, row.subject_ref) for row in connection.execute(select(evidence))}
        replayed = [
            ((made.list_id, subject_ref) in told, replay.included)
            for made in lists_made(connection)
            for snapshot_id, subject_ref in sorted(people)
            if snapshot_id == made.snapshot_id and (replay := replayer.replay(made, subject_ref)) is not None
        ]
    assert len(replayed) > len(people)
    assert all(recorded == included for recorded, included in replayed)
    assert {recorded for recorded, _ in replayed} == {True, False}


def test_without_its_snapshot_a_decision_is_explained_by_what_was_recorded_alone(asked, tmp_path):
    county = asked.county.copied_to(tmp_path / "later")
    with county.at() as workplace, workplace.store.writing(workplace.actor) as work:
        assert len(drop_expired(work, date(2026, 12, 31))) == 1
    later = Asked(county, tmp_path, asked.flagged, asked.left, asked.held, asked.stays)
    (found,) = later.explain(asked.flagged.one, JOBCENTRE, NIGHT).people
    assert (found.recorded, found.rests_on, found.replay) == (Recorded.TOLD, RestsOn.RECORDS_ALONE, None)
    assert later.ask(asked.stays.one).disclosures == asked.ask(asked.stays.one).disclosures


def test_the_evidence_is_whole_after_all_that(asked):
    assert asked.county.audit() == ()
