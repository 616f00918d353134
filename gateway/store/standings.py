"""Edge: the standing of a snapshot's families, kept so that each list of a night need not work it out again.

- It follows from the snapshot's other rows, in the transaction that writes them, and goes in the one that changes them
  (forgets.py) or writes the next snapshot. Each of these has its entry, by which a list that is being made finds out.
- Where the row of one family is missing, none of it counts as kept.

What it is, and under which number, is selection/standing.py's.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, literal, select

from gateway.store.tables import families, family_standings

_COLUMNS = [column.name for column in family_standings.c]


def keep_standings(connection: Connection, snapshot_id: int, numbered: Mapping[int, Select[Any]]) -> None:
    """Keep what each statement says of a new snapshot's families, by number; nothing of other snapshots any more."""
    connection.execute(delete(family_standings).where(family_standings.c.snapshot_id != snapshot_id))
    for number, statement in numbered.items():
        rows = statement.with_only_columns(
            literal(snapshot_id), literal(number), *statement.selected_columns, maintain_column_froms=True
        )
        connection.execute(insert(family_standings).from_select(_COLUMNS, rows))
    # What a database does not know the size of it looks through again for each person.
    connection.exec_driver_sql(f"ANALYZE {family_standings.name}")


def is_kept(connection: Connection, snapshot_id: int, number: int) -> bool:
    """Say whether every family of the snapshot has its row under the number."""
    standing = family_standings.c
    kept = select(func.count()).where(standing.snapshot_id == snapshot_id, standing.standing == number)
    there = select(func.count()).where(families.c.snapshot_id == snapshot_id)
    return bool(connection.execute(kept).scalar_one() == connection.execute(there).scalar_one())


def drop_standings(connection: Connection, snapshot_id: int) -> None:
    """Keep nothing of a snapshot any more: its rows are about to change."""
    connection.execute(delete(family_standings).where(family_standings.c.snapshot_id == snapshot_id))
