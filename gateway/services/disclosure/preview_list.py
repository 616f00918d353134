"""Preview an agreement's list: the funnel in counts, and what would keep a real run from going. Changes nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gateway.agreements.force import Reason
from gateway.model.officers import Action
from gateway.model.selection import ExclusionReason, WithheldReason
from gateway.services.agreements.agreement_standing import standing_of
from gateway.services.disclosure.list_decisions import Decided, ListTerms, decide_list, parts_of
from gateway.services.disclosure.preview_differences import Expected, expected_differences
from gateway.services.disclosure.run_disclosures import current_snapshot
from gateway.services.workplace import Workplace
from gateway.store.snapshots import SnapshotFacts


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run of the agreement would do on the day."""

    title: str
    version: int
    document_hash: str
    day: date
    minimum_age: int
    factors_needed: int
    snapshot: SnapshotFacts
    people: int
    excluded: tuple[tuple[ExclusionReason, int], ...]
    included: int
    last_people: int | None
    by_part: tuple[tuple[str, int], ...]
    withheld: tuple[tuple[str, WithheldReason], ...]
    reasons: tuple[Reason, ...]
    cautions: tuple[Reason, ...]
    #: With `mode: delta`, what the list of each part would tell.
    differences: tuple[Expected, ...] = ()


def preview_list(workplace: Workplace, agreement_id: str, day: date | None = None) -> Preview:
    """Decide about everybody as a run would, and count. Nothing is kept and nothing is sent."""
    workplace.actor.require(Action.PREVIEW)
    with workplace.store.reading() as connection:
        snapshot = current_snapshot(workplace, connection)
        day = max(day or workplace.clock.today(), snapshot.as_at_on)
        standing = standing_of(workplace, connection, agreement_id)
        agreement = standing.agreement
        parts = parts_of(connection, agreement, snapshot)
        terms = [ListTerms(agreement, standing.framework, snapshot, day, part) for part in parts]
        allowed = workplace.flags_reaching_nobody_allowed
        decided = {each.part: decide_list(connection, each, flags_allowed=allowed) for each in terms}
        expected = tuple(expected_differences(workplace, connection, standing, terms))
    power = [power for power in agreement.legal_powers if power.direction.value == "outbound"]
    return Preview(
        title=agreement.title,
        version=agreement.version,
        document_hash=agreement.document_hash,
        day=day,
        minimum_age=agreement.cohort.minimum_age,
        factors_needed=power[0].factors_needed if power else 0,
        snapshot=snapshot,
        people=sum(each.funnel.everyone for each in decided.values()),
        excluded=_excluded(list(decided.values())),
        included=sum(each.funnel.included for each in decided.values()),
        last_people=_last_people(list(decided.values())),
        by_part=tuple((part, each.funnel.included) for part, each in decided.items()),
        withheld=_withheld(decided, expected),
        reasons=standing.reasons,
        cautions=standing.cautions,
        differences=expected,
    )


def _withheld(decided: dict[str, Decided], expected: Sequence[Expected]) -> tuple[tuple[str, WithheldReason], ...]:
    whole = [(part, reason) for part, each in decided.items() if each.withheld for reason in each.withheld.reasons]
    return (
        *whole,
        *((each.part, reason) for each in expected for reason in each.withheld if (each.part, reason) not in whole),
    )


def _excluded(decided: list[Decided]) -> tuple[tuple[ExclusionReason, int], ...]:
    total: Counter[ExclusionReason] = Counter()
    for each in decided:
        total.update(dict(each.funnel.excluded))
    return tuple((reason, total[reason]) for reason in ExclusionReason)


def _last_people(decided: list[Decided]) -> int | None:
    known = [each.last_people for each in decided if each.last_people is not None]
    return sum(known) if known else None
