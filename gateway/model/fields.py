"""The closed vocabulary of fields that an agreement may disclose, and of transforms.

A field that is not here cannot be agreed; a field that is not in an agreement cannot be sent (law L2).
`bit` is the field's place in the evidence bitmap: it is stored, so numbers are never reused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Sensitivity(StrEnum):
    """Which further condition of the law a field needs."""

    ORDINARY = "ordinary"
    #: UK GDPR Article 9.
    SPECIAL = "special"
    #: UK GDPR Article 10.
    OFFENCE = "offence"


class Transform(StrEnum):
    """How a value is coarsened before it is disclosed."""

    AS_IS = "as_is"
    #: date_of_birth -> the year alone.
    YEAR = "year"
    #: postcode -> its sector, `CB1 2`.
    SECTOR = "sector"
    #: postcode, only where the National Insurance number is blank.
    WHEN_NINO_BLANK = "when_nino_blank"
    #: the lead professional's team -> an allow-listed general label, or the default contact.
    TEAM_LABEL = "team_label"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that can be disclosed about a person."""

    name: str
    bit: int
    sensitivity: Sensitivity
    transforms: tuple[Transform, ...]
    meaning: str


_AS_IS = (Transform.AS_IS,)
FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("record_ref", 0, Sensitivity.ORDINARY, _AS_IS, "this person under this agreement, and under no other"),
        Field("record_action", 1, Sensitivity.ORDINARY, _AS_IS, "A added, C changed, D delete what you hold"),
        Field("surname", 2, Sensitivity.ORDINARY, _AS_IS, "surname"),
        Field("forename", 3, Sensitivity.ORDINARY, _AS_IS, "forename"),
        Field("date_of_birth", 4, Sensitivity.ORDINARY, (Transform.AS_IS, Transform.YEAR), "date of birth"),
        Field("nino", 5, Sensitivity.ORDINARY, _AS_IS, "National Insurance number, where valid"),
        Field(
            "postcode",
            6,
            Sensitivity.ORDINARY,
            (Transform.AS_IS, Transform.SECTOR, Transform.WHEN_NINO_BLANK),
            "postcode of the current address",
        ),
        Field("jcp_office", 7, Sensitivity.ORDINARY, _AS_IS, "the Jobcentre that serves the postcode"),
        Field("lead_professional_name", 8, Sensitivity.ORDINARY, _AS_IS, "the family's lead professional"),
        Field("lead_professional_contact", 9, Sensitivity.ORDINARY, _AS_IS, "their work e-mail or telephone"),
        Field(
            "lead_professional_org", 10, Sensitivity.ORDINARY, (Transform.TEAM_LABEL,), "their team, in general words"
        ),
        Field("need_housing", 11, Sensitivity.ORDINARY, _AS_IS, "the family has a housing need: yes or blank"),
        Field("need_health", 12, Sensitivity.SPECIAL, _AS_IS, "the family has a health need: yes or blank"),
        Field("need_offending", 13, Sensitivity.OFFENCE, _AS_IS, "the family has an offending need: yes or blank"),
    )
}


#: What a row tells that takes a person back: the recipient's own reference, and that it goes.
TAKEN_BACK = sum(1 << FIELDS[name].bit for name in ("record_ref", "record_action"))


def bitmap_of(names: tuple[str, ...]) -> int:
    """Return the fields as one number, as evidence rows keep them."""
    return sum(1 << FIELDS[name].bit for name in names)


@lru_cache(maxsize=256)
def names_of(bitmap: int) -> tuple[str, ...]:
    """Return the names in a bitmap, in the vocabulary's order."""
    return tuple(name for name, field in FIELDS.items() if bitmap >> field.bit & 1)


def columns_of(agreed: Iterable[str], bitmap: int) -> tuple[str, ...]:
    """Return the columns of a row that told these fields; one that takes somebody back has all, and most are empty."""
    told = names_of(bitmap)
    return tuple(name for name in agreed if bitmap == TAKEN_BACK or name in told)
