"""Edge: one session with one partner.

Publishing is a plain rename, which fails where the name is taken. It counts by its answer: a recipient may take the
file away at once. Staging is staging.py's, receipts are inbound.py's.
"""

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from gateway.delivery.faults import SESSION_OVER, SFTP_FAULTS, Step, meaning_of
from gateway.delivery.inbound import MOST_BYTES, Collector
from gateway.delivery.interface import (
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
from gateway.delivery.names import may_place, temporary_name
from gateway.delivery.sftp_link import StatusRefused
from gateway.delivery.sftp_packets import Attributes, Status
from gateway.delivery.sftp_protocol import FSYNC, SftpClient
from gateway.delivery.ssh import SshConnection, Timeouts
from gateway.delivery.staging import Content, Stager, content_of
from gateway.delivery.watchdog import Watchdog
from gateway.errors import (
    OutcomeUnknown,
    RemoteConflict,
    TransferInterrupted,
    TransferRefused,
    VerificationFailed,
)
from gateway.model.partner import Partner
from gateway.seams import Seam, seam


class SftpSession:
    """An open session: implements delivery/interface.py's `Session`."""

    def __init__(self, connection: SshConnection, watchdog: Watchdog, partner: Partner, timeouts: Timeouts) -> None:
        self._connection = connection
        self._watchdog = watchdog
        self._partner = partner
        self._timeouts = timeouts
        self._client = SftpClient(connection.open_sftp(timeouts), watchdog.answered)
        self._stager = Stager(self._client, self._guard, VerifyMethod(partner.least_verification))

    def start(self) -> None:
        """Agree on the protocol."""
        with self._guard(Step.START, 0):
            self._client.start()

    @contextmanager
    def lane(self) -> Iterator["SftpSession"]:
        """Open one more session over the same connection, for another thread; it ends with the block."""
        with started_session(self._connection, self._partner, self._timeouts) as lane:
            yield lane

    @property
    def facts(self) -> SessionFacts:
        """What was negotiated."""
        return replace(self._connection.facts, offers_fsync=FSYNC in self._client.extensions)

    @property
    def extensions(self) -> tuple[str, ...]:
        """What the server offers beyond the protocol."""
        return tuple(sorted(self._client.extensions))

    def has_folder(self, path: str) -> bool:
        """Say whether the server has the folder."""
        with self._guard(Step.LOOK, 0):
            there = self._client.stat(path)
        return there is not None and (there.mode is None or there.is_folder)

    def look(self, name: str) -> RemoteFile | None:
        """Return the file of that name in the inbox, or None where the server says that there is none."""
        with self._guard(Step.LOOK, 0):
            there = self._client.stat(self._final(name))
        return None if there is None else RemoteFile(name, there.size or 0)

    def compare(self, name: str, data: PackageBytes) -> Shown:
        """Say what the server shows of this package; changes nothing."""
        there, left = self._seen(name)
        match, method = self._stager.match_seen(self._final(name), content_of(data), there)
        return Shown(match, _may_be_whole(left, len(data)), method)

    def _seen(self, name: str) -> tuple[Attributes | None, ...]:
        """Return what stands under the final and under the temporary name."""
        with self._guard(Step.LOOK, 0):
            return self._client.stats(self._final(name), self._temporary(name))

    def _is_staged(self, name: str, size: int) -> bool:
        with self._guard(Step.LOOK, 0):
            there = self._client.stat(self._temporary(name))
        return _may_be_whole(there, size)

    def stage(self, name: str, data: PackageBytes, *, anew: bool = True) -> Staged:
        """Write the package under its temporary name and check it; do nothing where it is published already.

        Without `anew` nothing is written, because a rename may be under way; raises OutcomeUnknown unless what was
        staged before is still there.
        """
        content = content_of(data)
        there, left = self._seen(name)
        match, method = self._stager.match_seen(self._final(name), content, there)
        if match is Match.SAME:
            return _staged(name, content, method, durable=False, already_there=True)
        _refuse_unless_absent(match)
        if not anew:
            return self._staged_before(name, content)
        method, durable = self._stager.stage(self._temporary(name), data, content, left)
        return _staged(name, content, method, durable=durable, already_there=False)

    def _staged_before(self, name: str, content: Content) -> Staged:
        """Check what was staged, and write nothing: a rename that is under way may bring it into view at any moment."""
        match, method = self._stager.match(self._temporary(name), content)
        if match is not Match.SAME:
            raise OutcomeUnknown("what was staged is gone or changed, and may have been published")
        return _staged(name, content, method, durable=False, already_there=False)

    def publish(self, staged: Staged) -> Placed:
        """Rename what was staged into view; do nothing where it is published already."""
        if not staged.already_there:
            self._rename(staged)
            self._check_published(staged)
        return Placed(
            name=staged.name,
            size=staged.size,
            sha256=staged.sha256,
            verify_method=staged.verify_method,
            durable=staged.durable,
            already_there=staged.already_there,
            facts=self.facts,
        )

    def discard(self, name: str, size: int) -> bool:
        """Remove what was staged under this name; say whether it was whole, and so never in view."""
        whole = self._is_staged(name, size)
        return self._removed(self._temporary(name)) and whole

    def _removed(self, path: str) -> bool:
        with self._guard(Step.OPEN, 0):
            try:
                self._client.remove(path)
            except StatusRefused as refusal:
                if refusal.status is not Status.NO_SUCH_FILE:
                    raise
                return False
        return True

    def place(self, name: str, data: PackageBytes) -> Placed:
        """Stage and publish at once: for what may stand there twice without harm, such as a manifest."""
        return self.publish(self.stage(name, data))

    def withdraw(self, name: str, data: PackageBytes) -> Match:
        """Remove a published file of exactly these bytes; return what stood there, left alone unless `SAME`."""
        match, method = self._stager.match(self._final(name), content_of(data))
        if match is not Match.SAME:
            return match
        if method is not VerifyMethod.READ_BACK:
            # A size proves no content, and another file is never removed.
            return Match.UNPROVEN
        return Match.SAME if self._removed(self._final(name)) else Match.ABSENT

    def collect(self, what: Inbound = Inbound.RECEIPTS) -> Iterator[InboundFile]:
        """Yield each file of the folder, in the order of their names."""
        return self._collector(what).files()

    def archive(self, name: str, what: Inbound = Inbound.RECEIPTS) -> None:
        """Put a collected file out of the way; only after what it says is committed."""
        self._collector(what).put_away(name)

    def _collector(self, what: Inbound) -> Collector:
        folder = self._partner.receipts if what is Inbound.RECEIPTS else self._partner.claimants
        if folder is None:
            raise ValueError("the partner has no folder of that kind")
        return Collector(self._client, self._guard, folder, MOST_BYTES[what])

    def _rename(self, staged: Staged) -> None:
        final, temporary = self._final(staged.name), self._temporary(staged.name)
        try:
            with self._guard(Step.PUBLISH, 0):
                self._client.rename(temporary, final)
            seam(Seam.RENAMED)
        except (TransferInterrupted, TransferRefused):
            # A clear no. Often because the name is taken, which version 3 cannot say.
            match, _ = self._stager.match(final, Content(staged.size, staged.sha256))
            if match is Match.ABSENT:
                raise
            if match is not Match.SAME:
                _refuse_unless_absent(match)

    def _check_published(self, staged: Staged) -> None:
        """Look once more: a server that says yes and does nothing is found here."""
        with self._guard(Step.PUBLISH, 0):
            try:
                there, left = self._client.stats(self._final(staged.name), self._temporary(staged.name))
            except StatusRefused:
                # A drop box may show nothing; then the answer to the rename is what there is.
                return
        if there is None and left is not None:
            raise VerificationFailed("the server said that it renamed the file, and did not")
        if there is not None and there.size not in {None, staged.size}:
            raise VerificationFailed("the file has another size since it was renamed")

    def _final(self, name: str) -> str:
        if not may_place(name):
            raise ValueError("a remote name is made by names.py only")
        return posixpath.join(self._partner.inbox, name)

    def _temporary(self, name: str) -> str:
        return posixpath.join(self._partner.inbox, temporary_name(name))

    @contextmanager
    def _guard(self, step: Step, size: int) -> Iterator[None]:
        """Watch what is under way and give its failures their meaning."""
        most_s = self._timeouts.whole_s + size / self._timeouts.least_bytes_per_s
        try:
            with self._watchdog.under_way(most_s):
                yield
        except SFTP_FAULTS as fault:
            if isinstance(fault, SESSION_OVER):
                self._connection.cut()
            failure = meaning_of(fault, step, cut_because=self._watchdog.tripped)
            failure.damaged = self._connection.was_damaged
            raise failure from fault


@contextmanager
def started_session(connection: SshConnection, partner: Partner, timeouts: Timeouts) -> Iterator[SftpSession]:
    """Open a channel and begin a session on it, watched until the block ends."""
    watchdog = Watchdog(connection.cut, timeouts.idle_s)
    watchdog.start()
    try:
        session = SftpSession(connection, watchdog, partner, timeouts)
        session.start()
        yield session
    finally:
        watchdog.stop()


def _may_be_whole(there: Attributes | None, size: int) -> bool:
    return there is not None and there.size in {None, size}


def _staged(name: str, content: Content, method: VerifyMethod, *, durable: bool, already_there: bool) -> Staged:
    return Staged(
        name=name,
        size=content.size,
        sha256=content.sha256,
        verify_method=method,
        durable=durable,
        already_there=already_there,
    )


def _refuse_unless_absent(match: Match) -> None:
    if match is Match.OTHER:
        raise RemoteConflict("another file stands under the final name; it is never overwritten")
    if match is Match.UNPROVEN:
        raise OutcomeUnknown("a file of the right size stands under the final name, and may not be read")
