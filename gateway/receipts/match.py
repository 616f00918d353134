"""Decide what a verified receipt means for the list that it names.

- It counts only for a list that was sent to this partner, with the very package that it names.
- `received`, `validated` and `processed` say that the list arrived; `rejected` that it may not be used.
- `destroyed` is the recipient's certificate: it says that the list arrived, whatever was answered before, and is of no
  day to come.
- A receipt that takes back what was said before contradicts it: after `processed` a list cannot be rejected, after
  `rejected` it cannot have arrived.
- One that counts other people than we sent does not count, unless it rejects.
- Of a list that a restored database lost neither package nor people are known: whoever names it has it from us.
- The list of a delivery that is still under way is not judged yet: the receipt waits where it lies.

Pure: the caller supplies the list as it stands and what was accepted for it before.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.model.delivery import MOVES, ListState
from gateway.model.receipt import Receipt, ReceiptLevel

_S = ListState
#: The package may be at the recipient while our own delivery has not settled.
_UNDER_WAY = frozenset({_S.SENDING, _S.UPLOADED})
_ARRIVED = frozenset({_S.VERIFIED, _S.UNCERTAIN, _S.RECEIVED, _S.REJECTED, _S.UNCOLLECTED, _S.RECALLED})


class Verdict(StrEnum):
    """What became of a receipt. Stored."""

    ACCEPTED = "accepted"
    #: Waits for our own delivery to settle; nothing is stored.
    TOO_EARLY = "too_early"
    UNKNOWN_LIST = "unknown_list"
    NEVER_SENT = "never_sent"
    OTHER_PACKAGE = "other_package"
    OTHER_COUNT = "other_count"
    CONTRADICTS = "contradicts"
    #: A certificate of a destruction that is still to come.
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class KnownList:
    """A list of this partner as it stands, and the levels of the receipts accepted for it."""

    reference: str
    package_sha256: str | None
    people: int | None
    state: ListState
    levels: Collection[ReceiptLevel]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict, and the state that the list moves to, if it moves."""

    verdict: Verdict
    move_to: ListState | None = None

    @property
    def accepted(self) -> bool:
        """Say whether the receipt counts."""
        return self.verdict is Verdict.ACCEPTED


def match_receipt(receipt: Receipt, known: KnownList | None, today: date) -> Outcome:
    """Return what a verified receipt means. `known` is the list that it names, if this partner has one of that name.

    `today` is the recipient's day: nothing was destroyed after it.
    """
    if known is None or known.reference != receipt.list_reference:
        return Outcome(Verdict.UNKNOWN_LIST)
    if verdict := _reason_to_refuse(receipt, known, today):
        return Outcome(verdict)
    wanted = _S.REJECTED if receipt.level is ReceiptLevel.REJECTED else _S.RECEIVED
    return Outcome(Verdict.ACCEPTED, wanted if wanted in MOVES[known.state] else None)


def _reason_to_refuse(receipt: Receipt, known: KnownList, today: date) -> Verdict | None:
    if known.state not in _ARRIVED | _UNDER_WAY:
        return Verdict.NEVER_SENT
    lost = known.package_sha256 is None
    if not lost and receipt.package_sha256 != known.package_sha256:
        return Verdict.OTHER_PACKAGE
    if known.state in _UNDER_WAY:
        return Verdict.TOO_EARLY
    if receipt.destroyed_on is not None and receipt.destroyed_on > today:
        return Verdict.NOT_YET
    # A list may well be rejected because of what was counted.
    if not lost and receipt.level is not ReceiptLevel.REJECTED and receipt.people not in (None, known.people):
        return Verdict.OTHER_COUNT
    return Verdict.CONTRADICTS if _contradicts(receipt.level, known.levels) else None


def _contradicts(level: ReceiptLevel, before: Collection[ReceiptLevel]) -> bool:
    if level is ReceiptLevel.REJECTED:
        return ReceiptLevel.PROCESSED in before
    return level is not ReceiptLevel.DESTROYED and ReceiptLevel.REJECTED in before
