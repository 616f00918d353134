"""Hold the subject registry and the holds against their entries: only what was forgotten may be missing.

The leaves of a batch are worked out from their own rows. Where the registry still knows a subject, its secret and
identifiers must be those that the leaf commits to, so that two people's rows cannot be swapped unseen.
"""

from collections import Counter
from collections.abc import Iterator

from gateway.ledger.evidence import registry_commitment, registry_leaf
from gateway.ledger.verify import Claim, Fault, Finding, LeafRow, leaf_findings
from gateway.services.audit_index import Reading, number_of
from gateway.store.audit import (
    RegistryRow,
    explained_rows,
    registered_in,
    registry_by_batch,
    strays_of_registry,
)
from gateway.store.tables import holds


def registry_findings(reading: Reading) -> Iterator[Finding]:
    """Yield what is wrong with the registry."""
    missing = dict(reading.index.batches)
    for batch, rows in registry_by_batch(reading.connection):
        said = reading.said_at(missing.pop(batch, None))
        claim = Claim(number_of(said["people"]), str(said["root"]), 0) if said else None
        yield from leaf_findings(f"registry batch {batch}", map(_registry_leaf, rows), claim)
    for batch in missing:
        yield Finding(Fault.MISSING, f"registry batch {batch}", "its entry is there and its leaves are not")
    for batch, position in reading.index.batches.items():
        yield from _registered(reading, batch, position)
    strays = strays_of_registry(reading.connection, reading.index.batches)
    if any(strays):
        what = f"{strays.subjects} subjects and {strays.identifiers} identifiers are not as any batch brought them"
        yield Finding(Fault.INSERTED, "registry", what)


def hold_findings(reading: Reading) -> Iterator[Finding]:
    """Yield what is wrong with holds: as many, and as many lifted, of each subject as were entered."""
    held: Counter[str] = Counter()
    lifted: Counter[str] = Counter()
    for explained in explained_rows(reading.connection, holds):
        row = explained.row
        held[row["subject_ref"]] += 1
        lifted[row["subject_ref"]] += row["lifted_at"] is not None
        said = reading.said_at(row["explained_by"])
        mine = {"subject": row["subject_ref"], "at": row["lifted_at"] or row["placed_at"]}
        if row["lifted_at"] is None:
            mine |= {"reason": row["reason"], "case": row["case_reference"]}
        if any(said.get(name) != value for name, value in mine.items()):
            yield Finding(Fault.CHANGED, f"hold of entry {row['explained_by']}", "it does not say what its entry says")
    # A hold that is gone lets somebody be disclosed: neither may one be missing nor lifted without an entry.
    for found, entered in ((held, reading.index.held), (lifted, reading.index.lifted)):
        differing = {subject for subject in found.keys() | entered.keys() if found[subject] != entered[subject]}
        if differing - reading.index.forgotten:
            yield Finding(Fault.MISSING, "holds", f"of {len(differing)} subjects they are not as many as were entered")


def _registered(reading: Reading, batch: int, position: int) -> Iterator[Finding]:
    for known in registered_in(reading.connection, batch, position):
        where = f"registry batch {batch} row {known.position}"
        if known.secret is None:
            if known.subject_ref not in reading.index.forgotten:
                yield Finding(Fault.MISSING, where, "its subject is gone, and no entry says that it was forgotten")
        elif registry_commitment(known.secret, known.identifiers) != known.commitment:
            yield Finding(Fault.CHANGED, where, "its subject's secret or identifiers are not those that it brought")


def _registry_leaf(row: RegistryRow) -> LeafRow:
    def at(position: int) -> bytes:
        return registry_leaf(row.batch, position, row.subject_ref, row.commitment)

    return LeafRow(row.position, row.leaf, at)
