"""What an agreement says in the record of processing and in the Digital Economy Act register, column by column.

- The record of processing has the columns of UK GDPR Article 30(1) and, behind them, those of DPA 2018 Schedule 1
  paragraph 41. The other register has its own eighteen fields, under its own names and in its order.
- What the agreement does not say is None: a register shows that nobody wrote it down, and nothing is made up.

Pure: how a list is sent and kept safe is told by the caller, who knows the recipient's record.
"""

from gateway.agreements.wording import cadence_in_words, field_in_words
from gateway.documents.register import Column, Value
from gateway.model.agreement import Agreement, Direction

_ACT = "digital economy act"
_OF_THE_ROW = frozenset({"record_ref", "record_action"})

PROCESSING = (
    Column("processing", "Processing"),
    Column("agreement", "Agreement"),
    Column("controller", "Controller and contact"),
    Column("data_protection_officer", "Data protection officer"),
    Column("purposes", "Purposes"),
    Column("data_subjects", "Categories of people"),
    Column("personal_data", "Categories of personal data"),
    Column("recipients", "Recipients"),
    Column("transfers", "Transfers to other countries"),
    Column("erasure", "Time limits for erasure"),
    Column("security", "Security measures"),
    Column("condition", "Condition relied on (paragraph 41(a))"),
    Column("article_6", "How Article 6 is satisfied (paragraph 41(b))"),
    Column("retention_followed", "Whether kept and erased as the policy says (paragraph 41(c))"),
    Column("overdue_copies", "Our sealed copies kept past their day"),
    Column("legal_power", "Legal power"),
    Column("impact_assessment", "Impact assessment"),
)
DEA = tuple(
    Column(heading.lower().replace(" ", "-"), heading)
    for heading in (
        "id",
        "Name",
        "Purpose",
        "Information sharing benefits",
        "Legal power disclosure",
        "Disclosed information",
        "Controllers",
        "Controller names",
        "Information sharing method",
        "Processors",
        "Processor names",
        "Retention period",
        "Start date",
        "End date",
        "Review date",
        "Contact",
        "Areas",
        "Area names",
    )
)


def processing_row(
    agreement: Agreement, *, controller: str, security: tuple[str, ...], overdue_copies: int
) -> tuple[Value, ...]:
    """Return an agreement's entry in the record of processing."""
    registers, basis = agreement.registers, agreement.lawful_basis
    condition = (*basis.article_9, *basis.article_10)
    policy = (f"Appropriate Policy Document: {basis.policy_document}",) if basis.policy_document else ()
    return (
        agreement.title,
        f"{agreement.agreement_id}, version {agreement.version}",
        (controller, *agreement.contacts),
        registers.data_protection_officer,
        agreement.purpose.text,
        registers.data_subjects,
        _fields_in_words(agreement),
        _recipients(agreement),
        registers.transfers_abroad,
        _erasure(agreement),
        security,
        (*condition, *policy),
        basis.article_6,
        registers.retention_followed,
        overdue_copies,
        _power(agreement),
        f"{agreement.dpia_reference}, review by {agreement.dpia_review_by}",
    )


def is_under_the_act(agreement: Agreement) -> bool:
    """Say whether the register of the Digital Economy Act asks for the agreement."""
    return _ACT in _power(agreement).lower()


def dea_row(agreement: Agreement, *, method: str) -> tuple[Value, ...]:
    """Return an agreement's entry in the register under the Digital Economy Act."""
    registers = agreement.registers
    return (
        registers.entry_id,
        agreement.title,
        agreement.purpose.text,
        registers.benefits,
        _power(agreement),
        _fields_in_words(agreement),
        registers.controller_codes,
        tuple(party.name for party in agreement.parties),
        f"{method}; {cadence_in_words(agreement.cadence)}",
        registers.processor_codes if registers.processors else registers.processors,
        registers.processors,
        "; ".join(_erasure(agreement)),
        agreement.starts_on.isoformat(),
        agreement.ends_on.isoformat(),
        agreement.review_by.isoformat(),
        agreement.contacts,
        registers.area_codes,
        registers.areas,
    )


def _power(agreement: Agreement) -> str:
    power = agreement.power(Direction.OUTBOUND)
    return "" if power is None else power.citation


def _fields_in_words(agreement: Agreement) -> tuple[str, ...]:
    """Return what is told of a person; the two fields that only handle a row are said as one reference."""
    told = (field_in_words(rule.name, rule.transform) for rule in agreement.fields if rule.name not in _OF_THE_ROW)
    return ("a reference to the person that means nothing under any other agreement", *told)


def _recipients(agreement: Agreement) -> tuple[str, ...]:
    return tuple(party.name for party in agreement.parties if party.role == "recipient")


def _erasure(agreement: Agreement) -> tuple[str, ...]:
    retention = agreement.retention
    certified = "" if retention.certificate_within_days is None else ", and certifies it"
    return (
        f"the recipient destroys a list {retention.their_copy_days} days after its day{certified}",
        f"the council removes its sealed copy {retention.our_copy_days} days after the receipt",
    )
