"""Say what an entry of a purge makes of a tree: no row is left of it, and it was the tree that its own entry says.

The purge takes the rows and nothing else: number and root stand in the entry that sealed or entered the tree, and the
purge repeats them. One that says others was never made by ours: it would hide that rows were changed before they went.
"""

from collections.abc import Iterator

from gateway.ledger.tree import EMPTY_ROOT
from gateway.ledger.verify import Claim, Finding, disagreements
from gateway.model.retention import Kept
from gateway.services.audit.audit_index import Reading, number_of
from gateway.services.audit.audit_rows import Row

_NOBODY = EMPTY_ROOT.hex()


def purge_of(reading: Reading, kind: Kept, reference: str) -> Row | None:
    """Return what the entry of a purge says; None where the evidence was not purged."""
    position = reading.index.purged.get((kind.value, reference))
    return reading.said_at(position) if position else None


def claim_after(purge: Row | None, claim: Claim) -> Claim:
    """Return what has to be there of a tree: after its purge nothing."""
    return claim if purge is None else Claim(0, _NOBODY, claim.first)


def purge_findings(where: str, purge: Row | None, claim: Claim, exclusions: int = 0) -> Iterator[Finding]:
    """Yield where a purge says something else than the entry that made the tree."""
    if purge is not None:
        said = {name: purge.get(name) for name in ("root", "rows", "exclusions")}
        made = {"root": claim.root, "rows": claim.count, "exclusions": exclusions}
        yield from disagreements(f"{where} and its purge", said, made)


def exclusions_counted(sealed: Row) -> int:
    """Return how many exclusions were kept with a list."""
    return number_of(sealed.get("exclusions"))
