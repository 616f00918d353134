"""A file for a person: asked for by one officer, released by another, written once and for its owner alone."""

import json
import os
import stat
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from gateway.errors import (
    AccessDenied,
    DisclosureRefused,
    EntryInvalid,
    MoveNotAllowed,
    NotExportable,
    SubjectAmbiguous,
)
from gateway.ledger.entries import Event
from gateway.model.export import MOVES_OF_EXPORT, ExportState, HarmCheck, state_after
from gateway.model.officers import Actor, Role
from gateway.services.audit.audit_person import Question
from gateway.services.audit.audit_verify import audit_verify
from gateway.services.audit.subject_exports import (
    Format,
    ask_export,
    list_exports,
    read_export,
    release_export,
    write_export,
)
from gateway.store.handovers import handovers_of
from gateway.store.registry_growth import grow, next_batch, plan_growth
from gateway.store.tables import exports, ledger, subject_identifiers, subjects, told_people
from tests.bare_workplace import a_bare_workplace
from tests.evidence_made import INDEX_KEY, SOURCE, hand_over, make_evidence
from tests.lists_made import seal_list_of, send_list
from tests.unit.services.audit.test_audit_person import KeysOf
from tests.whole_load import read_registry

CASE = "SAR-2026-0017"
SECOND = Actor("second", "Invented Approver", frozenset({Role.APPROVER}))


@pytest.fixture
def workplace(sqlite_store, clock, everyone, signer, tmp_path):
    make_evidence(sqlite_store, everyone)
    return a_bare_workplace(sqlite_store, clock, everyone, tmp_path, keys=KeysOf(signer))


@pytest.fixture
def anywhere(store, clock, everyone, signer, tmp_path):
    """The workplace on each kind of database."""
    make_evidence(store, everyone)
    return a_bare_workplace(store, clock, everyone, tmp_path, keys=KeysOf(signer))


@pytest.fixture
def second(workplace):
    """The same place for another officer, who approves."""
    return replace(workplace, actor=SECOND)


def ask(workplace, number=3, *, by="nino", **wanted):
    value = f"QQ{number:06d}" if by == "nino" else str(1000 + number)
    wanted = {"values": False, "lead_named": False} | wanted
    return ask_export(workplace, Question(by, value), case_reference=CASE, **wanted)


def written(workplace, second, export, folder, form=Format.JSON) -> str:
    release_export(second, export.reference, HarmCheck.NONE)
    return write_export(workplace, export.reference, form, folder).read_text(encoding="utf-8")


def entries(workplace, event):
    with workplace.store.reading() as connection:
        bodies = connection.execute(
            select(ledger.c.body).where(ledger.c.event == event.value).order_by(ledger.c.position)
        )
        return [json.loads(body)["body"] for body in bodies.scalars()]


def rows(workplace):
    with workplace.store.reading() as connection:
        return connection.execute(select(exports)).mappings().all()


def somebody(workplace, *, told: int) -> int:
    """The number of somebody who was told of so often."""
    return next(number for number in range(12) if ask(workplace, number).disclosures == told)


def lists_in(report: str) -> list[str]:
    return [each["list"] for sharing in json.loads(report)["sharings"] for each in sharing["lists"]]


# --- the way of an export ------------------------------------------------------------------------------------------


def test_an_export_is_asked_for_released_by_another_officer_and_written(anywhere, tmp_path):
    workplace, second = anywhere, replace(anywhere, actor=SECOND)
    export = ask(workplace, somebody(workplace, told=2))
    assert export.state is ExportState.ASKED
    released = release_export(second, export.reference, HarmCheck.NONE)
    assert (released.state, released.harm_check) == (ExportState.RELEASED, HarmCheck.NONE)
    path = write_export(workplace, export.reference, Format.HTML, tmp_path)
    assert path.name == f"{export.reference}.html"
    assert "What we shared about you" in path.read_text(encoding="utf-8")
    for event in (Event.EXPORT_ASKED, Event.EXPORT_RELEASED, Event.EXPORT_WRITTEN):
        assert entries(workplace, event)[-1]["export"] == export.reference
    assert audit_verify(workplace).whole


def test_whoever_asked_may_neither_read_it_as_the_second_officer_nor_release_it(workplace):
    export = ask(workplace)
    for judge in (
        lambda: read_export(workplace, export.reference),
        lambda: release_export(workplace, export.reference, HarmCheck.NONE),
    ):
        with pytest.raises(NotExportable, match="whoever asked"):
            judge()
    assert entries(workplace, Event.EXPORT_READ) == []


@pytest.mark.parametrize("found", [HarmCheck.SERIOUS_HARM, HarmCheck.ANOTHER_PERSON])
def test_what_could_do_harm_is_refused_for_good(workplace, second, tmp_path, found):
    export = ask(workplace)
    assert release_export(second, export.reference, found).state is ExportState.REFUSED
    with pytest.raises(MoveNotAllowed):
        release_export(second, export.reference, HarmCheck.NONE)
    with pytest.raises(NotExportable, match="refused"):
        write_export(workplace, export.reference, Format.HTML, tmp_path / "file")
    assert not (tmp_path / "file").exists()
    assert audit_verify(workplace).whole


def test_what_was_released_in_error_is_taken_back(workplace, second, tmp_path):
    export = ask(workplace)
    release_export(second, export.reference, HarmCheck.NONE)
    release_export(second, export.reference, HarmCheck.SERIOUS_HARM)
    with pytest.raises(NotExportable):
        write_export(workplace, export.reference, Format.HTML, tmp_path / "file")


def test_what_waits_is_not_written(workplace, tmp_path):
    export = ask(workplace)
    with pytest.raises(NotExportable, match="asked"):
        write_export(workplace, export.reference, Format.HTML, tmp_path / "file")
    assert entries(workplace, Event.EXPORT_WRITTEN) == []


def test_there_is_no_export_of_another_reference(workplace, second, tmp_path):
    with pytest.raises(NotExportable):
        read_export(second, "EXP-2026-01-01-1")
    with pytest.raises(NotExportable):
        write_export(workplace, "EXP-2026-01-01-1", Format.CSV, tmp_path / "file")


def test_the_second_officer_reads_what_will_be_written_and_that_is_on_record(workplace, second, tmp_path):
    export = ask(workplace, somebody(workplace, told=2), values=True)
    report = read_export(second, export.reference)
    assert entries(workplace, Event.EXPORT_READ) == [{"export": export.reference, "case": CASE}]
    document = json.loads(written(workplace, second, export, tmp_path))
    assert [each.list_reference for each in report.sharings[0].shared] == lists_in(json.dumps(document))


def test_every_state_has_its_moves_and_every_finding_its_state():
    assert set(MOVES_OF_EXPORT) == set(ExportState)
    assert {check: state_after(check) for check in HarmCheck} == {
        HarmCheck.NONE: ExportState.RELEASED,
        HarmCheck.SERIOUS_HARM: ExportState.REFUSED,
        HarmCheck.ANOTHER_PERSON: ExportState.REFUSED,
    }


# --- who may -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(Role))
def test_roles(workplace, tmp_path, role):
    somebody_else = replace(workplace, actor=Actor("somebody", "Somebody", frozenset({role})))
    may = {
        "ask": (lambda: ask(somebody_else), {Role.IG_OFFICER}),
        "list": (lambda: list_exports(somebody_else), {Role.IG_OFFICER, Role.APPROVER, Role.AUDITOR}),
        "read": (lambda: read_export(somebody_else, "EXP-none"), {Role.APPROVER}),
        "release": (lambda: release_export(somebody_else, "EXP-none", HarmCheck.NONE), {Role.APPROVER}),
        "write": (lambda: write_export(somebody_else, "EXP-none", Format.CSV, tmp_path / "x"), {Role.IG_OFFICER}),
    }
    for act, roles in may.values():
        if role not in roles:
            with pytest.raises(AccessDenied):
                act()
    assert all(role in roles for _, roles in may.values() if roles == set(Role))


# --- whom it is about ----------------------------------------------------------------------------------------------


def test_L8_while_it_waits_nothing_is_kept_but_a_reference_and_the_case(workplace):
    export = ask(workplace, somebody(workplace, told=2), values=True)
    (row,) = (row for row in rows(workplace) if row["reference"] == export.reference)
    assert not any("QQ" in str(value) for value in row.values())
    assert {"subject_ref", "case_reference", "asked_by", "state"} <= set(row)
    assert entries(workplace, Event.EXPORT_ASKED)[-1] == {
        "export": export.reference,
        "case": CASE,
        "asked_by": workplace.actor.account,
        "asked_at": "2026-11-22T23:10:00Z",
        "disclosures": 2,
        "values": True,
        "lead_named": False,
        "subject": row["subject_ref"],
        "kind": "nino",
    }


def test_a_number_that_two_people_have_is_refused_and_a_sources_own_id_is_not(workplace, everyone):
    number = somebody(workplace, told=2)
    with workplace.store.reading() as connection:
        registry = read_registry(connection, INDEX_KEY)
    with workplace.store.writing(everyone) as work:
        clues = [[(SOURCE, "2000"), ("nino", f"QQ{number:06d}")]]
        growth = plan_growth(registry, clues, next_batch(work.connection), lambda size: bytes([size % 7 + 1]) * size)
        grow(work, growth, load="LOAD-9")
    asked = len(entries(workplace, Event.EXPORT_ASKED))
    with pytest.raises(SubjectAmbiguous) as refused:
        ask(workplace, number)
    assert "--by" in refused.value.advice()
    assert len(entries(workplace, Event.EXPORT_ASKED)) == asked
    assert ask(workplace, number, by=SOURCE).disclosures == 2


def test_two_references_of_one_person_are_one_person(anywhere, everyone, tmp_path):
    """A load found that the two were one: each is told everything that was told about either."""
    workplace, second = anywhere, replace(anywhere, actor=SECOND)
    with workplace.store.reading() as connection:
        registry = read_registry(connection, INDEX_KEY)
    with workplace.store.writing(everyone) as work:
        both = [[(SOURCE, "1003"), (SOURCE, "1004")]]
        grow(work, plan_growth(registry, both, next_batch(work.connection), lambda _: b""), load="LOAD-9")
    once, other = ask(workplace, 3, by=SOURCE), ask(workplace, 4, by=SOURCE)
    assert once.disclosures == other.disclosures
    assert once.subject_ref == other.subject_ref
    assert len(lists_in(written(workplace, second, once, tmp_path))) == once.disclosures
    assert ask(workplace, 3).disclosures == once.disclosures


def test_whoever_was_forgotten_since_is_told_nothing_any_more(workplace, second, everyone, tmp_path):
    export = ask(workplace, somebody(workplace, told=2))
    release_export(second, export.reference, HarmCheck.NONE)
    with workplace.store.writing(everyone) as work:
        work.enter(Event.SUBJECT_FORGOTTEN, subject=export.subject_ref, reason="request", case=CASE)
        for table in (subject_identifiers, subjects):
            work.connection.execute(delete(table).where(table.c.subject_ref == export.subject_ref))
    with pytest.raises(NotExportable, match="forgotten"):
        write_export(workplace, export.reference, Format.HTML, tmp_path / "file")


@pytest.mark.parametrize("case", ["the Smiths", "sar 1", ""])
def test_L8_a_case_in_words_is_refused(workplace, case):
    with pytest.raises((DisclosureRefused, EntryInvalid)):
        ask_export(workplace, Question("nino", "QQ000003"), case_reference=case, values=False, lead_named=False)


# --- what it goes up to --------------------------------------------------------------------------------------------


def test_lists_that_went_after_the_question_are_for_another_export(anywhere, everyone, clock, tmp_path):
    workplace, second = anywhere, replace(anywhere, actor=SECOND)
    number = somebody(workplace, told=3)
    export = ask(workplace, number)
    clock.instant += timedelta(days=1)
    with workplace.store.reading() as connection:
        secrets = connection.execute(select(subjects).where(subjects.c.subject_ref == export.subject_ref)).one()
    later = seal_list_of(workplace.store, everyone, "2026-11-23", [secrets])
    send_list(workplace.store, everyone, later, "L-2026-11-23-all")
    hand_over(workplace.store, everyone, "HND-9", [export.subject_ref])
    before = json.loads(written(workplace, second, export, tmp_path))
    assert lists_in(json.dumps(before)) == ["L-2026-11-20-all", "L-2026-11-21-all"]
    assert before["goes_to"] == "2026-11-22"
    assert "HND-9" not in json.dumps(before)
    after = json.loads(written(workplace, second, ask(workplace, number), tmp_path))
    assert lists_in(json.dumps(after))[-1] == "L-2026-11-23-all"
    assert "HND-9" in json.dumps(after)


def test_lists_handed_over_another_way_are_in_it_and_marked(workplace, second, tmp_path):
    with workplace.store.reading() as connection:
        refs = connection.execute(select(subjects.c.subject_ref)).scalars().all()
        on_paper = {ref for ref in refs if handovers_of(connection, [ref])}
    export = next(each for number in range(12) if (each := ask(workplace, number)).subject_ref in on_paper)
    document = json.loads(written(workplace, second, export, tmp_path))
    (handed_over,) = document["handed_over_not_proven"]
    assert (handed_over["record"], handed_over["manner"]) == ("HND-2", "on paper")
    assert handed_over["shared_with"] == "Invented Department"


@pytest.mark.parametrize("form", list(Format))
def test_answers_to_an_offices_list_are_in_it_in_every_form(workplace, second, tmp_path, form):
    with workplace.store.reading() as connection:
        refs = set(connection.execute(select(told_people.c.subject_ref)).scalars())
    export = next(each for number in range(12) if (each := ask(workplace, number)).subject_ref in refs)
    release_export(second, export.reference, HarmCheck.NONE)
    text = write_export(workplace, export.reference, form, tmp_path / "told").read_text("utf-8")
    assert "RCN-ely-2026-11-22-1" in text
    assert "on our list" in text or "earlier list of ours" in text


# --- the file ------------------------------------------------------------------------------------------------------


def test_the_file_is_its_owners_alone(workplace, second, tmp_path):
    before = os.umask(0)
    try:
        export = ask(workplace)
        release_export(second, export.reference, HarmCheck.NONE)
        path = write_export(workplace, export.reference, Format.CSV, tmp_path / "told.csv")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_file_is_written_over_and_no_entry_says_that_one_was(workplace, second, tmp_path):
    export = ask(workplace)
    release_export(second, export.reference, HarmCheck.NONE)
    there = tmp_path / "there.html"
    there.write_text("something else", encoding="utf-8")
    with pytest.raises(NotExportable, match="already"):
        write_export(workplace, export.reference, Format.HTML, there)
    assert there.read_text(encoding="utf-8") == "something else"
    assert entries(workplace, Event.EXPORT_WRITTEN) == []


def test_L8_a_path_that_names_somebody_is_in_no_error(workplace, second, tmp_path):
    export = ask(workplace)
    release_export(second, export.reference, HarmCheck.NONE)
    with pytest.raises(NotExportable) as refused:
        write_export(workplace, export.reference, Format.HTML, tmp_path / "Zqsurname" / "Zqsurname.html")
    assert "Zqsurname" not in f"{refused.value} {refused.value.advice()}"
    assert refused.value.__cause__ is None


def test_L7_an_export_that_somebody_moved_by_hand_is_found(workplace, everyone):
    export = ask(workplace)
    with workplace.store.writing(everyone) as work:
        position = work.enter(Event.SERVICE_STOPPED)
        this = update(exports).where(exports.c.reference == export.reference)
        work.connection.execute(this.values(state="released", explained_by=position))
    assert not audit_verify(workplace).whole
