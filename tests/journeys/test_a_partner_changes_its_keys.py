"""A partner gets a new host key and a new certificate: compared by two, approved, and the old one kept until it answers.

Against a real server and real desks: what is believed when, is seen by who is spoken to and which receipts count.
"""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_private_key

from gateway.delivery.pins import parse_pin
from gateway.errors import AccessDenied, KeyUnusable, PartnerInvalid
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.model.keys import KeyPurpose
from gateway.model.officers import Actor, Role
from gateway.sandbox.rehearsal import invent_partner, new_host_key
from gateway.services.agreements.agreement_standing import standing_of
from gateway.services.partners.check_partners import check_partners
from gateway.services.partners.manage_partners import pins_of
from gateway.services.partners.pin_partners import (
    compare_pin,
    propose_certificate,
    propose_host_key,
    proposed_for,
    put_in_place,
    take_back,
)
from gateway.services.receipts.collect_receipts import collect_receipts
from tests.rehearsed_county import DISTRICT, DWP, EVENING, JOBCENTRE, MORNING, SECOND_PERSON, SMALL_HOURS

SOMEBODY = Actor("reader", "Invented Reader", frozenset({Role.TFEA}))


@pytest.fixture
def county(loaded_county, tmp_path):
    county = loaded_county.copied_to(tmp_path / "county")
    county.clock.instant = EVENING
    with county.server() as server:
        county.know_partners(server)
        county.approve()
    return county


def public_of(host_key: bytes) -> str:
    public = load_ssh_private_key(host_key, password=None).public_key()
    return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def fingerprint_of(host_key: bytes) -> str:
    return parse_pin(public_of(host_key)).fingerprint


def ask(county, act, *words, actor=None):
    with county.at(actor=actor) as workplace:
        return act(workplace, *words)


def compare_by_both(county, fingerprint, name=DWP):
    ask(county, compare_pin, name, fingerprint)
    return ask(county, compare_pin, name, fingerprint, actor=SECOND_PERSON)


def reasons(county):
    with county.at() as workplace, workplace.store.reading() as connection:
        return [reason.code for reason in standing_of(workplace, connection, JOBCENTRE).reasons]


def states(county):
    return {pin.fingerprint: pin.state for pin in ask(county, pins_of, DWP) if pin.purpose is KeyPurpose.HOST}


def check(county, name=DWP):
    (report,) = ask(county, check_partners, [name])
    return report


def test_a_host_key_is_changed_with_overlap(county):
    old, new = county.host_key, new_host_key()
    # (1) Proposed: nothing is different.
    change = ask(county, propose_host_key, DWP, f"{public_of(new)} somebody@somewhere\n")
    assert (change.fingerprint, change.missing, change.agreements) == (fingerprint_of(new), 2, (JOBCENTRE,))
    assert reasons(county) == []
    # (2) One person is not two.
    assert ask(county, compare_pin, DWP, fingerprint_of(new)).missing == 1
    assert ask(county, compare_pin, DWP, fingerprint_of(new)).missing == 1
    with pytest.raises(KeyUnusable, match="1 more of the 2 people"):
        ask(county, put_in_place, DWP)
    assert ask(county, compare_pin, DWP, fingerprint_of(new), actor=SECOND_PERSON).missing == 0
    # (3) In place: nothing goes before officers have signed.
    assert ask(county, put_in_place, DWP).in_place
    assert reasons(county) == ["unapproved"]
    county.approve(JOBCENTRE)
    assert states(county) == {fingerprint_of(old): "in use", fingerprint_of(new): "waits for its first answer"}
    # (4) The old one is believed until the new one answers.
    with county.server():
        assert check(county).problems == ()
    county.host_key = new
    with county.server():
        county.run()
        (delivered, *_) = [each for each in county.deliver() if JOBCENTRE in each.reference]
        assert delivered.state is ListState.VERIFIED
        assert states(county) == {fingerprint_of(old): "retired", fingerprint_of(new): "in use"}
        assert check(county).problems == ()
    (retired,) = county.entries(Event.PARTNER_PIN_RETIRED)
    assert retired == {
        "partner": DWP,
        "purpose": "host",
        "fingerprint": fingerprint_of(old),
        "answered": fingerprint_of(new),
    }
    # A server that shows the old key is a stranger from now on; nothing had to be signed for that.
    assert reasons(county) == []
    county.host_key = old
    with county.server():
        (problem,) = check(county).problems
    assert problem.code == "host-key-mismatch"
    assert "retired" in problem.sentence
    assert county.audit() == ()


def test_a_retired_host_key_can_be_pinned_anew_by_two_people(county):
    old, new = county.host_key, new_host_key()
    for following, before in ((new, old), (old, new)):
        ask(county, propose_host_key, DWP, public_of(following))
        compare_by_both(county, fingerprint_of(following))
        ask(county, put_in_place, DWP)
        county.host_key = following
        with county.server():
            assert check(county).problems == ()
        assert states(county)[fingerprint_of(before)] == "retired"
        assert states(county)[fingerprint_of(following)] == "in use"
    # What was retired goes out of the file with the next change of it.
    text = (county.folder / "config" / "partners" / f"{DWP}.toml").read_text()
    assert text.count("ssh-ed25519") == 2


@pytest.mark.parametrize("asked", ["twice", "short", "taken back", "outbox"])
def test_what_is_not_a_new_key_is_refused(county, asked):
    new = new_host_key()
    match asked:
        case "twice":
            refusal = pytest.raises(PartnerInvalid, match="pinned already")
            line = public_of(county.host_key)
        case "short":
            refusal, line = pytest.raises(PartnerInvalid, match="not a whole"), public_of(new)[:-4]
        case "taken back":
            ask(county, propose_host_key, DWP, public_of(new))
            assert ask(county, take_back, DWP)
            assert not ask(county, take_back, DWP)
            assert ask(county, proposed_for, DWP) is None
            with pytest.raises(PartnerInvalid, match="no new key is proposed"):
                ask(county, put_in_place, DWP)
            return
        case _:
            with county.at() as workplace, pytest.raises(PartnerInvalid, match="outbox"):
                there = replace(workplace.partners[DWP], outbox="/outbox")
                propose_host_key(replace(workplace, partners={DWP: there}), DWP, public_of(new))
            return
    with refusal:
        ask(county, propose_host_key, DWP, line)


def test_a_proposal_that_somebody_touched_is_not_put_in_place(county):
    new = new_host_key()
    ask(county, propose_host_key, DWP, public_of(new))
    compare_by_both(county, fingerprint_of(new))
    file = county.folder / "config" / "partners" / f"{DWP}.toml.next"
    file.write_text(file.read_text().replace('inbox = "/inbox"', 'inbox = "/elsewhere"'))
    with pytest.raises(PartnerInvalid, match="not today's with one new key"):
        ask(county, put_in_place, DWP)
    file.write_text(
        file.read_text()
        .replace('inbox = "/elsewhere"', 'inbox = "/inbox"')
        .replace(public_of(new), public_of(new_host_key()))
    )
    with pytest.raises(KeyUnusable, match="2 more"):
        ask(county, put_in_place, DWP)


def test_it_takes_the_roles(county):
    new = new_host_key()
    for act, words in (
        (propose_host_key, (public_of(new),)),
        (propose_certificate, (KeyPurpose.RECIPIENT, b"")),
        (proposed_for, ()),
        (compare_pin, ("",)),
        (put_in_place, ()),
        (take_back, ()),
        (pins_of, ()),
    ):
        with pytest.raises(AccessDenied):
            ask(county, act, DWP, *words, actor=SOMEBODY)


def test_a_certificate_for_lists_and_receipts_is_changed_with_overlap(county):
    """The desk answers with its old key until it has the new one in use; then the old one is a stranger's."""
    old, new = county.partners[DWP], invent_partner(DWP)
    fingerprint = new.certificate.fingerprint.upper()
    change = ask(county, propose_certificate, DWP, KeyPurpose.RECIPIENT, str(new.certificate).encode())
    assert change.purposes == (KeyPurpose.RECIPIENT, KeyPurpose.RECEIPTS)
    compare_by_both(county, fingerprint)
    ask(county, put_in_place, DWP)
    county.approve(JOBCENTRE)
    assert {body["fingerprint"] for body in county.entries(Event.KEY_IMPORTED)} == {fingerprint}
    with county.server():
        county.run(SMALL_HOURS)
        county.deliver()
        county.partners[DWP] = new
        desk = county.desk(DWP)
        first, second, third = desk.waiting()[:3]
        opened = [desk.open(package, county.clock.today()) for package in (first, second, third)]
        # Opened with the new key; the first receipt is still signed with the old one.
        county.partners[DWP] = old
        county.desk(DWP).accept(opened[0])
        assert collected(county) == [(True, ListState.RECEIVED)]
        assert county.entries(Event.PARTNER_PIN_RETIRED) == []
        county.partners[DWP] = new
        county.desk(DWP).accept(opened[1])
        assert collected(county) == [(True, ListState.RECEIVED)]
        (retired,) = county.entries(Event.PARTNER_PIN_RETIRED)
        assert (retired["purpose"], retired["fingerprint"]) == ("receipts", old.certificate.fingerprint.upper())
        county.partners[DWP] = old
        county.desk(DWP).accept(opened[2])
        assert collected(county) == [(False, None)]
    assert county.audit() == ()


def collected(county):
    with county.at(MORNING) as workplace:
        (answer,) = collect_receipts(workplace, [DWP])
    assert answer.failure is None
    return [(each.accepted, each.moved_to) for each in answer.collected]


def test_a_partner_beside_is_not_touched(county):
    new = new_host_key()
    ask(county, propose_host_key, DWP, public_of(new))
    compare_by_both(county, fingerprint_of(new))
    ask(county, put_in_place, DWP)
    assert ask(county, proposed_for, DISTRICT) is None
    assert {pin.state for pin in ask(county, pins_of, DISTRICT)} == {"in use"}
