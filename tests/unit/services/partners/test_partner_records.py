"""A partner's file is read strictly, and everything that could redirect a list changes its hash."""

import base64
import shutil
from pathlib import Path

import pytest

from gateway.errors import AccessDenied, PartnerInvalid
from gateway.keyring.forms import new_openpgp_key
from gateway.ledger.checkpoint import vkey_of
from gateway.ledger.cosignature import witness_vkey
from gateway.model.officers import Actor, Role
from gateway.services.partners.check_partners import check_partners
from gateway.services.partners.manage_partners import (
    DisableReason,
    EnableReason,
    disable_partner,
    enable_partner,
    enter_pins,
)
from gateway.services.partners.partner_records import load_partner, load_partners
from gateway.store.agreements import stopped_switches
from tests.bare_workplace import a_bare_workplace

PIN = "ssh-ed25519 " + base64.b64encode(b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20" + bytes(32)).decode()
FILE = f"""
title = "Invented Recipient"

[server]
host = "sftp.partner.example"
user = "county-council"
host_keys = ["{PIN}"]
inbox = "/inbox"
receipts = "/receipts"

[package_certificate]
file = "recipient.asc"
fingerprint = "0000 1111 2222 3333 4444  5555 6666 7777 8888 9999"

[receipt_certificate]
file = "recipient.asc"
fingerprint = "00001111222233334444555566667777888899AA"
"""
WITNESS = witness_vkey("desk.partner.example/witness", bytes(range(32)))
LOG = vkey_of("desk.partner.example/witness", bytes(range(32)))
SERVER = FILE[FILE.index("[server]") : FILE.index("[package_certificate]")]


@pytest.fixture
def write(tmp_path):
    """Write a partner's file; what is given replaces text of the usual one."""

    def write(*changes: tuple[str, str], name="invented-recipient") -> Path:
        text = FILE
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "recipient.asc").write_bytes(b"a certificate")
        path = tmp_path / f"{name}.toml"
        path.write_text(text)
        return path

    return write


def test_a_partner_is_what_its_file_says(write):
    partner = load_partner(write())
    assert (partner.name, partner.title, partner.port) == ("invented-recipient", "Invented Recipient", 22)
    assert partner.host_keys == (PIN,)
    assert partner.fingerprint == "0000111122223333444455556666777788889999"
    assert partner.certificate == b"a certificate"
    assert partner.least_verification == "read_back"


@pytest.mark.parametrize(
    "change",
    [
        ('title = "Invented Recipient"', ""),
        ('title = "Invented Recipient"', 'title = "Invented Recipient"\nsecret = "x"'),
        ("[server]", '[server]\npassword = "hunter2"'),
        ('host = "sftp.partner.example"', 'host = "a b"'),
        ('host = "sftp.partner.example"', 'host = "-oProxyCommand=x"'),
        ('user = "county-council"', 'user = "county council"'),
        ('user = "county-council"', 'user = "county-council"\nport = "22"'),
        ('user = "county-council"', 'user = "county-council"\nport = 70000'),
        ('inbox = "/inbox"', 'inbox = "/inbox/../other"'),
        ('inbox = "/inbox"', 'inbox = ""'),
        (f'host_keys = ["{PIN}"]', "host_keys = []"),
        (f'host_keys = ["{PIN}"]', f'host_keys = ["{PIN}", "{PIN}", "{PIN}", "{PIN}"]'),
        (PIN, "SHA256:kmYcvdi2GkPeWxB6XLjrZB8JHsy2Hm8luHMFp9GMvqk0000000"),
        (PIN, PIN[:-4]),
        ("0000 1111 2222 3333 4444  5555 6666 7777 8888 9999", "8888 9999"),
        ('file = "recipient.asc"', 'file = "../recipient.asc"'),
        ('file = "recipient.asc"', 'file = "missing.asc"'),
        ('receipts = "/receipts"', 'receipts = "/receipts"\nleast_verification = "none"'),
        ("[server]", "[server"),
        ("[server]", '[outbox]\nfolder = "/srv/out"\n\n[server]'),
        (SERVER, ""),
        (SERVER, '[outbox]\nfolder = "srv/out"'),
        (SERVER, '[outbox]\nfolder = "/srv/../out"'),
        (SERVER, '[outbox]\nfolder = "/srv/out"\nhost = "sftp.partner.example"'),
        ("[receipt_certificate]", "[package_certificate]"),
        ("[receipt_certificate]", f'[witness]\nkey = "{WITNESS[:-4]}AAAA"\n\n[receipt_certificate]'),
        ("[receipt_certificate]", f'[witness]\nkey = "{LOG}"\n\n[receipt_certificate]'),
        ("[receipt_certificate]", "[witness]\n\n[receipt_certificate]"),
    ],
)
def test_anything_else_is_refused_and_no_value_is_quoted(write, change):
    with pytest.raises(PartnerInvalid) as refused:
        load_partner(write(change))
    assert "invented-recipient.toml" in str(refused.value) or "missing.asc" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert PIN[:-4] not in str(refused.value)


def test_a_recipient_that_is_a_witness_has_its_key_pinned_and_approved(write):
    plain = load_partner(write())
    pinned = load_partner(write(("[receipt_certificate]", f'[witness]\nkey = "{WITNESS}"\n\n[receipt_certificate]')))
    assert (plain.witness_key, pinned.witness_key) == (None, WITNESS)
    assert pinned.document_hash != plain.document_hash


def test_an_outbox_is_a_folder_of_ours_and_its_place_is_approved(write):
    partner = load_partner(write((SERVER, '[outbox]\nfolder = "/srv/out/housing/"\n\n')))
    assert (partner.outbox, partner.inbox) == ("/srv/out/housing", "/srv/out/housing/inbox")
    assert partner.receipts == "/srv/out/housing/receipts"
    assert (partner.host, partner.host_keys, partner.least_verification) == ("", (), "read_back")
    elsewhere = load_partner(write((SERVER, '[outbox]\nfolder = "/srv/out/other"\n\n')))
    assert elsewhere.document_hash != partner.document_hash


def test_a_name_that_agreements_cannot_say_is_refused(write):
    with pytest.raises(PartnerInvalid):
        load_partner(write(name="Invented Recipient"))


def test_a_file_that_is_too_large_is_refused(write, tmp_path):
    path = write()
    (tmp_path / "recipient.asc").write_bytes(bytes(256 * 1024 + 1))
    with pytest.raises(PartnerInvalid, match="larger"):
        load_partner(path)


def test_layout_does_not_change_the_hash_and_values_do(write, tmp_path):
    usual = load_partner(write()).document_hash
    assert load_partner(write(("[server]", "# where it is\n\n[server]"))).document_hash == usual
    assert load_partner(write(("sftp.partner.example", "sftp.other.example"))).document_hash != usual
    assert load_partner(write(("/inbox", "/inbox2"))).document_hash != usual
    path = write()
    (tmp_path / "recipient.asc").write_bytes(b"another certificate")
    assert load_partner(path).document_hash != usual


def test_every_file_of_the_folder_is_a_partner_and_examples_are_not(write, tmp_path):
    write()
    write(name="another-recipient")
    (tmp_path / "third.toml.example").write_text("nothing")
    assert list(load_partners(tmp_path)) == ["another-recipient", "invented-recipient"]


@pytest.mark.parametrize("example", sorted(Path("config/partners").glob("*.toml.example")), ids=lambda path: path.name)
def test_a_shipped_example_lacks_nothing_but_the_keys(example, tmp_path):
    name = example.name.removesuffix(".toml.example")
    text = example.read_text().replace("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA-THE-REST-OF-THE-KEY", PIN)
    path = tmp_path / f"{name}.toml"
    path.write_text(text)
    (tmp_path / f"{name}.asc").write_bytes(new_openpgp_key("Invented recipient"))
    partner = load_partner(path)
    assert partner.name == name
    if partner.outbox:
        return
    shutil.copy(example, path)
    with pytest.raises(PartnerInvalid, match="host_keys"):
        load_partner(path)


# --- stopping and starting ---------------------------------------------------------------------------------------------


@pytest.fixture
def workplace(sqlite_store, clock, everyone, write, tmp_path):
    partner = load_partner(write())
    folder = tmp_path / "county"
    folder.mkdir()
    return a_bare_workplace(sqlite_store, clock, everyone, folder, partners={partner.name: partner})


def test_a_partner_is_stopped_and_started_with_a_reason_and_a_case(workplace):
    name, case = "invented-recipient", "IG-2026-0142"
    assert disable_partner(workplace, name, DisableReason.KEY_IN_DOUBT, case)
    assert not disable_partner(workplace, name, DisableReason.KEY_IN_DOUBT, case)
    with workplace.store.reading() as connection:
        assert stopped_switches(connection) == {"partner:invented-recipient"}
    assert enable_partner(workplace, name, EnableReason.KEY_COMPARED, case)
    with workplace.store.reading() as connection:
        assert stopped_switches(connection) == frozenset()


@pytest.mark.parametrize(("name", "case"), [("nobody", "IG-2026-0142"), ("invented-recipient", "because I say so")])
def test_an_unknown_partner_and_words_for_a_case_are_refused(workplace, name, case):
    with pytest.raises(PartnerInvalid):
        disable_partner(workplace, name, DisableReason.INCIDENT, case)


def test_only_those_who_manage_partners_do(workplace):
    from dataclasses import replace

    auditor = replace(workplace, actor=Actor("auditor", "Invented Auditor", frozenset({Role.AUDITOR})))
    for act in (
        lambda: disable_partner(auditor, "invented-recipient", DisableReason.INCIDENT, "IG-2026-0142"),
        lambda: check_partners(auditor),
        lambda: enter_pins(auditor, "invented-recipient"),
    ):
        with pytest.raises(AccessDenied):
            act()


def test_the_pins_in_force_are_entered(workplace):
    assert enter_pins(workplace, "invented-recipient") > 0
