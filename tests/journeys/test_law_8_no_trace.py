"""Law L8: whatever happens, no personal data is where it has no business.

People with unmistakable values are in the extracts. Nights go well and badly in many ways, through the command line as
operators use it; then every byte is searched: what was printed, logged and entered, every table but the snapshot's,
every other file and its name on both sides, errors with everything that led to them, arguments and environments of
processes. Only the extracts, the snapshot and what a desk opened may know a person.
"""

import base64
import os
import re
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import asyncssh
import pytest

from gateway.cli import main
from gateway.clock import SystemClock
from gateway.errors import ExitCode
from gateway.model.delivery import ListState
from gateway.model.time import FrozenClock
from gateway.sandbox.invented_layouts import EHM, SUPPRESSION
from gateway.sandbox.rehearsal import new_host_key
from gateway.sandbox.server import RECEIPTS, ConfinedFiles
from gateway.services.receipts.collect_receipts import collect_receipts
from gateway.store.tables import SNAPSHOT, attempts, metadata
from tests.rehearsed_county import AGREEMENTS, DWP, HOUSING, JOBCENTRE, RehearsedCounty, found_county
from tests.unmistakable_people import (
    EMAIL,
    LEAD,
    NINO,
    PROTECTED,
    SURNAME,
    add_line,
    file_of,
    put_into,
    traces_in,
)

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") and not os.environ.get("CI"), reason="watches processes through /proc"
)
#: Tables that may know a person, and nothing else may: they expire with their snapshot.
MAY_KNOW = frozenset(table.name for table in SNAPSHOT)


#: Of the real day on which the tests run, because the commands know no other.
ALL_DAY = '  every: night\n  at: "00:00"\n  deliver_until: "23:59"'


class ClockOfTheMachine(FrozenClock):
    """Goes with the clock of the commands, which is the machine's."""

    def now(self) -> datetime:
        return SystemClock().now()


@dataclass
class Watched:
    """A county of today, and everything that was said while it was used."""

    county: RehearsedCounty
    said: list[bytes] = field(default_factory=list)

    def command(self, *words: str, capture) -> int:
        """Run a command in this process; keep what it printed, and every error that led to its end."""
        try:
            main(["--config", str(self.county.settings_file), *words])
        except SystemExit as ended:
            self.said += [text.encode() for text in texts_of(ended)]
            printed = capture.readouterr()
            self.said += [printed.out.encode(), printed.err.encode()]
            return int(ended.code or 0)
        raise AssertionError("a command ends with its exit code")

    def everything(self) -> Iterator[tuple[str, bytes]]:
        """Everything that has to be without a trace, with the place where it was found."""
        yield from (("something said", text) for text in self.said)
        yield "the services' records", repr(self.county.recorded).encode()
        may_know = [self.county.folder / name for name in ("extracts", "desk")]
        for path in self.county.folder.rglob("*"):
            name = path.relative_to(self.county.folder)
            yield f"the name of {name}", str(name).encode()
            is_database = path.name.startswith("gateway.db")
            if path.is_file() and not is_database and not any(path.is_relative_to(folder) for folder in may_know):
                yield str(name), path.read_bytes()
        for table in metadata.sorted_tables:
            if table.name not in MAY_KNOW:
                for row in self.county.rows(table):
                    yield f"table {table.name}", b"\n".join(map(as_bytes, row))

    def traces(self) -> set[tuple[str, str]]:
        return {(place, trace) for place, content in self.everything() for trace in traces_in(content)}


def as_bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def texts_of(error: BaseException | None) -> Iterator[str]:
    """Everything that an error and whatever it came from would show, also where `from None` hides it."""
    while error is not None:
        yield "".join(traceback.format_exception(error))
        yield repr(error)
        yield from getattr(error, "__notes__", ())
        if error.__cause__ is not None:
            yield from texts_of(error.__cause__)
        error = error.__context__


@pytest.fixture(scope="module")
def marked_county(tmp_path_factory: pytest.TempPathFactory) -> RehearsedCounty:
    """A county whose extracts are of today, with unmistakable people, never used itself."""
    clock = SystemClock()
    founded = clock.now() - timedelta(days=2)
    county = found_county(tmp_path_factory.mktemp("marked") / "county", as_at=clock.today(), founded=founded)
    put_into(county.facts)
    for agreement in AGREEMENTS:
        make_due_all_day(county.folder / "agreements" / f"{agreement}.yaml")
    return county


def make_due_all_day(agreement: Path) -> None:
    text = agreement.read_text(encoding="utf-8")
    text = re.sub(r"  every: \w+\n(  weekday: \w+\n)?  at: \S+\n  deliver_until: \S+", ALL_DAY, text)
    assert ALL_DAY in text
    agreement.write_text(text.replace("on_holiday: skip", "on_holiday: run"), encoding="utf-8")


def copy_of(marked_county: RehearsedCounty, folder: Path) -> RehearsedCounty:
    return replace(marked_county.copied_to(folder), clock=ClockOfTheMachine(SystemClock().now()))


@pytest.fixture
def watched(marked_county: RehearsedCounty, tmp_path: Path) -> Iterator[Watched]:
    """A county with its server, in which nothing is loaded or approved yet."""
    county = copy_of(marked_county, tmp_path / "county")
    with ExitStack() as open_until_the_end:
        county.know_partners(open_until_the_end.enter_context(county.server()))
        yield Watched(county)


def approve_yesterday(county: RehearsedCounty, *agreements: str) -> None:
    """Approve early enough that today's window counts."""
    yesterday = replace(county, clock=FrozenClock(county.clock.now() - timedelta(days=1)))
    yesterday.approve(*agreements)


def loaded_and_approved(watched: Watched, capfd) -> None:
    approve_yesterday(watched.county)
    assert watched.command("sources", "load", capture=capfd) == ExitCode.DONE


def run(watched: Watched, capfd) -> int:
    today = watched.county.clock.today().isoformat()
    return watched.command("disclose", "run", *AGREEMENTS, "--window", today, capture=capfd)


def test_the_search_finds_a_person_where_one_is_expected(watched, capfd):
    """Otherwise the other tests would show nothing: the extracts and the opened list hold every value."""
    loaded_and_approved(watched, capfd)
    run(watched, capfd)
    watched.command("deliver", "resume", capture=capfd)
    lists = b"".join(opened.file.read_bytes() for opened in watched.county.opened())
    assert {SURNAME, NINO, EMAIL, LEAD} <= traces_in(lists)
    assert PROTECTED not in traces_in(lists)
    extracts = b"".join(path.read_bytes() for path in watched.county.facts.paths if path.is_file())
    assert {SURNAME, NINO, EMAIL, LEAD, PROTECTED} <= traces_in(extracts)


@pytest.mark.parametrize("before", [b"", b"x", b"xy"])
@pytest.mark.parametrize("encode", [base64.b64encode, lambda text: text.hex().encode(), lambda text: text.upper()])
def test_the_search_finds_a_name_in_the_forms_that_programs_give_it(before, encode):
    assert SURNAME in traces_in(b"of " + encode(before + SURNAME.encode() + b" and others"))
    assert SURNAME in traces_in(SURNAME.encode("utf-16"))


def test_L8_a_night_that_goes_well_leaves_no_trace(watched, capfd):
    county = watched.county
    loaded_and_approved(watched, capfd)
    assert watched.command("agreements", "preview", JOBCENTRE, capture=capfd) == ExitCode.DONE
    assert run(watched, capfd) == ExitCode.DONE
    assert watched.command("deliver", "resume", "--json", capture=capfd) == ExitCode.DONE
    # Before the desks clear their inboxes: packages, manifests and forms are looked at as they were published.
    assert watched.traces() == set()
    county.answer()
    assert watched.command("receipts", "collect", capture=capfd) == ExitCode.DONE
    assert watched.command("audit", "verify", capture=capfd) == ExitCode.DONE
    for words in (("disclose", "status"), ("sources", "status"), ("sources", "rejects", "--json"), ("disclose", "due")):
        assert watched.command(*words, capture=capfd) == ExitCode.DONE
    assert set().union(*county.states().values()) == {ListState.RECEIVED}
    assert watched.traces() == set()


@pytest.mark.parametrize(
    ("source", "feed", "line"),
    [
        (SUPPRESSION, "suppression", f"no_such_kind,,,{NINO},{SURNAME},17/08/1961,,01/01/2026,"),
        (SUPPRESSION, "suppression", f"objection_upheld,,,{NINO},{SURNAME},31/02/1961,,01/01/2026,"),
        (SUPPRESSION, "suppression", f"{SURNAME},{SURNAME},{NINO}"),
        (SUPPRESSION, "suppression", f'objection_upheld,,,,"{SURNAME},,,,'),
    ],
    ids=["unknown kind", "no such day", "too short", "odd quote"],
)
def test_L8_a_suppression_feed_with_a_bad_line_leaves_no_trace(watched, capfd, source, feed, line):
    add_line(watched.county.facts_here, source, feed, line)
    assert watched.command("sources", "load", capture=capfd) == ExitCode.WITHHELD
    watched.command("sources", "rejects", capture=capfd)
    watched.command("sources", "status", "--json", capture=capfd)
    assert watched.traces() == set()


@pytest.mark.parametrize("spoilt", ["no header", "not text", "another column", "one endless line"])
def test_L8_an_extract_that_cannot_be_read_leaves_no_trace(watched, capfd, spoilt):
    path = file_of(watched.county.facts_here, EHM, "persons")
    content = path.read_bytes()
    heading, _, rest = content.partition(b"\r\n")
    row = next(line for line in rest.split(b"\r\n") if SURNAME.encode() in line)
    path.write_bytes(
        {
            "no header": row + b"\r\n" + rest,
            "not text": content + SURNAME.encode() + b"\xff\xfe\x00\xc3\x28" * 40,
            "another column": heading.replace(b"SURNAME", SURNAME.encode()) + b"\r\n" + rest,
            "one endless line": heading + b"\r\n" + row * 200_000 + b"\r\n" + rest,
        }[spoilt]
    )
    watched.command("sources", "load", capture=capfd)
    watched.command("sources", "rejects", "--json", capture=capfd)
    assert watched.traces() == set()


def test_L8_refused_agreements_and_unreachable_servers_leave_no_trace(watched, capfd):
    county = watched.county
    assert run(watched, capfd) == ExitCode.FAILED, "nothing is approved"
    approve_yesterday(county, HOUSING)
    other = asyncssh.import_private_key(new_host_key()).export_public_key().decode().strip()
    county.know_partner(DWP, county.port, other)
    approve_yesterday(county, JOBCENTRE)
    assert watched.command("sources", "load", capture=capfd) == ExitCode.DONE
    assert run(watched, capfd) == ExitCode.DONE
    assert watched.command("deliver", "resume", capture=capfd) == ExitCode.INTEGRITY
    assert watched.command("disclose", "status", "--json", capture=capfd) == ExitCode.DONE
    assert county.states()[JOBCENTRE] == {ListState.SEALED}
    assert watched.traces() == set()


class _TalkativeFiles(ConfinedFiles):
    """A server that refuses to take files and says whom they are about."""

    def open(self, *_: object) -> object:
        raise asyncssh.SFTPFailure(f"cannot take the list about {SURNAME} {NINO}")


def test_L8_what_a_partners_server_says_is_not_kept(marked_county, tmp_path, capfd):
    county = copy_of(marked_county, tmp_path / "county")
    watched = Watched(county)
    with county.server(make_files=lambda channel, folder: _TalkativeFiles(channel, chroot=folder)) as server:
        county.know_partners(server)
        loaded_and_approved(watched, capfd)
        run(watched, capfd)
        delivered = county.deliver()
        watched.said += [repr(each).encode() for each in delivered]
    assert not any(each.state is ListState.VERIFIED for each in delivered)
    assert county.rows(attempts)
    assert watched.traces() == set()


def test_L8_what_a_desk_leaves_as_a_receipt_is_not_repeated(watched, capfd):
    """Names and words of files that a desk left by mistake: nothing of them is printed, logged or entered."""
    county = watched.county
    loaded_and_approved(watched, capfd)
    folder = county.folder / "partner" / DWP / RECEIPTS
    (folder / f"{SURNAME}.txt").write_text(f"We cannot find {SURNAME}, {NINO}", encoding="utf-8")
    (folder / f"{SURNAME} {NINO}.asc").write_text(f"list: {SURNAME}", encoding="utf-8")
    (folder / "receipt.asc").write_text(
        f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nlist: {SURNAME}\nreason: {NINO}\n", encoding="utf-8"
    )
    watched.command("receipts", "collect", capture=capfd)
    with county.at() as workplace:
        watched.said += [repr(collect_receipts(workplace)).encode()]
    ours = {trace for trace in watched.traces() if not re.search(r"partner/", trace[0])}
    assert ours == set()


def test_L8_processes_carry_nobody_in_their_arguments_or_environment(watched, capfd):
    """A night as programs of their own, watched from outside while it runs, sealing processes included."""
    county = watched.county
    loaded_and_approved(watched, capfd)
    today = county.clock.today().isoformat()
    seen: set[bytes] = set()
    for words in (("sources", "load"), ("disclose", "run", *AGREEMENTS, "--window", today), ("deliver", "resume")):
        command = [sys.executable, "-m", "gateway", "--config", str(county.settings_file), *words]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
            watching = _Watching(program.pid, seen)
            out, err = program.communicate(timeout=60)
            watching.end()
        assert program.returncode == ExitCode.DONE
        watched.said += [out, err]
    watched.said += seen
    assert any(b"sealer_child" in text for text in seen)
    assert watched.traces() == set()


class _Watching:
    """Looks at a process and its children as often as it can, as anybody on the machine may."""

    def __init__(self, pid: int, seen: set[bytes]) -> None:
        self._pid, self._seen, self._over = pid, seen, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.002):
            for pid in (self._pid, *_children_of(self._pid)):
                for name in ("cmdline", "environ"):
                    try:
                        self._seen.add(Path(f"/proc/{pid}/{name}").read_bytes())
                    except OSError:
                        continue


def _children_of(pid: int) -> list[int]:
    found = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in tasks.read_text().split()]
        except OSError:
            continue
    return found
