"""A list that was handed over another way is what two people say of it: on record, verified, and never called proven."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from gateway.errors import AccessDenied, AgreementMalformed, DisclosureRefused, HandoverRefused, NotAttestable
from gateway.ledger.events import Event
from gateway.ledger.verify import Fault
from gateway.model.handover import MOVES_OF_HANDOVER, HandoverState, Manner
from gateway.model.officers import Actor, Role
from gateway.services.audit.audit_person import Question, audit_person
from gateway.services.audit.audit_verify import audit_verify
from gateway.services.disclosure.attest_handover import HandedOver, enter_handover, is_handover, settle_handover
from gateway.services.disclosure.list_handovers import list_handovers
from gateway.store.registry_growth import grow, next_batch, plan_growth
from gateway.store.tables import handover_people, handovers, ledger, subject_identifiers
from tests.bare_workplace import a_bare_workplace
from tests.delivery_made import AGREEMENT, PARTNER
from tests.evidence_made import INDEX_KEY, SOURCE, grow_registry
from tests.integration.conftest import a_partner
from tests.tampering import as_owner, found_in, put_triggers_back
from tests.whole_load import read_registry

CASE = "IG-2026-0142"
APPROVER = Actor("approver", "Invented Approver", frozenset({Role.APPROVER}))
SAID = HandedOver(AGREEMENT, date(2026, 3, 2), Manner.PAPER, 3, fields=("surname", "forename"))
NUMBERS = b"QQ000003\nQQ 00 00 04 C\n\nQQ777777A\n"
"""Two whom the registry knows, and one whom it does not."""


class Keys:
    """The keys that are used here."""

    def __init__(self, signer):
        self._signer = signer

    def checkpoint_signer(self):
        return self._signer

    def index_key(self):
        return INDEX_KEY


def a_county(store, clock, actor, signer, folder: Path):
    """A county of the shipped agreements with twelve people: numbers QQ000000 to QQ000011, ids 1000 to 1011."""
    grow_registry(store, actor, 12)
    drawn = iter(range(1, 200))
    bare = a_bare_workplace(store, clock, actor, folder)
    shipped = replace(bare.folders, agreements=Path("agreements"), mappings=Path("config/sources"))
    return replace(
        bare,
        folders=shipped,
        keys=Keys(signer),
        partners={name: a_partner(name=name) for name in (PARTNER, "fenland-housing-options")},
        draw=lambda size: bytes([next(drawn)]) * size,
    )


@pytest.fixture
def county(sqlite_store, clock, everyone, signer, tmp_path):
    return a_county(sqlite_store, clock, everyone, signer, tmp_path)


@pytest.fixture
def county_anywhere(store, clock, everyone, signer, tmp_path):
    """The county on each kind of database."""
    return a_county(store, clock, everyone, signer, tmp_path)


def entered(county, said=SAID, identifiers=NUMBERS, kind="nino") -> str:
    return enter_handover(county, said, identifiers, kind=kind, case=CASE).reference


def attested(county, **how) -> str:
    reference = entered(county, **how)
    settle_handover(replace(county, actor=APPROVER), reference, happened=True, case=CASE)
    return reference


def history(county, value, kind="nino"):
    question = Question(kind, value)
    return audit_person(county, question, reason="subject-access", case_reference="SAR-2026-0001")


def entries(county, event) -> list[dict]:
    with county.store.reading() as connection:
        bodies = connection.execute(select(ledger.c.body).where(ledger.c.event == event.value)).scalars()
        return [json.loads(body)["body"] for body in bodies]


def test_what_two_people_say_is_told_as_attested_and_not_as_disclosed(county_anywhere):
    county = county_anywhere
    reference = attested(county)
    found = history(county, "QQ000003")
    assert found.disclosures == ()
    (told,) = found.attested
    assert (told.day, told.agreement_id, told.manner, told.reference) == (SAID.on, AGREEMENT, "paper", reference)
    assert told.fields == ("surname", "forename")
    assert history(county, "QQ000005").attested == ()
    assert audit_verify(county).findings == ()


def test_until_another_person_confirms_it_it_counts_for_nothing(county):
    reference = entered(county)
    assert history(county, "QQ000003").attested == ()
    (known,) = list_handovers(county)
    assert (known.state, known.proven, reference in known.next) == (HandoverState.ENTERED, False, True)


def test_whom_the_registry_did_not_know_is_found_by_asking_from_then_on(county):
    made = enter_handover(county, SAID, NUMBERS, kind="nino", case=CASE)
    assert (made.identified, made.registered) == (3, 1)
    settle_handover(replace(county, actor=APPROVER), made.reference, happened=True, case=CASE)
    for value in ("QQ777777A", "QQ777777", "QQ777777B"):
        assert len(history(county, value).attested) == 1
    assert audit_verify(county).findings == ()


def test_a_person_who_is_loaded_later_has_the_history_of_their_number(county_anywhere, everyone):
    """A number alone makes nobody the same, so the load makes a subject of its own; whoever asks finds both."""
    county = county_anywhere
    attested(county)
    with county.store.reading() as connection:
        registry = read_registry(connection, INDEX_KEY)
    with county.store.writing(everyone) as work:
        clues = [[(SOURCE, "2000"), ("nino", "QQ777777"), ("nino", "QQ777777A")]]
        grow(work, plan_growth(registry, clues, next_batch(work.connection), lambda size: b"\xee" * size))
    assert len(history(county, "2000", SOURCE).attested) == 1
    assert len(history(county, "QQ777777").attested) == 1
    assert history(county, "1000", SOURCE).attested == ()


def test_a_number_of_several_people_stands_for_none_of_them(county, everyone):
    """Two persons of the extracts bear one number; that one of them was on the list nobody can say."""
    with county.store.reading() as connection:
        registry = read_registry(connection, INDEX_KEY)
    with county.store.writing(everyone) as work:
        clues = [[(SOURCE, each), ("nino", "QQ555555")] for each in ("3000", "3001")]
        draws = iter(range(0xD0, 0xE0))
        grow(work, plan_growth(registry, clues, next_batch(work.connection), lambda size: bytes([next(draws)]) * size))
    attested(county, said=replace(SAID, people=1), identifiers=b"QQ555555\n")
    # Asked about either, the officer is told that their number was on it.
    assert [len(history(county, each, SOURCE).attested) for each in ("3000", "3001")] == [1, 1]
    with county.store.reading() as connection:
        named = connection.execute(select(handover_people.c.subject_ref)).scalar_one()
        kinds = select(subject_identifiers.c.kind).where(subject_identifiers.c.subject_ref == named)
        assert set(connection.execute(kinds).scalars()) == {"nino"}


def test_people_are_named_by_a_sources_ids_too_also_mixed(county):
    reference = attested(county, identifiers=f"1003\n{SOURCE}, 1004\nnino,QQ000005\n".encode(), kind=SOURCE)
    for value in ("QQ000003", "QQ000004", "QQ000005"):
        assert [told.reference for told in history(county, value).attested] == [reference]


def test_people_without_an_identifier_are_counted(county):
    attested(county, said=replace(SAID, people=5, unidentified=2))
    (known,) = list_handovers(county)
    assert (known.people, known.identified) == (5, 3)


def test_a_record_that_was_not_so_is_dismissed_even_after_it_was_confirmed(county):
    reference = attested(county)
    state = settle_handover(replace(county, actor=APPROVER), reference, happened=False, case=CASE)
    assert state is HandoverState.DISMISSED
    assert history(county, "QQ000003").attested == ()
    assert audit_verify(county).findings == ()
    with pytest.raises(NotAttestable):
        settle_handover(replace(county, actor=APPROVER), reference, happened=True, case=CASE)
    assert {state for moves in MOVES_OF_HANDOVER.values() for state in moves} | {HandoverState.ENTERED} == set(
        HandoverState
    )


def test_it_takes_two_people_of_two_roles(county):
    reference = entered(county)
    with pytest.raises(NotAttestable, match="whoever entered"):
        settle_handover(county, reference, happened=True, case=CASE)
    for role in set(Role) - {Role.APPROVER}:
        with pytest.raises(AccessDenied):
            somebody = Actor("x", "Somebody", frozenset({role}))
            settle_handover(replace(county, actor=somebody), reference, happened=True, case=CASE)
    for role in set(Role) - {Role.IG_OFFICER, Role.DATA_OFFICER}:
        with pytest.raises(AccessDenied):
            entered(replace(county, actor=Actor("x", "Somebody", frozenset({role}))))


@pytest.mark.parametrize(
    ("said", "identifiers", "why"),
    [
        (SAID, b"QQ000003\nQQ000004\n", "2 identifiers and 0 people without one are not the 3"),
        (replace(SAID, people=2), b"QQ000003\nQQ 00 00 03 A\n", "line 1, 2 stands there twice"),
        (replace(SAID, people=2), b"QQ000003\nliquidlogic_ehm,1003\n", "line 1, 2 means the same person"),
        (SAID, b"QQ000003\n\nAnn Example\nQQ000004\n", "line 3 is no identifier"),
        (SAID, b"QQ000003\nab123456c\nQQ000004\n", "line 2 is no identifier"),
        (SAID, b"elsewhere,7\nQQ000003\nQQ000004\n", "line 1 is no identifier"),
        (SAID, b"\xff\xfe", "not text in UTF-8"),
        (SAID, b"", "0 identifiers"),
        (SAID, b"Q" * (8 * 2**20 + 1), "more than 8 MiB"),
        (replace(SAID, on=date(2026, 11, 23)), NUMBERS, "in the future"),
        (replace(SAID, people=0), NUMBERS, "at least one person"),
        (replace(SAID, unidentified=4), NUMBERS, "at least one person"),
        (replace(SAID, fields=("diagnosis",)), NUMBERS, "fields"),
        (replace(SAID, partner="somebody-else"), NUMBERS, "no recipient of that name"),
    ],
)
def test_L8_what_does_not_add_up_is_refused_whole_and_no_value_is_repeated(county, said, identifiers, why):
    with pytest.raises(HandoverRefused, match=why) as refused:
        entered(county, said=said, identifiers=identifiers)
    assert not any(word in str(refused.value) for word in ("Ann", "000003", "diagnosis", "somebody-else", "elsewhere"))
    assert list_handovers(county) == []
    assert entries(county, Event.HANDOVER_ENTERED) == []


def test_the_same_list_is_not_recorded_twice_unless_the_first_was_dismissed(county):
    reference = entered(county)
    with pytest.raises(HandoverRefused, match=reference):
        entered(county, identifiers=b"QQ777777\nQQ000004\nQQ000003\n")
    entered(county, said=replace(SAID, on=date(2026, 3, 3)))
    settle_handover(replace(county, actor=APPROVER), reference, happened=False, case=CASE)
    assert entered(county) == f"HND-{AGREEMENT}-2026-03-02-2"


@pytest.mark.parametrize("case", ["by phone", "the Smiths", ""])
def test_a_case_is_needed_for_both_steps(county, case):
    with pytest.raises(DisclosureRefused):
        enter_handover(county, SAID, NUMBERS, kind="nino", case=case)
    reference = entered(county)
    with pytest.raises(DisclosureRefused):
        settle_handover(replace(county, actor=APPROVER), reference, happened=True, case=case)


def test_an_agreement_that_is_not_on_file_is_refused(county):
    with pytest.raises(AgreementMalformed, match="no agreement of that name"):
        entered(county, said=replace(SAID, agreement_id="another"))


def test_a_record_that_is_not_there_is_refused(county):
    with pytest.raises(NotAttestable, match="there is no record"):
        settle_handover(replace(county, actor=APPROVER), "HND-none-1", happened=True, case=CASE)
    assert (is_handover("HND-none-1"), is_handover("LST-none-1")) == (True, False)


def test_L8_no_identifier_is_anywhere_in_the_database(county):
    attested(county)
    with county.store.reading() as connection:
        for table in ("ledger", "handovers", "handover_people", "subjects", "subject_identifiers", "registry_leaves"):
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                assert b"QQ0000" not in b"".join(str(value).encode() for value in row)


def test_L7_a_person_put_on_or_taken_off_a_record_is_found(county_anywhere, signer):
    county = county_anywhere
    attested(county)
    with as_owner(county.store) as connection:
        connection.execute(text("DELETE FROM handover_people WHERE position = 3"))
        connection.execute(update(handovers).values(identified=2))
        put_triggers_back(connection)
        found = {(finding.fault, finding.where.split()[0]) for finding in found_in(connection, signer)}
    assert {(Fault.TRUNCATED, "handover"), (Fault.CHANGED, "handovers")} <= found


def test_L10_each_step_has_its_entry_with_everything_that_the_row_says(county):
    reference = attested(county)
    (first,), (second,) = entries(county, Event.HANDOVER_ENTERED), entries(county, Event.HANDOVER_ATTESTED)
    assert first["handover"] == second["handover"] == reference
    assert {name: second[name] for name in first if name != "registered"} == {
        name: value for name, value in first.items() if name != "registered"
    }
    assert (first["people"], first["identified"], first["registered"], first["case"]) == (3, 3, 1, CASE)
