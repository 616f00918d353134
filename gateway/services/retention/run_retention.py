"""Remove what is due to go: each thing by itself, in one transaction with the entry that says so, or not at all.

- Asked again inside that transaction: a hold that was placed meanwhile keeps it, and what is gone is not removed twice.
- The night removes sealed copies and snapshots. Evidence goes only when a person of the right role runs it, under the
  case reference of the decision: a clock that runs ahead must not cost the county its evidence.
- Evidence that is not what was sealed stays, is told of when everything else is done, and is for `audit verify`.
- Our sealed copy is not sent again afterwards, by anybody (law L4): only a list at rest loses it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from gateway.errors import LedgerDamaged, StoreError
from gateway.model.delivery import RESTING
from gateway.model.officers import Action
from gateway.model.retention import IRREPLACEABLE, Due, Kept
from gateway.model.time import london_day
from gateway.services.agreements.stop_disclosures import require_case
from gateway.services.retention.plan_retention import RetentionPlan, plan_in
from gateway.services.workplace import Workplace
from gateway.store.handovers import Handover, handover_named
from gateway.store.lists import KeptList, list_named
from gateway.store.purge import Term, purge_handover, purge_list, purge_told, remove_ciphertext
from gateway.store.receipts import state_since
from gateway.store.reconciliations import reconciliation_named
from gateway.store.registers import copies_kept
from gateway.store.retention import holds_on_handovers, holds_on_lists, holds_on_told, purged_on
from gateway.store.snapshots import drop_expired
from gateway.store.work import Work

#: Why a sealed copy goes. Stored.
TERM_ENDED = "term-ended"


@dataclass(frozen=True, slots=True)
class RetentionRun:
    """What went, what a hold keeps, and what waits for a person because it is evidence or is not whole."""

    gone: tuple[Due, ...]
    held: tuple[Due, ...]
    waiting: tuple[Due, ...]
    damaged: tuple[Due, ...] = ()


def run_retention(workplace: Workplace) -> RetentionRun:
    """Remove sealed copies and snapshots whose time is over. Raises AccessDenied."""
    workplace.actor.require(Action.RUN_RETENTION)
    plan = _plan(workplace)
    snapshots = plan.to_go(Kept.SNAPSHOT)
    gone = [each for each in plan.to_go(Kept.SEALED_COPY) if _copy_goes(workplace, each)]
    gone += snapshots if _snapshots_go(workplace, snapshots) else ()
    _record(workplace, gone)
    return RetentionRun(tuple(gone), plan.held, plan.evidence)


def purge_evidence(workplace: Workplace, case: str) -> RetentionRun:
    """Purge the evidence at its term; `case` is where that was decided. Raises AccessDenied, DisclosureRefused."""
    workplace.actor.require(Action.PURGE_EVIDENCE)
    require_case(case)
    plan, gone, damaged = _plan(workplace), list[Due](), list[Due]()
    for each in plan.evidence:
        try:
            if _evidence_goes(workplace, each, case):
                gone.append(each)
        except LedgerDamaged:
            damaged.append(each)
    _record(workplace, gone)
    return RetentionRun(tuple(gone), plan.held, (), tuple(damaged))


def _plan(workplace: Workplace) -> RetentionPlan:
    with workplace.store.reading() as connection:
        return plan_in(connection, workplace, workplace.clock.today())


def _copy_goes(workplace: Workplace, due: Due) -> bool:
    with workplace.store.writing(workplace.actor) as work:
        if not _list_still_goes(work.connection, due):
            return False
        days = {"rested_on": due.rested_on, "kept_until": due.kept_until}
        remove_ciphertext(work, _listed(work.connection, due), reason=TERM_ENDED, **days)
    return True


def _snapshots_go(workplace: Workplace, due: Sequence[Due]) -> bool:
    if not due:
        return False
    with workplace.store.writing(workplace.actor) as work:
        before = workplace.clock.today() - timedelta(days=workplace.snapshot_kept_days)
        return bool(drop_expired(work, before))


def _evidence_goes(workplace: Workplace, due: Due, case: str) -> bool:
    term = Term(due.rested_on, due.kept_until, case)
    with workplace.store.writing(workplace.actor) as work:
        if due.kind is Kept.EVIDENCE:
            return _list_purged(work, due, term)
        if due.kind is Kept.TOLD:
            return _told_purged(work, due, term)
        handover = _handover_still_going(work.connection, due)
        if handover is not None:
            purge_handover(work, handover, term)
    return handover is not None


def _list_purged(work: Work, due: Due, term: Term) -> bool:
    goes = _list_still_goes(work.connection, due)
    if goes:
        purge_list(work, _listed(work.connection, due), term)
    return goes


def _told_purged(work: Work, due: Due, term: Term) -> bool:
    made = reconciliation_named(work.connection, due.reference)
    is_kept = purged_on(work.connection, due.kind, due.reference) is None
    goes = made is not None and is_kept and not holds_on_told(work.connection, [due.reference])
    if goes and made is not None:
        purge_told(work, made, term)
    return goes


def _list_still_goes(connection: Connection, due: Due) -> bool:
    """Say whether nothing came meanwhile: no hold, no move of the list, nobody who removed it first."""
    kept = _listed(connection, due)
    if due.kind is Kept.SEALED_COPY:
        is_there = bool(copies_kept(connection, [kept.list_id]))
    else:
        is_there = purged_on(connection, due.kind, due.reference) is None
    at_rest = kept.state in RESTING and london_day(state_since(connection, kept.list_id)) == due.rested_on
    return is_there and at_rest and not holds_on_lists(connection, [kept.list_id])


def _handover_still_going(connection: Connection, due: Due) -> Handover | None:
    if due.kind is not Kept.HANDOVER or purged_on(connection, due.kind, due.reference) is not None:
        return None
    found = handover_named(connection, due.reference)
    return None if found is None or holds_on_handovers(connection, [found.handover_id]) else found


def _listed(connection: Connection, due: Due) -> KeptList:
    kept = list_named(connection, due.reference)
    if kept is None:
        raise StoreError(f"there is no list {due.reference}")
    return kept


def _record(workplace: Workplace, gone: Sequence[Due]) -> None:
    copies, snapshots, evidence = (
        sum(each.kind in kinds for each in gone) for kinds in ({Kept.SEALED_COPY}, {Kept.SNAPSHOT}, IRREPLACEABLE)
    )
    workplace.record("retention:removed", copies=copies, snapshots=snapshots, evidence=evidence)
