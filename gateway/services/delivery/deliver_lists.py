"""Deliver sealed lists: for each partner one connection, for each list what deliver_one.py does.

- What is transient is tried again after a pause, a few times; then the next tick of the service decides. The pauses
  are drawn at random, so that two hosts do not knock together.
- What else a failure means is delivery_failures.py's.
- A session that was opened while the lists were made (sessions_ahead.py) is the first one, if it may be.
- A server that answers, and slowly, has half an hour in a run: no list is begun after that, and other partners have
  their turn.
- A fault of our own store or ledger ends everything: what cannot be recorded is not sent (law L1).
"""

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from secrets import SystemRandom
from threading import Lock

from gateway.delivery.interface import Session, Transport
from gateway.delivery.plan import OPEN
from gateway.errors import (
    GatewayError,
    LedgerError,
    StoreBusy,
    StoreError,
)
from gateway.model.delivery import ListState
from gateway.model.officers import Action
from gateway.seams import Seam, seam
from gateway.services.delivery.deliver_one import LEASE_SECONDS, Delivery
from gateway.services.delivery.delivery_failures import Failures
from gateway.services.delivery.delivery_lanes import MOST_BYTES_IN_A_LANE, MOST_LANES, do_in_lanes
from gateway.services.delivery.next_steps import next_step
from gateway.services.delivery.sessions_ahead import SessionsAhead
from gateway.services.delivery.sweep_lists import sweep
from gateway.services.delivery.way_to_partner import way_to
from gateway.services.workplace import Workplace
from gateway.store.deliveries import Attempt, keep_attempt
from gateway.store.leases import claim, release
from gateway.store.lists import KeptList, get_list

_A_PARTNERS_TIME = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Retrying:
    """How often a partner is tried in one run, and how long the pauses are; `draw` gives numbers from 0 to 1.

    `lanes` is how many small lists are delivered at once, until a session breaks off.
    """

    tries: int = 3
    first_pause_s: float = 2
    longest_pause_s: float = 60
    sleep: Callable[[float], None] = time.sleep
    draw: Callable[[], float] = SystemRandom().random
    lanes: int = MOST_LANES

    def pause(self, tries_made: int) -> None:
        """Wait before the next try: anything up to a bound that doubles each time."""
        bound = min(self.longest_pause_s, self.first_pause_s * 2 ** (tries_made - 1))
        self.sleep(bound * self.draw())


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one list in this run.

    `code` is the error that stopped it, or the reason of its state; `security` where the partner was disabled.
    """

    list_id: int
    reference: str
    partner: str
    state: ListState
    code: str | None = None
    sentence: str = ""
    way_out: str = ""
    security: bool = False


def deliver(
    workplace: Workplace,
    list_ids: Collection[int],
    *,
    retrying: Retrying | None = None,
    ahead: SessionsAhead | None = None,
) -> list[Delivered]:
    """Deliver the lists, each partner's in one session; return what became of each, in the order of partners.

    `ahead` holds the sessions that wait for the lists. Raises StoreError or LedgerError where what happens cannot be
    recorded.
    """
    workplace.actor.require(Action.DELIVER)
    workplace.store.require_newest()
    with workplace.store.reading() as connection:
        kept = sorted((get_list(connection, list_id) for list_id in set(list_ids)), key=_by_partner)
    found: list[Delivered] = []
    for partner, lists in groupby(kept, key=lambda each: each.partner):
        run = _PartnerRun(workplace, partner, list(lists), retrying or Retrying(), ahead or SessionsAhead())
        run.deliver()
        found.extend(run.results())
    return found


def _by_partner(kept: KeptList) -> tuple[str, str, str]:
    return kept.partner, kept.window, kept.reference


class _PartnerRun:
    """The lists of one partner in one run."""

    def __init__(
        self, workplace: Workplace, partner: str, lists: list[KeptList], retrying: Retrying, ahead: SessionsAhead
    ) -> None:
        self._workplace = workplace
        self._ahead = ahead
        self._partner = partner
        self._lists = {kept.list_id: kept for kept in lists}
        self._retrying = retrying
        self._books = Lock()
        self._ends_at = workplace.clock.now() + _A_PARTNERS_TIME
        # A list that a restored database lost has nothing that could be looked for.
        waiting = [kept.list_id for kept in lists if kept.state in OPEN and kept.package_sha256]
        self._failures = Failures(workplace, partner, waiting, self._books)

    def deliver(self) -> None:
        """Try until nothing waits or the tries are used up."""
        self._workplace.record("delivery:begun", partner=self._partner, lists=len(self._failures.waiting))
        transport = self._transport()
        tries = 0
        while transport and self._failures.waiting and tries < self._retrying.tries and self._has_time():
            if tries:
                self._retrying.pause(tries)
            # A server that cannot bear several sessions at once may have been why the one before broke off.
            self._one_session(transport, 1 if tries else self._retrying.lanes)
            self._failures.end_session()
            tries += 1

    def _has_time(self) -> bool:
        return self._workplace.clock.now() < self._ends_at

    def results(self) -> Iterator[Delivered]:
        """Yield what became of each list."""
        with self._workplace.store.reading() as connection:
            now = [get_list(connection, list_id) for list_id in self._lists]
        for kept in now:
            result = self._result(kept)
            self._workplace.record(
                "delivery:ended", partner=kept.partner, list=kept.reference, state=kept.state.value, code=result.code
            )
            yield result

    def _transport(self) -> Transport | None:
        """Return the way to the partner, or None where nothing may go there."""
        try:
            transport = way_to(self._workplace, self._partner)
        except GatewayError as error:
            self._failures.give_up(self._failures.waiting, error)
            return None
        if self._failures.waiting:
            self._ahead.hand_over(self._partner, transport)
        return transport

    def _one_session(self, transport: Transport, lanes: int) -> None:
        began_at = self._workplace.clock.now()
        try:
            with transport.session() as session:
                seam(Seam.SESSION_OPENED)
                self._all_lists(session, lanes)
                if not self._failures.distrusted:
                    sweep(self._workplace, session, self._partner)
        except (StoreError, LedgerError):
            raise
        except GatewayError as error:
            self._unreached(error, began_at)

    def _all_lists(self, session: Session, lanes: int) -> None:
        """Deliver until a list is broken off; what is left waits for the next session."""
        small = [
            each for each in self._failures.waiting if (self._lists[each].package_bytes or 0) <= MOST_BYTES_IN_A_LANE
        ]
        large = [each for each in self._failures.waiting if each not in small]
        if do_in_lanes(session, small, self._one_list, lanes=lanes):
            do_in_lanes(session, large, self._one_list, lanes=1)

    def _one_list(self, session: Session, list_id: int) -> bool:
        """Try one list; say whether the session is good for another."""
        if not self._has_time():
            return False
        store, reference = self._workplace.store, self._lists[list_id].reference
        with self._books:
            lease = claim(store, reference, self._workplace.actor.account, LEASE_SECONDS)
        if lease is None:
            return self._failures.settle(list_id, StoreBusy(f"another run is at work on {reference}"))
        seam(Seam.CLAIMED)
        try:
            return self._try(Delivery(self._workplace, session, lease, list_id, self._books), list_id)
        finally:
            with self._books:
                release(store, lease)

    def _try(self, delivery: Delivery, list_id: int) -> bool:
        try:
            error = self._reason_it_failed(delivery)
        except StoreBusy as busy:
            # Another run took the list over, or the database is held: this one is no longer ours to judge.
            return self._failures.settle(list_id, busy)
        return self._failures.settle(list_id) if error is None else self._failures.after(error, [list_id])

    def _reason_it_failed(self, delivery: Delivery) -> GatewayError | None:
        """Run the delivery; where it fails keep that, and return why."""
        try:
            delivery.run()
        except (StoreError, LedgerError):
            raise
        except GatewayError as error:
            delivery.failed(error)
            return error
        return None

    def _unreached(self, error: GatewayError, began_at: datetime) -> None:
        """Keep that no list was reached in this try."""
        attempt = Attempt(began_at, self._workplace.clock.now(), error.code, b"{}", None, None)
        with self._workplace.store.writing(self._workplace.actor) as work:
            for list_id in self._failures.waiting:
                keep_attempt(work, self._lists[list_id], attempt)
        self._failures.after(error, list(self._failures.waiting))

    def _result(self, kept: KeptList) -> Delivered:
        error = self._failures.errors.get(kept.list_id)
        return Delivered(
            list_id=kept.list_id,
            reference=kept.reference,
            partner=kept.partner,
            state=kept.state,
            code=error.code if error else kept.reason,
            sentence=str(error) if error else "",
            way_out=error.advice() if error else next_step(kept.state, kept.reason),
            security=self._failures.distrusted and error is not None,
        )
