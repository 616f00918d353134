"""Complaints: recorded as a case and codes, linked to what was disclosed, timed, counted, and forgotten with the person."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from gateway.errors import (
    AccessDenied,
    ComplaintRefused,
    DisclosureRefused,
    MoveNotAllowed,
    SubjectUnknown,
)
from gateway.ledger.events import Event
from gateway.model.complaint import ComplaintAbout, ComplaintOutcome, ComplaintState, ComplaintTerms
from gateway.model.export import HarmCheck
from gateway.model.officers import Actor, Role
from gateway.services.assurance.assurance_figures import assurance_figures, month_named
from gateway.services.assurance.assurance_report import assurance_report
from gateway.services.assurance.audit_pack import archive_of, make_pack
from gateway.services.audit.audit_lookups import looks_in
from gateway.services.audit.audit_person import Question, ReadReason, audit_person
from gateway.services.audit.export_content import report_of
from gateway.services.audit.subject_exports import ask_export, release_export
from gateway.services.complaints.handle_complaints import (
    LONGEST_NOTE,
    acknowledge_complaint,
    close_complaint,
    record_complaint,
    remove_old_notes,
)
from gateway.services.complaints.read_complaints import complaints_due, list_complaints, show_complaint
from gateway.services.night.night_steps import tell
from gateway.services.night.run_status import run_status
from gateway.services.planning.plan_night import plan_night
from gateway.services.registers.register_uses import Period
from gateway.services.registers.transparency import transparency_figures
from gateway.store.tables import complaint_notes, complaints, lists, person_records, persons, subjects
from tests.audited_county import an_audited_county
from tests.forgetting import EHM, bytes_kept, forgotten, leave_the_source, traces
from tests.rehearsed_county import MORNING, SECOND_PERSON

CASE = "IG-2026-0142"
CAME = date(2026, 11, 16)
WORDS = "Zqrang and said zqwords of her own."
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """A county for tests that change nothing."""
    return an_audited_county(tmp_path_factory.mktemp("untouched"))


@pytest.fixture
def county(tmp_path):
    return an_audited_county(tmp_path)


@pytest.fixture
def told(county):
    """The source's own id of somebody who was disclosed."""
    return county.facts.canary("ordinary").source_id


def record(county, at=MORNING, **changes):
    usual = {"case_reference": CASE, "received_on": CAME, "about": ComplaintAbout.SHARING}
    with county.at(at) as workplace:
        return record_complaint(workplace, **(usual | changes))


def days_later(days: int) -> datetime:
    return MORNING + timedelta(days=days)


# --- what is kept ----------------------------------------------------------------------------------------------------


def test_L8_a_complaint_is_an_entry_with_a_case_codes_and_a_reference_alone(county, told):
    named = county.lists(lists.c.state == "received")[0].reference
    made = record(county, clue=(EHM, told), list_reference=named, note=WORDS)
    (entry,) = county.entries(Event.COMPLAINT_RECORDED)
    assert entry == {
        "complaint": "CMP-2026-11-16-1",
        "case": CASE,
        "about": "sharing",
        "received_on": "2026-11-16",
        "recorded_by": made.recorded_by,
        "recorded_at": "2026-11-16T08:30:00Z",
        "subject": made.subject_ref,
        "list": named,
    }
    (noted,) = county.entries(Event.COMPLAINT_NOTED)
    assert set(noted) == {"complaint", "number", "commitment"}
    assert county.audit() == ()


def test_a_complaint_may_be_about_nobody_whom_the_registry_knows(county):
    made = record(county)
    assert (made.subject_ref, made.list_reference) == (None, None)
    assert record(county).reference == "CMP-2026-11-16-2"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"case_reference": "about the Smiths"}, DisclosureRefused),
        ({"received_on": CAME + timedelta(days=1)}, ComplaintRefused),
        ({"clue": ("nino", "QQ999999")}, SubjectUnknown),
        ({"list_reference": "LST-nothing"}, ComplaintRefused),
        ({"note": "her number is QQ 12 34 56 C"}, ComplaintRefused),
        ({"note": "her number is qq123456c."}, ComplaintRefused),
        ({"note": "z" * (LONGEST_NOTE + 1)}, ComplaintRefused),
    ],
)
def test_what_may_not_be_kept_is_refused_with_a_way_out_and_nothing_is_entered(untouched, changes, refusal):
    with pytest.raises(refusal) as refused:
        record(untouched, **changes)
    assert refused.value.advice()
    assert not any(str(value) in str(refused.value) for name, value in changes.items() if name != "received_on")
    assert untouched.rows(complaints) == []
    assert untouched.entries(Event.COMPLAINT_RECORDED) == []


def test_L10_each_step_is_an_entry_and_steps_go_one_way(county):
    reference = record(county).reference
    with county.at(days_later(3)) as workplace:
        acknowledge_complaint(workplace, reference, acknowledged_on=CAME + timedelta(days=2))
        with pytest.raises(MoveNotAllowed):
            acknowledge_complaint(workplace, reference)
        with pytest.raises(ComplaintRefused):
            close_complaint(workplace, reference, ComplaintOutcome.UPHELD, closed_on=CAME + timedelta(days=1))
        with pytest.raises(ComplaintRefused):
            close_complaint(workplace, reference, ComplaintOutcome.UPHELD, closed_on=CAME + timedelta(days=4))
        close_complaint(workplace, reference, ComplaintOutcome.PARTLY_UPHELD)
        with pytest.raises(MoveNotAllowed) as refused:
            close_complaint(workplace, reference, ComplaintOutcome.UPHELD)
        assert "gateway complaints list" in refused.value.advice()
        with pytest.raises(ComplaintRefused):
            close_complaint(workplace, "CMP-nothing", ComplaintOutcome.UPHELD)
        (known,) = list_complaints(workplace)
        assert list_complaints(workplace, open_only=True) == []
    assert (known.state, known.acknowledged_on, known.closed_on, known.late, known.next) == (
        ComplaintState.CLOSED,
        CAME + timedelta(days=2),
        CAME + timedelta(days=3),
        False,
        None,
    )
    (entry,) = county.entries(Event.COMPLAINT_CLOSED)
    assert (entry["acknowledged_on"], entry["closed_on"], entry["outcome"]) == (
        "2026-11-18",
        "2026-11-19",
        "partly-upheld",
    )
    assert county.audit() == ()


def test_an_acknowledgement_before_it_came_is_refused(untouched, county):
    reference = record(county).reference
    with county.at(days_later(1)) as workplace, pytest.raises(ComplaintRefused):
        acknowledge_complaint(workplace, reference, acknowledged_on=CAME - timedelta(days=1))


def test_the_day_is_londons(county):
    """At half past midnight in London in summer it is the day before in UTC."""
    late = datetime(2027, 6, 14, 23, 30, tzinfo=UTC)
    made = record(county, late, received_on=date(2027, 6, 15))
    assert made.reference == "CMP-2027-06-15-1"
    with county.at(late) as workplace:
        (due,) = complaints_due(workplace)
    assert (due.days_open, due.acknowledge_by) == (0, date(2027, 7, 15))


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_one_is_shown_with_its_notes_and_what_was_disclosed_and_the_look_is_entered(county, told):
    named = county.lists(lists.c.state == "received")[0].reference
    made = record(county, clue=(EHM, told), list_reference=named, note=WORDS)
    with county.at() as workplace:
        shown = show_complaint(workplace, made.reference)
        history = audit_person(workplace, Question(EHM, told), reason=ReadReason.COMPLAINT, case_reference=CASE)
        look = looks_in(workplace, NOVEMBER)[0]
    assert [each.list_reference for each in shown.disclosures] == [d.list_reference for d in history.disclosures]
    assert shown.disclosures
    assert (shown.named.list_reference, shown.named.state) == (named, "received")
    assert [(note.text, note.written_by) for note in shown.notes] == [(WORDS, made.recorded_by)]
    (entry,) = county.entries(Event.COMPLAINT_READ)
    assert entry == {
        "complaint": made.reference,
        "case": CASE,
        "disclosures": len(shown.disclosures),
        "subject": made.subject_ref,
    }
    assert (look.what, look.case, look.about) == ("complaint-read", CASE, (f"complaint {made.reference}",))


def test_the_list_of_complaints_never_says_whom_one_is_about(county, told):
    made = record(county, clue=(EHM, told), note=WORDS)
    with county.at() as workplace:
        (known,) = list_complaints(workplace)
    assert known.names_somebody
    assert made.subject_ref not in repr(known)


def test_L11_that_somebody_complained_is_for_the_officer_who_asks_for_what_was_held_back(county, told):
    asked = {"reason": ReadReason.AUDIT, "case_reference": "IA-2026-1"}
    with county.at() as workplace:
        before = audit_person(workplace, Question(EHM, told), **asked)
        record(county, clue=(EHM, told), note=WORDS)
        usual = audit_person(workplace, Question(EHM, told), **asked)
        shown = audit_person(workplace, Question(EHM, told), **asked, withheld=True)
    assert usual == before
    assert usual.complaints is None
    assert [(each.case, each.about) for each in shown.complaints] == [(CASE, ComplaintAbout.SHARING)]


def test_L11_no_export_tells_of_a_complaint(county, told):
    def exported():
        with county.at() as workplace:
            export = ask_export(workplace, Question(EHM, told), case_reference=CASE, values=True, lead_named=False)
        with county.at(actor=SECOND_PERSON) as workplace:
            released = release_export(workplace, export.reference, HarmCheck.NONE)
        with county.at() as workplace, workplace.store.reading() as connection:
            return report_of(workplace, connection, replace(released, reference="EXP", asked_at="2026-11-16T08:30:00Z"))

    before = exported()
    record(county, clue=(EHM, told), note=WORDS)
    assert exported() == before


# --- time ------------------------------------------------------------------------------------------------------------


def test_people_are_told_before_and_once_overdue_and_the_status_says_so(county):
    reference = record(county).reference
    heard = []

    def tell_at(day):
        with county.at(days_later(day)) as workplace:
            plan = plan_night(workplace, load_at=time(22))
            tell(workplace, plan, [], hook=heard.append, morning_at=time(7))

    def codes():
        told = [json.loads(each) for each in heard]
        heard.clear()
        return [each for each in told if "complaint" in each or each["code"] == "morning-message"]

    tell_at(0)
    (message,) = codes()
    assert (message["complaints_open"], message["complaints_overdue"]) == (1, 0)
    tell_at(16)
    tell_at(17)
    early = [each for each in codes() if "complaint" in each]
    assert [(each["code"], each["count"], each["step"], each["next"]) for each in early] == [
        ("complaint-to-acknowledge", 14, 14, f"gateway complaints acknowledge {reference}")
    ]
    tell_at(31)
    tell_at(32)
    late = codes()
    assert [each["code"] for each in late if "complaint" in each] == ["complaint-overdue"] * 2
    assert [each["complaints_overdue"] for each in late if "complaint" not in each] == [1, 1]
    with county.at() as workplace:
        status = run_status(workplace, load_at=time(22))
    assert status.as_data()["complaints"] == [
        {
            "complaint": reference,
            "stage": "overdue",
            "days_left": -2,
            "next": f"gateway complaints acknowledge {reference}",
        }
    ]


def test_what_the_county_agreed_is_what_is_told(county):
    record(county)
    with county.at(days_later(1)) as workplace:
        other = replace(workplace, complaint_terms=ComplaintTerms(warned_days_before=(29,)))
        assert [each.is_told for each in complaints_due(workplace)] == [False]
        assert [each.is_told for each in complaints_due(other)] == [True]


# --- what is erased --------------------------------------------------------------------------------------------------


def test_notes_go_once_it_has_been_closed_for_the_agreed_days_and_the_complaint_stays(county):
    reference, other = record(county, note=WORDS).reference, record(county, note=WORDS).reference
    with county.at(days_later(1)) as workplace:
        close_complaint(workplace, reference, ComplaintOutcome.UPHELD, note="Zqanswered.")
    with county.at(days_later(91)) as workplace:
        assert remove_old_notes(workplace) == 0
    with county.at(days_later(92)) as workplace:
        assert remove_old_notes(workplace) == 2
        assert remove_old_notes(workplace) == 0
    assert [row.complaint for row in county.rows(complaint_notes)] == [other]
    assert len(county.rows(complaints)) == 2
    removed = county.entries(Event.COMPLAINT_NOTE_REMOVED)
    assert [(each["complaint"], each["reason"]) for each in removed] == [(reference, "time-over")] * 2
    assert county.audit() == ()


def test_L7_a_complaint_outlives_a_forgotten_person_and_names_nobody(county, told):
    made = record(county, clue=(EHM, told), note=WORDS)
    assert traces(bytes_kept(county), ["zqwords"])
    leave_the_source(county, told)
    county.load(at=MORNING)
    forget = forgotten(county, told)
    assert traces(bytes_kept(county), ["zqwords"]) == set()
    assert county.rows(subjects, subjects.c.subject_ref == made.subject_ref) == []
    with county.at() as workplace:
        shown = show_complaint(workplace, made.reference)
        close_complaint(workplace, made.reference, ComplaintOutcome.UPHELD)
    assert shown.notes == ()
    assert shown.disclosures
    (erased,) = county.entries(Event.FORGET_ERASED)
    assert (erased["forget"], erased["notes"], erased["complaints"]) == (forget.reference, 1, 1)
    assert [each["reason"] for each in county.entries(Event.COMPLAINT_NOTE_REMOVED)] == ["forgotten"]
    assert county.audit() == ()


def test_a_note_that_names_a_forgotten_person_goes_whoevers_complaint_it_is_on(county, told):
    (record_of_them,) = county.rows(person_records, person_records.c.source_id == told, person_records.c.source == EHM)
    (person,) = county.rows(persons, persons.c.person_key == record_of_them.person_key)
    kept, named = (
        record(county, note=WORDS).reference,
        record(county, note=f"As {person.surname.upper()} said.").reference,
    )
    leave_the_source(county, told)
    county.load(at=MORNING)
    forgotten(county, told)
    assert [row.complaint for row in county.rows(complaint_notes)] == [kept]
    assert named in {each["complaint"] for each in county.entries(Event.COMPLAINT_NOTE_REMOVED)}
    assert county.audit() == ()


# --- what is counted -------------------------------------------------------------------------------------------------


def test_the_months_statement_counts_them_and_those_not_acknowledged_in_time(county):
    reference = record(county).reference
    record(county)
    with county.at(days_later(31)) as workplace:
        acknowledge_complaint(workplace, reference)
        close_complaint(workplace, reference, ComplaintOutcome.NOT_UPHELD)
    with county.at(days_later(31)) as workplace:
        figures = assurance_figures(workplace, month_named("2026-11", workplace.clock.today()))
        december = assurance_figures(workplace, month_named("2026-12", workplace.clock.today()))
    assert (figures.events["complaint:recorded"], figures.events["complaint:closed"]) == (2, 0)
    assert (figures.complaints_late, figures.complaints_open) == (2, 1)
    assert (december.events["complaint:closed"], december.complaints_late) == (1, 0)
    report = assurance_report(figures, controller="A Council", made="now", signed_by="KEY")
    facts = {name: value for part in report.parts for name, value in part.facts}
    assert facts["Complaints"].startswith("2 recorded")
    assert facts["Complaints"].endswith("2 of the month not acknowledged in time")
    assert facts["Complaints not closed"] == 1


def test_the_public_is_told_how_many_there_were_but_never_fewer_than_five(county):
    def told() -> str:
        with county.at() as workplace:
            return transparency_figures(workplace, 2026).about

    record(county)
    assert "Complaints about how data was used: fewer than 5;" in told()
    for _ in range(4):
        record(county)
    assert "Complaints about how data was used: 5;" in told()


def test_the_pack_has_every_complaint_of_its_days_and_nobody(county, told):
    made = record(county, clue=(EHM, told), note=WORDS)
    closed = record(county).reference
    with county.at(days_later(2)) as workplace:
        close_complaint(workplace, closed, ComplaintOutcome.WITHDRAWN)
        pack = make_pack(workplace, NOVEMBER, case_reference=CASE)
        before = make_pack(workplace, Period(date(2026, 10, 1), date(2026, 10, 31)), case_reference=CASE)
    lines = pack.files["complaints.csv"].decode().splitlines()
    assert len(lines) == 3
    assert f"{made.reference},{CASE},sharing,none named,2026-11-16,2026-12-16,no,no,open,there is time yet" in lines
    assert f"{closed},{CASE},sharing,none named,2026-11-16,2026-12-16,no,2026-11-18,withdrawn,yes" in lines
    assert len(before.files["complaints.csv"].decode().splitlines()) == 1
    archive = zipfile.ZipFile(io.BytesIO(archive_of(pack)))
    whole = b"".join(archive.read(name) for name in archive.namelist())
    assert b"zqwords" not in whole
    assert b"complaints.html" in pack.files["index.html"]


# --- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.IG_OFFICER}))
def test_officers_of_information_governance_handle_complaints_and_nobody_else(untouched, role):
    with untouched.at(MORNING) as workplace:
        stranger = replace(workplace, actor=Actor("somebody", "Somebody", frozenset({role})))
        for refused in (
            lambda: record_complaint(stranger, case_reference=CASE, received_on=CAME, about=ComplaintAbout.SHARING),
            lambda: acknowledge_complaint(stranger, "CMP-1"),
            lambda: close_complaint(stranger, "CMP-1", ComplaintOutcome.UPHELD),
            lambda: show_complaint(stranger, "CMP-1"),
        ):
            with pytest.raises(AccessDenied):
                refused()
        if role not in {Role.APPROVER, Role.AUDITOR}:
            with pytest.raises(AccessDenied):
                list_complaints(stranger)
