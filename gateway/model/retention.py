"""What is kept for a time only, and what is said of it when its time is over."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kept(StrEnum):
    """A kind of thing that goes at its term. Stored for the kinds of evidence, which leave a stub."""

    #: Our ciphertext of a list.
    SEALED_COPY = "sealed-copy"
    SNAPSHOT = "snapshot"
    #: The rows of a work-coach list.
    UPLOADED = "uploaded-rows"
    #: Who stood on a list and who was left out of it.
    EVIDENCE = "list"
    #: Who stood on a list that was handed over another way.
    HANDOVER = "handover"
    #: Of whom a work-coach list was answered what.
    TOLD = "reconciliation"


#: Kinds whose removal takes the proof of a disclosure away: a person runs it, never the night.
IRREPLACEABLE = frozenset({Kept.EVIDENCE, Kept.HANDOVER, Kept.TOLD})


@dataclass(frozen=True, slots=True)
class Due:
    """Something whose time is over since the day after `kept_until`.

    `rule` says why in words, `count` how much it is: rows, people of a snapshot, bytes of a sealed copy. `rested_on` is
    the day from which its time ran. `held_by` is what keeps it all the same: a case reference, or the legal-hold flag
    of the suppression feed.
    """

    kind: Kept
    reference: str
    rested_on: date
    kept_until: date
    rule: str
    count: int
    held_by: str | None = None


class HoldState(StrEnum):
    """Where a hold on records stands. Stored."""

    HELD = "held"
    LET_GO = "let_go"
