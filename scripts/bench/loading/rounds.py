"""Load one county again and again: the gateway's first night, a second night, and what only copies, in turns.

- A round begins with an empty database. The first night meets everybody anew; the second has the same lines under the
  next day's names, so that everybody is found again and nothing is only confirmed; then the same again, unchanged.
- Beside it what a council would write: each extract into a table of text columns by the database's own tool. It checks
  nothing, links nobody, follows no flag, and keeps no evidence.
- Every load is held to what it says: as many lines read as were written, as many refused as were spoilt. The copy has
  as many rows as there are lines.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from gateway import bootstrap
from gateway.clock import SystemClock
from gateway.model.time import FrozenClock, london_day
from gateway.sandbox.county import CountyFacts, invent_county
from gateway.sandbox.rehearsal import lay_out_county
from gateway.settings import read_settings
from scripts.bench.racing.measured import Peaks, computed
from scripts.bench.racing.race import POSTGRESQL, ROOT, RoundWrong, Run, address_of, postgresql, run_on_server, wheel

FIRST, SECOND, AGAIN, COPY = "first night", "second night", "nothing changed", "copy alone"


@dataclass
class Loads:
    """What was found in one county: runs by what was run; `lines` are all that its extracts have."""

    kind: str
    people: int
    lines: int
    rejected: int
    runs: dict[str, list[Run]] = field(default_factory=dict)


def measure(folder: Path, kind: str, families: int, *, rounds: int, seed: int = 1) -> Loads:
    """Invent a county in a new folder and load it as often as asked."""
    folder.chmod(0o755)
    today = london_day(SystemClock().now())
    facts = invent_county(folder / "extracts", seed=seed, families=families, as_at=today - timedelta(days=1))
    found = Loads(kind, facts.people, sum(facts.lines.values()), sum(facts.rejected.values()))
    with ExitStack() as stack:
        server = stack.enter_context(postgresql(folder / "pg")) if kind == POSTGRESQL else None
        for number in range(rounds):
            _round(folder / str(number), facts, server, found, today)
            shutil.rmtree(folder / str(number))
    return found


def _round(folder: Path, facts: CountyFacts, server: Any, found: Loads, today: date) -> None:
    servers = [server.get_pid()] if server else []
    with _county(folder, server, today) as settings:
        sources = bootstrap.folders_of(read_settings(settings)).sources
        shutil.copytree(facts.folder, sources, dirs_exist_ok=True)
        _keep(found, FIRST, _load(settings, servers, facts, "loaded"))
        for path in list(sources.glob("*/*.csv")):
            # The day stands in the name; what a system exports has its own day in no line.
            path.rename(path.with_name(path.name.replace(f"{facts.as_at:%Y%m%d}", f"{today:%Y%m%d}")))
        _keep(found, SECOND, _load(settings, servers, facts, "loaded"))
        _keep(found, AGAIN, _load(settings, servers, facts, "unchanged"))
    _keep(found, COPY, _copied(folder, facts, server, servers))


@contextmanager
def _county(folder: Path, server: Any, today: date) -> Iterator[Path]:
    account = bootstrap.account_name()
    settings = lay_out_county(folder, account=account, roles=("operator", "data_officer"), night=today)
    shutil.rmtree(folder / "extracts", ignore_errors=True)
    if server:
        run_on_server(server, "CREATE DATABASE loaded")
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace("sqlite:///gateway.db", address_of(server, "loaded")), encoding="utf-8")
    try:
        bootstrap.install(read_settings(settings), clock=FrozenClock(SystemClock().now() - timedelta(days=2)))
        yield settings
    finally:
        if server:
            run_on_server(server, "DROP DATABASE loaded WITH (FORCE)")


def _keep(found: Loads, name: str, run: Run) -> None:
    found.runs.setdefault(name, []).append(run)


def _load(settings: Path, servers: list[int], facts: CountyFacts, state: str) -> Run:
    command = [sys.executable, "-m", "gateway", "--config", str(settings), "sources", "load", "--json"]
    run, said = _timed(command, servers)
    outcome = json.loads(said)
    lines = sum(extract["lines"] for extract in outcome["extracts"])
    if outcome["state"] != state or lines != sum(facts.lines.values()):
        raise RoundWrong(f"it was {outcome['state']} and read {lines} lines of {sum(facts.lines.values())}")
    if outcome["rejected"] < sum(facts.rejected.values()):
        raise RoundWrong(f"{outcome['rejected']} lines were refused where {sum(facts.rejected.values())} are spoilt")
    return run


def _timed(command: list[str], servers: list[int]) -> tuple[Run, bytes]:
    os.sync()
    before, waited = computed(servers), os.times()
    began = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        with Peaks(process.pid) as peaks:
            out, said = process.communicate()
        seconds = time.monotonic() - began
    after = os.times()
    if process.returncode != 0:
        raise RoundWrong(f"{command[0]} ended with {process.returncode}: {said.decode(errors='replace')[-2000:]}")
    own = after.children_user + after.children_system - waited.children_user - waited.children_system
    return Run(seconds, computed(servers) - before + own, peaks.mebibytes), out


# --- what only copies ---


def _copied(folder: Path, facts: CountyFacts, server: Any, servers: list[int]) -> Run:
    """Copy every extract into a table of its own; a line that the tool would stumble over is taken out before."""
    whole = [_whole(path, folder / "whole" / path.parent.name / path.name) for path in facts.paths]
    if server is None:
        script = folder / "copy.sql"
        script.write_text("".join(_imported(path) for path in whole), encoding="utf-8")
        run, _ = _timed(["sqlite3", "-bail", "-init", str(script), str(folder / "copy.db"), ""], servers)
        return run
    run_on_server(server, "CREATE DATABASE copied")
    try:
        script = folder / "copy.sql"
        script.write_text("".join(_copied_in(path) for path in whole), encoding="utf-8")
        psql = Path(str(wheel().__file__)).parent / "pginstall" / "bin" / "psql"
        asked = [str(psql), "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-d", server.get_uri(database="copied")]
        run, _ = _timed([*asked, "-f", str(script)], servers)
        return run
    finally:
        run_on_server(server, "DROP DATABASE copied WITH (FORCE)")


def _whole(path: Path, copy: Path) -> Path:
    """Write a file without the lines that have other cells than its first one."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as lines, copy.open("wb") as whole:
        header = next(lines)
        delimiter = _delimiter(header)
        whole.write(header)
        whole.writelines(
            line for line in lines if b'"' not in line and line.count(delimiter) == header.count(delimiter)
        )
    return copy


def _delimiter(header: bytes) -> bytes:
    return b";" if b";" in header else b","


def _columns(path: Path) -> tuple[str, list[str], str]:
    with path.open("rb") as file:
        header = file.readline().rstrip().removeprefix(b"\xef\xbb\xbf")
    delimiter = _delimiter(header)
    columns = [f'"{name}" text' for name in header.decode().split(delimiter.decode())]
    return f"{path.parent.name}_{path.stem.rpartition('_')[0]}", columns, delimiter.decode()


def _imported(path: Path) -> str:
    table, columns, delimiter = _columns(path)
    create = f"CREATE TABLE {table} ({', '.join(columns)});\n"
    return f'{create}.mode csv\n.separator "{delimiter}"\n.import --skip 1 {path} {table}\n'


def _copied_in(path: Path) -> str:
    table, columns, delimiter = _columns(path)
    encoding = "WIN1252" if delimiter == ";" else "UTF8"
    options = f"format csv, header, delimiter '{delimiter}', encoding '{encoding}'"
    return f"CREATE TABLE {table} ({', '.join(columns)});\n\\copy {table} from '{path}' with ({options})\n"
