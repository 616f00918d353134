"""The thirteen factors of "multiple disadvantages", and how a set of them is kept in one number.

The Digital Government (Disclosure of Information) Regulations 2018 (SI 2018/912), Schedule paragraph 2(3), list
them (a) to (m). Two or more, affecting an individual or a member of the household, are what the Digital Economy
Act 2017 s.35 objective asks for. The bit of each factor is stored in evidence: changing one needs a migration.
"""

from collections.abc import Iterable

FACTORS: dict[str, str] = {
    "a": "anti-social behaviour",
    "b": "care leaver",
    "c": "child in need",
    "d": "criminal offending",
    "e": "domestic violence",
    "f": "financial exclusion",
    "g": "disability",
    "h": "homelessness",
    "i": "ill-health",
    "j": "irregular attendance at school",
    "k": "not in education or training",
    "l": "substance misuse",
    "m": "unemployment",
}
BIT: dict[str, int] = {letter: 1 << n for n, letter in enumerate(FACTORS)}


def mask_of(letters: Iterable[str]) -> int:
    """Return the factors as one number."""
    return sum(BIT[letter] for letter in set(letters))
