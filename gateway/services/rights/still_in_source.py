"""Say whether the newest extracts still name a person: then the next load would bring them back.

Asked of the extracts themselves and not of the snapshot, which also carries over whom a refused line may have been
about. A person is known by the blind index of every id that any load ever brought of them; lines that would be refused
count too.
"""

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, select

from gateway.cohort.gathered import Gathered, Handle
from gateway.errors import ConfigurationError, NotForgettable, SourceError
from gateway.services.sources.source_intake import Intake, read_mappings
from gateway.services.workplace import Workplace
from gateway.store.blind_index import index_value
from gateway.store.tables import subject_identifiers


def is_still_in_source(workplace: Workplace, connection: Connection, subject_refs: Collection[str]) -> bool:
    """Say whether the newest extracts name any of the subjects. Raises NotForgettable where they cannot be read."""
    columns = subject_identifiers.c
    known = connection.execute(
        select(columns.kind, columns.value).where(columns.subject_ref.in_(list(subject_refs)))
    ).all()
    ids = {(kind, value) for kind, value in known}
    sources, key = {kind for kind, _ in ids}, workplace.keys.index_key()
    named = (handle for handle in _named(_newest(workplace)) if handle[0] in sources)
    return any((handle[0], index_value(key, handle)) in ids for handle in named)


def _newest(workplace: Workplace) -> Gathered:
    today, gathered = workplace.clock.today(), Gathered()
    try:
        intake = Intake(read_mappings(workplace.folders.mappings), gathered=gathered)
        intake.find(workplace.folders.sources, today)
        intake.read(environment=workplace.environment, as_at=today, between=_nothing)
    except (SourceError, ConfigurationError) as error:
        raise NotForgettable(
            f"whether the newest extracts hold them cannot be said ({error.code})", advice=error.advice()
        ) from None
    return gathered


def _named(gathered: Gathered) -> Iterator[Handle]:
    yield from ((person.source, person.source_id) for person in gathered.persons)
    for records in (
        gathered.memberships,
        gathered.episodes,
        gathered.involvements,
        gathered.addresses,
        gathered.identifiers,
    ):
        yield from ((record.source, record.person_id) for record in records)
    yield from ((reject.source, person_id) for reject in gathered.rejects for person_id in reject.person_ids)


def _nothing() -> None:
    """Keep nobody's place: no load waits for this."""
