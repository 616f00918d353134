"""Edge: an outbox, a folder of ours that the partner collects from.

- A package is written under a temporary name, brought to disk, and read back before it comes into view.
- Publishing takes the temporary name away first, and then links the file under its final name, which fails where the
  name is taken. So a temporary file that is there still proves that its package was never in view, as a rename does.
- The partner may write here: nothing follows a symbolic link, and what is not a plain file counts as another's.
- A folder that is not there may be a disk that is not mounted: that passes by itself, and nothing is made in its place.

File encryption does not depend on the way of delivering; who may read the folder is the county's to arrange.
"""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path

from gateway.delivery.inbound import ARCHIVE, MOST_BYTES
from gateway.delivery.interface import (
    Ahead,
    EndpointReport,
    Inbound,
    InboundFile,
    Match,
    PackageBytes,
    Placed,
    RemoteFile,
    SessionFacts,
    Shown,
    Staged,
    VerifyMethod,
)
from gateway.delivery.names import may_collect, may_place, temporary_name
from gateway.delivery.staging import Content, content_of
from gateway.errors import (
    ConnectionFailed,
    OutcomeUnknown,
    RemoteConflict,
    TransferInterrupted,
    TransferRefused,
    VerificationFailed,
)
from gateway.model.partner import Partner

_FACTS = SessionFacts(
    host_key=None,
    host_key_type="none",
    key_exchange="none",
    cipher="none",
    server_version="outbox",
    strict_key_exchange=False,
    offers_fsync=True,
)
#: Who collects reads as the folder's group; nobody else does.
_MODE = 0o640
_BLOCK = 1 << 20
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_MAKE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class OutboxTransport:
    """Implements delivery/interface.py's `Transport`."""

    def __init__(self, partner: Partner) -> None:
        self._inbox, self._receipts = Path(partner.inbox), Path(partner.receipts)
        self._claimants = Path(partner.claimants or partner.receipts)

    @contextmanager
    def session(self) -> Iterator["OutboxSession"]:
        """Open the outbox. Raises ConnectionFailed where the folder is not there."""
        if not self._inbox.is_dir():
            raise ConnectionFailed("the outbox is not there: is its disk mounted?")
        session = OutboxSession(self._inbox, {Inbound.RECEIPTS: self._receipts, Inbound.CLAIMANTS: self._claimants})
        session.sweep()
        yield session

    def check(self) -> EndpointReport:
        """Look, and write nothing."""
        return EndpointReport(
            facts=_FACTS,
            pin=0,
            extensions=(),
            inbox_there=self._inbox.is_dir(),
            receipts_there=self._receipts.is_dir(),
        )

    def ahead(self) -> None:
        """Reach nobody: there is no server."""

    def take_up(self, ahead: Ahead) -> None:
        """End what was opened while the partner still had a server."""
        ahead.close()


class OutboxSession:
    """An open outbox: implements delivery/interface.py's `Session`."""

    def __init__(self, inbox: Path, left: Mapping[Inbound, Path]) -> None:
        self._inbox = inbox
        self._left = left

    @contextmanager
    def lane(self) -> Iterator["OutboxSession"]:
        """Give the same session: a folder takes many at once, and a session holds nothing of what it does."""
        yield self

    @property
    def facts(self) -> SessionFacts:
        """What there is to say of a folder."""
        return _FACTS

    def sweep(self) -> None:
        """Remove what a crash left beside a file that was published: the same file under a second name."""
        with _failing("looking through the outbox"):
            for claimed in self._inbox.glob(".*.publishing"):
                final = self._inbox / claimed.name[1:].removesuffix(".publishing")
                if _is_plain(final) and _is_plain(claimed) and final.samefile(claimed):
                    claimed.unlink()

    def look(self, name: str) -> RemoteFile | None:
        """Return the file of that name, or None where there is none."""
        with _failing("looking"):
            try:
                return RemoteFile(name, self._final(name).lstat().st_size)
            except FileNotFoundError:
                return None

    def compare(self, name: str, data: PackageBytes) -> Shown:
        """Say what stands there of this package; changes nothing."""
        with _failing("looking"):
            return Shown(_match(self._final(name), data), _is_whole(self._temporary(name), len(data)))

    def stage(self, name: str, data: PackageBytes, *, anew: bool = True) -> Staged:
        """Write the package under its temporary name and check it; do nothing where it is published already.

        Without `anew` nothing is written, because a rename may be under way; raises OutcomeUnknown unless what was
        staged before is still there.
        """
        shown = self.compare(name, data)
        if shown.final is Match.SAME:
            return _staged(name, data, already_there=True)
        _refuse_unless_absent(shown.final)
        temporary = self._temporary(name)
        with _failing("writing"):
            if _match(temporary, data) is not Match.SAME:
                if not anew:
                    raise OutcomeUnknown("what was staged is gone or changed, and may have been published")
                self._write(temporary, data)
        return _staged(name, data, already_there=False)

    def publish(self, staged: Staged) -> Placed:
        """Link what was staged into view; do nothing where it is published already."""
        if not staged.already_there:
            self._link(staged)
        return Placed(
            name=staged.name,
            size=staged.size,
            sha256=staged.sha256,
            verify_method=staged.verify_method,
            durable=staged.durable,
            already_there=staged.already_there,
            facts=_FACTS,
        )

    def discard(self, name: str, size: int) -> bool:
        """Remove what was staged under this name; say whether it was whole, and so never in view."""
        with _failing("removing"):
            whole = _is_whole(self._temporary(name), size)
            # Claimed, and never linked: whoever claimed it died, or is too late to link it now.
            _removed(self._claimed(name))
            return _removed(self._temporary(name)) and whole

    def place(self, name: str, data: PackageBytes) -> Placed:
        """Stage and publish at once."""
        return self.publish(self.stage(name, data))

    def withdraw(self, name: str, data: PackageBytes) -> Match:
        """Remove a published file of exactly these bytes; return what stood there, left alone unless `SAME`."""
        with _failing("removing"):
            match = _match(self._final(name), data)
            if match is not Match.SAME:
                return match
            return Match.SAME if _removed(self._final(name)) else Match.ABSENT

    def collect(self, what: Inbound = Inbound.RECEIPTS) -> Iterator[InboundFile]:
        """Yield each file of the folder, in the order of their names."""
        with _failing("collecting"):
            found = sorted(os.fsencode(path.name) for path in self._left[what].iterdir())
        for raw in found:
            if not raw.startswith(b"."):
                with _failing("collecting"):
                    file = _inbound(self._left[what] / os.fsdecode(raw), MOST_BYTES[what])
                if file is not None:
                    yield file

    def archive(self, name: str, what: Inbound = Inbound.RECEIPTS) -> None:
        """Put a collected file into the archive folder, or remove it where there is none or it is taken."""
        if not may_collect(name):
            raise ValueError("only what was collected can be put away")
        folder = self._left[what]
        file, kept = folder / name, folder / ARCHIVE / name
        with _failing("putting away"):
            if (folder / ARCHIVE).is_dir() and not _is_there(kept):
                with suppress(FileNotFoundError):
                    file.rename(kept)
            else:
                _removed(file)

    def _write(self, temporary: Path, data: PackageBytes) -> None:
        _removed(temporary)
        try:
            handle = os.open(temporary, _MAKE, _MODE)
        except PermissionError as refused:
            raise TransferRefused("the outbox may not be written to") from refused
        try:
            with os.fdopen(handle, "wb") as file:
                if os.name != "nt":
                    os.fchmod(file.fileno(), _MODE)
                for at in range(0, len(data), _BLOCK):
                    file.write(data[at : at + _BLOCK])
                file.flush()
                os.fsync(file.fileno())
            _check(temporary, data)
        except (OSError, VerificationFailed):
            # So that a full disk gets its space back.
            with suppress(OSError):
                _removed(temporary)
            raise

    def _link(self, staged: Staged) -> None:
        final, claimed = self._final(staged.name), self._claimed(staged.name)
        with _failing("publishing"):
            self._temporary(staged.name).replace(claimed)
        try:
            os.link(claimed, final, follow_symlinks=False)
        except FileExistsError:
            # Nothing of ours came into view; the same bytes there are the delivery all the same.
            match = _match_content(final, Content(staged.size, staged.sha256))
            with _failing("publishing"):
                _removed(claimed)
            if match is not Match.SAME:
                raise RemoteConflict("another file stands under the final name; it is never overwritten") from None
            return
        except OSError as fault:
            raise OutcomeUnknown(f"publishing was not answered: {fault.strerror}") from fault
        try:
            claimed.unlink()
            _bring_to_disk(self._inbox)
        except OSError as fault:
            raise OutcomeUnknown(f"publishing may not be on disk: {fault.strerror}") from fault

    def _final(self, name: str) -> Path:
        if not may_place(name):
            raise ValueError("a name in the outbox is made by names.py only")
        return self._inbox / name

    def _temporary(self, name: str) -> Path:
        return self._inbox / temporary_name(name)

    def _claimed(self, name: str) -> Path:
        return self._inbox / f".{name}.publishing"


@contextmanager
def _failing(doing: str) -> Iterator[None]:
    """Give a fault of the disk its meaning: nothing came into view because of it."""
    try:
        yield
    except OSError as fault:
        raise TransferInterrupted(f"{doing} failed: {fault.strerror}") from fault


def _inbound(path: Path, most_bytes: int) -> InboundFile | None:
    """Return one file; None for a folder, and where it is gone since the outbox was listed."""
    raw = os.fsencode(path.name)
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        return None
    name = raw.decode("ascii", "replace")
    if not may_collect(name):
        return InboundFile(f"ill-named-{hashlib.sha256(raw).hexdigest()[:12]}", b"", "ill_named")
    if not stat.S_ISREG(mode):
        return InboundFile(name, b"", "not_a_file")
    try:
        with _opened(path) as file:
            data = file.read(most_bytes + 1)
    except FileNotFoundError:
        return None
    except OSError:
        return InboundFile(name, b"", "unreadable")
    return InboundFile(name, b"", "oversize") if len(data) > most_bytes else InboundFile(name, data)


def _match(path: Path, data: PackageBytes) -> Match:
    return _match_content(path, content_of(data))


def _match_content(path: Path, content: Content) -> Match:
    """Say what stands under a name, by its bytes."""
    try:
        there = path.lstat()
        if not stat.S_ISREG(there.st_mode) or there.st_size != content.size:
            return Match.OTHER
        with _opened(path) as file:
            same = hashlib.file_digest(file, "sha256").hexdigest() == content.sha256
    except FileNotFoundError:
        return Match.ABSENT
    except PermissionError:
        return Match.UNPROVEN
    return Match.SAME if same else Match.OTHER


def _check(temporary: Path, data: PackageBytes) -> None:
    if _match(temporary, data) is not Match.SAME:
        raise VerificationFailed("what the outbox gives back is not what was written")


def _opened(path: Path) -> BufferedReader:
    return os.fdopen(os.open(path, _READ), "rb")


def _is_there(path: Path) -> bool:
    return os.path.lexists(path)


def _is_whole(path: Path, size: int) -> bool:
    return _is_there(path) and path.lstat().st_size == size


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _removed(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _bring_to_disk(folder: Path) -> None:
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _staged(name: str, data: PackageBytes, *, already_there: bool) -> Staged:
    content = content_of(data)
    return Staged(
        name=name,
        size=content.size,
        sha256=content.sha256,
        verify_method=VerifyMethod.READ_BACK,
        durable=True,
        already_there=already_there,
    )


def _refuse_unless_absent(match: Match) -> None:
    if match is Match.OTHER:
        raise RemoteConflict("another file stands under the final name; it is never overwritten")
    if match is Match.UNPROVEN:
        raise OutcomeUnknown("a file of the right size stands under the final name, and may not be read")
