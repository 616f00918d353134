"""A list that was handed over another way than by the gateway, or before there was one.

What is recorded of it is what two people say: it is attested, and nothing of it is proven. `MOVES_OF_HANDOVER` is the
whole machine; store/handovers.py is the one writer.
"""

from enum import StrEnum


class Manner(StrEnum):
    """How a list was handed over. Stored."""

    PAPER = "paper"
    ENCRYPTED_DEVICE = "encrypted-device"
    SECURE_EMAIL = "secure-email"
    PORTAL = "portal"
    #: Shown and read, nothing left behind.
    ON_SCREEN = "on-screen"


class HandoverState(StrEnum):
    """Where the record of a handover stands. Stored."""

    #: One person entered it; it counts for nothing yet.
    ENTERED = "entered"
    #: Another person, who approves, confirmed it: the people on it count as disclosed.
    ATTESTED = "attested"
    #: Another person found that it was not so.
    DISMISSED = "dismissed"


_S = HandoverState
MOVES_OF_HANDOVER: dict[HandoverState, frozenset[HandoverState]] = {
    _S.ENTERED: frozenset({_S.ATTESTED, _S.DISMISSED}),
    # What was attested in error is dismissed too: its entries stay, and it counts no longer.
    _S.ATTESTED: frozenset({_S.DISMISSED}),
    _S.DISMISSED: frozenset(),
}
