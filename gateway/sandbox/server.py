"""Edge: the partner's SFTP server, for demonstrations and tests.

- Listens on 127.0.0.1 only; public keys only; no shell, no forwarding, no links.
- Every account sees its own folder and nothing above it: `inbox/` for what we send, `receipts/` for what they answer,
  `claimants/` for the lists that they ask with.
- Runs in a thread of its own, so that a demonstration is one process; `stop` returns when it has ended.

It is no product to run for a real partner.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import asyncssh

from gateway.delivery.inbound import ARCHIVE

INBOX = "inbox"
RECEIPTS = "receipts"
CLAIMANTS = "claimants"
_LISTENS_ON = "127.0.0.1"
_START_S = 20
_END_S = 5


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may log in: we, as one partner knows us. `public_key` is an OpenSSH line."""

    user: str
    public_key: str


class ConfinedFiles(asyncssh.SFTPServer):
    """The files of one account. Links are refused: one could lead out of the folder."""

    def symlink(self, *_: bytes) -> None:
        """Refuse."""
        raise asyncssh.SFTPOpUnsupported("no links here")

    def link(self, *_: bytes) -> None:
        """Refuse."""
        raise asyncssh.SFTPOpUnsupported("no links here")


#: Makes the file server of one connection, given its channel and the account's folder.
MakeFiles = Callable[[Any, bytes], asyncssh.SFTPServer]


class _Doorkeeper(asyncssh.SSHServer):
    """Lets in who shows the key of the account."""

    def __init__(self, keys: dict[str, asyncssh.SSHKey], callers: set[asyncssh.SSHServerConnection]) -> None:
        self._keys = keys
        self._callers = callers

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._caller = conn
        self._callers.add(conn)

    def connection_lost(self, _: Exception | None) -> None:
        self._callers.discard(self._caller)

    def begin_auth(self, _: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return self._keys.get(username) == key


def _confined(channel: Any, folder: bytes) -> asyncssh.SFTPServer:
    return ConfinedFiles(channel, chroot=folder)


class SandboxServer:
    """One server over one folder; a context manager."""

    def __init__(
        self,
        root: Path,
        accounts: Sequence[Account],
        host_key: bytes,
        *,
        port: int = 0,
        make_files: MakeFiles = _confined,
    ) -> None:
        self._root = root
        self._keys = {account.user: asyncssh.import_public_key(account.public_key) for account in accounts}
        self._host_key = asyncssh.import_private_key(host_key)
        self._make_files = make_files
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox-server", daemon=True)
        self._listener: asyncssh.SSHAcceptor | None = None
        self._callers: set[asyncssh.SSHServerConnection] = set()
        #: Where it listens; chosen by the system where 0 was asked for.
        self.port = port

    @property
    def host_key(self) -> str:
        """The public host key as a partner's file pins it."""
        return self._host_key.export_public_key().decode("ascii").strip()

    def folder(self, user: str) -> Path:
        """Return the folder that an account sees as its root."""
        return self._root / user

    def start(self) -> Self:
        """Begin to listen."""
        for user in self._keys:
            (self.folder(user) / INBOX).mkdir(parents=True, exist_ok=True)
            for left in (RECEIPTS, CLAIMANTS):
                (self.folder(user) / left / ARCHIVE).mkdir(parents=True, exist_ok=True)
        self._thread.start()
        self._run(self._listen())
        return self

    def stop(self) -> None:
        """End every connection and the thread."""
        if not self._thread.is_alive():
            return
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def _listen(self) -> None:
        self._listener = await asyncssh.create_server(
            lambda: _Doorkeeper(self._keys, self._callers),
            _LISTENS_ON,
            self.port,
            server_host_keys=[self._host_key],
            sftp_factory=self._files,
            allow_scp=False,
            agent_forwarding=False,
            x11_forwarding=False,
        )
        self.port = self._listener.get_port()

    def _files(self, channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        user = str(channel.get_extra_info("username"))
        return self._make_files(channel, str(self.folder(user)).encode())

    async def _close(self) -> None:
        for caller in tuple(self._callers):
            caller.abort()
        if self._listener:
            self._listener.close()
            await self._listener.wait_closed()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        if rest:
            # They close the files of the connections that ended.
            _, pending = await asyncio.wait(rest, timeout=_END_S)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
        await self._loop.shutdown_default_executor()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_START_S)
