"""Judge what the cells of a line say together, each of them readable by itself.

- A spell may not end before it begins: nobody knows which of the two days is wrong.
- A date of birth must be one that somebody can have; only an estimated one may lie ahead.
- A protective flag must say whom it means, in at least one of the ways that suppression can follow (law L3), and an
  id says nothing without the source whose id it is.

Pure. A day is judged as at the London day that the caller passes.
"""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Any

from gateway.cohort.identifiers import flaw_of_birth
from gateway.model.records import Feed
from gateway.sources.cells import CellFlaw
from gateway.sources.columns import COLUMNS

Values = list[Any]
Rule = Callable[[Values], tuple[str, ...]]

#: Stands for a cell with a flaw, so that rules over several cells still see that something is there.
UNREADABLE = object()


class RowFlaw(StrEnum):
    """What is wrong between the cells of a line. Stored with rejects: renaming one needs a migration."""

    ENDS_BEFORE_IT_BEGINS = "ends_before_it_begins"
    NO_USABLE_KEY = "no_usable_key"


_SPELLS: dict[Feed, tuple[str, str]] = {
    Feed.FAMILIES: ("opened_on", "closed_on"),
    Feed.MEMBERSHIPS: ("from_on", "to_on"),
    Feed.EPISODES: ("started_on", "ended_on"),
    Feed.INVOLVEMENTS: ("from_on", "to_on"),
    Feed.ADDRESSES: ("from_on", "to_on"),
    Feed.IDENTIFIERS: ("from_on", "to_on"),
    Feed.NEEDS: ("identified_on", "met_on"),
    Feed.PLANS: ("planned_on", "ended_on"),
    Feed.SUPPRESSION: ("from_on", "to_on"),
}


def rules_of(feed: Feed, as_at: date) -> tuple[Rule, ...]:
    """Return the rules of a feed. Each gives its reasons, none where the line is good."""
    rules: list[Rule] = []
    if feed in _SPELLS:
        rules.append(_spell_rule(feed, *_SPELLS[feed]))
    if feed in {Feed.PERSONS, Feed.SUPPRESSION}:
        rules.append(_birth_rule(feed, as_at))
    if feed is Feed.SUPPRESSION:
        rules.append(_key_rule())
    return tuple(rules)


def _place_of(feed: Feed, name: str) -> int:
    return next(place for place, column in enumerate(COLUMNS[feed]) if column.name == name)


def _spell_rule(feed: Feed, begins: str, ends: str) -> Rule:
    first, last = _place_of(feed, begins), _place_of(feed, ends)
    reasons = (f"{ends}:{RowFlaw.ENDS_BEFORE_IT_BEGINS}",)

    def rule(values: Values) -> tuple[str, ...]:
        began_on, ended_on = values[first], values[last]
        is_reversed = isinstance(began_on, date) and isinstance(ended_on, date) and ended_on < began_on
        return reasons if is_reversed else ()

    return rule


def _birth_rule(feed: Feed, as_at: date) -> Rule:
    birth = _place_of(feed, "date_of_birth")
    # A flag may protect a child who is not born yet; whether its date is estimated is not said.
    estimate = _place_of(feed, "dob_estimated") if feed is Feed.PERSONS else None

    def rule(values: Values) -> tuple[str, ...]:
        born_on = values[birth]
        if not isinstance(born_on, date):
            return ()
        flaw = flaw_of_birth(born_on, as_at, estimated=estimate is None or bool(values[estimate]))
        return () if flaw is None else (f"date_of_birth:{flaw}",)

    return rule


def _key_rule() -> Rule:
    source, source_id, nino, surname, birth, postcode = (
        _place_of(Feed.SUPPRESSION, name)
        for name in ("source", "source_id", "nino", "surname", "date_of_birth", "postcode")
    )

    def rule(values: Values) -> tuple[str, ...]:
        if values[source_id] and not values[source]:
            return (f"source:{CellFlaw.BLANK}",)
        by_name = values[surname] and (values[birth] or values[postcode])
        return () if values[source_id] or values[nino] or by_name else (RowFlaw.NO_USABLE_KEY,)

    return rule
