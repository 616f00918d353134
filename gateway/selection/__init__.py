"""Stage 4: the cohort and an agreement in, one decision for each person out."""

from gateway.selection.decide import (
    count_select,
    decision_select,
    exclusion_select,
    offices_select,
    people_select,
    unmapped_select,
)
from gateway.selection.funnel import Funnel, funnel_of
from gateway.selection.holding import TODAY, Holding, as_released, as_withheld
from gateway.selection.rules import Rules, rules_of

__all__ = [
    "TODAY",
    "Funnel",
    "Holding",
    "Rules",
    "as_released",
    "as_withheld",
    "count_select",
    "decision_select",
    "exclusion_select",
    "funnel_of",
    "offices_select",
    "people_select",
    "rules_of",
    "unmapped_select",
]
