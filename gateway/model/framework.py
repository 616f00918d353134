"""A framework: who is eligible for the programme in a period, as dated data (config/frameworks/)."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class MustExist(StrEnum):
    """What a family must have beside its needs."""

    ASSESSMENT = "assessment"
    PLAN = "plan"
    LEAD_PROFESSIONAL = "lead_professional"


@dataclass(frozen=True, slots=True)
class FrameworkCriterion:
    """One headline criterion: the canonical need codes that meet it.

    `verify` is True while the wording has not been held against the official text.
    """

    code: str
    name: str
    needs: frozenset[str]
    verify: bool


@dataclass(frozen=True, slots=True)
class Framework:
    """What made a family eligible in a period.

    `counted` says whether `needed` counts criteria (two of six) or single needs (three needs of the ten
    outcomes). `factors` maps each canonical need code to the letters of the thirteen factors (model/factors.py).
    `document` is the file's canonical form, from which the same framework can be read again, and `document_hash` is
    SHA-256 over it, hexadecimal.
    """

    framework_id: str
    name: str
    starts_on: date
    ends_on: date | None
    criteria: tuple[FrameworkCriterion, ...]
    counted: str
    needed: int
    must_exist: frozenset[MustExist]
    factors: tuple[tuple[str, tuple[str, ...]], ...]
    document: bytes = field(repr=False)
    document_hash: str
