"""Open an OLE compound file: an XLS workbook, or a protected workbook of any kind, with the password that was given.

- Protected workbooks are opened in memory. An unprotected copy never exists on a disk.
- Macros and embedded files refuse it. So does any other document that is kept in this container.

Edge: only in that an old protected workbook is opened by way of a file in memory.
"""

import io
import tempfile
from pathlib import Path

import olefile
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError
from msoffcrypto.format.ooxml import OOXMLFile
from msoffcrypto.format.xls97 import Xls97File

from gateway.errors import WorkCoachListLocked, WorkCoachListRefused
from gateway.sources.work_coach_list.workbook_binary import is_protected_xls

_PACKAGE = "EncryptedPackage"
_WORKBOOKS = ("Workbook", "Book")
_MACROS = frozenset({"_VBA_PROJECT_CUR", "VBA", "Macros"})
_EMBEDDED = ("MBD", "ObjectPool")
_MEMORY = Path("/dev/shm")  # noqa: S108 - a file without a name is made in it


def is_protected(data: bytes) -> bool:
    """Say whether a compound file is a protected workbook. Raises WorkCoachListRefused for other documents."""
    with _opened(data) as container:
        return bool(container.exists(_PACKAGE)) or is_protected_xls(_workbook_in(container))


def workbook_stream(data: bytes) -> bytes:
    """Return the workbook stream of an XLS file. Raises WorkCoachListRefused."""
    with _opened(data) as container:
        for top in {path[0] for path in container.listdir(streams=True, storages=True)}:
            if top in _MACROS:
                raise WorkCoachListRefused("the workbook has macros")
            if top.startswith(_EMBEDDED):
                raise WorkCoachListRefused("the workbook has other files embedded in it")
        return _workbook_in(container)


def unlocked(data: bytes, password: str | None) -> bytes:
    """Return a protected workbook, opened. Raises WorkCoachListLocked without the right password."""
    if not password:
        raise WorkCoachListLocked("the workbook is protected by a password")
    opened = io.BytesIO()
    try:
        with _opened(data) as container:
            is_package = container.exists(_PACKAGE)
        if is_package:
            _unlock_package(data, password, opened)
        else:
            _unlock_xls(data, password, opened)
    except InvalidKeyError as error:
        raise WorkCoachListLocked("the password does not open the workbook") from error
    except (DecryptionError, FileFormatError, ParseError) as error:
        raise WorkCoachListRefused("the workbook is protected in a way that cannot be opened here") from error
    return opened.getvalue()


def _unlock_package(data: bytes, password: str, opened: io.BytesIO) -> None:
    file = OOXMLFile(io.BytesIO(data))
    file.load_key(password=password, verify_password=True)
    file.decrypt(opened)


def _unlock_xls(data: bytes, password: str, opened: io.BytesIO) -> None:
    """Open an old workbook; the library keeps it in a temporary file meanwhile, and that must not be on a disk."""
    if not _MEMORY.is_dir():
        raise WorkCoachListRefused(
            "an old protected workbook cannot be opened in memory here",
            advice="Ask for it as XLSX, protected by a password.",
        )
    before, tempfile.tempdir = tempfile.tempdir, str(_MEMORY)
    try:
        file = Xls97File(io.BytesIO(data))
        file.load_key(password=password)
        file.decrypt(opened)
    finally:
        tempfile.tempdir = before


def _opened(data: bytes) -> olefile.OleFileIO:
    try:
        return olefile.OleFileIO(io.BytesIO(data))
    except OSError as error:
        raise WorkCoachListRefused("the workbook is damaged or cut short", advice="Ask for the file again.") from error


def _workbook_in(container: olefile.OleFileIO) -> bytes:
    for name in _WORKBOOKS:
        if container.exists(name):
            return bytes(container.openstream(name).read())
    raise WorkCoachListRefused("the file is a document of another program, not a workbook")
