"""Say which agreements there are to plan: each with since when it may run, what is in its way, and its parts.

An agreement whose file has a fault, or has gone while a list of it is still open, is named with the reason; the others
are planned all the same.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.agreements.force import Reason
from gateway.errors import GatewayError
from gateway.model.agreement import Agreement
from gateway.services.agreements.agreement_shelf import Shelf
from gateway.services.agreements.agreement_standing import standing_of
from gateway.services.planning.night_plan import WHOLE, BlockedAgreement, Scheduled
from gateway.services.workplace import Workplace
from gateway.store.night import agreements_with_open_lists, approved_at, offices_loaded

_GONE = Reason(
    "agreement-missing",
    "lists of it are open, and its file is not there",
    "Put the file back, or settle its lists: `gateway disclose status`",
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The agreements that can be planned, and those that cannot be read."""

    agreements: tuple[Scheduled, ...]
    unreadable: tuple[BlockedAgreement, ...]


def schedule_of(workplace: Workplace, connection: Connection) -> Schedule:
    """Return every agreement of the county, in the order of names."""
    shelf = Shelf.of(workplace)
    agreements, unreadable = [], []
    for agreement_id in shelf.agreement_ids():
        try:
            agreements.append(_scheduled(workplace, shelf, connection, agreement_id))
        except GatewayError as error:
            unreadable.append(BlockedAgreement(agreement_id, Reason(error.code, str(error), error.advice())))
    gone = agreements_with_open_lists(connection) - set(shelf.agreement_ids())
    unreadable += [BlockedAgreement(agreement_id, _GONE) for agreement_id in sorted(gone)]
    return Schedule(tuple(agreements), tuple(unreadable))


def _scheduled(workplace: Workplace, shelf: Shelf, connection: Connection, agreement_id: str) -> Scheduled:
    standing = standing_of(workplace, connection, agreement_id)
    return Scheduled(
        agreement=standing.agreement,
        since=approved_at(connection, standing.statement.statement_hash),
        blocked=next(iter(standing.reasons), None),
        parts=_parts_of(standing.agreement, shelf, connection),
    )


def _parts_of(agreement: Agreement, shelf: Shelf, connection: Connection) -> tuple[str, ...]:
    """Return the parts of every list: one an office and the fallback, or the whole.

    What counts is the register that the newest snapshot was loaded with, because lists are made from that.
    """
    if agreement.split is None:
        return (WHOLE,)
    offices = offices_loaded(connection) or shelf.jobcentres().office_ids
    return tuple(sorted({*offices, agreement.split.fallback}))
