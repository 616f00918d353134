"""Who may do what: actors, roles, and the one table of roles and actions.

An actor is the operating system's account, mapped in the settings to a named person and roles; it is
never an argument. The table is enforced in the service layer and printed in docs/reference/roles.md.
It guards against mistakes, not against somebody who can read the database file.
"""

from dataclasses import dataclass
from enum import StrEnum

from gateway.errors import AccessDenied


class Role(StrEnum):
    """What somebody is to the gateway (design.md section 1). Stored in the ledger."""

    SERVICE = "service"
    IG_OFFICER = "ig_officer"
    APPROVER = "approver"
    DATA_OFFICER = "data_officer"
    TFEA = "tfea"
    OPERATOR = "operator"
    AUDITOR = "auditor"


class Action(StrEnum):
    """Everything that changes something or reads about a person. Stored in the ledger."""

    LOAD_SOURCES = "sources:load"
    ACCEPT_SHRINKAGE = "sources:accept"
    READ_REJECTS = "sources:rejects"
    READ_STATUS = "status:read"
    READ_AGREEMENTS = "agreements:read"
    PREVIEW = "agreements:preview"
    IMPORT_APPROVAL = "agreements:approve"
    SUSPEND = "agreements:suspend"
    RESUME = "agreements:resume"
    RUN = "disclose:run"
    RELEASE = "disclose:release"
    STOP = "disclose:stop"
    START = "disclose:start"
    ATTEST = "disclose:attest"
    ENTER_HANDOVER = "disclose:handed-over"
    SETTLE = "disclose:settle"
    RECALL = "disclose:recall"
    DELIVER = "deliver:resume"
    COLLECT_RECEIPTS = "receipts:collect"
    VERIFY = "audit:verify"
    READ_PERSON = "audit:person"
    EXPLAIN = "audit:explain"
    ASK_EXPORT = "audit:export"
    LIST_EXPORTS = "audit:exports"
    RELEASE_EXPORT = "audit:release-export"
    READ_REGISTERS = "audit:registers"
    READ_LOOKUPS = "audit:lookups"
    READ_BREACH = "audit:breach"
    SAMPLE = "audit:sample"
    ASSURE = "audit:assurance"
    MAKE_PACK = "audit:pack"
    PROVE = "audit:proof"
    DECLINE = "disclose:not-share"
    HANDLE_COMPLAINT = "complaints:handle"
    LIST_COMPLAINTS = "complaints:list"
    READ_COMPLAINT = "complaints:show"
    PLACE_HOLD = "subjects:hold"
    TELL_RECIPIENTS = "subjects:correct"
    ASK_FORGET = "subjects:forget"
    CONFIRM_FORGET = "subjects:confirm-forget"
    FORGET_AGAIN = "subjects:forget-again"
    LIST_FORGETS = "subjects:forgets"
    RECONCILE = "reconcile:run"
    CONFIRM_COLUMNS = "reconcile:columns"
    SEARCH_COHORT = "reconcile:search"
    READ_QUEUE = "reconcile:queue"
    DECIDE = "reconcile:decide"
    READ_COHORT_QUEUE = "reconcile:cohort-queue"
    READ_RECONCILIATIONS = "reconcile:report"
    CLEAR_UPLOADED = "reconcile:clear"
    TAKE_CLAIMANTS = "claimants:take"
    READ_RETENTION = "retention:plan"
    RUN_RETENTION = "retention:run"
    PURGE_EVIDENCE = "retention:purge-evidence"
    HOLD_RECORDS = "retention:hold"
    LET_RECORDS_GO = "retention:let-go"
    MANAGE_KEYS = "keys:manage"
    COMPARE_KEYS = "keys:compare"
    MANAGE_PARTNERS = "partners:manage"
    INSTALL = "install"


_S, _I, _A, _D, _T, _O, _U = Role
ALLOWED: dict[Action, frozenset[Role]] = {
    Action.LOAD_SOURCES: frozenset({_S, _D, _O}),
    Action.ACCEPT_SHRINKAGE: frozenset({_A}),
    Action.READ_REJECTS: frozenset({_D}),
    Action.READ_STATUS: frozenset({_S, _I, _A, _D, _O, _U}),
    Action.READ_AGREEMENTS: frozenset({_S, _I, _A, _D, _T, _O, _U}),
    Action.PREVIEW: frozenset({_I, _A, _D, _O}),
    Action.IMPORT_APPROVAL: frozenset({_I, _A, _O}),
    Action.SUSPEND: frozenset({_I, _A}),
    # One person stops; starting again takes an approver.
    Action.RESUME: frozenset({_A}),
    Action.RUN: frozenset({_S, _O}),
    Action.RELEASE: frozenset({_A}),
    Action.STOP: frozenset({_I, _A, _O}),
    Action.START: frozenset({_A}),
    Action.ATTEST: frozenset({_A}),
    # Who enters one names people; another person, who approves, confirms it.
    Action.ENTER_HANDOVER: frozenset({_I, _D}),
    Action.SETTLE: frozenset({_A}),
    Action.RECALL: frozenset({_I, _A}),
    Action.DELIVER: frozenset({_S, _O}),
    Action.COLLECT_RECEIPTS: frozenset({_S, _O}),
    Action.VERIFY: frozenset({_S, _I, _A, _O, _U}),
    Action.READ_PERSON: frozenset({_I}),
    Action.EXPLAIN: frozenset({_I}),
    Action.ASK_EXPORT: frozenset({_I}),
    Action.LIST_EXPORTS: frozenset({_I, _A, _U}),
    # Whoever asked for an export never releases it.
    Action.RELEASE_EXPORT: frozenset({_A}),
    Action.READ_REGISTERS: frozenset({_I, _A, _U}),
    # Officers see their own look-ups as others see them: the record is there to be read.
    Action.READ_LOOKUPS: frozenset({_I, _A, _U}),
    Action.READ_BREACH: frozenset({_I, _A}),
    Action.SAMPLE: frozenset({_I, _U}),
    # Signed with the council's key, so not by an auditor.
    Action.ASSURE: frozenset({_I, _A}),
    Action.MAKE_PACK: frozenset({_I, _A}),
    # References and hashes, and nobody: what an auditor takes away to check elsewhere.
    Action.PROVE: frozenset({_I, _A, _U}),
    Action.DECLINE: frozenset({_I, _A}),
    Action.HANDLE_COMPLAINT: frozenset({_I}),
    # Cases, days and outcomes; never whom one is about.
    Action.LIST_COMPLAINTS: frozenset({_I, _A, _U}),
    # With its notes, and the disclosures of whom it is about.
    Action.READ_COMPLAINT: frozenset({_I}),
    Action.PLACE_HOLD: frozenset({_I, _D}),
    Action.TELL_RECIPIENTS: frozenset({_I}),
    Action.ASK_FORGET: frozenset({_I}),
    # Whoever asked that somebody be forgotten never confirms it.
    Action.CONFIRM_FORGET: frozenset({_A}),
    # What two people decided before a backup was restored is only done again.
    Action.FORGET_AGAIN: frozenset({_I, _A, _O}),
    Action.LIST_FORGETS: frozenset({_I, _A, _U}),
    # A TFEA only for their own offices: `Actor.require_office`.
    Action.RECONCILE: frozenset({_S, _D, _T}),
    Action.CONFIRM_COLUMNS: frozenset({_D, _T}),
    Action.SEARCH_COHORT: frozenset({_S, _D}),
    Action.READ_QUEUE: frozenset({_D, _T}),
    Action.DECIDE: frozenset({_D, _T}),
    # Who is in the cohort and was not disclosed: never for a TFEA (law L11).
    Action.READ_COHORT_QUEUE: frozenset({_D}),
    Action.READ_RECONCILIATIONS: frozenset({_I, _D, _T}),
    Action.CLEAR_UPLOADED: frozenset({_S, _I, _D}),
    # A list that came in is read by whoever takes it; the service takes those that the recipient left.
    Action.TAKE_CLAIMANTS: frozenset({_S, _D}),
    Action.READ_RETENTION: frozenset({_S, _I, _A, _D, _O, _U}),
    Action.RUN_RETENTION: frozenset({_S, _A, _O}),
    # Evidence that is gone is gone: never the night, and never whoever looks after the machine alone.
    Action.PURGE_EVIDENCE: frozenset({_A}),
    # One person keeps; letting go takes an approver, as starting again does.
    Action.HOLD_RECORDS: frozenset({_I, _A}),
    Action.LET_RECORDS_GO: frozenset({_A}),
    Action.MANAGE_KEYS: frozenset({_O}),
    # Two people type what was read aloud; a county with one operator has its officers for the other.
    Action.COMPARE_KEYS: frozenset({_I, _A, _O}),
    Action.MANAGE_PARTNERS: frozenset({_O}),
    Action.INSTALL: frozenset({_O}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or the nightly service, as the ledger names them."""

    account: str
    name: str
    roles: frozenset[Role]
    #: The Jobcentres whose lists a TFEA works with.
    offices: frozenset[str] = frozenset()

    def may(self, action: Action) -> bool:
        """Say whether any of the actor's roles allows the action."""
        return bool(self.roles & ALLOWED[action])

    def require(self, action: Action) -> None:
        """Raise AccessDenied unless the actor may do the action."""
        if not self.may(action):
            roles = ", ".join(sorted(ALLOWED[action]))
            raise AccessDenied(f"{self.account} may not do {action.value}: it takes one of the roles {roles}")

    def require_office(self, action: Action, office: str) -> None:
        """Raise AccessDenied unless the actor may do the action for an office: a TFEA only for their own.

        One sentence for an office of others and for none: a TFEA learns of no other office by asking.
        """
        self.require(action)
        if not self.is_for_every_office(action) and office not in self.offices:
            raise AccessDenied(
                f"{self.account} may do {action.value} only for their own offices",
                advice="An operator names them in the settings: offices = [...] beside the roles of the account.",
            )

    def is_for_every_office(self, action: Action) -> bool:
        """Say whether a role other than TFEA allows the action."""
        return bool((self.roles - {Role.TFEA}) & ALLOWED[action])
