"""A check says everything that is in the way of a partner's lists, and sends nothing."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.errors import PartnerInvalid
from gateway.services.manage_partners import PROBE_NAME, check_partners
from tests.bare_workplace import a_bare_workplace
from tests.delivery_made import PARTNER, make_partner_key, with_certificate
from tests.integration.conftest import free_port, make_ssh_key


@pytest.fixture
def check(sqlite_store, clock, everyone, tmp_path, sandbox):
    """Check the sandbox as a partner, with changes to its record."""
    clock.instant = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    partner = with_certificate(sandbox.partner, make_partner_key())
    folder = tmp_path / "county"
    folder.mkdir()

    def check(*, probe=False, **changes):
        changed = replace(partner, **changes)
        workplace = a_bare_workplace(
            sqlite_store,
            clock,
            everyone,
            folder,
            partners={PARTNER: changed},
            transport_to=lambda _: sandbox.transport(**changes),
        )
        (report,) = check_partners(workplace, [PARTNER], probe=probe)
        return report

    return check


def test_a_partner_with_nothing_in_the_way(check, sandbox):
    report = check()
    assert report.problems == ()
    assert report.endpoint.pin == 1
    assert report.certificate.expires_on is not None
    assert not report.stopped
    assert sandbox.names() == []


def test_every_problem_is_told(check):
    report = check(inbox="/nowhere", receipts="/nowhere", fingerprint="0" * 40)
    assert [problem.code for problem in report.problems] == ["key-unusable", "inbox-missing", "receipts-missing"]
    assert all(problem.way_out for problem in report.problems)


def test_another_host_key_and_nobody_there_are_told(check):
    assert [problem.code for problem in check(host_keys=(make_ssh_key().public,)).problems] == ["host-key-mismatch"]
    assert [problem.code for problem in check(port=free_port()).problems] == ["connection-failed"]


def test_a_key_that_is_about_to_change_is_told(check, sandbox):
    pins = (make_ssh_key().public, *sandbox.partner.host_keys)
    assert [problem.code for problem in check(host_keys=pins).problems] == ["key-rotated"]


def test_a_probe_is_laid_and_taken_away(check, sandbox):
    assert check(probe=True).problems == ()
    assert sandbox.names() == []


def test_a_probe_never_removes_what_is_not_its_own(check, sandbox):
    (sandbox.inbox / PROBE_NAME).write_bytes(b"somebody else's")
    assert [problem.code for problem in check(probe=True).problems] == ["remote-conflict"]
    assert (sandbox.inbox / PROBE_NAME).read_bytes() == b"somebody else's"


def test_nothing_is_laid_where_there_is_no_inbox(check, sandbox):
    assert [problem.code for problem in check(probe=True, inbox="/nowhere").problems] == ["inbox-missing"]


def test_a_partner_without_a_file_is_refused(sqlite_store, clock, everyone, tmp_path):
    with pytest.raises(PartnerInvalid):
        check_partners(a_bare_workplace(sqlite_store, clock, everyone, tmp_path), ["nobody"])
