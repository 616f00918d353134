"""Something that is no SSH server, or a hostile one, cannot make us read without end (row 42)."""

import socket
import threading
import time
from dataclasses import replace

import pytest

from gateway.delivery.sftp import SftpTransport
from gateway.delivery.ssh import Timeouts
from gateway.errors import ConnectionFailed, ProtocolViolated
from gateway.model.delivery import ListState
from gateway.services.delivery.deliver_lists import deliver
from tests.delivery_made import events_of, seal_a_list
from tests.integration.conftest import QUICK, a_partner, make_ssh_key, write_private


@pytest.fixture
def stranger():
    """Something that listens and says what it is told to whoever calls."""
    opened = []

    def listen(say):
        listener = socket.create_server(("127.0.0.1", 0))
        opened.append(listener)

        def serve():
            try:
                caller, _ = listener.accept()
                with caller:
                    say(caller)
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    yield listen
    for listener in opened:
        listener.close()


def call(port, tmp_path, timeouts=QUICK):
    key = write_private(tmp_path / "key", make_ssh_key().private)
    transport = SftpTransport(a_partner(port=port, host_keys=(make_ssh_key().public,)), key, timeouts=timeouts)
    with transport.session():
        pass


def test_row_42_a_banner_without_end_is_cut_off(stranger, tmp_path):
    def say(caller):
        while True:
            caller.sendall(b"A" * 65536)

    with pytest.raises(ProtocolViolated):
        call(stranger(say), tmp_path)


def test_row_42_a_partner_whose_server_breaks_the_protocol_is_disabled(county, stranger, our_key, quick, tmp_path):
    def say(caller):
        while True:
            caller.sendall(b"A" * 65536)

    key = write_private(tmp_path / "key", make_ssh_key().private)
    endless = a_partner(port=stranger(say), host_keys=(make_ssh_key().public,))
    reached = replace(county, transport_to=lambda _: SftpTransport(endless, key, timeouts=QUICK))
    list_id = seal_a_list(county, our_key)
    (result,) = deliver(reached, [list_id], retrying=quick)
    assert (result.state, result.code, result.security) == (ListState.SEALED, "protocol-violated", True)
    assert events_of(county) == ["delivery:attempted", "partner:disabled"]


def test_row_42_noise_instead_of_a_banner(stranger, tmp_path):
    with pytest.raises(ConnectionFailed):
        call(stranger(lambda caller: caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 200)), tmp_path)


def test_row_42_a_right_banner_and_then_noise(stranger, tmp_path):
    with pytest.raises(ConnectionFailed):
        call(stranger(lambda caller: caller.sendall(b"SSH-2.0-noise\r\n" + bytes(range(256)) * 100)), tmp_path)


def test_row_3_silence_before_the_banner(stranger, tmp_path):
    began = time.monotonic()
    with pytest.raises(ConnectionFailed):
        call(stranger(lambda caller: time.sleep(30)), tmp_path, Timeouts(handshake_s=1))
    assert time.monotonic() - began < 5


def test_an_end_before_the_banner(stranger, tmp_path):
    with pytest.raises(ConnectionFailed):
        call(stranger(lambda caller: None), tmp_path)
