"""Keep a list in the mode `match_first` to the people whom the list that it answers asks about, and to no others.

Who may be told of is decided as for any list, by the same statements; here rows are only left out. So an answer holds
nobody whom the agreement does not include, and nobody whom the recipient did not ask about.

Any other part of such an agreement is its reach: everybody of whom an answer could tell. It is previewed, lists that
come in are held against it, and it is never made.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, func, select

from gateway.errors import DisclosureRefused
from gateway.model.agreement import Agreement, Mode
from gateway.selection.funnel import Funnel
from gateway.store.claimants import ASKED, asking, last_answered, subjects_asked
from gateway.store.lists import last_people
from gateway.store.tables import persons

_TAKE = "Lists come in by `gateway claimants take FILE --agreement {0}`, and the service fetches what they left for us."


def is_reach(agreement: Agreement, part: str) -> bool:
    """Say whether a part is everybody whom an answer could tell of, and no list."""
    return agreement.mode is Mode.MATCH_FIRST and not part.startswith(ASKED)


def rows_that_go(
    connection: Connection, agreement: Agreement, window: str, part: str, statement: Select[Any]
) -> Select[Any]:
    """Return a statement about selected people, about those of them alone who go."""
    if agreement.mode is not Mode.MATCH_FIRST or is_reach(agreement, part):
        return statement
    return statement.where(persons.c.subject_ref.in_(subjects_asked(connection, agreement.agreement_id, window, part)))


def only_asked(funnel: Funnel, connection: Connection, selected: Select[Any]) -> Funnel:
    """Return the funnel of an answer; `selected` is the statement of those who go."""
    counted = select(func.count()).select_from(selected.order_by(None).subquery())
    going = int(connection.execute(counted).scalar_one())
    return replace(funnel, included=going, not_asked=funnel.included - going)


def people_before(connection: Connection, agreement: Agreement, part: str) -> int | None:
    """Return how many people were on the list before; an answer is compared with the last one, whatever it answered."""
    if agreement.mode is Mode.MATCH_FIRST:
        return None if is_reach(agreement, part) else last_answered(connection, agreement.agreement_id)
    return last_people(connection, agreement.agreement_id, part)


def parts_asked(connection: Connection, agreement_id: str, day: date) -> tuple[str, ...]:
    """Return the parts that answer the lists of a day. Raises DisclosureRefused where none came in."""
    parts = tuple(each.part for each in asking(connection, agreement_id) if each.window == day.isoformat())
    if not parts:
        raise DisclosureRefused(
            f"{agreement_id} answers lists of its recipient and makes none by itself; none came in on {day}",
            advice=_TAKE.format(agreement_id),
        )
    return parts
