"""Law L7 against somebody who has stolen every key of ours: what they sign again agrees with itself, and with nothing else.

The whole database is rewritten as its owner: a row of evidence, its list's root, the entry that sealed the list, every
checkpoint since. What a recipient co-signed is taken away with its entry. `audit verify` by itself finds nothing in
that, which is what a checkpoint kept elsewhere is for.
"""

import json

import pytest
from sqlalchemy import delete, select, update

from gateway.documents.canonical import canonical_json
from gateway.ledger.checkpoint import Checkpoint, open_checkpoint, parse_vkey, sign_checkpoint
from gateway.ledger.entries import Event
from gateway.ledger.evidence import leaf
from gateway.ledger.tree import leaf_hash, root_of
from gateway.ledger.verify import Fault
from gateway.store.tables import checkpoints, cosignatures, evidence, ledger, lists, subtrees
from tests.evidence_made import make_evidence
from tests.tampering import as_owner, found_in, is_row, put_triggers_back, rows_of


@pytest.fixture
def made(store, everyone):
    make_evidence(store, everyone)
    return store


@pytest.fixture
def outside(made, signer):
    """Every checkpoint of the log, as somebody else kept it."""
    with made.reading() as connection:
        notes = connection.execute(select(checkpoints.c.note).order_by(checkpoints.c.size)).scalars().all()
    return [open_checkpoint(note, [parse_vkey(signer.vkey)]) for note in notes]


def test_L7_a_database_signed_again_throughout_is_found_from_any_checkpoint_since(made, signer, outside):
    with as_owner(made) as connection:
        changed_at = rewrite_a_row(connection)
        take_away_what_was_cosigned(connection)
        sign_everything_again(connection, signer)
        put_triggers_back(connection)
        assert found_in(connection, signer) == []
        before = [each for each in outside if each.size < changed_at]
        since = [each for each in outside if each.size >= changed_at]
        assert found_in(connection, signer, before[-1]) == []
        for checkpoint in (since[0], since[-1]):
            (finding,) = found_in(connection, signer, checkpoint)
            assert (finding.fault, finding.where.endswith("kept elsewhere")) == (Fault.FORKED, True)


def test_L7_what_a_recipient_cosigned_shows_it_while_it_is_there(made, signer):
    with as_owner(made) as connection:
        rewrite_a_row(connection)
        sign_everything_again(connection, signer)
        put_triggers_back(connection)
        (finding,) = found_in(connection, signer)
    assert (finding.fault, "co-signed by" in finding.where) == (Fault.FORKED, True)


def rewrite_a_row(connection) -> int:
    """Change whom a list told, and make the list agree with itself; return the entry that sealed it."""
    row = rows_of(connection, evidence)[0]
    kept = connection.execute(select(lists).where(lists.c.list_id == row["list_id"])).one()
    forged = row | {"fields": row["fields"] ^ 1}
    forged["leaf"] = leaf(
        kept.reference, row["position"], row["subject_ref"], forged["fields"], row["factors"], row["commitment"]
    )
    connection.execute(update(evidence).where(is_row(evidence, row)).values(forged))
    leaves = select(evidence.c.leaf).where(evidence.c.list_id == row["list_id"]).order_by(evidence.c.position)
    root = root_of(connection.execute(leaves).scalars())
    connection.execute(update(lists).where(lists.c.list_id == row["list_id"]).values(root=root))
    sealed = next(each for each in rows_of(connection, ledger) if kept.root.hex().encode() in each["body"])
    enter_instead(connection, sealed, sealed["event"], json.loads(sealed["body"])["body"] | {"root": root.hex()})
    return int(sealed["position"])


def take_away_what_was_cosigned(connection) -> None:
    """Enter something else in the place of each entry that says so."""
    connection.execute(delete(cosignatures))
    for entry in rows_of(connection, ledger):
        if entry["event"] == Event.CHECKPOINT_WITNESSED.value:
            enter_instead(connection, entry, Event.SERVICE_STOPPED.value, {})


def enter_instead(connection, entry, event: str, body: dict[str, object]) -> None:
    content = canonical_json(json.loads(entry["body"]) | {"event": event, "body": body})
    changed = {"event": event, "body": content, "leaf": leaf_hash(content)}
    connection.execute(update(ledger).where(is_row(ledger, entry)).values(changed))


def sign_everything_again(connection, signer) -> None:
    """Sign every checkpoint over the entries as they are now; what is kept of the trees is worked out again when asked."""
    leaves = [row["leaf"] for row in rows_of(connection, ledger)]
    for row in rows_of(connection, checkpoints):
        forged = Checkpoint(signer.name, row["size"], root_of(leaves[: row["size"]]))
        values = {"root": forged.root, "note": sign_checkpoint(forged, signer)}
        connection.execute(update(checkpoints).where(is_row(checkpoints, row)).values(values))
    connection.execute(delete(subtrees))
