"""Edge: make the blind index anew when its key is changed: everybody at once, in one transaction.

- Each value is hashed again under the new secret, so nobody's identifier is needed, and people who are in no extract
  any more are found as before. The old values go: with them and the old key somebody could go on trying numbers.
- The new rows are a batch of the registry like any other: a leaf for each subject, and their root in the entry. From
  then on the older batches say only whom they brought, and this one what leads to them
  (services/audit/audit_registry.py).
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import groupby

from sqlalchemy import delete, select

from gateway.errors import LedgerDamaged
from gateway.ledger.entries import Event
from gateway.ledger.evidence import registry_commitment, registry_leaf
from gateway.ledger.tree import root_of
from gateway.model.keys import IndexKey
from gateway.store.blind_index import hashed_again, index_key_of
from gateway.store.bulk import insert_rows
from gateway.store.registry_growth import Leaf, leaves_of, next_batch
from gateway.store.streams import stream
from gateway.store.tables import registry_leaves, subject_identifiers, subjects
from gateway.store.work import Work

#: A subject's reference and secret, and the kind and new value of each of its identifiers.
Indexed = tuple[str, bytes, list[tuple[str, bytes]]]


def reindex(work: Work, to: IndexKey, *, fingerprint: str) -> int:
    """Make the index anew under a key that has more secrets than it was made with; return how many people are in it.

    Raises KeyUnusable where the key is older than the index.
    """
    before = index_key_of(work.connection, to)
    people = list(_indexed_anew(work, to.secrets[before.version :]))
    if people:
        _replace(work, people, to.version, fingerprint)
    return len(people)


def _indexed_anew(work: Work, secrets: Sequence[bytes]) -> Iterator[Indexed]:
    columns = subject_identifiers.c
    statement = (
        select(columns.subject_ref, subjects.c.secret, columns.kind, columns.value)
        .outerjoin(subjects, subjects.c.subject_ref == columns.subject_ref)
        .order_by(subjects.c.batch, subjects.c.position, columns.kind, columns.value)
    )
    for (subject_ref, of_subject), rows in groupby(stream(work.connection, statement), lambda row: (row[0], row[1])):
        if of_subject is None:
            raise LedgerDamaged("the registry's index leads to a subject that is not in the registry")
        yield subject_ref, of_subject, [(row.kind, reduce(hashed_again, secrets, row.value)) for row in rows]


def _replace(work: Work, people: Sequence[Indexed], version: int, fingerprint: str) -> None:
    batch = next_batch(work.connection)
    leaves = list(_leaves(batch, people, version))
    root = root_of(leaf for *_, leaf in leaves)
    position = work.enter(
        Event.REGISTRY_REINDEXED,
        batch=batch,
        people=len(people),
        root=root.hex(),
        identifiers=sum(len(identifiers) for *_, identifiers in people),
        index_version=version,
        fingerprint=fingerprint,
    )
    work.connection.execute(delete(subject_identifiers))
    rows = (
        (kind, value, version, subject_ref, position)
        for subject_ref, _, identifiers in people
        for kind, value in identifiers
    )
    names = ("kind", "value", "index_version", "subject_ref", "explained_by")
    insert_rows(work.connection, subject_identifiers, names, rows)
    insert_rows(work.connection, registry_leaves, ("batch", "position", "subject_ref", "commitment", "leaf"), leaves)
    if root_of(leaves_of(work.connection, batch)) != root:
        raise LedgerDamaged("the registry's new rows are not what was handed to the database")


def _leaves(batch: int, people: Sequence[Indexed], version: int) -> Iterator[Leaf]:
    for position, (subject_ref, secret, identifiers) in enumerate(people):
        committed = registry_commitment(secret, [(kind, version, value) for kind, value in identifiers])
        yield batch, position, subject_ref, committed, registry_leaf(batch, position, subject_ref, committed)
