"""What the gateway refuses, and the way out of each refusal.

    GatewayError
    ├── ConfigurationError        SettingsInvalid · MappingInvalid · FrameworkInvalid · PartnerInvalid
    │                             KeyUnavailable · KeyUnusable · EnvironmentMismatch · JobcentresInvalid
    │                             HolidaysInvalid
    ├── SourceError               ExtractMissing · ExtractStale · ExtractMalformed · ExtractShrunk
    │                             HeaderUnknown · SuppressionRefused · SnapshotMissing
    │                             WorkCoachListRefused · WorkCoachListLocked · WorkCoachListChanged
    │                             ColumnProfileInvalid
    ├── AgreementError            AgreementMalformed · AgreementNotInForce · AgreementUnapproved
    │                             ApprovalInvalid
    ├── DisclosureRefused         CountsDisagree · NotReleasable · NotAttestable · NotRecallable · NotDeliverable
    │                             NotSettleable · HandoverRefused · NotExportable · NotForgettable
    │                             NoticeRefused
    ├── SealingError              SealFailed · PackageCorrupt · SignatureInvalid
    ├── DeliveryError             ConnectionFailed · TransferInterrupted · ServerFull · TransferRefused
    │                             AuthenticationRefused · HostKeyMismatch · RemoteConflict
    │                             VerificationFailed · OutcomeUnknown · ProtocolViolated · ConnectionDamaged
    │                             PartnerDisabled
    ├── ReceiptError              ReceiptMalformed · ReceiptUnknown · ReceiptContradicts · ReceiptsRefused
    ├── LedgerError               LedgerDamaged · CheckpointInvalid · EntryInvalid · ClockBehindLedger
    │                             LedgerBehindCheckpoint · CheckpointContradicted
    ├── QuestionInvalid
    ├── ReconciliationError       ReconciliationRefused · ReconciliationWithheld · ColumnsUnconfirmed
    │                             TooManyLists · VerdictRefused · ClaimantsRefused
    ├── ComplaintRefused
    ├── StoreError                StoreBusy · StoreOutOfDate · StoreElsewhere · MoveNotAllowed
    │                             PackageRemoved · RecordsHeld · SubjectUnknown · SubjectAmbiguous
    │                             ForgottenReturned · RolesNotSeparate
    └── AccessDenied

A message names files, lines, fields and references; never a person, a name or an identifier (law L8).
`code` is a stable slug and an anchor in docs/reference/errors.md. `advice()` says what the reader can do next.
What happens to one person is data (`Excluded`); what needs a person's decision is an outcome (`Withheld`);
only what stops a step is an exception. Calling things in the wrong order is a bug: `RuntimeError`.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the command line answers to the shell (design.md section 8)."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    WITHHELD = 3
    INTEGRITY = 4
    CONFIGURATION = 5
    NOT_ALLOWED = 6
    TRY_LATER = 75


class GatewayError(Exception):
    """Something the gateway will not or cannot do."""

    code = "gateway-error"
    exit_code = ExitCode.FAILED
    #: True where the same step may succeed later without anybody doing anything.
    retryable = False
    #: The class's own way out; an instance may carry a better one.
    way_out = "Read the message; `gateway doctor` checks what surrounds it."

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message)
        self._advice = advice

    def advice(self) -> str:
        """Say what the reader can do next, naming a command where one helps."""
        return self._advice or self.way_out


class ConfigurationError(GatewayError):
    """Settings, mappings, partners or keys are not as they must be."""

    code = "configuration"
    exit_code = ExitCode.CONFIGURATION
    way_out = "Correct the file named, then `gateway doctor`."


class SettingsInvalid(ConfigurationError):
    """The settings file has a fault."""

    code = "settings-invalid"
    way_out = "Correct the file named; `gateway config show` prints what is in force."


class MappingInvalid(ConfigurationError):
    """A source mapping has a fault."""

    code = "mapping-invalid"


class FrameworkInvalid(ConfigurationError):
    """A programme framework has a fault."""

    code = "framework-invalid"


class JobcentresInvalid(ConfigurationError):
    """The register of Jobcentres has a fault."""

    code = "jobcentres-invalid"


class HolidaysInvalid(ConfigurationError):
    """The list of bank holidays has a fault."""

    code = "holidays-invalid"


class PartnerInvalid(ConfigurationError):
    """A partner's file has a fault, or names no usable key."""

    code = "partner-invalid"
    way_out = "Correct the partner's file, then `gateway partners check`."


class KeyUnavailable(ConfigurationError):
    """A key that the step needs is not there, or others can read it."""

    code = "key-unavailable"
    way_out = "`gateway keys list` shows which keys are there; keys/README.md has the ceremony."


class KeyUnusable(ConfigurationError):
    """A key is expired, revoked, not the pinned one, or of a kind that cannot be used (law L6)."""

    code = "key-unusable"
    way_out = "Ask the partner for a current key and compare the fingerprint by phone: keys/README.md."


class EnvironmentMismatch(ConfigurationError):
    """A synthetic person in a production database, or the reverse."""

    code = "environment-mismatch"
    way_out = "The environment is burnt into a database: make another one with `gateway init`."


class SourceError(GatewayError):
    """A source extract cannot be used; the old snapshot stays."""

    code = "source"
    way_out = "`gateway sources status` shows each extract; `gateway sources rejects` each refused line."


class ExtractMissing(SourceError):
    """An extract that the mapping names is not in its folder."""

    code = "extract-missing"
    exit_code = ExitCode.TRY_LATER
    retryable = True
    way_out = "Ask the data team for the extract, then `gateway sources load`."


class ExtractStale(SourceError):
    """An extract is older than its mapping allows."""

    code = "extract-stale"
    exit_code = ExitCode.TRY_LATER
    retryable = True
    way_out = "Ask the data team for a fresh extract, then `gateway sources load`."


class ExtractMalformed(SourceError):
    """An extract cannot be read as what its mapping says it is."""

    code = "extract-malformed"


class ExtractShrunk(SourceError):
    """An extract has far fewer rows than the one before."""

    code = "extract-shrunk"
    exit_code = ExitCode.WITHHELD


class HeaderUnknown(SourceError):
    """An extract lacks a column that its mapping needs."""

    code = "header-unknown"
    exit_code = ExitCode.CONFIGURATION


class SuppressionRefused(SourceError):
    """The suppression feed is missing, stale, empty without saying so, or has a line that cannot be read (L3)."""

    code = "suppression-refused"
    exit_code = ExitCode.WITHHELD
    way_out = "Nothing is sent until the feed is whole: docs/how-to/make-the-suppression-feed.md."


class SnapshotMissing(SourceError):
    """There is no snapshot to decide from."""

    code = "snapshot-missing"
    way_out = "`gateway sources load` first."


class WorkCoachListRefused(SourceError):
    """A file is no list of claimants that can be read safely; nothing of it was kept."""

    code = "work-coach-list-refused"
    way_out = "Ask the Jobcentre for the list as a plain CSV or XLSX file of values, one row a claimant."


class WorkCoachListLocked(SourceError):
    """A workbook is protected by a password, and none was given or the wrong one."""

    code = "work-coach-list-locked"
    way_out = "`gateway reconcile run --password ask` asks for it. Never save an unprotected copy."


class WorkCoachListChanged(SourceError):
    """A list has other headings than its office's saved columns, or dates in another order."""

    code = "work-coach-list-changed"
    exit_code = ExitCode.CONFIGURATION
    way_out = "Ask the Jobcentre why the layout changed, then confirm it anew: `gateway reconcile columns`."


class ColumnProfileInvalid(SourceError):
    """What is said of an office's columns cannot be used."""

    code = "column-profile-invalid"
    exit_code = ExitCode.CONFIGURATION
    way_out = "`gateway reconcile columns` proposes them from a list of the office, to be looked at and confirmed."


class AgreementError(GatewayError):
    """An agreement cannot be acted on."""

    code = "agreement"
    exit_code = ExitCode.CONFIGURATION


class AgreementMalformed(AgreementError):
    """An agreement's document has faults; each is given with file, line and column."""

    code = "agreement-malformed"
    way_out = "Correct the places named, then `gateway agreements check`."


class AgreementNotInForce(AgreementError):
    """An agreement is out of term, overdue for review, suspended, or lacks a confirmed legal power (L6)."""

    code = "agreement-not-in-force"
    way_out = "`gateway agreements show` says what blocks it."


class AgreementUnapproved(AgreementError):
    """Fewer than two different people in different roles approved exactly this policy statement."""

    code = "agreement-unapproved"
    way_out = "`gateway agreements approve` imports a signature; agreements/README.md says how to make one."


class ApprovalInvalid(AgreementError):
    """An approval's signature does not verify, or its signer may not approve."""

    code = "approval-invalid"


class DisclosureRefused(GatewayError):
    """A disclosure may not be made."""

    code = "disclosure-refused"


class CountsDisagree(DisclosureRefused):
    """Included and excluded people do not add up to everyone (L1); nothing was committed."""

    code = "counts-disagree"
    exit_code = ExitCode.INTEGRITY
    way_out = "This is a fault of the gateway: keep the state directory and report it."


class NotReleasable(DisclosureRefused):
    """A held list cannot be released by this person or in this form."""

    code = "not-releasable"
    way_out = "`gateway disclose status` shows what is held and who may release it."


class NotAttestable(DisclosureRefused):
    """A list cannot be settled by this person's word, or not at all by one."""

    code = "not-attestable"
    way_out = "`gateway disclose status` shows what is uncertain; an approver who did not run it attests."


class HandoverRefused(DisclosureRefused):
    """A list that was handed over another way cannot be recorded as it was entered."""

    code = "handover-refused"
    way_out = "Correct what is named, then `gateway disclose handed-over` again; nothing was recorded."


class NotSettleable(DisclosureRefused):
    """A restored database cannot be settled by this person, or there is nothing to settle."""

    code = "not-settleable"
    way_out = "`gateway disclose settle` says what there is to settle; docs/how-to/restore-a-backup.md says who does."


class NotRecallable(DisclosureRefused):
    """A list has not gone, or may not have gone, so there is nothing to recall."""

    code = "not-recallable"
    way_out = "`gateway disclose stop` keeps it from going; `gateway disclose attest` settles what is uncertain."


class NotDeliverable(DisclosureRefused):
    """A list that was named does not wait to be delivered."""

    code = "not-deliverable"
    way_out = "`gateway disclose status` shows where each list stands."


class NotExportable(DisclosureRefused):
    """An export about a person may not be released or written by this officer, or as it stands."""

    code = "not-exportable"
    way_out = "`gateway audit exports` shows where each stands; docs/how-to/answer-a-subject-access-request.md."


class NotForgettable(DisclosureRefused):
    """Somebody may not be forgotten by this officer, or as things stand."""

    code = "not-forgettable"
    way_out = "`gateway subjects forgets` shows where each stands; docs/how-to/forget-a-person.md what comes first."


class NoticeRefused(DisclosureRefused):
    """A recipient cannot be told of a correction or withdrawal as things stand."""

    code = "notice-refused"
    exit_code = ExitCode.WITHHELD
    way_out = "Mend what is named, then `gateway subjects correct` again; --withdraw tells nothing of the person."


class SealingError(GatewayError):
    """A package could not be sealed or opened."""

    code = "sealing"


class SealFailed(SealingError):
    """The sealer ended without a whole package; nothing was kept."""

    code = "seal-failed"


class PackageCorrupt(SealingError):
    """A package is not what it should be; no plaintext was released."""

    code = "package-corrupt"
    exit_code = ExitCode.INTEGRITY


class SignatureInvalid(SealingError):
    """A signature is missing, wrong, or made by another key than the pinned one."""

    code = "signature-invalid"
    exit_code = ExitCode.INTEGRITY


class DeliveryError(GatewayError):
    """A package did not reach its recipient, as far as can be proved."""

    code = "delivery"
    #: Whether it is because what came from the server was changed on its way.
    damaged = False


class ConnectionFailed(DeliveryError):
    """The partner's server could not be reached or stopped answering before anything was sent."""

    code = "connection-failed"
    retryable = True
    exit_code = ExitCode.TRY_LATER
    way_out = "It is tried again by itself; `gateway deliver resume` tries now."


class TransferInterrupted(DeliveryError):
    """A transfer broke off or a server operation failed; nothing stands under its final name because of it."""

    code = "transfer-interrupted"
    retryable = True
    exit_code = ExitCode.TRY_LATER
    way_out = "It is tried again by itself; `gateway deliver resume` tries now."


class ServerFull(DeliveryError):
    """The partner's server has too little room for a package; nothing of it was sent."""

    code = "server-full"
    retryable = True
    exit_code = ExitCode.TRY_LATER
    way_out = "It is tried again by itself; if it lasts, ask the partner's IT to make room in the inbox."


class TransferRefused(DeliveryError):
    """The partner's server refused for good: no such directory, no permission, no common algorithm."""

    code = "transfer-refused"
    way_out = "`gateway partners check` says what their server lacks; once it is mended, `gateway deliver resume`."


class AuthenticationRefused(DeliveryError):
    """The partner's server did not accept our key; one attempt is made in a run."""

    code = "authentication-refused"
    way_out = "Ask the partner which public key they hold for us; `gateway keys show ssh` prints ours."


class HostKeyMismatch(DeliveryError):
    """The server showed a host key that is not pinned; nothing was sent and no log-in tried (L6)."""

    code = "host-key-mismatch"
    exit_code = ExitCode.INTEGRITY
    way_out = "Compare the fingerprint with the partner by phone, then `gateway partners pin NAME --host-key FILE`."


class RemoteConflict(DeliveryError):
    """Another file already stands under the final name; it is never overwritten (L5)."""

    code = "remote-conflict"
    exit_code = ExitCode.INTEGRITY
    way_out = "Ask the partner's IT who put a file under that name, and tell the information-governance officer."


class VerificationFailed(DeliveryError):
    """What the server holds is not what was sent."""

    code = "verification-failed"
    retryable = True
    way_out = (
        "It is tried once more by itself; if what they hold differs again the partner is disabled. Ask their IT what "
        "changes or loses bytes there: a disk, a scanner, a conversion of text."
    )


class OutcomeUnknown(DeliveryError):
    """The server may have published the file, and cannot be asked at present; never resent blindly (L4)."""

    code = "outcome-unknown"
    # Looking again is always safe: it sends nothing.
    retryable = True
    exit_code = ExitCode.TRY_LATER
    way_out = "`gateway deliver resume` looks again; a receipt settles it; nothing is sent until then."


class ProtocolViolated(DeliveryError):
    """The server answered with something that no SFTP server sends: oversize or malformed packets."""

    code = "protocol-violated"
    exit_code = ExitCode.INTEGRITY
    way_out = "Deliveries to this partner are stopped: ask their IT, then `gateway partners enable`."


class ConnectionDamaged(DeliveryError):
    """What came from the server was changed on its way, in one connection after another."""

    code = "connection-damaged"
    exit_code = ExitCode.INTEGRITY
    way_out = "Deliveries to this partner are stopped: find what changes bytes, then `gateway partners enable`."


class PartnerDisabled(DeliveryError):
    """Deliveries to this partner are stopped until a person enables it again."""

    code = "partner-disabled"
    way_out = "`gateway partners enable`, with a reason, once the cause is mended."


class ReceiptError(GatewayError):
    """A receipt cannot be accepted; it is kept as evidence and changes nothing."""

    code = "receipt"


class ReceiptMalformed(ReceiptError):
    """A receipt cannot be read, or is oversize."""

    code = "receipt-malformed"


class ReceiptUnknown(ReceiptError):
    """A receipt names a package that was never sent to this partner."""

    code = "receipt-unknown"


class ReceiptContradicts(ReceiptError):
    """A receipt contradicts one already held for the same package."""

    code = "receipt-contradicts"


class ReceiptsRefused(ReceiptError):
    """What a partner left as a receipt was refused: by another key, for another package, or not to be read."""

    code = "receipts-refused"
    way_out = "`gateway receipts list --refused` says which and why; somebody rings the desk of that partner."


class LedgerError(GatewayError):
    """The ledger is not whole, or an entry may not be written."""

    code = "ledger"
    exit_code = ExitCode.INTEGRITY


class LedgerDamaged(LedgerError):
    """Rows in the database do not give the root that was signed (L7)."""

    code = "ledger-damaged"
    way_out = "Stop the service, keep the database as it is, and run `gateway audit verify`."


class CheckpointInvalid(LedgerError):
    """A checkpoint is malformed, wrongly signed, or contradicts the ledger."""

    code = "checkpoint-invalid"


class CheckpointContradicted(LedgerError):
    """A recipient holds a checkpoint with our own signature that our log does not have (L7)."""

    code = "checkpoint-contradicted"
    way_out = (
        "Somebody else has our keys, or the database is not the one that it was. `gateway audit verify` names the"
        " checkpoint; `gateway disclose stop`, keep the database as it is, and call the auditors."
    )


class EntryInvalid(LedgerError):
    """An entry does not fit the closed vocabulary (L8)."""

    code = "entry-invalid"


class QuestionInvalid(GatewayError):
    """A question to the evidence that has no answer: it names nothing, a day to come, or what is no sample."""

    code = "question-invalid"
    exit_code = ExitCode.USAGE
    way_out = "Ask again; `--help` after the command says what it takes."


class ReconciliationError(GatewayError):
    """A work-coach list is not answered, or a verdict not taken."""

    code = "reconciliation"


class ReconciliationRefused(ReconciliationError):
    """What was asked about work-coach lists cannot be done as it was asked."""

    code = "reconciliation-refused"
    way_out = "`gateway reconcile report` says what was answered; docs/how-to/reconcile-a-work-coach-list.md."


class ReconciliationWithheld(ReconciliationError):
    """A list made now would wait for a person, so nobody is told of anybody by another way either."""

    code = "reconciliation-withheld"
    exit_code = ExitCode.WITHHELD
    way_out = "`gateway agreements preview` says what is in the way; the file is answered once that is mended."


class ColumnsUnconfirmed(ReconciliationError):
    """Nobody has confirmed yet what the columns of this office's list mean, or they have changed."""

    code = "columns-unconfirmed"
    exit_code = ExitCode.WITHHELD
    way_out = "`gateway reconcile columns FILE --office OFFICE` shows what they seem to mean and asks for a yes."


class TooManyLists(ReconciliationError):
    """An office's lists were answered as often today as is agreed: one tried again and again is a look-up (L11)."""

    code = "too-many-lists"
    exit_code = ExitCode.TRY_LATER
    way_out = "Tomorrow is another day; [reconciliation] lists_a_day in the settings says how many there are."


class VerdictRefused(ReconciliationError):
    """A verdict cannot be taken: there is nothing to decide, or not by this person, or not for this reason."""

    code = "verdict-refused"
    way_out = "`gateway reconcile queue` says what waits to be decided, and by whom."


class ClaimantsRefused(ReconciliationError):
    """A list that a recipient left for us was not taken: not signed by them, or no list that can be read safely."""

    code = "claimants-refused"
    way_out = "The entries `claimants:refused` say of each file why; somebody rings the recipient's desk."


class ComplaintRefused(GatewayError):
    """A complaint is not there, or cannot be kept or settled as was asked."""

    code = "complaint-refused"
    way_out = "`gateway complaints list` says which there are and where each stands."


class ClockBehindLedger(LedgerError):
    """The machine's clock is behind the last entry; the planner stops (L9)."""

    code = "clock-behind-ledger"
    exit_code = ExitCode.TRY_LATER
    way_out = (
        "Compare the machine's clock with another. If it is behind, set it. If it is right, the entry was made while "
        "it ran ahead: leave it, and everything goes on by itself once that time is over."
    )


class LedgerBehindCheckpoint(LedgerError):
    """The database is an older one than the checkpoint kept outside: what was sent since is not in it (L4)."""

    code = "ledger-behind-checkpoint"
    way_out = (
        "Nothing runs. Put the newest database back if there is one: `gateway audit verify --checkpoint`, with"
        " checkpoints/newest.txt of the state directory, says whether it is that. If there is none, an approver"
        " settles the old one: `gateway disclose settle` says what that means; docs/how-to/restore-a-backup.md."
    )


class StoreError(GatewayError):
    """The database could not do what was asked."""

    code = "store"


class StoreBusy(StoreError):
    """Somebody else holds the database or the list."""

    code = "store-busy"
    retryable = True
    exit_code = ExitCode.TRY_LATER
    way_out = "Another run is at work; `gateway disclose status` shows it."


class ForgottenReturned(StoreError):
    """People who were forgotten are in the database again: it is older than the log of the forgotten."""

    code = "forgotten-returned"
    exit_code = ExitCode.INTEGRITY
    way_out = "`gateway subjects forget-again` deletes them again; nothing runs until then."


class StoreOutOfDate(StoreError):
    """The database's tables are of another version."""

    code = "store-out-of-date"
    exit_code = ExitCode.CONFIGURATION
    way_out = "`gateway db upgrade`, after a backup."


class StoreElsewhere(StoreError):
    """The SQLite database belongs to another machine, which may be using it now (L4)."""

    code = "store-elsewhere"
    exit_code = ExitCode.CONFIGURATION
    way_out = (
        "Stop the gateway on the other machine for good; then `gateway db move` brings the database to this one."
        " A copy for a trial gets a county of its own: `gateway init`. Two machines at a time need PostgreSQL."
    )


class RolesNotSeparate(StoreError):
    """Owner and runtime role of a database are not what rights can be given by (L7)."""

    code = "roles-not-separate"
    exit_code = ExitCode.CONFIGURATION
    way_out = (
        "docs/how-to/set-up-postgresql.md: two roles, the owner's address in GATEWAY_OWNER_DATABASE or"
        " `gateway.owner_database_file`, then `gateway db roles --apply`."
    )


class MoveNotAllowed(StoreError):
    """A list was asked to move where its state does not lead."""

    code = "move-not-allowed"


class PackageRemoved(StoreError):
    """Our sealed copy of a list was removed at the end of its time: it can never be sent or compared again."""

    code = "package-removed"
    way_out = "Ask the recipient's desk; `gateway retention plan` says what is kept how long."


class RecordsHeld(StoreError):
    """Something is kept beyond its time by a hold, or a hold is not as it was asked for."""

    code = "records-held"
    way_out = "`gateway retention holds` lists the holds; an approver ends one with `gateway retention let-go`."


class SubjectUnknown(StoreError):
    """The registry knows nobody by the identifier given."""

    code = "subject-unknown"
    way_out = "Check the identifier; somebody who was never in an extract is in no list either."


class SubjectAmbiguous(StoreError):
    """The identifier leads to several people, where one of them alone may be meant."""

    code = "subject-ambiguous"
    way_out = "Name the person by a source's own id: `--by` and the source's name."


class AccessDenied(GatewayError):
    """The actor is unknown, or their roles do not allow the action."""

    code = "access-denied"
    exit_code = ExitCode.NOT_ALLOWED
    way_out = "docs/reference/roles.md says who may do what; accounts are mapped in the settings file."
