"""Say in plain English what a judgement of one person rests on, criterion by criterion, and which one decided.

For an officer's eyes alone: protective reasons are named here one by one, as they are nowhere else (law L11).

Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.agreements.wording import criterion_in_words
from gateway.model.criteria import AllOf, AnyOf, AtLeast, Not
from gateway.model.flags import FLAG_BIT
from gateway.model.people import Person
from gateway.model.selection import Excluded
from gateway.selection.evaluate import Judgement, Outcome, StageOutcome
from gateway.selection.rules import (
    CompleteRecord,
    FreeOfDomesticAbuseNeed,
    Rules,
    SafeValues,
    StageCriterion,
    Unprotected,
)

#: What stands in the place of a flag where a hold or a death protects.
HOLD, DEATH = "hold", "death"


@dataclass(frozen=True, slots=True)
class CriterionLine:
    """One criterion's outcome: `about` the person or one of their families, `depth` how far it is part of another.

    `decided` marks the stage that left the person out.
    """

    about: str
    depth: int
    words: str
    holds: bool
    decided: bool


def lines_of(judgement: Judgement) -> tuple[CriterionLine, ...]:
    """Return every criterion's outcome in the order in which it was considered."""
    return tuple(_lines(judgement))


def protections_of(person: Person, rules: Rules) -> tuple[str, ...]:
    """Return what protects the person under the rules: kinds of flag, a recorded death, a hold."""
    masks = (stage.criterion.mask for stage in rules.about_person if isinstance(stage.criterion, Unprotected))
    reaching = person.flags & next(masks)
    flags = tuple(kind.value for kind, bit in FLAG_BIT.items() if reaching & bit)
    return (*flags, *((DEATH,) if person.deceased_on else ()), *((HOLD,) if person.held else ()))


def stage_in_words(criterion: StageCriterion) -> str:
    """Return what a stage asks, as a clause."""
    match criterion:
        case Unprotected():
            return "no blocking flag, recorded death or hold protects the person"
        case CompleteRecord():
            return "no refused line of an extract touched the person or a family of theirs"
        case FreeOfDomesticAbuseNeed():
            return "no family of the person has a domestic-abuse need that is not met"
        case SafeValues():
            return "no value of the row could act as a formula or hides characters"
        case _:
            return criterion_in_words(criterion)


def _lines(judgement: Judgement) -> Iterator[CriterionLine]:
    reason = judgement.decision.reason if isinstance(judgement.decision, Excluded) else None
    alone = next((stage for stage in judgement.about_person if not stage.outcome.holds), None)
    for stage in judgement.about_person:
        yield from _stage("the person", stage, decided=stage is alone)
    best = max((family.passed for family in judgement.about_families), default=0)
    for family in judgement.about_families:
        for number, stage in enumerate(family.stages):
            decided = reason is not None and alone is None and number == family.passed == best
            yield from _stage(f"family {family.family_key}", stage, decided=decided)


def _stage(about: str, stage: StageOutcome, *, decided: bool) -> Iterator[CriterionLine]:
    for depth, outcome in _parts(stage.outcome, 0):
        words = _header(outcome) or stage_in_words(outcome.criterion)
        yield CriterionLine(about, depth, words, outcome.holds, decided and depth == 0)


def _parts(outcome: Outcome, depth: int) -> Iterator[tuple[int, Outcome]]:
    yield depth, outcome
    for part in outcome.parts:
        yield from _parts(part, depth + 1)


def _header(outcome: Outcome) -> str | None:
    """Return what a criterion asks of its parts, which stand below it; None where it has none."""
    match outcome.criterion:
        case AllOf(parts) if parts:
            return "all of these"
        case AnyOf(parts) if parts:
            return "any of these"
        case AtLeast(count):
            return f"at least {count} of these"
        case Not():
            return "not this"
        case _:
            return None
