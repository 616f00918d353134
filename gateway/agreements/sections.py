"""Read the sections of an agreement, each on its own; what holds between them is left to coherence.py.

Pure. What the values mean is in model/agreement.py.
"""

from dataclasses import dataclass
from enum import StrEnum

from gateway.agreements.criteria import criterion_under
from gateway.agreements.frameworks import FRAMEWORK_ID
from gateway.documents import Reader
from gateway.model.agreement import (
    Cadence,
    CatchUp,
    CohortRule,
    Direction,
    DomesticAbuseNeed,
    Every,
    FieldRule,
    FullListEvery,
    LawfulBasis,
    LegalPower,
    Limits,
    OnHoliday,
    Party,
    PartyRole,
    PowerStatus,
    Purpose,
    RegisterFacts,
    Retention,
    Split,
)
from gateway.model.factors import FACTORS
from gateway.model.fields import FIELDS, Transform
from gateway.model.flags import FlagKind

NAME = r"[a-z0-9]+(-[a-z0-9]+)*"
NAME_WANTED = "lower-case words joined by -"

#: The youngest age floor: younger children are nobody's claimants, and the law protects them most.
YOUNGEST = 16
SHORTEST_NECESSITY = 15


class Weekday(StrEnum):
    """Days of the week in the model's order, 0 for Monday."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class SplitBy(StrEnum):
    """Registers that a list can be split by."""

    JOBCENTRE = "jobcentre"


@dataclass(frozen=True, slots=True)
class Teams:
    """What is said of a lead professional's team and contact in place of the source's words."""

    labels: tuple[tuple[str, str], ...]
    default: str
    default_contact: str


def parties_under(reader: Reader) -> tuple[Party, ...]:
    """Return the parties."""
    return tuple(
        Party(name=part.text("name", longest=120), role=part.choice("role", PartyRole))
        for part in reader.tables("parties")
    )


def purpose_under(reader: Reader) -> Purpose:
    """Return the purpose."""
    part = reader.table("purpose")
    return Purpose(code=part.text("code", longest=60, pattern=NAME, wanted=NAME_WANTED), text=part.text("text"))


def powers_under(reader: Reader) -> tuple[LegalPower, ...]:
    """Return the legal powers, one for each direction that the agreement uses."""
    return tuple(
        LegalPower(
            direction=part.choice("direction", Direction),
            citation=part.text("citation", longest=300),
            status=part.choice("status", PowerStatus),
            confirmed_by=part.text_or_none("confirmed_by", longest=120),
            confirmed_on=part.day_or_none("confirmed_on"),
            factors_needed=part.integer("factors_needed", 0, len(FACTORS)),
        )
        for part in reader.tables("legal_powers")
    )


def basis_under(reader: Reader) -> LawfulBasis:
    """Return the conditions of UK GDPR relied on."""
    part = reader.table("lawful_basis")
    return LawfulBasis(
        article_6=part.texts("article_6", longest=300),
        article_9=part.texts("article_9", longest=300) if part.has("article_9") else (),
        article_10=part.texts("article_10", longest=300) if part.has("article_10") else (),
        policy_document=part.text_or_none("policy_document", longest=120),
    )


def cohort_under(reader: Reader) -> CohortRule:
    """Return whom the agreement covers."""
    part = reader.table("cohort")
    return CohortRule(
        framework=part.text("framework", longest=40, pattern=FRAMEWORK_ID, wanted="lower-case words joined by _"),
        where=criterion_under(part, "where"),
        minimum_age=part.integer("minimum_age", YOUNGEST, 99),
        under_18_reason=part.text_or_none("under_18_reason", longest=500),
        domestic_abuse_need=part.choice("domestic_abuse_need", DomesticAbuseNeed),
    )


def fields_under(reader: Reader) -> tuple[FieldRule, ...]:
    """Return the agreed fields in the agreed order; a field outside the vocabulary is a fault."""
    return tuple(_field_of(part) for part in reader.tables("fields"))


def _field_of(part: Reader) -> FieldRule:
    name = part.text("name", longest=60)
    necessity = part.text("necessity", longest=500)
    if necessity and len(necessity) < SHORTEST_NECESSITY:
        part.fault_at(
            "necessity", f"must say in a sentence why the recipient needs the field ({SHORTEST_NECESSITY} characters)"
        )
    transform = part.choice("transform", Transform) if part.has("transform") else Transform.AS_IS
    if name and name not in FIELDS:
        part.fault_at("name", f"must be one of {', '.join(FIELDS)}")
    elif name and transform not in FIELDS[name].transforms:
        allowed = ", ".join(FIELDS[name].transforms)
        part.fault_at("transform", f"of `{name}` must be written, as one of {allowed}")
    return FieldRule(name=name, necessity=necessity, transform=transform)


def flags_under(reader: Reader) -> frozenset[FlagKind]:
    """Return the kinds of protective flag that keep a person off the list."""
    words = reader.texts("blocking_flags", pattern="|".join(FlagKind), wanted=f"one of {', '.join(FlagKind)}")
    return frozenset(FlagKind(word) for word in words if word)


def split_under(reader: Reader) -> Split | None:
    """Return how the list is split into parts, or None where it is one."""
    part = reader.table_or_none("split")
    if part is None:
        return None
    return Split(
        by=part.choice("by", SplitBy).value,
        fallback=part.text("fallback", longest=40, pattern=NAME, wanted=NAME_WANTED),
    )


def full_list_every_under(reader: Reader) -> FullListEvery | None:
    """Return how often a list of differences is a full one again, or None where every list is."""
    part = reader.table_or_none("delta")
    return None if part is None else part.choice("full_list_every", FullListEvery)


def cadence_under(reader: Reader) -> Cadence:
    """Return when a list is due."""
    part = reader.table("cadence")
    return Cadence(
        every=part.choice("every", Every),
        at=part.clock_time("at"),
        deliver_until=part.clock_time("deliver_until"),
        weekday=list(Weekday).index(part.choice("weekday", Weekday)) if part.has("weekday") else None,
        day_of_month=part.integer_or_none("day_of_month", 1, 28),
        on_holiday=part.choice("on_holiday", OnHoliday),
        catch_up=part.choice("catch_up", CatchUp),
    )


def limits_under(reader: Reader) -> Limits:
    """Return the guard of the whole list."""
    part = reader.table("limits")
    return Limits(
        most_people=part.integer("most_people", 1, 5_000_000),
        most_change_percent=part.integer("most_change_percent", 0, 100),
        ignore_change_below=part.integer("ignore_change_below", 0, 1_000_000),
    )


def retention_under(reader: Reader) -> Retention:
    """Return how long copies live on both sides."""
    part = reader.table("retention")
    return Retention(
        our_copy_days=part.integer("our_copy_days", 1, 3_650),
        their_copy_days=part.integer("their_copy_days", 1, 3_650),
        receipt_within_working_days=part.integer("receipt_within_working_days", 1, 60),
        certificate_within_days=part.integer_or_none("certificate_within_days", 1, 365),
    )


def registers_under(reader: Reader) -> RegisterFacts:
    """Return what is written for public registers; what is left out they show as not recorded."""
    part = reader.table_or_none("registers")
    if part is None:
        return RegisterFacts()
    return RegisterFacts(
        entry_id=part.text_or_none("entry_id", longest=40),
        data_subjects=_texts_or_none(part, "data_subjects"),
        benefits=part.text_or_none("benefits", longest=1_000),
        data_protection_officer=part.text_or_none("data_protection_officer", longest=200),
        controller_codes=_texts_or_none(part, "controller_codes"),
        processors=_texts_or_none(part, "processors"),
        processor_codes=_texts_or_none(part, "processor_codes"),
        transfers_abroad=part.text_or_none("transfers_abroad", longest=500),
        areas=_texts_or_none(part, "areas"),
        area_codes=_texts_or_none(part, "area_codes"),
        retention_followed=part.text_or_none("retention_followed", longest=500),
    )


def _texts_or_none(part: Reader, key: str) -> tuple[str, ...] | None:
    return part.texts(key, longest=200) if part.has(key) else None


def teams_under(reader: Reader) -> Teams:
    """Return the team labels; an agreement without lead professionals has none."""
    part = reader.table_or_none("teams")
    if part is None:
        return Teams((), "", "")
    labels = part.table("labels").pairs(longest=80)
    return Teams(
        labels=tuple(sorted((team.value, label) for team, label in labels)),
        default=part.text("default", longest=80),
        default_contact=part.text("default_contact", longest=120),
    )
