"""Decide what failures mean for the lists of one partner that still wait in this run.

- What is transient waits for the next try of the run; what is permanent for one list keeps no other from going.
- A partner whose server, or the way to it, cannot be trusted is disabled at once, until a person enables it with a
  reason: another host key, broken protocol, content that differs twice from what was sent, or three connections in a
  row on which somebody changed bytes.

Lanes report at the same time; one at a time is heard.
"""

from collections.abc import Collection, Iterable
from threading import Lock

from gateway.agreements.force import partner_switch
from gateway.errors import (
    ConnectionDamaged,
    DeliveryError,
    GatewayError,
    HostKeyMismatch,
    ProtocolViolated,
    StoreBusy,
    VerificationFailed,
)
from gateway.ledger.events import Event
from gateway.services.workplace import Workplace
from gateway.store.agreements import set_switch

_DISTRUSTED = (HostKeyMismatch, ProtocolViolated)
#: What a network changes by accident, its own checks find; so often in a row it is somebody.
_MOST_DAMAGED = 3


class Failures:
    """What failed so far: `waiting` are the lists to be tried, `errors` says why a list did not go."""

    def __init__(self, workplace: Workplace, partner: str, waiting: Iterable[int], books: Lock) -> None:
        self._workplace = workplace
        self._partner = partner
        self._books = books
        self.waiting = list(waiting)
        self.errors: dict[int, GatewayError] = {}
        self.distrusted = False
        self._differed: set[int] = set()
        self._damaged, self._damaged_in_a_row = False, 0

    def settle(self, list_id: int, error: StoreBusy | None = None) -> bool:
        """Try the list no more in this run; say that others may go."""
        with self._books:
            self.errors.pop(list_id, None)
            if error:
                self.errors[list_id] = error
            self.waiting = [each for each in self.waiting if each != list_id]
        return True

    def after(self, error: GatewayError, list_ids: Collection[int]) -> bool:
        """Decide what a failure of these lists means; say whether the session is good for another list."""
        with self._books:
            self._damaged |= isinstance(error, DeliveryError) and error.damaged
            differs_again = isinstance(error, VerificationFailed) and not self._differed.isdisjoint(list_ids)
            if isinstance(error, _DISTRUSTED) or differs_again:
                self._distrust(error, list_ids)
                return False
            if isinstance(error, VerificationFailed):
                self._differed.update(list_ids)
            if error.retryable:
                self.errors.update(dict.fromkeys(list_ids, error))
            else:
                self.give_up(list_ids, error)
        return not error.retryable

    def end_session(self) -> None:
        """Judge the way to the partner by the session that ended."""
        self._damaged_in_a_row = self._damaged_in_a_row + 1 if self._damaged else 0
        self._damaged = False
        if self._damaged_in_a_row == _MOST_DAMAGED:
            often = f"bytes were changed on their way to us in {_MOST_DAMAGED} connections in a row"
            self._distrust(ConnectionDamaged(often), ())

    def give_up(self, list_ids: Collection[int], error: GatewayError) -> None:
        """Try these lists no more in this run."""
        given_up = frozenset(list_ids)
        self.errors.update(dict.fromkeys(given_up, error))
        self.waiting = [each for each in self.waiting if each not in given_up]

    def _distrust(self, error: GatewayError, list_ids: Collection[int]) -> None:
        """Disable the partner, and give up whatever waits."""
        if not self.distrusted:
            self.distrusted = True
            with self._workplace.store.writing(self._workplace.actor) as work:
                position = work.enter(Event.PARTNER_DISABLED, partner=self._partner, reason=error.code)
                switch = partner_switch(self._partner)
                set_switch(work, switch, stopped=True, reason=error.code, explained_by=position)
        self.give_up([*self.waiting, *list_ids], error)
