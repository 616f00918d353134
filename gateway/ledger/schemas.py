"""What the entry of each event holds: names, each with its kind of value; `?` marks one that may be absent.

Whatever a row of evidence says beside its own hash stands in the entry that explains it too, so that
`verify.py` can hold one against the other. A name that is not here cannot be entered.
"""

from gateway.ledger.events import Event
from gateway.ledger.kinds import (
    CASE,
    CODE,
    CODES,
    COUNTS,
    FINGERPRINT,
    HASH,
    HASHES,
    NAME,
    PRINCIPAL,
    REFERENCE,
    SUBJECT,
    VKEY,
    Kind,
    day,
    instant,
    list_of,
    number,
    one_of,
    table_of,
    truth,
)
from gateway.model.agreement import EvidenceKind
from gateway.model.complaint import ComplaintAbout, ComplaintOutcome
from gateway.model.export import HarmCheck
from gateway.model.handover import Manner
from gateway.model.linkage import Verdict
from gateway.model.officers import Role
from gateway.model.receipt import ReceiptLevel
from gateway.model.reconciliation import Side, VerdictReason
from gateway.model.retention import Kept

Schema = dict[str, Kind]

_ROLE = one_of(*Role)
_ENVIRONMENT = one_of("synthetic", "production")
_WHY: Schema = {"reason": CODE, "case?": CASE}
_EXTRACT: Schema = {"source": NAME, "feed": NAME, "sha256": HASH, "reason": CODE, "case?": CASE, "lines?": number}
_STATEMENT: Schema = {"agreement": NAME, "version": number, "statement": HASH}
_LIST: Schema = {"list": REFERENCE, "reason?": CODE, "case?": CASE, "attempt?": number}
_PLACE: Schema = {"agreement": NAME, "version": number, "statement": HASH, "window": REFERENCE, "part": NAME}
#: What a decision rests on; a release is bound to it.
_DECISION: Schema = {"snapshot": REFERENCE, "people": number, "excluded": number, "decision_digest": HASH}
_KEY: Schema = {"fingerprint": FINGERPRINT, "purpose": CODE, "owner": NAME, "algorithm": CODE}
_PARTNER: Schema = {"partner": NAME, "reason?": CODE, "case?": CASE}
_LINK: Schema = {
    "count": number,
    "subject?": SUBJECT,
    "other?": SUBJECT,
    "rule?": CODE,
    "by_rule?": COUNTS,
    "digest?": HASH,
    "load?": REFERENCE,
    "reason?": CODE,
    "case?": CASE,
}
_RECEIPT: Schema = {
    "raw_sha256": HASH,
    "partner": NAME,
    "verdict": CODE,
    "collected_at": instant,
    "list?": REFERENCE,
    "level?": one_of(*ReceiptLevel),
    "signer?": FINGERPRINT,
    "package_sha256?": HASH,
    "people?": number,
    "reason?": CODE,
    # On which day the recipient says that it destroyed the list.
    "destroyed_on?": day,
    # What became of the checkpoint that it co-signed.
    "cosignature?": CODE,
}
_WITNESSED: Schema = {
    "partner": NAME,
    # The pinned key as it was then, `name+id+key`.
    "witness": NAME,
    "receipt": HASH,
    "size": number,
    "root": HASH,
    "cosigned_at": instant,
    # SHA-256 of the co-signed note.
    "note": HASH,
    "list?": REFERENCE,
}
#: A list that was handed over another way, each time whole: the row says what its newest entry says.
_HANDOVER: Schema = {
    "handover": REFERENCE,
    "agreement": NAME,
    "partner": NAME,
    "handed_over_on": day,
    "manner": one_of(*Manner),
    # On the list, and how many of them are known by an identifier.
    "people": number,
    "identified": number,
    "fields": number,
    "root": HASH,
    "case": CASE,
}

#: What may leave for a person who asks, each time whole: the row says what its newest entry says.
_EXPORT: Schema = {
    "export": REFERENCE,
    "case": CASE,
    "asked_by": PRINCIPAL,
    "asked_at": instant,
    "disclosures": number,
    "values": truth,
    "lead_named": truth,
    "subject?": SUBJECT,
}

#: A complaint, each time whole: the row says what its newest entry says.
_COMPLAINT: Schema = {
    "complaint": REFERENCE,
    "case": CASE,
    "about": one_of(*ComplaintAbout),
    "received_on": day,
    "recorded_by": PRINCIPAL,
    "recorded_at": instant,
    "subject?": SUBJECT,
    "list?": REFERENCE,
}

#: A hold on records, each time whole: the row says what its newest entry says.
_RECORDS_HELD: Schema = {
    "hold": REFERENCE,
    "case": CASE,
    "held_by": PRINCIPAL,
    "held_at": instant,
    "list?": REFERENCE,
    "subject?": SUBJECT,
}

#: Forgetting somebody, each time whole: the row says what its newest entry says.
_FORGET: Schema = {
    "forget": REFERENCE,
    "reason": CODE,
    "case": CASE,
    "asked_by": PRINCIPAL,
    "asked_at": instant,
    "hold_back": truth,
    "subject?": SUBJECT,
    # SHA-256 of the values by which they are recognised and held back, where they are.
    "tombstone?": HASH,
}

#: Answering a work-coach list, each time whole: the row says what its newest entry says.
_RECONCILIATION: Schema = {
    "reconciliation": REFERENCE,
    "agreement": NAME,
    "statement": HASH,
    "partner": NAME,
    "office": NAME,
    # SHA-256 of the file that came, and of the worksheet that it was answered with.
    "file": HASH,
    "answer": HASH,
    "fingerprint": HASH,
    "model": NAME,
    "model_sha256": HASH,
    "snapshot": REFERENCE,
    # Rows by their class, which sum to those read, and people on the list whom no row is about.
    "counts": COUNTS,
    # How many people something was told of, and the root over what of each.
    "told": number,
    "told_root": HASH,
    "ran_by": PRINCIPAL,
    "ran_at": instant,
}

#: How many rows of a list of differences say what.
_DIFFERENCES: Schema = {"joiners?": number, "changes?": number, "leavers?": number}

SCHEMAS: dict[Event, Schema] = {
    Event.DATABASE_CREATED: {"environment": _ENVIRONMENT, "origin": NAME, "facts": HASH, "tables": CODE},
    Event.DATABASE_UPGRADED: {"tables": CODE, "from": CODE},
    # The hash of the statements, which name the roles: `gateway db roles` prints them.
    Event.DATABASE_RIGHTS_GIVEN: {"tables": CODE, "rights": HASH},
    # The entries after `had`, up to `held`, were lost; `root` is of the newest checkpoint kept outside (losses.py).
    Event.DATABASE_RESTORED: {"had": number, "held": number, "root": HASH, "last_at": instant, "case": CASE},
    Event.DATABASE_MOVED: {"host": HASH, "before?": HASH, "case": CASE},
    # Stands where an entry was lost; `restored` is the entry that says so.
    Event.ENTRY_LOST: {"restored": number},
    Event.SERVICE_STARTED: {"release": NAME, "reason?": CODE},
    Event.SERVICE_STOPPED: {"reason?": CODE},
    Event.ALERT_RAISED: {
        "code": CODE,
        "agreement?": NAME,
        "list?": REFERENCE,
        "state?": CODE,
        "count?": number,
        # A key that ends: whose, which, and how many days before its end it is told of.
        "owner?": NAME,
        "key?": FINGERPRINT,
        "step?": number,
        "complaint?": REFERENCE,
    },
    Event.SOURCES_LOADED: {
        "load": REFERENCE,
        "snapshot": REFERENCE,
        "content_hash": HASH,
        "as_at_on": day,
        "people": number,
        "flags": number,
        "flags_reaching_nobody": number,
        "rejected?": number,
        "incomplete?": number,
        "unmapped?": number,
        "families?": number,
        "redacted?": number,
        "extracts?": HASHES,
        "mappings?": HASHES,
        "jobcentres?": HASH,
        "lines?": COUNTS,
        "rejected_by_feed?": COUNTS,
        "counts?": COUNTS,
    },
    Event.SOURCES_REFUSED: {
        "load": REFERENCE,
        "reason": CODE,
        "source?": NAME,
        "feed?": NAME,
        "sha256?": HASH,
        "rejected?": number,
        "lines?": number,
        "extracts?": HASHES,
        "counts?": COUNTS,
    },
    Event.SOURCES_ACCEPT_ASKED: _EXTRACT,
    Event.SOURCES_ACCEPTED: _EXTRACT | {"asked_at?": number, "asked_by?": PRINCIPAL},
    Event.SNAPSHOT_DROPPED: {"snapshot": REFERENCE, "reason": CODE, "people?": number},
    # The snapshot as it was loaded, with how many of its people were forgotten since.
    Event.SNAPSHOT_REDACTED: {
        "snapshot": REFERENCE,
        "content_hash": HASH,
        "as_at_on": day,
        "loaded_at": instant,
        "people": number,
        "flags": number,
        "flags_reaching_nobody": number,
        "redacted": number,
        # Under what it was loaded.
        "extracts?": HASHES,
        "mappings?": HASHES,
        "jobcentres?": HASH,
    },
    Event.REGISTRY_GROWN: {
        "batch": number,
        "people": number,
        "root": HASH,
        "new?": number,
        "identifiers?": number,
        "index_version?": number,
        "load?": REFERENCE,
        "snapshot?": REFERENCE,
    },
    Event.REGISTRY_REINDEXED: {
        "batch": number,
        "people": number,
        "root": HASH,
        "identifiers": number,
        "index_version": number,
        "fingerprint": FINGERPRINT,
    },
    Event.SUBJECT_LINKED: _LINK,
    Event.SUBJECT_UNLINKED: _LINK,
    Event.SUBJECT_FORGOTTEN: {"subject": SUBJECT, "reason": CODE, "case": CASE, "identifiers?": number},
    # UK GDPR Article 19: a notice that went to a recipient, or why none did.
    Event.RECIPIENT_TOLD: {
        "subjects": list_of(SUBJECT),
        "agreement": NAME,
        "partner": NAME,
        "case": CASE,
        "list?": REFERENCE,
        "corrected?": number,
        "taken_back?": number,
        "reason?": CODE,
    },
    Event.FORGET_ASKED: _FORGET,
    Event.FORGET_REFUSED: _FORGET,
    # What was deleted, and what remains under the references: rows of evidence, lists, exclusions, ciphertexts.
    Event.FORGET_ERASED: _FORGET
    | {
        "people": number,
        "identifiers": number,
        "snapshots": number,
        "rows": number,
        "notes": number,
        "extracts": number,
        "extracts_left": number,
        "marks": number,
        "evidence": number,
        "lists": number,
        "exclusions": number,
        "packages": number,
        "handovers": number,
        "told": number,
        "complaints": number,
        "backups_until": day,
        "exported": truth,
        "again": truth,
    },
    Event.FORGET_FINISHED: _FORGET,
    Event.HOLD_PLACED: {"subject": SUBJECT, "reason": CODE, "case": CASE, "hold?": number},
    Event.HOLD_LIFTED: {"subject": SUBJECT, "reason": CODE, "case": CASE, "hold?": number},
    Event.AGREEMENT_PREPARED: _STATEMENT
    | {
        "document": HASH,
        "document_bytes?": HASH,
        "partner?": NAME,
        "partner_hash?": HASH,
        "framework?": HASH,
        "mappings?": HASHES,
        "environment?": _ENVIRONMENT,
        "valid_from?": day,
    },
    Event.AGREEMENT_APPROVED: _STATEMENT
    | {"principal": PRINCIPAL, "role": _ROLE, "signature": HASH, "key?": FINGERPRINT, "approvers?": HASH},
    Event.AGREEMENT_SUSPENDED: {"agreement": NAME, "reason": CODE, "version?": number, "case?": CASE},
    Event.AGREEMENT_RESUMED: {"agreement": NAME, "reason": CODE, "version?": number, "case?": CASE},
    Event.APPROVERS_ENROLLED: {
        "approvers": HASH,
        "count": number,
        "principals?": list_of(PRINCIPAL),
        "roles?": table_of(PRINCIPAL, _ROLE),
        "approved_by?": list_of(PRINCIPAL),
        "before?": HASH,
    },
    # A reason only where no run planned it: a window of which a restored database knows nothing, or one set free.
    Event.LIST_PLANNED: {"list": REFERENCE, "partner": NAME, "snapshot?": REFERENCE, "supersedes?": REFERENCE}
    | _PLACE
    | {"reason?": CODE, "case?": CASE},
    Event.LIST_WITHHELD: {"list": REFERENCE, "reasons": CODES, "reason?": CODE}
    | {f"{name}?": kind for name, kind in (_DECISION | _PLACE).items()}
    | {"last_people?": number, "excluded_by_reason?": COUNTS}
    | _DIFFERENCES,
    Event.LIST_RELEASED: {"list": REFERENCE, "reason": CODE, "case?": CASE} | _DECISION | {"statement": HASH},
    Event.LIST_SEALED: {"list": REFERENCE}
    | _PLACE
    | _DECISION
    | {
        "partner": NAME,
        "root": HASH,
        "evidence": one_of(*EvidenceKind),
        # SHA-256 over the sealed lines in their order, where lines are kept.
        "lines?": HASH,
        # The tree over the exclusions that changed; absent where none did.
        "exclusions?": number,
        "exclusions_root?": HASH,
        "excluded_by_reason?": COUNTS,
        "package_sha256": HASH,
        "package_bytes": number,
        "recipient_key": FINGERPRINT,
        "signing_key": FINGERPRINT,
        "remote_name?": REFERENCE,
        "supersedes?": REFERENCE,
        "reason?": CODE,
        # Of a list of differences: the list that it is built on, with its root.
        "base?": REFERENCE,
        "base_root?": HASH,
        # How many people the recipient holds of the part who has taken it.
        "held?": number,
    }
    | _DIFFERENCES,
    Event.LIST_SENDING: _LIST | {"remote_name?": REFERENCE},
    Event.LIST_UPLOADED: _LIST | {"remote_name?": REFERENCE},
    Event.LIST_VERIFIED: _LIST
    # Without a package where a restored database lost it, and a person says that it went.
    | {"package_sha256?": HASH, "verify_method": CODE, "package_bytes?": number, "remote_name?": REFERENCE},
    Event.LIST_UNCERTAIN: _LIST,
    Event.LIST_FAILED: _LIST,
    Event.LIST_VOID: _LIST,
    Event.LIST_RECEIVED: _LIST | {"receipt?": HASH, "level?": one_of(*ReceiptLevel), "people?": number},
    Event.LIST_REJECTED: _LIST | {"receipt?": HASH, "level?": one_of(*ReceiptLevel), "people?": number},
    Event.LIST_UNCOLLECTED: _LIST | {"due_on?": day},
    Event.LIST_RECALLED: _LIST | {"superseded_by?": REFERENCE},
    Event.HANDOVER_ENTERED: _HANDOVER | {"registered?": number},
    Event.HANDOVER_ATTESTED: _HANDOVER | {"papers?": CASE},
    Event.HANDOVER_DISMISSED: _HANDOVER | {"reason": CODE, "papers?": CASE},
    # Somebody was not told something, on purpose: of the agreement, or of whoever asked without one.
    Event.SHARING_DECLINED: {"agreement?": NAME, "requester": CODE, "reason": CODE, "case": CASE, "subject?": SUBJECT},
    Event.COMPLAINT_RECORDED: _COMPLAINT,
    Event.COMPLAINT_ACKNOWLEDGED: _COMPLAINT | {"acknowledged_on": day},
    Event.COMPLAINT_CLOSED: _COMPLAINT
    | {"acknowledged_on?": day, "closed_on": day, "outcome": one_of(*ComplaintOutcome)},
    # Of the words, a commitment under a salt that is removed with them.
    Event.COMPLAINT_NOTED: {"complaint": REFERENCE, "number": number, "commitment": HASH},
    Event.COMPLAINT_NOTE_REMOVED: {"complaint": REFERENCE, "number": number, "reason": CODE},
    # Our sealed copy of a list; the manifest stays, which says what it was.
    Event.PACKAGE_REMOVED: {
        "list": REFERENCE,
        "package_sha256": HASH,
        "package_bytes": number,
        "manifest": HASH,
        "reason": CODE,
        "rested_on": day,
        "kept_until": day,
    },
    # The rows of a tree that is named by its kind; what they were is what its own entry says.
    Event.EVIDENCE_PURGED: {
        "kind": one_of(Kept.EVIDENCE, Kept.HANDOVER, Kept.TOLD),
        "list?": REFERENCE,
        "handover?": REFERENCE,
        "reconciliation?": REFERENCE,
        "rows": number,
        "root": HASH,
        "exclusions": number,
        "fields": number,
        "rested_on": day,
        "kept_until": day,
        "case": CASE,
    },
    Event.RECORDS_HELD: _RECORDS_HELD,
    Event.RECORDS_LET_GO: _RECORDS_HELD | {"decided": CASE},
    Event.DELIVERY_ATTEMPTED: {
        "list": REFERENCE,
        "outcome": CODE,
        "started_at": instant,
        "ended_at": instant,
        # SHA-256 of the attempt's `session` text.
        "session": HASH,
        "partner?": NAME,
        "host_key?": FINGERPRINT,
        "verify_method?": CODE,
        "remote_name?": REFERENCE,
        # Where the papers are of what a person says.
        "case?": CASE,
    },
    Event.RECEIPT_COLLECTED: _RECEIPT,
    Event.RECEIPT_REFUSED: _RECEIPT,
    Event.CHECKPOINT_WITNESSED: _WITNESSED,
    Event.CHECKPOINT_CONTRADICTED: _WITNESSED,
    Event.KEY_GENERATED: _KEY | {"not_before_on?": day, "not_after_on?": day, "public?": HASH},
    Event.KEY_IMPORTED: _KEY | {"not_before_on?": day, "not_after_on?": day, "public?": HASH},
    Event.KEY_PREPARED: _KEY | {"not_before_on?": day, "not_after_on?": day},
    # `with` is the partner who read the fingerprint out; absent where it was read from a record of ours.
    Event.KEY_COMPARED: {"fingerprint": FINGERPRINT, "purpose": CODE, "owner": NAME, "with?": NAME},
    Event.KEY_ACTIVATED: _KEY
    | {"not_before_on?": day, "not_after_on?": day, "before?": FINGERPRINT, "compared_by?": list_of(PRINCIPAL)},
    Event.KEY_RETIRED: _KEY | _WHY,
    Event.LOG_KEY_CHANGED: {"vkey": VKEY, "fingerprint": FINGERPRINT, "before": FINGERPRINT},
    Event.PARTNER_DISABLED: _PARTNER,
    Event.PARTNER_ENABLED: _PARTNER,
    Event.PARTNER_PINNED: _PARTNER
    | {
        "document": HASH,
        "before?": HASH,
        "host_keys?": list_of(FINGERPRINT),
        # What was added, for what, and who compared it; absent where the file was only entered as it is.
        "purpose?": CODE,
        "added?": FINGERPRINT,
        "compared_by?": list_of(PRINCIPAL),
    },
    Event.PARTNER_PIN_RETIRED: {"partner": NAME, "purpose": CODE, "fingerprint": FINGERPRINT, "answered": FINGERPRINT},
    Event.DISCLOSURE_STOPPED: _WHY,
    Event.DISCLOSURE_RESUMED: _WHY,
    # `found` is the share of the rows, in percent, that were somebody on a list.
    Event.RECONCILED: _RECONCILIATION | {"found": number, "low_share": truth},
    # `answer` is the digest of whom the list asks about; what they are told of stands in the list that answers it.
    Event.CLAIMANTS_TAKEN: _RECONCILIATION | {"found": number, "low_share": truth},
    # Of a file that was not taken only its hash is kept: it may say anything about anybody.
    Event.CLAIMANTS_REFUSED: {"agreement": NAME, "partner": NAME, "file": HASH, "code": CODE},
    # How many rows were held against the whole cohort, and how many of them wait for the data team.
    Event.RECONCILIATION_SEARCHED: _RECONCILIATION | {"searched": number, "queued": number},
    Event.RECONCILIATION_CLEARED: _RECONCILIATION | {"reason": CODE, "rows": number, "queued": number},
    Event.RECONCILIATION_READ: {"kind": CODE, "reconciliation?": REFERENCE, "office?": NAME, "people?": number},
    # Whom an officer was shown beside a row.
    Event.CANDIDATES_READ: {
        "reconciliation": REFERENCE,
        "row": number,
        "side": one_of(*Side),
        "subjects": list_of(SUBJECT),
    },
    Event.VERDICT_GIVEN: {
        "agreement": NAME,
        "reconciliation": REFERENCE,
        "row": number,
        # Keyed hashes: of the claimant, and of claimant and person together.
        "row_mark": HASH,
        "evidence_mark": HASH,
        "subject": SUBJECT,
        "side": one_of(*Side),
        "verdict": one_of(*Verdict),
        "reason": one_of(*VerdictReason),
        "case": CASE,
        "takes_two": truth,
    },
    Event.COLUMNS_CONFIRMED: {"office": NAME, "fingerprint": HASH, "profile": HASH, "before?": HASH},
    # Without whom it was about where nothing was told and nobody asked why: never disclosed is as unknown (law L11).
    Event.PERSON_READ: {
        "reason": CODE,
        "case": CASE,
        "kind": CODE,
        "found": truth,
        "disclosures": number,
        "subject?": SUBJECT,
        "values?": truth,
        "withheld?": truth,
    },
    Event.DECISION_READ: {
        "reason": CODE,
        "case": CASE,
        "kind": CODE,
        "agreement": NAME,
        "window": REFERENCE,
        "found": truth,
        "subject?": SUBJECT,
    },
    Event.EXPORT_ASKED: _EXPORT | {"kind": CODE},
    Event.EXPORT_READ: {"export": REFERENCE, "case": CASE},
    Event.EXPORT_RELEASED: _EXPORT | {"harm_check": one_of(*HarmCheck)},
    Event.EXPORT_REFUSED: _EXPORT | {"harm_check": one_of(*HarmCheck)},
    Event.EXPORT_WRITTEN: {"export": REFERENCE, "case": CASE, "format": CODE},
    Event.BREACH_READ: {
        "case": CASE,
        "lists": number,
        "people": number,
        "children": number,
        "noticed_at?": instant,
        "list?": REFERENCE,
        "key?": FINGERPRINT,
        "host?": NAME,
        "partner?": NAME,
        "from?": day,
        "to?": day,
    },
    Event.COMPLAINT_READ: {"complaint": REFERENCE, "case": CASE, "disclosures": number, "subject?": SUBJECT},
    # What draws the same sample again: the seed, and the log's size then, which says how each list stood.
    Event.SAMPLE_DRAWN: {
        "case": CASE,
        "seed": HASH,
        "each": number,
        "size": number,
        "from": day,
        "to": day,
        "strata": number,
        "rows": number,
        # SHA-256 over the lists and positions that were drawn, in their order.
        "digest": HASH,
    },
    # SHA-256 of the text that was signed, and the checkpoint up to which everything was verified.
    Event.ASSURANCE_SIGNED: {"month": CODE, "statement": HASH, "size": number, "whole": truth},
    Event.PACK_MADE: {"case": CASE, "from": day, "to": day, "files": number, "manifest": HASH, "sampled": number},
}
