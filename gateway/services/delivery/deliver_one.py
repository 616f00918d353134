"""Deliver one list over an open session: every step is committed before the next act on the network.

(1) Compare what the server shows with what we believe; delivery/plan.py says the next step.
(2) Look once more whether it may go, and commit `sending` in the same transaction: before the first byte (law L1).
(3) Stage, look again, and commit `uploaded` before the server is asked to publish (law L4).
(4) Publish; then the signed manifest and the receipt form, which say nothing about a person.
(5) Commit `verified` with what the session showed, and only then say "delivered" (law L5).

Every transaction asks first whether the list's lease is still ours: whoever slept through its end stops here. One
delivery at a time keeps the books, and none while it waits for the network.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from threading import Lock

from gateway.delivery.interface import Session, VerifyMethod
from gateway.delivery.names import manifest_name, receipt_form_name
from gateway.delivery.plan import Step, next_step
from gateway.documents import canonical_json
from gateway.errors import (
    DeliveryError,
    GatewayError,
    OutcomeUnknown,
    RemoteConflict,
    ServerFull,
    StoreBusy,
    StoreError,
    TransferRefused,
)
from gateway.ledger.events import Event
from gateway.model.delivery import RESTORED, ListState
from gateway.model.time import as_text
from gateway.receipts.form import receipt_form
from gateway.seams import Seam, seam
from gateway.services.delivery.last_look import reason_to_void
from gateway.services.workplace import Workplace
from gateway.store.deliveries import VERIFIED, Attempt, keep_attempt
from gateway.store.leases import Lease, renew, require
from gateway.store.lists import get_list, move_list
from gateway.store.packages import package_of
from gateway.store.work import Work

LEASE_SECONDS = 60
ALREADY_THERE = "already-there"
_S = ListState
_EVENTS = {
    _S.SENDING: Event.LIST_SENDING,
    _S.UPLOADED: Event.LIST_UPLOADED,
    _S.UNCERTAIN: Event.LIST_UNCERTAIN,
    _S.FAILED: Event.LIST_FAILED,
    _S.VOID: Event.LIST_VOID,
}


class Delivery:
    """One try at one list; `state` is where the list stands."""

    def __init__(self, workplace: Workplace, session: Session, lease: Lease, list_id: int, books: Lock) -> None:
        self._workplace = workplace
        self._session = session
        self._lease = lease
        self._books = books
        self._began_at = workplace.clock.now()
        self._held_since = time.monotonic()
        self._sending_since_now = False
        with workplace.store.reading() as connection:
            self._kept = get_list(connection, list_id)
            if self._kept.remote_name is None or self._kept.package_sha256 is None:
                raise StoreError(f"{self._kept.reference} is sealed and has no package")
            self._name, self._sha256 = self._kept.remote_name, self._kept.package_sha256
            self._package = package_of(connection, workplace.store.reading, self._kept)
            # Law L5: what stands under a final name has the hash that the ledger holds.
            self._package.copy.require_whole(connection)

    @property
    def state(self) -> ListState:
        """Where the list stands."""
        return self._kept.state

    def run(self) -> None:
        """Do the next steps, to the end where nothing is in the way."""
        shown = self._session.compare(self._name, self._package.copy)  # (1)
        match next_step(self.state, shown, restored=self._kept.reason == RESTORED):
            case Step.SEND:
                self._send(anew=True)
            case Step.PUBLISH:
                self._send(anew=False)
            case Step.RECORD:
                self._record(shown.verify_method)
            case Step.DECLARE_UNCERTAIN:
                self._declare_uncertain()
            case Step.CONFLICT:
                raise RemoteConflict("another file stands under the final name; it is never overwritten")
            case Step.WAIT | Step.NOTHING:
                return

    def failed(self, error: GatewayError) -> None:
        """Keep that this try failed, and put the list where that leaves it."""
        to = self._state_after(error)
        with self._work() as work:
            position = keep_attempt(work, self._kept, self._attempt(error.code, None))
            if to is not None:
                explained_by = position if to is _S.SEALED else self._enter(work, to, error.code)
                self._move(work, to, explained_by, error.code)

    def _state_after(self, error: GatewayError) -> ListState | None:
        match error:
            case RemoteConflict() if self._was_never_in_view():
                return _S.FAILED
            case RemoteConflict() | OutcomeUnknown() if self.state in {_S.SENDING, _S.UPLOADED}:
                return _S.UNCERTAIN
            case TransferRefused() | ServerFull() if self.state is _S.SENDING and self._sending_since_now:
                # Refused before a byte of it was written, and no earlier try wrote any.
                return _S.SEALED
            case _:
                return None

    def _was_never_in_view(self) -> bool:
        """Say whether the package was not published yet, or what was staged can still be taken away."""
        if self.state in {_S.SEALED, _S.SENDING}:
            return True
        with suppress(DeliveryError):
            return self._session.discard(self._name, len(self._package.copy))
        return False

    def _send(self, *, anew: bool) -> None:
        if not self._may_go(_S.SEALED, _S.SENDING):  # (2)
            return
        staged = self._session.stage(self._name, self._package.copy, anew=anew)  # (3)
        self._sending_since_now = False
        # Staging takes as long as the line is slow. From `uncertain` nothing moves: a rename may still be under way at
        # the server, and only what was never asked to be published may ever be sent anew.
        with self._leaving_nothing_staged_once_taken_over():
            if not self._may_go(_S.SENDING, _S.UPLOADED):
                return
        placed = self._session.publish(staged)  # (4)
        self._record(placed.verify_method)

    @contextmanager
    def _leaving_nothing_staged_once_taken_over(self) -> Iterator[None]:
        """Take away what was staged while another run had the list: that one may have published, and this deny it."""
        try:
            yield
        except StoreBusy:
            with self._books:
                ours = renew(self._workplace.store, self._lease, LEASE_SECONDS)
            if not ours:
                with suppress(DeliveryError):
                    self._session.discard(self._name, len(self._package.copy))
            raise

    def _may_go(self, standing: ListState, to: ListState) -> bool:
        """Look once more whether the list may go, and move it in the same transaction where it stands at that point."""
        with self._work() as work:
            reason = reason_to_void(self._workplace, work.connection, self._kept)
            if reason is None and self.state is standing:
                self._sending_since_now = to is _S.SENDING
                self._move(work, to, self._enter(work, to))
        if reason is not None:
            self._withdraw(reason)
        return reason is None

    def _withdraw(self, reason: str) -> None:
        """End a list that must not go any more, once what was staged of it is removed."""
        removed = self._session.discard(self._name, len(self._package.copy))
        if not removed and self.state in {_S.UPLOADED, _S.UNCERTAIN}:
            # What was there a moment ago is gone: it may have been published after all.
            raise OutcomeUnknown("what was staged is gone, and may have been published")
        with self._work() as work:
            if self.state is _S.SENDING:
                self._move(work, _S.SEALED, keep_attempt(work, self._kept, self._attempt(reason, None)), reason)
            to = _S.VOID if self.state is _S.SEALED else _S.FAILED
            self._move(work, to, self._enter(work, to, reason), reason)

    def _declare_uncertain(self) -> None:
        if self.state is _S.SEALED:
            self._advance(_S.SENDING, ALREADY_THERE)
        self._advance(_S.UNCERTAIN, OutcomeUnknown.code)
        # Whoever has the package needs them to send the receipt that settles it.
        self._place_companions()

    def _place_companions(self) -> None:
        form = receipt_form(self._kept.reference, self._sha256)
        for name, data in (
            (manifest_name(self._name), self._package.manifest),
            (receipt_form_name(self._name), form),
        ):
            # One that is there may have been filled in by the desk, a moment ago too.
            if self._session.look(name) is None:
                with suppress(RemoteConflict):
                    self._session.place(name, data)
        seam(Seam.COMPANIONS_PLACED)

    def _record(self, method: VerifyMethod) -> None:
        self._place_companions()
        if self.state is _S.SEALED:
            self._advance(_S.SENDING, ALREADY_THERE)
        with self._work() as work:  # (5)
            keep_attempt(work, self._kept, self._attempt(VERIFIED, method))
            position = work.enter(
                Event.LIST_VERIFIED,
                list=self._kept.reference,
                package_sha256=self._sha256,
                package_bytes=len(self._package.copy),
                verify_method=method.value,
                remote_name=self._name,
            )
            at = as_text(work.at)
            self._move(work, _S.VERIFIED, position, verify_method=method.value, settled_at=at)

    def _advance(self, to: ListState, reason: str | None = None) -> None:
        with self._work() as work:
            self._move(work, to, self._enter(work, to, reason), reason)

    def _enter(self, work: Work, to: ListState, reason: str | None = None) -> int:
        said = {} if reason is None else {"reason": reason}
        if to in {_S.SENDING, _S.UPLOADED}:
            said["remote_name"] = self._name
        return work.enter(_EVENTS[to], list=self._kept.reference, **said)

    def _move(self, work: Work, to: ListState, position: int, reason: str | None = None, **columns: object) -> None:
        move_list(work, self._kept.list_id, to, explained_by=position, reason=reason, **columns)
        self._kept = replace(self._kept, state=to)

    def _attempt(self, outcome: str, method: VerifyMethod | None) -> Attempt:
        facts = self._session.facts
        return Attempt(
            started_at=self._began_at,
            ended_at=self._workplace.clock.now(),
            outcome=outcome,
            session=canonical_json(asdict(facts)),
            host_key=facts.host_key,
            verify_method=method.value if method else None,
        )

    @contextmanager
    def _work(self) -> Iterator[Work]:
        """Write while the lease is ours. What is believed goes back to what was, where the work is undone."""
        before = self._kept
        try:
            with self._books:
                self._keep_lease()
                with self._workplace.store.writing(self._workplace.actor) as work:
                    require(work.connection, self._lease)
                    self._require_unmoved(work)
                    yield work
        except BaseException:
            self._kept = before
            raise

    def _keep_lease(self) -> None:
        """Hold the lease for longer, once a third of its time is over: each time would be a commit of its own."""
        now = time.monotonic()
        if now - self._held_since > LEASE_SECONDS / 3:
            renew(self._workplace.store, self._lease, LEASE_SECONDS)
            self._held_since = now

    def _require_unmoved(self, work: Work) -> None:
        """Raise StoreBusy where a receipt, which waits for no lease, has moved the list meanwhile."""
        if get_list(work.connection, self._kept.list_id).state is not self.state:
            raise StoreBusy(f"{self._kept.reference} was settled meanwhile")
