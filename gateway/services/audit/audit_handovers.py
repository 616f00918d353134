"""Hold each list that was handed over another way, and who stands on it, against its entries: steps (6) and (7).

That its own columns say what the newest entry says is step (8), in audit_rows.py. Whether it is true what two people
entered, nobody can find here: nothing of it is proven.
"""

from collections.abc import Callable, Iterable, Iterator

from gateway.ledger.evidence import handover_leaf
from gateway.ledger.verify import Claim, Finding, LeafRow, leaf_findings
from gateway.model.retention import Kept
from gateway.services.audit.audit_index import Reading, number_of
from gateway.services.audit.audit_purges import claim_after, purge_findings, purge_of
from gateway.store.handovers import HandoverRow, people_by_handover, references_of_handovers

_FIRST = 1


def handover_findings(reading: Reading) -> Iterator[Finding]:
    """Yield what is wrong with who stands on lists that were handed over another way."""
    references = references_of_handovers(reading.connection)
    for handover_id, rows in people_by_handover(reading.connection):
        reference = references.pop(handover_id, None)
        where = f"handover {reference}" if reference else f"handover id {handover_id}"
        yield from _tree(reading, where, reference, _leaves(reading, reference or "", rows))
    for reference in references.values():
        yield from _tree(reading, f"handover {reference}", reference, ())


def _tree(reading: Reading, where: str, reference: str | None, rows: Iterable[LeafRow]) -> Iterator[Finding]:
    claim = _claim(reading, reference)
    purge = purge_of(reading, Kept.HANDOVER, reference) if reference else None
    if claim is not None:
        yield from purge_findings(where, purge, claim)
        claim = claim_after(purge, claim)
    yield from leaf_findings(where, rows, claim)


def _claim(reading: Reading, reference: str | None) -> Claim | None:
    said = reading.said_at(reading.index.newest["handovers"].get(reference)) if reference else {}
    return Claim(number_of(said.get("identified")), str(said.get("root")), _FIRST) if said else None


def _leaves(reading: Reading, reference: str, rows: Iterable[HandoverRow]) -> Iterator[LeafRow]:
    for row in rows:
        reading.rows += 1
        yield LeafRow(row.position, row.leaf, _leaf(reference, row))


def _leaf(reference: str, row: HandoverRow) -> Callable[[int], bytes]:
    return lambda position: handover_leaf(reference, position, row.subject_ref)
