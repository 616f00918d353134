"""The next step of a delivery, from what we believe and what the server shows (law L4).

- What stands under the final name outweighs what we believe: the same bytes are a delivery. Others are a conflict
  where ours were never in view; else they say nothing about what was there before them.
- `uploaded` is committed before the server is asked to rename. So in `sealed` and `sending` nothing was published,
  and sending again is safe; in `uploaded` and `uncertain` an absent file proves nothing, unless the temporary file
  is still there, which only a rename would have taken away.
- Where absence proves nothing the list waits for a receipt or a person. It is never resent blindly.
- From `uncertain` a list is published or found, and never goes back to `sending`: a rename whose answer was lost may
  still come true at the server.
- A list that a restored database took over is found or nothing: what was decided about it since the backup is lost.

Pure: nothing is looked up, nothing is done.
"""

from enum import StrEnum

from gateway.delivery.interface import Match, Shown
from gateway.model.delivery import ListState


class Step(StrEnum):
    """What to do next for one list."""

    #: Check once more that it may go, say so in the ledger, and stage it.
    SEND = "send"
    #: Check what is staged and rename it into view.
    PUBLISH = "publish"
    #: It is there: record it as verified.
    RECORD = "record"
    #: It may be there: say so, and send nothing.
    DECLARE_UNCERTAIN = "declare_uncertain"
    #: Something else is there: stop, never overwrite.
    CONFLICT = "conflict"
    #: It may be there, and that is recorded already.
    WAIT = "wait"
    #: It is settled, or not yet sealed.
    NOTHING = "nothing"


_UNPUBLISHED = frozenset({ListState.SEALED, ListState.SENDING})
_PERHAPS_PUBLISHED = frozenset({ListState.UPLOADED, ListState.UNCERTAIN})
#: The states in which a delivery has a next step.
OPEN = _UNPUBLISHED | _PERHAPS_PUBLISHED


def next_step(state: ListState, shown: Shown, *, restored: bool = False) -> Step:
    """Return what to do next for a list in this state when the server shows this.

    `restored` says that the list is uncertain because the database was restored from a backup.
    """
    if state not in OPEN:
        return Step.NOTHING
    staged = shown.staged and not restored
    match shown.final:
        case Match.SAME:
            return Step.RECORD
        case Match.OTHER:
            return Step.CONFLICT if state in _UNPUBLISHED or staged else _unless_recorded(state)
        case Match.UNPROVEN:
            return _unless_recorded(state)
        case Match.ABSENT:
            return _when_absent(state, staged=staged)


def _when_absent(state: ListState, *, staged: bool) -> Step:
    if state in _UNPUBLISHED:
        return Step.SEND
    return Step.PUBLISH if staged else _unless_recorded(state)


def _unless_recorded(state: ListState) -> Step:
    return Step.WAIT if state is ListState.UNCERTAIN else Step.DECLARE_UNCERTAIN
