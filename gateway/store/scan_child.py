"""The process that reads one statement of a SQLite database while its parent writes: lines out at stdout, in blocks.

The one frame in says which file, which settings of a connection, which statement with which values, and how many lines
a block has. Each frame out is a block, and an empty one the end. What goes wrong is said by the exit code alone (L8).

It holds names, and so forbids core dumps and that others look into it; what it sorts stays in its memory. It changes
nothing. It loads the standard library alone.
"""

import marshal
import sqlite3
import sys
from typing import BinaryIO

from gateway.store.csv_lines import lines_of
from gateway.store.frames import keep_memory_private, read_frame, write_frames

MEMORY_OPEN, CUT_SHORT, REFUSED = 3, 4, 5
_IN_MEMORY = 2


def main(asked: BinaryIO, answers: BinaryIO) -> int:
    """Answer; return 0 or one of the exit codes above."""
    try:
        keep_memory_private()
    except OSError:
        return MEMORY_OPEN
    try:
        # What was put together by our parent, and by nobody else.
        path, settings, statement, values, block = marshal.loads(read_frame(asked))  # noqa: S302
        connection = _opened(path, settings)
        cursor = connection.execute(statement, values)
        while rows := cursor.fetchmany(block):
            write_frames(answers, marshal.dumps([line.encode() for line in lines_of(rows)]))
        write_frames(answers, b"")
    except (EOFError, BrokenPipeError):
        return CUT_SHORT
    except (sqlite3.Error, TypeError):
        return REFUSED
    return 0


def _opened(path: str, settings: list[str]) -> sqlite3.Connection:
    """Return a connection that sees one state of the file and changes nothing. Raises sqlite3.Error."""
    connection = sqlite3.connect(path, isolation_level=None)
    for setting in (*settings, "query_only=on"):
        connection.execute(f"PRAGMA {setting}")
    if connection.execute("PRAGMA temp_store").fetchone()[0] != _IN_MEMORY:
        raise sqlite3.NotSupportedError("what is sorted would be written to a file")
    connection.execute("BEGIN")
    return connection


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))
