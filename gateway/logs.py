"""Edge: the operators' log, one JSON object a line on standard error or in a file.

Closed both ways (law L8): an event or a key that is not listed here is refused, and a value must look like a code, a
reference, a count or an instant. Messages of other libraries are dropped: only the library's name and the level are
kept, because a deny-list of personal data leaks sooner or later.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

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
        "alert:raised": "agreement state code count",
        "alert:hook-failed": "code",
        "service:started": "version",
        "service:stopped": "version",
        "service:tick": "due done failed",
        "service:step-failed": "step code",
        "library:spoke": "library level",
        "log:refused": "event",
    }.items()
}
#: What a value may be.
Loggable = str | int | bool | None
_PLAIN = re.compile(r"[A-Za-z0-9_.:@+/-]{0,120}")
_REFUSED = "(not loggable)"


def record(event: str, **values: Loggable) -> None:
    """Write one event. What the closed list does not know is replaced by a mark, never written."""
    allowed = EVENTS.get(event)
    logger = structlog.get_logger()
    if allowed is None:
        logger.error("log:refused", event_name=_loggable(event))
        return
    logger.info(event, **{key: _loggable(value) if key in allowed else _REFUSED for key, value in values.items()})


def _loggable(value: Loggable) -> Loggable:
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        return _REFUSED
    return value


class _LibraryHandler(logging.Handler):
    """Keeps that a library spoke, and drops what it said."""

    def emit(self, message: logging.LogRecord) -> None:
        """Record the library's name and the level alone."""
        record("library:spoke", library=message.name.split(".")[0], level=message.levelname)


def set_up(stream: TextIO = sys.stderr) -> None:
    """Send events to a stream; do so once, before anything is logged."""
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.add_log_level,
            _without_exceptions,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_LibraryHandler(level=logging.WARNING)]
    root.setLevel(logging.WARNING)


def let_go() -> None:
    """Send events nowhere from now on: the stream is about to be closed."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())


def _without_exceptions(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    for key in ("exc_info", "exception", "stack_info"):
        event.pop(key, None)
    return event
