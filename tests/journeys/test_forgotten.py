"""A person is told about, then forgotten: no byte of theirs is left, and every old row and proof still verifies."""

import json
from contextlib import ExitStack

import pytest
from sqlalchemy import delete, insert, select, text

from gateway.errors import ForgottenReturned, LedgerBehindCheckpoint, NotForgettable
from gateway.ledger.events import Event
from gateway.ledger.proofs import includes, inclusion_proof, roots_of
from gateway.model.delivery import ListState
from gateway.model.forgetting import ForgetState
from gateway.model.officers import Actor, Role
from gateway.services.restoring.settle_restored import settle_restored
from gateway.services.rights.forget_again import ForgottenAgain, forget_again
from gateway.services.rights.forget_certificate import forget_certificate
from gateway.services.rights.forget_subjects import confirm_forget
from gateway.services.subjects.hold_subjects import HoldReason, LiftReason, lift_hold, place_hold
from gateway.store.tables import (
    evidence,
    family_standings,
    holds,
    lists,
    person_records,
    persons,
    snapshots,
    subject_identifiers,
    subjects,
)
from tests.backed_up import Backup
from tests.extracts_edited import extract_of
from tests.forgetting import (
    CASE,
    EHM,
    OFFICER,
    ask,
    bytes_kept,
    confirm,
    forgotten,
    keep_an_older_extract,
    leave_the_source,
    traces,
)
from tests.rehearsed_county import BOTH, MORNING, SECOND_PERSON, with_server
from tests.unmistakable_people import BORN, FORENAME, NINO, POSTCODE, SURNAME, put_into

VALUES = (SURNAME, FORENAME, NINO, POSTCODE, BORN)
APPROVER = Actor("owner", "Invented Asset Owner", frozenset({Role.APPROVER}))


@pytest.fixture(scope="module")
def marked(founded_county, tmp_path_factory):
    county = founded_county.copied_to(tmp_path_factory.mktemp("marked") / "county")
    put_into(county.facts_here)
    return county


@pytest.fixture(scope="module")
def told_once(marked, tmp_path_factory):
    """On SQLite, never used itself."""
    with ExitStack() as stack:
        return told_by(with_server(marked.copied_to(tmp_path_factory.mktemp("told") / "county"), stack))


@pytest.fixture
def told(told_once, tmp_path):
    """A county on SQLite that told a recipient about an unmistakable person."""
    return told_once.copied_to(tmp_path / "county")


@pytest.fixture(params=BOTH)
def told_on_either(request, marked, tmp_path):
    """The same on each kind of database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("told")
        return
    county = marked.copied_to(tmp_path / "county")
    with ExitStack() as stack:
        url = stack.enter_context(request.getfixturevalue("postgres_copy")("template1"))
        county.move_to(url, request.getfixturevalue("two_roles"))
        yield told_by(with_server(county, stack))


def told_by(county):
    county.load()
    county.approve()
    county.run()
    county.deliver()
    assert set().union(*county.states().values()) == {ListState.VERIFIED}
    county.clock.instant = MORNING
    return county


def person(county):
    return county.facts.canary("ordinary").source_id


def subject_of(county):
    known = select(persons.c.subject_ref).where(persons.c.surname == SURNAME)
    with county.at() as workplace, workplace.store.reading() as connection:
        return str(connection.execute(known).scalars().first())


def proofs_of(county, subject_ref):
    """A proof of every row about somebody, as it was handed out while they were known."""
    found = []
    for row in county.rows(evidence, evidence.c.subject_ref == subject_ref):
        leaves = [each.leaf for each in sorted(rows_on(county, row.list_id), key=lambda each: each.position)]
        found.append(
            (row.list_id, row.position, row.leaf, inclusion_proof(roots_of(leaves), len(leaves), row.position - 1))
        )
    return found


def rows_on(county, list_id):
    return county.rows(evidence, evidence.c.list_id == list_id)


def test_no_byte_of_a_forgotten_person_is_left_and_every_proof_still_verifies(told_on_either):
    county, subject_ref = told_on_either, subject_of(told_on_either)
    older = keep_an_older_extract(county)
    before, proofs, roots = county.rows(evidence), proofs_of(county, subject_ref), list_roots_of(county)
    assert proofs, "a recipient was told"
    assert {value for _, value in traces(bytes_kept(county), VALUES)} >= {SURNAME, FORENAME, NINO}
    leave_the_source(county, person(county))
    county.load(at=MORNING)
    done = forgotten(county, person(county))
    assert done.state is ForgetState.FORGOTTEN
    assert not older.exists()
    with county.at(), county.at():
        assert traces(bytes_kept(county), VALUES) == set()
    assert traces(bytes_kept(county), VALUES) == set()
    for table in (subjects, subject_identifiers, persons, holds):
        assert county.rows(table, table.c.subject_ref == subject_ref) == []
    assert county.rows(evidence) == before
    assert county.audit() == ()
    for list_id, position, leaf, path in proofs:
        leaves = rows_on(county, list_id)
        assert includes(roots[list_id], len(leaves), position - 1, leaf, path)


def list_roots_of(county):
    return {row.list_id: row.root for row in county.rows(lists)}


def test_a_forgotten_person_stays_forgotten_in_the_nights_after(told):
    leave_the_source(told, person(told))
    told.load(at=MORNING)
    forgotten(told, person(told))
    # The second carried them over, because a line was refused that may have been about them.
    assert [row.redacted for row in told.rows(snapshots)] == [1, 1]
    # It said of families what their needs and episodes were before.
    assert told.rows(family_standings) == []
    assert told.load(at=MORNING).state == "unchanged"
    assert told.audit() == ()
    another_day(told)
    assert [row.redacted for row in told.rows(snapshots)] == [1, 1, 0]
    assert traces(bytes_kept(told), VALUES) == set()
    assert told.audit() == ()


def test_somebody_in_the_current_extract_is_forgotten_only_under_a_tombstone(told_on_either):
    told = told_on_either
    with pytest.raises(NotForgettable, match="newest extracts hold them"):
        ask(told, person(told))
    done = forgotten(told, person(told), hold_back=True)
    assert done.tombstone
    assert told.rows(persons, persons.c.surname == SURNAME) == []
    places = ((place, content) for place, content in bytes_kept(told) if not place.startswith("extracts"))
    assert traces(places, VALUES) == set()
    another_day(told)
    back = told.rows(persons, persons.c.surname == SURNAME)
    assert len(back) == 1
    held = told.rows(holds, holds.c.lifted_at.is_(None), holds.c.subject_ref == str(back[0].subject_ref))
    assert [(row.reason, row.case_reference) for row in held] == [("forgotten", CASE)]
    assert told.audit() == ()


def another_day(county):
    """Load extracts that differ in somebody else, so that a new snapshot is made."""
    other = county.rows(person_records, person_records.c.source == EHM)[-1].source_id
    leave_the_source(county, other)
    county.load(at=MORNING)


def test_the_certificate_says_what_is_gone_what_remains_and_until_when(told):
    leave_the_source(told, person(told))
    told.load(at=MORNING)
    done = forgotten(told, person(told))
    with told.at(actor=OFFICER) as workplace:
        signed = forget_certificate(workplace, done.reference)
    told_of = signed.certificate
    assert (told_of.people, told_of.snapshots, told_of.marks, told_of.lists) == (1, 2, 0, 1)
    assert told_of.evidence == 1
    assert told_of.backups_until == "2027-02-14"
    assert told_of.finished_at
    assert b"PGP SIGNATURE" in signed.signature
    text = told_of.as_text()
    assert "nothing by which they could be recognised" in text
    assert traces([("text", text.encode()), ("json", told_of.as_json())], VALUES) == set()
    assert json.loads(told_of.as_json())["forget"] == done.reference


def test_whoever_asked_does_not_confirm(told):
    asked = ask(told, person(told), hold_back=True)
    both = Actor(OFFICER.account, OFFICER.name, frozenset({Role.IG_OFFICER, Role.APPROVER}))
    with told.at(actor=both) as workplace, pytest.raises(NotForgettable, match="may not confirm"):
        confirm_forget(workplace, asked.reference)
    assert told.rows(persons, persons.c.surname == SURNAME)


def test_a_restored_database_forgets_again_when_it_is_settled(told_on_either):
    told = told_on_either
    leave_the_source(told, person(told))
    told.load(at=MORNING)
    backup = Backup(told)
    try:
        forgotten(told, person(told))
        backup.put_back()
    finally:
        backup.throw_away()
    throw_copies_away(told)
    assert told.rows(persons, persons.c.surname == SURNAME)
    with pytest.raises(LedgerBehindCheckpoint):
        told.load(at=MORNING)
    with told.at(actor=APPROVER) as workplace:
        settle_restored(workplace, CASE)
    assert traces(bytes_kept(told), VALUES) == set()
    assert [entry["again"] for entry in told.entries(Event.FORGET_ERASED)] == [True]
    assert told.audit() == ()


def test_a_database_put_back_with_its_checkpoint_runs_only_after_it_forgot_again(told):
    asked = ask(told, person(told), hold_back=True)
    backup, newest = Backup(told), told.settings.state / "checkpoints" / "newest.txt"
    note = newest.read_bytes()
    try:
        confirm(told, asked)
        backup.put_back()
        newest.write_bytes(note)
    finally:
        backup.throw_away()
    throw_copies_away(told)
    with pytest.raises(ForgottenReturned):
        told.load(at=MORNING)
    with told.at(actor=SECOND_PERSON) as workplace:
        assert forget_again(workplace) == ForgottenAgain(1, 1)
        assert forget_again(workplace) == ForgottenAgain(0, 0)
    places = ((place, content) for place, content in bytes_kept(told) if not place.startswith("extracts"))
    assert traces(places, VALUES) == set()
    another_day(told)
    held = told.rows(holds, holds.c.lifted_at.is_(None), holds.c.reason == "forgotten")
    assert len(held) == 1, "the tombstone came back from the log"
    assert told.audit() == ()


def throw_copies_away(county):
    (county.folder / "backup.db").unlink(missing_ok=True)


def test_whoever_is_filed_again_under_another_id_is_recognised_too(told):
    forgotten(told, person(told), hold_back=True)
    file_under(told, person(told), "2888888")
    told.load(at=MORNING)
    (back,) = told.rows(persons, persons.c.surname == SURNAME)
    reasons = {row.reason for row in told.rows(holds, holds.c.subject_ref == str(back.subject_ref))}
    assert reasons == {"forgotten"}


def file_under(county, source_id, another):
    for path in (county.folder / "extracts" / EHM).glob("*.csv"):
        path.write_bytes(path.read_bytes().replace(source_id.encode(), another.encode()))


def test_a_registry_that_was_wiped_and_one_that_knows_a_forgotten_person_are_found(told):
    leave_the_source(told, person(told))
    told.load(at=MORNING)
    subject_ref = subject_of(told)
    before = told.rows(subjects, subjects.c.subject_ref == subject_ref)
    forgotten(told, person(told))
    with told.at() as workplace, workplace.store.engine.connect() as connection:
        drop_guards(connection)
        connection.execute(insert(subjects).values(**before[0]._mapping))
        connection.commit()
    assert any("forgotten, and is in the registry again" in each.what for each in told.audit())
    with told.at() as workplace, workplace.store.engine.connect() as connection:
        connection.execute(delete(subjects))
        connection.commit()
    assert any("no entry says that it was forgotten" in each.what for each in told.audit())


def drop_guards(connection):
    for act in ("insert", "update", "delete"):
        connection.execute(text(f"DROP TRIGGER subjects_explained_{act}"))


def test_a_hold_that_followed_from_a_forgotten_person_stays_until_its_own_person_is_released(told):
    file_also_under(told, person(told), "2777777")
    told.load(at=MORNING)
    with told.at() as workplace:
        place_hold(workplace, (EHM, person(told)), reason=HoldReason.SAFETY, case_reference=CASE)
    assert held(told) == ["could_be_held", "safety"]
    forgotten(told, person(told), hold_back=True)
    assert held(told) == ["could_be_held"]
    with told.at() as workplace:
        assert lift_hold(workplace, (EHM, "2777777"), reason=LiftReason.DECIDED, case_reference=CASE) == 1
    assert held(told) == []
    assert told.audit() == ()


def held(county):
    return sorted(row.reason for row in county.rows(holds, holds.c.lifted_at.is_(None)))


def file_also_under(county, source_id, another):
    """Add a record that could be the same person, by name and day of birth alone."""
    path = extract_of(county, EHM, "persons")
    lines = path.read_bytes().splitlines(keepends=True)
    (own,) = [line for line in lines if line.startswith(source_id.encode())]
    place = lines.index(own) + 1
    path.write_bytes(b"".join([*lines[:place], own.replace(source_id.encode(), another.encode()), *lines[place:]]))
