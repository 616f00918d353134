"""Real servers to deliver to: OpenSSH's sshd as an ordinary user, and the sandbox's."""

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.delivery.outbox import OutboxTransport
from gateway.delivery.sftp import SftpTransport
from gateway.delivery.ssh import Timeouts
from gateway.model.partner import Partner
from gateway.sandbox.server import Account, SandboxServer
from gateway.services.audit.audit_verify import audit_verify
from gateway.services.delivery.deliver_lists import Retrying
from tests.delivery_made import an_approved_county, make_partner_key, with_certificate
from tests.integration.fault_proxy import FaultProxy

#: As root, the server runs as somebody else: permissions mean nothing to root. `nobody` counts as locked for sshd.
_ORDINARY_USER = "daemon"
QUICK = Timeouts(handshake_s=5, log_in_s=5, channel_s=5, answer_s=5, idle_s=2, whole_s=20)


@dataclass(frozen=True)
class SshKey:
    """A key made for one test."""

    private: bytes
    public: str


def make_ssh_key() -> SshKey:
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return SshKey(private, public.decode("ascii"))


def write_private(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    path.chmod(0o600)
    return path


def a_partner(**changes) -> Partner:
    usual = {
        "name": "jobcentre-plus",
        "title": "Jobcentre Plus",
        "host": "127.0.0.1",
        "port": 22,
        "user": "council",
        "host_keys": (),
        "inbox": "/inbox",
        "receipts": "/receipts",
        "certificate": b"",
        "fingerprint": "",
        "receipt_certificate": b"",
        "receipt_fingerprint": "",
        "least_verification": "read_back",
        "document_hash": "",
    }
    return Partner(**(usual | changes))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A running server and how to reach it: a transport whose partner is pinned to it, unless a test lies."""

    inbox: Path
    receipts: Path
    our_key: Path
    partner: Partner
    log: Callable[[], str] = field(default=str)

    def transport(self, *, key: Path | None = None, timeouts: Timeouts = QUICK, **changes) -> SftpTransport:
        facts = {name: getattr(self.partner, name) for name in self.partner.__dataclass_fields__}
        return SftpTransport(Partner(**(facts | changes)), key or self.our_key, timeouts=timeouts)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.inbox.iterdir())


class Outbox(Server):
    """A folder that the partner collects from: reached as a server is."""

    def transport(self, **changes) -> OutboxTransport:
        return OutboxTransport(replace(self.partner, **changes))


class OpenSshServer:
    """sshd in its own folder, serving one user.

    `largest_kib` is how large a file may become; `failing_disk` is what failing_disk.c does, once a session: the call,
    which one of them, and the error.
    """

    def __init__(
        self,
        root: Path,
        *,
        sftp_options: str = "",
        subsystem: str | None = None,
        forced: str | None = None,
        largest_kib: int | None = None,
        failing_disk: tuple[str, int, int] | None = None,
        extra: tuple[str, ...] = (),
        port: int = 0,
    ) -> None:
        self.root = root
        self.port = port or free_port()
        self.user = _ORDINARY_USER if os.geteuid() == 0 else getpass.getuser()
        self.host_key, self.user_key = make_ssh_key(), make_ssh_key()
        command = f"internal-sftp {sftp_options}".strip()
        self._subsystem = command if subsystem is None else subsystem
        self._forced = command if forced is None else forced
        self._largest_kib = largest_kib
        self._failing_disk = failing_disk
        self._extra = extra
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Server:
        for name in ("inbox", "receipts", "receipts/archive"):
            (self.root / name).mkdir(exist_ok=True)
        write_private(self.root / "host_key", self.host_key.private)
        (self.root / "authorized_keys").write_text(self.user_key.public + "\n")
        (self.root / "sshd_config").write_text(self._config())
        self._own_everything()
        self._launch()
        ours = write_private(self.root / "our_key", self.user_key.private)
        partner = a_partner(
            port=self.port,
            user=self.user,
            host_keys=(self.host_key.public,),
            inbox=str(self.root / "inbox"),
            receipts=str(self.root / "receipts"),
        )
        return Server(self.root / "inbox", self.root / "receipts", ours, partner, self.log)

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def log(self) -> str:
        return (self.root / "log").read_text(errors="replace")

    def pids(self) -> list[int]:
        """Every process of the server, the first one first."""
        found = [self._process.pid]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").iterdir():
                found.extend(int(child) for child in (task / "children").read_text().split())
        return found

    def _config(self) -> str:
        return "\n".join(
            (
                # First, because sshd keeps the first value of a setting.
                *(line.replace("ROOT", str(self.root)) for line in self._extra),
                f"Port {self.port}",
                "ListenAddress 127.0.0.1",
                f"HostKey {self.root}/host_key",
                f"AuthorizedKeysFile {self.root}/authorized_keys",
                "PidFile none",
                "StrictModes no",
                "UsePAM no",
                "PasswordAuthentication no",
                "KbdInteractiveAuthentication no",
                "MaxStartups 100",
                "LogLevel DEBUG1",
                f"Subsystem sftp {self._subsystem}" if self._subsystem else "",
                f"ForceCommand {self._forced}" if self._subsystem else "",
                "",
            )
        )

    def _own_everything(self) -> None:
        if os.geteuid() == 0:
            for path in (self.root, *self.root.rglob("*")):
                shutil.chown(path, self.user)

    def _launch(self) -> None:
        sshd = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        if sshd is None:
            pytest.fail("OpenSSH's sshd is not installed; `-m 'not sshd'` leaves these tests out")
        command = [sshd, "-D", "-e", "-f", str(self.root / "sshd_config")]
        if os.geteuid() == 0:
            setpriv = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"]
            command = setpriv + command
        if self._largest_kib:
            # What the shell ignores its children ignore: a write that is too much fails instead of killing.
            limit = f"trap '' XFSZ; ulimit -f {self._largest_kib * 2}; exec \"$@\""
            command = ["/bin/sh", "-c", limit, "sh", *command]
        with (self.root / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stderr=log, cwd=self.root, env=self._environment())
        self._wait_for_port()

    def _environment(self) -> dict[str, str] | None:
        if self._failing_disk is None:
            return None
        if shutil.which("gcc") is None:
            pytest.fail("gcc is not installed; `-m 'not sshd'` leaves these tests out")
        library = self.root / "failing_disk.so"
        source = Path(__file__).with_name("failing_disk.c")
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        fault = " ".join(map(str, self._failing_disk))
        return os.environ | {"LD_PRELOAD": str(library), "FAULT": fault}

    def _wait_for_port(self) -> None:
        for _ in range(100):
            if "Server listening on" in self.log():
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        pytest.fail(f"sshd did not start: {self.log()}")


@pytest.fixture
def start_sshd() -> Iterator[Callable[..., tuple[OpenSshServer, Server]]]:
    """Start an sshd of its own for a test; `sftp_options` go to internal-sftp."""
    started: list[OpenSshServer] = []
    folders: list[tempfile.TemporaryDirectory[str]] = []

    def start(**options) -> tuple[OpenSshServer, Server]:
        # Not under tmp_path: that is closed to the user whom the server runs as.
        folder = tempfile.TemporaryDirectory(prefix="sshd-")
        folders.append(folder)
        Path(folder.name).chmod(0o755)
        server = OpenSshServer(Path(folder.name), **options)
        started.append(server)
        return server, server.start()

    yield start
    for server in started:
        server.stop()
    for folder in folders:
        folder.cleanup()


@pytest.fixture
def sshd(start_sshd) -> Server:
    """An sshd with nothing special about it."""
    return start_sshd()[1]


@pytest.fixture
def start_sandbox(tmp_path) -> Iterator[Callable[..., Server]]:
    """Start the sandbox's server; `make_files` may make it faulty."""
    started: list[SandboxServer] = []

    def start(**options) -> Server:
        ours = make_ssh_key()
        root = tmp_path / f"sandbox-{len(started)}"
        server = SandboxServer(root, [Account("council", ours.public)], make_ssh_key().private, **options)
        started.append(server)
        server.start()
        folder = server.folder("council")
        key = write_private(tmp_path / f"our_key-{len(started)}", ours.private)
        partner = a_partner(port=server.port, host_keys=(server.host_key,))
        return Server(folder / "inbox", folder / "receipts", key, partner)

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def sandbox(start_sandbox) -> Server:
    """The sandbox's server with nothing special about it."""
    return start_sandbox()


@pytest.fixture
def outbox(tmp_path) -> Outbox:
    """An outbox with nothing special about it."""
    root = tmp_path / "outbox"
    for name in ("inbox", "receipts", "receipts/archive"):
        (root / name).mkdir(parents=True)
    inbox, receipts = root / "inbox", root / "receipts"
    partner = a_partner(host="", port=0, user="", outbox=str(root), inbox=str(inbox), receipts=str(receipts))
    return Outbox(inbox, receipts, tmp_path / "no-key", partner)


@pytest.fixture(params=[pytest.param("sshd", marks=pytest.mark.sshd), "sandbox"])
def server(request) -> Server:
    """Each of the two servers in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def proxy_to():
    """Put a network that fails on command before a server."""
    proxies = []

    def make(server):
        proxy = FaultProxy(server.partner.port)
        proxies.append(proxy)
        return proxy

    yield make
    for proxy in proxies:
        proxy.stop()


@pytest.fixture(scope="session")
def partner_key():
    return make_partner_key()


@pytest.fixture
def quick():
    """Tries three times without waiting, and keeps how long it would have waited."""
    return Retrying(sleep=lambda _: None, draw=lambda: 1.0)


@pytest.fixture
def county_of(sqlite_store, clock, everyone, tmp_path, partner_key, signer):
    """Make an approved county whose partner is the server given; at the end its evidence must be whole (law L7)."""
    made = []

    def make(server, store=sqlite_store):
        clock.instant = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
        partner = with_certificate(server.partner, partner_key)
        keys = SimpleNamespace(checkpoint_signer=lambda: signer)
        approved = an_approved_county(
            store, clock, everyone, tmp_path, partner, lambda _: server.transport(), keys=keys
        )
        made.append(approved)
        return approved

    yield make
    for workplace in made:
        assert audit_verify(workplace).findings == ()


@pytest.fixture
def county(county_of, sandbox):
    """An approved county, whose partner is the sandbox's server."""
    return county_of(sandbox)
