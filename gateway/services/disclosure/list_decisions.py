"""Decide about one list: everyone of a part counted once, and the list as a whole judged.

Used alike by the preview, which stops here, and by the run, which goes on to seal.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import TypedDict

from sqlalchemy import Connection

from gateway.model.agreement import Agreement, Mode
from gateway.model.framework import Framework
from gateway.model.records import Feed
from gateway.model.selection import Withheld, WithheldReason
from gateway.selection.decide import count_select, offices_select, people_select, selected_select, unmapped_select
from gateway.selection.funnel import Funnel, funnel_of
from gateway.selection.guard import Surroundings, reasons_to_withhold
from gateway.selection.holding import TODAY, Holding
from gateway.selection.rules import rules_of
from gateway.selection.standing import standing_number
from gateway.services.disclosure.asked_rows import is_reach, only_asked, people_before, rows_that_go
from gateway.store.claimants import require_as_entered
from gateway.store.snapshots import SnapshotFacts
from gateway.store.standings import is_kept

#: The part of an agreement that does not split its list.
WHOLE = "all"
#: What is wrong with how many people a list has, and not with who they are.
ABOUT_ITS_SIZE = frozenset({WithheldReason.EMPTY, WithheldReason.TOO_MANY, WithheldReason.CHANGED_TOO_MUCH})


class Asked(TypedDict):
    """What every statement about a list is asked with."""

    snapshot_id: int
    day: date
    part: str | None
    holding: Holding


@dataclass(frozen=True, slots=True)
class ListTerms:
    """What a list is decided by: nothing else of the world can change the decision but holds."""

    agreement: Agreement
    framework: Framework
    snapshot: SnapshotFacts
    day: date
    part: str

    @property
    def window(self) -> str:
        """The name of the window: its London day."""
        return self.day.isoformat()

    def asked(self, holding: Holding = TODAY) -> Asked:
        """Return the terms as statements take them.

        A window that is caught up is decided as at the snapshot: a case that was closed since is closed.
        """
        part = None if self.agreement.split is None else self.part
        day = max(self.day, self.snapshot.as_at_on)
        return {"snapshot_id": self.snapshot.snapshot_id, "day": day, "part": part, "holding": holding}


@dataclass(frozen=True, slots=True)
class Decided:
    """The counts of a list, and why it waits for a person, if it does."""

    funnel: Funnel
    last_people: int | None
    withheld: Withheld | None


def parts_of(connection: Connection, agreement: Agreement, snapshot: SnapshotFacts) -> tuple[str, ...]:
    """Return the parts that an agreement's list has: one an office and the fallback, or the whole."""
    if agreement.split is None:
        return (WHOLE,)
    offices = connection.execute(offices_select(snapshot.snapshot_id)).scalars().all()
    return tuple(sorted({*offices, agreement.split.fallback}))


def kept_standing(connection: Connection, terms: ListTerms) -> int | None:
    """Return the number under which the families' standing is kept that the list rests on, or None."""
    asked = terms.asked()
    number = standing_number(terms.framework, asked["day"])
    return number if is_kept(connection, asked["snapshot_id"], number) else None


def decide_list(connection: Connection, terms: ListTerms, *, flags_allowed: int, holding: Holding = TODAY) -> Decided:
    """Count everyone of the part once, and judge the whole. Raises CountsDisagree (law L1)."""
    counted = connection.execute(count_select(terms.agreement, terms.framework, **terms.asked(holding)))
    return judge_list(connection, terms, funnel_of(counted), flags_allowed=flags_allowed, holding=holding)


def judge_list(
    connection: Connection, terms: ListTerms, funnel: Funnel, *, flags_allowed: int, holding: Holding = TODAY
) -> Decided:
    """Judge the whole by what was counted. Raises CountsDisagree where that is not everyone (law L1)."""
    agreement, snapshot = terms.agreement, terms.snapshot
    asked = terms.asked(holding)
    people = connection.execute(people_select(agreement, snapshot_id=snapshot.snapshot_id, part=asked["part"]))
    funnel.check_whole(people.scalar_one())
    if agreement.mode is Mode.MATCH_FIRST and not is_reach(agreement, terms.part):
        require_as_entered(connection, agreement.agreement_id, terms.window, terms.part)
        selected = selected_select(agreement, terms.framework, **asked)
        going = rows_that_go(connection, agreement, terms.window, terms.part, selected)
        funnel = only_asked(funnel, connection, going)
    before = people_before(connection, agreement, terms.part)
    around = Surroundings(
        last_people=before,
        unmapped=frozenset(
            (Feed(feed), column) for feed, column in connection.execute(unmapped_select(snapshot.snapshot_id))
        ),
        flags_reaching_nobody=snapshot.flags_reaching_nobody,
        flags_allowed=flags_allowed,
    )
    withheld = reasons_to_withhold(funnel, agreement, rules_of(agreement, terms.framework), around)
    return Decided(funnel, before, without_size(withheld) if is_reach(agreement, terms.part) else withheld)


def without_size(withheld: Withheld | None) -> Withheld | None:
    """Return why a list waits but for how many people are on it; None where nothing else is in the way."""
    reasons = tuple(each for each in withheld.reasons if each not in ABOUT_ITS_SIZE) if withheld else ()
    return replace(withheld, reasons=reasons) if withheld and reasons else None
