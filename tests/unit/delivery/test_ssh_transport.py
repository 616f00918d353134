"""What paramiko's transport lacks, and ours adds."""

import socket

import pytest

from gateway.delivery.ssh_transport import StrangersSocket


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="only Linux lets a program ask for this")
def test_what_comes_is_acknowledged_at_once():
    # A server of OpenSSH would otherwise wait 40 ms before it sends what opens SFTP.
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as dialled:
        dialled.connect(listener.getsockname())
        theirs, _ = listener.accept()
        with theirs, StrangersSocket(fileno=dialled.detach()) as ours:
            ours.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
            theirs.sendall(b"hello")
            assert ours.recv(5) == b"hello"
            assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK) == 1
