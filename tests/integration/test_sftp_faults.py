"""A server that fails or lies is found out; nothing is called delivered that is not (law L5).

Each test names the row of the failure matrix in docs/formats/delivery.md that it shows.
"""

import os
import signal
import threading
import time
from pathlib import Path

import asyncssh
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.delivery.interface import Match, VerifyMethod
from gateway.delivery.ssh import Timeouts
from gateway.errors import (
    AuthenticationRefused,
    ConnectionFailed,
    HostKeyMismatch,
    KeyUnavailable,
    OutcomeUnknown,
    TransferInterrupted,
    TransferRefused,
    VerificationFailed,
)
from gateway.sandbox.server import ConfinedFiles
from tests.integration.conftest import free_port, make_ssh_key, write_private
from tests.integration.test_sftp_delivery import NAME, TEMPORARY, some_bytes, writable


@pytest.fixture(autouse=True)
def _no_thread_stays():
    """Whatever happened, no thread of ours is left when the session is over."""
    yield
    ours = [
        thread
        for thread in threading.enumerate()
        if thread.name == "delivery-watchdog" or type(thread).__module__ == "gateway.delivery.ssh_transport"
    ]
    assert ours == []


def assert_nothing_published(server):
    assert NAME not in server.names()


# --- who the server is ------------------------------------------------------------------------------------------------


def test_row_1_nobody_listens(server):
    with pytest.raises(ConnectionFailed), server.transport(port=free_port()).session():
        pass


def test_L6_row_8_another_host_key_and_no_log_in_is_tried(server):
    other = make_ssh_key().public
    with pytest.raises(HostKeyMismatch), server.transport(host_keys=(other,)).session():
        pass
    assert "userauth-request" not in server.log()
    assert server.names() == []


def test_L6_row_8_a_pinned_key_of_another_type_is_no_excuse(server):
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    line = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    with pytest.raises(HostKeyMismatch), server.transport(host_keys=(line,)).session():
        pass
    assert "userauth-request" not in server.log()


def test_row_9_the_second_pin_counts_too(server):
    pins = (make_ssh_key().public, server.partner.host_keys[0])
    assert server.transport(host_keys=pins).check().pin == 2
    with server.transport(host_keys=pins).session() as session:
        session.place(NAME, some_bytes(1000))
    assert (server.inbox / NAME).read_bytes() == some_bytes(1000)


def test_row_10_a_refused_key_is_tried_once(server, tmp_path):
    stranger = write_private(tmp_path / "stranger", make_ssh_key().private)
    transport = server.transport(key=stranger)
    for _ in range(3):
        with pytest.raises(AuthenticationRefused), transport.session():
            pass
    # The sandbox keeps no log.
    assert server.log().count("Failed publickey for") == (1 if server.log() else 0)


@pytest.mark.sshd
@pytest.mark.parametrize(
    ("only", "said"),
    [
        (("Ciphers chacha20-poly1305@openssh.com",), "cipher in common; we take aes256-gcm@openssh.com, "),
        (("KexAlgorithms diffie-hellman-group14-sha256",), "key exchange in common; we take mlkem768x25519-sha256, "),
        (("Ciphers aes256-ctr", "MACs hmac-sha2-256"), "digest .* in common; we take hmac-sha2-512-etm@openssh.com, "),
    ],
)
def test_row_7_no_algorithm_in_common(start_sshd, only, said):
    _, server = start_sshd(extra=only)
    with pytest.raises(TransferRefused, match=said) as refused, server.transport().session():
        pass
    assert not refused.value.retryable
    assert "userauth-request" not in server.log()


@pytest.mark.sshd
def test_row_12_a_password_is_never_sent(start_sshd):
    _, server = start_sshd(extra=("AuthenticationMethods publickey,password", "PasswordAuthentication yes"))
    with pytest.raises(AuthenticationRefused), server.transport().session():
        pass
    assert "method password" not in server.log()


def test_row_50_a_key_that_others_can_read_is_not_used(server):
    server.our_key.chmod(0o640)
    with pytest.raises(KeyUnavailable), server.transport().session():
        pass
    assert "Connection from" not in server.log()


# --- what the server refuses ------------------------------------------------------------------------------------------


def test_row_14_a_missing_folder_is_told_and_not_made(server):
    inbox = f"{server.partner.inbox}/not-there"
    with server.transport(inbox=inbox).session() as session, pytest.raises(TransferRefused):
        session.place(NAME, some_bytes(1000))
    assert server.names() == []


@pytest.mark.sshd
def test_row_15_a_read_only_server(start_sshd):
    _, server = start_sshd(sftp_options="-R")
    with server.transport().session() as session, pytest.raises(TransferRefused):
        session.place(NAME, some_bytes(1000))
    assert server.names() == []


@pytest.mark.sshd
def test_row_15_a_folder_that_we_may_not_write_to(sshd):
    sshd.inbox.chmod(0o555)
    with sshd.transport().session() as session, pytest.raises(TransferRefused):
        session.place(NAME, some_bytes(1000))
    assert sshd.names() == []


@pytest.mark.sshd
def test_row_13_no_sftp_for_this_user(start_sshd):
    _, server = start_sshd(subsystem="")
    with pytest.raises(TransferRefused, match="offers no SFTP"), server.transport().session():
        pass


@pytest.mark.sshd
def test_row_13_a_greeting_instead_of_sftp(start_sshd):
    """The user's shell says that the account is not available, into the channel."""
    _, server = start_sshd(forced="/bin/echo Welcome")
    with pytest.raises(TransferRefused, match="not SFTP"), server.transport().session():
        pass


def test_row_17_a_folder_stands_under_the_final_name(server):
    (server.inbox / NAME).mkdir()
    with server.transport().session() as session:
        assert session.compare(NAME, b"x").final is Match.OTHER


@pytest.mark.sshd
def test_row_28_without_extensions_it_is_delivered_and_not_called_durable(start_sshd):
    _, server = start_sshd(sftp_options="-P fsync,posix-rename,limits")
    data = some_bytes(3_000_000)
    with server.transport().session() as session:
        placed = session.place(NAME, data)
    assert (server.inbox / NAME).read_bytes() == data
    assert not placed.durable
    assert placed.verify_method is VerifyMethod.READ_BACK
    assert not placed.facts.offers_fsync


@pytest.mark.sshd
def test_row_36_new_keys_in_the_middle_of_a_transfer(start_sshd):
    _, server = start_sshd(extra=("RekeyLimit 1M",))
    data = some_bytes(10_000_000)
    with server.transport().session() as session:
        session.place(NAME, data)
    assert (server.inbox / NAME).read_bytes() == data
    assert server.log().count("SSH2_MSG_NEWKEYS received") > 3


@pytest.mark.sshd
def test_row_29_a_drop_box_is_refused_before_a_byte_where_reading_back_is_asked_for(start_sshd):
    _, server = start_sshd(sftp_options="-P read")
    with server.transport().session() as session, pytest.raises(TransferRefused):
        session.place(NAME, some_bytes(100_000))
    assert server.names() == []


@pytest.mark.sshd
def test_row_29_a_drop_box_is_checked_by_size_where_the_partner_agreed(start_sshd):
    _, server = start_sshd(sftp_options="-P read")
    data = some_bytes(100_000)
    transport = server.transport(least_verification="size")
    with transport.session() as session:
        placed = session.place(NAME, data)
        again = session.place(NAME, data)
    assert placed.verify_method is VerifyMethod.SIZE
    assert again.already_there
    assert (server.inbox / NAME).read_bytes() == data


@pytest.mark.sshd
def test_L4_what_a_drop_box_holds_and_does_not_show_is_uncertain(start_sshd):
    _, server = start_sshd(sftp_options="-P read")
    writable(server.inbox / NAME, some_bytes(1000, 7))
    with server.transport().session() as session:
        assert session.compare(NAME, some_bytes(1000)).final is Match.UNPROVEN
        with pytest.raises(OutcomeUnknown):
            session.place(NAME, some_bytes(1000))


# --- what goes wrong in a transfer ------------------------------------------------------------------------------------


def faulty(**methods):
    """Return what makes a file server with some operations replaced."""
    kind = type("FaultyFiles", (ConfinedFiles,), methods)
    return lambda channel, folder: kind(channel, chroot=folder)


def fails_once_at(number, error=asyncssh.SFTPFailure):
    """Return a write operation that fails the one time."""
    count = 0

    def write(self, file_obj, offset, data):
        nonlocal count
        count += 1
        if count == number:
            raise error("no")
        return ConfinedFiles.write(self, file_obj, offset, data)

    return write


@pytest.mark.parametrize("number", [1, 2, 16, 30, 31])
def test_rows_21_22_one_failed_write_of_31_is_never_missed(start_sandbox, number):
    server = start_sandbox(make_files=faulty(write=fails_once_at(number)))
    with server.transport().session() as session:
        with pytest.raises(TransferInterrupted):
            session.place(NAME, some_bytes(31 * 32_675))
        assert server.names() == []
        session.place(NAME, some_bytes(31 * 32_675))
    assert (server.inbox / NAME).read_bytes() == some_bytes(31 * 32_675)


@pytest.mark.sshd
def test_row_23_a_disk_that_is_full_gets_its_space_back(start_sshd):
    _, server = start_sshd(largest_kib=1000)
    with server.transport().session() as session:
        with pytest.raises(TransferInterrupted):
            session.place(NAME, some_bytes(2_000_000))
        assert server.names() == []
        session.place(NAME, some_bytes(500_000))
    assert (server.inbox / NAME).read_bytes() == some_bytes(500_000)


def refuse(self, *arguments):
    raise asyncssh.SFTPFailure("no")


def test_row_24_an_error_at_fsync(start_sandbox):
    server = start_sandbox(make_files=faulty(fsync=refuse))
    with server.transport().session() as session, pytest.raises(TransferInterrupted):
        session.place(NAME, some_bytes(100_000))
    assert_nothing_published(server)


def test_row_25_an_error_at_close(start_sandbox):
    def close(self, file_obj):
        ConfinedFiles.close(self, file_obj)
        raise asyncssh.SFTPFailure("no")

    server = start_sandbox(make_files=faulty(close=close))
    with server.transport().session() as session, pytest.raises(TransferInterrupted):
        session.place(NAME, some_bytes(100_000))
    assert_nothing_published(server)


def test_row_26_wrong_content_of_the_right_size(start_sandbox):
    def write(self, file_obj, offset, data):
        spoilt = bytes((data[0] ^ 1,)) + data[1:] if offset else data
        return ConfinedFiles.write(self, file_obj, offset, spoilt)

    server = start_sandbox(make_files=faulty(write=write))
    with server.transport().session() as session, pytest.raises(VerificationFailed):
        session.place(NAME, some_bytes(100_000))
    assert server.names() == []


def test_row_27_a_file_that_is_shorter_than_what_was_acknowledged(start_sandbox):
    def write(self, file_obj, offset, data):
        return len(data) if offset else ConfinedFiles.write(self, file_obj, offset, data)

    server = start_sandbox(make_files=faulty(write=write))
    with server.transport().session() as session, pytest.raises(VerificationFailed):
        session.place(NAME, some_bytes(100_000))
    assert server.names() == []


def test_row_27_a_lie_about_the_size_is_found_by_reading_back(start_sandbox):
    def write(self, file_obj, offset, data):
        return len(data) if offset else ConfinedFiles.write(self, file_obj, offset, data)

    def fstat(self, file_obj):
        return asyncssh.SFTPAttrs(size=100_000)

    server = start_sandbox(make_files=faulty(write=write, fstat=fstat))
    with server.transport().session() as session, pytest.raises(VerificationFailed):
        session.place(NAME, some_bytes(100_000))
    assert_nothing_published(server)


def test_a_file_with_more_behind_it_is_not_the_same(start_sandbox):
    def fstat(self, file_obj):
        file_obj.seek(0, 2)
        file_obj.write(b"more")
        file_obj.flush()
        return asyncssh.SFTPAttrs(size=100_000)

    server = start_sandbox(make_files=faulty(fstat=fstat))
    with server.transport().session() as session, pytest.raises(VerificationFailed):
        session.place(NAME, some_bytes(100_000))
    assert_nothing_published(server)


def test_a_rename_that_is_only_said_is_found(start_sandbox):
    server = start_sandbox(make_files=faulty(rename=lambda self, old, new: None))
    with server.transport().session() as session, pytest.raises(VerificationFailed):
        session.place(NAME, some_bytes(1000))
    assert server.names() == [TEMPORARY]


def test_row_43_a_recipient_who_takes_the_file_at_once_has_it(start_sandbox):
    taken = []

    def rename(self, old, new):
        ConfinedFiles.rename(self, old, new)
        path = Path(os.fsdecode(self.map_path(new)))
        taken.append(path.read_bytes())
        path.unlink()

    server = start_sandbox(make_files=faulty(rename=rename))
    with server.transport().session() as session:
        session.place(NAME, some_bytes(1000))
    assert taken == [some_bytes(1000)]


# --- the network ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["cut", "reset", "flip"])
def test_rows_30_31_a_broken_connection_is_transient_and_the_next_session_finishes(server, proxy_to, fault):
    proxy = proxy_to(server)
    proxy.after_bytes, proxy.fault = 1_000_000, fault
    transport = server.transport(port=proxy.port)
    data = some_bytes(3_000_000)
    with pytest.raises(TransferInterrupted), transport.session() as session:
        session.place(NAME, data)
    assert_nothing_published(server)
    proxy.heal()
    with transport.session() as session:
        session.place(NAME, data)
    assert server.names() == [NAME]
    assert (server.inbox / NAME).read_bytes() == data


@pytest.mark.parametrize("cipher", ["aes256-gcm@openssh.com", "aes256-ctr"])
def test_row_31_a_bit_that_flips_on_the_way_to_us_is_known_as_that(start_sshd, proxy_to, cipher):
    _, server = start_sshd(extra=(f"Ciphers {cipher}",))
    proxy = proxy_to(server)
    with server.transport(port=proxy.port).session() as session:
        proxy.flip_after = proxy.downstream + 100_000
        with pytest.raises(TransferInterrupted) as broken:
            session.place(NAME, some_bytes(300_000))
    assert broken.value.damaged
    assert_nothing_published(server)


def test_row_31_a_length_that_nobody_sends_ends_the_connection_before_it_is_read(server, proxy_to):
    proxy = proxy_to(server)
    patient = Timeouts(answer_s=60, idle_s=60, whole_s=60)
    began = time.monotonic()
    with server.transport(port=proxy.port, timeouts=patient).session() as session:
        # A packet begins with its length; one bit of the first byte is sixteen million more.
        proxy.flip_after = proxy.downstream
        with pytest.raises(TransferInterrupted) as broken:
            session.look(NAME)
    assert broken.value.damaged
    assert time.monotonic() - began < 10


def test_row_31_a_connection_that_only_ends_was_not_damaged(server, proxy_to):
    proxy = proxy_to(server)
    with server.transport(port=proxy.port).session() as session:
        proxy.on_answer = "cut"
        with pytest.raises(TransferInterrupted) as broken:
            session.look(NAME)
    assert not broken.value.damaged


def test_row_30_a_large_file_is_taken_up_where_the_connection_broke(server, proxy_to):
    proxy = proxy_to(server)
    proxy.after_bytes = 11_000_000
    data = some_bytes(13_000_000)
    with pytest.raises(TransferInterrupted), server.transport(port=proxy.port).session() as session:
        session.place(NAME, data)
    left = (server.inbox / TEMPORARY).stat().st_size
    assert left > 8 * 1024 * 1024
    proxy.heal()
    with server.transport(port=proxy.port).session() as session:
        session.place(NAME, data)
    assert (server.inbox / NAME).read_bytes() == data
    # What was there was not sent again.
    assert proxy.upstream < len(data) - left + 500_000


@pytest.mark.parametrize("tenths", [0, 2, 4, 6, 8, 10])
def test_rows_3_to_6_a_hole_before_the_session_stands(server, proxy_to, tenths):
    proxy = proxy_to(server)
    with server.transport(port=proxy.port).session():
        whole = proxy.upstream - 1
    proxy.after_bytes, proxy.fault = whole * tenths // 10, "hole"
    quick = Timeouts(dial_s=2, handshake_s=1, log_in_s=1, channel_s=1, answer_s=1, idle_s=1, whole_s=5)
    began = time.monotonic()
    with pytest.raises(ConnectionFailed), server.transport(port=proxy.port, timeouts=quick).session():
        pass
    assert time.monotonic() - began < 5


def test_row_32_a_hole_in_mid_transfer_is_found_by_the_watchdog(server, proxy_to):
    proxy = proxy_to(server)
    proxy.after_bytes, proxy.fault = 1_000_000, "hole"
    patient = Timeouts(answer_s=60, idle_s=1, whole_s=60)
    began = time.monotonic()
    with (
        pytest.raises(TransferInterrupted),
        server.transport(port=proxy.port, timeouts=patient).session() as session,
    ):
        session.place(NAME, some_bytes(20_000_000))
    assert time.monotonic() - began < 8
    assert_nothing_published(server)


@pytest.mark.sshd
def test_row_33_a_stopped_server_is_found_by_the_watchdog(start_sshd):
    process, server = start_sshd()
    patient = Timeouts(answer_s=60, idle_s=1, whole_s=60)
    began = time.monotonic()
    with server.transport(timeouts=patient).session() as session:
        stopped = process.pids()[1:]
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(TransferInterrupted):
                session.place(NAME, some_bytes(100_000))
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
    assert time.monotonic() - began < 8
    assert_nothing_published(server)


def test_row_34_a_slow_server_that_lives_is_not_cut(server, proxy_to):
    proxy = proxy_to(server)
    patient = Timeouts(answer_s=60, idle_s=1.5, whole_s=60)
    data = some_bytes(300_000)
    with server.transport(port=proxy.port, timeouts=patient).session() as session:
        proxy.bytes_per_s = 150_000
        session.place(NAME, data)
    assert (server.inbox / NAME).read_bytes() == data


def test_row_35_a_trickle_meets_the_deadline(server, proxy_to):
    proxy = proxy_to(server)
    strict = Timeouts(answer_s=60, idle_s=30, whole_s=1, least_bytes_per_s=1_000_000)
    with server.transport(port=proxy.port, timeouts=strict).session() as session:
        proxy.bytes_per_s = 50_000
        began = time.monotonic()
        with pytest.raises(TransferInterrupted, match="nothing moved for too long"):
            session.place(NAME, some_bytes(2_000_000))
    # A second, and two for the two megabytes; sent to the end it would have been forty.
    assert time.monotonic() - began < 10
    assert_nothing_published(server)


@pytest.mark.parametrize("fault", ["cut", "hole"])
def test_L4_row_37_a_lost_answer_to_the_rename_is_one_delivery(server, proxy_to, fault):
    proxy = proxy_to(server)
    data = some_bytes(100_000)
    with server.transport(port=proxy.port).session() as session:
        staged = session.stage(NAME, data)
        proxy.on_answer = fault
        with pytest.raises(OutcomeUnknown):
            session.publish(staged)
    proxy.heal()
    with server.transport(port=proxy.port).session() as session:
        placed = session.place(NAME, data)
    assert placed.already_there
    assert server.names() == [NAME]
    assert (server.inbox / NAME).read_bytes() == data


@pytest.mark.sshd
def test_row_36_a_server_that_stalls_while_keys_are_exchanged_anew(sshd, proxy_to):
    """paramiko waits for itself here, and has an exception of its own for it."""
    proxy = proxy_to(sshd)
    patient = Timeouts(answer_s=0.5, idle_s=20)
    with sshd.transport(port=proxy.port, timeouts=patient).session() as session:
        proxy.after_bytes, proxy.fault = proxy.upstream, "hole"
        session._connection._transport._send_kex_init()
        with pytest.raises(TransferInterrupted):
            session.look(NAME)
