"""A real server whose disk fails once, at any point: never missed, never called delivered (law L5).

OpenSSH's own server does the work; failing_disk.c, preloaded, spoils one system call. What a server says and does not
do is in test_sftp_faults.py too, where it is written down.
"""

import errno
import os

import pytest

from gateway.delivery.pins import parse_pin
from gateway.delivery.sftp_protocol import SftpClient
from gateway.delivery.ssh import reach
from gateway.delivery.ssh_key import load_key
from gateway.errors import ServerFull, TransferInterrupted, VerificationFailed
from tests.integration.conftest import QUICK
from tests.integration.test_sftp_delivery import NAME, some_bytes

pytestmark = pytest.mark.sshd

WRITES = 31
DATA = some_bytes(WRITES * 32_675)


def fails_and_then_delivers(start_sshd, failing_disk, error):
    """The same session delivers once the disk works again; until then nothing is left and nothing is in view."""
    _, server = start_sshd(failing_disk=failing_disk)
    with server.transport().session() as session:
        with pytest.raises(error):
            session.place(NAME, DATA)
        assert server.names() == []
        session.place(NAME, DATA)
    assert server.names() == [NAME]
    assert (server.inbox / NAME).read_bytes() == DATA


@pytest.mark.parametrize("number", [2, 16])
def test_row_21_a_write_in_the_middle_fails_once(start_sshd, number):
    fails_and_then_delivers(start_sshd, ("write", number, errno.EIO), TransferInterrupted)


@pytest.mark.parametrize("number", [WRITES - 1, WRITES])
def test_row_22_one_of_the_last_writes_fails_once(start_sshd, number):
    fails_and_then_delivers(start_sshd, ("write", number, errno.EIO), TransferInterrupted)


def test_row_23_the_disk_is_full_for_one_write(start_sshd):
    fails_and_then_delivers(start_sshd, ("write", 5, errno.ENOSPC), TransferInterrupted)


def test_row_23_a_large_package_is_not_begun_where_there_is_no_room(start_sshd):
    _, server = start_sshd(failing_disk=("room", 1, 0))
    large = some_bytes(9_000_000)
    with server.transport().session() as session:
        with pytest.raises(ServerFull, match="9000000 are to be sent"):
            session.stage(NAME, large)
        assert server.names() == []
        session.place(NAME, large)
    assert (server.inbox / NAME).read_bytes() == large


def test_row_23_how_much_room_there_is_comes_from_the_server(start_sshd):
    _, server = start_sshd()
    pins = tuple(map(parse_pin, server.partner.host_keys))
    connection = reach("127.0.0.1", server.partner.port, pins, QUICK)
    try:
        connection.log_in(server.partner.user, load_key(server.our_key), QUICK)
        client = SftpClient(connection.open_sftp(QUICK))
        client.start()
        told, there = client.free_bytes(server.partner.inbox), os.statvfs(server.inbox)
        assert client.free_bytes(f"{server.partner.inbox}/not-there") is None
    finally:
        connection.close()
    assert told == pytest.approx(there.f_frsize * there.f_bavail, rel=0.05)


def test_row_24_the_disk_fails_at_fsync(start_sshd):
    fails_and_then_delivers(start_sshd, ("fsync", 1, errno.EIO), TransferInterrupted)


def test_row_25_the_quota_is_found_to_be_used_up_at_close(start_sshd):
    fails_and_then_delivers(start_sshd, ("close", 1, errno.EDQUOT), TransferInterrupted)


def test_row_26_the_disk_keeps_other_bytes(start_sshd):
    fails_and_then_delivers(start_sshd, ("spoil", 7, 0), VerificationFailed)


def test_row_27_the_disk_keeps_fewer_bytes(start_sshd):
    fails_and_then_delivers(start_sshd, ("swallow", WRITES, 0), VerificationFailed)


def test_rows_26_27_the_disk_leaves_a_hole_of_the_right_size(start_sshd):
    """Every answer was a success: only reading back finds it."""
    fails_and_then_delivers(start_sshd, ("swallow", 7, 0), VerificationFailed)
