"""Judge what the cells of a line say together, each of them readable by itself.

- A spell may not end before it begins: nobody knows which of the two days is wrong.
- A date of birth must be one that somebody can have; only an estimated one may lie ahead.
- A protective flag must say whom it means, in at least one of the ways that suppression can follow (law L3), and an
  id says nothing without the source whose id it is.

Pure. A day is judged as at the London day that the caller passes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from gateway.cohort.identifiers import flaw_of_birth
from gateway.model.records import Feed
from gateway.sources.cells import CellFlaw
from gateway.sources.columns import COLUMNS

Values = list[Any]
#: Gives the reasons of a rule, none where the line is good.
Judge = Callable[..., tuple[str, ...]]

_REMEMBERED_BIRTHS = 1 << 15
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


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule over some of a line's cells, which stand at these places."""

    places: tuple[int, ...]
    judge: Judge

    def reasons(self, values: Values) -> tuple[str, ...]:
        """Return what is wrong with a line."""
        return self.judge(*[values[place] for place in self.places])

    def holds_in(self, columns: Sequence[Iterable[Any]]) -> bool:
        """Say whether nothing is wrong with any of many lines, whose cells stand in columns."""
        return not any(map(self.judge, *[columns[place] for place in self.places]))


def rules_of(feed: Feed, as_at: date) -> tuple[Rule, ...]:
    """Return the rules of a feed."""
    rules: list[Rule] = []
    if feed in _SPELLS:
        rules.append(_spell_rule(feed, *_SPELLS[feed]))
    if feed in {Feed.PERSONS, Feed.SUPPRESSION}:
        rules.append(_birth_rule(feed, as_at))
    if feed is Feed.SUPPRESSION:
        rules.append(_key_rule())
    return tuple(rules)


def _places_of(feed: Feed, *names: str) -> tuple[int, ...]:
    every = [column.name for column in COLUMNS[feed]]
    return tuple(map(every.index, names))


def _spell_rule(feed: Feed, begins: str, ends: str) -> Rule:
    reasons = (f"{ends}:{RowFlaw.ENDS_BEFORE_IT_BEGINS}",)

    def judge(began_on: object, ended_on: object) -> tuple[str, ...]:
        is_reversed = isinstance(began_on, date) and isinstance(ended_on, date) and ended_on < began_on
        return reasons if is_reversed else ()

    return Rule(_places_of(feed, begins, ends), judge)


def _birth_rule(feed: Feed, as_at: date) -> Rule:
    @lru_cache(maxsize=_REMEMBERED_BIRTHS)
    def judge(born_on: object, estimated: object = True) -> tuple[str, ...]:  # noqa: FBT002 - see below
        if not isinstance(born_on, date):
            return ()
        flaw = flaw_of_birth(born_on, as_at, estimated=bool(estimated))
        return () if flaw is None else (f"date_of_birth:{flaw}",)

    # A flag may protect a child who is not born yet; whether its date is estimated is not said.
    told = ("date_of_birth", "dob_estimated") if feed is Feed.PERSONS else ("date_of_birth",)
    return Rule(_places_of(feed, *told), judge)


def _key_rule() -> Rule:
    def judge(*values: object) -> tuple[str, ...]:
        source, source_id, nino, surname, birth, postcode = values
        if source_id and not source:
            return (f"source:{CellFlaw.BLANK}",)
        by_name = surname and (birth or postcode)
        return () if source_id or nino or by_name else (RowFlaw.NO_USABLE_KEY,)

    told = ("source", "source_id", "nino", "surname", "date_of_birth", "postcode")
    return Rule(_places_of(Feed.SUPPRESSION, *told), judge)
