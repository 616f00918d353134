"""Say what to do about a list, from its state and the reason that stands beside it.

Every state and every reason has a sentence, and where a command helps, the sentence names it. A list that waits for
nobody has none.

Pure: the state and the reason are given.
"""

from collections.abc import Iterator

from gateway.errors import GatewayError
from gateway.model.delivery import ATTESTED, RESTORED, ListState
from gateway.model.selection import WithheldReason
from gateway.services.delivery.last_look import HOLD_PLACED, PROTECTED_SINCE, STATEMENT_CHANGED

_S = ListState
#: States in which nothing is left to be done by anybody.
AT_REST = frozenset({_S.RECEIVED, _S.RECALLED})
#: Why a list is void that was run and had nobody on it, as the agreement allows: it is at rest too.
NOTHING_TO_SEND = "nothing-to-send"
#: States that no list leaves, and in which it was not sent: another list takes its place.
SETTLED_FOR_GOOD = frozenset({_S.FAILED, _S.VOID})
#: States that wait for a person, not for the next tick.
FOR_A_PERSON = frozenset({_S.WITHHELD, _S.UNCERTAIN, _S.REJECTED, _S.UNCOLLECTED, _S.FAILED})

_LOOK = "`gateway agreements preview` shows the counts by reason"
_WITHHELD: dict[str, str] = {
    WithheldReason.EMPTY: f"Nobody was selected. {_LOOK}; an approver releases it if that is right",
    WithheldReason.TOO_MANY: f"More people than agreed. {_LOOK}; an approver releases it if that is right",
    WithheldReason.CHANGED_TOO_MUCH: (
        f"The list differs too much from the last one. {_LOOK}; an approver releases it if that is right"
    ),
    WithheldReason.MINOR_SELECTED: (
        "Somebody under the age floor was selected: correct dates of birth at their source, then `gateway sources load`"
    ),
    WithheldReason.UNMAPPED_CODE: (
        "The decision reads a code that no mapping knows: `gateway sources status` names it; map it in config/sources/"
    ),
    WithheldReason.DOMESTIC_ABUSE_NEED: (
        "A family has a domestic-abuse need and no flag: place holds or flags, then an approver releases the list"
    ),
    WithheldReason.FLAGS_REACH_NOBODY: (
        "Flags in the suppression feed match nobody: correct their identifiers, then `gateway sources load`"
    ),
}
_RESTORED = (
    "The database was restored from a backup, and nobody knows whether it went since: it is never sent by itself. Have "
    "the desk lay its receipt out again, or ask them what they hold, and an approver says it: `gateway disclose attest`"
)
#: Why a list that was sealed did not go, or was taken back before anybody saw it.
_NOT_SENT = {
    STATEMENT_CHANGED: (
        "What it was made under was changed since: the agreement, the partner's file or a mapping. The next window "
        "makes a new list under what is approved by then"
    ),
    ATTESTED: "The recipient's desk says that it does not hold it; the next window makes a new list",
    **dict.fromkeys(
        (HOLD_PLACED, PROTECTED_SINCE),
        "A hold or a flag came in between, so it was not sent; the next window makes a new list without them",
    ),
}
_STEPS: dict[ListState, str] = {
    _S.PLANNED: "It is run by itself at the next tick; `gateway disclose run` runs it now",
    _S.WITHHELD: f"{_LOOK}; an approver releases it if that is right",
    _S.SEALED: "It is delivered by itself; `gateway deliver resume` tries now",
    _S.SENDING: "It is delivered by itself; `gateway deliver resume` tries now",
    _S.UPLOADED: "It is at the server, perhaps in view already; `gateway deliver resume` looks, and finishes it",
    _S.VERIFIED: "It waits for the recipient's receipt; `gateway receipts collect` asks now",
    _S.UNCERTAIN: (
        "The server may have published it and cannot be asked: never send it again. `gateway deliver resume` looks; "
        "otherwise ask the recipient's desk by phone, and an approver says what they hold: `gateway disclose attest`"
    ),
    _S.RECEIVED: "",
    _S.REJECTED: "The recipient refused it: ask their desk why, then `gateway disclose recall` if it must be replaced",
    _S.UNCOLLECTED: "No receipt came in time: ask the recipient's desk by phone, then `gateway receipts collect`",
    _S.FAILED: "`gateway doctor` checks what surrounds it; the next window makes a new list",
    _S.VOID: "It was not sent; the next window makes a new list",
    _S.RECALLED: "",
}
#: What became of a recall, as the newest try says it (recall_lists.py), and what is left to do; none for the others.
_DONE_RECALLS = frozenset({"recall:removed", "recall:destroyed"})
_DESTROY = "ask their desk by phone to destroy it, then `gateway disclose recall --destroyed --case`"
_RECALLS = {
    "recall:gone": f"The desk took it before it was recalled: {_DESTROY}",
    "recall:taken": f"The desk had answered that it has it: {_DESTROY}",
    "recall:left": (
        "What stands under its name is not what we sent, or may not be read: ask the partner's IT to remove it, then"
        " `gateway disclose recall` looks again"
    ),
    "verified": "Nobody has looked yet whether it can be taken back: `gateway disclose recall` does",
}
_NOT_TAKEN_BACK = "Its files could not be taken back: `gateway disclose recall` tries again"


def next_step(state: ListState, reason: str | None = None) -> str:
    """Return what to do about a list; nothing for one that is at rest."""
    if reason == NOTHING_TO_SEND:
        return ""
    if state is ListState.UNCERTAIN and reason == RESTORED:
        return _RESTORED
    if state is ListState.WITHHELD:
        return _release(_WITHHELD.get(reason or "", _STEPS[state]))
    if state in SETTLED_FOR_GOOD:
        return _NOT_SENT.get(reason or "") or _way_out_of(reason) or _STEPS[state]
    return _STEPS[state]


def recall_step(outcome: str | None, *, answered: bool) -> str:
    """Return what is left to do about a recalled list; nothing where it was taken back or destroyed.

    `outcome` is that of the newest try, `answered` whether the desk answered since that it has the list.
    """
    if answered:
        return f"The desk answered after the recall that it has it: {_DESTROY}"
    if outcome in _DONE_RECALLS:
        return ""
    return _RECALLS.get(outcome or "verified", _NOT_TAKEN_BACK)


def is_retryable(code: str) -> bool:
    """Say whether what failed with this code is worth another try by itself; an unknown code is."""
    kind = ERRORS.get(code)
    return kind is None or kind.retryable


def _release(step: str) -> str:
    return f"{step}: `gateway disclose release`" if "releases" in step else step


def _way_out_of(code: str | None) -> str | None:
    kind = ERRORS.get(code or "")
    return kind.way_out if kind else None


def _kinds_of(kind: type[GatewayError]) -> Iterator[type[GatewayError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds_of(narrower)


#: Every error by its code.
ERRORS: dict[str, type[GatewayError]] = {kind.code: kind for kind in _kinds_of(GatewayError)}
