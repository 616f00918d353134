"""Edge: the operators' log, one JSON object a line on standard error or in a folder with a file for each month.

Closed both ways (law L8): an event or a key that is not listed here is refused, and a value must look like a code, a
reference, a count or an instant. Messages of other libraries are dropped: only the library's name and the level are
kept, because a deny-list of personal data leaks sooner or later.

Several processes write to one folder at once. None of them renames a file under another: each goes to the file of the
new month by itself, and a file whose month is over for long enough is removed whole.
"""

import io
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TextIO, cast

from gateway.model.time import Clock
from gateway.spared import spared

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
_MONTH_OF_FILE = re.compile(r"gateway-(\d{4})-(0[1-9]|1[0-2])\.log", re.ASCII)


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


class _Log:
    """Where events go: nowhere until it is set up."""

    def __init__(self) -> None:
        self._stream: TextIO | MonthlyLog | None = None
        self._logger: Any = None

    def to(self, stream: TextIO | MonthlyLog | None) -> None:
        """Send events to a stream from now on, or nowhere."""
        self._stream, self._logger = stream, None

    def write(self, level: str, event: str, values: Mapping[str, Loggable]) -> None:
        """Write an event as one line."""
        if self._stream is None:
            return
        if self._logger is None:
            self._logger = _logger_into(self._stream)
        getattr(self._logger, level)(event, **values)


_LOG = _Log()


def _loaded_structlog() -> Any:
    # It brings forty modules, and most commands write no event; with `rich`, which is for terminals, a hundred more.
    with spared("rich"):
        import structlog  # noqa: PLC0415 - see above
    return structlog


def _logger_into(stream: TextIO | MonthlyLog) -> Any:
    structlog = _loaded_structlog()
    processors: list[Any] = [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.add_log_level,
        _without_exceptions,
        structlog.processors.JSONRenderer(sort_keys=True),
    ]
    # It asks a stream for no more than to write and to flush.
    return structlog.wrap_logger(structlog.WriteLogger(cast("TextIO", stream)), processors=processors)


def _without_exceptions(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    for key in ("exc_info", "exception", "stack_info"):
        event.pop(key, None)
    return event


def record(event: str, **values: Loggable) -> None:
    """Write one event. What the closed list does not know is replaced by a mark, never written."""
    allowed = EVENTS.get(event)
    if allowed is None:
        _LOG.write("error", "log:refused", {"event_name": _loggable(event)})
        return
    said = {key: _loggable(value) if key in allowed else _REFUSED for key, value in values.items()}
    _LOG.write("info", event, said)


def _loggable(value: Loggable) -> Loggable:
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        return _REFUSED
    return value


class _LibraryHandler(logging.Handler):
    """Keeps that a library spoke, and drops what it said."""

    def emit(self, message: logging.LogRecord) -> None:
        """Record the library's name and the level alone."""
        record("library:spoke", library=message.name.split(".")[0], level=message.levelname)


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
    _LOG.to(stream)
    root = logging.getLogger()
    root.handlers = [_LibraryHandler(level=logging.WARNING)]
    root.setLevel(logging.WARNING)


def let_go() -> None:
    """Send events nowhere from now on: the stream is about to be closed."""
    _LOG.to(None)
