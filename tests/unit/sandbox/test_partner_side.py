"""What invented partners and officers keep on disk: private, and the same when it is read again."""

import socket
import stat

import pytest

from gateway.errors import KeyUnavailable
from gateway.sandbox.partner_side import FOLDER, invent_partner_side, read_partner_side
from gateway.sandbox.rehearsal import PARTNERS
from gateway.services.new_county import TEMPLATES
from gateway.services.partners.partner_records import load_partners


@pytest.fixture
def county(tmp_path):
    (tmp_path / "config" / "partners").mkdir(parents=True)
    return tmp_path


def test_everything_is_read_as_it_was_kept(county):
    kept = invent_partner_side(county)
    read = read_partner_side(county)
    assert read.host_key == kept.host_key
    assert {p.name: p.certificate.fingerprint for p in read.partners} == {
        p.name: p.certificate.fingerprint for p in kept.partners
    }
    assert [p.cosigner.vkey for p in read.partners] == [p.cosigner.vkey for p in kept.partners]
    assert sorted((o.principal, o.role, o.approvers_line()) for o in read.officers) == sorted(
        (o.principal, o.role, o.approvers_line()) for o in kept.officers
    )


def test_only_we_can_read_it(county):
    invent_partner_side(county)
    assert stat.S_IMODE((county / FOLDER).stat().st_mode) == 0o700
    files = list((county / FOLDER).iterdir())
    assert len(files) == 2 * len(PARTNERS) + 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    files[0].chmod(0o640)
    with pytest.raises(KeyUnavailable, match="others can read"):
        read_partner_side(county)


def test_the_partners_files_lead_to_one_port_that_is_free_and_pin_the_servers_key(county):
    side = invent_partner_side(county)
    partners = load_partners(county / "config" / "partners")
    assert set(partners) == set(PARTNERS)
    assert {name: p.witness_key for name, p in partners.items()} == {p.name: p.cosigner.vkey for p in side.partners}
    assert {partner.host_keys for partner in partners.values()} == {(side.public_host_key,)}
    (port,) = {partner.port for partner in partners.values()}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", port))


def test_every_recipient_of_a_shipped_agreement_is_invented():
    named = {
        line.split(": ")[1].strip()
        for path in (TEMPLATES / "agreements").glob("*.yaml")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("recipient: ")
    }
    assert named == set(PARTNERS)


def test_keys_are_never_written_over(county):
    invent_partner_side(county)
    with pytest.raises(KeyUnavailable, match="never written over"):
        invent_partner_side(county)


def test_a_county_without_them_and_a_name_that_nobody_has_are_told(county):
    with pytest.raises(KeyUnavailable, match="no invented partners"):
        read_partner_side(county)
    side = invent_partner_side(county)
    assert side.partner("dwp-jobcentre-plus").name == "dwp-jobcentre-plus"
    with pytest.raises(KeyUnavailable) as refused:
        side.partner("nobody")
    assert "dwp-jobcentre-plus" in refused.value.advice()
