"""Settle a database that was restored from an older backup, so that the gateway can go on and sends nothing twice.

Such a database is older than the newest checkpoint that was kept outside of it: what was sent since is not in it. In
one transaction:

(1) The ledger says that entries were lost, from which to which, and the root of that checkpoint (ledger/losses.py).
(2) Everything is stopped. Holds, stops and approvals since the backup are lost too, and an approver says that they
    were entered again (stop_disclosures.py) before anything runs.
(3) Each list that may have moved since becomes `uncertain`, and so does each window that may have had one and has no
    row. They are never run or sent by themselves: a receipt settles them, the server where it shows the very package,
    or a person's word (attest_lists.py).
(4) No number of a lease is used again, so that whoever slept through all this finds nothing its own.
(5) The log goes on behind the size of that checkpoint.
(6) Whoever was forgotten since is deleted again (forget_again.py).

It takes an approver who cannot have restored the database: nobody who operates the machine.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from gateway.agreements.force import EVERYTHING
from gateway.errors import NotSettleable
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.events import Event
from gateway.model.delivery import RESTORED, ListState
from gateway.model.officers import Action, Role
from gateway.model.time import as_text
from gateway.services.agreements.approve_agreements import keep_prepared
from gateway.services.agreements.stop_disclosures import StopReason, require_case
from gateway.services.disclosure.list_making import reference_of
from gateway.services.restoring.lost_lists import LostAgreement, LostLists, lost_lists
from gateway.services.restoring.lost_windows import Lost
from gateway.services.rights.forget_again import do_again, finish_again
from gateway.services.workplace import Workplace
from gateway.store.agreements import KeptStatement, partner_bound_by, set_switch, statement_kept
from gateway.store.leases import outlive
from gateway.store.lists import NO_SNAPSHOT, move_list, plan_list
from gateway.store.night import last_entry_at, log_size
from gateway.store.work import Work

#: What may have been entered since the backup and is lost with it, for the person who settles.
MAY_BE_LOST = (
    "holds on people, and holds that were lifted",
    "people who were forgotten and are not in the log of the forgotten: they are back",
    "stops of everything, of an agreement or of a partner, and their ends",
    "approvals, and who may approve: `gateway agreements enrol`, then `approve`",
    "keys and pins that were changed",
    "lists that were released, recalled, attested or handed over another way, and receipts",
    "decisions that two records are, or are not, one person",
)
#: Who runs the machine, and so may be who restored its database.
_OPERATES = frozenset({Role.OPERATOR, Role.SERVICE})


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restored database had, what it lost, and the lists that wait for a person because of that.

    `windows` are the references of lists of which it has no row.
    """

    had: int
    held: int
    last_at: datetime
    lists: tuple[str, ...]
    windows: tuple[str, ...]
    passed_over: tuple[str, ...]

    @property
    def uncertain(self) -> int:
        """How many lists wait for a person."""
        return len(self.lists) + len(self.windows)


def look_at_restored(workplace: Workplace, checkpoint: str | None = None) -> Restored:
    """Say what there is to settle, and change nothing. Raises NotSettleable where nothing was lost."""
    workplace.actor.require(Action.READ_STATUS)
    held = workplace.store.lost(checkpoint)
    if held is None:
        raise NotSettleable("this database is no older than any checkpoint that is known of it")
    with workplace.store.reading() as connection:
        lost = _since_the_backup(connection, workplace, workplace.clock.now())
        return _restored(log_size(connection), held, lost, lost_lists(workplace, connection, lost))


def settle_restored(workplace: Workplace, case: str, checkpoint: str | None = None) -> Restored:
    """Settle it. `checkpoint` is one that was kept in another place than the state directory. Raises NotSettleable."""
    workplace.actor.require(Action.SETTLE)
    require_case(case)
    if workplace.actor.roles & _OPERATES:
        raise NotSettleable(
            "whoever can have restored the database may not settle it",
            advice="Ask an approver who does not operate the machine.",
        )
    with workplace.store.settling(workplace.actor, checkpoint) as (work, held):
        had, lost = work.size, _since_the_backup(work.connection, workplace, work.at)
        found = lost_lists(workplace, work.connection, lost)
        restored = _enter_loss(work, held, lost, case)  # (1)
        _stop_everything(work, case)  # (2)
        done, _ = do_again(workplace, work)  # (6)
        for kept in found.lists:  # (3)
            _now_uncertain(work, kept.list_id, kept.reference, case)
        for agreement in found.agreements:
            _uncertain_windows(work, agreement, case)
        outlive(work.connection)  # (4)
        while work.size <= held.size:  # (5)
            work.enter(Event.ENTRY_LOST, restored=restored)
    finish_again(workplace, done)
    return _restored(had, held, lost, found)


def _since_the_backup(connection: Connection, workplace: Workplace, now: datetime) -> Lost:
    last_at = last_entry_at(connection)
    if last_at is None:
        raise RuntimeError("a database without an entry was opened")
    return Lost(last_at, now, workplace.holidays)


def _restored(had: int, held: Checkpoint, lost: Lost, found: LostLists) -> Restored:
    return Restored(
        had=had,
        held=held.size,
        last_at=lost.last_at,
        lists=tuple(kept.reference for kept in found.lists),
        windows=tuple(
            reference_of(each.agreement_id, window, part) for each in found.agreements for window, part in each.missing
        ),
        passed_over=found.passed_over,
    )


def _enter_loss(work: Work, held: Checkpoint, lost: Lost, case: str) -> int:
    return work.enter(
        Event.DATABASE_RESTORED,
        had=work.size,
        held=held.size,
        root=held.root.hex(),
        last_at=as_text(lost.last_at),
        case=case,
    )


def _stop_everything(work: Work, case: str) -> None:
    """Stop everything for this reason, whatever it was stopped for before: only an affirmation ends it."""
    reason = StopReason.RESTORED_BACKUP.value
    position = work.enter(Event.DISCLOSURE_STOPPED, reason=reason, case=case)
    set_switch(work, EVERYTHING, stopped=True, reason=reason, explained_by=position)


def _uncertain_windows(work: Work, agreement: LostAgreement, case: str) -> None:
    if agreement.missing:
        statement = agreement.kept or _kept_now(work, agreement)
        for window, part in agreement.missing:
            list_id, reference = _plan(work, statement, window, part, case)
            _now_uncertain(work, list_id, reference, case)


def _kept_now(work: Work, agreement: LostAgreement) -> KeptStatement:
    """Keep the statement as the files are now: a list has to stand under one."""
    if agreement.standing is None:
        raise RuntimeError("an agreement counts that nobody knows")
    keep_prepared(work, agreement.standing)
    kept = statement_kept(work.connection, agreement.standing.statement.statement_hash)
    if kept is None:
        raise RuntimeError("a statement was kept and is not there")
    return kept


def _plan(work: Work, statement: KeptStatement, window: str, part: str, case: str) -> tuple[int, str]:
    """Give a window a row, although nobody knows whether it had one; return its id and reference."""
    reference, partner = reference_of(statement.agreement_id, window, part), partner_bound_by(statement)
    position = work.enter(
        Event.LIST_PLANNED,
        list=reference,
        agreement=statement.agreement_id,
        version=statement.version,
        statement=statement.statement_hash,
        window=window,
        part=part,
        partner=partner,
        reason=RESTORED,
        case=case,
    )
    list_id = plan_list(
        work,
        reference=reference,
        agreement_id=statement.agreement_id,
        version=statement.version,
        statement_hash=statement.statement_hash,
        window=window,
        part=part,
        partner=partner,
        snapshot_id=NO_SNAPSHOT,
        explained_by=position,
    )
    return list_id, reference


def _now_uncertain(work: Work, list_id: int, reference: str, case: str) -> None:
    position = work.enter(Event.LIST_UNCERTAIN, list=reference, reason=RESTORED, case=case)
    move_list(work, list_id, ListState.UNCERTAIN, reason=RESTORED, explained_by=position)
