"""Edge: call the county's own program with an alert.

The program and its arguments are fixed in the settings and never come from data. The alert goes to its standard input,
so that nothing of it stands in the list of processes (law L8). What the program prints is dropped. One that does not
end in time is killed, with whatever it started.
"""

import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommandHook:
    """A program with its fixed arguments, called with an alert's bytes."""

    command: Sequence[str]
    timeout_seconds: int

    def __call__(self, alert: bytes) -> str | None:
        """Call the program; return None where it ended well, else the code of its failure."""
        try:
            process = subprocess.Popen(
                list(self.command),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            return "hook-not-started"
        with process:
            try:
                process.communicate(alert, timeout=self.timeout_seconds)
            except subprocess.TimeoutExpired:
                _kill(process)
                return "hook-timed-out"
        return None if process.returncode == 0 else "hook-failed"


def _kill(process: "subprocess.Popen[bytes]") -> None:
    if os.name == "nt":
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()
