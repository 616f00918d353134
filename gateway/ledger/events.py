"""The closed vocabulary of what the ledger records, `subject:object:action`.

The values are stored: renaming one needs a migration. What each entry holds is in `schemas.py`.
"""

from enum import StrEnum


class Event(StrEnum):
    """Something that happened and must be explainable years later."""

    DATABASE_CREATED = "database:created"
    DATABASE_UPGRADED = "database:upgraded"
    DATABASE_RESTORED = "database:restored"
    DATABASE_MOVED = "database:moved"
    ENTRY_LOST = "database:entry-lost"
    SERVICE_STARTED = "service:started"
    SERVICE_STOPPED = "service:stopped"
    ALERT_RAISED = "alert:raised"

    SOURCES_LOADED = "sources:loaded"
    SOURCES_REFUSED = "sources:refused"
    SOURCES_ACCEPT_ASKED = "sources:accept-asked"
    SOURCES_ACCEPTED = "sources:accepted"
    SNAPSHOT_DROPPED = "snapshot:dropped"

    REGISTRY_GROWN = "registry:grown"
    REGISTRY_REINDEXED = "registry:reindexed"
    SUBJECT_LINKED = "subject:linked"
    SUBJECT_UNLINKED = "subject:unlinked"
    SUBJECT_FORGOTTEN = "subject:forgotten"
    HOLD_PLACED = "hold:placed"
    HOLD_LIFTED = "hold:lifted"

    AGREEMENT_PREPARED = "agreement:prepared"
    AGREEMENT_APPROVED = "agreement:approved"
    AGREEMENT_SUSPENDED = "agreement:suspended"
    AGREEMENT_RESUMED = "agreement:resumed"
    APPROVERS_ENROLLED = "approvers:enrolled"

    LIST_PLANNED = "disclosure:list:planned"
    LIST_WITHHELD = "disclosure:list:withheld"
    LIST_RELEASED = "disclosure:list:released"
    LIST_SEALED = "disclosure:list:sealed"
    LIST_SENDING = "disclosure:list:sending"
    LIST_UPLOADED = "disclosure:list:uploaded"
    LIST_VERIFIED = "disclosure:list:verified"
    LIST_UNCERTAIN = "disclosure:list:uncertain"
    LIST_FAILED = "disclosure:list:failed"
    LIST_VOID = "disclosure:list:void"
    LIST_RECEIVED = "disclosure:list:received"
    LIST_REJECTED = "disclosure:list:rejected"
    LIST_UNCOLLECTED = "disclosure:list:uncollected"
    LIST_RECALLED = "disclosure:list:recalled"

    HANDOVER_ENTERED = "disclosure:handover:entered"
    HANDOVER_ATTESTED = "disclosure:handover:attested"
    HANDOVER_DISMISSED = "disclosure:handover:dismissed"

    SHARING_DECLINED = "disclosure:declined"

    DELIVERY_ATTEMPTED = "delivery:attempted"
    RECEIPT_COLLECTED = "receipt:collected"
    RECEIPT_REFUSED = "receipt:refused"
    CHECKPOINT_WITNESSED = "checkpoint:witnessed"
    CHECKPOINT_CONTRADICTED = "checkpoint:contradicted"

    KEY_GENERATED = "key:generated"
    KEY_IMPORTED = "key:imported"
    KEY_PREPARED = "key:prepared"
    KEY_COMPARED = "key:compared"
    KEY_ACTIVATED = "key:activated"
    KEY_RETIRED = "key:retired"
    LOG_KEY_CHANGED = "log:key-changed"
    PARTNER_DISABLED = "partner:disabled"
    PARTNER_ENABLED = "partner:enabled"
    PARTNER_PINNED = "partner:pinned"
    PARTNER_PIN_RETIRED = "partner:pin-retired"
    DISCLOSURE_STOPPED = "disclosure:stopped"
    DISCLOSURE_RESUMED = "disclosure:resumed"

    PERSON_READ = "audit:person-read"
    DECISION_READ = "audit:decision-read"
    EXPORT_ASKED = "audit:export:asked"
    EXPORT_READ = "audit:export:read"
    EXPORT_RELEASED = "audit:export:released"
    EXPORT_REFUSED = "audit:export:refused"
    EXPORT_WRITTEN = "audit:export:written"
    BREACH_READ = "audit:breach-read"
    SAMPLE_DRAWN = "audit:sample-drawn"
    ASSURANCE_SIGNED = "audit:assurance-signed"
    PACK_MADE = "audit:pack-made"
