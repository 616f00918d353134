"""Write an agreement as a page that an officer can read aloud.

Pure: text in, text out; the caller says what stands in its way today.
"""

from collections.abc import Iterable, Iterator

from gateway.agreements.force import Reason
from gateway.agreements.wording import cadence_in_words, criterion_in_words, field_in_words
from gateway.model.agreement import Agreement, DomesticAbuseNeed, EvidenceKind, PowerStatus
from gateway.model.framework import Framework

_ABUSE = {
    DomesticAbuseNeed.BLOCK: "nobody in the family is sent",
    DomesticAbuseNeed.HUMAN: "a person decides before the list goes",
    DomesticAbuseNeed.ALLOW: "they are sent like everybody else",
}
_EVIDENCE = {
    EvidenceKind.VALUES: "the line that was sent, readable until the person is forgotten",
    EvidenceKind.DIGEST: "which fields were sent and a keyed digest of the line",
}


def page_of(
    agreement: Agreement, framework: Framework, *, reasons: Iterable[Reason], cautions: Iterable[Reason]
) -> str:
    """Return the page; `reasons` is what keeps the agreement from running, `cautions` what does not."""
    standing = (
        _standing("What blocks a real run", reasons, "nothing: a list may leave today"),
        _standing("To be taken care of", cautions, "nothing"),
    )
    return _joined((*_content(agreement, framework), *standing))


def content_page_of(agreement: Agreement, framework: Framework) -> str:
    """Return what a version says and nothing of how it stands: for versions of the past."""
    return _joined(_content(agreement, framework))


def _content(agreement: Agreement, framework: Framework) -> tuple[Iterator[str], ...]:
    return _head(agreement), _law(agreement), _people(agreement, framework), _fields(agreement), _sending(agreement)


def _joined(sections: Iterable[Iterator[str]]) -> str:
    return "\n\n".join("\n".join(section) for section in sections) + "\n"


def _head(agreement: Agreement) -> Iterator[str]:
    yield agreement.title
    yield f"{agreement.agreement_id}, version {agreement.version}, document {agreement.document_hash[:16]}"
    for party in agreement.parties:
        yield f"  {party.role.value}: {party.name}"
    yield f"  lists go to: {agreement.recipient}"
    yield f"  purpose: {agreement.purpose.text}"
    yield f"  term: {agreement.starts_on} to {agreement.ends_on}, review by {agreement.review_by}"
    for contact in agreement.contacts:
        yield f"  contact: {contact}"


def _law(agreement: Agreement) -> Iterator[str]:
    yield "Legal power and lawful basis"
    for power in agreement.legal_powers:
        yield f"  {power.direction.value}: {power.citation}"
        yield f"    {_status(power.status, power.confirmed_by, str(power.confirmed_on))}"
        if power.factors_needed:
            yield f"    each row must show {power.factors_needed} of the thirteen factors"
    basis = agreement.lawful_basis
    for condition in (*basis.article_6, *basis.article_9, *basis.article_10):
        yield f"  {condition}"
    if basis.policy_document is not None:
        yield f"  Appropriate Policy Document: {basis.policy_document}"
    yield f"  impact assessment: {agreement.dpia_reference}, review by {agreement.dpia_review_by}"
    yield f"  privacy notice: {agreement.privacy_notice}"


def _status(status: PowerStatus, confirmed_by: str | None, confirmed_on: str) -> str:
    if status is PowerStatus.CONFIRMED:
        return f"confirmed by {confirmed_by} on {confirmed_on}"
    return "to be confirmed by Legal"


def _people(agreement: Agreement, framework: Framework) -> Iterator[str]:
    cohort = agreement.cohort
    yield "Who is on the list"
    yield f"  framework: {framework.name}"
    yield f"    at least {framework.needed} {framework.counted}; {_must_exist(framework)}"
    yield f"  and {criterion_in_words(cohort.where)}"
    yield f"  aged {cohort.minimum_age} or over" + (f": {cohort.under_18_reason}" if cohort.under_18_reason else "")
    yield f"  with a current domestic-abuse need and no flag: {_ABUSE[cohort.domestic_abuse_need]}"
    yield "  never with one of these flags: " + ", ".join(sorted(agreement.blocking_flags))


def _must_exist(framework: Framework) -> str:
    wanted = ", ".join(sorted(each.value.replace("_", " ") for each in framework.must_exist))
    return f"and in place: {wanted}" if wanted else "nothing else need be in place"


def _fields(agreement: Agreement) -> Iterator[str]:
    yield "What is said of each person, and why"
    for rule in agreement.fields:
        yield f"  {rule.name}: {field_in_words(rule.name, rule.transform)}"
        yield f"    because: {rule.necessity}"


def _sending(agreement: Agreement) -> Iterator[str]:
    limits, retention = agreement.limits, agreement.retention
    split = agreement.split
    yield "How it is sent and kept"
    yield f"  {cadence_in_words(agreement.cadence)}; missed lists: {agreement.cadence.catch_up.value}"
    full = f" with a full list the first time in each {every}" if (every := agreement.full_list_every) else ""
    yield f"  {agreement.mode.value}{full}, {agreement.file_format.value}, " + (
        "one list" if split is None else f"one part for each {split.by}, everybody else in {split.fallback}"
    )
    if agreement.claimant_lists is not None:
        yield f"  the recipient's own list comes in first, {agreement.claimant_lists.value}; nobody else is sent"
    yield f"  an empty list: {agreement.empty_list.value}"
    yield (
        f"  waits for a person: over {limits.most_people} people, or a change of more than "
        f"{limits.most_change_percent} per cent and {limits.ignore_change_below} people"
    )
    yield f"  evidence: {_EVIDENCE[agreement.evidence]}"
    yield f"  the recipient destroys it after {retention.their_copy_days} days, we after {retention.our_copy_days}"
    yield f"  receipt within {retention.receipt_within_working_days} working days"
    if retention.certificate_within_days is not None:
        yield f"  a signed certificate of destruction within {retention.certificate_within_days} days after that day"


def _standing(title: str, reasons: Iterable[Reason], otherwise: str) -> Iterator[str]:
    found = list(reasons)
    yield title
    for number, reason in enumerate(found, start=1):
        yield f"  {number}. {reason.sentence}"
        yield f"     {reason.way_out}"
    if not found:
        yield f"  {otherwise}"
