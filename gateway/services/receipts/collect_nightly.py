"""Collect receipts as the service does: everybody is asked and everything is kept, then what needs a person is raised.

The service tells people of a step that fails by its code. So what was refused, or contradicts our log, ends the step
with an error, after all of it is on record; the gravest goes first. A partner that could not be reached is asked again
by itself and is nobody's trouble until a receipt is overdue.
"""

from collections.abc import Sequence

from gateway.errors import AgreementUnapproved, CheckpointContradicted, GatewayError, ReceiptsRefused
from gateway.model.officers import Action
from gateway.receipts.witness import Witnessing
from gateway.services.receipts.collect_receipts import PartnerReceipts, collect_receipts
from gateway.services.receipts.overdue_receipts import Overdue, mark_uncollected
from gateway.services.workplace import Workplace


def collect_nightly(workplace: Workplace) -> list[Overdue]:
    """Collect, mark what is overdue, and return that. Raises what a person has to look at."""
    workplace.actor.require(Action.COLLECT_RECEIPTS)
    answers = collect_receipts(workplace)
    overdue = mark_uncollected(workplace, workplace.holidays)
    trouble = gravest(answers)
    if trouble is not None:
        raise trouble
    return overdue


def gravest(answers: Sequence[PartnerReceipts]) -> GatewayError | None:
    """Return what is worst of what partners answered, where a person has to look; None where nobody has to."""
    forked = [answer.partner for answer in answers if _contradicts(answer)]
    if forked:
        return CheckpointContradicted(f"{', '.join(forked)} co-signed what bears our signature and is not in our log")
    lasting = [answer.failure for answer in answers if answer.failure and not _is_told_elsewhere(answer.failure)]
    if lasting:
        return lasting[0]
    refused = [answer.partner for answer in answers if answer.refused]
    return ReceiptsRefused(f"receipts of {', '.join(refused)} were refused") if refused else None


def _is_told_elsewhere(failure: GatewayError) -> bool:
    """Say whether it mends itself, or the plan of the night tells people of it: an agreement that is not approved."""
    return failure.retryable or isinstance(failure, AgreementUnapproved)


def _contradicts(answer: PartnerReceipts) -> bool:
    return any(receipt.checkpoint is Witnessing.CONTRADICTS_LOG for receipt in answer.collected)
