"""What two officers approved once and gave up since does not come back by putting old files in their place."""

import pytest

from gateway.agreements.approvers import ApproverRole, read_approvers
from gateway.errors import ApprovalInvalid
from gateway.sandbox.approving import InventedOfficer
from gateway.services.agreements.agreement_standing import standing_of
from gateway.services.agreements.approve_agreements import enrol_approvers
from tests.rehearsed_county import JOBCENTRE, PARTNERS, invent_partner

DWP = next(iter(PARTNERS))


def reasons(county):
    with county.at() as workplace, workplace.store.reading() as connection:
        return [reason.code for reason in standing_of(workplace, connection, JOBCENTRE).reasons]


def test_L6_an_older_version_is_not_in_force_again_when_its_file_is_put_back(county):
    """Version 2 takes a field out after an incident; both officers' signatures on version 1 are still in the database."""
    county.approve()
    file = county.folder / "agreements" / f"{JOBCENTRE}.yaml"
    first = file.read_bytes()
    county.change_agreement(JOBCENTRE, "version: 1", "version: 2")
    county.approve(JOBCENTRE)
    assert reasons(county) == []
    file.write_bytes(first)
    assert reasons(county) == ["superseded"]
    assert all(made.agreement_id != JOBCENTRE for made in county.run())


def test_L6_a_partners_old_record_is_not_in_force_again_when_it_is_put_back(county):
    """The desk's key was stolen and another one approved under the same version of the agreement."""
    county.approve()
    stolen = county.partners[DWP]
    before = (county.folder / "config" / "partners" / f"{DWP}.toml").read_bytes()
    county.partners[DWP] = invent_partner(DWP)
    county.know_partner(DWP, county.port, _host_key_in(before))
    assert reasons(county) == ["unapproved"]
    county.approve(JOBCENTRE)
    assert reasons(county) == []
    county.partners[DWP] = stolen
    county.know_partner(DWP, county.port, _host_key_in(before))
    assert reasons(county) == ["superseded"]


def _host_key_in(record):
    return record.decode().split('host_keys = ["')[1].split('"')[0]


def test_what_was_changed_and_put_back_with_nobody_approving_the_change_stays_in_force(county):
    county.approve()
    file = county.folder / "agreements" / f"{JOBCENTRE}.yaml"
    first = file.read_bytes()
    county.change_agreement(JOBCENTRE, "most_people: 6000", "most_people: 7000")
    assert reasons(county) == ["unapproved"]
    file.write_bytes(first)
    assert reasons(county) == []


def test_an_approver_who_was_taken_out_does_not_come_back_with_the_old_file(county):
    """The signatures under the file that named them are still there, and were good once."""
    with_third = InventedOfficer.new("third.officer@county.example", ApproverRole.APPROVER)
    file = county.folder / "config" / "approvers"
    first = file.read_bytes()
    county.approve()
    three = first + f"{with_third.approvers_line()}\n".encode()
    enrol(county, three)
    enrol(county, b"# 23 November 2026\n" + first)
    with pytest.raises(ApprovalInvalid, match="was in force before"):
        enrol(county, three)


def enrol(county, content):
    """Put the file in place with both officers' signatures under it, as `ssh-keygen -Y sign` leaves them."""
    file = county.folder / "config" / "approvers"
    file.write_bytes(content)
    for number, officer in enumerate(county.officers):
        file.with_name(f"approvers.{number}.sig").write_bytes(officer.sign(content))
    with county.at() as workplace:
        enrol_approvers(workplace)


def test_one_person_is_not_two_by_a_capital_letter():
    one = InventedOfficer.new("rowan.ashby@county.example", ApproverRole.APPROVER)
    other = InventedOfficer.new("Rowan.Ashby@county.example", ApproverRole.IG_OFFICER)
    lines = f"{one.approvers_line()}\n{other.approvers_line()}\n"
    with pytest.raises(ApprovalInvalid, match="written in two ways"):
        read_approvers(lines.encode(), "approvers")
