"""A county with more agreements than the two that are shipped: copies of one of them, each approved by itself.

Each has its own references and evidence. All of them are for the same recipient, as a council's are for its districts.
"""

from pathlib import Path

from tests.rehearsed_county import HOUSING


def add_agreements(folder: Path, count: int) -> list[str]:
    """Copy the agreement for housing so often, and return the names of the copies."""
    place = folder / "agreements"
    text = (place / f"{HOUSING}.yaml").read_text(encoding="utf-8")
    names = [f"district-{number:02}" for number in range(1, count + 1)]
    for name in names:
        (place / f"{name}.yaml").write_text(text.replace(f"id: {HOUSING}", f"id: {name}"), encoding="utf-8")
    return names
