"""Law L11 at a work-coach list: what a Jobcentre is answered says nothing of anybody who was not disclosed to it.

- Somebody who is suppressed and was never disclosed is answered, byte for byte, as somebody whom the county does not
  know.
- Somebody who was disclosed before they were suppressed is answered, byte for byte, as an ordinary leaver whose last
  list was the same.
"""

import csv
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from gateway.ledger.events import Event
from gateway.ledger.evidence import references_under
from gateway.model.reconciliation import RowClass
from gateway.sandbox.invented_layouts import EHM
from gateway.services.reconciliation.answer_list import Question, answer_list
from gateway.services.reconciliation.linking import linker
from gateway.services.reconciliation.queue import waiting_rows
from gateway.services.reconciliation.reconcile_list import marks_of
from gateway.services.reconciliation.report import summaries, worklist
from gateway.services.reconciliation.search_cohort import search_waiting
from gateway.services.reconciliation.today import answering
from gateway.sources.work_coach_list.propose import confirmed, propose
from gateway.sources.work_coach_list.read import read_list
from gateway.store.disclosed import VIEWS
from gateway.store.tables import memberships, metadata, person_records, persons, subject_identifiers, subjects
from tests.clock_turned import run_at
from tests.extracts_edited import flag
from tests.loaded_county import Drawn
from tests.rehearsed_county import JOBCENTRE, MORNING
from tests.unmistakable_people import file_of as extract
from tests.work_coach_lists import (
    OFFICE,
    SECOND_MORNING,
    STRANGER,
    TFEA,
    answered,
    claimant_of,
    confirm,
    disclosed_in,
    file_of,
    night,
    second_night,
    statements_of,
)

AN_HOUR_LATER = MORNING + timedelta(hours=1)


def everything_told(county, data, at):
    """All that a TFEA can get out of a list: the worksheet's files, every count, the queue, the reports."""
    made = answered(county, data, at=at)
    with county.at() as workplace:
        search_waiting(workplace)
    with county.at(actor=TFEA) as workplace:
        queue, reports = waiting_rows(workplace), summaries(workplace)
        mend = worklist(workplace, made.reference)
    return replace(made, worksheet=None), made.worksheet, queue, reports, mend


def command_line(county, file, at):
    """The JSON document of the command line, and every byte of the files that it wrote."""
    out = county.folder / "answers"
    words = ["reconcile", "run", str(file), "--office", OFFICE, "--out", str(out), "--json"]
    ran = run_at(at, county.settings_file, *words)
    assert ran.code == 0, ran.said
    said = ran.out.replace(str(out), "OUT")
    return said, {path.name: path.read_bytes() for path in out.iterdir()}


@pytest.fixture(scope="module")
def never_disclosed(founded_county, tmp_path_factory):
    """Two counties alike but for one person: protected in the one since before the first list, not there in the other."""
    person = founded_county.facts.canary("ordinary_partner").source_id
    protected = founded_county.copied_to(tmp_path_factory.mktemp("protected") / "county")
    flag(protected, **flagged(protected, person))
    protected.load(draw=Drawn())
    known = the_person(protected, person)
    unknown = protected.copied_to(tmp_path_factory.mktemp("unknown") / "county")
    take_out(unknown, known)
    for county in (protected, unknown):
        night(county)
    return protected, unknown, claimant_of(known)


def flagged(county, person):
    with (max((county.folder / "extracts" / "suppression").glob("*.csv"))).open(encoding="utf-8-sig") as file:
        headings = csv.DictReader(file).fieldnames
    said = ["objection_upheld", EHM, person, "", "", "", "", "01/01/2026", ""]
    return dict(zip(headings, said, strict=True))


def the_person(county, source_id):
    with county.at() as workplace, workplace.store.reading() as connection:
        same = persons.c.person_key == person_records.c.person_key
        query = select(persons).join(person_records, same).where(person_records.c.source_id == source_id)
        return connection.execute(query.where(person_records.c.source == EHM)).one()


def take_out(county, known):
    """Take a person out of the database, so that the county does not know them and everybody else is as they were."""
    with county.at() as workplace, workplace.store.writing(workplace.actor) as work:
        work.enter(Event.SERVICE_STOPPED)
        for table in (memberships, person_records, persons):
            work.connection.execute(delete(table).where(table.c.person_key == known.person_key))
        for table in (subject_identifiers, subjects):
            work.connection.execute(delete(table).where(table.c.subject_ref == known.subject_ref))


def test_L11_who_was_never_disclosed_is_answered_as_unknown(never_disclosed):
    protected, unknown, claimant = never_disclosed
    others = [claimant_of(person) for person in disclosed_in(protected)]
    data = file_of([*others[:6], claimant, STRANGER])
    told = []
    for county in (protected, unknown):
        confirm(county, data)
        told.append(everything_told(county, data, MORNING))
    assert told[0] == told[1]
    made, worksheet, _, _, _ = told[0]
    assert made.counts.of(RowClass.NOT_ON_LIST) == 2
    assert claimant.surname.encode() in worksheet.csv


def test_L11_the_command_line_says_the_same_of_both(never_disclosed, tmp_path):
    protected, unknown, claimant = never_disclosed
    file = tmp_path / "list.csv"
    file.write_bytes(file_of([claimant, *[claimant_of(person) for person in disclosed_in(protected)[3:9]]]))
    for county in (protected, unknown):
        confirm(county, file.read_bytes())
    assert command_line(protected, file, MORNING) == command_line(unknown, file, MORNING)


def test_L11_the_data_team_sees_whom_the_jobcentre_does_not(never_disclosed):
    """The row that is "not on our list" for the Jobcentre waits for the data team, and only where somebody is known."""
    protected, unknown, claimant = never_disclosed
    data = file_of([claimant])
    found = []
    for county in (protected, unknown):
        confirm(county, data, AN_HOUR_LATER)
        made = answered(county, data, at=AN_HOUR_LATER)
        with county.at() as workplace:
            search_waiting(workplace)
            found.append([each for each in waiting_rows(workplace) if each.reference == made.reference])
    assert [len(each) for each in found] == [1, 0]


@pytest.fixture(scope="module")
def told_once(told_county):
    """A county after its first night, and one person whom it told of."""
    county = told_county
    listed = disclosed_in(county)
    families = families_on_the_list(county, listed)
    alone = (each for each in listed if families.count(family_of(county, each)) == 1)
    return county, next(each for each in alone if each.nino and source_id_of(county, each) is not None)


def families_on_the_list(county, listed):
    """With one of them gone, others of a family may leave the list too; then two lists would differ by more."""
    keys = [each.person_key for each in listed]
    with county.at() as workplace, workplace.store.reading() as connection:
        theirs = select(memberships.c.family_key).where(memberships.c.person_key.in_(keys))
        return list(connection.execute(theirs).scalars())


def family_of(county, person):
    return next(iter(families_on_the_list(county, [person])))


def source_id_of(county, person):
    with county.at() as workplace, workplace.store.reading() as connection:
        mine = person_records.c.person_key == person.person_key, person_records.c.source == EHM
        rows = connection.execute(select(person_records.c.source_id).where(*mine)).scalars().all()
        everywhere = select(person_records).where(person_records.c.person_key == person.person_key)
        return rows[0] if len(connection.execute(everywhere).all()) == 1 else None


def left_the_family(county, source_id):
    """The spell in the family is ended; whatever else the record says stays."""
    path = extract(county.facts_here, EHM, "memberships")
    ended, number = re.subn(
        rf"(?m)^([0-9]+,{source_id},[^,\r\n]*),(?=\r?$)".encode(), rb"\1,2026-11-16 00:00:00", path.read_bytes()
    )
    assert number == 1
    path.write_bytes(ended)


def gone_from_the_source(county, source_id):
    for feed in ("persons", "memberships", "identifiers", "addresses", "involvements", "episodes"):
        path = extract(county.facts_here, EHM, feed)
        lines = path.read_bytes().split(b"\r\n")
        kept = [line for line in lines if source_id not in next(csv.reader([line.decode()]), [])]
        path.write_bytes(b"\r\n".join(kept))


def suppressed(county, source_id):
    flag(county, **flagged(county, source_id))


@pytest.mark.parametrize(
    ("leaving", "sent"),
    [(left_the_family, True), (gone_from_the_source, False)],
    ids=["left the family, after the next list", "gone from the source, before the next list"],
)
def test_L11_who_was_disclosed_before_is_answered_as_a_leaver(told_once, tmp_path, leaving, sent):
    county, person = told_once
    source_id = source_id_of(county, person)
    others = [claimant_of(each) for each in disclosed_in(county) if each.subject_ref != person.subject_ref]
    data = file_of([claimant_of(person), *others[:5], STRANGER])
    told = []
    for number, change in enumerate((suppressed, leaving)):
        changed = county.copied_to(tmp_path / str(number) / "county")
        change(changed, source_id)
        second_night(changed, draw=Drawn(2), sent=sent)
        confirm(changed, data, SECOND_MORNING)
        told.append(everything_told(changed, data, SECOND_MORNING))
    assert told[0] == told[1]
    made = told[0][0]
    assert made.counts.of(RowClass.LEFT) == 1
    assert_says_nothing_but_when(told[0][1].csv, person)


def assert_says_nothing_but_when(content, person):
    rows = csv.DictReader(content.decode("utf-8-sig").splitlines())
    row = next(row for row in rows if row["Surname"] == person.surname and row["Forename"] == person.forename)
    assert (row["Answer"], row["Last list"]) == ("Left since an earlier list", "2026-11-16")
    assert [row[name] for name in ("Lead professional", "Contact", "Team", "To note", "What differs")] == [""] * 5


def test_L11_a_hold_from_this_morning_counts_at_once(told_once, tmp_path):
    county, person = told_once
    held = county.copied_to(tmp_path / "county")
    data = file_of([claimant_of(person)])
    confirm(held, data)
    held.hold(person.nino)
    assert answered(held, data).counts.of(RowClass.LEFT) == 1


def test_L11_the_answer_reads_nothing_but_the_views(told_once, tmp_path):
    """Not by the code as it is written alone: no statement on the way to an answer names anything else."""
    county, person = told_once
    data = file_of([claimant_of(person), STRANGER])
    with county.at(MORNING) as workplace:
        the_list = read_list(data, confirmed(propose(data), OFFICE, {}), as_at=workplace.clock.today())
        reference = references_under(workplace.keys.reference_key(JOBCENTRE))
        with answering(workplace, JOBCENTRE, OFFICE) as ready:
            agreement, marks = ready.standing.agreement, marks_of(workplace, JOBCENTRE)
            question = Question(agreement, ready.part, the_list, marks, reference, linker(workplace), ready.today)
            with statements_of(workplace.store) as said:
                answer = answer_list(ready.connection, question)
    assert answer.counts.found == 1
    assert len(said) >= 2
    named = {word for statement in said for word in re.findall(r"[a-z_]+", statement.lower())}
    assert named & VIEWS == VIEWS
    assert not named & set(metadata.tables)
