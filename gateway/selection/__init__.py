"""Stage 4: the cohort and an agreement in, one decision for each person out."""

from gateway.selection.decide import (
    count_select,
    decision_select,
    offices_select,
    people_select,
    selected_select,
    unmapped_select,
)
from gateway.selection.funnel import Funnel, funnel_of
from gateway.selection.guard import Surroundings, reasons_to_withhold
from gateway.selection.holding import TODAY, Holding, as_released, as_withheld
from gateway.selection.release import Bound, check_bound, check_shrinks, selection_digest
from gateway.selection.rules import Rules, rules_of

__all__ = [
    "TODAY",
    "Bound",
    "Funnel",
    "Holding",
    "Rules",
    "Surroundings",
    "as_released",
    "as_withheld",
    "check_bound",
    "check_shrinks",
    "count_select",
    "decision_select",
    "funnel_of",
    "offices_select",
    "people_select",
    "reasons_to_withhold",
    "rules_of",
    "selected_select",
    "selection_digest",
    "unmapped_select",
]
