"""Law L8 seen by the operating system: of a whole night, nothing about a person is written to a file but the database.

The night runs under strace, with people of unmistakable values in the extracts. What goes into the sealing process's
pipe is the list in plain; that strace sees it there shows that it would have seen it in a file.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.model.delivery import ListState
from tests.rehearsed_county import AGREEMENTS, EVENING, SMALL_HOURS, RehearsedCounty
from tests.unmistakable_people import NINO, SURNAME, put_into, traces_in

_WRITE = re.compile(rb"\d+ +(?:write|pwrite64|writev)\(\d+<([^>]*)>")
_OPENS_TO_WRITE = re.compile(rb"\d+ +(?:openat|open|creat)\(.*?\"([^\"]*)\", [^)]*O_(?:WRONLY|RDWR|CREAT)")
#: No files: a device that keeps nothing, and a process's own pipes.
_NO_FILE = re.compile(rb"/dev/(?:null|fd/[0-9]+)")

pytestmark = pytest.mark.skipif(
    shutil.which("strace") is None and not os.environ.get("CI"), reason="strace is not installed"
)


@pytest.fixture(scope="module")
def night(
    founded_county: RehearsedCounty, tmp_path_factory: pytest.TempPathFactory
) -> tuple[RehearsedCounty, list[bytes]]:
    """A county after its night, and every call of it that named or wrote a file."""
    county = founded_county.copied_to(tmp_path_factory.mktemp("traced") / "county")
    put_into(county.facts_here)
    with county.server() as server:
        county.know_partners(server)
        county.approve()
        calls = traced(county, county.folder.parent / "calls")
        assert county.states() == {agreement: {ListState.VERIFIED} for agreement in AGREEMENTS}
    return county, calls


def traced(county: RehearsedCounty, calls: Path) -> list[bytes]:
    strace = ["strace", "-f", "-y", "-s", "1000000", "-o", str(calls), "-e", "trace=%file,write,pwrite64,writev"]
    program = [sys.executable, "-m", "tests.night_process", str(county.settings_file)]
    subprocess.run(
        [*strace, *program, EVENING.isoformat(), SMALL_HOURS.isoformat()],
        check=True,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        timeout=120,
    )
    return calls.read_bytes().splitlines()


def written_to(call: bytes) -> bytes | None:
    """Where a call wrote, or None where it wrote nothing."""
    found = _WRITE.match(call)
    return found[1] if found else None


def may_hold_people(place: bytes) -> bool:
    """The database's own files, pipes and sockets; what is in a pipe or a socket is in no file."""
    return b"/state/gateway.db" in place or place.startswith((b"pipe:", b"socket:", b"TCP:", b"UNIX"))


def test_strace_sees_what_is_written(night):
    _, calls = night
    into_pipes = b"".join(call for call in calls if (written_to(call) or b"").startswith(b"pipe:"))
    into_database = b"".join(call for call in calls if b"/state/gateway.db" in (written_to(call) or b""))
    assert {SURNAME, NINO} <= traces_in(into_pipes)
    assert {SURNAME, NINO} <= traces_in(into_database)


def test_L8_no_file_but_the_database_is_written_with_anything_about_a_person(night):
    _, calls = night
    others = [call for call in calls if not may_hold_people(written_to(call) or b"")]
    assert len(others) > 100
    assert {trace for call in others for trace in traces_in(call)} == set()


def test_L8_nothing_is_opened_for_writing_outside_the_state_directory(night):
    """So there is no temporary file, no cache and no dump in which a person could stand."""
    county, calls = night
    opened = {found[1] for call in calls if (found := _OPENS_TO_WRITE.match(call))}
    state = str(county.settings.state).encode()
    assert {path for path in opened if not path.startswith(state) and not _NO_FILE.fullmatch(path)} == set()
    assert any(path.startswith(state) for path in opened)
