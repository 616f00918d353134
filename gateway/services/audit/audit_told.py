"""Hold what each work-coach list was answered of whom against its entries: steps (6) and (7).

That a reconciliation's own columns say what its newest entry says is step (8), in audit_rows.py.
"""

from collections.abc import Callable, Iterable, Iterator

from gateway.ledger.evidence import told_leaf
from gateway.ledger.verify import Claim, Finding, LeafRow, leaf_findings
from gateway.model.retention import Kept
from gateway.services.audit.audit_index import Reading, number_of
from gateway.services.audit.audit_purges import claim_after, purge_findings, purge_of
from gateway.store.told_people import ToldRow, told_by_reconciliation

_FIRST = 1


def told_findings(reading: Reading) -> Iterator[Finding]:
    """Yield what is wrong with of whom work-coach lists were answered what."""
    answered = set(reading.index.newest["reconciliations"])
    for reference, rows in told_by_reconciliation(reading.connection):
        answered.discard(reference)
        yield from _tree(reading, reference, _leaves(reading, rows))
    for reference in sorted(answered):
        yield from _tree(reading, reference, ())


def _tree(reading: Reading, reference: str, rows: Iterable[LeafRow]) -> Iterator[Finding]:
    where, claim = f"reconciliation {reference}", _claim(reading, reference)
    if claim is not None:
        purge = purge_of(reading, Kept.TOLD, reference)
        yield from purge_findings(where, purge, claim)
        claim = claim_after(purge, claim)
    yield from leaf_findings(where, rows, claim)


def _claim(reading: Reading, reference: str) -> Claim | None:
    said = reading.said_at(reading.index.newest["reconciliations"].get(reference))
    return Claim(number_of(said.get("told")), str(said.get("told_root")), _FIRST) if said else None


def _leaves(reading: Reading, rows: Iterable[ToldRow]) -> Iterator[LeafRow]:
    for row in rows:
        reading.rows += 1
        yield LeafRow(row.position, row.leaf, _leaf(row))


def _leaf(row: ToldRow) -> Callable[[int], bytes]:
    return lambda position: told_leaf(
        row.reference, position, row.subject_ref, row.kind, row.fields, row.differs, row.commitment
    )
