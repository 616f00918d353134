"""Rows of the failure matrix about a real server, its names and its certificates (tests/failure_matrix.py)."""

import socket
import subprocess
import threading
from datetime import UTC, datetime, timedelta

import pytest

from gateway.delivery.ssh import Timeouts
from gateway.errors import (
    AuthenticationRefused,
    ConnectionFailed,
    HostKeyMismatch,
    TransferInterrupted,
    TransferRefused,
)
from gateway.services.partners.check_partners import check_partners
from tests.bare_workplace import a_bare_workplace
from tests.delivery_made import PARTNER, make_partner_key, with_certificate
from tests.integration.conftest import make_ssh_key, write_private
from tests.integration.test_sftp_delivery import NAME, TEMPORARY, some_bytes

pytestmark = pytest.mark.sshd


@pytest.mark.parametrize("host", ["two..dots", "::1%nowhere", "224.0.0.1"], ids=["no name", "not found", "no route"])
def test_row_2_a_host_that_cannot_be_found_or_reached(sshd, host):
    """Each is refused by this machine itself; nothing is sent to anybody."""
    with pytest.raises(ConnectionFailed), sshd.transport(host=host).session():
        pass


def test_row_2_a_host_that_never_answers_the_call(sshd):
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        # The one that it has room for; from now on it drops what comes.
        with socket.create_connection(full.getsockname()):
            quick = Timeouts(dial_s=0.5)
            with (
                pytest.raises(ConnectionFailed, match="nothing answers at all"),
                sshd.transport(port=full.getsockname()[1], timeouts=quick).session(),
            ):
                pass


@pytest.fixture
def certified(start_sshd, tmp_path):
    """A server that believes an authority's user certificates, and a key with one for a stretch of time."""
    process, server = start_sshd(extra=("TrustedUserCAKeys ROOT/authority.pub",))
    authority, ours = make_ssh_key(), make_ssh_key()
    (process.root / "authority.pub").write_text(authority.public + "\n")
    authority_key = write_private(tmp_path / "authority", authority.private)
    our_key = write_private(tmp_path / "certified", ours.private)
    (tmp_path / "certified.pub").write_text(ours.public + "\n")

    def certify(stretch):
        command = ["ssh-keygen", "-q", "-s", authority_key, "-I", "gateway", "-n", server.partner.user, "-V", stretch]
        subprocess.run([*command, tmp_path / "certified.pub"], check=True)
        return server, our_key

    return certify


def test_row_11_a_certificate_that_is_valid_logs_in(certified):
    server, key = certified("always:forever")
    with server.transport(key=key).session() as session:
        session.place(NAME, some_bytes(1000))
    assert server.names() == [NAME]


def test_row_11_a_certificate_that_has_expired_is_tried_once(certified):
    server, key = certified("20250101:20250102")
    transport = server.transport(key=key)
    for _ in range(3):
        with pytest.raises(AuthenticationRefused), transport.session():
            pass
    assert server.log().count("Certificate invalid: expired") == 1


@pytest.mark.parametrize(("days_left", "warned"), [(8, False), (6, True)])
def test_row_11_a_check_warns_a_week_before_the_certificate_ends(
    certified, sqlite_store, clock, everyone, tmp_path, days_left, warned
):
    ends = datetime(2099, 1, 10, tzinfo=UTC)
    server, key = certified("20250101:20990110000000Z")
    clock.instant = ends - timedelta(days=days_left)
    partner = with_certificate(server.partner, make_partner_key())
    folder = tmp_path / "county"
    folder.mkdir()
    workplace = a_bare_workplace(
        sqlite_store,
        clock,
        everyone,
        folder,
        partners={PARTNER: partner},
        transport_to=lambda _: server.transport(key=key),
    )
    (report,) = check_partners(workplace)
    assert report.endpoint.log_in_until == ends
    assert ("log-in-ends" in {problem.code for problem in report.problems}) is warned


def test_row_16_a_name_that_the_server_does_not_accept(sshd):
    inbox = f"{sshd.partner.inbox}/{'x' * 300}"
    with sshd.transport(inbox=inbox).session() as session, pytest.raises(TransferRefused, match="name"):
        session.place(NAME, some_bytes(1000))
    assert sshd.names() == []


def test_row_17_a_failure_at_opening_that_says_no_more(sshd):
    """A folder in the way of the temporary file: the server says FAILURE, and that is tried again."""
    (sshd.inbox / TEMPORARY).mkdir()
    with sshd.transport().session() as session, pytest.raises(TransferInterrupted):
        session.place(NAME, some_bytes(1000))
    assert sshd.names() == [TEMPORARY]


def test_row_50_a_partner_without_pins_is_not_called(sshd):
    with pytest.raises(HostKeyMismatch), sshd.transport(host_keys=()).session():
        pass
    assert "Connection from" not in sshd.log()


def test_row_43_a_recipient_who_moves_files_as_soon_as_they_come(sshd, tmp_path):
    """Whoever is first, the delivery counts and the recipient has every byte."""
    stop, taken = threading.Event(), tmp_path / "taken"
    watcher = threading.Thread(target=_take_at_once, args=(sshd.inbox, taken, stop))
    watcher.start()
    try:
        with sshd.transport().session() as session:
            for number in range(10):
                session.place(f"{number}-{NAME}", some_bytes(40_000, number))
    finally:
        stop.set()
        watcher.join()
    assert [(taken / f"{number}-{NAME}").read_bytes() for number in range(10)] == [
        some_bytes(40_000, number) for number in range(10)
    ]


def _take_at_once(inbox, taken, stop):
    taken.mkdir()
    over = False
    while not over:
        # Asked first, so that one more look follows the end.
        over = stop.is_set()
        for path in inbox.iterdir():
            if not path.name.startswith("."):
                (taken / path.name).write_bytes(path.read_bytes())
                path.unlink()
