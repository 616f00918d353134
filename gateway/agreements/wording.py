"""Say parts of an agreement in plain English, the same words wherever they are shown.

Pure.
"""

from gateway.model.agreement import Cadence, Every
from gateway.model.criteria import (
    AgeAtLeast,
    AgeBelow,
    AllOf,
    AnyOf,
    AssessmentOfWholeFamily,
    AtLeast,
    Criterion,
    EpisodeOpen,
    FactorsAtLeast,
    InProgramme,
    LeadProfessionalInPlace,
    LivesIn,
    NeedsAtLeast,
    Not,
    PlanInPlace,
)
from gateway.model.fields import FIELDS, Transform

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LEAVES: dict[Criterion, str] = {
    InProgramme(): "the family is in the programme and the person a member of it",
    EpisodeOpen(): "somebody in the family has an open early-help episode",
    AssessmentOfWholeFamily(): "the family has an assessment of all its members",
    PlanInPlace(): "the family has a plan in place",
    LeadProfessionalInPlace(): "the family has a lead professional",
}
_COARSENED: dict[Transform, str] = {
    Transform.AS_IS: "",
    Transform.YEAR: " (the year only)",
    Transform.SECTOR: " (the sector only)",
    Transform.WHEN_NINO_BLANK: " (only where the National Insurance number is blank)",
    Transform.TEAM_LABEL: " (an agreed general label only)",
}


def criterion_in_words(criterion: Criterion) -> str:
    """Return what a criterion asks, as a clause."""
    match criterion:
        case AllOf(parts):
            return _joined(parts, " and ") or "everybody"
        case AnyOf(parts):
            return _joined(parts, " or ") or "nobody"
        case AtLeast(count, parts):
            return f"at least {count} of {_joined(parts, '; ')}"
        case Not(part):
            return f"not ({criterion_in_words(part)})"
        case NeedsAtLeast(count, groups):
            return _needs_in_words(count, groups)
        case FactorsAtLeast(count, _):
            return f"the family's current needs show at least {count} of the thirteen factors"
        case AgeAtLeast(years):
            return f"the person is {years} or older"
        case AgeBelow(years):
            return f"the person is younger than {years}"
        case LivesIn(outcodes):
            return f"the person lives in {', '.join(sorted(outcodes))}"
        case _:
            return _LEAVES[criterion]


def field_in_words(name: str, transform: Transform) -> str:
    """Return what a field carries after its transform."""
    return f"{FIELDS[name].meaning}{transform_in_words(transform)}"


def transform_in_words(transform: Transform) -> str:
    """Return what a transform leaves of a value, to stand behind its name; nothing where it leaves all of it."""
    return _COARSENED[transform]


def cadence_in_words(cadence: Cadence) -> str:
    """Return when a list is due."""
    when = {
        Every.NIGHT: "every day",
        Every.WEEKDAY: "Monday to Friday",
        Every.WEEK: f"every {_DAYS[cadence.weekday or 0]}",
        Every.MONTH: f"on day {cadence.day_of_month} of each month",
    }[cadence.every]
    holiday = {"run": "also on bank holidays", "skip": "not on bank holidays", "move": "moved past bank holidays"}
    return f"{when} at {cadence.at:%H:%M}, delivered by {cadence.deliver_until:%H:%M}, {holiday[cadence.on_holiday]}"


def _joined(parts: tuple[Criterion, ...], joint: str) -> str:
    words = joint.join(criterion_in_words(part) for part in parts)
    return f"({words})" if len(parts) > 1 else words


def _needs_in_words(count: int, groups: tuple[frozenset[str], ...]) -> str:
    if len(groups) == 1:
        return f"the family has a current need among {_codes(groups[0])}"
    listed = "; ".join(_codes(group) for group in groups)
    return f"the family has current needs in at least {count} of these groups: {listed}"


def _codes(group: frozenset[str]) -> str:
    return ", ".join(sorted(group, key=lambda code: [int(part) for part in code.split(".")]))
