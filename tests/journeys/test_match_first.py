"""The narrowest mode: the recipient's own list comes in, and only people on it are ever told of (law L11).

- Over a real OpenSSH server and on both databases: left, fetched, answered, delivered, received.
- Whom it tells of is on the list that came in and included by the agreement, whatever else the list holds.
- What is doubtful waits for the data team and is answered the next time.
"""

import random
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from gateway.errors import DisclosureRefused, LedgerDamaged, NotReleasable, ReconciliationRefused, TooManyLists
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.model.linkage import Verdict
from gateway.model.officers import Actor, Role
from gateway.model.reconciliation import Side, VerdictReason
from gateway.services.alerts.reconciliation_alerts import low_share_alerts
from gateway.services.audit.audit_person import Question
from gateway.services.audit.explain_decision import Recorded, explain_decision
from gateway.services.disclosure.list_making import Outcome
from gateway.services.disclosure.preview_list import preview_list
from gateway.services.disclosure.release_lists import ReleaseReason, release_list
from gateway.services.disclosure.run_disclosures import run_disclosures
from gateway.services.planning.plan_night import plan_night
from gateway.services.receipts.collect_receipts import collect_receipts
from gateway.services.reconciliation.clear_uploaded import clear_uploaded
from gateway.services.reconciliation.decide import Said, decide
from gateway.services.reconciliation.queue import show_row, waiting_rows
from gateway.services.reconciliation.search_cohort import search_waiting
from gateway.services.reconciliation.today import answering
from gateway.store.tables import evidence, lists, queue_rows, reconciled_rows
from tests.claimants_left import (
    answered,
    collected,
    left,
    list_about,
    names_on,
    opened_copy,
    people_of,
    reach_of,
    ready,
    still_there,
    taken,
)
from tests.clock_turned import run_at
from tests.extracts_edited import take_again_on
from tests.killed_servers import partners_sshd
from tests.loaded_county import Drawn
from tests.rehearsed_county import BOTH, DWP, JOBCENTRE, MORNING, SECOND_PERSON, copied_with_database, with_server
from tests.work_coach_lists import OFFICE, SECOND_EVENING, SECOND_MORNING, STRANGER, TFEA, claimant_of, file_of

DAY = MORNING.date()


def later(hours: float = 1):
    return MORNING + timedelta(hours=hours)


@pytest.fixture(params=BOTH)
def on_sshd(request, loaded_county, tmp_path):
    """A county that answers lists, whose partners have a real OpenSSH server, on either database."""
    if request.param == "sqlite":
        yield from _over_ssh(loaded_county.copied_to(tmp_path / "county"))
        return
    names = ("loaded_on_postgres", "postgres_copy", "two_roles")
    first, postgres_copy, roles = [request.getfixturevalue(name) for name in names]
    with copied_with_database(first, tmp_path / "county", postgres_copy, roles) as copied:
        yield from _over_ssh(copied)


def _over_ssh(county):
    with partners_sshd(county):
        yield ready(county)


@pytest.fixture(scope="module")
def prepared(loaded_county, tmp_path_factory):
    """A county that answers lists as they are, never used itself; nothing is sent from it."""
    county = loaded_county.copied_to(tmp_path_factory.mktemp("answers") / "county")
    with ExitStack() as stack:
        ready(with_server(county, stack), plain=True)
    return county, reach_of(county)


@pytest.fixture
def here(prepared, tmp_path):
    return prepared[0].copied_to(tmp_path / "county")


@pytest.fixture
def reach(prepared):
    return prepared[1]


def the_next_morning(county):
    """Load the next evening's extracts, in which everybody is as they were."""
    take_again_on(county, SECOND_EVENING.date())
    county.load(SECOND_EVENING, draw=Drawn())
    return SECOND_MORNING


def at_most_three(county):
    """Have a new version approved under which an answer about more than three people waits."""
    county.change_agreement(JOBCENTRE, "version: 1", "version: 2")
    county.change_agreement(JOBCENTRE, "most_people: 6000", "most_people: 3")
    county.clock.instant = MORNING
    county.approve(JOBCENTRE)


def run(county, at=MORNING):
    (made,) = county.run(at)
    return made


@pytest.mark.sshd
def test_a_list_that_was_left_is_answered_about_those_on_it_whom_the_agreement_includes_and_nobody_else(on_sshd):
    county = on_sshd
    assert county.run(MORNING) == []
    reach = reach_of(county)
    refs = {person.subject_ref for person in reach}
    others = [person for person in people_of(county) if person.subject_ref not in refs and person.nino]
    asked = reach[:6]
    left(county, list_about([*asked, *others[:8]], STRANGER))
    found = collected(county)
    assert (found.failure, found.refused, found.waiting) == (None, [], [])
    (took,) = found.taken
    assert still_there(county) == set()
    assert (took.counts.rows_read, took.counts.on_list) == (15, 6)
    (ran,) = answered(county)
    assert (ran.outcome, ran.people, ran.part) == (Outcome.SEALED, 6, took.part)
    (opened,) = county.opened(DWP)
    assert names_on(opened.file.read_bytes()) == {(person.surname, person.forename) for person in asked}
    assert (opened.manifest.content, opened.manifest.held) == ("answer", None)
    assert {row.subject_ref for row in county.rows(evidence)} == {person.subject_ref for person in asked}
    county.answer()
    with county.at(later()) as workplace:
        (receipts,) = collect_receipts(workplace, [DWP])
    assert receipts.accepted == 1
    (kept,) = county.lists()
    assert kept.state is ListState.RECEIVED
    (entry,) = county.entries(Event.CLAIMANTS_TAKEN)
    assert (entry["counts"]["on-list"], entry["told"]) == (6, 0)
    assert county.run(later()) == []
    assert collected(county, later()).taken == []
    assert county.audit() == ()


def test_nothing_of_rows_that_are_nobodys_is_kept_and_of_the_others_only_who_they_are(here, reach):
    took = taken(here, list_about(reach[:3], STRANGER))
    assert took.counts.not_on_list == 1
    kept = here.rows(reconciled_rows)
    assert {row.subject_ref for row in kept} == {person.subject_ref for person in reach[:3]}
    assert {row.claimant for row in kept} == {None}


def test_whatever_a_list_asks_no_row_is_about_anybody_not_on_it_or_not_included(here, reach, dice: random.Random):
    """Law L11, over lists drawn from everybody in the extracts, with mistakes in them."""
    everybody = [person for person in people_of(here) if person.surname and person.date_of_birth]
    included = {person.subject_ref for person in reach}
    text = here.settings_file.read_text(encoding="utf-8")
    here.settings_file.write_text(text.replace("lists_a_day = 6", "lists_a_day = 50"), encoding="utf-8")
    for number in range(4):
        asked = dice.sample(everybody, dice.randrange(1, 40))
        rows = [claimant_of(person) for person in asked]
        for row in dice.sample(rows, len(rows) // 4):
            row.nino = dice.choice(["", row.nino[:-2] + "9A", STRANGER.nino])
        took = taken(here, file_of([*rows, STRANGER]), at=MORNING + timedelta(minutes=number))
        made = next(each for each in here.run(MORNING + timedelta(minutes=number)) if each.part == took.part)
        with here.at() as workplace, workplace.store.reading() as connection:
            on_it = set(connection.execute(evidence_of(made)).scalars())
        assert on_it <= {person.subject_ref for person in asked} & included
        assert made.people == took.counts.on_list
        assert made.outcome is Outcome.SEALED or made.people == 0


def evidence_of(made):
    return select(evidence.c.subject_ref).where(evidence.c.list_id == made.list_id)


def test_the_same_file_on_one_day_is_answered_once_and_on_another_anew(here, reach):
    data = list_about(reach[:4])
    first = taken(here, data)
    again = taken(here, data, at=later())
    assert (again.again, again.reference) == (True, first.reference)
    assert run(here, later()).outcome is Outcome.SEALED
    with here.at() as workplace:
        (stood_down,) = run_disclosures(workplace, [(JOBCENTRE, DAY)])
    assert stood_down.outcome is Outcome.ALREADY_MADE
    anew = taken(here, data, at=the_next_morning(here))
    assert (anew.again, anew.window, anew.part) == (False, "2026-11-17", first.part)


def test_who_is_held_after_a_list_came_in_is_not_told_of(here, reach):
    held = next(person for person in reach if person.nino)
    took = taken(here, list_about([held, *[each for each in reach if each is not held][:5]]))
    here.clock.instant = later()
    assert here.hold(held.nino) >= 1
    made = run(here, later())
    assert took.counts.on_list == 6
    assert made.people < 6
    assert held.subject_ref not in {row.subject_ref for row in here.rows(evidence)}


def test_no_list_is_made_unless_one_came_in_and_the_command_says_what_to_do(here):
    with here.at(MORNING) as workplace:
        plan = plan_night(workplace, load_at=here.settings.load_at)
        assert [item for item in plan.lists if item.agreement_id == JOBCENTRE] == []
        assert JOBCENTRE not in {item.agreement_id for item in plan.next}
        (refused,) = run_disclosures(workplace, [(JOBCENTRE, DAY)])
    assert refused.code == DisclosureRefused.code
    assert "gateway claimants take FILE" in refused.way_out
    ran = run_at(MORNING, here.settings_file, "disclose", "run", JOBCENTRE, "--window", "2026-11-16")
    assert (ran.code, "gateway claimants take FILE" in ran.out) == (1, True)
    assert here.rows(lists) == []


def test_work_coach_lists_are_not_answered_by_worksheets_under_it(here):
    with (
        here.at(MORNING) as workplace,
        pytest.raises(ReconciliationRefused, match="no worksheet"),
        answering(workplace, JOBCENTRE, OFFICE),
    ):
        pass


def test_an_agreement_that_sends_whole_lists_takes_none_in(loaded_county, tmp_path, prepared):
    county = loaded_county.copied_to(tmp_path / "whole")
    with ExitStack() as stack:
        with_server(county, stack).approve(JOBCENTRE)
    with pytest.raises(ReconciliationRefused, match="no agreement under which"):
        taken(county, list_about(prepared[1][:1]))


def test_what_may_be_somebody_is_not_answered_waits_for_the_data_team_and_is_answered_once_they_say_so(here, reach):
    person = next(each for each in reach if each.nino)
    doubtful = replace(claimant_of(person), nino="", postcode="")
    doubtful.born = doubtful.born.replace(year=doubtful.born.year - 1)
    data = file_of([doubtful])
    took = taken(here, data)
    assert (took.counts.on_list, took.counts.possible) == (0, 1)
    with here.at(later(), TFEA) as workplace:
        assert waiting_rows(workplace) == []
    with here.at(later()) as workplace:
        assert search_waiting(workplace) == []
        (waiting,) = waiting_rows(workplace)
        assert (waiting.side, waiting.reference) == (Side.COHORT, took.reference)
        shown = show_row(workplace, waiting.reference, waiting.row)
        number = next(each.number for each in shown.shown if each.subject_ref == person.subject_ref)
    said = Said(took.reference, waiting.row, number, Verdict.SAME, VerdictReason.TYPING_ERROR, "IG-2026-0009")
    for account in ("first", "second"):
        officer = Actor(account, "Invented", frozenset({Role.DATA_OFFICER}))
        with here.at(later(2), officer) as workplace:
            decided = decide(workplace, said)
        if decided.second_after is None:
            break
    anew = taken(here, data, at=the_next_morning(here))
    assert (anew.counts.on_list, anew.counts.possible) == (1, 0)


def test_too_many_lists_in_a_day_are_refused_and_a_list_of_guesses_is_told(here, reach):
    text = here.settings_file.read_text(encoding="utf-8")
    here.settings_file.write_text(text.replace("lists_a_day = 6", "lists_a_day = 1"), encoding="utf-8")
    guessed = [(f"QQ9999{number:02}C", f"Zz{chr(97 + number)}x") for number in range(25)]
    assert taken(here, file_of([replace(STRANGER, nino=nino, surname=name) for nino, name in guessed])).low_share
    with here.at() as workplace:
        assert len(low_share_alerts(workplace)) == 1
    with pytest.raises(TooManyLists, match="1 lists"):
        taken(here, list_about(reach[8:9]), at=later())


def test_an_answer_about_nobody_waits_for_a_person_as_the_agreement_says(here):
    taken(here, file_of([STRANGER]))
    made = run(here)
    assert (made.outcome, made.reasons) == (Outcome.WITHHELD, ("empty",))


def test_a_withheld_answer_is_released_by_another_person_and_only_shrinks(here, reach):
    at_most_three(here)
    took = taken(here, list_about(reach[:5]))
    made = run(here)
    assert (made.outcome, made.reasons, made.people) == (Outcome.WITHHELD, ("too_many",), 5)
    case = {"reason": ReleaseReason.LOOKED_AT.value, "case_reference": "IG-2026-0142"}
    with here.at(later(), SECOND_PERSON) as workplace:
        released = release_list(workplace, made.reference, **case)
    assert (released.outcome, released.people, released.part) == (Outcome.SEALED, 5, took.part)


def test_a_withheld_answer_whose_rows_are_gone_is_not_released(here, reach):
    at_most_three(here)
    taken(here, list_about(reach[:5]))
    made = run(here)
    with here.at(MORNING + timedelta(days=36)) as workplace:
        (cleared,) = clear_uploaded(workplace)
    assert (cleared.rows, here.rows(reconciled_rows), here.rows(queue_rows)) == (5, [], [])
    with here.at(MORNING + timedelta(days=36), SECOND_PERSON) as workplace, pytest.raises(NotReleasable):
        release_list(workplace, made.reference, reason="looked-at", case_reference="IG-2026-0142")


def test_the_preview_says_of_how_many_an_answer_could_tell(here, reach):
    with here.at(MORNING) as workplace:
        seen = preview_list(workplace, JOBCENTRE)
    assert (seen.included, seen.by_part) == (len(reach), (("all", len(reach)),))
    assert seen.reasons == ()


def test_why_somebody_was_not_told_of_is_that_nobody_asked(here, reach):
    taken(here, list_about(reach[:3]))
    run(here)
    absent = next(person for person in reach[3:] if person.nino)
    auditor = Actor("ig", "Invented", frozenset({Role.IG_OFFICER}))
    with here.at(later(), auditor) as workplace:
        explained = explain_decision(
            workplace, Question("nino", absent.nino), JOBCENTRE, DAY, reason="audit", case_reference="IG-2026-0001"
        )
    (one,) = explained.people
    assert (one.recorded, one.agrees) == (Recorded.NOTHING, None)
    assert one.replay is not None
    assert (one.replay.included, one.replay.answers) == (True, True)


def test_L7_somebody_added_to_whom_a_list_asks_about_is_found_before_anybody_is_told(here, reach):
    took = taken(here, list_about(reach[:3]))
    added = {
        "reference": took.reference,
        "row": 99,
        "kind": "on-list",
        "answer": "{}",
        "subject_ref": reach[5].subject_ref,
    }
    with here.at(MORNING) as workplace, workplace.store.writing(workplace.actor) as work:
        work.enter(Event.SERVICE_STOPPED)
        work.connection.execute(insert(reconciled_rows).values(**added))
    with here.at(MORNING) as workplace, pytest.raises(LedgerDamaged, match=took.reference):
        run_disclosures(workplace, [(JOBCENTRE, DAY)])
    assert here.rows(evidence) == []


def test_an_answer_reads_as_the_ordinary_list_would_of_the_same_people(here, reach):
    taken(here, list_about(reach[:4]))
    made = run(here)
    plain = opened_copy(here, made.list_id)
    assert names_on(plain) == {(person.surname, person.forename) for person in reach[:4]}
    assert plain.splitlines()[0].startswith(b"record_ref,record_action,surname")
