"""A check says everything that is in the way of a partner's lists, and sends nothing."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.cli.partners import lines_of
from gateway.delivery.sftp import SftpTransport
from gateway.errors import PartnerInvalid
from gateway.ledger.cosignature import Cosigner
from gateway.services.partners.check_partners import PROBE_NAME, check_partners
from tests.bare_workplace import a_bare_workplace
from tests.delivery_made import PARTNER, make_partner_key, with_certificate
from tests.integration.conftest import QUICK, free_port, make_ssh_key, write_private


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


def test_the_key_with_which_they_co_sign_is_told_as_it_is_pinned(check):
    key = Cosigner("desk.example/witness", Ed25519PrivateKey.generate()).vkey
    report = check(witness_key=key)
    assert report.witness_key == key
    assert ("witness key", key) in lines_of(report)
    assert ("witness key", "none: their receipts co-sign no checkpoint") in lines_of(check(witness_key=None))


def test_every_problem_is_told(check):
    report = check(inbox="/nowhere", receipts="/nowhere", fingerprint="0" * 40)
    assert [problem.code for problem in report.problems] == ["key-unusable", "inbox-missing", "receipts-missing"]
    assert all(problem.way_out for problem in report.problems)


def test_a_missing_folder_for_the_lists_that_they_ask_with_is_told(check):
    assert [problem.code for problem in check(claimants="/nowhere").problems] == ["claimants-missing"]
    assert check(claimants="/claimants").problems == check().problems


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


# Against OpenSSH, as an operator reads it: what is wrong, and what to ask whom for.


@pytest.fixture
def check_sshd(start_sshd, sqlite_store, clock, everyone, tmp_path):
    """Check an sshd of its own, with a probe; `changes` are to the partner's record, `options` to the server."""
    clock.instant = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    folder = tmp_path / "county"
    folder.mkdir()

    def check(changes=(), *, key=None, before=lambda _: None, **options):
        _, server = start_sshd(**options)
        before(server)
        partner = replace(with_certificate(server.partner, make_partner_key()), **dict(changes))
        workplace = a_bare_workplace(
            sqlite_store,
            clock,
            everyone,
            folder,
            partners={PARTNER: partner},
            transport_to=lambda each: SftpTransport(each, key or server.our_key, timeouts=QUICK),
        )
        (report,) = check_partners(workplace, probe=True)
        return report, server

    return check


@pytest.mark.sshd
def test_a_good_server_is_described_and_left_as_it_was(check_sshd):
    report, server = check_sshd()
    assert (report.problems, report.in_the_way, report.probed) == ((), (), True)
    assert report.place == f"{server.partner.user}@127.0.0.1:{server.partner.port}"
    assert report.endpoint.facts.host_key == report.pins[0]
    assert report.endpoint.facts.cipher == "aes256-gcm@openssh.com"
    assert any(name.startswith("fsync@") for name in report.endpoint.extensions)
    assert server.names() == []


@pytest.mark.sshd
@pytest.mark.parametrize(
    ("changes", "code", "means", "asks"),
    [
        ({"port": 0}, "connection-failed", "nothing listens at that port", "nc -vz 127.0.0.1"),
        ({"host": "sftp.invalid"}, "connection-failed", "does not find an address", "nc -vz sftp.invalid"),
        ({"host_keys": "another"}, "host-key-mismatch", "no log-in was tried", "on the number in the agreement"),
        ({"inbox": "/nowhere"}, "inbox-missing", "there is no inbox /nowhere", "as the user {user} sees it"),
    ],
)
def test_what_is_wrong_is_said_in_words(check_sshd, changes, code, means, asks):
    if "port" in changes:
        changes = {"port": free_port()}
    if "host_keys" in changes:
        changes = {"host_keys": (make_ssh_key().public,)}
    report, server = check_sshd(changes.items())
    (problem,) = report.problems
    assert problem.code == code
    assert means in problem.sentence
    assert asks.format(user=server.partner.user) in problem.way_out
    assert "Error" not in problem.sentence
    assert report.probed is None
    assert report.in_the_way == (problem,)


@pytest.mark.sshd
def test_a_log_in_that_is_refused_says_which_key_to_compare(check_sshd, tmp_path):
    report, server = check_sshd(key=write_private(tmp_path / "another_key", make_ssh_key().private))
    (problem,) = report.problems
    assert problem.code == "authentication-refused"
    assert f"the user {server.partner.user}" in problem.way_out
    assert "gateway keys show ssh" in problem.way_out


@pytest.mark.sshd
@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"subsystem": "", "forced": ""}, "transfer-refused"),
        ({"extra": ("Ciphers chacha20-poly1305@openssh.com",)}, "transfer-refused"),
    ],
)
def test_a_server_that_offers_too_little_is_said_so(check_sshd, options, code):
    (problem,) = check_sshd(**options)[0].problems
    assert (problem.code, problem.bearable) == (code, False)
    assert "docs/formats/delivery.md" in problem.way_out


@pytest.mark.sshd
def test_an_inbox_that_may_not_be_written_to_is_found_by_the_probe_alone(check_sshd):
    report, server = check_sshd(before=lambda server: server.inbox.chmod(0o555))
    (problem,) = report.problems
    assert (problem.code, report.probed) == ("transfer-refused", False)
    assert str(server.partner.inbox) in problem.sentence
    assert "create, write, read back, rename and remove" in problem.way_out


@pytest.mark.sshd
def test_a_probe_that_stays_is_told_with_its_name(check_sshd):
    """The user may make files in the inbox and take none away."""
    report, server = check_sshd(sftp_options="-P remove")
    (problem,) = report.problems
    assert (problem.code, report.probed) == ("probe-left", False)
    assert PROBE_NAME in problem.way_out
    assert server.names() == [PROBE_NAME]


@pytest.mark.sshd
def test_what_is_only_a_pity_is_in_nobodys_way(check_sshd):
    report, _ = check_sshd(sftp_options="-P fsync")
    (problem,) = report.problems
    assert (problem.code, problem.bearable, report.in_the_way) == ("no-fsync", True, ())
