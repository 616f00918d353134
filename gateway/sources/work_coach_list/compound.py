"""Open an OLE compound file: an XLS workbook, or a protected workbook of any kind, with the password that was given.

- Protected workbooks are opened in memory. An unprotected copy never exists on a disk.
- Macros and embedded files refuse it. So does any other document that is kept in this container.

Edge: only in that an old protected workbook is opened by way of a file in memory.
"""

import io
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.parsers.expat import ExpatError

import olefile
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError
from msoffcrypto.format.ooxml import OOXMLFile
from msoffcrypto.format.xls97 import Xls97File

from gateway.errors import WorkCoachListLocked, WorkCoachListRefused
from gateway.sources.work_coach_list.workbook_binary import is_protected_xls

_PACKAGE, _PASSWORD_INFO = "EncryptedPackage", "EncryptionInfo"
_WORKBOOKS = ("Workbook", "Book")
_MACROS = frozenset({"_VBA_PROJECT_CUR", "VBA", "Macros"})
_EMBEDDED = ("MBD", "ObjectPool")
#: What the libraries raise where a file is not as they expect, beside errors of their own.
_BROKEN = (
    ValueError,
    ArithmeticError,
    LookupError,
    AssertionError,
    AttributeError,
    TypeError,
    OSError,
    RecursionError,
    struct.error,
    ExpatError,
)
_MEMORY = Path("/dev/shm")  # noqa: S108 - a file without a name is made in it


def is_protected(data: bytes) -> bool:
    """Say whether a compound file is a protected workbook. Raises WorkCoachListRefused for other documents."""
    with _damage_refused(), _opened(data) as container:
        if container.exists(_PACKAGE) and not container.exists(_PASSWORD_INFO):
            raise WorkCoachListRefused(
                "the workbook is protected by rights that another organisation's server gives, not by a password",
                advice="Ask for it without that label, as XLSX protected by a password.",
            )
        return bool(container.exists(_PACKAGE)) or is_protected_xls(_workbook_in(container))


def workbook_stream(data: bytes) -> bytes:
    """Return the workbook stream of an XLS file. Raises WorkCoachListRefused."""
    with _damage_refused(), _opened(data) as container:
        for top in (entry.name for entry in container.root.kids):
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
        with _damage_refused():
            _unlock(data, password, opened)
    except InvalidKeyError as error:
        raise WorkCoachListLocked("the password does not open the workbook") from error
    except (DecryptionError, FileFormatError, ParseError) as error:
        raise WorkCoachListRefused("the workbook is protected in a way that cannot be opened here") from error
    return opened.getvalue()


def _unlock(data: bytes, password: str, opened: io.BytesIO) -> None:
    with _opened(data) as container:
        is_package = container.exists(_PACKAGE)
    (_unlock_package if is_package else _unlock_xls)(data, password, opened)


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
    return olefile.OleFileIO(io.BytesIO(data))


def _workbook_in(container: olefile.OleFileIO) -> bytes:
    for name in _WORKBOOKS:
        if container.exists(name):
            return bytes(container.openstream(name).read())
    raise WorkCoachListRefused("the file is a document of another program, not a workbook")


@contextmanager
def _damage_refused() -> Iterator[None]:
    """Refuse what makes a library fail: it was written for files that are as they should be."""
    try:
        yield
    except _BROKEN as error:
        raise WorkCoachListRefused("the workbook is damaged or cut short", advice="Ask for the file again.") from error
