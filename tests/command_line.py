"""The real command line, in processes of its own, over a county that `gateway init` made.

A county with invented people loaded is made once and copied: nothing in its folder knows where it stands.
"""

import atexit
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from gateway import bootstrap
from gateway.bootstrap import account_name
from gateway.clock import SystemClock
from gateway.model.time import FrozenClock
from gateway.sandbox.acting import approve_as_officers
from gateway.sandbox.partner_side import invent_partner_side
from gateway.sandbox.rehearsal import dated_for
from gateway.services.new_county import NewCounty, lay_out
from gateway.settings import read_settings

ROOT = Path(__file__).resolve().parent.parent
FAMILIES = 80


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything that a person could read."""
        return self.out + self.err

    def document(self):
        """The one JSON document on standard output."""
        return json.loads(self.out)


def gateway(*words: str, stdin: str = "", within: float = 120, **environment: str) -> Ran:
    """Run the command line as a person would, without any settings of whoever runs the tests."""
    ended = subprocess.run(
        [sys.executable, "-m", "gateway", *words],
        cwd=ROOT,
        env=_clean_environment() | environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=within,
        check=False,
    )
    return Ran(ended.returncode, ended.stdout, ended.stderr)


@dataclass(frozen=True)
class County:
    """A county's folder and the command line over it."""

    folder: Path

    @property
    def settings(self) -> Path:
        return self.folder / "config" / "gateway.toml"

    def run(self, *words: str, **more) -> Ran:
        return gateway("--config", str(self.settings), *words, **more)

    def edit(self, file: str, *changes: tuple[str, str]) -> None:
        """Change a file as somebody with an editor would; what is to be changed must be there."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, f"{file} has no {old!r}"
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")

    def extract(self, source: str, feed: str) -> Path:
        """The newest extract of a feed, in the shipped layout."""
        return max((self.folder / "extracts" / source).glob(f"{feed}_*.csv"))

    def give_roles(self, *roles: str) -> None:
        """Map whoever runs the tests to other roles."""
        listed = ", ".join(f'"{role}"' for role in roles)
        self.edit("config/gateway.toml", ('roles = ["operator", "data_officer"]', f"roles = [{listed}]"))

    @contextmanager
    def served(self) -> Iterator[subprocess.Popen]:
        """The partners' server, until the end of the block; Ctrl-C must end it well."""
        words = [sys.executable, "-m", "gateway", "--config", str(self.settings), "sandbox", "serve", "--json"]
        process = subprocess.Popen(
            words, cwd=ROOT, env=_clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            # The first line comes when it listens; at an early end there is none.
            assert process.stdout.readline() == "{\n", process.stderr.read()
            yield process
        finally:
            process.terminate()
            process.communicate(timeout=30)
        assert process.returncode == 0


def a_county(folder: Path, *, loaded: bool = True) -> County:
    """A county of its own for one test, with people loaded unless said otherwise; nothing is approved."""
    return County(Path(shutil.copytree(_loaded() if loaded else _new(), folder / "county")))


def a_county_with_lists_due(folder: Path) -> County:
    """A county in which every agreement was approved yesterday and has a list due today; the Jobcentre's is withheld."""
    return County(Path(shutil.copytree(_ready(), folder / "county")))


@cache
def _shelf() -> Path:
    shelf = Path(tempfile.mkdtemp(prefix="gw-made-"))
    atexit.register(shutil.rmtree, shelf, ignore_errors=True)
    return shelf


@cache
def _new() -> Path:
    folder = _shelf() / "new"
    _well(gateway("init", str(folder), "--controller", "Invented County Council"))
    return folder


@cache
def _loaded() -> Path:
    county = County(Path(shutil.copytree(_new(), _shelf() / "loaded")))
    _load(county)
    return county.folder


@cache
def _ready() -> Path:
    folder, yesterday = _shelf() / "ready", SystemClock().now() - timedelta(days=1)
    terms = NewCounty(
        controller="Invented County Council",
        environment="synthetic",
        origin="invented/gateway",
        account=account_name(),
        name="Invented Operator",
        flags_reaching_nobody_allowed=5,
        lines_lost_at_first_allowed=100,
    )
    settings = read_settings(lay_out(folder, terms, change=lambda text: _due_today(text, yesterday.date())))
    invent_partner_side(folder)
    clock = FrozenClock(yesterday)
    bootstrap.install(settings, clock=clock)
    with bootstrap.workplace_of(settings, clock=clock) as workplace:
        for path in sorted((folder / "agreements").glob("*.yaml")):
            approve_as_officers(workplace, folder, path.stem)
    _load(County(folder))
    return folder


def _due_today(agreement: str, day: date) -> str:
    """The agreement with a term round the day, due each midnight, and for one person at most where it was for 6,000."""
    agreement = dated_for(agreement, day).replace("most_people: 6000", "most_people: 1")
    agreement = re.sub(r"every: \w+(\n  weekday: \w+)?", "every: night", agreement)
    return re.sub(r"(?m)^  (at|deliver_until|on_holiday): .*$", lambda found: _DUE[found[1]], agreement)


_DUE = {"at": '  at: "00:00"', "deliver_until": '  deliver_until: "23:59"', "on_holiday": "  on_holiday: run"}


def _load(county: County) -> None:
    _well(county.run("sandbox", "invent", "--families", str(FAMILIES)))
    _well(county.run("sources", "load"))


def _well(ran: Ran) -> None:
    assert ran.code == 0, ran.said


def _clean_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}
