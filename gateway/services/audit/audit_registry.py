"""Hold the subject registry and the holds against their entries: only what was forgotten may be missing.

The leaves of a batch are worked out from their own rows. Where the registry still knows a subject, its secret and
identifiers must be those that the leaf commits to, so that two people's rows cannot be swapped unseen. When the key of
the index is changed, one batch brings all identifiers anew, and those before it say only whom they brought.
"""

from collections import Counter
from collections.abc import Collection, Iterator

from gateway.ledger.evidence import registry_commitment, registry_leaf
from gateway.ledger.verify import Claim, Fault, Finding, LeafRow, leaf_findings
from gateway.services.audit.audit_index import Reading, number_of
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
    """Yield what is wrong with holds: those that were placed are there as they were placed, and lifted if they were."""
    held: Counter[tuple[object, ...]] = Counter()
    lifted: Counter[tuple[object, ...]] = Counter()
    for explained in explained_rows(reading.connection, holds):
        row, said = explained.row, reading.said_at(explained.row["explained_by"])
        held[row["subject_ref"], row["reason"], row["case_reference"], row["placed_at"]] += 1
        if row["lifted_at"] is not None:
            lifted[row["subject_ref"], row["lifted_at"]] += 1
        if (said.get("subject"), said.get("at")) != (row["subject_ref"], row["lifted_at"] or row["placed_at"]):
            yield Finding(Fault.CHANGED, f"hold of entry {row['explained_by']}", "it does not say what its entry says")
    # A hold that is gone, or was lifted by nobody, lets somebody be disclosed.
    yield from _as_entered("placed", held, reading.index.held, reading.index.forgotten)
    yield from _as_entered("lifted", lifted, reading.index.lifted, reading.index.forgotten)


def _as_entered(
    what: str, found: Counter[tuple[object, ...]], entered: Counter[tuple[object, ...]], forgotten: Collection[str]
) -> Iterator[Finding]:
    for fault, differing in ((Fault.MISSING, entered - found), (Fault.INSERTED, found - entered)):
        count = sum(number for key, number in differing.items() if key[0] not in forgotten)
        if count:
            yield Finding(fault, "holds", f"{count} are not as they were {what}")


def _registered(reading: Reading, batch: int, position: int) -> Iterator[Finding]:
    for known in registered_in(reading.connection, batch, position):
        where = f"registry batch {batch} row {known.position}"
        if known.secret is None:
            if known.subject_ref not in reading.index.forgotten:
                yield Finding(Fault.MISSING, where, "its subject is gone, and no entry says that it was forgotten")
        elif known.subject_ref in reading.index.forgotten:
            yield Finding(Fault.INSERTED, where, "its subject was forgotten, and is in the registry again")
        # A batch from before the index was made anew brought identifiers that are gone.
        elif batch >= reading.index.reindexed and (
            registry_commitment(known.secret, known.identifiers) != known.commitment
        ):
            yield Finding(Fault.CHANGED, where, "its subject's secret or identifiers are not those that it brought")


def _registry_leaf(row: RegistryRow) -> LeafRow:
    def at(position: int) -> bytes:
        return registry_leaf(row.batch, position, row.subject_ref, row.commitment)

    return LeafRow(row.position, row.leaf, at)
