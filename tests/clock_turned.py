"""The command line, in this process, at an instant that a test chooses: for what comes days after a night."""

import contextlib
import io
import sys
from datetime import datetime
from pathlib import Path

import pytest
import time_machine

from gateway.cli import main
from tests.command_line import Ran


def run_at(instant: datetime, settings: Path, *words: str, stdin: bytes = b"") -> Ran:
    """Run a command with the machine's clock at an instant; the clock goes on from there."""
    out, err = io.StringIO(), io.StringIO()
    given = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    with (
        time_machine.travel(instant, tick=True),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.MonkeyPatch.context() as here,
        pytest.raises(SystemExit) as ended,
    ):
        here.setattr(sys, "stdin", given)
        main(["--config", str(settings), *words])
    return Ran(int(ended.value.code or 0), out.getvalue(), err.getvalue())
