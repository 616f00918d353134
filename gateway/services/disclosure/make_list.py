"""Make one list beside others: decide, scan and seal while they write, and enter it once nothing came in between.

- What a list is made on is read once, with the number of the ledger's last entry: its footing. Every change of a row
  carries its entry (law L10), and entries are made in turns, so the entries behind that number say all that changed.
- When the list has its turn, those entries are read. Where one of them may concern the list, what was made is thrown
  away, and the list is made again from a footing that is read anew, with its turn first. So an agreement that was
  suspended, or a hold that was placed, while a list was being made is heeded by that list.
- Entries of lists of other agreements and parts concern nobody else: those are what is made side by side. Whatever is
  not named here concerns every list.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.errors import CountsDisagree
from gateway.ledger.events import Event
from gateway.services.agreements.agreement_standing import Standing
from gateway.services.disclosure.list_decisions import ListTerms
from gateway.services.disclosure.list_making import ListMade, record_made
from gateway.services.disclosure.seal_list import make_within
from gateway.services.workplace import Workplace
from gateway.store.entries import entries_behind
from gateway.store.lists import are_lists_of

#: What is entered of one list as it is made and delivered, and concerns no list of another agreement or part.
_OF_ONE_LIST = frozenset(
    {
        Event.LIST_PLANNED,
        Event.LIST_WITHHELD,
        Event.LIST_SEALED,
        Event.LIST_VOID,
        Event.LIST_SENDING,
        Event.LIST_UPLOADED,
        Event.LIST_VERIFIED,
        Event.LIST_UNCERTAIN,
        Event.LIST_FAILED,
        Event.DELIVERY_ATTEMPTED,
    }
)


@dataclass(frozen=True, slots=True)
class Footing:
    """What a list is made on; `since` is the last entry that the ledger had when this was read."""

    standing: Standing
    terms: ListTerms
    since: int


#: Reads a list's footing anew, and raises where the list may not be made any more.
Again = Callable[[Connection], Footing]


class _CameBetween(Exception):
    """Something was entered that may concern the list that is being made."""


def make_list(workplace: Workplace, footing: Footing, again: Again) -> ListMade:
    """Make the list of one window and part, or say why there is none."""
    try:
        made = _make(workplace, footing, again, alone=False)
    except (_CameBetween, CountsDisagree):
        # Two questions that saw different people disagree too. With the turn first they see the same.
        made = _make(workplace, footing, again, alone=True)
    record_made(workplace, made)
    return made


def came_between(connection: Connection, footing: Footing) -> bool:
    """Say whether something was entered since the footing was read that may concern the list."""
    behind = list(entries_behind(connection, footing.since))
    if any(entry.event not in _OF_ONE_LIST for entry in behind):
        return True
    terms, named = footing.terms, {str(entry.body["list"]) for entry in behind}
    return are_lists_of(connection, named, terms.agreement.agreement_id, terms.part)


def _make(workplace: Workplace, footing: Footing, again: Again, *, alone: bool) -> ListMade:
    terms = footing.terms
    # Lists of one part are made one after another by all hosts alike: each is compared with the one before.
    part = f"{terms.agreement.agreement_id}/{terms.part}"
    with workplace.store.preparing(workplace.actor, part, alone=alone) as work:
        now = again(work.connection) if came_between(work.connection, footing) else footing

        def take_turn() -> None:
            work.take_turn()
            if came_between(work.connection, now):
                raise _CameBetween

        return make_within(workplace, work, now.standing, now.terms, take_turn)
