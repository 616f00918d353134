"""All tables of the first release, and the triggers that hold laws L7 and L10.

Statements are spelt out, so that what this script makes never changes with the code. Going back is not offered: it
would drop evidence.
"""

import sqlalchemy as sa
from alembic import op

from gateway.store.purge_function import purge_function_statements
from gateway.store.triggers import trigger_statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_REFERENCE = sa.String(36).with_variant(sa.UUID(as_uuid=False), "postgresql")

_APPEND_ONLY = (
    "ledger",
    "checkpoints",
    "package_blocks",
    "evidence",
    "exclusions",
    "registry_leaves",
    "attempts",
    "receipts",
    "cosignatures",
    "handover_people",
    "told_people",
    "link_verdicts",
    "evidence_stubs",
)
_EXPLAINED = (
    "facts",
    "subjects",
    "subject_identifiers",
    "holds",
    "snapshots",
    "statements",
    "approvals",
    "switches",
    "keys",
    "lists",
    "packages",
    "attempts",
    "receipts",
    "cosignatures",
    "handovers",
    "exports",
    "forgets",
    "complaints",
    "complaint_notes",
    "reconciliations",
    "link_verdicts",
    "record_holds",
    "evidence_stubs",
)

#: Statistics hold samples of values, in a catalogue that no owner of a database may rewrite: none of these, ever.
_NEVER_SAMPLED = {
    "persons": ("secret", "forename", "surname", "nino", "postcode"),
    "person_records": ("source_id",),
    "families": ("source_id",),
    "involvements": ("name", "email", "phone"),
    "family_standings": ("lead_name", "lead_email", "lead_phone"),
    "subjects": ("secret",),
    "subject_identifiers": ("value",),
    "complaint_notes": ("text",),
    "reconciled_rows": ("claimant", "answer"),
}


def upgrade() -> None:
    """Make everything."""
    _make_tables()
    _make_views()
    kind, schema = op.get_bind().dialect.name, sa.inspect(op.get_bind()).default_schema_name
    for statement in trigger_statements(kind, _APPEND_ONLY, _EXPLAINED, str(schema)):
        op.execute(sa.text(statement.replace(":", "\\:")))
    if op.get_bind().dialect.name == "postgresql":
        for statement in purge_function_statements(str(schema)):
            op.execute(sa.text(statement.replace(":", "\\:")))
        for table, columns in _NEVER_SAMPLED.items():
            for column in columns:
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")


#: Lists that went, or of which nobody can be sure that they did not: model/delivery.py `DISCLOSED`.
_WENT = "'sending','uploaded','verified','uncertain','received','rejected','uncollected','recalled'"


def _make_views() -> None:
    """Make what a work-coach list is answered from: people who were disclosed to a recipient, and nobody else (L11).

    Of each person on each list: what that list told, as far as its snapshot is kept. A field that the list did not have
    is null: the bits are those of model/fields.py. Of a list that was handed over another way: the newest snapshot of its
    day, and whose office they were by that.
    """
    told, by_hand = (
        ", ".join(
            f"CASE WHEN ({fields} & {1 << bit}) <> 0 THEN p.{column} END AS {column}"
            for column, bit in (("surname", 2), ("forename", 3), ("date_of_birth", 4), ("nino", 5), ("postcode", 6))
        )
        for fields in ("e.fields", "h.fields")
    )
    op.execute(
        sa.text(f"""
CREATE VIEW disclosed_people AS
SELECT l.partner, l.agreement_id, l.part, l.list_id, l.reference AS list_reference, l."window" AS list_window,
    e.position, e.subject_ref, e.fields, e.line_sealed, s.secret, {told}
FROM evidence e
JOIN lists l ON l.list_id = e.list_id AND l.state IN ({_WENT})
LEFT JOIN subjects s ON s.subject_ref = e.subject_ref
LEFT JOIN persons p ON p.snapshot_id = l.snapshot_id AND p.subject_ref = e.subject_ref
""")  # noqa: S608 - constants
    )
    op.execute(
        sa.text(f"""
CREATE VIEW handed_over_people AS
SELECT h.partner, h.agreement_id, o.office, h.reference AS list_reference, h.handed_over_on, c.position, c.subject_ref,
    h.fields, s.secret, {by_hand}
FROM handover_people c
JOIN handovers h ON h.handover_id = c.handover_id AND h.state = 'attested'
LEFT JOIN subjects s ON s.subject_ref = c.subject_ref
LEFT JOIN persons p ON p.subject_ref = c.subject_ref AND p.snapshot_id = (
    SELECT max(n.snapshot_id) FROM snapshots n WHERE n.as_at_on <= h.handed_over_on
)
LEFT JOIN office_sectors o ON o.snapshot_id = p.snapshot_id AND o.sector = p.postcode_sector
""")  # noqa: S608 - constants
    )
    op.execute(
        sa.text(f"""
CREATE VIEW disclosed_verdicts AS
SELECT v.verdict_id, v.agreement_id, v.row_mark, v.evidence_mark, v.subject_ref, v.verdict, v.takes_two, v.decided_by
FROM link_verdicts v
WHERE EXISTS (
    SELECT 1 FROM evidence e JOIN lists l ON l.list_id = e.list_id
    WHERE e.subject_ref = v.subject_ref AND l.agreement_id = v.agreement_id AND l.state IN ({_WENT})
) OR EXISTS (
    SELECT 1 FROM handover_people c JOIN handovers h ON h.handover_id = c.handover_id
    WHERE c.subject_ref = v.subject_ref AND h.agreement_id = v.agreement_id AND h.state = 'attested'
)
""")  # noqa: S608 - constants
    )


def _make_tables() -> None:
    op.create_table(
        "assessments",
        sa.Column("snapshot_id", _SERIAL, nullable=False),
        sa.Column("assessment_key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("family_key", sa.Integer(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("covers_family", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("snapshot_id", "assessment_key", name=op.f("pk_assessments")),
    )
    op.create_index(
        op.f("ix_assessments_snapshot_id_family_key"),
        "assessments",
        ["snapshot_id", "family_key"],
        unique=False,
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", _SERIAL, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_checkpoints")),
    )
    op.create_table(
        "episodes",
        sa.Column("snapshot_id", _SERIAL, nullable=False),
        sa.Column("episode_key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_key", sa.Integer(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("snapshot_id", "episode_key", name=op.f("pk_episodes")),
    )
    op.create_index(op.f("ix_episodes_snapshot_id_person_key"), "episodes", ["snapshot_id", "person_key"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("list_id", _SERIAL, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("subject_ref", _REFERENCE, nullable=False),
        sa.Column("fields", sa.Integer(), nullable=False),
        sa.Column("factors", sa.Integer(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(32), nullable=False),
        sa.Column("leaf", sa.LargeBinary(32), nullable=False),
        sa.Column("line_sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("list_id", "position", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_subject_ref"), "evidence", ["subject_ref"], unique=False)
    op.create_table(
        "exclusions",
        sa.Column("list_id", _SERIAL, nullable=False),
        sa.Column("subject_ref", _REFERENCE, nullable=False),
        sa.Column("agreement_id", sa.String(80), nullable=False),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.PrimaryKeyConstraint("list_id", "subject_ref", name=op.f("pk_exclusions")),
    )
    op.create_index(op.f("ix_exclusions_subject_ref"), "exclusions", ["subject_ref"], unique=False)
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("at", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "involvements",
        sa.Column("snapshot_id", _SERIAL, nullable=False),
        sa.Column("involvement_key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("family_key", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("snapshot_id", "involvement_key", name=op.f("pk_involvements")),
    )
    op.create_index(
        op.f("ix_involvements_snapshot_id_family_key"),
        "involvements",
        ["snapshot_id", "family_key"],
        unique=False,
    )
    op.create_table(
        "family_standings",
        sa.Column("snapshot_id", _SERIAL, nullable=False),
        sa.Column("standing", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("family_key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("in_programme", sa.Boolean(), nullable=False),
        sa.Column("has_episode", sa.Boolean(), nullable=False),
        sa.Column("assessed", sa.Boolean(), nullable=False),
        sa.Column("planned", sa.Boolean(), nullable=False),
        sa.Column("needs_found", sa.Integer(), nullable=False),
        sa.Column("factors", sa.Integer(), nullable=False),
        sa.Column("has_lead", sa.Boolean(), nullable=False),
        sa.Column("lead_name", sa.Text(), nullable=True),
        sa.Column("lead_email", sa.Text(), nullable=True),
        sa.Column("lead_phone", sa.Text(), nullable=True),
        sa.Column("lead_team", sa.Text(), nullable=True),
        sa.Column("suspect", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("snapshot_id", "standing", "family_key", name=op.f("pk_family_standings")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("holder", sa.String(120), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "ledger",
        sa.Column("position", _SERIAL, autoincrement=False, nullable=False),
        sa.Column("at", sa.String(20), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("event", sa.String(60), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_ledger")),
    )
    op.create_index(op.f("ix_ledger_event"), "ledger", ["event"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("snapshot_id", _SERIAL, nullable=False),
        sa.Column("membership_key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_key", sa.Integer(), nullable=False),
        sa.Column("family_key", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("snapshot_id", "membership_key", name=op.f("pk_memberships")),
    )
    op.create_index(
        op.f("ix_memberships_snapshot_id_family_key"),
        "memberships",
        ["snapshot_id", "family_key"],
        unique=False,
    )
    op.create_index(
        op.f("ix_memberships_snapshot_id_person_key"),
        "memberships",
        ["snapshot_id", "person_key"],
        unique=False,
    )
    op.create_table(
        "needs",
        sa.Column("snapshot_id", _SERIAL, nullable=False),
        sa.Column("need_key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("family_key", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(10), nullable=True),
        sa.Column("identified_on", sa.Date(), nullable=True),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("snapshot_id", "need_key", name=op.f("pk_needs")),
    )
    op.create_index(op.f("ix_needs_snapshot_id_family_key"), "needs", ["snapshot_id", "family_key"], unique=False)
    op.create_table(
        "office_sectors",
        sa.Column("snapshot_id", _SERIAL, nullable=False),
        sa.Column("sector", sa.String(6), nullable=False),
        sa.Column("office", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("snapshot_id", "sector", name=op.f("pk_office_sectors")),
    )
    op.create_table(
        "plans",
        sa.Column("snapshot_id", _SERIAL, nullable=False),
        sa.Column("plan_key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("family_key", sa.Integer(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("snapshot_id", "plan_key", name=op.f("pk_plans")),
    )
    op.create_index(op.f("ix_plans_snapshot_id_family_key"), "plans", ["snapshot_id", "family_key"], unique=False)
    op.create_table(
        "registry_leaves",
        sa.Column("batch", _SERIAL, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("subject_ref", _REFERENCE, nullable=False),
        sa.Column("commitment", sa.LargeBinary(32), nullable=False),
        sa.Column("leaf", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("batch", "position", name=op.f("pk_registry_leaves")),
    )
    op.create_table(
        "rejects",
        sa.Column("load_reference", sa.String(40), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("feed", sa.String(40), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("load_reference", "source", "feed", "line", name=op.f("pk_rejects")),
    )
    op.create_table(
        "subtrees",
        sa.Column("tree", _SERIAL, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("tree", "number", name=op.f("pk_subtrees")),
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_facts_explained_by")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
    )
    op.create_table(
        "holds",
        sa.Column("hold_id", _SERIAL, nullable=False),
        sa.Column("subject_ref", _REFERENCE, nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("case_reference", sa.String(60), nullable=False),
        sa.Column("placed_at", sa.String(20), nullable=False),
        sa.Column("lifted_at", sa.String(20), nullable=True),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_holds_explained_by")),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_holds")),
    )
    op.create_index(op.f("ix_holds_subject_ref"), "holds", ["subject_ref"], unique=False)
    op.create_table(
        "keys",
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("owner", sa.String(120), nullable=False),
        sa.Column("algorithm", sa.String(40), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("not_before_on", sa.Date(), nullable=True),
        sa.Column("not_after_on", sa.Date(), nullable=True),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_keys_explained_by")),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_keys")),
    )
    op.create_table(
        "snapshots",
        sa.Column("snapshot_id", _SERIAL, nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("loaded_at", sa.String(20), nullable=False),
        sa.Column("as_at_on", sa.Date(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("flags_reaching_nobody", sa.Integer(), nullable=False),
        sa.Column("redacted", sa.Integer(), nullable=False),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_snapshots_explained_by")),
        sa.PrimaryKeyConstraint("snapshot_id", name=op.f("pk_snapshots")),
        sa.UniqueConstraint("reference", name=op.f("uq_snapshots_reference")),
    )
    op.create_table(
        "statements",
        sa.Column("statement_hash", sa.String(64), nullable=False),
        sa.Column("agreement_id", sa.String(80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("agreement_document", sa.LargeBinary(), nullable=False),
        sa.Column("framework_document", sa.LargeBinary(), nullable=False),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_statements_explained_by")),
        sa.PrimaryKeyConstraint("statement_hash", name=op.f("pk_statements")),
    )
    op.create_table(
        "subject_identifiers",
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("value", sa.LargeBinary(16), nullable=False),
        sa.Column("index_version", sa.SmallInteger(), nullable=False),
        sa.Column("subject_ref", _REFERENCE, nullable=False),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(
            ["explained_by"], ["ledger.position"], name=op.f("fk_subject_identifiers_explained_by")
        ),
        sa.PrimaryKeyConstraint("kind", "value", "index_version", "subject_ref", name=op.f("pk_subject_identifiers")),
    )
    op.create_index(op.f("ix_subject_identifiers_subject_ref"), "subject_identifiers", ["subject_ref"], unique=False)
    op.create_table(
        "subjects",
        sa.Column("subject_ref", _REFERENCE, nullable=False),
        sa.Column("secret", sa.LargeBinary(32), nullable=False),
        sa.Column("batch", _SERIAL, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_subjects_explained_by")),
        sa.PrimaryKeyConstraint("subject_ref", name=op.f("pk_subjects")),
        sa.UniqueConstraint("batch", "position", name=op.f("uq_subjects_batch_position")),
    )
    op.create_table(
        "switches",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_switches_explained_by")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_switches")),
    )
    op.create_table(
        "approvals",
        sa.Column("statement_hash", sa.String(64), nullable=False),
        sa.Column("principal", sa.String(120), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_approvals_explained_by")),
        sa.ForeignKeyConstraint(
            ["statement_hash"], ["statements.statement_hash"], name=op.f("fk_approvals_statement_hash")
        ),
        sa.PrimaryKeyConstraint("statement_hash", "principal", name=op.f("pk_approvals")),
    )
    op.create_table(
        "extracts",
        sa.Column("snapshot_id", _SERIAL, nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("feed", sa.String(40), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshots.snapshot_id"], name=op.f("fk_extracts_snapshot_id")),
        sa.PrimaryKeyConstraint("snapshot_id", "source", "feed", name=op.f("pk_extracts")),
    )
    op.create_table(
        "families",
        sa.Column("snapshot_id", _SERIAL, nullable=False),
        sa.Column("family_key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("source_id", sa.String(64), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("incomplete", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshots.snapshot_id"], name=op.f("fk_families_snapshot_id")),
        sa.PrimaryKeyConstraint("snapshot_id", "family_key", name=op.f("pk_families")),
    )
    op.create_table(
        "lists",
        sa.Column("list_id", _SERIAL, nullable=False),
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("agreement_id", sa.String(80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("statement_hash", sa.String(64), nullable=False),
        sa.Column("partner", sa.String(80), nullable=False),
        sa.Column("window", sa.String(20), nullable=False),
        sa.Column("part", sa.String(60), nullable=False),
        sa.Column("snapshot_id", _SERIAL, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(60), nullable=True),
        sa.Column("supersedes", _SERIAL, nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("excluded", sa.Integer(), nullable=True),
        sa.Column("decision_digest", sa.String(64), nullable=True),
        sa.Column("root", sa.LargeBinary(32), nullable=True),
        sa.Column("package_sha256", sa.String(64), nullable=True),
        sa.Column("package_bytes", sa.BigInteger(), nullable=True),
        sa.Column("remote_name", sa.Text(), nullable=True),
        sa.Column("sealed_at", sa.String(20), nullable=True),
        sa.Column("settled_at", sa.String(20), nullable=True),
        sa.Column("verify_method", sa.String(20), nullable=True),
        sa.Column("base", _SERIAL, nullable=True),
        sa.Column("joiners", sa.Integer(), nullable=True),
        sa.Column("changes", sa.Integer(), nullable=True),
        sa.Column("leavers", sa.Integer(), nullable=True),
        sa.Column("held", sa.Integer(), nullable=True),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.CheckConstraint(
            "root IS NOT NULL OR state NOT IN ('sealed','sending','uploaded','verified','void')"
            " OR (state = 'verified' AND verify_method = 'attested')",
            name=op.f("ck_lists_sealed_has_root"),
        ),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_lists_explained_by")),
        sa.ForeignKeyConstraint(
            ["statement_hash"], ["statements.statement_hash"], name=op.f("fk_lists_statement_hash")
        ),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_lists")),
        sa.UniqueConstraint("agreement_id", "window", "part", name=op.f("uq_lists_agreement_id_window_part")),
        sa.UniqueConstraint("reference", name=op.f("uq_lists_reference")),
    )
    op.create_table(
        "person_records",
        sa.Column("snapshot_id", _SERIAL, nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("source_id", sa.String(64), nullable=False),
        sa.Column("person_key", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshots.snapshot_id"], name=op.f("fk_person_records_snapshot_id")),
        sa.PrimaryKeyConstraint("snapshot_id", "source", "source_id", name=op.f("pk_person_records")),
    )
    op.create_table(
        "persons",
        sa.Column("snapshot_id", _SERIAL, nullable=False),
        sa.Column("person_key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject_ref", _REFERENCE, nullable=False),
        sa.Column("secret", sa.LargeBinary(32), nullable=False),
        sa.Column("forename", sa.Text(), nullable=True),
        sa.Column("surname", sa.Text(), nullable=True),
        sa.Column("date_of_birth", sa.Date(), nullable=True),
        sa.Column("nino", sa.String(9), nullable=True),
        sa.Column("postcode", sa.String(8), nullable=True),
        sa.Column("postcode_sector", sa.String(6), nullable=True),
        sa.Column("deceased_on", sa.Date(), nullable=True),
        sa.Column("incomplete", sa.Boolean(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshots.snapshot_id"], name=op.f("fk_persons_snapshot_id")),
        sa.PrimaryKeyConstraint("snapshot_id", "person_key", name=op.f("pk_persons")),
        sa.UniqueConstraint("snapshot_id", "subject_ref", name=op.f("uq_persons_snapshot_id_subject_ref")),
    )
    op.create_table(
        "unmapped_codes",
        sa.Column("snapshot_id", _SERIAL, nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("feed", sa.String(40), nullable=False),
        sa.Column("column", sa.String(40), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshots.snapshot_id"], name=op.f("fk_unmapped_codes_snapshot_id")),
        sa.PrimaryKeyConstraint("snapshot_id", "source", "feed", "column", "code", name=op.f("pk_unmapped_codes")),
    )
    op.create_table(
        "attempts",
        sa.Column("attempt_id", _SERIAL, nullable=False),
        sa.Column("list_id", _SERIAL, nullable=False),
        sa.Column("started_at", sa.String(20), nullable=False),
        sa.Column("ended_at", sa.String(20), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_attempts_explained_by")),
        sa.ForeignKeyConstraint(["list_id"], ["lists.list_id"], name=op.f("fk_attempts_list_id")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_attempts")),
    )
    op.create_table(
        "packages",
        sa.Column("list_id", _SERIAL, nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_packages_explained_by")),
        sa.ForeignKeyConstraint(["list_id"], ["lists.list_id"], name=op.f("fk_packages_list_id")),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_packages")),
    )
    op.create_table(
        "package_blocks",
        sa.Column("list_id", _SERIAL, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("list_id", "number", name=op.f("pk_package_blocks")),
    )
    if op.get_bind().dialect.name == "postgresql":
        # What is encrypted does not get any smaller: nobody tries.
        op.execute("ALTER TABLE package_blocks ALTER COLUMN content SET STORAGE EXTERNAL")
    op.create_table(
        "receipts",
        sa.Column("raw_sha256", sa.String(64), nullable=False),
        sa.Column("list_id", _SERIAL, nullable=True),
        sa.Column("partner", sa.String(80), nullable=False),
        sa.Column("level", sa.String(20), nullable=True),
        sa.Column("verdict", sa.String(40), nullable=False),
        sa.Column("collected_at", sa.String(20), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_receipts_explained_by")),
        sa.ForeignKeyConstraint(["list_id"], ["lists.list_id"], name=op.f("fk_receipts_list_id")),
        sa.PrimaryKeyConstraint("raw_sha256", name=op.f("pk_receipts")),
    )
    op.create_table(
        "cosignatures",
        sa.Column("receipt_sha256", sa.String(64), nullable=False),
        sa.Column("partner", sa.String(80), nullable=False),
        sa.Column("witness", sa.String(120), nullable=False),
        sa.Column("size", _SERIAL, nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("cosigned_at", sa.String(20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_cosignatures_explained_by")),
        sa.ForeignKeyConstraint(
            ["receipt_sha256"], ["receipts.raw_sha256"], name=op.f("fk_cosignatures_receipt_sha256")
        ),
        sa.PrimaryKeyConstraint("receipt_sha256", name=op.f("pk_cosignatures")),
    )
    op.create_table(
        "handovers",
        sa.Column("handover_id", _SERIAL, nullable=False),
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("agreement_id", sa.String(80), nullable=False),
        sa.Column("partner", sa.String(80), nullable=False),
        sa.Column("handed_over_on", sa.Date(), nullable=False),
        sa.Column("manner", sa.String(20), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("identified", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("case_reference", sa.String(60), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_handovers_explained_by")),
        sa.PrimaryKeyConstraint("handover_id", name=op.f("pk_handovers")),
        sa.UniqueConstraint("reference", name=op.f("uq_handovers_reference")),
    )
    op.create_table(
        "exports",
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("subject_ref", _REFERENCE, nullable=True),
        sa.Column("case_reference", sa.String(60), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.String(20), nullable=False),
        sa.Column("disclosures", sa.Integer(), nullable=False),
        sa.Column("values_told", sa.Boolean(), nullable=False),
        sa.Column("lead_named", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("harm_check", sa.String(40), nullable=True),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_exports_explained_by")),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_exports")),
    )
    op.create_table(
        "forgets",
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("subject_ref", _REFERENCE, nullable=True),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("case_reference", sa.String(60), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.String(20), nullable=False),
        sa.Column("hold_back", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("tombstone", sa.LargeBinary(), nullable=True),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_forgets_explained_by")),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_forgets")),
    )
    op.create_table(
        "record_holds",
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("list_reference", sa.String(120), nullable=True),
        sa.Column("subject_ref", _REFERENCE, nullable=True),
        sa.Column("case_reference", sa.String(60), nullable=False),
        sa.Column("held_by", sa.Text(), nullable=False),
        sa.Column("held_at", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_record_holds_explained_by")),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_record_holds")),
    )
    op.create_table(
        "evidence_stubs",
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("exclusions", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("rested_on", sa.Date(), nullable=False),
        sa.Column("kept_until", sa.Date(), nullable=False),
        sa.Column("case_reference", sa.String(60), nullable=False),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_evidence_stubs_explained_by")),
        sa.PrimaryKeyConstraint("kind", "reference", name=op.f("pk_evidence_stubs")),
    )
    op.create_table(
        "handover_people",
        sa.Column("handover_id", _SERIAL, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("subject_ref", _REFERENCE, nullable=False),
        sa.Column("leaf", sa.LargeBinary(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handovers.handover_id"], name=op.f("fk_handover_people_handover_id")
        ),
        sa.PrimaryKeyConstraint("handover_id", "position", name=op.f("pk_handover_people")),
    )
    op.create_index(op.f("ix_handover_people_subject_ref"), "handover_people", ["subject_ref"], unique=False)
    op.create_table(
        "complaints",
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("case_reference", sa.String(60), nullable=False),
        sa.Column("about", sa.String(40), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.String(20), nullable=False),
        sa.Column("subject_ref", _REFERENCE, nullable=True),
        sa.Column("list_reference", sa.String(120), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("acknowledged_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(40), nullable=True),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_complaints_explained_by")),
        sa.ForeignKeyConstraint(["list_reference"], ["lists.reference"], name=op.f("fk_complaints_list_reference")),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_complaints")),
    )
    op.create_index(op.f("ix_complaints_subject_ref"), "complaints", ["subject_ref"], unique=False)
    op.create_table(
        "complaint_notes",
        sa.Column("complaint", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["complaint"], ["complaints.reference"], name=op.f("fk_complaint_notes_complaint")),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_complaint_notes_explained_by")),
        sa.PrimaryKeyConstraint("complaint", "number", name=op.f("pk_complaint_notes")),
    )
    op.create_table(
        "reconciliations",
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("agreement_id", sa.String(80), nullable=False),
        sa.Column("statement_hash", sa.String(64), nullable=False),
        sa.Column("partner", sa.String(80), nullable=False),
        sa.Column("office", sa.String(60), nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("answer_sha256", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("model", sa.String(80), nullable=False),
        sa.Column("model_sha256", sa.String(64), nullable=False),
        sa.Column("snapshot", sa.String(40), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("on_list", sa.Integer(), nullable=False),
        sa.Column("details_differ", sa.Integer(), nullable=False),
        sa.Column("left_list", sa.Integer(), nullable=False),
        sa.Column("not_on_list", sa.Integer(), nullable=False),
        sa.Column("duplicate", sa.Integer(), nullable=False),
        sa.Column("possible", sa.Integer(), nullable=False),
        sa.Column("unreadable", sa.Integer(), nullable=False),
        sa.Column("without_coach", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("told_root", sa.LargeBinary(32), nullable=False),
        sa.Column("ran_by", sa.Text(), nullable=False),
        sa.Column("ran_at", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_reconciliations_explained_by")),
        sa.ForeignKeyConstraint(
            ["statement_hash"], ["statements.statement_hash"], name=op.f("fk_reconciliations_statement_hash")
        ),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_reconciliations")),
    )
    op.create_index(
        op.f("ix_reconciliations_agreement_id_office"), "reconciliations", ["agreement_id", "office"], unique=False
    )
    op.create_table(
        "told_people",
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject_ref", _REFERENCE, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("fields", sa.Integer(), nullable=False),
        sa.Column("differs", sa.Integer(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(32), nullable=False),
        sa.Column("leaf", sa.LargeBinary(32), nullable=False),
        sa.ForeignKeyConstraint(["reference"], ["reconciliations.reference"], name=op.f("fk_told_people_reference")),
        sa.PrimaryKeyConstraint("reference", "position", name=op.f("pk_told_people")),
    )
    op.create_index(op.f("ix_told_people_subject_ref"), "told_people", ["subject_ref"], unique=False)
    op.create_table(
        "reconciled_rows",
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("row_mark", sa.LargeBinary(32), nullable=True),
        sa.Column("subject_ref", _REFERENCE, nullable=True),
        sa.Column("claimant", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reference"], ["reconciliations.reference"], name=op.f("fk_reconciled_rows_reference")
        ),
        sa.PrimaryKeyConstraint("reference", "row", name=op.f("pk_reconciled_rows")),
    )
    op.create_index(op.f("ix_reconciled_rows_subject_ref"), "reconciled_rows", ["subject_ref"], unique=False)
    op.create_table(
        "queue_rows",
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject_ref", _REFERENCE, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(20), nullable=False),
        sa.Column("why", sa.String(40), nullable=False),
        sa.Column("row_mark", sa.LargeBinary(32), nullable=False),
        sa.Column("evidence_mark", sa.LargeBinary(32), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["reference"], ["reconciliations.reference"], name=op.f("fk_queue_rows_reference")),
        sa.PrimaryKeyConstraint("reference", "row", "subject_ref", name=op.f("pk_queue_rows")),
    )
    op.create_index(op.f("ix_queue_rows_row_mark"), "queue_rows", ["row_mark"], unique=False)
    op.create_index(op.f("ix_queue_rows_subject_ref"), "queue_rows", ["subject_ref"], unique=False)
    op.create_table(
        "link_verdicts",
        sa.Column("verdict_id", _SERIAL, nullable=False),
        sa.Column("agreement_id", sa.String(80), nullable=False),
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("row_mark", sa.LargeBinary(32), nullable=False),
        sa.Column("evidence_mark", sa.LargeBinary(32), nullable=False),
        sa.Column("subject_ref", _REFERENCE, nullable=False),
        sa.Column("side", sa.String(20), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("case_reference", sa.String(60), nullable=False),
        sa.Column("takes_two", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.String(20), nullable=False),
        sa.Column("explained_by", _SERIAL, nullable=False),
        sa.ForeignKeyConstraint(["explained_by"], ["ledger.position"], name=op.f("fk_link_verdicts_explained_by")),
        sa.PrimaryKeyConstraint("verdict_id", name=op.f("pk_link_verdicts")),
    )
    op.create_index(op.f("ix_link_verdicts_subject_ref"), "link_verdicts", ["subject_ref"], unique=False)
