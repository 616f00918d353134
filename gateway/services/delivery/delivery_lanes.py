"""Do several lists of one partner at once: each lane is a thread with a session of its own over one connection.

- Far away a small list is dozens of questions, each asked when the one before is answered, and hardly any bytes. Lanes
  wait side by side. There is no other gain, so a package that takes its time on the line goes alone.
- Whoever takes a list does all of it; nothing about a list is shared between lanes.
- Once a lane must not go on none begins another list, and each ends the one that it has.
- Where the server opens fewer channels there are fewer lanes.
"""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from gateway.delivery.interface import Session
from gateway.errors import DeliveryError

MOST_LANES = 4
#: What all lanes may have on the line at once: as much as the slowest line that is put up with carries while one answer
#: is waited for.
_MOST_BYTES_AT_ONCE = 1024 * 1024
MOST_BYTES_IN_A_LANE = _MOST_BYTES_AT_ONCE // MOST_LANES

#: Does one list over a session, and says whether another may be begun.
Do = Callable[[Session, int], bool]


def do_in_lanes(session: Session, list_ids: Iterable[int], do: Do, *, lanes: int) -> bool:
    """Do the lists, several at once; say whether another may be begun. All lanes have ended when this returns."""
    return _Lanes(list_ids, do).run(session, lanes)


class _Lanes:
    def __init__(self, list_ids: Iterable[int], do: Do) -> None:
        self._waiting = deque(list_ids)
        self._do = do
        self._may_go_on = True

    def run(self, session: Session, lanes: int) -> bool:
        beside = min(lanes, len(self._waiting)) - 1
        with ThreadPoolExecutor(max(1, beside), "delivery-lane") as pool:
            ended = [pool.submit(self._beside, session) for _ in range(beside)]
            self._go_on(session)
        for lane in ended:
            lane.result()
        return self._may_go_on

    def _beside(self, session: Session) -> None:
        with ExitStack() as stack:
            try:
                lane = stack.enter_context(session.lane())
            except DeliveryError:
                # The lanes that there are do what there is. Where the connection itself is gone, they find out.
                return
            self._go_on(lane)

    def _go_on(self, session: Session) -> None:
        try:
            while (list_id := self._next()) is not None:
                if not self._do(session, list_id):
                    self._may_go_on = False
        except BaseException:
            self._may_go_on = False
            raise

    def _next(self) -> int | None:
        try:
            return self._waiting.popleft() if self._may_go_on else None
        except IndexError:
            return None
