"""Forget a person: one officer asks, another one confirms, and then nothing here leads to them any more.

- It is refused while something still needs them: a list on its way, an export that waits, an extract that brings them
  again. In the last case they can be held back for good by a tombstone (tombstones.py), which is then what is retained.
- In one transaction: the tombstone, the line in the log of the forgotten (forget_log.py), every row that leads to
  them (store/forgets.py), the entries. Extracts that newer ones have replaced are removed: nothing says which of them
  hold the person, and none is read again.
- Then the files of the database are rewritten (store/compact.py). Until that is done the state is `erased`, and
  confirming it again goes on from there.

What two officers decided is told by certificate (forget_certificate.py); a restored backup, by forget_again.py.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from gateway.errors import MappingInvalid, NotForgettable, SourceError
from gateway.ledger.events import Event
from gateway.ledger.forgotten import MARK_BYTES, ForgottenLine, person_mark, write_line
from gateway.model.delivery import ListState
from gateway.model.export import ExportState
from gateway.model.forgetting import ForgetReason, ForgetState, UntoldReason
from gateway.model.officers import Action
from gateway.model.time import as_text
from gateway.services.agreements.stop_disclosures import require_case
from gateway.services.rights.still_in_source import is_still_in_source
from gateway.services.rights.tell_recipients import enter_untold, is_told, recipients_of
from gateway.services.sources.source_intake import read_mappings
from gateway.services.subjects.hold_subjects import lift_forgotten
from gateway.services.subjects.subject_search import everybody_behind, one_person, subjects_meant
from gateway.services.subjects.tombstones import tombstone_of
from gateway.services.workplace import Workplace
from gateway.sources.extracts import superseded_extracts
from gateway.store.blind_index import Clue
from gateway.store.exports import all_exports
from gateway.store.forgets import (
    HELD_PEOPLE,
    Erased,
    Forget,
    all_forgets,
    erase,
    forget_named,
    keep_forget,
    move_forget,
    next_forget_reference,
    remaining,
)
from gateway.store.history import lists_with
from gateway.store.tables import lists
from gateway.store.work import Work

#: A list in one of these is still to go, or nobody knows whether it went.
_ON_ITS_WAY = frozenset({ListState.SEALED, ListState.SENDING, ListState.UPLOADED, ListState.UNCERTAIN})


def ask_forget(
    workplace: Workplace,
    clue: Clue,
    *,
    reason: ForgetReason,
    case_reference: str,
    hold_back: bool,
    untold: UntoldReason | None = None,
) -> Forget:
    """Ask that somebody be forgotten, which then waits for another officer. `untold` is why recipients are not told.

    Raises SubjectUnknown, SubjectAmbiguous, and NotForgettable where something still needs them.
    """
    workplace.actor.require(Action.ASK_FORGET)
    require_case(case_reference)
    with workplace.store.writing(workplace.actor) as work:
        meant = subjects_meant(workplace, work.connection, clue)
        subject_ref = one_person(work.connection, meant)
        everybody = everybody_behind(work.connection, subject_ref)
        _require_free(workplace, work.connection, everybody, hold_back=hold_back)
        _settle_recipients(work, everybody, case_reference, untold)
        forget = Forget(
            reference=next_forget_reference(work.connection, workplace.clock.today().isoformat()),
            subject_ref=subject_ref,
            reason=reason,
            case_reference=case_reference,
            asked_by=workplace.actor.account,
            asked_at=as_text(work.at),
            hold_back=hold_back,
        )
        keep_forget(work, forget, explained_by=work.enter(Event.FORGET_ASKED, **forget.said()))
    return forget


def refuse_forget(workplace: Workplace, reference: str) -> Forget:
    """Find that somebody is not to be forgotten. Raises NotForgettable."""
    workplace.actor.require(Action.CONFIRM_FORGET)
    with workplace.store.writing(workplace.actor) as work:
        forget = _to_confirm(workplace, work.connection, reference)
        position = work.enter(Event.FORGET_REFUSED, **forget.said())
        return move_forget(work, forget, ForgetState.REFUSED, explained_by=position)


def confirm_forget(workplace: Workplace, reference: str) -> Forget:
    """Forget somebody whom another officer asked to be forgotten. Raises NotForgettable, StoreBusy, StoreError.

    Where only the disk is left to be cleaned, it goes on from there.
    """
    workplace.actor.require(Action.CONFIRM_FORGET)
    with workplace.store.writing(workplace.actor) as work:
        forget = _to_confirm(workplace, work.connection, reference)
        if forget.state is ForgetState.ASKED:
            forget = _erase(workplace, work, forget)
    return finish_forgetting(workplace, [forget])[0]


def list_forgets(workplace: Workplace) -> list[Forget]:
    """Return everybody who was to be forgotten, by reference alone, oldest first."""
    workplace.actor.require(Action.LIST_FORGETS)
    with workplace.store.reading() as connection:
        return all_forgets(connection)


# --- what the services of forgetting share ---------------------------------------------------------------------------


def erase_people(
    workplace: Workplace,
    work: Work,
    forget: Forget,
    subject_refs: Sequence[str],
    *,
    tombstone: bytes | None,
    again: bool,
) -> Forget:
    """Delete everything that leads to the subjects, and enter what was deleted and what stays."""
    stays = remaining(work.connection, subject_refs)
    lift_forgotten(work, subject_refs, case_reference=forget.case_reference)
    gone = erase(work, subject_refs, reason=forget.reason, case=forget.case_reference) if subject_refs else Erased()
    removed, left = _remove_superseded(workplace)
    log = workplace.store.forgotten
    said = dict(forget.said()) | {"tombstone": _hash_of(forget, tombstone)}
    position = work.enter(
        Event.FORGET_ERASED,
        **said,
        **asdict(gone),
        **asdict(stays),
        extracts=removed,
        extracts_left=left,
        marks=len(tombstone or b"") // MARK_BYTES,
        backups_until=workplace.clock.today() + timedelta(days=workplace.backups_kept_days),
        exported=log is not None and log.is_elsewhere,
        again=again,
    )
    return move_forget(work, forget, ForgetState.ERASED, explained_by=position, tombstone=tombstone)


def finish_forgetting(workplace: Workplace, forgets: Sequence[Forget]) -> list[Forget]:
    """Rewrite the files that held people who were erased, and enter it. Raises StoreBusy, StoreError."""
    workplace.store.compact(HELD_PEOPLE)
    with workplace.store.writing(workplace.actor) as work:
        return [
            move_forget(
                work,
                forget,
                ForgetState.FORGOTTEN,
                explained_by=work.enter(Event.FORGET_FINISHED, **forget.said()),
            )
            for forget in forgets
        ]


# --- one forgetting --------------------------------------------------------------------------------------------------


def _erase(workplace: Workplace, work: Work, forget: Forget) -> Forget:
    if forget.subject_ref is None:
        raise RuntimeError("nobody was asked to be forgotten")
    subject_refs = everybody_behind(work.connection, forget.subject_ref)
    _require_free(workplace, work.connection, subject_refs, hold_back=forget.hold_back)
    key = workplace.keys.tombstone_key()
    tombstone = _tombstone(workplace, work.connection, subject_refs, key) if forget.hold_back else None
    erased = erase_people(workplace, work, forget, subject_refs, tombstone=tombstone, again=False)
    _add_to_log(workplace, work, erased, subject_refs, key)
    return erased


def _tombstone(workplace: Workplace, connection: Connection, subject_refs: Sequence[str], key: bytes) -> bytes:
    marks = tombstone_of(key, connection, subject_refs, workplace.clock.today())
    if not marks:
        raise NotForgettable(
            "no snapshot holds anything by which they could be recognised",
            advice="`gateway subjects forget` without --hold-back: they are in no extract any more.",
        )
    return marks


def _add_to_log(workplace: Workplace, work: Work, forget: Forget, subject_refs: Sequence[str], key: bytes) -> None:
    """Add the line, before the commit: if that fails, the log says more than the database, which is found."""
    log = workplace.store.forgotten
    if log is None:
        return
    line = ForgottenLine(
        forget=forget.reference,
        reason=forget.reason.value,
        case=forget.case_reference,
        asked_by=forget.asked_by,
        asked_at=forget.asked_at,
        forgotten_at=as_text(work.at),
        people=tuple(sorted(person_mark(key, each) for each in subject_refs)),
        tombstone=(forget.tombstone or b"").hex(),
        previous=log.previous(),
    )
    log.add(write_line(key, line))


def _hash_of(forget: Forget, tombstone: bytes | None) -> object:
    held = Forget(**{name: getattr(forget, name) for name in Forget.__slots__} | {"tombstone": tombstone})
    return held.said()["tombstone"]


def _remove_superseded(workplace: Workplace) -> tuple[int, int]:
    """Remove the extracts that newer ones have replaced; return how many were removed, and how many could not be."""
    removed = left = 0
    for path in _superseded(workplace):
        try:
            path.unlink()
        except OSError:
            left += 1
        else:
            removed += 1
    return removed, left


def _superseded(workplace: Workplace) -> list[Path]:
    folders = workplace.folders
    try:
        mappings = read_mappings(folders.mappings)
        return [path for mapping in mappings.values() for path in superseded_extracts(mapping, folders.sources)]
    except (MappingInvalid, SourceError) as error:
        raise NotForgettable(
            f"which extracts are still needed cannot be said ({error.code})", advice=error.advice()
        ) from None


# --- who may be forgotten --------------------------------------------------------------------------------------------


def _require_free(
    workplace: Workplace, connection: Connection, subject_refs: Sequence[str], *, hold_back: bool
) -> None:
    """Raise NotForgettable where something still needs the person."""
    if not hold_back and is_still_in_source(workplace, connection, subject_refs):
        raise NotForgettable(
            "the newest extracts hold them, and the next load would bring them back",
            advice="Have them removed from the source and load again; or --hold-back, which retains a keyed tombstone.",
        )
    on_lists = lists_with(connection, subject_refs)
    open_ones = select(lists.c.reference).where(
        lists.c.list_id.in_(list(on_lists)), lists.c.state.in_([state.value for state in _ON_ITS_WAY])
    )
    if going := connection.execute(open_ones.order_by(lists.c.list_id)).scalars().first():
        raise NotForgettable(
            f"{going} is on its way with them on it",
            advice="`gateway subjects hold` makes a list void that is not sent; wait until no other is on its way.",
        )
    if any(each.subject_ref in subject_refs and each.state is ExportState.ASKED for each in all_exports(connection)):
        raise NotForgettable(
            "an export about them waits for a second officer", advice="`gateway audit exports`: answer them first."
        )


def _settle_recipients(work: Work, subject_refs: Sequence[str], case: str, untold: UntoldReason | None) -> None:
    """Raise NotForgettable while a recipient was not told (Article 19), or enter why they are not."""
    open_ones = [
        each for each in recipients_of(work.connection, subject_refs) if not is_told(work.connection, each, case)
    ]
    if open_ones and untold is None:
        raise NotForgettable(
            f"{len(open_ones)} recipients still hold what they were told",
            advice="`gateway subjects correct --withdraw` under this case, and wait until it is delivered; or"
            " --untold disproportionate or impossible, which goes on record.",
        )
    for each in open_ones:
        enter_untold(work, each, case, str(untold))


def _to_confirm(workplace: Workplace, connection: Connection, reference: str) -> Forget:
    forget = forget_named(connection, reference)
    if forget is None:
        raise NotForgettable("nobody is to be forgotten under that reference")
    if forget.asked_by == workplace.actor.account:
        raise NotForgettable(
            "whoever asked that somebody be forgotten may not confirm it", advice="Ask another approver."
        )
    if forget.state not in {ForgetState.ASKED, ForgetState.ERASED}:
        raise NotForgettable(f"{reference} is {forget.state.value} already")
    return forget
