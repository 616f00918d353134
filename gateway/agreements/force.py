"""Say whether an agreement is in force: may a list leave under it today, and if not, why not.

Asked when a run is planned, before a list is sealed and before its first byte is sent: an agreement can end between
the steps (law L6).

- Every reason is given, not only the first, each with its way out.
- In a synthetic environment an unconfirmed legal power is a caution: the people are invented. In production it is a
  reason.
- There is no way to override a reason.

Pure: the day, the approvals and the switches are the caller's.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from gateway.agreements.approval import NEEDED, Approval, is_enough
from gateway.errors import AgreementNotInForce, AgreementUnapproved
from gateway.model.agreement import Agreement, Direction, Mode, PowerStatus
from gateway.model.framework import Framework

PRODUCTION = "production"
#: How long before a day that stops an agreement people hear of it.
NOTICE = timedelta(days=30)

#: Names of switches that stop; store/tables.py keeps them.
EVERYTHING = "all"


def agreement_switch(agreement_id: str) -> str:
    """Return the name of the switch that suspends one agreement."""
    return f"agreement:{agreement_id}"


def partner_switch(partner: str) -> str:
    """Return the name of the switch that stops deliveries to one partner."""
    return f"partner:{partner}"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an agreement may not run, or what to take care of. `code` is stable; the sentence is for people."""

    code: str
    sentence: str
    way_out: str


def reasons_not_to_run(
    agreement: Agreement,
    *,
    approvals: Collection[Approval],
    stopped: Collection[str],
    today: date,
    environment: str,
) -> tuple[Reason, ...]:
    """Return every reason; none means that a list may leave today. `stopped` names the switches that are off."""
    return (
        *_switched_off(agreement, stopped),
        *_out_of_term(agreement, today),
        *_overdue(agreement, today),
        *_without_power(agreement, environment),
        *_unapproved(agreement, approvals),
    )


def refuse_for(agreement_id: str, reasons: Collection[Reason]) -> None:
    """Raise AgreementUnapproved or AgreementNotInForce with every reason; with none, a list may leave."""
    if reasons:
        sentences = "; ".join(reason.sentence for reason in reasons)
        only_approvals = all(reason.code == "unapproved" for reason in reasons)
        refusal = AgreementUnapproved if only_approvals else AgreementNotInForce
        raise refusal(f"{agreement_id}: {sentences}", advice=next(iter(reasons)).way_out)


def cautions(agreement: Agreement, framework: Framework, *, today: date, environment: str) -> tuple[Reason, ...]:
    """Return what does not stop the agreement and must be known to whoever answers for it."""
    return tuple(_cautions(agreement, framework, today, environment))


def _switched_off(agreement: Agreement, stopped: Collection[str]) -> Iterator[Reason]:
    agreement_id = agreement.agreement_id
    if EVERYTHING in stopped:
        yield Reason("stopped", "all disclosures are stopped", "`gateway disclose start`, by an approver")
    if agreement_switch(agreement_id) in stopped:
        yield Reason("suspended", "the agreement is suspended", f"`gateway agreements resume {agreement_id}`")
    if partner_switch(agreement.recipient) in stopped:
        partner = agreement.recipient
        mend = f"`gateway partners check {partner}` says what is wrong; once it is mended, `gateway partners enable`"
        yield Reason("partner-disabled", f"deliveries to {partner} are stopped", mend)


def _out_of_term(agreement: Agreement, today: date) -> Iterator[Reason]:
    renew = "Agree on a new version with a later term: agreements/README.md"
    if today < agreement.starts_on:
        yield Reason("before-term", f"the term begins on {agreement.starts_on}", "Wait for the day")
    if today > agreement.ends_on:
        yield Reason("after-term", f"the term ended on {agreement.ends_on}", renew)


def _overdue(agreement: Agreement, today: date) -> Iterator[Reason]:
    if today > agreement.review_by + timedelta(days=agreement.review_grace_days):
        sentence = (
            f"the review was due by {agreement.review_by} and its grace of {agreement.review_grace_days} days is over"
        )
        yield Reason("review-overdue", sentence, "Review it, and approve a version with a new review date")
    if today > agreement.dpia_review_by:
        sentence = f"the impact assessment {agreement.dpia_reference} was due for review by {agreement.dpia_review_by}"
        yield Reason("dpia-overdue", sentence, "Review the assessment, and approve a version with its new date")


def _without_power(agreement: Agreement, environment: str) -> Iterator[Reason]:
    for direction, lets in _directions(agreement):
        power = agreement.power(direction)
        if power is None:
            yield Reason("power-missing", f"no legal power lets {lets}", "Ask Legal for the power, and write it down")
        elif power.status is not PowerStatus.CONFIRMED and environment == PRODUCTION:
            yield Reason("power-unconfirmed", f"the {direction} legal power is to be confirmed", _CONFIRM)


def _directions(agreement: Agreement) -> Iterator[tuple[Direction, str]]:
    """Yield in which directions people's data goes under the agreement, and what a power for it lets happen."""
    yield Direction.OUTBOUND, "data go out"
    if agreement.mode is Mode.MATCH_FIRST:
        yield Direction.INBOUND, "the recipient's lists come in"


_CONFIRM = "Legal confirms it: status, confirmed_by and confirmed_on in a new version"


def _unapproved(agreement: Agreement, approvals: Collection[Approval]) -> Iterator[Reason]:
    if is_enough(approvals):
        return
    people = len({approval.principal for approval in approvals})
    sentence = f"{people} of {NEEDED} approvals by different people in different roles"
    yield Reason("unapproved", sentence, f"`gateway agreements approve {agreement.agreement_id}`: agreements/README.md")


def _cautions(agreement: Agreement, framework: Framework, today: date, environment: str) -> Iterator[Reason]:
    for direction, _ in _directions(agreement):
        power = agreement.power(direction)
        if power is not None and power.status is not PowerStatus.CONFIRMED and environment != PRODUCTION:
            sentence = f"the {direction} legal power is to be confirmed; production would refuse"
            yield Reason("power-unconfirmed", sentence, _CONFIRM)
    soon = today + NOTICE
    for code, what, last_day in (
        ("term-ends-soon", "the term ends", agreement.ends_on),
        ("review-due", "the review is due", agreement.review_by),
        ("dpia-due", "the impact assessment's review is due", agreement.dpia_review_by),
    ):
        if last_day <= soon:
            yield Reason(code, f"{what} on {last_day}", "Begin the new version now: agreements/README.md")
    if framework.ends_on is not None and framework.ends_on < today:
        sentence = f"the framework {framework.framework_id} describes a period that ended on {framework.ends_on}"
        yield Reason("framework-ended", sentence, "Make sure that the county still works by it")
    unverified = [criterion.code for criterion in framework.criteria if criterion.verify]
    if unverified:
        sentence = f"the framework's wording is not held against the official text: {', '.join(unverified)}"
        yield Reason("framework-unverified", sentence, f"Check config/frameworks/{framework.framework_id}.yaml")
