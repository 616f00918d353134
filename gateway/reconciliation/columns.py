"""What everybody of a side is counted and found by: five columns, in the order of the side.

Pure.
"""

from typing import NamedTuple


class Columns(NamedTuple):
    """Five of the fields of `Comparable`; None is "not known"."""

    nino: list[str | None]
    born: list[str | None]
    forename: list[str | None]
    surname: list[str | None]
    postcode: list[str | None]
