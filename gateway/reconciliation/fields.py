"""The fields that are compared, in the order in which they are shown.

Pure.
"""

from gateway.reconciliation.levels import FieldRules
from gateway.reconciliation.levels_of_identifiers import ADDRESS, BORN, NINO, POSTCODE
from gateway.reconciliation.levels_of_names import FORENAME, MIDDLE, SURNAME

COMPARED: tuple[FieldRules, ...] = (NINO, BORN, FORENAME, SURNAME, POSTCODE, MIDDLE, ADDRESS)
