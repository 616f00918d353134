#!/usr/bin/env python3
"""Measure a night with many agreements against as many nights with one, and write docs/performance-night.md.

    .venv/bin/python scripts/bench/many_agreements.py [--agreements 20] [--people 10000] [--rounds 3] [--write]

- One county, one snapshot, one recipient on a real sshd; each agreement is the shipped one under a name of its own,
  approved by itself. Everything of a list is real and on: evidence, exclusions, sealing, reading back, checkpoint.
- A contestant makes and delivers every list: all in one run, or each agreement in a run of its own. Warm is the
  service, running since before; cold are commands, each started afresh.
- Before each run the database is put back to what it was after the load. Contestants take turns. Each run is held to
  it that every list is delivered, about the same people, and one run of each contestant is audited whole.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from sqlalchemy import create_engine, text  # noqa: E402

from gateway.model.delivery import ListState  # noqa: E402
from gateway.model.time import london_day  # noqa: E402
from gateway.services.audit.audit_verify import audit_verify  # noqa: E402
from gateway.services.delivery.deliver_lists import deliver  # noqa: E402
from gateway.services.disclosure.run_disclosures import run_disclosures  # noqa: E402
from gateway.services.workplace import Workplace  # noqa: E402
from gateway.store.lists import KeptList, lists_in  # noqa: E402
from scripts.bench.racing.county import County, found  # noqa: E402
from scripts.bench.racing.measured import computed  # noqa: E402
from scripts.bench.racing.race import POSTGRESQL, SQLITE, postgresql  # noqa: E402

PAGE = ROOT / "docs" / "performance-night.md"
TOGETHER, ONE_BY_ONE, SINGLE = "one night", "one night, one list at a time", "single runs"
COLD_TOGETHER, COLD_SINGLE = "one night, cold commands", "single runs, cold commands"
_NAMES = {POSTGRESQL: "PostgreSQL", SQLITE: "SQLite"}


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds until every list was sealed, until every list was delivered, and computed by all processes."""

    sealed: float
    seconds: float
    computed: float


class Night:
    """A county whose lists are all due, on one kind of database."""

    def __init__(self, folder: Path, stack: ExitStack, kind: str, agreements: int, people: int) -> None:
        from tests.integration.conftest import OpenSshServer  # noqa: PLC0415 - whoever asks for help needs no server

        self.agreements = tuple(f"partner-{number:02}" for number in range(1, agreements + 1))
        self._folder = folder
        folder.chmod(0o755)
        (folder / "sshd").mkdir(mode=0o755)
        sshd = OpenSshServer(folder / "sshd")
        self._server = sshd.start()
        stack.callback(sshd.stop)
        self._pg = stack.enter_context(postgresql(folder / "pg")) if kind == POSTGRESQL else None
        self._measured = [os.getpid(), *sshd.pids()[:1], *([self._pg.get_pid()] if self._pg else [])]
        base = self._on_server("CREATE DATABASE base") and self._address("base") if self._pg else None
        self._county = self._found(people, base)

    def run(self, name: str) -> Run:
        """Do one contestant's run from the beginning."""
        self._afresh()
        before = computed(self._measured)
        sealed, seconds = CONTESTANTS[name](self)
        run = Run(sealed, seconds, computed(self._measured) - before)
        self._check()
        return run

    def audit(self) -> None:
        """Hold the whole evidence of the last run against itself."""
        with self._county.workplace() as workplace:
            if findings := audit_verify(workplace).findings:
                raise RuntimeError(f"the evidence is not whole: {findings}")

    # --- the contestants ---

    def warm(self, groups: list[tuple[str, ...]], at_once: int | None = None) -> tuple[float, float]:
        """Run each group's agreements together, and deliver what was made."""
        sealed = 0.0
        with self._county.workplace() as opened:
            workplace = opened if at_once is None else replace(opened, lists_at_once=at_once)
            day, began = london_day(workplace.clock.now()), time.monotonic()
            for group in groups:
                run_began = time.monotonic()
                ran = run_disclosures(workplace, [(agreement, day) for agreement in group])
                sealed += time.monotonic() - run_began
                deliver(workplace, [each.list_id for each in ran])
            return sealed, time.monotonic() - began

    def cold(self, groups: list[tuple[str, ...]]) -> tuple[float, float]:
        """Do the same by two commands a group."""
        sealed, began = 0.0, time.monotonic()
        for group in groups:
            sealed += self._command("disclose", "run", *group)
            self._command("deliver", "resume")
        return sealed, time.monotonic() - began

    def _command(self, *words: str) -> float:
        began = time.monotonic()
        command = [sys.executable, "-m", "gateway", "--config", str(self._county.settings_file), *words]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        return time.monotonic() - began

    # --- before and after ---

    def _found(self, people: int, base: str | None) -> County:
        county = found(
            self._folder / "county",
            people,
            evidence="digest",
            server=self._server,
            url=base,
            agreements=self.agreements,
        )
        keys = self._folder / "sshd" / "authorized_keys"
        keys.write_text(f"{keys.read_text()}{county.ssh_key()}\n")
        engine = create_engine(base or f"sqlite:///{county.database}")
        with engine.connect() as connection:
            settled = connection.execution_options(isolation_level="AUTOCOMMIT")
            settled.execute(text("VACUUM ANALYZE" if base else "PRAGMA wal_checkpoint(TRUNCATE)"))
        engine.dispose()
        shutil.copy(county.newest_checkpoint, self._folder / "newest.txt")
        if self._pg:
            settings = county.settings_file
            settings.write_text(settings.read_text().replace("/base?", "/race?"))
        else:
            shutil.copy(county.database, self._folder / "base.db")
        return county

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
        os.sync()

    def _check(self) -> None:
        with self._county.workplace() as workplace:
            kept = _lists_of(workplace)
        if sorted(each.agreement_id for each in kept if each.state is ListState.VERIFIED) != list(self.agreements):
            raise RuntimeError("not every agreement's list was delivered")
        if len({each.people for each in kept}) != 1 or not kept[0].people:
            raise RuntimeError("lists of the same people differ")

    def _address(self, database: str) -> str:
        from sqlalchemy.engine import make_url  # noqa: PLC0415 - for PostgreSQL alone

        url = make_url(self._pg.get_uri()).set(drivername="postgresql+psycopg", database=database)
        return url.render_as_string(hide_password=False)

    def _on_server(self, statement: str) -> bool:
        engine = create_engine(self._address("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()
        return True


def _lists_of(workplace: Workplace) -> list[KeptList]:
    with workplace.store.reading() as connection:
        return lists_in(connection, *ListState)


def _each(night: Night) -> list[tuple[str, ...]]:
    return [(agreement,) for agreement in night.agreements]


CONTESTANTS: dict[str, Callable[[Night], tuple[float, float]]] = {
    TOGETHER: lambda night: night.warm([night.agreements]),
    ONE_BY_ONE: lambda night: night.warm([night.agreements], at_once=1),
    SINGLE: lambda night: night.warm(_each(night)),
    COLD_TOGETHER: lambda night: night.cold([night.agreements]),
    COLD_SINGLE: lambda night: night.cold(_each(night)),
}


@contextmanager
def _night(kind: str, agreements: int, people: int) -> Iterator[Night]:
    with tempfile.TemporaryDirectory(prefix="many-") as folder, ExitStack() as stack:
        yield Night(Path(folder), stack, kind, agreements, people)


def _warm(names: list[str]) -> list[str]:
    return [name for name in names if name not in {COLD_TOGETHER, COLD_SINGLE}]


def measure(kind: str, asked: argparse.Namespace) -> dict[str, list[Run]]:
    """Run the contestants in turns; return their runs."""
    names = [name for name in CONTESTANTS if kind == POSTGRESQL or name != ONE_BY_ONE]
    with _night(kind, asked.agreements, asked.people) as night:
        # What a first run reads and compiles, no later one does.
        night.run(SINGLE)
        runs: dict[str, list[Run]] = {name: [] for name in names}
        for number in range(asked.rounds):
            for name in names if number < asked.cold_rounds else _warm(names):
                runs[name].append(night.run(name))
                said = runs[name][-1]
                print(f"{kind}, {name}: {said.seconds:.2f} s, computed {said.computed:.2f} s", flush=True)
                if not number:
                    night.audit()
    return {name: each for name, each in runs.items() if each}


def page(runs: dict[str, dict[str, list[Run]]], asked: argparse.Namespace, loads: list[float]) -> str:
    """Return what was found."""
    return f"""<!-- Written by scripts/bench/many_agreements.py --write. -->

# Many agreements in one night

{asked.agreements} agreements with one recipient, in a county of {asked.people:,} people, about 57 % of
them on each list: all made and delivered in one night, or each in a run of its own. Measured on
{os.cpu_count()} processors ({platform.machine()}), Python {platform.python_version()}; medians of {asked.rounds} rounds
in turns, of cold commands {asked.cold_rounds}. Others worked on the machine too: its load, looked at between rounds,
was from {min(loads):.1f} to {max(loads):.1f}. "Computed" are the seconds of all processes together, the database's and
the SSH server's among them: where the load is more than there are processors, seconds say more about others than about
us.

Every list of every run was delivered and read back, about the same people; the evidence of one run of each kind was
verified whole. *Sealed* are the seconds until the lists were sealed and their evidence committed.

{chr(10).join(_table(runs))}

## What it says

{chr(10).join(_verdicts(runs, asked))}

{_WHY}"""


_WHY = """\
## Why one night costs less

- A command starts once: interpreter, settings, keys and the agreements' files are read once, not once an agreement.
- All lists of a recipient go over one SSH connection, four small ones at a time; a single run connects for one list.
- On PostgreSQL several lists are made at once, as many as there are processors and four at most. The database, the
  sealing process and the gateway already work side by side for one list, so two processors gain little by it.
- On SQLite lists are made one after another: it has one writer at a time.

What one night does not save is the decision itself: each agreement has its own criteria, and decides about everybody.
"""


def _table(runs: dict[str, dict[str, list[Run]]]) -> Iterator[str]:
    yield "| database | contestant | sealed, s | delivered, s | computed, s |"
    yield "|---|---|---|---|---|"
    for kind, found_of in runs.items():
        for name, each in found_of.items():
            figures = " | ".join(f"{median(getattr(run, what) for run in each):.2f}" for what in Run.__slots__)
            yield f"| {_NAMES[kind]} | {name} | {figures} |"


def _verdicts(runs: dict[str, dict[str, list[Run]]], asked: argparse.Namespace) -> Iterator[str]:
    for kind, found_of in runs.items():
        for one, many in ((TOGETHER, SINGLE), (COLD_TOGETHER, COLD_SINGLE), (TOGETHER, ONE_BY_ONE)):
            if {one, many} <= found_of.keys():
                clock, work = (_ratio(found_of, one, many, what) for what in ("seconds", "computed"))
                yield (
                    f"- {_NAMES[kind]}: *{one}* is {clock:.2f} of *{many}* by the clock, {work:.2f} by what was"
                    f" computed, with {asked.agreements} agreements."
                )


def _ratio(found_of: dict[str, list[Run]], one: str, many: str, what: str) -> float:
    ours, theirs = (median(getattr(run, what) for run in found_of[name]) for name in (one, many))
    return float(ours / theirs)


def main() -> None:
    """Measure, print, and write where asked to."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--agreements", type=int, default=20)
    words.add_argument("--people", type=int, default=10_000)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--cold-rounds", type=int, default=1, help="rounds in which the cold commands run too")
    words.add_argument("--on", action="append", choices=(POSTGRESQL, SQLITE), help="on this kind of database only")
    words.add_argument("--write", action="store_true", help="write the page")
    asked = words.parse_args()
    runs: dict[str, dict[str, list[Run]]] = {}
    loads = [os.getloadavg()[0]]
    for kind in asked.on or (POSTGRESQL, SQLITE):
        runs[kind] = measure(kind, asked)
        loads.append(os.getloadavg()[0])
        if asked.write:
            PAGE.write_text(page(runs, asked, loads), encoding="utf-8")
    print("\n".join([*_table(runs), *_verdicts(runs, asked)]))


if __name__ == "__main__":
    main()
