"""What is due goes, with its entry; what a case keeps, what is not at rest and what is not whole stays."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update

from gateway.errors import AccessDenied, DisclosureRefused, MoveNotAllowed, PackageRemoved, StoreError
from gateway.ledger.entries import Event, read_entry
from gateway.ledger.tree import SUBTREE
from gateway.model.flags import FLAG_BIT, FlagKind
from gateway.model.handover import HandoverState
from gateway.model.officers import ALLOWED, Action, Actor, Role
from gateway.model.retention import HoldState, Kept
from gateway.model.time import as_text
from gateway.services.audit.audit_verify import audit_verify
from gateway.services.reconciliation.clear_uploaded import clear_uploaded
from gateway.services.retention.hold_records import hold_list, let_records_go, list_record_holds
from gateway.services.retention.plan_retention import plan_retention
from gateway.services.retention.run_retention import purge_evidence, run_retention
from gateway.store.lists import get_list
from gateway.store.packages import package_of
from gateway.store.purge import remove_ciphertext
from gateway.store.record_holds import RecordHold, keep_record_hold
from gateway.store.retention import FLAGGED
from gateway.store.subtrees import kept_subtrees
from gateway.store.tables import (
    evidence,
    evidence_stubs,
    exclusions,
    handover_people,
    holds,
    ledger,
    lists,
    package_blocks,
    packages,
    persons,
    reconciliations,
    snapshots,
    subtrees,
    told_people,
)
from tests.bare_workplace import Recorded, a_bare_workplace
from tests.evidence_made import answer_list_of, hand_over, make_evidence, receive_list
from tests.lists_made import seal_list_of, send_list, some_subjects
from tests.resting_lists import AFTER_COPIES, AT_TERM, FIRST, SECOND, keep_terms, recall, two_lists

CASE = "IG-2033-1"
THIRD = "L-2026-11-22-all"
TABLES = (evidence, exclusions, handover_people)


class OnlyTheLog:
    """Keys of which only the log's is asked for."""

    def __init__(self, signer):
        self._signer = signer

    def checkpoint_signer(self):
        return self._signer


@pytest.fixture
def people():
    return some_subjects(5)


@pytest.fixture
def county(store, clock, everyone, signer, tmp_path, monkeypatch, people):
    """Two lists that were received on 22 November 2026, under the shipped agreement: 35 and 28 days."""
    keep_terms(store, everyone, monkeypatch)
    two_lists(store, everyone, people[:3], people[3:])
    return a_bare_workplace(store, clock, everyone, tmp_path, keys=OnlyTheLog(signer))


def left(county, *tables) -> list[int]:
    with county.store.reading() as connection:
        return [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]


def entries(county, event: Event) -> list[dict[str, object]]:
    with county.store.reading() as connection:
        bodies = connection.execute(select(ledger.c.body).where(ledger.c.event == event.value).order_by("position"))
        return [dict(read_entry(body).body) for body in bodies.scalars()]


def test_nothing_is_due_on_the_last_day_and_everything_of_it_on_the_next(county, clock):
    clock.instant = AFTER_COPIES - timedelta(days=1)
    assert plan_retention(county).due == ()
    clock.instant = AFTER_COPIES
    copy = plan_retention(county).due[0]
    assert (copy.kind, copy.reference, copy.kept_until) == (Kept.SEALED_COPY, FIRST, date(2026, 12, 27))
    assert copy.rule == "our copy goes 35 days after the list was received"


def test_a_plan_may_be_asked_for_another_day_and_changes_nothing(county):
    before = left(county, ledger)
    kinds = [each.kind for each in plan_retention(county, AT_TERM.date()).due]
    assert kinds == [Kept.SEALED_COPY, Kept.SEALED_COPY, Kept.EVIDENCE, Kept.EVIDENCE]
    assert left(county, ledger) == before


def test_L4_a_sealed_copy_goes_and_is_never_sent_again_while_its_manifest_stays(county, clock, everyone):
    clock.instant = AFTER_COPIES
    done = run_retention(county)
    assert [each.reference for each in done.gone] == [FIRST, SECOND]
    with county.store.reading() as connection:
        assert len(connection.execute(select(packages.c.manifest)).all()) == 2
        first = get_list(connection, 1)
    assert left(county, package_blocks) == [0]
    with pytest.raises(PackageRemoved, match="removed"), county.store.reading() as connection:
        package_of(connection, county.store.reading, first)
    with pytest.raises(PackageRemoved, match="removed"), county.store.writing(everyone) as work:
        remove_ciphertext(work, first, reason="term-ended", rested_on=date(2026, 11, 22), kept_until=date(2026, 11, 22))
    said = entries(county, Event.PACKAGE_REMOVED)[0]
    assert (said["list"], said["reason"], said["kept_until"]) == (FIRST, "term-ended", "2026-12-27")
    assert audit_verify(county).findings == ()
    assert run_retention(county).gone == ()
    assert county.record[-2:] == Recorded(
        [
            ("retention:removed", {"copies": 2, "snapshots": 0, "evidence": 0}),
            ("retention:removed", {"copies": 0, "snapshots": 0, "evidence": 0}),
        ]
    )


def test_L4_what_may_still_be_sent_keeps_its_copy(county, clock, everyone, people):
    list_id = seal_list_of(county.store, everyone, "2026-11-22", people)
    send_list(county.store, everyone, list_id, "L-2026-11-22-all", verified=False)
    clock.instant = AT_TERM
    assert [each.reference for each in run_retention(county).gone] == [FIRST, SECOND]
    days = {"rested_on": date(2026, 11, 22), "kept_until": date(2026, 11, 22)}
    with pytest.raises(MoveNotAllowed), county.store.writing(everyone) as work:
        remove_ciphertext(work, get_list(work.connection, list_id), reason="term-ended", **days)


def test_a_recalled_list_keeps_its_copy_for_as_long_again(county, clock, everyone):
    clock.instant = AFTER_COPIES - timedelta(days=5)
    recall(county.store, everyone, 1, FIRST)
    clock.instant = AFTER_COPIES
    assert [each.reference for each in run_retention(county).gone] == [SECOND]


def test_evidence_is_purged_with_a_stub_that_keeps_counts_and_root(county, clock):
    with county.store.reading() as connection:
        listed = connection.execute(select(lists).order_by("list_id")).all()
    clock.instant = AT_TERM
    run_retention(county)
    done = purge_evidence(county, CASE)
    assert [each.reference for each in done.gone] == [FIRST, SECOND]
    assert left(county, evidence, exclusions) == [0, 0]
    with county.store.reading() as connection:
        assert connection.execute(select(lists).order_by("list_id")).all() == listed
        stubs = connection.execute(select(evidence_stubs).order_by("reference")).all()
    assert [(each.reference, each.rows, each.exclusions, each.fields) for each in stubs] == [
        (FIRST, 3, 2, 0b111111),
        (SECOND, 2, 0, 0b111111),
    ]
    assert [each.root for each in stubs] == [each.root for each in listed]
    assert {each["case"] for each in entries(county, Event.EVIDENCE_PURGED)} == {CASE}
    verified = audit_verify(county)
    assert (verified.findings, verified.lists, verified.rows) == ((), 2, 0)


def test_evidence_never_goes_without_a_person_and_a_case(county, clock):
    clock.instant = AT_TERM
    done = run_retention(county)
    assert {each.kind for each in done.gone} == {Kept.SEALED_COPY}
    assert len(done.waiting) == 2
    with pytest.raises(DisclosureRefused, match="case reference"):
        purge_evidence(county, "because it is time")
    assert left(county, evidence) == [5]


def test_the_night_may_not_purge_and_officers_may_not_run(county):
    assert ALLOWED[Action.PURGE_EVIDENCE] == {Role.APPROVER}
    night = Actor("night", "Service", frozenset({Role.SERVICE}))
    with pytest.raises(AccessDenied):
        purge_evidence(type(county)(**fields_of(county) | {"actor": night}), CASE)


def fields_of(county) -> dict[str, object]:
    return {name: getattr(county, name) for name in county.__slots__}


def test_evidence_outlasts_a_recipient_that_may_keep_its_copy_longer(
    store, clock, everyone, signer, tmp_path, monkeypatch, people
):
    keep_terms(store, everyone, monkeypatch, their_copy_days=3650)
    two_lists(store, everyone, people[:3])
    county = a_bare_workplace(store, clock, everyone, tmp_path, keys=OnlyTheLog(signer))
    clock.instant = AT_TERM
    assert plan_retention(county).evidence == ()
    # The list for 21 November may be kept by them for a day longer than that for the twentieth.
    assert plan_retention(county, date(2036, 11, 17)).evidence == ()
    assert [each.reference for each in plan_retention(county, date(2036, 11, 18)).evidence] == [FIRST]


def test_a_list_whose_agreement_says_no_terms_keeps_everything_and_is_named(
    store, clock, everyone, signer, tmp_path, people
):
    from tests.lists_made import keep_statement_of

    keep_statement_of(store, everyone)
    two_lists(store, everyone, people[:3])
    county = a_bare_workplace(store, clock, everyone, tmp_path, keys=OnlyTheLog(signer))
    clock.instant = AT_TERM
    plan = plan_retention(county)
    assert (plan.due, plan.without_terms) == ((), (FIRST, SECOND))


# --- holds ---


def test_a_hold_on_a_list_keeps_its_copy_and_its_evidence_until_it_is_let_go(county, clock):
    hold = hold_list(county, FIRST, "LEGAL-2027-4")
    clock.instant = AT_TERM
    assert {each.held_by for each in plan_retention(county).held} == {"LEGAL-2027-4"}
    assert [each.reference for each in run_retention(county).gone] == [SECOND]
    assert [each.reference for each in purge_evidence(county, CASE).gone] == [SECOND]
    assert left(county, evidence, exclusions) == [3, 2]
    let_records_go(county, hold.reference, "LEGAL-2033-9")
    run_retention(county)
    assert [each.reference for each in purge_evidence(county, CASE).gone] == [FIRST]
    assert [each.state.value for each in list_record_holds(county)] == ["let_go"]
    assert audit_verify(county).findings == ()


@pytest.mark.parametrize("number", [0, 3], ids=["on the list", "left out of it"])
def test_a_restriction_on_a_person_keeps_the_lists_with_whom_they_are_on_record(
    county, clock, everyone, people, number
):
    with county.store.writing(everyone) as work:
        said = {"subject": people[number].subject_ref, "reason": "restriction", "case": "IG-2027-2"}
        position = work.enter(Event.HOLD_PLACED, **said)
        work.connection.execute(
            holds.insert().values(
                subject_ref=people[number].subject_ref,
                reason="restriction",
                case_reference="IG-2027-2",
                placed_at="2026-11-22T23:10:00Z",
                explained_by=position,
            )
        )
    clock.instant = AT_TERM
    held = {each.reference: each.held_by for each in plan_retention(county).held}
    assert held == dict.fromkeys([FIRST, SECOND] if number == 0 else [FIRST], "IG-2027-2")


def test_the_legal_hold_flag_of_the_newest_snapshot_keeps_whom_it_names(county, clock, everyone, people):
    with county.store.writing(everyone) as work:
        position = work.enter(Event.SERVICE_STOPPED)
        work.connection.execute(
            snapshots.insert().values(
                snapshot_id=7,
                reference="S-7",
                loaded_at="2026-11-22T23:10:00Z",
                as_at_on=date(2026, 11, 22),
                content_hash="0" * 64,
                people=1,
                flags=1,
                flags_reaching_nobody=0,
                explained_by=position,
            )
        )
        work.connection.execute(
            persons.insert().values(
                snapshot_id=7,
                person_key=1,
                subject_ref=people[2].subject_ref,
                secret=people[2].secret,
                incomplete=False,
                flags=FLAG_BIT[FlagKind.LEGAL_HOLD],
            )
        )
    clock.instant = AT_TERM
    assert {each.reference: each.held_by for each in plan_retention(county).held} == {FIRST: FLAGGED}


def test_only_an_approver_lets_go(county):
    assert ALLOWED[Action.HOLD_RECORDS] == {Role.IG_OFFICER, Role.APPROVER}
    assert ALLOWED[Action.LET_RECORDS_GO] == {Role.APPROVER}


# --- what is not whole ---


def test_L7_evidence_that_is_not_what_was_sealed_is_never_purged(county, clock):
    tamper(
        county, "evidence", update(evidence).where(evidence.c.list_id == 1, evidence.c.position == 2).values(fields=1)
    )
    clock.instant = AT_TERM
    done = purge_evidence(county, CASE)
    assert ([each.reference for each in done.gone], [each.reference for each in done.damaged]) == ([SECOND], [FIRST])
    assert left(county, evidence) == [3]
    assert {each.where for each in audit_verify(county).findings} == {f"list {FIRST} row 2"}


def test_L7_a_list_with_a_row_or_an_exclusion_too_few_is_never_purged(county, clock, people):
    tamper(county, "evidence", evidence.delete().where(evidence.c.list_id == 2, evidence.c.position == 2))
    tamper(county, "exclusions", exclusions.delete().where(exclusions.c.subject_ref == people[3].subject_ref))
    clock.instant = AT_TERM
    assert len(purge_evidence(county, CASE).damaged) == 2
    assert left(county, evidence_stubs) == [0]


def tamper(county, table: str, change) -> None:
    """Change rows as the owner of the database."""
    from gateway.store.triggers import sqlite_triggers

    with county.store.engine.connect() as connection, connection.begin():
        if connection.dialect.name == "sqlite":
            made = sqlite_triggers([table], ())
            for name in made:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.execute(change)
            for sql in made.values():
                connection.exec_driver_sql(sql)
        else:
            acts = ("update", "delete")
            for act in acts:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_{act}"))
            connection.execute(change)
            for act in acts:
                connection.execute(text(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_{act}"))


def test_L7_nobody_deletes_evidence_but_by_the_entry_of_its_purge(county, everyone):
    for table in ("evidence", "exclusions"):
        with pytest.raises(StoreError, match="law L7"), county.store.writing(everyone) as work:
            work.enter(Event.SERVICE_STOPPED)
            work.connection.execute(text(f"DELETE FROM {table}"))
    assert left(county, evidence, exclusions) == [5, 2]


def test_a_handover_is_purged_at_its_term_too(county, clock, everyone, people):
    hand_over(county.store, everyone, "HND-1", [each.subject_ref for each in people[:2]])
    hand_over(county.store, everyone, "HND-2", [people[0].subject_ref], HandoverState.ENTERED)
    clock.instant = AT_TERM
    done = purge_evidence(county, CASE)
    assert [(each.kind, each.reference) for each in done.gone][-1] == (Kept.HANDOVER, "HND-1")
    assert left(county, handover_people) == [1]
    assert audit_verify(county).findings == ()


def test_what_was_told_of_whom_is_purged_at_its_term_too(county, clock, everyone, people):
    for reference in ("RCN-ely-2026-11-22-1", "RCN-ely-2026-11-22-2"):
        answer_list_of(county.store, everyone, reference, people[:3])
    clock.instant = AT_TERM
    done = purge_evidence(county, CASE)
    assert [(each.kind, each.reference) for each in done.gone][-1] == (Kept.TOLD, "RCN-ely-2026-11-22-2")
    assert left(county, told_people, reconciliations) == [0, 2]
    assert audit_verify(county).findings == ()


def test_what_was_told_of_somebody_whose_records_are_kept_stays(county, clock, everyone, people):
    made = answer_list_of(county.store, everyone, "RCN-ely-2026-11-22-1", people[:3])
    with county.store.writing(everyone) as work:
        held = {"list_reference": None, "subject_ref": people[1].subject_ref, "case_reference": "IG-2026-77"}
        by = {"held_by": everyone.account, "held_at": as_text(work.at), "state": HoldState.HELD}
        keep_record_hold(work, RecordHold("KEEP-1", **held, **by))
    clock.instant = AT_TERM
    (kept,) = [each for each in plan_retention(county).due if each.kind is Kept.TOLD]
    assert (kept.reference, kept.held_by) == (made.reference, "IG-2026-77")
    purge_evidence(county, CASE)
    assert left(county, told_people) == [3]


def test_L7_what_was_told_and_is_not_whole_is_never_purged(county, clock, everyone, people):
    made = answer_list_of(county.store, everyone, "RCN-ely-2026-11-22-1", people[:3])
    tamper(county, "told_people", update(told_people).where(told_people.c.position == 2).values(fields=1))
    clock.instant = AT_TERM
    assert [each.reference for each in purge_evidence(county, CASE).damaged] == [made.reference]
    assert left(county, told_people) == [3]


def test_a_snapshot_goes_once_a_newer_one_is_there(county, clock, everyone):
    for number, day in ((1, date(2026, 10, 1)), (2, date(2026, 11, 22))):
        with county.store.writing(everyone) as work:
            counts = {"people": 3, "flags": 0, "flags_reaching_nobody": 0}
            position = work.enter(
                Event.SOURCES_LOADED,
                load=f"LOAD-{number}",
                snapshot=f"S-{number}",
                content_hash="0" * 64,
                as_at_on=day,
                **counts,
            )
            work.connection.execute(
                snapshots.insert().values(
                    snapshot_id=number,
                    reference=f"S-{number}",
                    loaded_at="2026-11-22T23:10:00Z",
                    as_at_on=day,
                    content_hash="0" * 64,
                    explained_by=position,
                    **counts,
                )
            )
    (due,) = plan_retention(county).due
    assert (due.kind, due.reference, due.kept_until) == (Kept.SNAPSHOT, "S-1", date(2026, 11, 5))
    assert [each.reference for each in run_retention(county).gone] == ["S-1"]
    assert left(county, snapshots) == [1]
    clock.instant = datetime(2030, 1, 1, tzinfo=UTC)
    assert Kept.SNAPSHOT not in {each.kind for each in plan_retention(county).due}


def test_the_rows_of_a_work_coach_list_are_planned_for_the_day_on_which_the_night_removes_them(
    store, clock, everyone, tmp_path
):
    make_evidence(store, everyone)
    county = a_bare_workplace(store, clock, everyone, tmp_path)
    last = date(2026, 11, 22) + timedelta(days=county.reconciling.rows_kept_days)
    assert Kept.UPLOADED not in {each.kind for each in plan_retention(county, last).due}
    due = next(each for each in plan_retention(county, last + timedelta(days=1)).due if each.kind is Kept.UPLOADED)
    assert (due.reference, due.kept_until) == ("RCN-ely-2026-11-21-1", last)
    clock.instant = datetime(2026, 12, 28, 0, 5, tzinfo=UTC)
    assert [each.reference for each in clear_uploaded(county)] == ["RCN-ely-2026-11-21-1", "RCN-ely-2026-11-22-1"]
    assert Kept.UPLOADED not in {each.kind for each in plan_retention(county).due}


def test_a_list_long_enough_for_kept_roots_of_subtrees_leaves_none_behind(county, clock, everyone):
    many = some_subjects(2 * SUBTREE + 88)
    long = seal_list_of(county.store, everyone, "2026-11-22", many, keep=True)
    send_list(county.store, everyone, long, THIRD)
    receive_list(county.store, everyone, long, THIRD)
    with county.store.reading() as connection:
        assert len(kept_subtrees(connection, long)) == 2
        root = get_list(connection, long).root
    clock.instant = AT_TERM + timedelta(days=1)
    done = purge_evidence(county, CASE)
    assert THIRD in [each.reference for each in done.gone]
    assert left(county, evidence, subtrees) == [0, 0]
    with county.store.reading() as connection:
        stub = connection.execute(select(evidence_stubs).where(evidence_stubs.c.reference == THIRD)).one()
    assert (stub.rows, stub.root) == (len(many), root)
    assert audit_verify(county).findings == ()
