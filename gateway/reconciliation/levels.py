"""How well each field of a pair can agree: for every level its words, its SQL, and the same condition in Python.

- Within a field the first level whose condition holds is the pair's. Before them stands "not known", which holds
  where either side has nothing to compare and weighs nothing; after them "differs".
- The SQL is for Splink: `_l` and `_r` are the two sides. It must be true, never null, exactly where `holds` is.
- A code is stored with evidence, and a model names its weights by field and code: neither is renamed.

Pure: how much a level weighs is the model's (`model_file.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.model.linkage import Field
from gateway.reconciliation.comparable import Comparable

NOT_KNOWN, DIFFERS, EXACT = "not-known", "differs", "exact"
#: Of two days of birth that have little in common: a generation may lie between them, or less than ten years do.
BORN_DIFFERS = frozenset({DIFFERS, "same-age"})

Condition = Callable[[Comparable, Comparable], bool]


@dataclass(frozen=True, slots=True)
class LevelRule:
    """One way in which a field can agree."""

    code: str
    words: str
    sql: str
    holds: Condition


@dataclass(frozen=True, slots=True)
class FieldRules:
    """All ways in which one field can agree, best first.

    `adjusted` names the levels whose weight depends on how common the value is in the cohort; `lowered` those that a
    common value makes lighter, and a rare one no heavier.
    """

    field: Field
    #: The column that must be known on both sides.
    column: str
    levels: tuple[LevelRule, ...]
    adjusted: frozenset[str] = frozenset()
    lowered: frozenset[str] = frozenset()

    @property
    def counted(self) -> bool:
        """Say whether it is counted how common a value of this field is."""
        return bool(self.adjusted or self.lowered)

    def level_of(self, one: Comparable, other: Comparable) -> str:
        """Return the code of the pair's level."""
        if getattr(one, self.column) is None or getattr(other, self.column) is None:
            return NOT_KNOWN
        return next((level.code for level in self.levels if level.holds(one, other)), DIFFERS)

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes that a model weighs: all but "not known"."""
        return (*(level.code for level in self.levels), DIFFERS)

    def words_of(self, code: str) -> str:
        """Return a level's words, as they follow the name of the field."""
        known = (level.words for level in self.levels if level.code == code)
        return next(known, "") or {NOT_KNOWN: "not known on both sides", DIFFERS: "differs"}[code]


def same(column: str, words: str = "the same") -> LevelRule:
    """Return the level of a column that is equal."""
    return LevelRule(EXACT, words, f"{column}_l = {column}_r", lambda a, b: getattr(a, column) == getattr(b, column))


def share(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Say whether two lists have a word in common."""
    return any(word in other for word in one)
