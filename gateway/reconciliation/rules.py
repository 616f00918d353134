"""The rules that decide without weighing: when what identifies a person agrees outright.

A rule decides only where it is unique both ways (`linking.py`): the row meets a rule with no other person, the person
with no other row. A forename that differs outright is weighed, so that whoever bears it can be ahead. What `vetoes.py`
says against a pair holds against a rule too.

Pure.
"""

from gateway.model.linkage import Evidence, Field, How
from gateway.reconciliation.levels import BORN_DIFFERS, DIFFERS, EXACT
from gateway.reconciliation.vetoes import vetoes_of


def rule_of(evidence: Evidence) -> How | None:
    """Return the strongest rule that a pair meets, or None."""
    codes = dict(evidence.codes)
    found = _rule({compared for compared, code in codes.items() if code == EXACT}, codes)
    return None if found is None or vetoes_of(evidence) else found


def _rule(same: set[Field], codes: dict[Field, str]) -> How | None:
    if Field.NINO in same and codes[Field.FORENAME] != DIFFERS:
        if Field.BORN in same:
            return How.NINO_AND_BORN
        if Field.SURNAME in same and codes[Field.BORN] not in BORN_DIFFERS:
            return How.NINO_AND_SURNAME
    named = {Field.FORENAME, Field.SURNAME, Field.BORN, Field.POSTCODE} <= same
    return How.NAME_BORN_AND_POSTCODE if named and codes[Field.NINO] != DIFFERS else None
