"""Law L4 after a restore, list by list: what stood when the backup was made, and what came and went since.

Each county here is put back as an operator would, settled by an approver, and started again.
"""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.errors import NotAttestable
from gateway.ledger.events import Event
from gateway.model.delivery import RESTORED, ListState
from gateway.seams import Seam
from gateway.services.agreements.stop_disclosures import StartReason, start_disclosures
from gateway.services.audit.audit_person import Question, ReadReason, audit_person
from gateway.services.disclosure.attest_lists import Holding, attest_list
from gateway.services.disclosure.recall_lists import Found, RecallReason, recall_list
from gateway.services.restoring.settle_restored import Restored, settle_restored
from gateway.store.lists import last_people, lists_without_rows
from gateway.store.tables import lists, statements
from tests.backed_up import Backup
from tests.dying_night import start_dying, whole_night
from tests.rehearsed_county import HOUSING, JOBCENTRE, NIGHT, SECOND_PERSON, SMALL_HOURS, RehearsedCounty

CASE = "IG-2026-0142"
LIST = f"LST-{HOUSING}-{NIGHT}-all"
#: On Thursday the restore is noticed: the night of Monday and those since are in doubt.
THURSDAY = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)


def settle(county: RehearsedCounty, at: datetime = THURSDAY) -> Restored:
    with county.at(at, SECOND_PERSON) as workplace:
        return settle_restored(workplace, CASE)


def start(county: RehearsedCounty) -> None:
    with county.at(actor=SECOND_PERSON) as workplace:
        assert start_disclosures(workplace, StartReason.ENTERED_AGAIN, CASE)


def attest(county: RehearsedCounty, reference: str, holding: Holding) -> ListState:
    with county.at(actor=SECOND_PERSON) as workplace:
        return attest_list(workplace, reference, holding, CASE)


def something_happens(county: RehearsedCounty) -> None:
    with county.at(SMALL_HOURS) as workplace, workplace.store.writing(workplace.actor) as work:
        work.enter(Event.SERVICE_STOPPED)


def names_in(county: RehearsedCounty, partner: str) -> set[str]:
    return {path.name for path in county.inbox(partner).iterdir()}


def packages(county: RehearsedCounty) -> list[str]:
    return [name for partner in county.partners for name in names_in(county, partner) if name.endswith(".pgp")]


def test_every_window_since_of_every_part_waits_for_a_person(sqlite_county):
    """The backup is of the evening, with the extracts loaded and both agreements approved."""
    county = sqlite_county
    county.approve()
    backup = Backup(county)
    county.run()
    made = {(each.window, each.part) for each in county.lists(lists.c.agreement_id == JOBCENTRE)}
    backup.put_back()
    settled = settle(county)
    kept = county.lists()
    assert {each.reference for each in kept} == set(settled.windows)
    assert {(each.state, each.reason, each.root) for each in kept} == {(ListState.UNCERTAIN, RESTORED, None)}
    doubtful = {(each.window, each.part) for each in kept if each.agreement_id == JOBCENTRE}
    offices = {part for _, part in made}
    # The evening is a Sunday's: no window of the Jobcentre's falls on it.
    assert doubtful == {(f"2026-11-{day}", office) for day in (16, 17, 18, 19) for office in offices}
    assert {each.window for each in kept if each.agreement_id == HOUSING} == {str(NIGHT)}
    assert county.audit() == ()
    start(county)
    assert county.run(THURSDAY) == []


def test_a_list_sealed_before_the_backup_is_looked_for_and_not_sent_again(sqlite_unloaded):
    county = sqlite_unloaded
    county.load(SMALL_HOURS)
    county.run()
    backup = Backup(county)
    county.deliver()
    before = packages(county)
    backup.put_back()
    settled = settle(county, SMALL_HOURS + timedelta(hours=1))
    assert (settled.lists, settled.windows) == ((LIST,), ())
    start(county)
    (result,) = county.deliver()
    assert (result.state, packages(county)) == (ListState.VERIFIED, before)
    assert county.audit() == ()


def test_a_list_sealed_before_the_backup_and_taken_since_waits_for_the_desk(sqlite_unloaded):
    county = sqlite_unloaded
    county.load(SMALL_HOURS)
    county.run()
    backup = Backup(county)
    county.deliver()
    county.answer()
    backup.put_back()
    settle(county, SMALL_HOURS + timedelta(hours=1))
    start(county)
    (result,) = county.deliver()
    assert (result.state, packages(county)) == (ListState.UNCERTAIN, [])
    whole_night(county.settings_file, SMALL_HOURS + timedelta(hours=2))
    (kept,) = county.lists()
    assert kept.state is ListState.RECEIVED
    assert county.audit() == ()


def test_what_was_staged_before_the_restore_is_never_published_after_it(sqlite_unloaded):
    """A hold that came since may have made it void, and that is lost: only a person knows."""
    county = sqlite_unloaded
    county.load(SMALL_HOURS)
    county.run()
    backup = Backup(county)
    night = start_dying(county.settings_file, SMALL_HOURS, county.folder / "passed", at=(Seam.FILE_CLOSED, 1))
    night.join(60)
    county.a_minute_passes_for_leases()
    backup.put_back()
    settle(county, SMALL_HOURS + timedelta(hours=1))
    start(county)
    (result,) = county.deliver()
    assert (result.state, packages(county)) == (ListState.UNCERTAIN, [])
    assert attest(county, LIST, Holding.NOT_DELIVERED) is ListState.FAILED
    assert county.audit() == ()


def test_a_withheld_list_may_have_been_released_since(sqlite_county):
    county = sqlite_county
    county.change_agreement(HOUSING, "most_people: 3000", "most_people: 1")
    county.approve(HOUSING)
    county.run()
    (withheld,) = county.lists()
    assert (withheld.state, withheld.people > 1) == (ListState.WITHHELD, True)
    backup = Backup(county)
    something_happens(county)
    backup.put_back()
    assert settle(county, SMALL_HOURS + timedelta(hours=1)).lists == (LIST,)
    start(county)
    assert attest(county, LIST, Holding.NOT_DELIVERED) is ListState.PLANNED
    assert county.audit() == ()
    county.a_minute_passes_for_leases()
    county.run(SMALL_HOURS + timedelta(hours=1))
    (again,) = county.lists()
    assert (again.state, again.people) == (ListState.WITHHELD, withheld.people)
    assert county.audit() == ()


def test_an_agreement_that_was_approved_since_counts_by_the_signatures_that_lie_beside(sqlite_unloaded):
    county = sqlite_unloaded
    county.load(SMALL_HOURS)
    backup = Backup(county)
    something_happens(county)
    backup.put_back()
    (county.folder / "agreements" / "approvals" / f"{JOBCENTRE}.rowan.sig").write_bytes(b"a signature")
    settled = settle(county)
    assert {name.split("-2026")[0] for name in settled.windows} == {f"LST-{JOBCENTRE}", f"LST-{HOUSING}"}
    assert len(county.rows(statements, statements.c.agreement_id == JOBCENTRE)) == 1
    assert county.audit() == ()


def test_an_agreement_that_nobody_is_known_to_have_approved_is_named_and_passed_over(sqlite_unloaded):
    county = sqlite_unloaded
    county.load(SMALL_HOURS)
    backup = Backup(county)
    something_happens(county)
    backup.put_back()
    settled = settle(county)
    assert settled.passed_over == (JOBCENTRE,)
    assert settled.windows == (LIST,)


@pytest.fixture
def attested(sqlite_unloaded: RehearsedCounty) -> RehearsedCounty:
    """A county in which a person said of a list without a row that the desk holds it."""
    county = sqlite_unloaded
    county.load(SMALL_HOURS)
    backup = Backup(county)
    whole_night(county.settings_file, SMALL_HOURS)
    backup.put_back()
    settle(county, SMALL_HOURS + timedelta(hours=1))
    start(county)
    assert attest(county, LIST, Holding.DELIVERED) is ListState.VERIFIED
    return county


def test_a_list_that_is_not_proven_is_recalled_by_phone(attested):
    with attested.at(actor=SECOND_PERSON) as workplace:
        attested.a_minute_passes_for_leases()
        assert recall_list(workplace, LIST, RecallReason.INCIDENT, CASE).found is Found.TAKEN
    (kept,) = attested.lists()
    assert kept.state is ListState.RECALLED
    assert attested.audit() == ()


def test_a_list_that_is_not_proven_is_named_as_one_without_rows_and_no_measure_for_the_next(attested):
    with attested.at() as workplace, workplace.store.reading() as connection:
        assert last_people(connection, HOUSING, "all") is None
        assert [kept.reference for kept in lists_without_rows(connection)] == [LIST]


def test_an_answer_about_anybody_names_the_lists_whose_people_are_not_on_record(attested):
    with attested.at() as workplace:
        reason = {"reason": ReadReason.SUBJECT_ACCESS, "case_reference": CASE}
        answer = audit_person(workplace, Question("nino", "QQ999999A"), **reason)
    assert (answer.disclosures, answer.without_rows) == ((), (LIST,))


def test_a_list_without_a_package_that_was_settled_is_not_settled_twice(attested):
    with pytest.raises(NotAttestable, match="verified"):
        attest(attested, LIST, Holding.NOT_DELIVERED)
