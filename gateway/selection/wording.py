"""Say which free-form values a row would carry, and which of them may never stand in a spreadsheet.

A value is unsafe when, leading spaces aside, it starts with a character that a spreadsheet takes for the start of
a formula, or when it holds a character that shows as nothing: controls, zero-width marks, writing-direction
marks, byte order marks. Such a row is left out for the agreement concerned; a value is never altered.

- A hyphen inside a name is not a formula; neither is a telephone number `+44` and digits in a contact field.
- Only the fields that the agreement discloses are judged.
- Dates, references, National Insurance numbers, postcodes and offices are not free-form.

Pure: the Python half of the rule; compile.py says the same in SQL.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.model.agreement import Agreement
from gateway.model.people import Involvement, Person

#: What a spreadsheet takes for the start of a formula, full-width forms included.
FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: Characters that show as nothing, as inclusive ranges of code points. NUL is judged apart, in compile.py too.
HIDDEN_RANGES = (
    (0x0001, 0x001F),
    (0x007F, 0x009F),
    (0x00AD, 0x00AD),
    (0x061C, 0x061C),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    (0xFEFF, 0xFEFF),
    (0xFFF9, 0xFFFB),
)
#: The whole of a telephone number in international form: `+44`, digits and spaces.
PHONE_PREFIX = "+44"
PHONE_LENGTHS = (12, 20)
PHONE_TAIL = "0123456789 "

_HIDDEN = re.compile("[\x00" + "".join(f"{chr(low)}-{chr(high)}" for low, high in HIDDEN_RANGES) + "]")


@dataclass(frozen=True, slots=True)
class Wording:
    """Which free-form fields an agreement discloses, and the words it puts where the record has none."""

    fields: frozenset[str]
    team_labels: tuple[tuple[str, str], ...]
    default_team: str
    default_contact: str


FREE_FORM = frozenset(
    {"surname", "forename", "lead_professional_name", "lead_professional_contact", "lead_professional_org"}
)
CONTACT, TEAM = "lead_professional_contact", "lead_professional_org"


def wording_of(agreement: Agreement) -> Wording:
    """Return what an agreement says about its free-form fields."""
    return Wording(
        fields=FREE_FORM & frozenset(agreement.field_names),
        team_labels=tuple(sorted(agreement.team_labels)),
        default_team=agreement.default_team,
        default_contact=agreement.default_contact,
    )


def is_unsafe(text: str | None, *, may_be_phone: bool = False) -> bool:
    """Say whether a value could act as a formula or hides characters; an absent one does neither."""
    if text is None:
        return False
    if _HIDDEN.search(text):
        return True
    starts_formula = text.lstrip(" ").startswith(FORMULA_STARTS)
    return starts_formula and not (may_be_phone and is_phone(text))


def is_phone(text: str) -> bool:
    """Say whether the whole value is a telephone number `+44` and digits."""
    shortest, longest = PHONE_LENGTHS
    fits = text.startswith(PHONE_PREFIX) and shortest <= len(text) <= longest
    return fits and not text[len(PHONE_PREFIX) :].strip(PHONE_TAIL)


def free_values(person: Person, lead: Involvement | None, wording: Wording) -> Iterator[tuple[str, str | None]]:
    """Yield each disclosed free-form field and what the person's row would carry in it."""
    labels = dict(wording.team_labels)
    values = {
        "surname": person.surname,
        "forename": person.forename,
        "lead_professional_name": lead.name if lead else None,
        CONTACT: ((lead.email or lead.phone) if lead else None) or wording.default_contact,
        "lead_professional_org": labels.get(lead.team or "", wording.default_team) if lead else wording.default_team,
    }
    for name in sorted(wording.fields):
        yield name, values[name] or None
