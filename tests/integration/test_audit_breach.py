"""A breach: what a list, key, server or recipient ever carried, counted against what the desks really opened."""

import csv
import io
import json
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from gateway.documents.report import report_page, report_text
from gateway.errors import AccessDenied, EntryInvalid, QuestionInvalid, StoreError
from gateway.ledger.events import Event
from gateway.model.keys import KeyPurpose
from gateway.model.officers import Actor, Role
from gateway.services.breach.audit_breach import audit_breach
from gateway.services.breach.breach_report import breach_report
from gateway.services.breach.breach_scope import BreachQuestion
from gateway.store.lists import list_named
from gateway.store.purge import Term, purge_list
from gateway.store.tables import evidence, handovers, lists, persons
from tests.audited_county import an_audited_county
from tests.evidence_made import answer_list_of, hand_over
from tests.lists_made import Subject
from tests.rehearsed_county import DISTRICT, DWP, HOUSING, JOBCENTRE, MORNING

CASE = "IG-2026-0142"
LIST = f"LST-{HOUSING}-2026-11-16-all"
about = BreachQuestion.about


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    return an_audited_county(tmp_path_factory.mktemp("breach"))


@pytest.fixture
def workplace(county):
    with county.at(MORNING) as opened:
        yield opened


def ask(workplace, question, **more):
    return audit_breach(workplace, question, case_reference=CASE, **more)


def references(facts):
    return {file.reference for file in facts.files}


def test_everybody_on_a_recipients_lists_is_counted_once_with_what_was_told(workplace, county):
    facts = ask(workplace, about(partner=DWP))
    opened = [
        row
        for kept in county.lists(lists.c.partner == DWP)
        for row in county.rows(evidence, evidence.c.list_id == kept.list_id)
    ]
    assert facts.people.people == len({row.subject_ref for row in opened})
    assert facts.rows == len(opened) == sum(file.people for file in facts.files)
    assert (facts.people.adults, facts.people.children, facts.people.age_not_known) == (facts.people.people, 0, 0)
    assert {field.name for field in facts.fields} >= {"nino", "postcode", "lead_professional_name"}
    assert facts.agreements[0].words.title == "Jobcentre Plus: Supporting Families"


def test_what_was_coarsened_is_told_as_coarse_as_it_was(workplace):
    told = {field.name: field.meaning for field in ask(workplace, about(list_reference=LIST)).fields}
    assert told["date_of_birth"] == "date of birth (the year only)"
    assert told["postcode"] == "postcode of the current address (the sector only)"


def test_a_list_is_told_with_its_hashes_keys_tries_state_and_receipt(workplace, county):
    (file,) = ask(workplace, about(list_reference=LIST)).files
    (kept,) = county.lists(lists.c.reference == LIST)
    assert (file.sha256, file.package, file.size_bytes) == (kept.package_sha256, kept.remote_name, kept.package_bytes)
    assert (file.state, file.receipt, file.verified_by) == ("received", "validated", "read_back")
    assert len(file.tries) == 1
    for word in ("verified", "host key SHA256:", "cipher aes"):
        assert word in file.tries[0]


def test_a_recipients_key_gives_their_lists_by_the_certificate_and_by_the_key_in_it(workplace):
    certificate = workplace.partners[DISTRICT].fingerprint
    by_certificate = ask(workplace, about(key=certificate))
    assert references(by_certificate) == {LIST}
    (opener,) = by_certificate.who_could_open
    assert (opener.recipient, opener.certificate) == (DISTRICT, certificate)
    # Typed as it is read aloud: in groups, in small letters.
    spaced = " ".join(opener.key[n : n + 4] for n in range(0, 40, 4)).lower()
    assert references(ask(workplace, about(key=spaced))) == {LIST}


def test_our_signing_key_gives_every_list_and_says_that_it_opens_none(workplace):
    facts = ask(workplace, about(key=workplace.keys.package_fingerprint()))
    assert len(facts.files) == 6
    assert "opens none of them" in facts.found_by[0]


def test_a_server_is_found_by_its_name_and_by_the_key_that_it_showed(workplace, county):
    named = ask(workplace, about(host="127.0.0.1"))
    assert len(named.files) == 6
    shown = next(word for word in named.files[0].tries[0].split() if word.startswith("SHA256:")).rstrip(",")
    assert (
        references(ask(workplace, about(host=shown)))
        == references(ask(workplace, about(key=shown)))
        == references(named)
    )


def test_parts_of_a_question_must_all_hold(workplace):
    day = date(2026, 11, 16)
    assert references(ask(workplace, about(partner=DISTRICT, first=day, last=day))) == {LIST}
    assert len(ask(workplace, about(first=day, last=day)).files) == 6
    assert ask(workplace, about(first=date(2026, 12, 1))).files == ()
    assert ask(workplace, about(list_reference=LIST, key=fingerprint_of(workplace, KeyPurpose.INDEX))).files == ()


def fingerprint_of(workplace, purpose):
    return next(key.fingerprint for key in workplace.keys.facts() if key.purpose is purpose)


def test_a_key_that_opens_nothing_says_what_it_is_for(tmp_path):
    from gateway.services.keys.manage_keys import register_keys

    county = an_audited_county(tmp_path)
    with county.at() as workplace:
        register_keys(workplace)
        for purpose, words in ((KeyPurpose.INDEX, "registry"), (KeyPurpose.CHECKPOINTS, "checkpoints")):
            facts = ask(workplace, about(key=fingerprint_of(workplace, purpose)))
            assert (facts.files, facts.people.people) == ((), 0)
            assert words in facts.found_by[0]
        # Our log-in was registered after the night.
        facts = ask(workplace, about(key=fingerprint_of(workplace, KeyPurpose.SSH)))
        assert "logs us in" in facts.found_by[0]


@pytest.mark.parametrize(
    "question",
    [
        about(list_reference="LST-nothing"),
        about(partner="nobody"),
        about(host="sftp.nowhere.example"),
        about(key="F" * 40),
        about(key="SHA256:" + "a" * 43),
    ],
)
def test_what_there_never_was_is_refused_with_a_way_out(workplace, question):
    with pytest.raises(StoreError) as refused:
        ask(workplace, question)
    assert "gateway " in refused.value.advice()


def test_a_question_that_says_nothing_and_one_from_the_future_are_refused(workplace):
    with pytest.raises(QuestionInvalid):
        ask(workplace, about())
    with pytest.raises(QuestionInvalid):
        ask(workplace, about(partner=DWP), noticed_at=MORNING + timedelta(minutes=1))
    with pytest.raises(QuestionInvalid):
        about(key="F" * 40, host="SHA256:" + "a" * 43)


def test_the_clock_runs_72_hours_from_when_it_was_noticed(workplace):
    clock = ask(workplace, about(partner=DWP), noticed_at=MORNING - timedelta(hours=70)).clock
    assert (clock.ends_at, clock.is_over, clock.hours) == (MORNING + timedelta(hours=2), False, 2)
    clock = ask(workplace, about(partner=DWP), noticed_at=MORNING - timedelta(hours=75)).clock
    assert (clock.is_over, clock.hours) == (True, 3)
    assert ask(workplace, about(partner=DWP)).clock is None


def test_L8_the_question_is_an_entry_with_counts_and_names_nobody(tmp_path):
    county = an_audited_county(tmp_path)
    with county.at(MORNING) as workplace:
        ask(workplace, about(partner=DISTRICT, first=date(2026, 11, 16)), noticed_at=MORNING)
    (entry,) = county.entries(Event.BREACH_READ)
    assert entry == {
        "case": CASE,
        "lists": 1,
        "people": 7,
        "children": 0,
        "partner": DISTRICT,
        "from": "2026-11-16",
        "noticed_at": "2026-11-16T08:30:00Z",
    }
    assert county.audit() == ()


def test_a_case_reference_in_words_is_refused_and_nothing_is_told(workplace):
    with pytest.raises(EntryInvalid):
        audit_breach(workplace, about(partner=DWP), case_reference="the Smiths")


def test_children_are_counted_by_their_age_on_the_first_day_of_theirs(tmp_path):
    county = an_audited_county(tmp_path)
    (kept,) = county.lists(lists.c.reference == LIST)
    on_it = sorted(row.subject_ref for row in county.rows(evidence, evidence.c.list_id == kept.list_id))
    # Sixteen, the day before the eighteenth birthday, the birthday itself.
    for person, born_on in zip(on_it, (date(2010, 1, 1), date(2008, 11, 17), date(2008, 11, 16)), strict=False):
        change(county, update(persons).where(persons.c.subject_ref == person).values(date_of_birth=born_on))
    with county.at(datetime(2028, 1, 1, tzinfo=UTC)) as workplace:
        people = ask(workplace, about(list_reference=LIST)).people
    assert (people.people, people.children, people.adults) == (7, 2, 5)


def test_without_a_snapshot_the_kept_lines_tell_the_age_where_they_hold_it_and_else_nobody_knows(tmp_path):
    """The housing agreement keeps its lines, with the year of birth alone: that is no age."""
    county = an_audited_county(tmp_path)
    change(county, delete(persons))
    with county.at(MORNING) as workplace:
        people = ask(workplace, about(list_reference=LIST)).people
    assert (people.age_not_known, people.adults, people.children) == (7, 0, 0)
    assert people.protection_not_known == 7


def test_kept_lines_with_a_whole_date_of_birth_tell_the_age(tmp_path):
    from tests.rehearsed_county import SMALL_HOURS, found_county

    county = found_county(tmp_path / "county")
    county.change_agreement(HOUSING, "    transform: year\n", "")
    for name in county.partners:
        county.know_partner(name, 2222, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 43)
    county.load()
    county.approve(HOUSING)
    county.run(SMALL_HOURS)
    change(county, delete(persons))
    # Sealed and never sent: as good as sent for counting ages, so it is made to count.
    change(county, update(lists).values(state="sending"))
    with county.at(MORNING) as workplace:
        people = ask(workplace, about(partner=DISTRICT)).people
    assert people.people == people.adults > 0


def change(county, statement):
    """Change a row behind the gateway's back."""
    with county.at() as workplace, workplace.store.working_state() as connection:
        for trigger in (
            connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
        ):
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        connection.execute(statement)


def test_whoever_is_protected_today_is_counted(tmp_path):
    county = an_audited_county(tmp_path)
    (kept,) = county.lists(lists.c.reference == LIST)
    on_it = [row.subject_ref for row in county.rows(evidence, evidence.c.list_id == kept.list_id)]
    with county.at() as workplace, workplace.store.reading() as connection:
        known = select(persons.c.nino).where(persons.c.subject_ref.in_(on_it), persons.c.nino.is_not(None))
        nino = connection.execute(known.order_by(persons.c.nino)).scalars().first()
    assert county.hold(nino)
    with county.at() as workplace:
        assert ask(workplace, about(list_reference=LIST)).people.protected == 1


def test_a_list_that_was_never_sent_is_told_apart_and_counts_nobody(tmp_path):
    county = an_audited_county(tmp_path)
    change(county, update(lists).where(lists.c.reference == LIST).values(state="sealed"))
    with county.at() as workplace:
        facts = ask(workplace, about(partner=DISTRICT))
    assert (facts.files, facts.people.people, facts.rows) == ((), 0, 0)
    assert [file.reference for file in facts.not_sent] == [LIST]


def test_the_draft_says_every_figure_in_page_and_text_and_leaves_judgement_to_people(workplace):
    facts = ask(workplace, about(partner=DWP), noticed_at=MORNING - timedelta(hours=1))
    report = breach_report(facts, "made for tests")
    for shown in (report_page(report), report_text(report)):
        for word in ("71 hours left", "Article 33(3)(a)", "Article 33(3)(d)", facts.files[0].sha256, "To be written"):
            assert word in shown
        assert "Data Protection Officer, the county council" in shown


def test_L8_no_name_or_number_of_anybody_is_in_the_answer(workplace, county):
    from gateway.cli.showing import plain

    facts = ask(workplace, about(first=date(2026, 11, 1)))
    shown = json.dumps(plain(facts)) + report_text(breach_report(facts, "x"))
    for data in county.plaintexts().values():
        for row in csv.DictReader(io.StringIO(data.decode())):
            assert row["record_ref"] not in shown
            assert not row.get("nino") or row["nino"] not in shown
            assert f"{row['surname']}" not in shown.split()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.IG_OFFICER, Role.APPROVER}))
def test_a_breach_is_for_officers_and_approvers(workplace, role):
    stranger = replace(workplace, actor=Actor("somebody", "Somebody", frozenset({role})))
    with pytest.raises(AccessDenied):
        ask(stranger, about(partner=DWP))


def test_both_recipients_are_told_apart(workplace):
    facts = ask(workplace, about(first=date(2026, 11, 16)))
    assert {opener.recipient for opener in facts.who_could_open} == {DWP, DISTRICT}
    assert {each.agreement for each in facts.agreements} == {f"{name}, version 1" for name in (JOBCENTRE, HOUSING)}


def test_a_recipient_who_was_never_sent_a_list_has_none(workplace):
    stranger = replace(workplace.partners[DWP], name="another-recipient")
    known = replace(workplace, partners={**workplace.partners, "another-recipient": stranger})
    assert ask(known, about(partner="another-recipient")).files == ()


def test_lists_that_were_handed_over_another_way_are_told_apart(tmp_path):
    county = an_audited_county(tmp_path)
    with county.at(MORNING) as workplace:
        hand_over(workplace.store, workplace.actor, "HND-1", [str(uuid.UUID(int=1))])
        change(county, update(handovers).values(partner=DISTRICT, agreement_id=HOUSING))
        for question, expected in (
            (about(partner=DISTRICT), ["HND-1"]),
            (about(partner=DWP), []),
            (about(first=date(2026, 3, 1)), ["HND-1"]),
            (about(first=date(2026, 11, 1)), []),
            (about(list_reference=LIST), []),
        ):
            facts = ask(workplace, question)
            assert [each.reference for each in facts.handed_over] == expected
            assert ("Two people attested" in report_text(breach_report(facts, "x"))) is bool(expected)


def test_answers_to_work_coach_lists_are_found_and_their_people_counted(tmp_path):
    county = an_audited_county(tmp_path)
    with county.at(MORNING) as workplace:
        (kept,) = county.lists(lists.c.reference == LIST)
        told = [
            Subject(row.subject_ref, b"s" * 32) for row in county.rows(evidence, evidence.c.list_id == kept.list_id)
        ]
        said = {"partner": DWP, "agreement_id": kept.agreement_id, "statement_hash": kept.statement_hash}
        made = answer_list_of(workplace.store, workplace.actor, "RCN-ely-2026-11-17-1", told[:2], **said)
        day = workplace.clock.today()
        for question, expected in (
            (about(list_reference=made.reference), 1),
            (about(partner=DWP), 1),
            (about(first=day, last=day), 1),
            (about(first=day + timedelta(days=1)), 0),
            (about(partner=DISTRICT), 0),
            (about(list_reference=LIST), 0),
            (about(host="127.0.0.1"), 0),
        ):
            facts = ask(workplace, question)
            assert [each.reference for each in facts.answered] == [made.reference] * expected, question
            assert ("worksheet as a file" in report_text(breach_report(facts, "x"))) is bool(expected)
        alone = ask(workplace, about(list_reference=made.reference))
        assert (alone.files, alone.people.people, alone.rows) == ((), 2, 2)
        assert {field.name for field in alone.fields} >= {"lead_professional_name", "surname"}
        assert alone.agreements


def test_whoever_stood_on_a_list_whose_evidence_was_purged_is_said_not_to_be_counted(county, tmp_path):
    mine = county.copied_to(tmp_path / "county")
    with mine.at(MORNING) as workplace:
        with workplace.store.writing(workplace.actor) as work:
            kept = list_named(work.connection, LIST)
            purge_list(work, kept, Term(date(2026, 11, 16), date(2033, 11, 16), "IG-2033-1"))
        facts = ask(workplace, about(list_reference=LIST))
        draft = report_text(breach_report(facts, "made"))
    assert facts.people.people == 0
    assert facts.rows == facts.rows_purged == kept.people > 0
    assert "whose evidence was purged: people not counted above" in draft
    assert {field.name for field in facts.fields} >= {"surname"}
