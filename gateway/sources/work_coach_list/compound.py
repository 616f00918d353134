"""Open an OLE compound file: an XLS workbook, or a protected workbook of any kind, with the password that was given.

- Protected workbooks are opened in memory. An unprotected copy never exists in a file.
- Macros and embedded files refuse it. So does any other document that is kept in this container.

Pure: bytes come in. The libraries are loaded only where such a file comes.
"""

import io

import msoffcrypto
import olefile
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

from gateway.errors import WorkCoachListLocked, WorkCoachListRefused
from gateway.sources.work_coach_list.workbook_binary import is_protected_xls

_PACKAGE = "EncryptedPackage"
_WORKBOOKS = ("Workbook", "Book")
_MACROS = frozenset({"_VBA_PROJECT_CUR", "VBA", "Macros"})
_EMBEDDED = ("MBD", "ObjectPool")


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
    if password is None:
        raise WorkCoachListLocked("the workbook is protected by a password")
    opened = io.BytesIO()
    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        file.load_key(password=password, verify_password=True)
        file.decrypt(opened)
    except (InvalidKeyError, DecryptionError) as error:
        raise WorkCoachListLocked("the password does not open the workbook") from error
    except (FileFormatError, ParseError) as error:
        raise WorkCoachListRefused("the workbook is protected in a way that cannot be opened here") from error
    return opened.getvalue()


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
