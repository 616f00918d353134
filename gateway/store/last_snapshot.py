"""Edge: answer what recall.py asks of the last snapshot: records of people, members of families, who lived where.

Questions come in blocks, because a statement may not have any number of parameters.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, and_, select

from gateway.model.records import LastMembership, LastSeen
from gateway.store import tables

#: A source and its own id.
Handle = tuple[str, str]
T = TypeVar("T")
_AT_ONCE = 500
_record, _person = tables.person_records.c, tables.persons.c
_family, _member = tables.families.c, tables.memberships.c


class SnapshotReader:
    """One snapshot, asked about records by their sources' own ids."""

    def __init__(self, connection: Connection, snapshot_id: int) -> None:
        self._connection = connection
        self._snapshot_id = snapshot_id

    def records(self, handles: Collection[Handle]) -> Iterator[LastSeen]:
        """Yield those of the records that the snapshot has."""
        for block in _blocks(sorted(handles)):
            for row in self._records(_record.source_id.in_({source_id for _, source_id in block})):
                if (row.source, row.source_id) in handles:
                    yield row

    def records_of(self, source: str) -> Iterator[LastSeen]:
        """Yield every record of a source."""
        return self._records(_record.source == source)

    def living_at(self, postcodes: Collection[str]) -> Iterator[LastSeen]:
        """Yield the records of people who live at the postcodes."""
        for block in _blocks(sorted(postcodes)):
            yield from self._records(_person.postcode.in_(block))

    def members(self, families: Collection[Handle]) -> Iterator[LastMembership]:
        """Yield the memberships of families, for each record of the member in the family's own source."""
        for block in _blocks(sorted(families)):
            asked = self._memberships().where(_family.source_id.in_({source_id for _, source_id in block}))
            for row in map(LastMembership._make, self._connection.execute(asked)):
                if (row.source, row.family_id) in families:
                    yield row

    def memberships_of(self, people: Collection[Handle]) -> Iterator[LastMembership]:
        """Yield the memberships of people, in families of their record's own source."""
        for block in _blocks(sorted(people)):
            asked = self._memberships().where(_record.source_id.in_({source_id for _, source_id in block}))
            for row in map(LastMembership._make, self._connection.execute(asked)):
                if (row.source, row.person_id) in people:
                    yield row

    def _records(self, which: ColumnElement[bool]) -> Iterator[LastSeen]:
        joined = tables.person_records.join(
            tables.persons,
            and_(_person.snapshot_id == _record.snapshot_id, _person.person_key == _record.person_key),
        )
        asked = (
            select(
                *(_record.source, _record.source_id, _person.forename, _person.surname, _person.date_of_birth),
                *(_person.nino, _person.postcode, _person.deceased_on),
            )
            .select_from(joined)
            .where(_record.snapshot_id == self._snapshot_id, which)
        )
        return map(LastSeen._make, self._connection.execute(asked))

    def _memberships(self) -> Select[Any]:
        of_family = and_(_member.snapshot_id == _family.snapshot_id, _member.family_key == _family.family_key)
        of_person = and_(
            _record.snapshot_id == _member.snapshot_id,
            _record.person_key == _member.person_key,
            _record.source == _family.source,
        )
        joined = tables.families.join(tables.memberships, of_family).join(tables.person_records, of_person)
        columns = (_family.source, _family.source_id, _record.source_id, _member.from_on, _member.to_on)
        return select(*columns).select_from(joined).where(_family.snapshot_id == self._snapshot_id)


def _blocks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))
