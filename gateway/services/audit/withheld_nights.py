"""Gather every time that a person was left out or held back, and why: for an officer's eyes, and in no export.

Three sources, each named with what it gives:

- `recorded`: what the evidence keeps for good. A reason is recorded when it changes, only while the person meets the
  cohort rule, and all protective reasons are one.
- `replayed`: each list whose snapshot is kept, decided about the person once more; what protects them is named.
- `list`: lists on which the person stands, and which never went.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, pairwise

from sqlalchemy import Connection

from gateway.model.delivery import DISCLOSED
from gateway.services.audit.replay_decision import Replay, Replayer
from gateway.services.workplace import Workplace
from gateway.store.delta import is_held
from gateway.store.history import KeptExclusion, MadeList, exclusions_of, lists_left, lists_made, lists_with


class Source(StrEnum):
    """What an answer rests on."""

    RECORDED = "recorded"
    REPLAYED = "replayed"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Withheld:
    """One time, or with `until` one stretch of windows, that ended before the window named.

    `reason` is a code; `protections` name what protects the person, where a replay can tell.
    """

    window: str
    until: str | None
    agreement_id: str
    list_reference: str
    reason: str
    protections: tuple[str, ...]
    source: Source


def withheld_from(workplace: Workplace, connection: Connection, subjects: Collection[str]) -> tuple[Withheld, ...]:
    """Return every time the subjects were left out or held back, by agreement and window."""
    found = [*_recorded(exclusions_of(connection, subjects)), *_others(workplace, connection, subjects)]
    return tuple(sorted(found, key=lambda each: (each.agreement_id, each.window, each.source, each.list_reference)))


def _recorded(kept: Iterable[KeptExclusion]) -> Iterator[Withheld]:
    for _, rows in groupby(kept, key=lambda row: (row.agreement_id, row.subject_ref)):
        for row, after in pairwise([*rows, None]):
            if row is not None and row.reason is not None:
                until = after.window if after else None
                yield Withheld(row.window, until, row.agreement_id, row.list_reference, row.reason, (), Source.RECORDED)


def _others(workplace: Workplace, connection: Connection, subjects: Collection[str]) -> Iterator[Withheld]:
    replayer, standing = Replayer(workplace, connection), lists_with(connection, subjects)
    left = lists_left(connection, subjects)
    for made in lists_made(connection):
        if made.list_id in standing and made.list_id not in left:
            if made.state not in DISCLOSED:
                reason = made.reason or made.state.value
                yield Withheld(made.window, None, made.agreement_id, made.reference, reason, (), Source.LIST)
        elif made.snapshot is not None:
            yield from _replayed(replayer, made, subjects)


def _replayed(replayer: Replayer, made: MadeList, subjects: Collection[str]) -> Iterator[Withheld]:
    for subject_ref in subjects:
        again = replayer.replay(made, subject_ref)
        # Included and not on it: the list as a whole waits for a person, or was never made.
        reason = None if again is None else again.reason or made.reason or made.state.value
        if again is not None and again.included and _told_before(replayer, made, subject_ref, again):
            continue
        if again is not None and reason is not None:
            yield Withheld(
                made.window, None, made.agreement_id, made.reference, reason, again.protections, Source.REPLAYED
            )


def _told_before(replayer: Replayer, made: MadeList, subject_ref: str, again: Replay) -> bool:
    """Say whether a list of differences had no need to tell of a person whom the recipient holds."""
    place = made.agreement_id, made.part, made.list_id
    return again.differs and is_held(replayer.connection, subject_ref, *place)
