"""Count what a list of differences would tell if it were made now, or say why it would be a full one.

Everybody is compared as a run compares them; no row is finished or kept.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import Connection

from gateway.minimisation import list_select, list_terms
from gateway.minimisation.delta import Counts, differences, held_after, same_line
from gateway.model.selection import WithheldReason
from gateway.selection.guard import reasons_about_differences
from gateway.services.agreements.agreement_standing import Standing
from gateway.services.disclosure.delta_base import Base, WhyFull, base_of
from gateway.services.disclosure.delta_rows import told_before
from gateway.services.disclosure.list_decisions import ListTerms
from gateway.services.disclosure.list_making import list_reference
from gateway.services.workplace import Workplace
from gateway.store.scan import scan


@dataclass(frozen=True, slots=True)
class Expected:
    """What a list of one part would tell, against which list; `why_full` where it would be a full one."""

    part: str
    base: str | None
    joiners: int
    changes: int
    leavers: int
    why_full: WhyFull | None
    withheld: tuple[WithheldReason, ...]


def expected_differences(
    workplace: Workplace, connection: Connection, standing: Standing, parts: Iterable[ListTerms]
) -> Iterator[Expected]:
    """Yield what the list of each part would tell; nothing for an agreement whose lists are all full ones."""
    for terms in parts:
        base = base_of(connection, terms, standing)
        if isinstance(base, WhyFull):
            yield Expected(terms.part, None, 0, 0, 0, base, ())
        elif base is not None:
            yield _expected(workplace, connection, terms, base)


def _expected(workplace: Workplace, connection: Connection, terms: ListTerms, base: Base) -> Expected:
    found = _counted(workplace, connection, terms, base)
    withheld = reasons_about_differences(found.rows, base.people, terms.agreement)
    counts = found.joiners, found.changes, found.leavers
    return Expected(terms.part, base.newest.reference, *counts, None, withheld)


def _counted(workplace: Workplace, connection: Connection, terms: ListTerms, base: Base) -> Counts:
    agreement, counts = terms.agreement, Counts()
    rows = list_terms(agreement, list_reference(terms), workplace.keys.reference_key(agreement.agreement_id))
    statement = list_select(agreement, terms.framework, **terms.asked())
    with told_before(connection, base) as told:
        held = held_after(told, *base.places)
        selected = chain.from_iterable(scan(connection, statement, alone=True))
        for _ in differences(selected, held, same_line(agreement, rows), counts):
            pass
    return counts
