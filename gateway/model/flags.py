"""The kinds of protective flag that the suppression feed carries.

Values are stored, and each kind's bit stands in `persons.flags`: changing one needs a migration.
A kind in `FAMILY_WIDE` protects everyone in every family of the flagged person, because a perpetrator and a
victim may both be in the cohort and share a Universal Credit journal (law L3).
"""

from enum import StrEnum


class FlagKind(StrEnum):
    """Why a person must not be disclosed."""

    PROTECTED_ADDRESS = "protected_address"
    NON_DISCLOSURE = "non_disclosure"
    MARAC_OR_REFUGE = "marac_or_refuge"
    RESTRICTED_RECORD = "restricted_record"
    STAFF_OR_RELATIVE = "staff_or_relative"
    WITNESS_PROTECTION = "witness_protection"
    ADOPTED_OR_SEALED = "adopted_or_sealed"
    DECEASED = "deceased"
    OBJECTION_UPHELD = "objection_upheld"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    LEGAL_HOLD = "legal_hold"


FAMILY_WIDE = frozenset(
    {
        FlagKind.PROTECTED_ADDRESS,
        FlagKind.NON_DISCLOSURE,
        FlagKind.MARAC_OR_REFUGE,
        FlagKind.WITNESS_PROTECTION,
    }
)
#: Kinds that an agreement can never leave out of its blocking flags.
ALWAYS_BLOCKING = frozenset(FlagKind) - {FlagKind.CONSENT_WITHDRAWN, FlagKind.LEGAL_HOLD}

FLAG_BIT: dict[FlagKind, int] = {kind: 1 << n for n, kind in enumerate(FlagKind)}


def flag_mask(kinds: frozenset[FlagKind]) -> int:
    """Return a set of kinds as one number."""
    return sum(FLAG_BIT[kind] for kind in kinds)
