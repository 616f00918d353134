"""Check what must hold between the sections of an agreement.

Each check is one rule, with the law or the danger behind it; faults stand at the place that has to change.

Pure.
"""

from collections.abc import Callable

from gateway.documents import Reader
from gateway.model.agreement import Agreement, Direction, Every, LegalPower, Mode, PartyRole, PowerStatus
from gateway.model.fields import FIELDS, Sensitivity, Transform
from gateway.model.flags import ALWAYS_BLOCKING

ADULT = 18
#: The Digital Economy Act 2017 s.35 objective asks for two or more of the thirteen factors (SI 2018/912).
_TWO_FACTORS = 2
RECORD_REF, RECORD_ACTION = "record_ref", "record_action"


def check_coherence(reader: Reader, agreement: Agreement) -> None:
    """Note a fault for everything in the agreement that contradicts something else in it.

    A check is left out while a section that it reads is itself faulty: its values are placeholders.
    """
    for sections, check in _CHECKS:
        if reader.sound(*sections):
            check(reader, agreement)


def _parties(reader: Reader, agreement: Agreement) -> None:
    for role in PartyRole:
        if not any(party.role is role for party in agreement.parties):
            reader.fault_at("parties", f"must name a {role.value}")
    names = [party.name for party in agreement.parties]
    if len(set(names)) < len(names):
        reader.fault_at("parties", "names a party twice")


def _powers(reader: Reader, agreement: Agreement) -> None:
    directions = [power.direction for power in agreement.legal_powers]
    if Direction.OUTBOUND not in directions:
        # A power to receive is no power to disclose: each names its own direction.
        reader.fault_at("legal_powers", "must name a power for what goes out (direction: outbound)")
    if len(set(directions)) < len(directions):
        reader.fault_at("legal_powers", "must name one power for each direction")
    for part, power in zip(reader.tables("legal_powers"), agreement.legal_powers, strict=True):
        _power(part, power)


def _power(part: Reader, power: LegalPower) -> None:
    written = power.confirmed_by is not None and power.confirmed_on is not None
    if power.status is PowerStatus.CONFIRMED and not written:
        part.fault_at("status", "is confirmed only with `confirmed_by` and `confirmed_on`")
    if power.status is PowerStatus.TO_BE_CONFIRMED and (power.confirmed_by or power.confirmed_on):
        part.fault_at("status", "says to be confirmed, beside somebody who confirmed it")
    cites_act = "digital economy act" in power.citation.lower()
    if cites_act and power.direction is Direction.OUTBOUND and power.factors_needed < _TWO_FACTORS:
        part.fault_at("factors_needed", "must be 2 or more under the Digital Economy Act 2017")


def _basis(reader: Reader, agreement: Agreement) -> None:
    basis = agreement.lawful_basis
    part = reader.table("lawful_basis")
    needed = {FIELDS[name].sensitivity for name in agreement.field_names if name in FIELDS}
    if not basis.article_6:
        part.fault_at("article_6", "must name at least one condition")
    if Sensitivity.SPECIAL in needed and not basis.article_9:
        part.fault_at("article_9", "must name a condition, because a field is special-category data")
    if Sensitivity.OFFENCE in needed and not basis.article_10:
        part.fault_at("article_10", "must name a condition, because a field is about offences")
    if (basis.article_9 or basis.article_10) and basis.policy_document is None:
        part.fault_at("policy_document", "must name the Appropriate Policy Document (DPA 2018 Schedule 1 paragraph 39)")


def _term(reader: Reader, agreement: Agreement) -> None:
    term = reader.table("term")
    if agreement.ends_on < agreement.starts_on:
        term.fault_at("ends_on", "lies before `starts_on`")
    if not agreement.starts_on <= agreement.review_by <= agreement.ends_on:
        term.fault_at("review_by", "must lie within the term")


def _age(reader: Reader, agreement: Agreement) -> None:
    cohort = agreement.cohort
    part = reader.table("cohort")
    if cohort.minimum_age < ADULT and cohort.under_18_reason is None:
        part.fault_at("minimum_age", "below 18 needs `under_18_reason`")
    if cohort.minimum_age >= ADULT and cohort.under_18_reason is not None:
        part.fault_at("under_18_reason", "stands beside an age floor that admits nobody under 18")


def _fields(reader: Reader, agreement: Agreement) -> None:
    names = agreement.field_names
    transforms = {rule.name: rule.transform for rule in agreement.fields}
    if names[:1] != ("record_ref",):
        reader.fault_at("fields", "must begin with `record_ref`, which the recipient acknowledges and corrects by")
    if len(set(names)) < len(names):
        reader.fault_at("fields", "names a field twice")
    if transforms.get("postcode") is Transform.WHEN_NINO_BLANK and "nino" not in names:
        reader.fault_at(
            "fields", "sends the postcode where the National Insurance number is blank, without that number"
        )
    if "jcp_office" in names and agreement.split is None:
        reader.fault_at("fields", "names `jcp_office`, which needs `split` for its fallback")


def _delta(reader: Reader, agreement: Agreement) -> None:
    if agreement.mode is not Mode.DELTA:
        if agreement.full_list_every is not None:
            reader.fault_at("delta", "has no use: every list of another `mode` is what that says")
        return
    if agreement.full_list_every is None:
        reader.fault_at("delta", "is missing: how often a list of differences is a full one again")
    if not {RECORD_REF, RECORD_ACTION} < set(agreement.field_names):
        reader.fault_at(
            "fields", "must name `record_action`, by which a row says who joined, changed or left, and a fact"
        )


def _teams(reader: Reader, agreement: Agreement) -> None:
    speaks_of_worker = any(name.startswith("lead_professional_") for name in agreement.field_names)
    if speaks_of_worker and not reader.has("teams"):
        reader.fault_at(
            "teams", "is missing: what is said of a lead professional whose team or contact is not to be named"
        )
    if not speaks_of_worker and reader.has("teams"):
        reader.fault_at("teams", "has no use: no agreed field is about the lead professional")


def _flags(reader: Reader, agreement: Agreement) -> None:
    left_out = ALWAYS_BLOCKING - agreement.blocking_flags
    if left_out:
        listed = ", ".join(kind.value for kind in ALWAYS_BLOCKING if kind in left_out)
        reader.fault_at("blocking_flags", f"leaves out what always blocks: {listed}")


def _cadence(reader: Reader, agreement: Agreement) -> None:
    cadence = agreement.cadence
    part = reader.table("cadence")
    if (cadence.every is Every.WEEK) != (cadence.weekday is not None):
        part.fault_at("weekday", "belongs to `every: week`, and only there")
    if (cadence.every is Every.MONTH) != (cadence.day_of_month is not None):
        part.fault_at("day_of_month", "belongs to `every: month`, and only there")


def _match_first(reader: Reader, agreement: Agreement) -> None:
    if agreement.mode is not Mode.MATCH_FIRST:
        if agreement.claimant_lists is not None:
            reader.fault_at("claimant_lists", "has no use but in the mode match_first")
        return
    if agreement.claimant_lists is None:
        reader.fault_at("claimant_lists", "is missing: how the recipient's own list comes in")
    if agreement.split is not None:
        reader.fault_at("split", "has no use in the mode match_first: whoever sends a list is answered")
    if agreement.power(Direction.INBOUND) is None:
        # The recipient's list is a disclosure too, to us, and a power to disclose is none to receive.
        reader.fault_at("legal_powers", "must name a power for what comes in (direction: inbound) in match_first")


def _contacts(reader: Reader, agreement: Agreement) -> None:
    if not agreement.contacts:
        reader.fault_at("contacts", "must name somebody to turn to")


_CHECKS: tuple[tuple[tuple[str, ...], Callable[[Reader, Agreement], None]], ...] = (
    (("parties",), _parties),
    (("legal_powers",), _powers),
    (("lawful_basis", "fields"), _basis),
    (("term",), _term),
    (("cohort",), _age),
    (("fields", "split"), _fields),
    (("fields",), _teams),
    (("mode", "delta", "fields"), _delta),
    (("blocking_flags",), _flags),
    (("cadence",), _cadence),
    (("mode", "claimant_lists", "split", "legal_powers"), _match_first),
    (("contacts",), _contacts),
)
