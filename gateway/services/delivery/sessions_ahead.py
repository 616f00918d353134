"""Reach the partners of the lists that are being made, so that a session waits when the lists are sealed.

- Only a partner is reached of whom a list is being made in this very run, to whom deliveries may go at this moment
  (way_to_partner.py), and in the name of somebody who may deliver. Not a file is touched.
- To reach one ahead decides nothing, and nothing in it is recorded: delivering asks all of it again, at its own
  moment, and takes a session up only where it would open the very same (delivery/ahead.py).
- What nobody took up is ended with the block, or by `close`.

With a partner whose server is slow to let us in, most of delivering a short list is opening the session.
"""

from collections.abc import Collection
from contextlib import suppress
from types import TracebackType
from typing import Self

from gateway.delivery.interface import Ahead, Transport
from gateway.model.officers import Action
from gateway.services.delivery.way_to_partner import way_to
from gateway.services.workplace import Workplace


class SessionsAhead:
    """What was opened ahead in one run, by partner."""

    def __init__(self) -> None:
        self._waiting: dict[str, Ahead] = {}

    def __enter__(self) -> Self:
        """Hold nothing yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what nobody took up."""
        self.close()

    def reach(self, workplace: Workplace, partners: Collection[str]) -> None:
        """Begin to reach these partners, each in a thread of its own."""
        for name in sorted(partners):
            # Whatever is in the way is found again when the lists are delivered, and told then.
            with suppress(Exception):
                self._reach(workplace, name)

    def hand_over(self, name: str, transport: Transport) -> None:
        """Let the next session of this way be the one that waits for the partner, if there is one."""
        if ahead := self._waiting.pop(name, None):
            transport.take_up(ahead)

    def close(self) -> None:
        """End what nobody took up."""
        while self._waiting:
            self._waiting.popitem()[1].close()

    def _reach(self, workplace: Workplace, name: str) -> None:
        if name in self._waiting:
            return
        workplace.actor.require(Action.DELIVER)
        if ahead := way_to(workplace, name).ahead():
            self._waiting[name] = ahead
