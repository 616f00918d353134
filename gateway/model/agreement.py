"""A data sharing agreement in the form that the gateway obeys.

Made only by `agreements/document.py` from strict YAML. It names a recipient, never a host, path, credential or
SQL: an agreement is untrusted input until approved.
"""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from gateway.model.criteria import Criterion
from gateway.model.fields import Transform
from gateway.model.flags import FlagKind


class PartyRole(StrEnum):
    """What a party is in law."""

    CONTROLLER = "controller"
    RECIPIENT = "recipient"


class Direction(StrEnum):
    """Which way a legal power lets data go; powers are directional."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


class PowerStatus(StrEnum):
    """Whether Legal has confirmed a power; only a confirmed one allows a production run."""

    CONFIRMED = "confirmed"
    TO_BE_CONFIRMED = "to_be_confirmed"


class DomesticAbuseNeed(StrEnum):
    """What happens to families with a current domestic-abuse need that carry no flag. There is no default."""

    BLOCK = "block"
    HUMAN = "human"
    ALLOW = "allow"


class Mode(StrEnum):
    """What a list contains."""

    FULL_LIST = "full_list"
    DELTA = "delta"
    MATCH_FIRST = "match_first"


class FullListEvery(StrEnum):
    """In what a list of differences is a full one again: the first list of each."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class ClaimantLists(StrEnum):
    """How the recipient's own list of people comes in, where only people on it are answered."""

    #: Encrypted to our key and signed by the recipient's key for receipts.
    SEALED = "sealed"
    #: As it is: only the way that it comes says whose it is.
    PLAIN = "plain"


class FileFormat(StrEnum):
    """The bytes of the list before sealing."""

    CSV = "csv"
    #: With a byte order mark and CRLF, for people who double-click.
    CSV_EXCEL = "csv-excel"


class EvidenceKind(StrEnum):
    """Whether the record line itself is kept, encrypted, beside its commitment. There is no default."""

    VALUES = "values"
    DIGEST = "digest"


class EmptyList(StrEnum):
    """What happens when nobody is selected."""

    SEND = "send"
    SKIP = "skip"
    WITHHOLD = "withhold"


class Every(StrEnum):
    """How often a list is due."""

    NIGHT = "night"
    WEEKDAY = "weekday"
    WEEK = "week"
    MONTH = "month"


class OnHoliday(StrEnum):
    """What a bank holiday in England does to a list that is due on it."""

    RUN = "run"
    SKIP = "skip"
    MOVE = "move"


class CatchUp(StrEnum):
    """What is done about windows that were missed."""

    LATEST = "latest"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation that is party to the agreement."""

    name: str
    role: PartyRole


@dataclass(frozen=True, slots=True)
class LegalPower:
    """The statutory power to share, for one direction.

    `factors_needed` is the number of the thirteen factors that each row must show under this power (2 for the
    Digital Economy Act 2017 s.35, 0 where the power asks for none).
    """

    direction: Direction
    citation: str
    status: PowerStatus
    confirmed_by: str | None
    confirmed_on: date | None
    factors_needed: int


@dataclass(frozen=True, slots=True)
class LawfulBasis:
    """UK GDPR conditions relied on; each is a list of citations."""

    article_6: tuple[str, ...]
    article_9: tuple[str, ...]
    article_10: tuple[str, ...]
    #: The Appropriate Policy Document (DPA 2018 Sch 1 paragraph 39).
    policy_document: str | None


@dataclass(frozen=True, slots=True)
class Purpose:
    """What the disclosure is for: a stable code and the sentence people read."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One agreed field, why it is necessary, and how it is coarsened."""

    name: str
    necessity: str
    transform: Transform


@dataclass(frozen=True, slots=True)
class CohortRule:
    """Whom the agreement covers.

    `where` is judged beside the framework's own rule; `minimum_age` is in completed years on the London day.
    `under_18_reason` must be written when the age floor is below 18.
    """

    framework: str
    where: Criterion
    minimum_age: int
    under_18_reason: str | None
    domestic_abuse_need: DomesticAbuseNeed


@dataclass(frozen=True, slots=True)
class Cadence:
    """When a list is due: `at` is London wall-clock time; a window is named by its London day.

    `weekday` is 0 for Monday to 6; `day_of_month` is 1 to 28. Delivery is tried until `deliver_until`, also London
    time, the next time the clock shows it.
    """

    every: Every
    at: time
    deliver_until: time
    weekday: int | None
    day_of_month: int | None
    on_holiday: OnHoliday
    catch_up: CatchUp


@dataclass(frozen=True, slots=True)
class Limits:
    """The whole-list guard.

    A list of more than `most_people`, or that differs in size from the last one by more than `most_change_percent`
    and more than `ignore_change_below` people, is withheld for a person.
    """

    most_people: int
    most_change_percent: int
    ignore_change_below: int


@dataclass(frozen=True, slots=True)
class Retention:
    """How long copies live, in days: our sealed copy after the receipt, theirs from the day of the list.

    `certificate_within_days` is how many days after that the recipient has for a certificate of destruction; None where
    none is agreed.
    """

    our_copy_days: int
    their_copy_days: int
    receipt_within_working_days: int
    certificate_within_days: int | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """One part an office: `by` names the register (`jobcentre`), `fallback` the part for everybody else."""

    by: str
    fallback: str


@dataclass(frozen=True, slots=True)
class RegisterFacts:
    """What public registers ask of an agreement and nothing else in it says; None where nobody wrote it down.

    `entry_id` is the agreement's own number in the register under the Digital Economy Act. A code is what that register
    calls an organisation or an area; codes stand in the order of the names.
    """

    entry_id: str | None = None
    data_subjects: tuple[str, ...] | None = None
    benefits: str | None = None
    data_protection_officer: str | None = None
    controller_codes: tuple[str, ...] | None = None
    processors: tuple[str, ...] | None = None
    processor_codes: tuple[str, ...] | None = None
    transfers_abroad: str | None = None
    areas: tuple[str, ...] | None = None
    area_codes: tuple[str, ...] | None = None
    #: Whether data is kept and erased as the policy says, and if not, why not (DPA 2018 Sch 1 paragraph 41(c)).
    retention_followed: str | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """One version of one agreement.

    `document_hash` is SHA-256 of the document's canonical JSON, hexadecimal: it changes with any value, not with
    layout or comments.
    """

    agreement_id: str
    version: int
    title: str
    programme: str
    parties: tuple[Party, ...]
    recipient: str
    purpose: Purpose
    legal_powers: tuple[LegalPower, ...]
    lawful_basis: LawfulBasis
    dpia_reference: str
    dpia_review_by: date
    privacy_notice: str
    starts_on: date
    ends_on: date
    review_by: date
    review_grace_days: int
    cohort: CohortRule
    fields: tuple[FieldRule, ...]
    blocking_flags: frozenset[FlagKind]
    mode: Mode
    split: Split | None
    file_format: FileFormat
    evidence: EvidenceKind
    cadence: Cadence
    limits: Limits
    empty_list: EmptyList
    retention: Retention
    #: Source team name -> the general label that may be sent; any other team gets `default_team`.
    team_labels: tuple[tuple[str, str], ...]
    default_team: str
    default_contact: str
    contacts: tuple[str, ...]
    document_hash: str
    registers: RegisterFacts = RegisterFacts()
    #: With `mode: delta`, and only then.
    full_list_every: FullListEvery | None = None
    #: With `mode: match_first`, and only then.
    claimant_lists: ClaimantLists | None = None

    @property
    def field_names(self) -> tuple[str, ...]:
        """The agreed fields, in the agreed order."""
        return tuple(rule.name for rule in self.fields)

    def power(self, direction: Direction) -> LegalPower | None:
        """The power for one direction, if the agreement has one."""
        return next((power for power in self.legal_powers if power.direction is direction), None)
