"""What a way of delivering must offer: stage, publish, look, collect, archive.

- Staging writes the package under a temporary name that no recipient reads, and checks it there.
- Publishing renames it into view, and never over a file that is already there.
- The two are apart because the caller commits `uploaded` between them: a crash before that commit proves that
  nothing was published, a crash after it leaves a question that only the server can answer.

What each refusal proves:

- `ConnectionFailed`, `AuthenticationRefused`, `HostKeyMismatch`: not a byte of any package was sent.
- `TransferRefused` and `ServerFull` from `stage`: not a byte of this package was written.
- `TransferInterrupted`, `VerificationFailed`: nothing stands under the final name because of this call.
- `OutcomeUnknown`: the server may have published; only looking again can tell.

Pure: declarations only. File encryption does not depend on the way of delivering.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable


class PackageBytes(Protocol):
    """A package's bytes, taken piece by piece: `bytes` are such, and so is a file that memory should not hold."""

    def __len__(self) -> int:
        """Return how many there are."""
        ...

    def __getitem__(self, part: slice, /) -> bytes:
        """Return a piece."""
        ...


@runtime_checkable
class HashedBytes(PackageBytes, Protocol):
    """Bytes of which it is known what they hash to: nobody reads them all to find out."""

    @property
    def sha256(self) -> str:
        """Return SHA-256 in hexadecimal."""
        ...


class VerifyMethod(StrEnum):
    """How an upload was checked, strongest first. Stored."""

    READ_BACK = "read_back"
    SIZE = "size"


class Inbound(StrEnum):
    """What a partner leaves for us, each in a folder of its own."""

    RECEIPTS = "receipts"
    #: The lists of people that agreements in the mode `match_first` answer.
    CLAIMANTS = "claimants"


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What was negotiated with the server: evidence of where a package went."""

    #: `SHA256:...` of the host key, as `ssh-keygen -l` prints it; None where no server is in between.
    host_key: str | None
    host_key_type: str
    key_exchange: str
    cipher: str
    server_version: str
    strict_key_exchange: bool
    #: Whether the server offers to bring a file to disk before it answers.
    offers_fsync: bool


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file in the partner's inbox."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Staged:
    """A package under its temporary name, or found already published with the same bytes.

    `durable` is false where the server cannot say that the bytes are on its disk.
    """

    name: str
    size: int
    sha256: str
    verify_method: VerifyMethod
    durable: bool
    already_there: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """A file that stands under its final name, and how that is known."""

    name: str
    size: int
    sha256: str
    verify_method: VerifyMethod
    durable: bool
    already_there: bool
    facts: SessionFacts


@dataclass(frozen=True, slots=True)
class InboundFile:
    """A file that the partner left for us; in memory, never written to a disk of ours.

    With a `fault` (`oversize`, `ill_named`, `not_a_file`) nothing was read, and the name is one of ours.
    """

    name: str
    data: bytes
    fault: str | None = None


class Match(StrEnum):
    """What stands under a final name, compared with what should."""

    ABSENT = "absent"
    SAME = "same"
    OTHER = "other"
    #: It is there with the right size and may not be read.
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the server shows of one package: under the final name, and whether a whole temporary file is there."""

    final: Match
    staged: bool
    #: How it was found out what stands under the final name.
    verify_method: VerifyMethod = VerifyMethod.READ_BACK


class Session(Protocol):
    """An open, authenticated connection to one partner, for one thread."""

    @property
    def facts(self) -> SessionFacts:
        """What was negotiated."""
        ...

    def lane(self) -> AbstractContextManager["Session"]:
        """Open one more session over the same connection, for another thread; it ends with the block.

        Raises DeliveryError where the server opens no more.
        """
        ...

    def look(self, name: str) -> RemoteFile | None:
        """Return the file of that name in the inbox, or None where the server says that there is none."""
        ...

    def compare(self, name: str, data: PackageBytes) -> Shown:
        """Say what the server shows of this package; changes nothing."""
        ...

    def stage(self, name: str, data: PackageBytes, *, anew: bool = True) -> Staged:
        """Write the package under its temporary name and check it; do nothing where it is published already.

        Without `anew` nothing is written, because a rename may be under way; raises OutcomeUnknown unless what was
        staged before is still there.
        """
        ...

    def publish(self, staged: Staged) -> Placed:
        """Rename what was staged into view; do nothing where it is published already."""
        ...

    def discard(self, name: str, size: int) -> bool:
        """Remove what was staged under this name; say whether it was whole, and so never in view.

        A request from before, that a stalled server does at last, may have left an empty file in its place.
        """
        ...

    def place(self, name: str, data: PackageBytes) -> Placed:
        """Stage and publish at once: for what may stand there twice without harm, such as a manifest."""
        ...

    def withdraw(self, name: str, data: PackageBytes) -> Match:
        """Remove a published file of exactly these bytes; return what stood there, left alone unless `SAME`."""
        ...

    def collect(self, what: Inbound = Inbound.RECEIPTS) -> Iterator[InboundFile]:
        """Yield each file of the folder, in the order of their names."""
        ...

    def archive(self, name: str, what: Inbound = Inbound.RECEIPTS) -> None:
        """Put a collected file out of the way; only after what it says is committed."""
        ...


@dataclass(frozen=True, slots=True)
class EndpointReport:
    """What a connection without a package showed."""

    facts: SessionFacts
    #: Which of the partner's pins the server's key is, from 1; 0 where no server is in between.
    pin: int
    extensions: tuple[str, ...]
    inbox_there: bool
    receipts_there: bool
    #: None where the partner has no such folder.
    claimants_there: bool | None = None
    #: When our certificate for the log-in ends; None where we log in with a bare key, or it never ends.
    log_in_until: datetime | None = None


class Ahead(Protocol):
    """A session that is opened before anything is to go over it; who made it takes it up."""

    def close(self) -> None:
        """End it, unless somebody took it up."""
        ...


class Transport(Protocol):
    """A way to one partner."""

    def session(self) -> AbstractContextManager[Session]:
        """Connect, check the server's key, log in once; the session ends with the block."""
        ...

    def check(self) -> EndpointReport:
        """Connect and look, sending nothing."""
        ...

    def ahead(self) -> Ahead | None:
        """Begin to open a session, without waiting for it; None where there is no server to reach."""
        ...

    def take_up(self, ahead: Ahead) -> None:
        """Let the next session be this one, if one opened then would be opened under the same terms; else end it."""
        ...
