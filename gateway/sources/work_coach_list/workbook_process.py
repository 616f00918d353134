"""Have a workbook opened by a child process, and take the table that it found.

Whatever happens to the child, this process gets a table or a refusal: a child that takes more memory or time than a
list needs, or that a hostile file breaks, ends, and the file is refused. The password goes through the pipe, never
into an argument, the environment or a file.

Edge: starts a process.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from gateway.errors import WorkCoachListRefused
from gateway.model.work_coach_list import ColumnProfile
from gateway.sources.work_coach_list import workbook_child
from gateway.sources.work_coach_list.crossing import table_of_lines
from gateway.sources.work_coach_list.profiles import written_profile
from gateway.sources.work_coach_list.table import Table

_ALLOWED_S = 60
#: Where this very gateway lies: the child must not take another that is installed beside it.
_OURS = Path(workbook_child.__file__).resolve().parents[3]
_START = f"import sys; sys.path.insert(0, sys.argv[1]); from {workbook_child.__name__} import main; sys.exit(main())"
_AS_TEXT = "Ask for the list as CSV, or as a workbook with nothing in it but the list."


def table_of_workbook(data: bytes, profile: ColumnProfile | None, password: str | None) -> Table:
    """Return the table of a workbook. Raises WorkCoachListRefused, ...Locked or ...Changed."""
    request = {"profile": written_profile(profile) if profile else None, "password": password}
    said = json.dumps(request).encode()
    output = _answer(workbook_child.FRAME.pack(len(said)) + said + data)
    try:
        return table_of_lines(output.splitlines())
    except ValueError as error:
        raise _ended() from error


def _answer(asked: bytes) -> bytes:
    # -I: neither the environment nor the working directory can change what is loaded.
    command = [sys.executable, "-I", "-c", _START, str(_OURS)]
    environment = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    try:
        done = subprocess.run(
            command,
            input=asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=_ALLOWED_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise WorkCoachListRefused("the workbook takes longer to open than a list may", advice=_AS_TEXT) from error
    except OSError as error:
        raise WorkCoachListRefused("the process that opens workbooks could not be started") from error
    if done.returncode != 0:
        raise _ended()
    return done.stdout


def _ended() -> WorkCoachListRefused:
    return WorkCoachListRefused(
        "the workbook could not be opened: it is damaged, or takes more memory or time than a list may", advice=_AS_TEXT
    )
