"""The partner's stand-in lets in who has the key, shows one folder, and listens on this machine only."""

import asyncio
import socket
import threading

import asyncssh
import pytest

from gateway.errors import AuthenticationRefused
from gateway.sandbox.server import Account, SandboxServer
from tests.integration.conftest import make_ssh_key, write_private


def in_session(server, work):
    """Do something over asyncssh's own client, which asks for what ours never would."""

    async def connected():
        known = asyncssh.import_known_hosts(f"[127.0.0.1]:{server.partner.port} {server.partner.host_keys[0]}")
        async with asyncssh.connect(
            "127.0.0.1",
            server.partner.port,
            username="council",
            client_keys=[asyncssh.read_private_key(server.our_key)],
            known_hosts=known,
            config=None,
        ) as connection:
            return await work(connection)

    return asyncio.run(connected())


def test_it_listens_on_this_machine_only(sandbox):
    elsewhere = socket.gethostbyname(socket.gethostname())
    if elsewhere.startswith("127."):
        elsewhere = "127.0.0.2"
    with (
        pytest.raises((ConnectionRefusedError, TimeoutError)),
        socket.create_connection((elsewhere, sandbox.partner.port), timeout=1),
    ):
        pass


def test_another_key_and_another_user_are_refused(sandbox, tmp_path):
    stranger = write_private(tmp_path / "stranger", make_ssh_key().private)
    for transport in (sandbox.transport(key=stranger), sandbox.transport(user="somebody")):
        with pytest.raises(AuthenticationRefused), transport.session():
            pass


def test_there_is_no_shell_and_no_forwarding(sandbox):
    async def try_both(connection):
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.open_connection("127.0.0.1", sandbox.partner.port)
        result = await connection.run("id", check=False)
        return result.stdout

    try:
        assert not in_session(sandbox, try_both)
    except asyncssh.Error:
        return


@pytest.mark.parametrize("path", ["/../../../etc/passwd", "../../../../etc/passwd", "/etc/passwd"])
def test_nothing_above_the_folder_is_seen(sandbox, path):
    async def look(connection):
        async with connection.start_sftp_client() as files:
            return await files.exists(path)

    assert in_session(sandbox, look) is False


def test_links_are_refused(sandbox):
    async def link(connection):
        async with connection.start_sftp_client() as files:
            with pytest.raises(asyncssh.SFTPError):
                await files.symlink("/etc/passwd", "/inbox/x")
            with pytest.raises(asyncssh.SFTPError):
                await files.link("/etc/passwd", "/inbox/y")

    in_session(sandbox, link)
    assert sandbox.names() == []


def test_two_accounts_do_not_see_each_other(tmp_path):
    ours, theirs = make_ssh_key(), make_ssh_key()
    accounts = [Account("one", ours.public), Account("two", theirs.public)]
    with SandboxServer(tmp_path, accounts, make_ssh_key().private) as server:
        assert server.folder("one") != server.folder("two")
        assert (server.folder("two") / "inbox").is_dir()


def test_it_ends_clean(tmp_path):
    before = set(threading.enumerate())
    server = SandboxServer(tmp_path, [Account("council", make_ssh_key().public)], make_ssh_key().private).start()
    server.stop()
    server.stop()
    assert set(threading.enumerate()) <= before
