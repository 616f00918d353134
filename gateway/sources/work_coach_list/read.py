"""Read a list as its office's confirmed columns say; or say of a file which table is in it.

A file that is refused is refused whole: nothing of it is used. One that is read has every row accounted for.

Edge: takes a file's bytes from its path; a workbook is opened in a child process.
"""

import os
import stat
from datetime import date
from pathlib import Path

from gateway.documents import sha256_hex
from gateway.errors import WorkCoachListRefused
from gateway.model.work_coach_list import ColumnProfile, WorkCoachList
from gateway.sources.work_coach_list.claimants import rows_read
from gateway.sources.work_coach_list.kinds import FileKind, kind_of, refuse_too_large
from gateway.sources.work_coach_list.table import MOST_BYTES, Table
from gateway.sources.work_coach_list.text import table_of_text
from gateway.sources.work_coach_list.workbook_process import table_of_workbook

#: A link could be put in the place of a file that was looked at, and lead to one that only we may read; and nobody
#: waits for whoever may one day write to a pipe.
_TO_READ = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))


def bytes_of(path: Path) -> bytes:
    """Return what is in a plain file that is no larger than a list can be. Raises WorkCoachListRefused."""
    try:
        descriptor = os.open(path, _TO_READ)
    except OSError as error:
        raise WorkCoachListRefused(
            "the file cannot be opened, or is a link", advice="Check that it is there, itself, and yours."
        ) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise WorkCoachListRefused("this is a folder or a device, not a file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise WorkCoachListRefused("the file cannot be read to its end", advice="Copy it there again.") from error
    finally:
        os.close(descriptor)
    refuse_too_large(len(data))
    return data


def table_of(data: bytes, profile: ColumnProfile | None, password: str | None = None) -> Table:
    """Return the table of a file, found by the profile's headings or, without a profile, by any that we know."""
    if kind_of(data) is FileKind.TEXT:
        return table_of_text(data, profile)
    return table_of_workbook(data, profile, password)


def read_list(data: bytes, profile: ColumnProfile, *, as_at: date, password: str | None = None) -> WorkCoachList:
    """Return the list.

    Raises WorkCoachListRefused for what is no list, WorkCoachListLocked where a password is wanted, and
    WorkCoachListChanged where headings or dates are not as they were confirmed.
    """
    table = table_of(data, profile, password)
    rows = rows_read(table, profile, as_at)
    return WorkCoachList(
        sha256=sha256_hex(data),
        profile=profile,
        rows_read=len(rows.claimants) + len(rows.unreadable),
        claimants=rows.claimants,
        unreadable=rows.unreadable,
        blank_rows=rows.blank_rows,
        encoding=table.encoding,
        sheet=table.sheet,
        hidden_sheets=table.hidden_sheets,
    )
