"""Edge: the operators' log, one JSON object a line on standard error or in a folder with a file for each month.

Closed both ways (law L8): an event or a key that is not listed here is refused, and a value must look like a code, a
reference, a count or an instant. Messages of other libraries are dropped: only the library's name and the level are
kept, because a deny-list of personal data leaks sooner or later.

Several processes write to one folder at once. None of them renames a file under another: each goes to the file of the
new month by itself, and a file whose month is over for long enough is removed whole.
"""

import io
import json
import logging
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TextIO, cast

from gateway.model.time import Clock

EVENTS: dict[str, frozenset[str]] = {
    name: frozenset(keys.split())
    for name, keys in {
        "sources:load-begun": "actor",
        "sources:loaded": "snapshot people rejected flags",
        "sources:refused": "code source feed",
        "disclosure:begun": "agreement window part",
        "disclosure:sealed": "agreement window part list people",
        "disclosure:withheld": "agreement window part list reason",
        "disclosure:skipped": "agreement window part reason",
        "disclosure:refused": "agreement window code",
        "delivery:begun": "partner lists",
        "delivery:ended": "partner list state code",
        "receipts:collected": "partner accepted refused",
        "reconciliation:answered": "reconciliation office rows",
        "reconciliation:searched": "reconciliation rows queued",
        "reconciliation:refused": "office code",
        "claimants:taken": "reconciliation rows",
        "claimants:refused": "agreement code",
        "retention:removed": "copies snapshots evidence",
        "alert:raised": "agreement state code count",
        "alert:hook-failed": "code",
        "service:started": "version",
        "service:stopped": "version",
        "service:tick": "due done failed",
        "service:step-failed": "step code",
        "library:spoke": "library level",
        "log:refused": "event",
        "log:old-removed": "removed left",
    }.items()
}
#: What a value may be.
Loggable = str | int | bool | None
_PLAIN = re.compile(r"[A-Za-z0-9_.:@+/-]{0,120}")
_REFUSED = "(not loggable)"
_VALUES = "values"
#: Ours alone: what other libraries say never gets here. Until it is set up, events go nowhere.
_OURS = logging.getLogger("gateway.operators")
_OURS.setLevel(logging.INFO)
_OURS.propagate = False
_OURS.handlers = [logging.NullHandler()]
_MONTH_OF_FILE = re.compile(r"gateway-(\d{4})-(0[1-9]|1[0-2])\.log", re.ASCII)


def record(event: str, **values: Loggable) -> None:
    """Write one event. What the closed list does not know is replaced by a mark, never written."""
    allowed = EVENTS.get(event)
    if allowed is None:
        _OURS.error("log:refused", extra={_VALUES: {"event_name": _loggable(event)}})
        return
    said = {key: _loggable(value) if key in allowed else _REFUSED for key, value in values.items()}
    _OURS.info(event, extra={_VALUES: said})


def _loggable(value: Loggable) -> Loggable:
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        return _REFUSED
    return value


class _LibraryHandler(logging.Handler):
    """Keeps that a library spoke, and drops what it said."""

    def emit(self, message: logging.LogRecord) -> None:
        """Record the library's name and the level alone."""
        record("library:spoke", library=message.name.split(".")[0], level=message.levelname)


class MonthlyLog(io.TextIOBase):
    """A stream into the file of the present month, in UTC as its lines are dated. Raises OSError where it cannot be."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder, self._clock = folder, clock
        self._name, self._file = "", cast(TextIO, None)
        self._turn()

    def write(self, text: str) -> int:
        """Write to the file of this month."""
        self._turn()
        return self._file.write(text)

    def flush(self) -> None:
        """Hand over what was written to the system."""
        if not self._file.closed:
            self._file.flush()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
        super().close()

    def _turn(self) -> None:
        name = f"gateway-{self._clock.now():%Y-%m}.log"
        if name == self._name:
            return
        file = (self._folder / name).open("a", encoding="utf-8")
        if self._name:
            self._file.close()
        self._name, self._file = name, file


class _LineHandler(logging.Handler):
    """Writes each event as one JSON object. A line that cannot be written is an error of whoever recorded it."""

    def __init__(self, stream: TextIO | MonthlyLog) -> None:
        super().__init__()
        self._stream = stream

    def emit(self, message: logging.LogRecord) -> None:
        """Write the event: what the closed list let through, when it was, and how grave it is."""
        said_at = datetime.fromtimestamp(message.created, UTC).replace(tzinfo=None)
        values: dict[str, Any] = getattr(message, _VALUES)
        line = {
            **values,
            "event": message.msg,
            "level": message.levelname.lower(),
            "timestamp": f"{said_at.isoformat()}Z",
        }
        self._stream.write(json.dumps(line, sort_keys=True) + "\n")
        self._stream.flush()


class Removal(NamedTuple):
    """How many files of the log were removed, and how many should have been and could not be."""

    removed: int
    left: int


def remove_old(folder: Path, now: datetime, kept_months: int) -> Removal:
    """Remove the files of months that ended so many months ago, so that every line is kept for at least as long."""
    removed = left = 0
    for path in sorted(folder.iterdir()):
        month = _MONTH_OF_FILE.fullmatch(path.name)
        if month is None or _months(now.year, now.month) - _months(int(month[1]), int(month[2])) <= kept_months:
            continue
        try:
            path.unlink(missing_ok=True)
        except OSError:
            left += 1
        else:
            removed += 1
    if removed or left:
        record("log:old-removed", removed=removed, left=left)
    return Removal(removed, left)


def _months(year: int, month: int) -> int:
    return year * 12 + month


def set_up(stream: TextIO | MonthlyLog = sys.stderr) -> None:
    """Send events to a stream; do so once, before anything is logged."""
    _OURS.handlers = [_LineHandler(stream)]
    root = logging.getLogger()
    root.handlers = [_LibraryHandler(level=logging.WARNING)]
    root.setLevel(logging.WARNING)


def let_go() -> None:
    """Send events nowhere from now on: the stream is about to be closed."""
    _OURS.handlers = [logging.NullHandler()]
