"""A row that takes a person back: the recipient's reference and `D`, in the agreed columns, with all others empty.

It looks the same whatever the reason is: somebody who left, was protected since, or is forgotten (law L11).

Pure.
"""

from gateway.model.agreement import Agreement

#: Values of `record_action` (model/fields.py).
CHANGED, DELETE = "C", "D"
ACTION, REFERENCE = "record_action", "record_ref"


def can_say(agreement: Agreement) -> bool:
    """Say whether the agreed columns can tell a correction or withdrawal at all."""
    return ACTION in agreement.field_names


def row_taken_back(agreement: Agreement, subject_ref: str, secret: bytes) -> bytes:
    """Return the row as a scan would give it (line.py)."""
    cells = ("D" if name == ACTION else "" for name in agreement.field_names if name != REFERENCE)
    return ",".join((subject_ref, secret.hex(), "0", *cells)).encode()
