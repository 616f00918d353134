"""Law L2: a field that is not agreed never appears in output bytes, whatever the sources grow.

Columns, rows and values that no agreement names are changed at random; the bytes of the list must not change. And
what is written must be the agreed fields of included people and nothing besides.
"""

from datetime import date
from random import Random

import pytest
from sqlalchemy import Connection, text

from gateway.minimisation import finish_block, header, list_select, list_terms
from gateway.model.fields import FIELDS
from gateway.model.people import Person
from gateway.model.selection import Included
from gateway.selection.evaluate import decide
from gateway.selection.rules import Rules, rules_of
from gateway.store.people import people_in
from gateway.store.scan import scan
from tests.agreements_made import a_framework, an_agreement, fields
from tests.random_county import a_random_agreement, a_random_framework, a_random_snapshot
from tests.snapshot_builder import DAY, SNAPSHOT, Snapshot

KEY = b"k" * 32
CANARY = "Canary-of-L2"


def list_bytes(connection: Connection, agreement, framework, day: date = DAY) -> bytes:
    statement = list_select(agreement, framework, snapshot_id=SNAPSHOT, day=day)
    terms, content, position = list_terms(agreement, "LIST-1", KEY), header(agreement), 0
    for lines in scan(connection, statement):
        block = finish_block(lines, terms, position)
        content, position = content + block.content, position + len(block.rows)
    return content


@pytest.mark.parametrize("seed", range(3))
def test_L2_columns_that_sources_grow_never_reach_the_list(connection, seed):
    rng = Random(seed)
    a_random_snapshot(rng, SNAPSHOT, DAY).write(connection)
    agreed = [(a_random_agreement(rng), a_random_framework(rng)) for _ in range(2)]
    before = [list_bytes(connection, *each) for each in agreed]
    for table in ("persons", "families", "needs", "involvements", "memberships", "office_sectors"):
        connection.execute(text(f"ALTER TABLE {table} ADD COLUMN grown_{rng.randrange(1000)} TEXT DEFAULT '{CANARY}'"))
    assert [list_bytes(connection, *each) for each in agreed] == before


@pytest.mark.parametrize("seed", range(3))
def test_L2_other_snapshots_and_sources_of_records_never_change_the_list(connection, seed):
    rng = Random(seed)
    a_random_snapshot(rng, SNAPSHOT, DAY).write(connection)
    agreed = [(a_random_agreement(rng), a_random_framework(rng)) for _ in range(2)]
    before = [list_bytes(connection, *each) for each in agreed]
    a_random_snapshot(rng, SNAPSHOT + 1, DAY).write(connection)
    connection.execute(text(f"UPDATE families SET source = '{CANARY}', source_id = '{CANARY}' || family_key"))
    insert = "INSERT INTO person_records (snapshot_id, source, source_id, person_key, rule) VALUES (:s, :c, :c, 1, :c)"
    connection.execute(text(insert), {"s": SNAPSHOT, "c": CANARY})
    assert [list_bytes(connection, *each) for each in agreed] == before


#: For each column of a person or a lead professional, the fields that may tell it.
TOLD_BY = {
    "surname": {"surname"},
    "forename": {"forename"},
    "name": {"lead_professional_name"},
    "email": {"lead_professional_contact"},
    "phone": {"lead_professional_contact"},
    "team": set(),
}


@pytest.mark.parametrize("left_out", sorted(FIELDS))
@pytest.mark.parametrize("column", sorted(TOLD_BY))
def test_L2_a_value_is_told_by_its_own_field_and_by_no_other(sqlite_connection, column, left_out):
    snapshot = Snapshot()
    snapshot.family(1, members=(snapshot.person(1),))
    rows = snapshot.only("persons") if column in {"surname", "forename"} else snapshot.only("involvements")
    rows[0].update({column: CANARY} | ({"email": None} if column == "phone" else {}))
    snapshot.write(sqlite_connection)
    agreed = tuple(name for name in FIELDS if name != left_out or name == "record_ref")
    written = list_bytes(sqlite_connection, an_agreement(fields=fields(*agreed)), a_framework())
    assert written.count(b"\r\n") == 2
    assert (CANARY.encode() in written) is bool(TOLD_BY[column] & set(agreed))


@pytest.mark.parametrize("seed", range(3))
def test_L2_everything_on_a_line_belongs_to_an_agreed_field_of_an_included_person(sqlite_connection, seed):
    """Worked out a second time from the people themselves, for the fields that are disclosed as they are."""
    rng = Random(seed)
    a_random_snapshot(rng, SNAPSHOT, DAY).write(sqlite_connection)
    agreement = an_agreement(
        fields=fields("record_ref", "surname", "forename", "date_of_birth", "nino"), factors_needed=0
    )
    framework = a_framework(needed=1, must_exist=frozenset())
    rules = rules_of(agreement, framework)
    included = [each for each in people_in(sqlite_connection, SNAPSHOT) if _is_included(each, rules)]
    assert included
    statement = list_select(agreement, framework, snapshot_id=SNAPSHOT, day=DAY)
    rows = [tuple(row) for row in sqlite_connection.execute(statement)]
    expected = {
        each.subject_ref: (each.surname or None, each.forename or None, str(each.date_of_birth), each.nino)
        for each in included
    }
    assert {row[0]: row[3:] for row in rows} == expected


def _is_included(person: Person, rules: Rules) -> bool:
    return isinstance(decide(person, rules, DAY), Included)
