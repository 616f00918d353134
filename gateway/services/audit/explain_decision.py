"""Explain what an agreement decided about a person for a day: what was recorded, and every criterion while it can be.

- What was recorded stands until its evidence is purged: on a list by its row of evidence, left out by the newest
  reason kept until then. Of a day of which a list was purged nothing else is said than that.
- While the list's snapshot is kept, the decision is made once more (replay_decision.py) and each criterion's outcome
  shown; `agrees` says whether it comes to what was recorded.
- Protective reasons are named one by one: an officer alone is answered, and the question is an entry with whom it was
  about, in the transaction that answers it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import Connection

from gateway.errors import AgreementError
from gateway.ledger.entries import Event
from gateway.model.delivery import DISCLOSED, ListState
from gateway.model.officers import Action
from gateway.services.audit.audit_person import Question, kind_kept, require_reason
from gateway.services.audit.replay_decision import Replay, Replayer
from gateway.services.subjects.subject_search import subjects_meant
from gateway.services.workplace import Workplace
from gateway.store.agreements import agreements_with_statements
from gateway.store.delta import is_held
from gateway.store.history import KeptExclusion, MadeList, exclusions_of, lists_left, lists_made, lists_with
from gateway.store.retention import lists_purged


class Recorded(StrEnum):
    """What the evidence says of a person and a day."""

    TOLD = "told"
    #: The list has a row of theirs, and never went.
    ON_A_LIST_NOT_SENT = "on-a-list-not-sent"
    LEFT_OUT = "left-out"
    #: The list told what changed, which nothing did of theirs: the recipient holds what an earlier one told.
    HELD = "held-from-an-earlier-list"
    #: The list told that they are on it no longer, and nothing else.
    TAKEN_BACK = "taken-back"
    #: The evidence of a list of that day was purged at its term: whether they stood on it is known no longer.
    PURGED = "purged"
    #: Not in the cohort, not known then, or on no list whose evidence is held.
    NOTHING = "nothing"


class RestsOn(StrEnum):
    """What the criteria of an answer rest on."""

    SNAPSHOT = "snapshot"
    RECORDS_ALONE = "records-alone"


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision about one subject, whom `subject` tells apart from others whom the identifier can mean.

    `reason` is the recorded one, and `reason_since` the window from which it held. Without a replay the list is the
    one that has their row, if any: which part was theirs is no longer known.
    """

    subject: str
    version: int | None
    list_reference: str | None
    list_state: ListState | None
    list_reason: str | None
    recorded: Recorded
    reason: str | None
    reason_since: str | None
    rests_on: RestsOn
    replay: Replay | None
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class Explained:
    """The answer: how many lists the agreement had for the day, and an explanation for everybody meant."""

    agreement_id: str
    window: str
    lists: int
    people: tuple[Explanation, ...]


def explain_decision(
    workplace: Workplace, question: Question, agreement_id: str, day: date, *, reason: str, case_reference: str
) -> Explained:
    """Explain the decisions of a day. `reason` is a ReadReason. Raises AgreementError for an agreement of no record."""
    workplace.actor.require(Action.EXPLAIN)
    require_reason(reason)
    with workplace.store.writing(workplace.actor) as work:
        if agreement_id not in agreements_with_statements(work.connection):
            raise AgreementError("no agreement of that name is on record", advice="`gateway agreements list`")
        subjects = subjects_meant(workplace, work.connection, question)
        work.enter(
            Event.DECISION_READ,
            reason=reason,
            case=case_reference,
            kind=kind_kept(question, subjects),
            agreement=agreement_id,
            window=day.isoformat(),
            found=bool(subjects),
            subject=subjects[0] if subjects else None,
        )
        return _explained(workplace, work.connection, subjects, agreement_id, day.isoformat())


def _explained(
    workplace: Workplace, connection: Connection, subjects: Collection[str], agreement_id: str, window: str
) -> Explained:
    lists, replayer = lists_made(connection, agreement_id=agreement_id, window=window), Replayer(workplace, connection)
    people = [_explanation(replayer, lists, subject, agreement_id, window) for subject in subjects]
    return Explained(agreement_id, window, len(lists), tuple(people))


def _explanation(
    replayer: Replayer, lists: Collection[MadeList], subject: str, agreement_id: str, window: str
) -> Explanation:
    standing = lists_with(replayer.connection, [subject])
    left = lists_left(replayer.connection, [subject])
    on_it = next((made for made in lists if made.list_id in standing and made.list_id not in left), None)
    again = [(made, replayer.replay(made, subject)) for made in ([on_it] if on_it else lists)]
    made, replay = next((pair for pair in again if pair[1] is not None), (on_it, None))
    held = on_it is None and made is not None and replay is not None and _is_held(replayer, made, subject, replay)
    left_out = None if on_it or held else _left_out(replayer.connection, subject, agreement_id, window)
    return Explanation(
        subject=subject[:8],
        version=made.version if made else None,
        list_reference=made.reference if made else None,
        list_state=made.state if made else None,
        list_reason=made.reason if made else None,
        recorded=_by_differences(lists, left, held=held)
        or _recorded(on_it, left_out, purged=_is_purged(replayer.connection, lists)),
        reason=left_out.reason if left_out else None,
        reason_since=left_out.window if left_out else None,
        rests_on=RestsOn.SNAPSHOT if replay else RestsOn.RECORDS_ALONE,
        replay=replay,
        agrees=_agrees(made, replay, on_list=on_it is not None or held),
    )


def _is_held(replayer: Replayer, made: MadeList, subject: str, replay: Replay) -> bool:
    place = made.agreement_id, made.part, made.list_id
    return replay.differs and is_held(replayer.connection, subject, *place)


def _by_differences(lists: Collection[MadeList], left: Collection[int], *, held: bool) -> Recorded | None:
    """Return what a list of differences says by no row of theirs, or by one that tells nothing of them."""
    if held:
        return Recorded.HELD
    return Recorded.TAKEN_BACK if any(made.list_id in left for made in lists) else None


def _recorded(on_it: MadeList | None, left_out: KeptExclusion | None, *, purged: bool) -> Recorded:
    if on_it is not None:
        return Recorded.TOLD if on_it.state in DISCLOSED else Recorded.ON_A_LIST_NOT_SENT
    if left_out is None and purged:
        return Recorded.PURGED
    return Recorded.LEFT_OUT if left_out else Recorded.NOTHING


def _is_purged(connection: Connection, lists: Collection[MadeList]) -> bool:
    return bool(lists_purged(connection, [made.list_id for made in lists]))


def _left_out(connection: Connection, subject: str, agreement_id: str, window: str) -> KeptExclusion | None:
    """Return the newest record of the subject until the window, if it says that they were left out."""
    kept = [
        row for row in exclusions_of(connection, [subject]) if row.agreement_id == agreement_id and row.window <= window
    ]
    return kept[-1] if kept and kept[-1].reason is not None else None


def _agrees(made: MadeList | None, replay: Replay | None, *, on_list: bool) -> bool | None:
    """Return whether the replay comes to what was recorded; None where there is nothing to compare."""
    # A list that is withheld has no rows: whoever would be on it is on none.
    if made is None or replay is None or made.state is ListState.WITHHELD:
        return None
    if replay.answers and replay.included and not on_list:
        # Nobody asked about them: what they would have been told of is not on record, and needs not be.
        return None
    return replay.included == on_list
