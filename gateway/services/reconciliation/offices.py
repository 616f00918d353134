"""Say which agreement a work-coach list is answered under, and which part of its lists is an office's.

An agreement whose lists are split by Jobcentre has a part for each; one that is not split has one part for all.
"""

from gateway.errors import ReconciliationRefused
from gateway.model.agreement import Agreement
from gateway.model.officers import Action
from gateway.services.agreements.agreement_shelf import Shelf
from gateway.services.disclosure.list_decisions import WHOLE
from gateway.services.workplace import Workplace


def part_of(agreement: Agreement, office: str) -> str:
    """Return the part of an agreement's lists that is an office's."""
    return WHOLE if agreement.split is None else office


def part_for(workplace: Workplace, agreement_id: str, office: str) -> str:
    """Return the same of an agreement by its name."""
    agreement, _ = Shelf.of(workplace).agreement(agreement_id)
    return part_of(agreement, office)


def agreement_for_lists(workplace: Workplace, named: str | None) -> str:
    """Return the agreement that work-coach lists are answered under: the one named, or the one split by Jobcentre."""
    workplace.actor.require(Action.RECONCILE)
    if named is not None:
        return named
    shelf = Shelf.of(workplace)
    split = [each for each in shelf.agreement_ids() if shelf.agreement(each)[0].split is not None]
    if len(split) != 1:
        raise ReconciliationRefused(
            f"{len(split)} agreements are split by Jobcentre, so it must be said which is meant",
            advice="Name it: --agreement ID; `gateway agreements list` shows them.",
        )
    return split[0]
