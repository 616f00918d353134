"""The states of a list and the only moves between them.

A coarse state drives, a reason code explains. `MOVES` is the whole machine: store/lists.py is the one writer and
refuses any other move; the diagram in docs/reference/delivery-states.md is generated from it.
"""

from enum import StrEnum


class ListState(StrEnum):
    """Where a list stands. Stored."""

    PLANNED = "planned"
    WITHHELD = "withheld"
    SEALED = "sealed"
    SENDING = "sending"
    UPLOADED = "uploaded"
    VERIFIED = "verified"
    UNCERTAIN = "uncertain"
    RECEIVED = "received"
    REJECTED = "rejected"
    UNCOLLECTED = "uncollected"
    FAILED = "failed"
    VOID = "void"
    RECALLED = "recalled"


#: How a delivery was verified of which a person says that it arrived, and the reason of a list that one settled.
ATTESTED = "attested"
#: The reason of an uncertain list of which a database restored from a backup does not know whether it went since.
RESTORED = "restored-backup"

_S = ListState
MOVES: dict[ListState, frozenset[ListState]] = {
    # Void at once where nobody is selected and the agreement sends no empty list: a success that is on record.
    # Uncertain from wherever it stood where the database was restored from a backup: it may have gone since.
    _S.PLANNED: frozenset({_S.WITHHELD, _S.SEALED, _S.VOID, _S.FAILED, _S.UNCERTAIN}),
    _S.WITHHELD: frozenset({_S.SEALED, _S.FAILED, _S.UNCERTAIN}),
    _S.SEALED: frozenset({_S.SENDING, _S.VOID, _S.FAILED, _S.UNCERTAIN}),
    _S.SENDING: frozenset({_S.UPLOADED, _S.VERIFIED, _S.UNCERTAIN, _S.SEALED, _S.FAILED}),
    _S.UPLOADED: frozenset({_S.VERIFIED, _S.UNCERTAIN, _S.FAILED}),
    _S.VERIFIED: frozenset({_S.RECEIVED, _S.REJECTED, _S.UNCOLLECTED, _S.RECALLED}),
    # Planned again only where it was never sealed here (store/lists.py): its window is then free.
    _S.UNCERTAIN: frozenset({_S.VERIFIED, _S.RECEIVED, _S.REJECTED, _S.FAILED, _S.SENDING, _S.UNCERTAIN, _S.PLANNED}),
    _S.RECEIVED: frozenset({_S.REJECTED, _S.RECALLED}),
    _S.REJECTED: frozenset({_S.RECALLED}),
    _S.UNCOLLECTED: frozenset({_S.RECEIVED, _S.REJECTED, _S.RECALLED}),
    _S.FAILED: frozenset(),
    _S.VOID: frozenset(),
    _S.RECALLED: frozenset(),
}

#: States in which the people on the list count as disclosed wherever somebody asks.
DISCLOSED = frozenset(
    {
        _S.SENDING,
        _S.UPLOADED,
        _S.VERIFIED,
        _S.UNCERTAIN,
        _S.RECEIVED,
        _S.REJECTED,
        _S.UNCOLLECTED,
        _S.RECALLED,
    }
)

#: States in which nothing is sent or settled any more without a person: from here on the time runs for which our copy
#: of a list and the evidence of it are kept.
RESTING = frozenset({_S.RECEIVED, _S.REJECTED, _S.UNCOLLECTED, _S.FAILED, _S.VOID, _S.RECALLED})
