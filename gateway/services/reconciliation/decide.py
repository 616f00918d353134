"""Take what an officer says of a row and a person: the same, different, not sure, or more is needed.

- A verdict is evidence: it is appended, never changed, and explained by its entry. The newest one counts.
- It is kept by the marks of the evidence: it holds in next month's file while nothing that it rests on has changed.
- "Same" where a veto fired takes two people, the second of whom is somebody else.
- "Different" is never linked again, however much the pair weighs.
"""

from dataclasses import dataclass

from gateway.errors import ReconciliationRefused, VerdictRefused
from gateway.ledger.events import Event
from gateway.model.linkage import Verdict
from gateway.model.officers import Action
from gateway.model.reconciliation import VerdictReason
from gateway.model.time import as_text
from gateway.services.agreements.stop_disclosures import require_case
from gateway.services.reconciliation.kept_rows import candidate_of
from gateway.services.reconciliation.queue import pair_verdicts, queued_here
from gateway.services.reconciliation.standing_verdicts import verdict_of, waits_for_second
from gateway.services.workplace import Workplace
from gateway.store.reconciliations import GivenVerdict, QueuedRow, keep_verdict, verdicts_of

#: Which reasons go with which verdict.
REASONS: dict[Verdict, frozenset[VerdictReason]] = {
    Verdict.SAME: frozenset(
        {
            VerdictReason.SAME_IDENTIFIERS,
            VerdictReason.KNOWN_CHANGE_OF_NAME,
            VerdictReason.KNOWN_MOVE,
            VerdictReason.TYPING_ERROR,
            VerdictReason.CONFIRMED_BY_WORK_COACH,
            VerdictReason.CONFIRMED_BY_LEAD_PROFESSIONAL,
        }
    ),
    Verdict.DIFFERENT: frozenset(
        {
            VerdictReason.RELATIVE,
            VerdictReason.NAMESAKE,
            VerdictReason.OTHER_DATE_OF_BIRTH,
            VerdictReason.OTHER_NUMBER,
            VerdictReason.CONFIRMED_BY_WORK_COACH,
            VerdictReason.CONFIRMED_BY_LEAD_PROFESSIONAL,
        }
    ),
    Verdict.NOT_SURE: frozenset({VerdictReason.TOO_LITTLE_KNOWN}),
    Verdict.NEEDS_INFORMATION: frozenset({VerdictReason.ASKED_FOR_MORE}),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What an officer says: of which row, which person by their number there, what, why, and where the papers are."""

    reference: str
    row: int
    number: int
    verdict: Verdict
    reason: VerdictReason
    case: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What stands now. `second_after` names who said "same" first, where another person has to say it too."""

    verdict: Verdict
    second_after: str | None


def decide(workplace: Workplace, said: Said) -> Decided:
    """Keep a verdict, and say what stands now. Raises VerdictRefused and ReconciliationRefused."""
    workplace.actor.require(Action.DECIDE)
    require_case(said.case)
    if said.reason not in REASONS[said.verdict]:
        allowed = ", ".join(sorted(REASONS[said.verdict]))
        raise VerdictRefused(f"that is no reason for {said.verdict.value}", advice=f"Reasons are: {allowed}.")
    with workplace.store.writing(workplace.actor) as work:
        made, rows = queued_here(work.connection, workplace.actor, said.reference, said.row)
        row = _person(rows, said.number)
        before = pair_verdicts(verdicts_of(work.connection, made.agreement_id), row)
        if said.verdict is Verdict.SAME and waits_for_second(before) == workplace.actor.account:
            raise VerdictRefused("you have said so already, and a second person has to", advice="Ask a colleague.")
        given = GivenVerdict(
            agreement_id=made.agreement_id,
            reference=said.reference,
            row=said.row,
            row_mark=row.row_mark,
            evidence_mark=row.evidence_mark,
            subject_ref=row.subject_ref,
            side=row.side,
            verdict=said.verdict.value,
            reason=said.reason.value,
            case_reference=said.case,
            takes_two=bool(candidate_of(row).vetoes),
            decided_by=workplace.actor.account,
            decided_at=as_text(work.at),
        )
        keep_verdict(work, given, explained_by=work.enter(Event.VERDICT_GIVEN, **given.said()))
    now = [*before, given]
    return Decided(verdict_of(now) or said.verdict, waits_for_second(now))


def _person(rows: list[QueuedRow], number: int) -> QueuedRow:
    found = next((row for row in rows if row.place == number), None)
    if found is None:
        raise ReconciliationRefused(
            "nobody beside that row has that number",
            advice="`gateway reconcile queue LIST ROW` numbers them.",
        )
    return found
