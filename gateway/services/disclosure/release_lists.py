"""Release a withheld list: a second person looked, and it may go, less whoever has been held or flagged since.

Bound to the snapshot, the statement and the digest of what was withheld (selection/release.py has the argument). The
person who releases is not the one who ran the list.
"""

from datetime import date
from enum import StrEnum

from sqlalchemy import Connection, select

from gateway.errors import EntryInvalid, NotReleasable
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.model.officers import Action
from gateway.model.selection import WithheldReason
from gateway.selection.holding import as_released, as_withheld
from gateway.selection.release import Bound, check_bound, check_shrinks, selection_digest
from gateway.services.agreements.agreement_standing import approved_statement
from gateway.services.disclosure.list_decisions import Decided, ListTerms
from gateway.services.disclosure.list_making import ListMade, Making, record_made
from gateway.services.disclosure.seal_list import seal
from gateway.services.workplace import Workplace
from gateway.store.lists import KeptList, list_named
from gateway.store.snapshots import newest_snapshot, snapshot_facts
from gateway.store.tables import ledger
from gateway.store.work import Work

#: What no person's release can cure: the cause has to go, and the next window makes a new list.
NOT_FOR_RELEASE = frozenset({WithheldReason.MINOR_SELECTED, WithheldReason.UNMAPPED_CODE})


class ReleaseReason(StrEnum):
    """Why a withheld list may go after all. Stored."""

    LOOKED_AT = "looked-at"
    CHANGE_EXPECTED = "change-expected"
    NOBODY_EXPECTED = "nobody-expected"
    FAMILIES_DECIDED = "families-decided"


def release_list(workplace: Workplace, reference: str, *, reason: str, case_reference: str) -> ListMade:
    """Seal a withheld list after all; `reason` is a ReleaseReason. Raises NotReleasable where it may not be."""
    workplace.actor.require(Action.RELEASE)
    if reason not in set(ReleaseReason):
        raise EntryInvalid("the reason is none of those that the ledger keeps", advice=", ".join(ReleaseReason))
    with workplace.store.writing(workplace.actor) as work:
        withheld = _withheld(workplace, work.connection, reference)
        making = _made_again(workplace, work, withheld)
        now = list(making.selected(making.holding))
        with making.whole() as whole:
            decided = making.judge(whole)
            _require_curable(reference, decided)
            work.enter(
                Event.LIST_RELEASED,
                list=reference,
                reason=reason,
                case=case_reference,
                snapshot=making.terms.snapshot.reference,
                people=len(now),
                excluded=decided.funnel.everyone - len(now),
                decision_digest=selection_digest(now),
                statement=withheld.statement_hash,
            )
            made = seal(making, decided, whole, released=True)
    record_made(workplace, made)
    return made


def _withheld(workplace: Workplace, connection: Connection, reference: str) -> KeptList:
    """Return the list, if this person may release it."""
    withheld = list_named(connection, reference)
    if withheld is None or withheld.state is not ListState.WITHHELD:
        raise NotReleasable(f"{reference} is not a withheld list")
    if _explained(connection, withheld)[0] == workplace.actor.account:
        raise NotReleasable("whoever ran a list may not release it", advice="Ask another approver.")
    return withheld


def _require_curable(reference: str, decided: Decided) -> None:
    reasons = NOT_FOR_RELEASE.intersection(decided.withheld.reasons if decided.withheld else ())
    if reasons:
        raise NotReleasable(
            f"{reference} is withheld for {', '.join(sorted(reasons))}, which no release cures",
            advice="Mend the cause; the next window makes a new list.",
        )


def _made_again(workplace: Workplace, work: Work, withheld: KeptList) -> Making:
    """Return the list ready to be made from exactly what was withheld, less whoever has been held or flagged since."""
    standing = approved_statement(workplace, work.connection, withheld.agreement_id)
    snapshot = snapshot_facts(work.connection, withheld.snapshot_id)
    if snapshot is None:
        raise NotReleasable("the snapshot of this list is no longer kept", advice="Wait for the next window.")
    day = date.fromisoformat(withheld.window)
    terms = ListTerms(standing.agreement, standing.framework, snapshot, day, withheld.part)
    withheld_at = _explained(work.connection, withheld)[1]
    newest = newest_snapshot(work.connection)
    holding = as_released(withheld_at, newest.snapshot_id if newest else None)
    making = Making(workplace, work, standing, terms, withheld.list_id, withheld.reference, holding)
    then = list(making.selected(as_withheld(withheld_at)))
    check_bound(
        Bound(withheld.snapshot_id, withheld.statement_hash, withheld.decision_digest or ""),
        Bound(snapshot.snapshot_id, standing.statement.statement_hash, selection_digest(then)),
    )
    check_shrinks(then, making.selected(holding))
    return making


def _explained(connection: Connection, withheld: KeptList) -> tuple[str, str]:
    """Return who withheld the list, and when."""
    query = select(ledger.c.actor, ledger.c.at).where(ledger.c.position == withheld.explained_by)
    row = connection.execute(query).one()
    return row.actor, row.at
