"""Delete again, out of a database that was restored from a backup, everybody who was forgotten since it was made.

The log of the forgotten holds keyed hashes: each subject of the restored registry is hashed and looked for in it. A
tombstone that was lost with the database comes back from the log. A line about people whom the backup never knew is
entered too, so that the database knows the whole log, and only then may anything run.

It is part of settling a restored database (settle_restored.py), and can be asked for by itself where the newest
checkpoint was put back together with the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from gateway.ledger.events import Event
from gateway.ledger.forgotten import ForgottenLine, person_mark, read_lines
from gateway.model.forgetting import GONE, ForgetReason
from gateway.model.officers import Action
from gateway.services.rights.forget_subjects import erase_people, finish_forgetting
from gateway.services.workplace import Workplace
from gateway.store.forgets import Forget, forget_named, keep_forget
from gateway.store.tables import subjects
from gateway.store.work import Work


@dataclass(frozen=True, slots=True)
class ForgottenAgain:
    """What was done again: how many forgettings, and how many references of people they found here."""

    forgettings: int
    people: int


def forget_again(workplace: Workplace) -> ForgottenAgain:
    """Do every line of the log that this database does not know. Raises LedgerDamaged for a log that is not whole."""
    workplace.actor.require(Action.FORGET_AGAIN)
    with workplace.store.forgetting_again(workplace.actor) as work:
        done, again = do_again(workplace, work)
    finish_again(workplace, done)
    return again


def do_again(workplace: Workplace, work: Work) -> tuple[list[Forget], ForgottenAgain]:
    """Erase, in a piece of work, everybody in the log of the forgotten who is in the database again."""
    log = workplace.store.forgotten
    content = log.lines() if log else []
    if not content:
        return [], ForgottenAgain(0, 0)
    key = workplace.keys.tombstone_key()
    lines = [line for line in read_lines(key, content) if not _is_done(work.connection, line)]
    found = _people_in(work.connection, key, lines)
    done = [_do(workplace, work, line, [found[mark] for mark in line.people if mark in found]) for line in lines]
    return done, ForgottenAgain(len(lines), len(found))


def finish_again(workplace: Workplace, done: Sequence[Forget]) -> None:
    """Rewrite the files that held them."""
    if done:
        finish_forgetting(workplace, done)


def _is_done(connection: Connection, line: ForgottenLine) -> bool:
    forget = forget_named(connection, line.forget)
    return forget is not None and forget.state in GONE


def _people_in(connection: Connection, key: bytes, lines: Sequence[ForgottenLine]) -> dict[str, str]:
    """Return the subjects of the registry who stand in the lines, by their marks."""
    wanted = {mark for line in lines for mark in line.people}
    refs = connection.execute(select(subjects.c.subject_ref).order_by(subjects.c.subject_ref)).scalars()
    return {mark: ref for ref in refs if (mark := person_mark(key, ref)) in wanted}


def _do(workplace: Workplace, work: Work, line: ForgottenLine, subject_refs: list[str]) -> Forget:
    forget = forget_named(work.connection, line.forget)
    if forget is None:
        forget = _asked(line, subject_refs)
        keep_forget(work, forget, explained_by=work.enter(Event.FORGET_ASKED, **forget.said()))
    tombstone = bytes.fromhex(line.tombstone) or None
    return erase_people(workplace, work, forget, subject_refs, tombstone=tombstone, again=True)


def _asked(line: ForgottenLine, subject_refs: list[str]) -> Forget:
    return Forget(
        reference=line.forget,
        subject_ref=subject_refs[0] if subject_refs else None,
        reason=ForgetReason(line.reason),
        case_reference=line.case,
        asked_by=line.asked_by,
        asked_at=line.asked_at,
        hold_back=bool(line.tombstone),
    )
