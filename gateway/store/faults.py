"""What the drivers say, as errors of ours.

A driver's message may quote the row that it refused, so nothing of it is repeated beyond the name of the
constraint, table or trigger (law L8), and the driver's error is not chained.
"""

import re
import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError

from gateway.errors import StoreBusy, StoreError

#: lock not available, serialisation failure, deadlock, too many connections, the server is starting or stopping.
_BUSY_STATES = frozenset({"55P03", "40001", "40P01", "53300", "57P01", "57P02", "57P03"})
_BUSY_WORDS = ("database is locked", "database table is locked")
#: disk full.
_FULL_STATE, _FULL_WORDS = "53100", "database or disk is full"
_NO_ANSWER = "See that the database's server runs and that `gateway.database` leads to it, then run again."
_MAKE_ROOM = "Make room on the disk of the state directory, then run again: nothing was committed and nothing sent."
#: What SQLite says of a constraint names tables and columns only; what a trigger of ours says is ours.
_SQLITE_SAFE = re.compile(
    r"(?:(?:UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed(?:: [\w., ]+)?|law L\d+: [\w ]+)"
)


def as_store_error(error: Exception) -> StoreError:
    """Return what to raise instead of an error of the driver or of SQLAlchemy, which wraps most of them."""
    original = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(original, "sqlstate", None)
    text = str(original)
    if state in _BUSY_STATES or text.startswith(_BUSY_WORDS):
        return StoreBusy("the database is held by another run")
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return StoreBusy("the connection to the database was lost")
    if hasattr(original, "pgconn") and isinstance(error, OperationalError) and state is None:
        # Only the driver itself, and never a server, complains without a state: there was no connection to begin with.
        return StoreBusy("the database's server does not answer", advice=_NO_ANSWER)
    full = state == _FULL_STATE or text == _FULL_WORDS
    return StoreError(f"the database refused: {_reason(original, state, text)}", advice=_MAKE_ROOM if full else None)


def _reason(original: BaseException | None, state: str | None, text: str) -> str:
    diagnosis = getattr(original, "diag", None)
    constraint = getattr(diagnosis, "constraint_name", None)
    if constraint:
        return f"constraint {constraint}"
    message = getattr(diagnosis, "message_primary", None) or text
    safe = _SQLITE_SAFE.match(message)
    if safe:
        return safe.group()
    # SQLite's complaints of this kind are about statements, files and disks, and hold no parameter.
    if isinstance(original, sqlite3.OperationalError):
        return text
    return f"code {state}" if state else type(original).__name__
