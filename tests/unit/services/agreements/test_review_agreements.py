"""Checking, showing, approving and suspending agreements, over real files, a real database and real signatures."""

import dataclasses
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from gateway.agreements.difference import Effect
from gateway.agreements.force import agreement_switch
from gateway.errors import (
    AccessDenied,
    AgreementError,
    AgreementMalformed,
    AgreementNotInForce,
    AgreementUnapproved,
    ApprovalInvalid,
    ConfigurationError,
    FrameworkInvalid,
    MappingInvalid,
    PartnerInvalid,
)
from gateway.ledger.events import Event
from gateway.model.officers import Action, Actor, Role
from gateway.model.partner import Partner
from gateway.model.time import FrozenClock
from gateway.services.agreements.agreement_shelf import Shelf
from gateway.services.agreements.agreement_standing import approved_statement, standing_of
from gateway.services.agreements.approve_agreements import (
    ENROLLED_COPY,
    enrol_approvers,
    import_approval,
    import_approvals_beside,
    prepare_statement,
)
from gateway.services.agreements.review_agreements import (
    check_agreements,
    diff_agreement,
    list_agreements,
    schema_of_agreements,
    show_agreement,
)
from gateway.services.agreements.suspend_agreements import ResumeReason, SuspendReason, resume, suspend
from gateway.services.workplace import Folders, Workplace
from gateway.sources.mapping import load_mapping
from gateway.store.agreements import statements_kept, stopped_switches
from gateway.store.tables import approvals, ledger, statements, switches
from tests.officers_signing import Officer, an_officer, approvers_file

JCP = "jobcentre-plus-supporting-families"
HOUSING = "fenland-housing-options"


@dataclass(frozen=True)
class Officers:
    owner: Officer
    governor: Officer


@pytest.fixture(scope="session")
def officers(tmp_path_factory) -> Officers:
    folder = tmp_path_factory.mktemp("officers")
    return Officers(an_officer(folder, "rowan.ashby", "approver"), an_officer(folder, "sam.okoro", "ig_officer"))


def a_partner(name: str) -> Partner:
    return Partner(
        name=name,
        title=name,
        host="sftp.partner.example",
        port=22,
        user="county",
        host_keys=("ssh-ed25519 AAAA",),
        inbox="in",
        receipts="out",
        certificate=b"",
        fingerprint="A" * 40,
        receipt_certificate=b"",
        receipt_fingerprint="B" * 40,
        least_verification="read_back",
        document_hash="1" * 64,
    )


@pytest.fixture
def workplace(sqlite_store, clock, everyone, officers, tmp_path) -> Workplace:
    """A county with the shipped agreements, frameworks and mappings, and an approvers file of two officers."""
    for folder in ("agreements", "config/frameworks", "config/sources"):
        shutil.copytree(folder, tmp_path / folder)
    shutil.copy("config/jobcentres.yaml", tmp_path / "config")
    (tmp_path / "config/approvers").write_bytes(approvers_file(officers.owner, officers.governor))
    (tmp_path / "state").mkdir()
    folders = Folders(
        sources=tmp_path / "extracts",
        mappings=tmp_path / "config/sources",
        frameworks=tmp_path / "config/frameworks",
        agreements=tmp_path / "agreements",
        approvals=tmp_path / "agreements/approvals",
        approvers=tmp_path / "config/approvers",
        partners=tmp_path / "config/partners",
        jobcentres=tmp_path / "config/jobcentres.yaml",
        state=tmp_path / "state",
    )
    values = {field.name: None for field in dataclasses.fields(Workplace)}
    partners = {name: a_partner(name) for name in ("dwp-jobcentre-plus", "fenland-housing-options")}
    return Workplace(
        **values
        | {
            "store": sqlite_store,
            "clock": clock,
            "actor": everyone,
            "folders": folders,
            "environment": "synthetic",
            "partners": partners,
        }
    )


@pytest.fixture
def enrolled(workplace) -> Workplace:
    enrol_approvers(workplace)
    return workplace


@pytest.fixture
def approved(enrolled, officers) -> Workplace:
    approve(enrolled, officers)
    return enrolled


def approve(workplace: Workplace, officers: Officers, agreement_id: str = JCP) -> None:
    body = prepare_statement(workplace, agreement_id).body
    for officer in (officers.owner, officers.governor):
        import_approval(workplace, agreement_id, officer.sign(body))


def acting(workplace: Workplace, *roles: Role) -> Workplace:
    return dataclasses.replace(workplace, actor=Actor("somebody", "Somebody", frozenset(roles)))


def edit(workplace: Workplace, old: str, new: str, agreement_id: str = JCP) -> None:
    path = workplace.folders.agreements / f"{agreement_id}.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def entries(workplace: Workplace, event: Event) -> list[dict]:
    with workplace.store.reading() as connection:
        query = select(ledger.c.body).where(ledger.c.event == event.value).order_by(ledger.c.position)
        return [json.loads(body)["body"] for body in connection.execute(query).scalars()]


def standing(workplace: Workplace, agreement_id: str = JCP):
    with workplace.store.reading() as connection:
        return standing_of(workplace, connection, agreement_id)


def codes(workplace: Workplace, agreement_id: str = JCP) -> list[str]:
    return [reason.code for reason in standing(workplace, agreement_id).reasons]


# --- files ------------------------------------------------------------------------------------------------------


def test_what_is_shipped_has_no_fault(workplace):
    assert check_agreements(workplace) == ()


def test_every_fault_of_every_file_is_given_at_once(workplace):
    edit(workplace, "mode: full_list", "mode: everything")
    edit(workplace, "evidence: values", "", HOUSING)
    framework = workplace.folders.frameworks / "sf_2022.yaml"
    framework.write_text(framework.read_text().replace("needed: 3", "needed: three"))
    (workplace.folders.mappings / "broken.yaml").write_text("a: &x 1\n")
    found = check_agreements(workplace)
    assert [line.split(":", 1)[0] for line in found] == [
        "sf_2022.yaml",
        "broken.yaml",
        f"{HOUSING}.yaml",
        f"{JCP}.yaml",
        f"{JCP}.yaml",
    ]


def test_a_broken_register_is_a_fault_of_its_own(workplace):
    workplace.folders.jobcentres.write_text("offices: 1\n")
    edit(workplace, "mode: full_list", "mode: everything")
    assert check_agreements(workplace) == ("jobcentres.yaml:1:10: `offices` must be a list",)


def test_a_files_name_is_its_agreements_name(workplace):
    edit(workplace, f"id: {JCP}", "id: another-name")
    with pytest.raises(AgreementMalformed, match="must be the name of the file"):
        Shelf.of(workplace).agreement(JCP)
    path = workplace.folders.frameworks / "sf_2099.yaml"
    shutil.copy(workplace.folders.frameworks / "sf_2022.yaml", path)
    with pytest.raises(FrameworkInvalid, match="must be the name of the file"):
        Shelf.of(workplace).framework("sf_2099")


@pytest.mark.parametrize("name", ["../config/jobcentres", "/etc/passwd", "", JCP + ".yaml", "nothing"])
def test_an_agreement_is_found_among_names_and_never_by_a_path(workplace, name):
    with pytest.raises(AgreementMalformed, match="no agreement of that name; there are: fenland"):
        Shelf.of(workplace).agreement(name)


def test_what_is_not_there_is_said(workplace):
    shelf = Shelf.of(workplace)
    with pytest.raises(FrameworkInvalid, match="no framework of that name"):
        shelf.framework("../sf_2022")
    with pytest.raises(PartnerInvalid, match="not a partner"):
        shelf.partner("somebody")
    (workplace.folders.mappings / "broken.yaml").write_text("a: [\n")
    with pytest.raises(MappingInvalid, match=r"broken\.yaml:2:1"):
        shelf.mapping_hashes()
    workplace.folders.jobcentres.unlink()
    with pytest.raises(ConfigurationError, match=r"jobcentres\.yaml cannot be read"):
        shelf.jobcentres()


def test_a_mappings_hash_is_the_one_that_a_load_enters(workplace):
    """What was loaded under other mappings than the approved ones is found by comparing the two."""
    hashes = Shelf.of(workplace).mapping_hashes()
    for path in workplace.folders.mappings.glob("*.yaml"):
        mapping = load_mapping(path.read_bytes(), path.name)
        assert hashes[path.stem] == mapping.mapping_hash


# --- reading ----------------------------------------------------------------------------------------------------


def test_a_list_of_agreements_says_how_each_stands(approved):
    edit(approved, "mode: full_list", "mode: everything", HOUSING)
    listed = {each.agreement_id: each for each in list_agreements(approved)}
    assert listed[JCP].standing is not None
    assert listed[JCP].standing.reasons == ()
    assert listed[HOUSING].standing is None
    assert listed[HOUSING].faults == (f"{HOUSING}.yaml:80:7: `mode` must be one of full_list, delta, match_first",)


def test_a_page_says_what_blocks_and_what_to_take_care_of(workplace):
    page = show_agreement(workplace, JCP)
    assert "  1. no approvers file is enrolled yet" in page
    assert "  2. 0 of 2 approvals by different people in different roles" in page
    assert "production would refuse" in page


def test_a_difference_is_told_between_what_was_approved_and_the_file(approved):
    edit(approved, "version: 1", "version: 2")
    edit(approved, "minimum_age: 18", "minimum_age: 16\n  under_18_reason: An offer to young people")
    changes = diff_agreement(approved, JCP, 1, 2)
    assert (changes[0].effect, changes[0].sentence) == (Effect.WIDENS, "age floor, in years, goes from 18 to 16")
    assert {change.effect for change in diff_agreement(approved, JCP, 2, 1)} == {Effect.NARROWS, Effect.CHANGES}
    with pytest.raises(AgreementError, match="version 7 is neither"):
        diff_agreement(approved, JCP, 7, 2)


def test_the_schema_is_for_editors():
    assert schema_of_agreements()["properties"]["id"]


# --- approvals --------------------------------------------------------------------------------------------------


def test_an_agreement_runs_when_two_officers_in_two_roles_approved_it(enrolled, officers):
    body = prepare_statement(enrolled, JCP).body
    assert codes(enrolled) == ["unapproved"]
    import_approval(enrolled, JCP, officers.owner.sign(body))
    assert codes(enrolled) == ["unapproved"]
    with enrolled.store.reading() as connection, pytest.raises(AgreementUnapproved, match="1 of 2 approvals"):
        approved_statement(enrolled, connection, JCP)
    approval = import_approval(enrolled, JCP, officers.governor.sign(body))
    assert (approval.principal, approval.role) == ("sam.okoro", "ig_officer")
    with enrolled.store.reading() as connection:
        found = approved_statement(enrolled, connection, JCP)
    assert [each.principal for each in found.approvals] == ["rowan.ashby", "sam.okoro"]
    assert found.statement.body == body


def test_L10_every_approval_is_explained_by_its_entry(approved):
    prepared, given = entries(approved, Event.AGREEMENT_PREPARED), entries(approved, Event.AGREEMENT_APPROVED)
    statement = standing(approved).statement
    assert [entry["statement"] for entry in (*prepared, *given)] == [statement.statement_hash] * 3
    assert [(entry["principal"], entry["role"]) for entry in given] == [
        ("rowan.ashby", "approver"),
        ("sam.okoro", "ig_officer"),
    ]
    with approved.store.reading() as connection:
        kept = connection.execute(select(statements)).one()
        assert kept.body == statement.body
        assert kept.agreement_document == (approved.folders.agreements / f"{JCP}.yaml").read_bytes()
        assert len({kept.explained_by, *connection.execute(select(approvals.c.explained_by)).scalars()}) == 3


def test_the_same_persons_approval_twice_is_one(approved, officers):
    body = prepare_statement(approved, JCP).body
    import_approval(approved, JCP, officers.owner.sign(body))
    assert len(entries(approved, Event.AGREEMENT_APPROVED)) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda w: edit(w, "most_people: 6000", "most_people: 6001"),
        lambda w: (w.folders.frameworks / "sf_2022.yaml").write_text(
            (w.folders.frameworks / "sf_2022.yaml").read_text().replace("needed: 3", "needed: 2")
        ),
        lambda w: (w.folders.mappings / "extra.yaml").write_text("a: b\n"),
        lambda w: w.folders.jobcentres.write_text(w.folders.jobcentres.read_text().replace("CB25", "CB26")),
        lambda w: w.partners.update(
            {"dwp-jobcentre-plus": dataclasses.replace(w.partners["dwp-jobcentre-plus"], document_hash="2" * 64)}
        ),
    ],
    ids=["agreement", "framework", "mapping", "jobcentres", "partner"],
)
def test_L6_a_change_of_anything_that_decides_leaves_the_approvals_behind(approved, change):
    assert codes(approved) == []
    change(approved)
    assert codes(approved) == ["unapproved"]


def test_another_environment_is_another_statement(approved):
    production = dataclasses.replace(approved, environment="production")
    assert codes(production) == ["power-unconfirmed", "unapproved"]


def test_a_comment_in_the_agreement_needs_no_new_approval(approved):
    edit(approved, "mode: full_list", "mode: full_list   # everybody, each time")
    assert codes(approved) == []


def test_an_approved_version_is_one_text(approved, officers):
    edit(approved, "most_people: 6000", "most_people: 9000")
    body = prepare_statement(approved, JCP).body
    with pytest.raises(ApprovalInvalid, match="version 1 was approved with another text"):
        import_approval(approved, JCP, officers.owner.sign(body))
    edit(approved, "version: 1", "version: 2")
    approve(approved, officers)
    assert codes(approved) == []


def test_a_signature_for_another_agreement_is_refused(enrolled, officers):
    body = prepare_statement(enrolled, HOUSING).body
    with pytest.raises(ApprovalInvalid, match="does not fit these bytes"):
        import_approval(enrolled, JCP, officers.owner.sign(body))
    assert entries(enrolled, Event.AGREEMENT_PREPARED) == []


def test_L6_a_row_in_the_database_is_no_approval(approved):
    with approved.store.writing(approved.actor) as work:
        position = work.enter(Event.AGREEMENT_RESUMED, agreement=JCP, reason="resolved")
        work.connection.execute(update(approvals).values(signature=b"forged", explained_by=position))
    assert codes(approved) == ["unapproved"]


def test_signatures_beside_the_agreements_are_imported_together(enrolled, officers):
    body = prepare_statement(enrolled, JCP).body
    folder = enrolled.folders.approvals
    (folder / f"{JCP}.rowan.sig").write_bytes(officers.owner.sign(body))
    (folder / f"{JCP}.sam.sig").write_bytes(officers.governor.sign(body))
    (folder / f"{JCP}.older.sig").write_bytes(officers.governor.sign(b"an earlier statement"))
    (folder / f"{JCP}.huge.sig").write_bytes(b"x" * 20_000)
    (folder / f"{HOUSING}.sam.sig").write_bytes(officers.governor.sign(b"another"))
    assert [each.principal for each in import_approvals_beside(enrolled, JCP)] == ["rowan.ashby", "sam.okoro"]
    assert codes(enrolled) == []


# --- who may approve --------------------------------------------------------------------------------------------


def test_without_an_enrolled_file_nobody_approves(workplace, officers):
    assert codes(workplace) == ["approvers-unusable", "unapproved"]
    body = prepare_statement(workplace, JCP).body
    with pytest.raises(ApprovalInvalid, match="no approvers file is enrolled"):
        import_approval(workplace, JCP, officers.owner.sign(body))


def test_the_first_file_is_enrolled_as_it_is_and_once(workplace):
    enrol_approvers(workplace)
    enrol_approvers(workplace)
    (entry,) = entries(workplace, Event.APPROVERS_ENROLLED)
    assert entry["roles"] == {"rowan.ashby": "approver", "sam.okoro": "ig_officer"}
    assert entry["count"] == 2
    assert "before" not in entry


def changed_approvers(workplace: Workplace, officers: Officers, tmp_path: Path) -> bytes:
    newcomer = an_officer(tmp_path, "kim.lowe", "approver")
    data = approvers_file(officers.owner, officers.governor, newcomer)
    workplace.folders.approvers.write_bytes(data)
    return data


def test_a_changed_file_stops_every_approval_until_two_existing_approvers_signed_it(approved, officers, tmp_path):
    data = changed_approvers(approved, officers, tmp_path)
    assert codes(approved) == ["approvers-unusable", "unapproved"]
    beside = approved.folders.approvers.parent
    (beside / "approvers.rowan.sig").write_bytes(officers.owner.sign(data))
    with pytest.raises(ApprovalInvalid, match="1 of two existing approvers"):
        enrol_approvers(approved)
    (beside / "approvers.sam.sig").write_bytes(officers.governor.sign(data))
    enrol_approvers(approved)
    assert codes(approved) == []
    before, entry = entries(approved, Event.APPROVERS_ENROLLED)
    assert entry["approved_by"] == ["rowan.ashby", "sam.okoro"]
    assert entry["before"] == before["approvers"]


def test_a_newcomer_cannot_let_themselves_in(approved, officers, tmp_path):
    newcomer = an_officer(tmp_path, "kim.lowe", "ig_officer")
    data = approvers_file(officers.owner, officers.governor, newcomer)
    approved.folders.approvers.write_bytes(data)
    beside = approved.folders.approvers.parent
    (beside / "approvers.rowan.sig").write_bytes(officers.owner.sign(data))
    (beside / "approvers.kim.sig").write_bytes(newcomer.sign(data))
    with pytest.raises(ApprovalInvalid, match="1 of two existing approvers"):
        enrol_approvers(approved)


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"# nobody\n")])
def test_a_change_needs_the_file_that_was_in_force(approved, officers, tmp_path, damage):
    data = changed_approvers(approved, officers, tmp_path)
    for name, officer in (("rowan", officers.owner), ("sam", officers.governor)):
        (approved.folders.approvers.parent / f"approvers.{name}.sig").write_bytes(officer.sign(data))
    damage(approved.folders.state / ENROLLED_COPY)
    with pytest.raises(ApprovalInvalid, match="missing or changed"):
        enrol_approvers(approved)


def test_taking_somebody_out_takes_their_approvals(approved, officers, tmp_path):
    """Their colleague's stays, and a new key of theirs can approve again."""
    second = an_officer(tmp_path, "rowan.ashby", "approver")
    data = approvers_file(second, officers.governor)
    approved.folders.approvers.write_bytes(data)
    for name, officer in (("rowan", officers.owner), ("sam", officers.governor)):
        (approved.folders.approvers.parent / f"approvers.{name}.sig").write_bytes(officer.sign(data))
    enrol_approvers(approved)
    assert codes(approved) == ["unapproved"]
    import_approval(approved, JCP, second.sign(prepare_statement(approved, JCP).body))
    assert codes(approved) == []
    with approved.store.reading() as connection:
        assert len(connection.execute(select(approvals)).all()) == 2


def test_a_missing_or_broken_approvers_file_is_a_reason_and_not_a_crash(approved):
    approved.folders.approvers.write_bytes(b"nonsense\n")
    assert codes(approved) == ["approvers-unusable", "unapproved"]
    approved.folders.approvers.unlink()
    assert "cannot be read" in standing(approved).reasons[0].sentence


# --- in force ---------------------------------------------------------------------------------------------------


def test_L6_an_agreement_that_ends_between_the_steps_stops_at_the_next(approved):
    later = dataclasses.replace(approved, clock=FrozenClock(datetime(2028, 11, 1, tzinfo=UTC)))
    with later.store.reading() as connection, pytest.raises(AgreementNotInForce, match="the term ended on 2028-10-31"):
        approved_statement(later, connection, JCP)


def test_one_person_suspends_and_an_approver_lets_it_run_again(approved):
    governor = acting(approved, Role.IG_OFFICER)
    assert suspend(governor, JCP, SuspendReason.INCIDENT, "IG-2026-0142") is True
    assert suspend(governor, JCP, SuspendReason.SAFETY, "IG-2026-0142") is False
    assert codes(approved) == ["suspended"]
    with pytest.raises(AccessDenied, match="one of the roles approver"):
        resume(governor, JCP, ResumeReason.RESOLVED, "IG-2026-0142")
    owner = acting(approved, Role.APPROVER)
    assert resume(owner, JCP, ResumeReason.RESOLVED, "IG-2026-0142") is True
    assert resume(owner, JCP, ResumeReason.RESOLVED, "IG-2026-0142") is False
    assert suspend(owner, JCP, SuspendReason.REVIEW, "IG-2026-0143") is True
    assert [entry["reason"] for entry in entries(approved, Event.AGREEMENT_SUSPENDED)] == ["incident", "review"]
    with approved.store.reading() as connection:
        assert stopped_switches(connection) == {agreement_switch(JCP)}
        assert len(connection.execute(select(switches)).all()) == 1


def test_an_agreement_with_a_fault_or_without_a_file_can_be_suspended(approved):
    edit(approved, "mode: full_list", "mode: everything")
    assert suspend(approved, JCP, SuspendReason.SAFETY, "IG-2026-0142")
    (approved.folders.agreements / f"{JCP}.yaml").unlink()
    assert resume(approved, JCP, ResumeReason.IN_ERROR, "IG-2026-0142")
    with pytest.raises(AgreementError, match="no agreement of that name"):
        suspend(approved, "another", SuspendReason.SAFETY, "IG-2026-0142")


@pytest.mark.parametrize("case", ["", "Zebedee Quill", "QQ123456C", "ig-2026"])
def test_L8_a_case_is_a_reference_and_never_words(approved, case):
    with pytest.raises(AgreementError, match="must be like IG-2026-0142") as refused:
        suspend(approved, JCP, SuspendReason.SAFETY, case)
    assert not case or case not in str(refused.value)


@pytest.mark.parametrize(
    ("action", "ask"),
    [
        (Action.READ_AGREEMENTS, check_agreements),
        (Action.READ_AGREEMENTS, list_agreements),
        (Action.READ_AGREEMENTS, lambda w: show_agreement(w, JCP)),
        (Action.READ_AGREEMENTS, lambda w: diff_agreement(w, JCP, 1, 1)),
        (Action.READ_AGREEMENTS, lambda w: prepare_statement(w, JCP)),
        (Action.IMPORT_APPROVAL, lambda w: import_approval(w, JCP, b"")),
        (Action.IMPORT_APPROVAL, lambda w: import_approvals_beside(w, JCP)),
        (Action.INSTALL, enrol_approvers),
        (Action.SUSPEND, lambda w: suspend(w, JCP, SuspendReason.SAFETY, "IG-2026-0142")),
        (Action.RESUME, lambda w: resume(w, JCP, ResumeReason.RESOLVED, "IG-2026-0142")),
    ],
)
def test_each_ask_is_for_those_who_may(workplace, action, ask):
    with pytest.raises(AccessDenied, match=action.value):
        ask(acting(workplace))


def test_the_days_of_the_shipped_agreements_are_in_force_now(approved):
    agreement = standing(approved).agreement
    assert agreement.starts_on <= date(2026, 11, 22) <= agreement.review_by
    with approved.store.reading() as connection:
        assert len(statements_kept(connection, JCP)) == 1
