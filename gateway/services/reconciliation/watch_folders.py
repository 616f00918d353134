"""Answer the files that lie in an office's folder, and put the worksheet beside each.

- One folder an office, which its TFEA and the service alone may open. One that others may look into is not used.
- A file is answered once it lies still, and again only when it was changed since. What the file is called is its own
  business: it is in no log and no entry (law L8).
- A file that cannot be answered gets a note beside it that says why and what to do, and holds nobody. Where the file is
  to blame it waits for another one; where something else is, it is tried again after a pause.
- Links are not followed: what lies elsewhere is nobody's list.
- What was answered, and the answer, go from the folder when the uploaded rows go from the database.

Edge: reads and writes the offices' folders.
"""

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from gateway.errors import GatewayError, ReconciliationRefused, StoreError, WorkCoachListLocked, WorkCoachListRefused
from gateway.model.officers import Action
from gateway.services.agreements.agreement_shelf import Shelf
from gateway.services.reconciliation.reconcile_list import Reconciled, Upload, reconcile_list
from gateway.services.reconciliation.without_coach import FILE_ENDING
from gateway.services.workplace import Workplace
from gateway.sources.work_coach_list.read import bytes_of

#: Endings that a list can have.
_LISTS = frozenset({".csv", ".txt", ".xlsx", ".xls", ".xlsb", ".ods"})
#: What is put beside a file: the worksheet twice, with people of whom there are too many for it, or why there is none.
_BOOK, _TEXT, _NOTE = ".answer.xlsx", ".answer.csv", ".not-answered.txt"
_ALONE = f".answer.{FILE_ENDING}"
_OURS = (_BOOK, _TEXT, _ALONE, _NOTE)
#: A file that was written to this lately may still be on its way.
_STILL = timedelta(seconds=5)
#: After what the file is not to blame for, it is tried again when so much time has passed.
_AGAIN = timedelta(minutes=10)
_OF_THE_FILE = (WorkCoachListRefused, WorkCoachListLocked)
_FOLDER_MODE, _FILE_MODE = 0o2770, 0o640


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of one file: what it was answered, or the code of why it was not."""

    office: str
    file: Path = field(repr=False)
    answered: Reconciled | None
    code: str | None = None


def answer_folders(workplace: Workplace, agreement_id: str) -> list[Seen]:
    """Answer every file that waits in a folder of an office that the actor may answer for."""
    workplace.actor.require(Action.RECONCILE)
    every = workplace.actor.is_for_every_office(Action.RECONCILE)
    offices = sorted(Shelf.of(workplace).jobcentres().office_ids)
    mine = [office for office in offices if every or office in workplace.actor.offices]
    return [seen for office in mine for seen in _answer_folder(workplace, agreement_id, office)]


def clear_folders(workplace: Workplace) -> int:
    """Remove the files that were answered and what lies beside them once they are as old as rows may be; say how many.

    A file without an answer is left: nobody has looked at it yet.
    """
    workplace.actor.require(Action.CLEAR_UPLOADED)
    before = workplace.clock.now() - timedelta(days=workplace.reconciling.rows_kept_days)
    folders = [folder for folder in workplace.reconciling.folder.glob("*") if folder.is_dir()]
    return sum(_clear(file, before) for folder in folders for file in sorted(folder.iterdir()))


def _clear(file: Path, before: datetime) -> int:
    beside = [found for ending in _OURS if (found := _beside(file, ending)).is_file()]
    if not _is_list(file) or not beside or file.lstat().st_mtime >= before.timestamp():
        return 0
    try:
        for each in (file, *beside):
            each.unlink(missing_ok=True)
    except OSError as error:
        raise _not_ours(error) from None
    return 1 + len(beside)


def folder_of(workplace: Workplace, office: str) -> Path:
    """Return the folder of an office, made where it was not there. Raises ReconciliationRefused for one open to all."""
    folder = workplace.reconciling.folder / office
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(_FOLDER_MODE)
        found = folder.lstat()
    except OSError as error:
        raise _not_ours(error) from None
    if not stat.S_ISDIR(found.st_mode) or (os.name != "nt" and found.st_mode & 0o007):
        raise ReconciliationRefused(
            f"the folder of {office} may be opened by others than its TFEA and the service",
            advice="chmod o-rwx on it; docs/how-to/reconcile-a-work-coach-list.md says whose it must be.",
        )
    return folder


def _answer_folder(workplace: Workplace, agreement_id: str, office: str) -> Iterator[Seen]:
    try:
        folder = folder_of(workplace, office)
        waiting = list(_waiting(folder, workplace.clock.now()))
    except ReconciliationRefused as error:
        yield _refused(workplace, office, workplace.reconciling.folder / office, error)
        return
    for file in waiting:
        try:
            yield _answer(workplace, agreement_id, office, file)
        except ReconciliationRefused as error:
            # What lies beside this one cannot be written; the next may be another one's.
            yield _refused(workplace, office, file, error)


def _refused(workplace: Workplace, office: str, file: Path, error: GatewayError) -> Seen:
    workplace.record("reconciliation:refused", office=office, code=error.code)
    return Seen(office, file, None, error.code)


def _answer(workplace: Workplace, agreement_id: str, office: str, file: Path) -> Seen:
    try:
        made = reconcile_list(workplace, Upload(agreement_id, office, bytes_of(file)))
    except StoreError:
        # Of no file: whoever watches waits for the database.
        raise
    except GatewayError as error:
        workplace.record("reconciliation:refused", office=office, code=error.code)
        tried_at = None if isinstance(error, _OF_THE_FILE) else workplace.clock.now()
        note = f"Not answered: {error}\nNext: {error.advice()}\nReason: {error.code}\n"
        _put(file, _NOTE, note.encode(), tried_at)
        return Seen(office, file, None, error.code)
    _put(file, _BOOK, made.worksheet.workbook)
    if made.worksheet.without_coach is not None:
        _put(file, _ALONE, made.worksheet.without_coach)
    # Last: by this one the file counts as answered.
    _put(file, _TEXT, made.worksheet.csv)
    for ending in (_NOTE, *(() if made.worksheet.without_coach else (_ALONE,))):
        _beside(file, ending).unlink(missing_ok=True)
    return Seen(office, file, made)


def _waiting(folder: Path, now: datetime) -> Iterator[Path]:
    """Yield the lists that lie still and have no answer, or an older one, beside them. Raises ReconciliationRefused."""
    try:
        files = [file for file in sorted(folder.iterdir()) if _is_list(file)]
    except OSError as error:
        raise _not_ours(error) from None
    # Nothing is answered that could not be handed over.
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _not_ours(PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
    for file in files:
        try:
            found = file.lstat()
        except FileNotFoundError:
            # Its owner took it away meanwhile.
            continue
        lies_still = now.timestamp() - found.st_mtime >= _STILL.total_seconds()
        if lies_still and not _is_done(file, found.st_mtime_ns, now):
            yield file


def _is_list(file: Path) -> bool:
    """Say whether this may be a list: a plain file with such an ending that we did not put there ourselves."""
    if file.suffix.casefold() not in _LISTS or file.name.endswith(_OURS):
        return False
    try:
        return stat.S_ISREG(file.lstat().st_mode)
    except FileNotFoundError:
        # Its owner took it away meanwhile.
        return False


def _is_done(file: Path, changed: int, now: datetime) -> bool:
    """Say whether what lies beside a file is about the file as it is now, or it was tried a short while ago."""
    beside = [each.lstat() for each in (_beside(file, _TEXT), _beside(file, _NOTE)) if each.is_file()]
    if any(each.st_mtime_ns == changed for each in beside):
        return True
    note = _beside(file, _NOTE)
    return note.is_file() and 0 <= now.timestamp() - note.lstat().st_mtime < _AGAIN.total_seconds()


def _beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)


def _put(file: Path, ending: str, data: bytes, tried_at: datetime | None = None) -> None:
    """Put a whole file in its place at once, whatever lies there; no link that somebody prepared is written through."""
    half = _beside(file, f"{ending}.part")
    try:
        half.unlink(missing_ok=True)
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), _FILE_MODE)
        with os.fdopen(descriptor, "wb") as written:
            written.write(data)
        # As old as the file that it is about: a file that was changed since has another age.
        changed = int(tried_at.timestamp()) * 10**9 if tried_at else file.lstat().st_mtime_ns
        os.utime(half, ns=(changed, changed))
        half.replace(_beside(file, ending))
    except OSError as error:
        raise _not_ours(error) from None


def _not_ours(error: OSError) -> ReconciliationRefused:
    """Say what is wrong with a folder without the name of a file, which may be a person's (law L8)."""
    return ReconciliationRefused(
        f"the folder of an office cannot be written to: {error.strerror}",
        advice="The service's account must be able to write to the folder of each office.",
    )
