"""What an agreement decided about a person is explained as it was decided, whatever has changed since.

One list waits for a person, who releases it after a hold and a flag came in between; afterwards the hold is lifted.
"""

from datetime import date, timedelta

import pytest

from gateway.errors import AccessDenied, AgreementError, EntryInvalid
from gateway.ledger.events import Event
from gateway.model.flags import FlagKind
from gateway.model.officers import Actor, Role
from gateway.services.audit.audit_person import Question, audit_person
from gateway.services.audit.explain_decision import Recorded, RestsOn, explain_decision
from gateway.services.audit.replay_decision import Replayer
from gateway.services.audit.withheld_nights import Source
from gateway.services.disclosure.release_lists import release_list
from gateway.services.subjects.hold_subjects import HoldReason, LiftReason, lift_hold, place_hold
from gateway.store.history import lists_made
from gateway.store.tables import evidence, lists, person_records, persons
from tests.extracts_edited import flag
from tests.rehearsed_county import HOUSING, JOBCENTRE, NIGHT, SECOND_PERSON, SMALL_HOURS, RehearsedCounty

EHM = "liquidlogic_ehm"
CASE = "IG-2026-0142"
WHY = {"reason": "audit", "case_reference": CASE}


@pytest.fixture
def waiting(sqlite_county) -> RehearsedCounty:
    """A county in which every list of the Jobcentre that names more than three people waits."""
    return let_lists_wait(sqlite_county)


@pytest.fixture
def waiting_anywhere(county) -> RehearsedCounty:
    """The same on each kind of database."""
    return let_lists_wait(county)


def let_lists_wait(county: RehearsedCounty) -> RehearsedCounty:
    county.change_agreement(JOBCENTRE, "most_people: 6000", "most_people: 3")
    county.approve()
    county.run()
    return county


def explain(county, source_id: str, agreement: str = JOBCENTRE, day: date = NIGHT):
    with county.at() as workplace:
        return explain_decision(workplace, Question(EHM, source_id), agreement, day, **WHY)


def largest(county):
    return max(county.lists(lists.c.agreement_id == JOBCENTRE), key=lambda kept: kept.people)


def source_ids(county) -> list[str]:
    return sorted(row.source_id for row in county.rows(person_records, person_records.c.source == EHM))


def selected_for(county, reference: str) -> list[str]:
    """Whom the withheld list would name, by the source's own ids."""
    subject_of = {row.person_key: row.subject_ref for row in county.rows(persons)}
    records = county.rows(person_records, person_records.c.source == EHM)
    included = included_in(county, reference)
    return sorted(row.source_id for row in records if subject_of[row.person_key] in included)


def included_in(county, reference: str) -> set[str]:
    """Whom a replay of the list includes."""
    people = {row.subject_ref for row in county.rows(persons)}
    with county.at() as workplace, workplace.store.reading() as connection:
        replayer = Replayer(workplace, connection)
        (made,) = (each for each in lists_made(connection, agreement_id=JOBCENTRE) if each.reference == reference)
        return {each for each in people if (replay := replayer.replay(made, each)) and replay.included}


def test_whoever_a_withheld_list_would_name_is_explained_as_that(waiting):
    county = waiting
    kept = largest(county)
    selected = selected_for(county, kept.reference)
    assert len(selected) == kept.people
    (found,) = explain(county, selected[0]).people
    assert (found.recorded, found.agrees, found.list_reason) == (Recorded.NOTHING, None, "too_many")
    with county.at() as workplace:
        withheld = audit_person(workplace, Question(EHM, selected[0]), withheld=True, **WHY).withheld
    assert ("too_many", Source.REPLAYED) in {(each.reason, each.source) for each in withheld}


def test_a_released_list_is_explained_by_the_holds_and_flags_of_its_release_and_not_by_todays(waiting_anywhere):
    county = waiting_anywhere
    kept = largest(county)
    held, flagged, *others = selected_for(county, kept.reference)
    county.clock.instant = SMALL_HOURS + timedelta(minutes=5)
    with county.at() as workplace:
        place_hold(workplace, (EHM, held), reason=HoldReason.OBJECTION, case_reference=CASE)
    flag(county, FLAG_KIND=FlagKind.OBJECTION_UPHELD.value, SOURCE=EHM, SOURCE_ID=flagged)
    county.load(SMALL_HOURS + timedelta(minutes=10))
    with county.at(SMALL_HOURS + timedelta(hours=1), SECOND_PERSON) as workplace:
        release_list(workplace, kept.reference, reason="looked-at", case_reference=CASE)
    with county.at(SMALL_HOURS + timedelta(hours=2)) as workplace:
        lift_hold(workplace, (EHM, held), reason=LiftReason.IN_ERROR, case_reference=CASE)
    told = {row.subject_ref for row in county.rows(evidence, evidence.c.list_id == kept.list_id)}
    for who in (held, flagged):
        (found,) = explain(county, who).people
        assert (found.replay.included, found.replay.reason, found.agrees) == (False, "protected", True)
    assert explain(county, held).people[0].replay.protections == ("hold",)
    assert explain(county, flagged).people[0].replay.protections == ("objection_upheld",)
    # Whoever could be the same person as one of them was left out too.
    assert 0 < len(told) <= len(others)
    assert included_in(county, kept.reference) == told


@pytest.mark.parametrize("becomes", ["needed: 2", None])
def test_a_framework_that_changed_since_or_is_gone_explains_as_it_did_that_night(waiting, becomes):
    county = waiting
    (who, *_) = selected_for(county, largest(county).reference)
    before = explain(county, who).people
    framework = next((county.folder / "config" / "frameworks").glob("sf_2022.yaml"))
    text = framework.read_text(encoding="utf-8")
    assert "needed: 3" in text
    if becomes:
        framework.write_text(text.replace("needed: 3", becomes), encoding="utf-8")
    else:
        framework.unlink()
    (found,) = after = explain(county, who).people
    assert (found.rests_on, after) == (RestsOn.SNAPSHOT, before)
    assert found.replay.criteria


def test_a_person_nobody_knows_has_nothing_explained(waiting):
    county = waiting
    explained = explain(county, "9999999")
    assert explained.people == ()
    assert explained.lists > 0
    assert explain(county, source_ids(county)[0], day=date(2026, 1, 1)).lists == 0


def test_the_question_is_on_record_with_whom_it_was_about(waiting):
    county = waiting
    who = source_ids(county)[0]
    explain(county, who, HOUSING)
    (entry,) = county.entries(Event.DECISION_READ)
    assert {name: entry[name] for name in ("agreement", "window", "found", "kind", "reason", "case")} == {
        "agreement": HOUSING,
        "window": "2026-11-16",
        "found": True,
        "kind": EHM,
        "reason": "audit",
        "case": CASE,
    }
    (record,) = county.rows(person_records, person_records.c.source == EHM, person_records.c.source_id == who)
    (person,) = county.rows(persons, persons.c.person_key == record.person_key)
    assert entry["subject"] == person.subject_ref


def test_L8_an_agreement_of_no_record_is_refused_and_its_name_is_not_kept(waiting):
    county = waiting
    with pytest.raises(AgreementError) as refused:
        explain(county, "1", "zqsurname")
    assert "zqsurname" not in str(refused.value)
    assert county.entries(Event.DECISION_READ) == []


def test_a_reason_in_words_is_refused(waiting):
    county = waiting
    with county.at() as workplace, pytest.raises(EntryInvalid):
        explain_decision(workplace, Question(EHM, "1"), JOBCENTRE, NIGHT, reason="my neighbour", case_reference=CASE)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.IG_OFFICER}))
def test_an_ig_officer_alone_is_answered(sqlite_county, role):
    with sqlite_county.at(actor=Actor("x", "X", frozenset({role}))) as workplace, pytest.raises(AccessDenied):
        explain_decision(workplace, Question(EHM, "1"), JOBCENTRE, NIGHT, **WHY)
