"""Make the rows of a list of differences from one scan, and say whether the list waits for a person.

Today's list is scanned as for a full one, and beside it what the recipient holds (delta_base.py); both come in the
order of references, are merged (minimisation/delta.py) and kept nowhere. Only rows that differ are finished, sealed
and written as evidence.

Whoever leaves is told of with their own secret, from the registry, some thousand at a time. Somebody forgotten has
none: theirs is drawn and kept nowhere, so that the row is what every row of a forgotten person is.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from heapq import merge
from itertools import chain, islice

from sqlalchemy import Connection

from gateway.ledger.digests import DecisionDigest
from gateway.ledger.evidence import SECRET_BYTES
from gateway.minimisation.delta import (
    Counts,
    Row,
    differences,
    finish_rows,
    held_after,
    held_select,
    leavers_in,
    same_line,
)
from gateway.minimisation.line import Block, ListTerms
from gateway.model.agreement import Agreement, EmptyList
from gateway.model.selection import Withheld
from gateway.selection.guard import reasons_about_differences
from gateway.services.disclosure.delta_base import Base
from gateway.store.delta import secrets_of
from gateway.store.lists import KeptList
from gateway.store.scan import BLOCK
from gateway.store.scan_beside import ScansBeside

_REFERENCE = slice(0, 36)


@contextmanager
def told_before(connection: Connection, base: Base) -> Iterator[Iterator[bytes]]:
    """Give what the lists behind and beside a base told, in the order of references, as `held_after` reads it."""
    full, *others = base.list_ids
    # SQLite sorts in our memory, and a full list, which tells the most, needs no sorting. On PostgreSQL each statement
    # more would take a connection more.
    apart = others and connection.dialect.name == "sqlite"
    asked = [[full], others] if apart else [base.list_ids]
    with ExitStack() as stack:
        scans = [stack.enter_context(closing(ScansBeside(connection, [held_select(list_ids)]))) for list_ids in asked]
        yield merge(*(chain.from_iterable(part) for scan in scans for part in scan.parts), key=_reference_of)


class Differences:
    """The rows of a list that is built on a base; `draw` gives random bytes."""

    def __init__(
        self,
        connection: Connection,
        agreement: Agreement,
        terms: ListTerms,
        base: Base,
        draw: Callable[[int], bytes],
    ) -> None:
        self._connection = connection
        self._agreement = agreement
        self._terms = terms
        self._all = base
        self._draw = draw
        self._decisions = DecisionDigest()
        self.counts = Counts()
        self.selected = 0

    def blocks(self, scanned: Iterable[list[bytes]]) -> Iterator[Block]:
        """Yield the rows, finished, of a full list's blocks as they are scanned."""
        base = self._all
        with told_before(self._connection, base) as told:
            held = held_after(told, *base.places)
            lines = chain.from_iterable(map(self._counted, scanned))
            rows = differences(lines, held, same_line(self._agreement, self._terms), self.counts)
            position = 1
            while taken := list(islice(rows, BLOCK)):
                yield finish_rows(taken, self._agreement, self._terms, position, self._secrets(taken))
                position += len(taken)

    @property
    def base(self) -> KeptList:
        """The list that the differences are against."""
        return self._all.newest

    @property
    def decision_digest(self) -> str:
        """The digest of everybody who was selected, as for a full list."""
        return self._decisions.hexdigest()

    @property
    def withheld(self) -> Withheld | None:
        """Return why the list waits for a person, once its rows were made."""
        before = self._all.people
        reasons = reasons_about_differences(self.counts.rows, before, self._agreement)
        return Withheld(reasons, self.selected, before) if reasons else None

    @property
    def stops(self) -> bool:
        """Say whether the list is not made now: it waits, or nothing differs and the agreement sends nothing then."""
        nothing = self.counts.rows == 0 and self._agreement.empty_list is EmptyList.SKIP
        return nothing or self.withheld is not None

    def _counted(self, scanned: list[bytes]) -> list[bytes]:
        self.selected += len(scanned)
        self._decisions.extend((line[_REFERENCE].decode(), None) for line in scanned)
        return scanned

    def _secrets(self, rows: Sequence[Row]) -> dict[str, bytes]:
        leavers = leavers_in(rows)
        known = secrets_of(self._connection, leavers)
        return known | {ref: self._draw(SECRET_BYTES) for ref in leavers if ref not in known}


def _reference_of(line: bytes) -> bytes:
    return line[_REFERENCE]
