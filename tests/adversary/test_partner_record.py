"""Law L6: nobody is spoken to, and no receipt believed, under a partner's record that approvers have not signed."""

import pytest

from gateway import bootstrap
from gateway.model.delivery import ListState
from gateway.model.keys import KeyPurpose
from gateway.receipts.form import receipt_form
from gateway.sandbox.desk import clear_sign
from gateway.sandbox.rehearsal import invent_partner, new_host_key
from gateway.sandbox.server import INBOX, Account, SandboxServer
from gateway.services.delivery.deliver_lists import deliver
from gateway.services.receipts.collect_receipts import collect_receipts
from tests.rehearsed_county import DWP, MORNING, SMALL_HOURS


@pytest.fixture
def another_server(county):
    """A server at which our key can log in too, and which is not the partner's."""
    public = next(key.public for key in bootstrap.keyring_of(county.settings).facts() if key.purpose is KeyPurpose.SSH)
    with SandboxServer(county.folder / "elsewhere", [Account(DWP, str(public))], new_host_key()) as running:
        yield running


def test_a_list_is_not_said_to_be_delivered_to_a_server_that_nobody_approved(county, another_server):
    """Whoever can change files copied the ciphertext out of the database and shows it under its own name."""
    county.approve()
    county.run()
    kept = next(each for each in county.lists() if each.state is ListState.SEALED)
    county.know_partner(DWP, another_server.port, another_server.host_key)
    inbox = county.folder / "elsewhere" / DWP / INBOX
    (inbox / kept.remote_name).write_bytes(county.sealed_copy(kept))
    with county.at(SMALL_HOURS) as workplace:
        (delivered,) = deliver(workplace, [kept.list_id])
    assert (delivered.state, delivered.code) == (ListState.SEALED, "agreement-unapproved")
    assert [file.name for file in inbox.iterdir()] == [kept.remote_name]


def test_a_receipt_by_a_key_that_nobody_approved_is_not_read(county):
    county.approve()
    county.run()
    county.deliver()
    kept = next(each for each in county.lists() if each.state is ListState.VERIFIED)
    record = (county.folder / "config" / "partners" / f"{DWP}.toml").read_text(encoding="utf-8")
    intruder = county.partners[DWP] = invent_partner(DWP)
    county.know_partner(DWP, county.port, record.split('host_keys = ["')[1].split('"')[0])
    receipt = clear_sign(receipt_form(kept.reference, kept.package_sha256), bytes(intruder.key))
    (county.folder / "partner" / DWP / "receipts" / "forged.asc").write_bytes(receipt)
    with county.at(MORNING) as workplace:
        answers = {answer.partner: answer for answer in collect_receipts(workplace)}
    assert answers[DWP].failure.code == "agreement-unapproved"
    assert answers[DWP].collected == []
    assert {each.state for each in county.lists() if each.reference == kept.reference} == {ListState.VERIFIED}
