"""Many rows at once: each arrives as it was given, however many there are for one statement."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from gateway.store.bulk import insert_rows
from gateway.store.tables import episodes

COLUMNS = tuple(column.name for column in episodes.c)


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
def test_rows_arrive_as_they_were_given(store, everyone, count):
    begun = date(2026, 1, 1)
    rows = [(1, key, key * 2, begun + timedelta(key), None if key % 3 else begun) for key in range(count)]
    with store.writing(everyone) as work:
        insert_rows(work.connection, episodes, COLUMNS, iter(rows))
    with store.reading() as connection:
        found = connection.execute(select(episodes).order_by(episodes.c.episode_key)).all()
    assert [tuple(row) for row in found] == rows
