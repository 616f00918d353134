"""Law L7: any changed, removed, inserted or reordered row of evidence is found, and named.

The tampering is done as the database's owner, by SQL, with the triggers dropped and put back; no checkpoint kept
elsewhere helps but where a test says so.
"""

import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import UniqueConstraint, delete, insert, select, text, update

from gateway.ledger.checkpoint import Checkpoint, Ed25519Signer, open_checkpoint, parse_vkey, sign_checkpoint
from gateway.ledger.cosignature import Cosigner
from gateway.ledger.evidence import leaf
from gateway.ledger.tree import leaf_hash, root_of
from gateway.ledger.verify import Fault
from gateway.model.time import from_text
from gateway.store.evidence_blocks import ROWS
from gateway.store.tables import (
    APPEND_ONLY,
    EXPLAINED,
    checkpoints,
    cosignatures,
    evidence,
    handover_people,
    handovers,
    ledger,
    lists,
    metadata,
    registry_leaves,
    subject_identifiers,
    subjects,
)
from tests.evidence_made import WITNESS, make_evidence
from tests.lists_made import keep_statement_of, seal_list_of, some_subjects
from tests.tampering import (
    as_owner,
    damage_in,
    found_in,
    is_damaged,
    is_row,
    other_value,
    put_triggers_back,
    rows_of,
    tampering,
)

FIRST_LIST = "L-2026-11-20-all"
#: Handed over another way, and purged since.
PURGED = "HND-90"
JUDGED = {table.name: table for table in (*APPEND_ONLY, *EXPLAINED)}
#: What `audit verify` does not hold against anything, and why.
NOT_JUDGED = {
    # Numbers that the database gives its own rows and that say nothing.
    ("attempts", "attempt_id"),
    ("holds", "hold_id"),
    ("link_verdicts", "verdict_id"),
    # Signed by our OpenPGP key, with the list's hash in it: checked by whoever reads it.
    ("packages", "manifest"),
    # Of a retired key: it is never used again, and its retirement does not repeat them.
    ("keys", "not_before_on"),
    ("keys", "not_after_on"),
}
COLUMNS = [
    (table.name, column.name)
    for table in JUDGED.values()
    for column in table.columns
    if (table.name, column.name) not in NOT_JUDGED
]


#: Tables whose rows are the leaves of a tree, each in its place, and what `audit verify` calls such a row.
PLACES = {
    "ledger": "entry {position}",
    "evidence": "list {list} row {position}",
    "registry_leaves": "registry batch {batch} row {position}",
    "handover_people": "handover {handover} row {position}",
    "told_people": "reconciliation {reference} row {position}",
}
NUMBERED = [table.name for table in JUDGED.values() if {"leaf", "position"} <= set(table.c.keys())]


@pytest.fixture
def made(store, everyone):
    make_evidence(store, everyone)
    return store


@pytest.fixture
def made_sqlite(sqlite_store, everyone):
    make_evidence(sqlite_store, everyone)
    return sqlite_store


def test_L7_what_was_not_touched_is_whole(made, signer):
    with as_owner(made) as connection:
        put_triggers_back(connection)
        assert found_in(connection, signer) == []


def test_L7_every_table_of_evidence_has_rows_to_tamper_with(made):
    with made.reading() as connection:
        for table in JUDGED.values():
            assert rows_of(connection, table), table.name


def test_L7_a_change_of_any_column_of_any_row_is_found(made, signer):
    unseen = []
    with as_owner(made) as connection:
        for table_name, column_name in COLUMNS:
            table = JUDGED[table_name]
            column, rows = table.c[column_name], rows_of(connection, table)
            for row in {id(row): row for row in (rows[0], rows[-1])}.values():
                changed = {column_name: other_value(column, row[column_name])}
                with tampering(connection):
                    connection.execute(update(table).where(is_row(table, row)).values(changed))
                    if not is_damaged(connection, signer) and not _numbers_nothing(connection, column, row):
                        unseen.append((table_name, column_name, row[column_name], changed))
    assert unseen == [], "\n".join(map(str, unseen))


def _numbers_nothing(connection, column, row) -> bool:
    """Whether the column is the number of a list or handover of which no rows are here; the number then says nothing."""
    numbered = {"lists.list_id": evidence.c.list_id, "handovers.handover_id": handover_people.c.handover_id}
    named = numbered.get(str(column))
    return named is not None and connection.execute(select(named).where(named == row[column.name])).first() is None


def test_L7_a_value_taken_away_is_found(made, signer):
    unseen = []
    with as_owner(made) as connection:
        for table_name, column_name in COLUMNS:
            table = JUDGED[table_name]
            # The database refuses a sealed list without a root, its owner's too.
            if not table.c[column_name].nullable or (table_name, column_name) == ("lists", "root"):
                continue
            for row in [row for row in rows_of(connection, table) if row[column_name] is not None][:1]:
                with tampering(connection):
                    connection.execute(update(table).where(is_row(table, row)).values({column_name: None}))
                    if not is_damaged(connection, signer):
                        unseen.append((table_name, column_name))
    assert unseen == [], "\n".join(map(str, unseen))


def test_L7_a_removed_row_is_found(made, signer):
    unseen = []
    with as_owner(made) as connection:
        for table in JUDGED.values():
            for row in rows_of(connection, table):
                with tampering(connection):
                    connection.execute(delete(table).where(is_row(table, row)))
                    # A package goes when its retention ends.
                    if not is_damaged(connection, signer) and table.name != "packages":
                        unseen.append((table.name, row))
    assert unseen == [], "\n".join(map(str, unseen))


def test_L7_an_emptied_table_is_found(made, signer):
    with as_owner(made) as connection:
        for table in JUDGED.values():
            with tampering(connection):
                if connection.dialect.name == "postgresql":
                    connection.execute(text(f"TRUNCATE {table.name} CASCADE"))
                else:
                    connection.execute(delete(table))
                assert rows_of(connection, table) == []
                assert is_damaged(connection, signer) or table.name == "packages", table.name


def test_L7_an_inserted_row_is_found(made, signer):
    unseen = []
    with as_owner(made) as connection:
        for table in JUDGED.values():
            row = rows_of(connection, table)[-1]
            unique = {column.name for key in _unique_keys(table) for column in key}
            added = row | {name: other_value(table.c[name], row[name]) for name in unique}
            with tampering(connection):
                connection.execute(insert(table).values(added))
                if not is_damaged(connection, signer):
                    unseen.append(table.name)
    assert unseen == [], "\n".join(map(str, unseen))


def test_L7_two_rows_that_change_their_places_are_found(made, signer):
    """Of every table: all that one row says stands under the key of another, and the other way round."""
    unseen, swapped = [], 0
    with as_owner(made) as connection:
        for table in JUDGED.values():
            one, two = pair = rows_of(connection, table)[:2] if len(rows_of(connection, table)) > 1 else (None, None)
            if one is None or not _differ(table, *pair) or _key_says_nothing(table):
                continue
            keys = [{column.name: row[column.name] for column in table.primary_key.columns} for row in pair]
            with tampering(connection):
                for row in pair:
                    connection.execute(delete(table).where(is_row(table, row)))
                connection.execute(insert(table).values(one | keys[1]))
                connection.execute(insert(table).values(two | keys[0]))
                swapped += 1
                if not is_damaged(connection, signer):
                    unseen.append(table.name)
    assert unseen == []
    assert swapped > len(JUDGED) // 2


def _key_says_nothing(table) -> bool:
    return {(table.name, column.name) for column in table.primary_key.columns} <= NOT_JUDGED


def _differ(table, one, two) -> bool:
    judged = [column.name for column in table.columns if not column.primary_key]
    return any(one[name] != two[name] for name in judged if (table.name, name) not in NOT_JUDGED)


def _unique_keys(table):
    yield table.primary_key.columns
    yield from (constraint.columns for constraint in table.constraints if isinstance(constraint, UniqueConstraint))


def test_every_table_of_leaves_is_known_here():
    assert sorted(NUMBERED) == sorted(PLACES)
    assert {table.name for table in metadata.tables.values() if "leaf" in table.c} == set(PLACES)


def _of_the_longest(rows, table):
    """The rows of one tree, of the one that has most."""
    key = [column.name for column in table.primary_key.columns if column.name != "position"]
    trees = {}
    for row in rows:
        trees.setdefault(tuple(row[name] for name in key), []).append(row)
    return max(trees.values(), key=len)


def _place(connection, table, row) -> str:
    """What `audit verify` calls the place of a row."""
    names = dict(row)
    if "list_id" in row:
        names["list"] = connection.execute(select(lists.c.reference).where(lists.c.list_id == row["list_id"])).scalar()
    if "handover_id" in row:
        named = select(handovers.c.reference).where(handovers.c.handover_id == row["handover_id"])
        names["handover"] = connection.execute(named).scalar()
    return PLACES[table.name].format(**names)


@pytest.mark.parametrize("name", NUMBERED)
def test_L7_where_leaf_and_row_disagree_the_row_is_named(made, signer, name):
    table, unnamed = metadata.tables[name], []
    with as_owner(made) as connection:
        for column in table.columns:
            # A sealed line is no part of the leaf: the list has a root over the lines for that.
            if column.primary_key or column.name == "line_sealed":
                continue
            for row in _of_the_longest(rows_of(connection, table), table)[1:3]:
                with tampering(connection):
                    changed = {column.name: other_value(column, row[column.name])}
                    connection.execute(update(table).where(is_row(table, row)).values(changed))
                    where = _place(connection, table, row)
                    if where not in {each.where for each in damage_in(connection, signer)}:
                        unnamed.append((column.name, where))
    assert unnamed == []


@pytest.mark.parametrize("name", NUMBERED)
@pytest.mark.parametrize("gone", [1, 3])
def test_L7_a_tail_that_was_cut_off_is_found_and_counted(made, signer, name, gone):
    table = metadata.tables[name]
    with as_owner(made) as connection:
        cut = _of_the_longest(rows_of(connection, table), table)[-gone:]
        for row in cut:
            connection.execute(delete(table).where(is_row(table, row)))
        found = {each.fault for each in damage_in(connection, signer)}
    assert Fault.TRUNCATED in found


@pytest.mark.parametrize("table", NUMBERED)
def test_L7_two_rows_in_each_others_place_are_found_and_named(made, signer, table):
    table = metadata.tables[table]
    with made.reading() as connection:
        first, second = _of_the_longest(rows_of(connection, table), table)[-2:]
    with as_owner(made) as connection:
        for row, place in ((first, 9999), (second, first["position"])):
            connection.execute(update(table).where(is_row(table, row)).values(position=place))
        moved = is_row(table, first | {"position": 9999})
        connection.execute(update(table).where(moved).values(position=second["position"]))
        put_triggers_back(connection)
        found = found_in(connection, signer)
    named = [finding.where for finding in found if finding.fault is Fault.REORDERED]
    assert len(named) == 2, found
    assert all(str(row["position"]) in where for row, where in zip((first, second), named, strict=True))


def test_L7_rows_of_a_list_rewritten_to_agree_with_themselves_are_found_at_the_list(made, signer):
    with made.reading() as connection:
        row = rows_of(connection, evidence)[0]
        reference = connection.execute(select(lists.c.reference).order_by(lists.c.list_id)).scalars().first()
    forged = row | {"fields": row["fields"] ^ 1}
    forged["leaf"] = leaf(
        reference, row["position"], row["subject_ref"], forged["fields"], row["factors"], row["commitment"]
    )
    with as_owner(made) as connection:
        connection.execute(update(evidence).where(is_row(evidence, row)).values(forged))
        put_triggers_back(connection)
        found = found_in(connection, signer)
    assert [(finding.fault, finding.where) for finding in found] == [(Fault.CHANGED, f"list {reference}")]


def test_L7_a_cut_and_shifted_list_is_found(made, signer):
    with made.reading() as connection:
        rows = [row for row in rows_of(connection, evidence) if row["list_id"] == 1]
    with as_owner(made) as connection:
        connection.execute(delete(evidence).where(is_row(evidence, rows[3])))
        for row in rows[4:]:
            shifted = update(evidence).where(is_row(evidence, row)).values(position=row["position"] - 1)
            connection.execute(shifted)
        put_triggers_back(connection)
        found = {finding.fault for finding in found_in(connection, signer)}
    assert {Fault.REORDERED, Fault.TRUNCATED} <= found


@pytest.mark.parametrize("column", ["secret", "identifiers"])
def test_L7_two_people_of_the_registry_swapped_are_found(made, signer, column):
    with made.reading() as connection:
        one, two = rows_of(connection, subjects)[:2]
    with as_owner(made) as connection:
        if column == "secret":
            for row, other in ((one, two), (two, one)):
                connection.execute(update(subjects).where(is_row(subjects, row)).values(secret=other["secret"]))
        else:
            spare = "00000000-0000-0000-0000-000000000000"
            for was, becomes in ((one, spare), (two, one["subject_ref"]), ({"subject_ref": spare}, two["subject_ref"])):
                reference = becomes if isinstance(becomes, str) else becomes["subject_ref"]
                same = subject_identifiers.c.subject_ref == was["subject_ref"]
                connection.execute(update(subject_identifiers).where(same).values(subject_ref=reference))
        put_triggers_back(connection)
        found = found_in(connection, signer)
    assert {finding.fault for finding in found} == {Fault.CHANGED}
    assert all(finding.where.startswith("registry batch") for finding in found)


def test_L7_forgetting_a_person_with_its_entry_leaves_everything_whole(made, signer, everyone):
    from gateway.ledger.entries import Event

    with made.reading() as connection:
        person = rows_of(connection, subjects)[0]["subject_ref"]
    with made.writing(everyone) as work:
        work.enter(Event.SUBJECT_FORGOTTEN, subject=person, reason="request", case="IG-2026-3")
        for table in (subject_identifiers, subjects):
            work.connection.execute(delete(table).where(table.c.subject_ref == person))
    with made.reading() as connection:
        assert found_in(connection, signer) == []


@pytest.mark.parametrize("keep", [0, 1, 5, -1])
def test_L7_a_log_cut_with_its_checkpoints_is_found_from_a_checkpoint_kept_elsewhere(made, signer, keep):
    with made.reading() as connection:
        sizes = connection.execute(select(checkpoints.c.size).order_by(checkpoints.c.size)).scalars().all()
        newest = connection.execute(select(checkpoints.c.note).order_by(checkpoints.c.size.desc())).scalars().first()
    outside = open_checkpoint(newest, [parse_vkey(signer.vkey)])
    last = ([0, *sizes])[keep] if keep >= 0 else sizes[-2]
    with as_owner(made) as connection:
        connection.execute(delete(ledger).where(ledger.c.position > last))
        connection.execute(delete(checkpoints).where(checkpoints.c.size > last))
        put_triggers_back(connection)
        found = found_in(connection, signer, outside)
    assert Fault.TRUNCATED in {finding.fault for finding in found}


def test_L7_a_log_signed_again_with_stolen_keys_is_found_from_what_others_saw_of_it(made, signer):
    """A recipient cosigned a checkpoint, and we do not have that key; or somebody kept one on paper."""
    with made.reading() as connection:
        rows = rows_of(connection, ledger)
        notes = rows_of(connection, checkpoints)
    outside = Checkpoint(signer.name, notes[1]["size"], notes[1]["root"])
    # The time of the first entry is written back by a second, and everything after it made to agree.
    forged = [row | {"body": row["body"], "leaf": row["leaf"]} for row in rows]
    forged[0]["at"] = "2026-11-01T08:59:59Z"
    forged[0]["body"] = rows[0]["body"].replace(rows[0]["at"].encode(), b"2026-11-01T08:59:59Z")
    forged[0]["leaf"] = leaf_hash(forged[0]["body"])
    with as_owner(made) as connection:
        connection.execute(update(ledger).where(ledger.c.position == 1).values(forged[0]))
        for note in notes:
            root = root_of(row["leaf"] for row in forged[: note["size"]])
            signed = sign_checkpoint(Checkpoint(signer.name, note["size"], root), signer)
            same = checkpoints.c.size == note["size"]
            connection.execute(update(checkpoints).where(same).values(root=root, note=signed))
        put_triggers_back(connection)
        (by_witness,) = found_in(connection, signer)
        (by_paper,) = found_in(connection, signer, outside)
    assert (by_witness.fault, by_paper.fault) == (Fault.FORKED, Fault.FORKED)
    assert by_witness.where.endswith(f"co-signed by {WITNESS}")
    assert by_paper.where.endswith("kept elsewhere")


def test_L7_a_log_cut_behind_what_a_recipient_cosigned_is_found(made, signer):
    """As a restored backup is, whose newest checkpoint nobody kept but the recipient."""
    with made.reading() as connection:
        (cosigned,) = rows_of(connection, cosignatures)
    with as_owner(made) as connection:
        connection.execute(delete(ledger).where(ledger.c.position >= cosigned["size"]))
        connection.execute(delete(checkpoints).where(checkpoints.c.size >= cosigned["size"]))
        put_triggers_back(connection)
        found = found_in(connection, signer)
    assert any(finding.fault is Fault.TRUNCATED and str(cosigned["size"]) in finding.what for finding in found)


def test_L7_a_cosignature_that_the_witness_did_not_make_is_found(made, signer):
    thief = Cosigner(WITNESS, Ed25519PrivateKey.generate())
    with as_owner(made) as connection:
        (row,) = rows_of(connection, cosignatures)
        note = thief.cosign(row["note"].rpartition("\N{EM DASH}")[0], from_text(row["cosigned_at"]))
        connection.execute(update(cosignatures).values(note=note))
        put_triggers_back(connection)
        found = found_in(connection, signer)
    assert {finding.fault for finding in found} == {Fault.UNSIGNED, Fault.CHANGED}


def test_L7_a_log_signed_by_another_key_is_found(made, signer):
    thief = Ed25519Signer(signer.name, Ed25519PrivateKey.generate())
    with as_owner(made) as connection:
        for row in rows_of(connection, checkpoints):
            note = sign_checkpoint(Checkpoint(signer.name, row["size"], row["root"]), thief)
            connection.execute(update(checkpoints).where(is_row(checkpoints, row)).values(note=note))
        put_triggers_back(connection)
        assert {finding.fault for finding in found_in(connection, signer)} == {Fault.UNSIGNED}


def test_L7_a_missing_trigger_is_found(made, signer):
    with as_owner(made) as connection:
        found = found_in(connection, signer)
    assert {finding.fault for finding in found} == {Fault.UNGUARDED}
    assert len(found) >= 2 * len(APPEND_ONLY) + 3 * len(EXPLAINED)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_L7_any_byte_of_any_row_of_evidence_is_held(made_sqlite, signer, data):
    """A bit flipped anywhere in the stored bytes of an append-only row."""
    table = data.draw(st.sampled_from(APPEND_ONLY))
    with made_sqlite.reading() as connection:
        row = data.draw(st.sampled_from(rows_of(connection, table)))
    columns = [name for name, value in row.items() if isinstance(value, bytes) and value]
    if not columns:
        return
    name = data.draw(st.sampled_from(columns))
    bit = data.draw(st.integers(0, len(row[name]) * 8 - 1))
    value = bytearray(row[name])
    value[bit // 8] ^= 1 << bit % 8
    with as_owner(made_sqlite) as connection:
        connection.execute(update(table).where(is_row(table, row)).values({name: bytes(value)}))
        put_triggers_back(connection)
        assert found_in(connection, signer)


@pytest.mark.parametrize("value", [None, "text", -1, 2**40, 1.5, b"\0" * 3])
@pytest.mark.parametrize("name", ["subject_ref", "fields", "factors", "commitment", "leaf", "line_sealed"])
def test_L7_what_no_row_of_ours_can_hold_is_found_and_stops_nothing(made_sqlite, signer, name, value):
    """SQLite takes any value in any column."""
    if value is None and name != "line_sealed":
        return
    with as_owner(made_sqlite) as connection:
        connection.exec_driver_sql(f"UPDATE evidence SET {name} = ? WHERE list_id = 1 AND position = 1", (value,))
        put_triggers_back(connection)
        assert found_in(connection, signer)


def test_L7_bytes_that_pass_from_one_column_to_the_next_are_found(made_sqlite, signer):
    """The leaf is over the columns one behind the other: on SQLite, where they have no width, it would stay."""
    with made_sqlite.reading() as connection:
        row = rows_of(connection, evidence)[0]
        leaf_of_registry = rows_of(connection, registry_leaves)[0]
    bytes_of = row["subject_ref"].encode() + struct.pack(">II", row["fields"], row["factors"]) + row["commitment"]
    moved = dict(zip(("fields", "factors"), struct.unpack(">II", bytes_of[35:43]), strict=True))
    moved |= {"subject_ref": bytes_of[:35].decode(), "commitment": bytes_of[43:]}
    with as_owner(made_sqlite) as connection:
        connection.execute(update(evidence).where(is_row(evidence, row)).values(moved))
        put_triggers_back(connection)
        (finding,) = found_in(connection, signer)
    assert (finding.fault, finding.where) == (Fault.CHANGED, f"list {FIRST_LIST} row 1")
    reference, committed = leaf_of_registry["subject_ref"], leaf_of_registry["commitment"]
    moved = {"subject_ref": reference[:35], "commitment": reference[35:].encode() + committed}
    with as_owner(made_sqlite) as connection:
        where = is_row(registry_leaves, leaf_of_registry)
        connection.execute(update(registry_leaves).where(where).values(moved))
        put_triggers_back(connection)
        assert Fault.CHANGED in {finding.fault for finding in found_in(connection, signer)}


def test_L7_columns_of_other_widths_are_found(made, signer):
    """Where PostgreSQL joins the columns, the row's bytes are those that they were."""
    with made.reading() as connection:
        row = rows_of(connection, evidence)[0]
    moved = {"commitment": row["commitment"][:-1], "leaf": row["commitment"][-1:] + row["leaf"]}
    with as_owner(made) as connection:
        connection.execute(update(evidence).where(is_row(evidence, row)).values(moved))
        put_triggers_back(connection)
        found = found_in(connection, signer)
    assert (found[0].fault, found[0].where) == (Fault.CHANGED, f"list {FIRST_LIST} row 1")


def test_L7_a_list_of_many_blocks_is_whole_and_each_kind_of_change_in_it_is_named(store, everyone, signer):
    keep_statement_of(store, everyone)
    seal_list_of(store, everyone, "2026-11-20", some_subjects(2 * ROWS + 7))
    where = evidence.c.position
    changes = {
        (Fault.CHANGED, ROWS): update(evidence).where(where == ROWS).values(fields=1),
        (Fault.MISSING, ROWS + 1): delete(evidence).where(where == ROWS + 1),
        (Fault.INSERTED, 0): update(evidence).where(where == 2 * ROWS + 7).values(position=0),
        (Fault.MISSING, 2 * ROWS + 7): update(evidence).where(where == 2 * ROWS + 7).values(position=3 * ROWS),
    }
    with as_owner(store) as connection:
        put_triggers_back(connection)
        assert found_in(connection, signer) == []
    for (fault, row), change in changes.items():
        with as_owner(store) as connection:
            connection.execute(change)
            put_triggers_back(connection)
            found = found_in(connection, signer)
        assert (fault, f"list {FIRST_LIST} row {row}") in {(each.fault, each.where) for each in found}, found


def test_a_row_that_cannot_be_packed_is_an_error_of_struct():
    with pytest.raises(struct.error):
        leaf("L", 2**40, "", 0, 0, b"")
