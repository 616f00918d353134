"""Withhold a list, or keep that there was nobody to tell of: step (6) of a night.

Of a list that waits nothing is kept but its counts and a digest of what was decided, which binds a release.
"""

from dataclasses import asdict

from gateway.ledger.events import Event
from gateway.ledger.tree import EMPTY_ROOT
from gateway.minimisation.delta import Counts
from gateway.model.agreement import Agreement, EmptyList, Mode
from gateway.model.delivery import ListState
from gateway.selection.holding import TODAY
from gateway.selection.release import selection_digest
from gateway.services.disclosure.list_decisions import Decided
from gateway.services.disclosure.list_making import ListMade, Making, Outcome
from gateway.store.lists import move_list


def is_nothing(agreement: Agreement, decided: Decided) -> bool:
    """Say whether nobody is selected and nothing is then sent."""
    # In differences the recipient keeps a copy: that nobody is left on it is told.
    kept_by_recipient = agreement.mode is Mode.DELTA and decided.last_people
    return decided.funnel.included == 0 and agreement.empty_list is EmptyList.SKIP and not kept_by_recipient


def withhold(making: Making, decided: Decided, differences: Counts | None = None) -> ListMade:
    """Do step (6) for a list that waits: nothing of it is kept but counts and the digest that binds a release."""
    withheld = decided.withheld
    if withheld is None:
        raise RuntimeError("only a list with a reason is withheld")
    digest = selection_digest(making.selected(TODAY))
    making.before_entry()
    reasons = [reason.value for reason in withheld.reasons]
    excluded = decided.funnel.everyone - decided.funnel.included
    position = making.work.enter(
        Event.LIST_WITHHELD,
        list=making.reference,
        reasons=reasons,
        snapshot=making.terms.snapshot.reference,
        people=withheld.people,
        excluded=excluded,
        decision_digest=digest,
        last_people=withheld.last_people,
        excluded_by_reason=by_reason(decided),
        **(asdict(differences) if differences else {}),
    )
    move_list(
        making.work,
        making.list_id,
        ListState.WITHHELD,
        reason=reasons[0],
        explained_by=position,
        people=withheld.people,
        excluded=excluded,
        decision_digest=digest,
    )
    return making.became(Outcome.WITHHELD, withheld.people, *reasons)


def record_nothing(making: Making, decided: Decided) -> ListMade:
    """Keep that the window was run and there is nobody to tell of: without a row it would be due for ever."""
    reason = "nothing-to-send"
    making.before_entry()
    position = making.work.enter(Event.LIST_VOID, list=making.reference, reason=reason)
    move_list(
        making.work,
        making.list_id,
        ListState.VOID,
        reason=reason,
        explained_by=position,
        people=0,
        excluded=decided.funnel.everyone - decided.funnel.included,
        root=EMPTY_ROOT,
    )
    return making.became(Outcome.NOTHING_TO_SEND, 0)


def by_reason(decided: Decided) -> dict[str, int]:
    """Return how many people were left out for which reason."""
    excluded = {reason.value: people for reason, people in decided.funnel.excluded if people}
    # Of an answer: who is included and was not asked about. Nobody's evidence says which people these are.
    not_asked = decided.funnel.not_asked
    return excluded | ({"not_asked": not_asked} if not_asked else {})
