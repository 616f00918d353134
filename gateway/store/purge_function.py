"""The one way by which evidence, or a sealed copy, leaves a PostgreSQL database: a function with its owner's rights.

- It takes the position of a ledger entry and deletes what that entry says, whoever calls it: no caller names rows.
- The entry must be of this transaction: no checkpoint counts it yet, because each transaction ends with its checkpoint.
- What it deletes of evidence must be as many rows as the entry says. Otherwise nothing of the transaction happens.
- Of a sealed copy everything goes, whatever it is: what it was stands in the entry that sealed it.
- The triggers that refuse a deletion are switched off and on again inside the transaction: nobody else ever sees them
  off, and a crash leaves them as they were.

It names no schema but the one that it was made in, and temporary tables last: nobody can put a table of their own in
the place of ours. `audit verify` says when the function is not this one.
"""

PURGE_FUNCTION = "gateway_purge_evidence"

# Names of tables and columns, and no value, stand in this text.
PURGE_BODY = """
DECLARE
    what text;
    said jsonb;
    gone bigint;
    left_out bigint := 0;
BEGIN
    SELECT ledger.event, convert_from(ledger.body, 'UTF8')::jsonb -> 'body' INTO what, said FROM ledger
    WHERE ledger.position = entry AND ledger.event IN ('evidence:purged', 'package:removed')
    AND ledger.position > (SELECT coalesce(max(size), 0) FROM checkpoints);
    IF said IS NULL THEN
        RAISE EXCEPTION 'law L7: evidence goes by the entry of its purge, in the same transaction';
    END IF;
    IF what = 'package:removed' THEN
        ALTER TABLE package_blocks DISABLE TRIGGER package_blocks_no_delete;
        DELETE FROM package_blocks USING lists
        WHERE package_blocks.list_id = lists.list_id AND lists.reference = said ->> 'list';
        ALTER TABLE package_blocks ENABLE ALWAYS TRIGGER package_blocks_no_delete;
        RETURN;
    END IF;
    IF said ->> 'kind' = 'list' THEN
        ALTER TABLE evidence DISABLE TRIGGER evidence_no_delete;
        ALTER TABLE exclusions DISABLE TRIGGER exclusions_no_delete;
        DELETE FROM evidence USING lists
        WHERE evidence.list_id = lists.list_id AND lists.reference = said ->> 'list';
        GET DIAGNOSTICS gone = ROW_COUNT;
        DELETE FROM exclusions USING lists
        WHERE exclusions.list_id = lists.list_id AND lists.reference = said ->> 'list';
        GET DIAGNOSTICS left_out = ROW_COUNT;
        ALTER TABLE evidence ENABLE ALWAYS TRIGGER evidence_no_delete;
        ALTER TABLE exclusions ENABLE ALWAYS TRIGGER exclusions_no_delete;
    ELSIF said ->> 'kind' = 'reconciliation' THEN
        ALTER TABLE told_people DISABLE TRIGGER told_people_no_delete;
        DELETE FROM told_people WHERE told_people.reference = said ->> 'reconciliation';
        GET DIAGNOSTICS gone = ROW_COUNT;
        ALTER TABLE told_people ENABLE ALWAYS TRIGGER told_people_no_delete;
    ELSE
        ALTER TABLE handover_people DISABLE TRIGGER handover_people_no_delete;
        DELETE FROM handover_people USING handovers
        WHERE handover_people.handover_id = handovers.handover_id AND handovers.reference = said ->> 'handover';
        GET DIAGNOSTICS gone = ROW_COUNT;
        ALTER TABLE handover_people ENABLE ALWAYS TRIGGER handover_people_no_delete;
    END IF;
    IF gone <> (said ->> 'rows')::bigint OR left_out <> (said ->> 'exclusions')::bigint THEN
        RAISE EXCEPTION 'law L7: the purge of entry % does not find the rows that it counts', entry;
    END IF;
END
"""


def purge_function_statements(schema: str) -> list[str]:
    """Return the statements that make the function, for the schema of the tables; nobody else may call it."""
    quoted = '"' + schema.replace('"', '""') + '"'
    return [
        (
            f"CREATE FUNCTION {PURGE_FUNCTION}(entry bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER "
            f"SET search_path = {quoted}, pg_temp AS $${PURGE_BODY}$$"
        ),
        f"REVOKE ALL ON FUNCTION {PURGE_FUNCTION}(bigint) FROM PUBLIC",
    ]
