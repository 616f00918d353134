"""Tables and constraints; each constraint says why it is there.

The kinds of table, named at the end of the module:

- APPEND_ONLY: evidence. Triggers refuse UPDATE and DELETE (store/migrations), TRUNCATE too on PostgreSQL. The one way
  by which evidence goes is its purge at its term (store/purge.py).
- EXPLAINED: domain rows. Each carries `explained_by`, the ledger entry that explains its last change (law L10).
- EXEMPT: leases, heartbeats and other working state that says nothing about a person or a decision.
- UPLOADED: the rows of a partner's file and who they may be. They stand under their reconciliation's entry, as a
  snapshot's rows stand under the snapshot's, and are deleted after the agreed days.

Snapshot tables hold one load each, keyed by `snapshot_id`, and expire. They are only ever inserted into or dropped
whole. Text columns hold what is published: the COPY executor bypasses result processors, so no type decorator may
stand on a disclosed column.
"""

from sqlalchemy import (
    UUID,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: A random reference as lower-case hyphenated text: `uuid` on PostgreSQL, text on SQLite. Both sort bytewise alike.
Reference = String(36).with_variant(UUID(as_uuid=False), "postgresql")
#: SQLite gives rowids only to INTEGER primary keys.
Serial = BigInteger().with_variant(Integer(), "sqlite")
#: An instant as `2026-11-22T23:10:00Z` (model/time.py): the same text is hashed, stored and shown on both databases.
Instant = String(20)


def _explained_by() -> Column[int]:
    return Column("explained_by", Serial, ForeignKey("ledger.position"), nullable=False)


# --- the ledger ---

ledger = Table(
    "ledger",
    metadata,
    Column("position", Serial, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("event", String(60), nullable=False),
    # The exact canonical bytes that were hashed; never re-serialised to verify.
    Column("body", LargeBinary, nullable=False),
    Column("leaf", LargeBinary(32), nullable=False),
    # Whoever opens the log asks for the entries that hand it to another key; each minute asks for today's alerts.
    Index(None, "event"),
)
checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", Serial, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("note", Text, nullable=False),
)
#: What is burnt into a database when it is made: `environment`, `origin` (the log's name), `controller`.
facts = Table(
    "facts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
    _explained_by(),
)

# --- the subject registry (erasable: what makes a person findable and evidence readable) ---

subjects = Table(
    "subjects",
    metadata,
    Column("subject_ref", Reference, primary_key=True),
    Column("secret", LargeBinary(32), nullable=False),
    Column("batch", Serial, nullable=False),
    Column("position", Integer, nullable=False),
    _explained_by(),
    # One registry leaf a person: swapping two people's rows is found by recomputing the batch's root.
    UniqueConstraint("batch", "position"),
)
subject_identifiers = Table(
    "subject_identifiers",
    metadata,
    # The blind index: HMAC-SHA256 under the registry's key, cut to 16 bytes. `kind` is `nino` or a source's name.
    Column("kind", String(40), primary_key=True),
    Column("value", LargeBinary(16), primary_key=True),
    Column("index_version", SmallInteger, primary_key=True),
    # Two subjects found to be one person share all their identifiers from then on, so that one look-up finds the
    # history of both; a new list names the one that was met first.
    Column("subject_ref", Reference, primary_key=True),
    _explained_by(),
    Index(None, "subject_ref"),
)
registry_leaves = Table(
    "registry_leaves",
    metadata,
    Column("batch", Serial, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("subject_ref", Reference, nullable=False),
    # To the secret and the identifiers of this batch: the leaf can be worked out after the subject was forgotten.
    Column("commitment", LargeBinary(32), nullable=False),
    Column("leaf", LargeBinary(32), nullable=False),
)
holds = Table(
    "holds",
    metadata,
    Column("hold_id", Serial, primary_key=True),
    Column("subject_ref", Reference, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("case_reference", String(60), nullable=False),
    Column("placed_at", Instant, nullable=False),
    Column("lifted_at", Instant),
    _explained_by(),
    Index(None, "subject_ref"),
)

# --- a snapshot (expires) ---

snapshots = Table(
    "snapshots",
    metadata,
    Column("snapshot_id", Serial, primary_key=True),
    Column("reference", String(40), nullable=False, unique=True),
    Column("loaded_at", Instant, nullable=False),
    Column("as_at_on", Date, nullable=False),
    # SHA-256 over the extracts' hashes and the mappings' hashes: the same inputs, the same snapshot.
    Column("content_hash", String(64), nullable=False),
    Column("people", Integer, nullable=False),
    Column("flags", Integer, nullable=False),
    Column("flags_reaching_nobody", Integer, nullable=False),
    # How many of its people were forgotten since: it no longer says of everybody what was loaded.
    Column("redacted", Integer, nullable=False, default=0),
    _explained_by(),
)
extracts = Table(
    "extracts",
    metadata,
    Column("snapshot_id", Serial, ForeignKey("snapshots.snapshot_id"), primary_key=True),
    Column("source", String(40), primary_key=True),
    Column("feed", String(40), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("taken_on", Date, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
)
rejects = Table(
    "rejects",
    metadata,
    # Kept for a refused load too, so `load_reference` is the load's and not a snapshot's.
    Column("load_reference", String(40), primary_key=True),
    Column("source", String(40), primary_key=True),
    Column("feed", String(40), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("reasons", Text, nullable=False),
)
unmapped_codes = Table(
    "unmapped_codes",
    metadata,
    Column("snapshot_id", Serial, ForeignKey("snapshots.snapshot_id"), primary_key=True),
    Column("source", String(40), primary_key=True),
    Column("feed", String(40), primary_key=True),
    Column("column", String(40), primary_key=True),
    Column("code", String(40), primary_key=True),
    Column("lines", Integer, nullable=False),
)
persons = Table(
    "persons",
    metadata,
    Column("snapshot_id", Serial, ForeignKey("snapshots.snapshot_id"), primary_key=True),
    Column("person_key", Integer, primary_key=True, autoincrement=False),
    Column("subject_ref", Reference, nullable=False),
    # A copy of the registry's secret: a join at scan time costs 0.7 s at a million people. Goes with the snapshot
    # and with `subjects forget`.
    Column("secret", LargeBinary(32), nullable=False),
    Column("forename", Text),
    Column("surname", Text),
    Column("date_of_birth", Date),
    # Normal form, and only where valid and not administrative: what is here may be sent.
    Column("nino", String(9)),
    Column("postcode", String(8)),
    Column("postcode_sector", String(6)),
    Column("deceased_on", Date),
    # Touched by a reject in persons, families, memberships or identifiers (law L3).
    Column("incomplete", Boolean, nullable=False),
    # Every protective flag that reaches the person, themselves or through a family (model/flags.py).
    Column("flags", Integer, nullable=False),
    UniqueConstraint("snapshot_id", "subject_ref"),
)
person_records = Table(
    "person_records",
    metadata,
    # Which source records were taken to be this person, and by which strict rule.
    Column("snapshot_id", Serial, ForeignKey("snapshots.snapshot_id"), primary_key=True),
    Column("source", String(40), primary_key=True),
    Column("source_id", String(64), primary_key=True),
    Column("person_key", Integer, nullable=False),
    Column("rule", String(40), nullable=False),
)
families = Table(
    "families",
    metadata,
    Column("snapshot_id", Serial, ForeignKey("snapshots.snapshot_id"), primary_key=True),
    Column("family_key", Integer, primary_key=True, autoincrement=False),
    Column("source", String(40), nullable=False),
    Column("source_id", String(64), nullable=False),
    Column("opened_on", Date),
    Column("closed_on", Date),
    Column("incomplete", Boolean, nullable=False),
)
memberships = Table(
    "memberships",
    metadata,
    Column("snapshot_id", Serial, primary_key=True),
    Column("membership_key", Integer, primary_key=True, autoincrement=False),
    Column("person_key", Integer, nullable=False),
    Column("family_key", Integer, nullable=False),
    Column("from_on", Date),
    Column("to_on", Date),
    Index(None, "snapshot_id", "person_key"),
    Index(None, "snapshot_id", "family_key"),
)
episodes = Table(
    "episodes",
    metadata,
    Column("snapshot_id", Serial, primary_key=True),
    Column("episode_key", Integer, primary_key=True, autoincrement=False),
    Column("person_key", Integer, nullable=False),
    Column("started_on", Date, nullable=False),
    Column("ended_on", Date),
    Index(None, "snapshot_id", "person_key"),
)
needs = Table(
    "needs",
    metadata,
    Column("snapshot_id", Serial, primary_key=True),
    Column("need_key", Integer, primary_key=True, autoincrement=False),
    Column("family_key", Integer, nullable=False),
    # Canonical, or null where the source's code has no mapping.
    Column("code", String(10)),
    Column("identified_on", Date),
    Column("met_on", Date),
    Index(None, "snapshot_id", "family_key"),
)
assessments = Table(
    "assessments",
    metadata,
    Column("snapshot_id", Serial, primary_key=True),
    Column("assessment_key", Integer, primary_key=True, autoincrement=False),
    Column("family_key", Integer, nullable=False),
    Column("assessed_on", Date, nullable=False),
    Column("covers_family", Boolean, nullable=False),
    Index(None, "snapshot_id", "family_key"),
)
plans = Table(
    "plans",
    metadata,
    Column("snapshot_id", Serial, primary_key=True),
    Column("plan_key", Integer, primary_key=True, autoincrement=False),
    Column("family_key", Integer, nullable=False),
    Column("planned_on", Date, nullable=False),
    Column("ended_on", Date),
    Index(None, "snapshot_id", "family_key"),
)
involvements = Table(
    "involvements",
    metadata,
    # Lead professionals only, one row for each family of the person they are involved with.
    Column("snapshot_id", Serial, primary_key=True),
    Column("involvement_key", Integer, primary_key=True, autoincrement=False),
    Column("family_key", Integer, nullable=False),
    Column("name", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("team", Text),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date),
    Index(None, "snapshot_id", "family_key"),
)
family_standings = Table(
    "family_standings",
    metadata,
    # What a framework's rules ask of a family on a day (selection/standing.py), under the number of the statement that
    # works it out (standings.py). It follows from the other tables, and goes where these are changed.
    Column("snapshot_id", Serial, primary_key=True),
    Column("standing", BigInteger, primary_key=True, autoincrement=False),
    Column("family_key", Integer, primary_key=True, autoincrement=False),
    Column("in_programme", Boolean, nullable=False),
    Column("has_episode", Boolean, nullable=False),
    Column("assessed", Boolean, nullable=False),
    Column("planned", Boolean, nullable=False),
    Column("needs_found", Integer, nullable=False),
    Column("factors", Integer, nullable=False),
    Column("has_lead", Boolean, nullable=False),
    Column("lead_name", Text),
    Column("lead_email", Text),
    Column("lead_phone", Text),
    Column("lead_team", Text),
    Column("suspect", Boolean, nullable=False),
)
office_sectors = Table(
    "office_sectors",
    metadata,
    # Which Jobcentre serves a postcode sector (config/jobcentres.yaml as it was at the load).
    Column("snapshot_id", Serial, primary_key=True),
    Column("sector", String(6), primary_key=True),
    Column("office", String(60), nullable=False),
)

# --- agreements, partners, keys ---

statements = Table(
    "statements",
    metadata,
    # What was approved or run: canonical JSON of the policy statement, found by its hash.
    Column("statement_hash", String(64), primary_key=True),
    Column("agreement_id", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("agreement_document", LargeBinary, nullable=False),
    # In its canonical form: the county's file may change, and a decision is explained by what it rested on.
    Column("framework_document", LargeBinary, nullable=False),
    _explained_by(),
)
approvals = Table(
    "approvals",
    metadata,
    Column("statement_hash", String(64), ForeignKey("statements.statement_hash"), primary_key=True),
    Column("principal", String(120), primary_key=True),
    Column("role", String(40), nullable=False),
    Column("signature", LargeBinary, nullable=False),
    _explained_by(),
)
#: A switch that is off stops: `all`, `agreement:<id>` or `partner:<name>`.
switches = Table(
    "switches",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("stopped", Boolean, nullable=False),
    Column("reason", String(40), nullable=False),
    _explained_by(),
)
keys = Table(
    "keys",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("purpose", String(40), nullable=False),
    Column("owner", String(120), nullable=False),
    Column("algorithm", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("not_before_on", Date),
    Column("not_after_on", Date),
    _explained_by(),
)

# --- lists and evidence ---

lists = Table(
    "lists",
    metadata,
    Column("list_id", Serial, primary_key=True),
    # As long as a reference may be in the ledger: an agreement's id, a day and an office.
    Column("reference", String(120), nullable=False, unique=True),
    Column("agreement_id", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("statement_hash", String(64), ForeignKey("statements.statement_hash"), nullable=False),
    Column("partner", String(80), nullable=False),
    # The London day the list is for, and the office it is for (`all` where the agreement does not split).
    Column("window", String(20), nullable=False),
    Column("part", String(60), nullable=False),
    Column("snapshot_id", Serial, nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", String(60)),
    Column("supersedes", Serial),
    Column("people", Integer),
    Column("excluded", Integer),
    # Binds a release to what was withheld: SHA-256 over the ordered decisions.
    Column("decision_digest", String(64)),
    Column("root", LargeBinary(32)),
    Column("package_sha256", String(64)),
    Column("package_bytes", BigInteger),
    Column("remote_name", Text),
    Column("sealed_at", Instant),
    Column("settled_at", Instant),
    Column("verify_method", String(20)),
    # Of a list of differences: the list that it is built on, and how many rows say what.
    Column("base", Serial),
    Column("joiners", Integer),
    Column("changes", Integer),
    Column("leavers", Integer),
    # How many people the recipient holds of the part who has taken it.
    Column("held", Integer),
    _explained_by(),
    # Law L4: one window and part of an agreement, one list.
    UniqueConstraint("agreement_id", "window", "part"),
    # Without a root only what was never sealed here: before that, or lost with a database that was restored.
    CheckConstraint(
        "root IS NOT NULL OR state NOT IN ('sealed','sending','uploaded','verified','void')"
        " OR (state = 'verified' AND verify_method = 'attested')",
        name="sealed_has_root",
    ),
)
packages = Table(
    "packages",
    metadata,
    Column("list_id", Serial, ForeignKey("lists.list_id"), primary_key=True),
    Column("manifest", LargeBinary, nullable=False),
    _explained_by(),
)
package_blocks = Table(
    "package_blocks",
    metadata,
    # The ciphertext is sent again from here, never made again: a second sealing would have another hash (law L4).
    # None is left once its time is over. No foreign key: it may be written before the list's row, as evidence is.
    Column("list_id", Serial, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)
#: What a proof would otherwise work out of every row: a help, held against what was signed each time, and made anew
#: from the rows where it is missing or wrong (store/subtrees.py).
subtrees = Table(
    "subtrees",
    metadata,
    # A list's id; nought is the log's own tree.
    Column("tree", Serial, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(32), nullable=False),
)
evidence = Table(
    "evidence",
    metadata,
    # No foreign key: two seconds in 580,000 rows. `audit verify` checks that each list exists.
    Column("list_id", Serial, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("subject_ref", Reference, nullable=False),
    Column("fields", Integer, nullable=False),
    # Masked by a keystream from the subject's secret, so that forgetting hides it.
    Column("factors", Integer, nullable=False),
    Column("commitment", LargeBinary(32), nullable=False),
    Column("leaf", LargeBinary(32), nullable=False),
    # With `evidence: values`, the record line under a key from the subject's secret.
    Column("line_sealed", LargeBinary),
    Index(None, "subject_ref"),
)
exclusions = Table(
    "exclusions",
    metadata,
    # Stored when they change, and only for people who meet the cohort rule.
    Column("list_id", Serial, primary_key=True),
    Column("subject_ref", Reference, primary_key=True),
    Column("agreement_id", String(80), nullable=False),
    # One code for all protective reasons; null when the person is no longer excluded.
    Column("reason", String(40)),
    Index(None, "subject_ref"),
)
attempts = Table(
    "attempts",
    metadata,
    # What each try at delivery saw: host key, algorithms, how the upload was checked, and its outcome.
    Column("attempt_id", Serial, primary_key=True),
    Column("list_id", Serial, ForeignKey("lists.list_id"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("outcome", String(40), nullable=False),
    Column("session", Text, nullable=False),
    _explained_by(),
)
receipts = Table(
    "receipts",
    metadata,
    # SHA-256 of the raw bytes: the same receipt twice is one.
    Column("raw_sha256", String(64), primary_key=True),
    Column("list_id", Serial, ForeignKey("lists.list_id")),
    Column("partner", String(80), nullable=False),
    Column("level", String(20)),
    Column("verdict", String(40), nullable=False),
    Column("collected_at", Instant, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    _explained_by(),
)

cosignatures = Table(
    "cosignatures",
    metadata,
    # One receipt co-signs one checkpoint. What contradicts our log is kept beside what does not.
    Column("receipt_sha256", String(64), ForeignKey("receipts.raw_sha256"), primary_key=True),
    Column("partner", String(80), nullable=False),
    # The pinned key as it was then, `name+id+key`: the cosignature is verified again by it.
    Column("witness", String(120), nullable=False),
    Column("size", Serial, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("cosigned_at", Instant, nullable=False),
    Column("note", Text, nullable=False),
    _explained_by(),
)

# --- lists that were handed over another way: attested by two people, not proven ---

handovers = Table(
    "handovers",
    metadata,
    Column("handover_id", Serial, primary_key=True),
    Column("reference", String(120), nullable=False, unique=True),
    Column("agreement_id", String(80), nullable=False),
    Column("partner", String(80), nullable=False),
    Column("handed_over_on", Date, nullable=False),
    Column("manner", String(20), nullable=False),
    # How many stood on the list, and how many of them are under it here: those who are known by an identifier.
    Column("people", Integer, nullable=False),
    Column("identified", Integer, nullable=False),
    Column("fields", Integer, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("case_reference", String(60), nullable=False),
    Column("state", String(20), nullable=False),
    _explained_by(),
)
handover_people = Table(
    "handover_people",
    metadata,
    Column("handover_id", Serial, ForeignKey("handovers.handover_id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("subject_ref", Reference, nullable=False),
    # No commitment: nobody scanned what was disclosed.
    Column("leaf", LargeBinary(32), nullable=False),
    Index(None, "subject_ref"),
)

# --- exports about a person that wait for a second officer, or were released ---

exports = Table(
    "exports",
    metadata,
    # No identifier and no content: what is released is put together when it is written.
    Column("reference", String(40), primary_key=True),
    # Null where nothing was told: never disclosed is as unknown (law L11).
    Column("subject_ref", Reference),
    Column("case_reference", String(60), nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("disclosures", Integer, nullable=False),
    Column("values_told", Boolean, nullable=False),
    Column("lead_named", Boolean, nullable=False),
    Column("state", String(20), nullable=False),
    Column("harm_check", String(40)),
    _explained_by(),
)

# --- people who are to be forgotten, or were ---

forgets = Table(
    "forgets",
    metadata,
    Column("reference", String(40), primary_key=True),
    # Null where a restored database never knew the person.
    Column("subject_ref", Reference),
    Column("reason", String(40), nullable=False),
    Column("case_reference", String(60), nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("hold_back", Boolean, nullable=False),
    Column("state", String(20), nullable=False),
    # Keyed marks of 16 bytes each, under a key of their own: they recognise a record of the person in a later extract.
    Column("tombstone", LargeBinary),
    _explained_by(),
)

# --- complaints (DPA 2018 s.164A), and the notes on them, which are erasable ---

complaints = Table(
    "complaints",
    metadata,
    # No identifier and no words: what somebody said stands in the case's papers, or in a note.
    Column("reference", String(40), primary_key=True),
    Column("case_reference", String(60), nullable=False),
    Column("about", String(40), nullable=False),
    Column("received_on", Date, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    # Null where the registry knows nobody whom it is about.
    Column("subject_ref", Reference),
    Column("list_reference", String(120), ForeignKey("lists.reference")),
    Column("state", String(20), nullable=False),
    Column("acknowledged_on", Date),
    Column("closed_on", Date),
    Column("outcome", String(40)),
    _explained_by(),
    Index(None, "subject_ref"),
)
complaint_notes = Table(
    "complaint_notes",
    metadata,
    # The one place for words about a case: removed when the complaint is over for long enough, or with the person.
    Column("complaint", String(40), ForeignKey("complaints.reference"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    # Under the commitment that the entry holds; it goes with the words, which nobody can guess from it then.
    Column("salt", LargeBinary(32), nullable=False),
    Column("text", Text, nullable=False),
    _explained_by(),
)

# --- reconciling work-coach lists ---

reconciliations = Table(
    "reconciliations",
    metadata,
    # Each is a disclosure of its own: counts and hashes, which stay when the uploaded rows go.
    Column("reference", String(120), primary_key=True),
    Column("agreement_id", String(80), nullable=False),
    Column("statement_hash", String(64), ForeignKey("statements.statement_hash"), nullable=False),
    Column("partner", String(80), nullable=False),
    Column("office", String(60), nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("answer_sha256", String(64), nullable=False),
    # Of the headings that the file had: which profile it was read under.
    Column("fingerprint", String(64), nullable=False),
    Column("model", String(80), nullable=False),
    Column("model_sha256", String(64), nullable=False),
    Column("snapshot", String(40), nullable=False),
    Column("rows_read", Integer, nullable=False),
    Column("on_list", Integer, nullable=False),
    Column("details_differ", Integer, nullable=False),
    Column("left_list", Integer, nullable=False),
    Column("not_on_list", Integer, nullable=False),
    Column("duplicate", Integer, nullable=False),
    Column("possible", Integer, nullable=False),
    Column("unreadable", Integer, nullable=False),
    Column("without_coach", Integer, nullable=False),
    # How many people something was told of, and the root over what of each.
    Column("told", Integer, nullable=False),
    Column("told_root", LargeBinary(32), nullable=False),
    Column("ran_by", Text, nullable=False),
    Column("ran_at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    _explained_by(),
    Index(None, "agreement_id", "office"),
)
told_people = Table(
    "told_people",
    metadata,
    # What an answer told of whom: people whom rows of the file were found to be, then those without a work coach.
    Column("reference", String(120), ForeignKey("reconciliations.reference"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("subject_ref", Reference, nullable=False),
    Column("kind", String(20), nullable=False),
    # Fields of which the value was shown, and fields of which it was said that the two sides differ.
    Column("fields", Integer, nullable=False),
    Column("differs", Integer, nullable=False),
    # To everything that was shown of the person, keyed by their secret as that of a list is.
    Column("commitment", LargeBinary(32), nullable=False),
    Column("leaf", LargeBinary(32), nullable=False),
    Index(None, "subject_ref"),
)
reconciled_rows = Table(
    "reconciled_rows",
    metadata,
    # What the partner's file said and what it was answered: deleted after the agreed days, or with the person.
    Column("reference", String(120), ForeignKey("reconciliations.reference"), primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False),
    # Keyed, over what identifies the claimant: the same claimant in another file has the same.
    Column("row_mark", LargeBinary(32)),
    Column("subject_ref", Reference),
    Column("claimant", Text),
    Column("answer", Text, nullable=False),
    Index(None, "subject_ref"),
)
queue_rows = Table(
    "queue_rows",
    metadata,
    # One for each person whom a row may be; goes with the uploaded row.
    Column("reference", String(120), ForeignKey("reconciliations.reference"), primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("subject_ref", Reference, primary_key=True),
    # Likeliest first.
    Column("place", Integer, nullable=False),
    Column("side", String(20), nullable=False),
    Column("why", String(40), nullable=False),
    Column("row_mark", LargeBinary(32), nullable=False),
    Column("evidence_mark", LargeBinary(32), nullable=False),
    # Levels, weights, lead and vetoes as they were worked out: codes and numbers.
    Column("evidence", Text, nullable=False),
    Index(None, "subject_ref"),
    Index(None, "row_mark"),
)
link_verdicts = Table(
    "link_verdicts",
    metadata,
    # What an officer said of a claimant and a person. The marks are keyed: it holds while the evidence is the same.
    Column("verdict_id", Serial, primary_key=True),
    Column("agreement_id", String(80), nullable=False),
    Column("reference", String(120), nullable=False),
    Column("row", Integer, nullable=False),
    Column("row_mark", LargeBinary(32), nullable=False),
    Column("evidence_mark", LargeBinary(32), nullable=False),
    Column("subject_ref", Reference, nullable=False),
    Column("side", String(20), nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("case_reference", String(60), nullable=False),
    # Whether a veto fired, so that "same" takes two people.
    Column("takes_two", Boolean, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", Instant, nullable=False),
    _explained_by(),
    Index(None, "subject_ref"),
)

# --- what is kept beyond its term, and what is left of evidence whose term is over ---

record_holds = Table(
    "record_holds",
    metadata,
    Column("reference", String(40), primary_key=True),
    # On one list, or on everything that is kept about one person.
    Column("list_reference", String(120)),
    Column("subject_ref", Reference),
    Column("case_reference", String(60), nullable=False),
    Column("held_by", Text, nullable=False),
    Column("held_at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    _explained_by(),
)
evidence_stubs = Table(
    "evidence_stubs",
    metadata,
    # `list`, `handover` or `reconciliation`, and its reference.
    Column("kind", String(20), primary_key=True),
    Column("reference", String(120), primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("exclusions", Integer, nullable=False),
    # Of all rows together: which fields were told of anybody.
    Column("fields", Integer, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    # From when its term ran, and the last day of it.
    Column("rested_on", Date, nullable=False),
    Column("kept_until", Date, nullable=False),
    Column("case_reference", String(60), nullable=False),
    _explained_by(),
)

# --- working state, exempt from law L10 ---

leases = Table(
    "leases",
    metadata,
    # `name` is a list's reference or `load`; times are the database's own.
    Column("name", String(120), primary_key=True),
    Column("holder", String(120), nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("until", Instant, nullable=False),
)
heartbeats = Table(
    "heartbeats",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("at", Instant, nullable=False),
)

APPEND_ONLY = (
    ledger,
    checkpoints,
    package_blocks,
    evidence,
    exclusions,
    registry_leaves,
    attempts,
    receipts,
    cosignatures,
    handover_people,
    told_people,
    link_verdicts,
    evidence_stubs,
)
EXPLAINED = (
    facts,
    subjects,
    subject_identifiers,
    holds,
    snapshots,
    statements,
    approvals,
    switches,
    keys,
    lists,
    packages,
    attempts,
    receipts,
    cosignatures,
    handovers,
    exports,
    forgets,
    complaints,
    complaint_notes,
    reconciliations,
    link_verdicts,
    record_holds,
    evidence_stubs,
)
SNAPSHOT = (
    extracts,
    unmapped_codes,
    persons,
    person_records,
    families,
    memberships,
    episodes,
    needs,
    assessments,
    plans,
    involvements,
    family_standings,
    office_sectors,
)
#: What came with a work-coach list.
UPLOADED = (reconciled_rows, queue_rows)
EXEMPT = (leases, heartbeats, rejects, subtrees)
