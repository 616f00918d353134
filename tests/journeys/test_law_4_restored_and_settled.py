"""Law L4 from a restored backup to the next night: a person settles it, and nothing that may have gone goes again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from gateway import bootstrap
from gateway.errors import (
    AccessDenied,
    DisclosureRefused,
    ExitCode,
    LedgerBehindCheckpoint,
    NotAttestable,
    NotSettleable,
)
from gateway.ledger.events import Event
from gateway.model.delivery import ATTESTED, RESTORED, ListState
from gateway.model.officers import Actor, Role
from gateway.sandbox.county import invent_county
from gateway.services.agreements.stop_disclosures import StartReason, start_disclosures
from gateway.services.audit.audit_verify import audit_verify
from gateway.services.delivery.deliver_lists import Retrying, deliver
from gateway.services.disclosure.attest_lists import NOT_PROVEN, Holding, attest_list
from gateway.services.disclosure.run_disclosures import run_disclosures
from gateway.services.planning.night_plan import Progress
from gateway.services.planning.plan_night import plan_night
from gateway.services.restoring.settle_restored import look_at_restored, settle_restored
from gateway.store.tables import leases, ledger
from tests.backed_up import Backup
from tests.dying_night import whole_night
from tests.rehearsed_county import DISTRICT, HOUSING, NIGHT, SECOND_PERSON, SMALL_HOURS, RehearsedCounty

CASE = "IG-2026-0142"
LIST = f"LST-{HOUSING}-{NIGHT}-all"
#: The restore is noticed an hour after the night, and settled then.
LATER = SMALL_HOURS + timedelta(hours=1)
NEXT_EVENING = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
NEXT_NIGHT = datetime(2026, 11, 23, 2, 5, tzinfo=UTC)


@pytest.fixture
def restored_on_either(unloaded: RehearsedCounty) -> Iterator[RehearsedCounty]:
    """A county whose database was put back to what it was before the night, and nothing else was."""
    with put_back(unloaded) as county:
        yield county


@pytest.fixture
def restored(sqlite_unloaded: RehearsedCounty) -> Iterator[RehearsedCounty]:
    """The same where the kind of database does not matter."""
    with put_back(sqlite_unloaded) as county:
        yield county


@contextmanager
def put_back(county: RehearsedCounty) -> Iterator[RehearsedCounty]:
    county.load(SMALL_HOURS)
    backup = Backup(county)
    whole_night(county.settings_file, SMALL_HOURS)
    backup.put_back()
    yield county
    backup.throw_away()


def newest_outside(county: RehearsedCounty) -> str:
    return bootstrap.newest_checkpoint_of(county.settings).read_text(encoding="utf-8")


def published(county: RehearsedCounty) -> dict[str, float]:
    files = [path for partner in county.partners for path in county.inbox(partner).iterdir()]
    return {path.name: path.stat().st_mtime for path in files}


def settle(county: RehearsedCounty, at: datetime = LATER):
    with county.at(at, SECOND_PERSON) as workplace:
        return settle_restored(workplace, CASE)


def start(county: RehearsedCounty) -> None:
    with county.at(actor=SECOND_PERSON) as workplace:
        assert start_disclosures(workplace, StartReason.ENTERED_AGAIN, CASE)


def attest(county: RehearsedCounty, holding: Holding, reference: str = LIST) -> ListState:
    with county.at(actor=SECOND_PERSON) as workplace:
        state = attest_list(workplace, reference, holding, CASE)
    # The database's own clock is not the county's.
    county.a_minute_passes_for_leases()
    return state


def only_list(county: RehearsedCounty):
    (kept,) = county.lists()
    return kept


def stands(county: RehearsedCounty, reference: str = LIST):
    with county.at() as workplace:
        plan = plan_night(workplace, load_at=county.settings.load_at)
    return next(item for item in plan.lists if item.reference == reference)


def next_night(county: RehearsedCounty) -> None:
    """Bring the next week's extracts and do everything that is due then."""
    invent_county(county.folder / "extracts", seed=1, families=70, as_at=date(2026, 11, 22))
    county.load(NEXT_EVENING)
    whole_night(county.settings_file, NEXT_NIGHT)
    county.clock.instant = NEXT_NIGHT


def test_L4_a_restored_backup_is_settled_and_nothing_goes_again(restored_on_either):
    restored = restored_on_either
    before, outside = published(restored), newest_outside(restored)
    assert before
    with restored.at(LATER) as workplace:
        with pytest.raises(LedgerBehindCheckpoint) as refused:
            run_disclosures(workplace, [(HOUSING, NIGHT)])
        assert refused.value.exit_code is ExitCode.INTEGRITY
        assert "gateway disclose settle" in refused.value.advice()
        plan = plan_night(workplace, load_at=restored.settings.load_at)
        assert (plan.to_run(), plan.to_deliver()) == ((), ())
        assert {item.reason for item in plan.of(Progress.BLOCKED)} == {"ledger-behind-checkpoint"}
        entries = len(restored.rows(ledger))
        look = look_at_restored(workplace)
        assert (look.windows, look.lists) == ((LIST,), ())
        assert len(restored.rows(ledger)) == entries == look.had
    assert settle(restored) == look

    kept = only_list(restored)
    assert (kept.reference, kept.state, kept.reason) == (LIST, ListState.UNCERTAIN, RESTORED)
    assert restored.audit() == ()
    with restored.at() as workplace:
        found = audit_verify(workplace, outside)
        assert found.whole
        assert found.lost_checkpoints == 1
        assert [(loss.had, loss.case) for loss in found.losses] == [(look.had, CASE)]
        assert found.size > look.held
    assert newest_outside(restored) != outside

    whole_night(restored.settings_file, LATER)
    with restored.at() as workplace, pytest.raises(DisclosureRefused, match="holds that were placed since"):
        start_disclosures(workplace_of_approver(workplace), StartReason.RESOLVED, CASE)
    start(restored)
    whole_night(restored.settings_file, LATER)
    with restored.at() as workplace:
        deliver(workplace, [kept.list_id], retrying=Retrying(sleep=lambda _: None))
    assert published(restored) == before
    assert only_list(restored).state is ListState.UNCERTAIN

    assert attest(restored, Holding.DELIVERED) is ListState.VERIFIED
    kept = only_list(restored)
    assert (kept.reason, kept.verify_method, kept.package_sha256) == (NOT_PROVEN, ATTESTED, None)
    next_night(restored)
    assert published(restored).keys() > before.keys()
    assert [each.state for each in restored.lists()] == [ListState.VERIFIED, ListState.VERIFIED]
    assert restored.audit() == ()


def workplace_of_approver(workplace):
    return replace(workplace, actor=SECOND_PERSON)


def test_a_window_that_the_desk_does_not_hold_is_free_and_caught_up(restored_on_either):
    restored = restored_on_either
    for partner in restored.partners:
        for file in restored.inbox(partner).iterdir():
            file.unlink()
    settle(restored)
    start(restored)
    assert stands(restored).progress is Progress.WAITING
    assert attest(restored, Holding.NOT_DELIVERED) is ListState.PLANNED
    assert stands(restored).progress is Progress.DUE
    assert restored.audit() == ()
    whole_night(restored.settings_file, LATER)
    kept = only_list(restored)
    assert (kept.reference, kept.state) == (LIST, ListState.VERIFIED)
    assert len([name for name in published(restored) if name.endswith(".pgp")]) == 1
    assert restored.audit() == ()
    with pytest.raises(NotAttestable, match="verified"):
        attest(restored, Holding.NOT_DELIVERED)


def test_a_receipt_that_the_desk_lays_out_again_settles_a_list_without_a_row(restored):
    settle(restored)
    restored.answer()
    start(restored)
    whole_night(restored.settings_file, LATER)
    kept = only_list(restored)
    assert (kept.state, kept.package_sha256) == (ListState.RECEIVED, None)
    (collected,) = restored.entries(Event.RECEIPT_COLLECTED)
    assert collected["list"] == LIST
    assert restored.audit() == ()
    next_night(restored)
    assert [each.state for each in restored.lists()] == [ListState.RECEIVED, ListState.VERIFIED]


def test_a_free_window_that_nobody_catches_up_is_missed_and_sent_never(restored):
    settle(restored, NEXT_NIGHT)
    assert {each.window for each in restored.lists()} == {str(NIGHT), "2026-11-23"}
    start(restored)
    assert attest(restored, Holding.NOT_DELIVERED) is ListState.PLANNED
    assert stands(restored).progress is Progress.MISSED


def test_L7_a_backup_that_is_restored_a_second_time_is_recorded_a_second_time(restored):
    first = newest_outside(restored)
    backup = Backup(restored, "again")
    settle(restored)
    second = newest_outside(restored)
    backup.put_back()
    backup.throw_away()
    with restored.at(LATER) as workplace, pytest.raises(LedgerBehindCheckpoint):
        run_disclosures(workplace, [(HOUSING, NIGHT)])
    settle(restored)
    with restored.at() as workplace:
        for kept_elsewhere in (first, second):
            found = audit_verify(workplace, kept_elsewhere)
            assert (found.whole, found.lost_checkpoints) == (True, 1)


def test_L7_a_restore_that_nobody_records_is_found_by_any_checkpoint_from_before(restored):
    settle(restored)
    after = newest_outside(restored)
    backup = Backup(restored, "settled")
    start(restored)
    silent = newest_outside(restored)
    backup.put_back()
    backup.throw_away()
    bootstrap.newest_checkpoint_of(restored.settings).write_text(after, encoding="utf-8")
    whole_night(restored.settings_file, LATER)
    with restored.at(LATER) as workplace:
        start_disclosures(workplace_of_approver(workplace), StartReason.ENTERED_AGAIN, "IG-2026-0143")
        assert not audit_verify(workplace, silent).whole


def test_who_can_have_restored_it_does_not_settle_it_and_nobody_settles_what_is_whole(restored):
    operating = Actor("both", "Invented Approver and Operator", frozenset({Role.APPROVER, Role.OPERATOR}))
    with restored.at(LATER) as workplace, pytest.raises(AccessDenied):
        settle_restored(workplace, CASE)
    with restored.at(LATER, operating) as workplace, pytest.raises(NotSettleable, match="may not settle"):
        settle_restored(workplace, CASE)
    assert restored.entries(Event.DATABASE_RESTORED) == []
    settle(restored)
    with pytest.raises(NotSettleable, match="no older"):
        settle(restored)


def test_L4_numbers_of_leases_from_before_the_restore_are_never_used_again(restored):
    before = max((row.fence for row in restored.rows(leases, leases.c.name != "host")), default=0)
    settle(restored)
    assert all(row.fence > before + 1000 for row in restored.rows(leases, leases.c.name != "host"))


def test_a_checkpoint_from_elsewhere_stands_in_for_one_that_was_lost_with_the_machine(restored):
    elsewhere = newest_outside(restored)
    bootstrap.newest_checkpoint_of(restored.settings).unlink()
    with restored.at(LATER, SECOND_PERSON) as workplace:
        with pytest.raises(NotSettleable, match="no older"):
            settle_restored(workplace, CASE)
        assert settle_restored(workplace, CASE, elsewhere).windows == (LIST,)
    assert only_list(restored).partner == DISTRICT
