"""What an operator sees of receipts, recalls and a person's word, on the command line and days after the night."""

import json
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from gateway.cli.service import services_of
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.model.officers import Actor, Role
from gateway.receipts.form import RejectReason
from gateway.services.delivery.deliver_lists import deliver
from gateway.services.delivery.next_steps import recall_step
from gateway.services.disclosure.recall_lists import Found
from gateway.services.night.tick_night import tick
from gateway.store.lists import move_list
from tests.clock_turned import run_at
from tests.rehearsed_county import DISTRICT, HOUSING, MORNING, SMALL_HOURS, RehearsedCounty, with_server

CASE = "IG-2026-0142"
LATER = MORNING + timedelta(hours=1)
COLLEAGUE = Actor("night-service", "Invented Night Service", frozenset({Role.SERVICE}))


@pytest.fixture(scope="module")
def sealed(loaded_county: RehearsedCounty, tmp_path_factory) -> RehearsedCounty:
    """A county with one sealed list for the district's team, never used itself; its server's port is known."""
    county = loaded_county.copied_to(tmp_path_factory.mktemp("sealed") / "county")
    with ExitStack() as stack:
        with_server(county, stack)
        county.approve(HOUSING)
        county.run()
    return county


@pytest.fixture
def county(sealed, tmp_path):
    """The county with its partners' server running and its list still to go."""
    mine = sealed.copied_to(tmp_path / "county")
    with mine.server():
        yield mine


@pytest.fixture
def sent(county):
    """The county whose list was delivered in the small hours."""
    county.deliver()
    assert state(county) is ListState.VERIFIED
    return county


def run(county, *words, at=LATER, stdin=b""):
    return run_at(at, county.settings_file, *words, stdin=stdin)


def the_list(county):
    (kept,) = county.lists()
    return kept


def state(county) -> ListState:
    return the_list(county).state


def status_of_list(county, at=LATER) -> dict:
    ran = run(county, "disclose", "status", "--json", at=at)
    (found,) = [each for each in ran.document()["lists"] if each["reference"] == the_list(county).reference]
    return found


def be(county, *roles: str) -> None:
    """Map whoever runs the tests to other roles."""
    text = county.settings_file.read_text(encoding="utf-8")
    listed = ", ".join(f'"{role}"' for role in roles)
    line = next(line for line in text.splitlines() if line.startswith("roles = "))
    county.settings_file.write_text(text.replace(line, f"roles = [{listed}]"), encoding="utf-8")


def be_somebody_else(county, monkeypatch, *roles: str) -> None:
    """Let another account of this machine be at the keyboard."""
    listed = ", ".join(f'"{role}"' for role in roles)
    with county.settings_file.open("a", encoding="utf-8") as settings:
        settings.write(f'\n[actors.second]\nname = "Invented Second"\nroles = [{listed}]\n')
    monkeypatch.setattr("gateway.bootstrap.account_name", lambda: "second")


# --- gateway receipts ------------------------------------------------------------------------------------------------


def test_a_receipt_is_collected_shown_and_its_checkpoint_is_a_witness(sent):
    sent.clock.instant = MORNING
    sent.answer()
    ran = run(sent, "receipts", "collect", DISTRICT)
    assert ran.code == 0
    assert all(word in ran.out for word in (the_list(sent).reference, "validated", "accepted", "received", "kept"))
    again = run(sent, "receipts", "collect", DISTRICT, "--json")
    assert (again.code, again.document()) == (0, {"collected": {DISTRICT: []}, "failures": {}, "overdue": []})


def test_a_partner_whose_record_nobody_approved_is_not_spoken_to(sent):
    ran = run(sent, "receipts", "collect", "--json")
    assert (ran.code, ran.document()["failures"]) == (5, {"dwp-jobcentre-plus": "agreement-unapproved"})


def test_a_rejection_moves_the_list_and_status_says_what_to_do(sent):
    sent.clock.instant = MORNING
    desk = sent.desk(DISTRICT)
    for package in desk.waiting():
        desk.reject(package, RejectReason.CANNOT_OPEN, sent.clock.today())
    assert run(sent, "receipts", "collect", DISTRICT).code == 0
    found = status_of_list(sent)
    assert (found["state"], found["reason"], found["progress"]) == ("rejected", "cannot_open", "waiting")
    assert "ask their desk why" in found["advice"]


def test_what_is_no_receipt_fails_the_command_and_is_listed_with_its_code(sent):
    (sent.receipts(DISTRICT) / "hello.asc").write_bytes(b"QQ123456C has moved")
    ran = run(sent, "receipts", "collect", DISTRICT)
    assert ran.code == 1
    assert "Next: `gateway receipts list --refused`" in ran.err
    listed = run(sent, "receipts", "list", "--refused", "--json").document()
    assert [(each["partner"], each["verdict"], each["list_reference"]) for each in listed] == [
        (DISTRICT, "receipt-malformed", None)
    ]
    assert "QQ123456C" not in ran.said + run(sent, "receipts", "list").said
    # Once on record it is no news.
    assert run(sent, "receipts", "collect", DISTRICT).code == 0


def test_before_anything_came_the_list_of_receipts_says_so(sent):
    assert "gateway receipts collect" in run(sent, "receipts", "list").err
    assert run(sent, "receipts", "list", "--refused").err.strip() == "None was refused."


def test_a_server_that_is_away_is_75_and_says_so(sealed, tmp_path):
    county = sealed.copied_to(tmp_path / "county")
    ran = run(county, "receipts", "collect", DISTRICT)
    assert ran.code == 75
    assert f"{DISTRICT}: " in ran.err
    assert run(county, "receipts", "collect", DISTRICT, "--json").document()["failures"] == {
        DISTRICT: "connection-failed"
    }


@pytest.mark.parametrize("role", ["ig_officer", "approver", "data_officer", "tfea", "auditor"])
def test_receipts_are_collected_by_the_service_and_operators_alone(sent, role):
    be(sent, role)
    assert run(sent, "receipts", "collect").code == 6
    assert run(sent, "receipts", "list").code == (6 if role == "tfea" else 0)


# --- a receipt that does not come -------------------------------------------------------------------------------------

#: Five working days after Wednesday 23 December 2026, without Christmas, the day in lieu of Boxing Day and New Year.
DELIVERED = datetime(2026, 12, 23, 3, 0, tzinfo=UTC)
LAST_DAY = datetime(2027, 1, 4, 22, 0, tzinfo=UTC)
DAY_AFTER = datetime(2027, 1, 5, 0, 5, tzinfo=UTC)


@pytest.fixture
def sent_before_christmas(county):
    with county.at(DELIVERED) as workplace:
        deliver(workplace, [the_list(county).list_id])
    assert state(county) is ListState.VERIFIED
    return county


def test_no_receipt_is_overdue_only_after_the_agreed_working_days(sent_before_christmas):
    county = sent_before_christmas
    assert run(county, "receipts", "collect", DISTRICT, at=LAST_DAY).code == 0
    assert state(county) is ListState.VERIFIED
    ran = run(county, "receipts", "collect", DISTRICT, at=DAY_AFTER)
    assert ran.code == 0
    assert f"no receipt by 2027-01-04. Next: ring the desk of {DISTRICT}" in ran.err
    found = status_of_list(county, at=DAY_AFTER)
    assert (found["state"], found["reason"], found["progress"]) == ("uncollected", "no_receipt", "waiting")
    assert "`gateway receipts collect`" in found["advice"]


def test_an_overdue_receipt_is_told_to_people_and_a_late_one_still_counts(sent_before_christmas, tmp_path):
    county, told = sent_before_christmas, tmp_path / "told"
    hook = f'command = ["{sys.executable}", "-c", "import sys; open({str(told)!r}, \'a\').write(sys.stdin.read())"]'
    text = county.settings_file.read_text(encoding="utf-8")
    county.settings_file.write_text(text.replace("command = []", hook), encoding="utf-8")
    with time_machine.travel(DAY_AFTER, tick=True):
        tick(services_of(county.settings))
        tick(services_of(county.settings))
    alerts = [json.loads(line) for line in told.read_text(encoding="utf-8").splitlines()]
    (alert,) = [each for each in alerts if each.get("list") == the_list(county).reference]
    assert (alert["code"], alert["state"], alert["next"]) == ("no_receipt", "uncollected", "gateway receipts collect")
    county.clock.instant = DAY_AFTER + timedelta(hours=8)
    county.answer()
    assert run(county, "receipts", "collect", DISTRICT, at=county.clock.instant + timedelta(minutes=1)).code == 0
    assert state(county) is ListState.RECEIVED


def test_the_service_tells_people_of_a_refused_receipt(sent):
    (sent.receipts(DISTRICT) / "hello.asc").write_bytes(b"no receipt at all")
    with time_machine.travel(LATER, tick=True):
        report = tick(services_of(sent.settings))
    assert ("collect", "receipts-refused") in report.failed
    assert len(sent.entries(Event.RECEIPT_REFUSED)) == 1


# --- gateway disclose recall -------------------------------------------------------------------------------------------


def recall(county, *more, at=LATER):
    words = ("disclose", "recall", the_list(county).reference, "--reason", "incident", "--case", CASE)
    return run(county, *words, *more, at=at)


def test_a_list_that_is_taken_back_is_at_rest(sent):
    ran = recall(sent)
    assert (ran.code, ran.err.strip().endswith("Its files were still there, and are removed.")) == (0, True)
    found = status_of_list(sent)
    assert (found["state"], found["progress"], found["advice"]) == ("recalled", "done", "")
    assert list(sent.inbox(DISTRICT).glob("*.pgp")) == []


def test_a_list_whose_files_cannot_be_removed_says_so_until_they_are(sealed, tmp_path):
    county = sealed.copied_to(tmp_path / "county")
    with county.server():
        county.deliver()
    ran = recall(county, "--json")
    assert ran.code == 75
    assert ran.document() == {"list": the_list(county).reference, "found": None, "failure": "connection-failed"}
    found = status_of_list(county)
    assert (found["state"], found["progress"], found["reason"]) == ("recalled", "waiting", "recall-not-done")
    assert f"`gateway disclose recall {the_list(county).reference}`" in found["advice"]
    # Weeks later it is still there, and is told every day.
    assert status_of_list(county, at=LATER + timedelta(days=40))["progress"] == "waiting"
    with county.server():
        assert recall(county).code == 0
    assert status_of_list(county)["progress"] == "done"


def test_a_list_that_the_desk_took_waits_until_somebody_records_that_it_is_destroyed(sent):
    for path in sent.inbox(DISTRICT).glob("*.pgp"):
        path.unlink()
    assert "the desk took it" in recall(sent).err
    found = status_of_list(sent)
    assert (found["progress"], "by phone to destroy it" in found["advice"]) == ("waiting", True)
    words = ("disclose", "recall", the_list(sent).reference, "--destroyed")
    ran = run(sent, *words, "--case", "IG-2026-0199", "--json")
    assert (ran.code, ran.document()["found"]) == (0, Found.DESTROYED.value)
    claims = [each for each in sent.entries(Event.DELIVERY_ATTEMPTED) if each["outcome"] == Found.DESTROYED.value]
    assert [each["case"] for each in claims] == ["IG-2026-0199"]
    assert status_of_list(sent)["progress"] == "done"
    assert sent.audit() == ()


def test_a_receipt_after_the_recall_says_that_the_desk_has_it_after_all(sent):
    """They had opened it when it was taken out of their inbox."""
    sent.clock.instant = MORNING
    desk = sent.desk(DISTRICT)
    (package,) = desk.waiting()
    opened = desk.open(package, sent.clock.today())
    assert recall(sent, at=MORNING + timedelta(minutes=5)).code == 0
    sent.clock.instant = MORNING + timedelta(minutes=10)
    desk.accept(opened)
    assert run(sent, "receipts", "collect", DISTRICT, at=MORNING + timedelta(minutes=15)).code == 0
    found = status_of_list(sent)
    assert (found["state"], found["progress"]) == ("recalled", "waiting")
    assert "answered after the recall" in found["advice"]
    assert run(sent, "disclose", "recall", the_list(sent).reference, "--destroyed", "--case", CASE).code == 0
    assert status_of_list(sent)["progress"] == "done"


def test_what_the_desk_answered_for_is_recalled_as_a_record(sent):
    sent.clock.instant = MORNING
    sent.answer()
    run(sent, "receipts", "collect", DISTRICT)
    assert "The desk had answered that it has it" in recall(sent, at=LATER + timedelta(minutes=1)).err
    found = status_of_list(sent, at=LATER + timedelta(minutes=2))
    assert (found["progress"], "had answered" in found["advice"]) == ("waiting", True)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("L-nothing", "--reason", "incident", "--case", CASE), 1, "there is no list"),
        (("THE-LIST", "--reason", "incident", "--case", "by phone"), 1, "IG-2026-0142"),
        (("THE-LIST", "--reason", "whim", "--case", CASE), 2, "whim"),
        (("THE-LIST",), 2, "--reason and --case"),
        (("THE-LIST", "--destroyed", "--case", CASE), 1, "is not recalled"),
        (("THE-LIST", "--destroyed", "--case", "by phone"), 1, "IG-2026-0142"),
        (("THE-LIST", "--destroyed"), 2, "--destroyed takes --case alone"),
        (("THE-LIST", "--destroyed", "--case", CASE, "--reason", "incident"), 2, "--destroyed takes --case alone"),
    ],
)
def test_a_recall_that_cannot_be_is_refused_with_a_way_out(county, words, code, said):
    """The list is sealed and did not go."""
    named = [the_list(county).reference if word == "THE-LIST" else word for word in words]
    ran = run(county, "disclose", "recall", *named)
    assert (ran.code, said in ran.err) == (code, True)
    assert "Next: " in ran.err or code == 2
    assert state(county) is ListState.SEALED


def test_a_list_that_has_not_gone_is_not_recalled(county):
    ran = recall(county)
    assert (ran.code, "not-recallable" in ran.err, "Next: `gateway disclose stop`" in ran.err) == (1, True, True)


@pytest.mark.parametrize("role", ["operator", "service", "data_officer", "tfea", "auditor"])
def test_a_recall_takes_an_officer_or_an_approver(county, role):
    be(county, role)
    assert recall(county).code == 6


# --- gateway disclose attest ---------------------------------------------------------------------------------------------


@pytest.fixture
def uncertain(county):
    """The county whose list may have gone: the service lost sight of it, and an approver is at the keyboard."""
    with county.at(SMALL_HOURS, COLLEAGUE) as workplace, workplace.store.writing(COLLEAGUE) as work:
        kept = the_list(county)
        for event, to in ((Event.LIST_SENDING, ListState.SENDING), (Event.LIST_UNCERTAIN, ListState.UNCERTAIN)):
            position = work.enter(event, list=kept.reference)
            move_list(work, kept.list_id, to, explained_by=position)
    be(county, "approver")
    return county


def attest(county, holding, reference=None, case=CASE):
    return run(county, "disclose", "attest", reference or the_list(county).reference, "--as", holding, "--case", case)


def test_an_uncertain_list_names_the_command_and_whoever_ran_it_may_not_use_it(uncertain):
    found = status_of_list(uncertain)
    assert (found["progress"], "`gateway disclose attest`" in found["advice"]) == ("waiting", True)
    # Whoever runs the tests sealed the list.
    ran = attest(uncertain, "delivered")
    assert (ran.code, "Ask another approver." in ran.err) == (1, True)
    assert state(uncertain) is ListState.UNCERTAIN


@pytest.mark.parametrize(("holding", "becomes"), [("delivered", "verified"), ("not-delivered", "failed")])
def test_another_approver_settles_it_by_what_the_desk_holds(uncertain, holding, becomes, monkeypatch):
    be_somebody_else(uncertain, monkeypatch, "approver")
    ran = attest(uncertain, holding)
    assert ran.code == 0, ran.err
    assert f"is {becomes}, as attested. It is never sent again" in ran.err
    assert state(uncertain) is ListState(becomes)


@pytest.mark.parametrize(
    ("holding", "case", "code", "said"),
    [
        ("delivered", "by phone", 1, "IG-2026-0142"),
        ("perhaps", CASE, 2, "perhaps"),
        ("handed-over", CASE, 2, "is not attested as handed-over"),
    ],
)
def test_anything_else_is_refused(uncertain, holding, case, code, said):
    ran = attest(uncertain, holding, case=case)
    assert (ran.code, said in ran.err) == (code, True)
    assert state(uncertain) is ListState.UNCERTAIN


@pytest.mark.parametrize("role", ["operator", "service", "ig_officer", "data_officer", "tfea", "auditor"])
def test_only_an_approver_attests(uncertain, role):
    be(uncertain, role)
    assert attest(uncertain, "delivered").code == 6


# --- gateway disclose handed-over -------------------------------------------------------------------------------------


def enter(county, identifiers: bytes, *more, people="2", by="paper"):
    words = ("disclose", "handed-over", HOUSING, "--on", "2026-03-02", "--manner", by, "--people", people)
    return run(county, *words, "--identifiers", "-", "--case", CASE, *more, stdin=identifiers)


def ask(county, nino: bytes):
    words = ("audit", "person", "--person", "-", "--reason", "subject-access", "--case", "SAR-2026-0001")
    return run(county, *words, stdin=nino)


def test_a_list_from_before_the_gateway_is_entered_confirmed_and_told_as_not_proven(county, monkeypatch):
    ran = enter(county, b"QQ999998A\nQQ999999A\n", "--field", "surname")
    assert ran.code == 0, ran.err
    reference = f"HND-{HOUSING}-2026-03-02-1"
    assert f"gateway disclose attest {reference} --as handed-over" in ran.err
    waiting = run(county, "disclose", "status")
    assert f"{reference}: handed over another way, not confirmed" in waiting.err
    assert "NOT PROVEN" not in ask(county, b"QQ999998A\n").said
    be(county, "approver")
    assert "may not settle it" in attest(county, "handed-over", reference).err
    be_somebody_else(county, monkeypatch, "approver", "ig_officer")
    settled = attest(county, "handed-over", reference)
    assert (settled.code, "not proven" in settled.err) == (0, True)
    told = ask(county, b"QQ999998A\n")
    assert told.code == 0, told.err
    assert reference in told.said
    assert "not proven" in told.said.lower()
    assert run(county, "disclose", "status", "--json").document()["handovers"] == {
        "entered": 0,
        "attested": 1,
        "dismissed": 0,
    }
    (known,) = run(county, "disclose", "handovers", "--json").document()
    assert (known["reference"], known["state"], known["proven"], known["next"]) == (reference, "attested", False, "")
    assert run(county, "audit", "verify").code == 0


def test_what_does_not_add_up_is_refused_and_no_identifier_is_repeated(county):
    ran = enter(county, b"QQ999998A\n")
    assert (ran.code, "Count the list again" in ran.err, "QQ9999" in ran.said) == (1, True, False)
    ran = enter(county, b"QQ999998A\nAnn Example\n")
    assert (ran.code, "line 2" in ran.err, "Ann" in ran.said) == (1, True, False)
    assert run(county, "disclose", "handovers").err.strip() == "None is on record."


def test_identifiers_are_no_argument(county):
    ran = run(county, "disclose", "handed-over", HOUSING, "QQ999998A", "--on", "2026-03-02")
    assert ran.code == 2


@pytest.mark.parametrize("role", ["operator", "service", "approver", "tfea", "auditor"])
def test_a_handover_is_entered_by_who_may_name_people(county, role):
    be(county, role)
    assert enter(county, b"QQ999998A\nQQ999999A\n").code == 6


def test_every_outcome_of_a_recall_has_words():
    steps = {each: recall_step(each.value, answered=False) for each in Found}
    assert {each for each, step in steps.items() if not step} == {Found.REMOVED, Found.DESTROYED}
    assert len(set(steps.values())) == len(Found) - 1
    assert "tries again" in recall_step("connection-failed", answered=False)
    assert "Nobody has looked" in recall_step(None, answered=False) == recall_step("verified", answered=False)
