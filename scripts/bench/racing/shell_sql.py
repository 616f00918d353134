"""The SQL that a council would write by hand for the raced agreement: one statement for the list, one for the audit.

It is written to be fast (whoever wrote it looked at the plans) and says nothing that the agreement does not ask for.
It leaves out what such a script leaves out: no order, no look for formulas, and the list and its audit are two
statements, each with its own state of the data. The same text runs on both
databases, but for the newest of several rows and the name of a hash.
"""

from datetime import date

from gateway.model.agreement import Agreement
from gateway.model.framework import Framework
from gateway.model.time import latest_birth_for_age
from gateway.selection.rules import blocking_flags

_ELIGIBLE = """
eligible AS KEPT(
  SELECT f.family_key FROM families f
  JOIN (
    SELECT family_key FROM needs
    WHERE snapshot_id = 1 AND identified_on <= 'DAY' AND (met_on IS NULL OR met_on > 'DAY')
    GROUP BY family_key
    HAVING count(DISTINCT code) >= NEEDED
    AND count(DISTINCT CASE FACTORS END) >= 2
  ) n ON n.family_key = f.family_key
  WHERE f.snapshot_id = 1 AND f.opened_on <= 'DAY' AND (f.closed_on IS NULL OR f.closed_on > 'DAY')
  AND f.family_key IN (SELECT family_key FROM assessments
    WHERE snapshot_id = 1 AND covers_family AND assessed_on <= 'DAY')
  AND f.family_key IN (SELECT family_key FROM plans
    WHERE snapshot_id = 1 AND planned_on <= 'DAY' AND (ended_on IS NULL OR ended_on > 'DAY'))
  AND f.family_key IN (SELECT m.family_key FROM memberships m
    JOIN episodes e ON e.snapshot_id = m.snapshot_id AND e.person_key = m.person_key
    WHERE m.snapshot_id = 1 AND m.from_on <= 'DAY' AND (m.to_on IS NULL OR m.to_on > 'DAY')
    AND e.started_on <= 'DAY' AND (e.ended_on IS NULL OR e.ended_on > 'DAY'))
),
leads AS KEPT(
  SELECT family_key, name, coalesce(nullif(email, ''), nullif(phone, ''), 'CONTACT') AS contact, team FROM (RANKED) r
),
chosen AS KEPT(
  SELECT m.person_key, min(m.family_key) AS family_key FROM memberships m
  JOIN eligible USING (family_key) JOIN leads USING (family_key)
  WHERE m.snapshot_id = 1 AND m.from_on <= 'DAY' AND (m.to_on IS NULL OR m.to_on > 'DAY')
  GROUP BY m.person_key
)"""
#: The newest involvement of each family, as either database does it best.
_RANKED = {
    "postgresql": "SELECT DISTINCT ON (family_key) * FROM involvements WHERE OPEN"
    " ORDER BY family_key, from_on DESC, involvement_key",
    "sqlite": "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY family_key ORDER BY from_on DESC,"
    " involvement_key) AS place FROM involvements WHERE OPEN) WHERE place = 1",
}
_OPEN = "snapshot_id = 1 AND from_on <= 'DAY' AND (to_on IS NULL OR to_on > 'DAY')"
_LIST = """
SELECT p.subject_ref AS record_ref, 'A' AS record_action, nullif(p.surname, '') AS surname,
  nullif(p.forename, '') AS forename, p.date_of_birth, p.nino,
  CASE WHEN p.nino IS NULL THEN p.postcode END AS postcode, 'FALLBACK' AS jcp_office, l.name AS lead_professional_name,
  l.contact AS lead_professional_contact, CASE l.team TEAMS ELSE 'DEFAULT' END AS lead_professional_org
FROM persons p JOIN chosen c ON c.person_key = p.person_key JOIN leads l ON l.family_key = c.family_key
WHERE p.snapshot_id = 1 AND ALLOWED"""
_ALLOWED = """(p.flags & MASK) < 1 AND p.deceased_on IS NULL AND p.date_of_birth <= 'BORN' AND NOT p.incomplete
AND p.subject_ref NOT IN (SELECT subject_ref FROM holds WHERE lifted_at IS NULL)
AND p.person_key NOT IN (SELECT m.person_key FROM memberships m JOIN needs n
  ON n.snapshot_id = m.snapshot_id AND n.family_key = m.family_key
  WHERE m.snapshot_id = 1 AND n.code IN (ABUSE) AND (n.met_on IS NULL OR n.met_on > 'DAY'))
AND p.person_key NOT IN (SELECT m.person_key FROM memberships m JOIN families f
  ON f.snapshot_id = m.snapshot_id AND f.family_key = m.family_key WHERE m.snapshot_id = 1 AND f.incomplete)"""
#: Adults in a family of the programme who are not on the list, and in rough words why.
_EXCLUDED = """
SELECT p.subject_ref, CASE WHEN (p.flags & MASK) > 0 THEN 'protected' WHEN p.incomplete THEN 'incomplete'
  WHEN c.person_key IS NULL THEN 'criteria' ELSE 'other' END AS reason
FROM persons p LEFT JOIN chosen c ON c.person_key = p.person_key
WHERE p.snapshot_id = 1 AND p.date_of_birth <= 'BORN'
AND EXISTS (SELECT 1 FROM memberships m JOIN families f
  ON f.snapshot_id = m.snapshot_id AND f.family_key = m.family_key
  WHERE m.snapshot_id = 1 AND m.person_key = p.person_key AND f.opened_on <= 'DAY')
AND NOT (c.person_key IS NOT NULL AND ALLOWED)"""

#: The audit's own tables. The wide rows and the serial key are those that such a script has.
TABLES = {
    "postgresql": "CREATE TABLE audit (id bigserial PRIMARY KEY, run text NOT NULL, person uuid NOT NULL,"
    " at timestamptz NOT NULL DEFAULT now(), told text NOT NULL, sha256 bytea);"
    " CREATE TABLE audit_excluded (run text NOT NULL, person uuid NOT NULL, reason text NOT NULL);",
    "sqlite": "CREATE TABLE audit (id integer PRIMARY KEY, run text NOT NULL, person text NOT NULL,"
    " at text NOT NULL DEFAULT CURRENT_TIMESTAMP, told text NOT NULL, sha256 blob);"
    " CREATE TABLE audit_excluded (run text NOT NULL, person text NOT NULL, reason text NOT NULL);",
}


class ShellSql:
    """The statements for one agreement, day and database."""

    def __init__(self, kind: str, agreement: Agreement, framework: Framework, day: date) -> None:
        self._kind = kind
        split = agreement.split
        factors = " ".join(f"WHEN code = '{code}' THEN '{min(held)}'" for code, held in framework.factors if held)
        abuse = ", ".join(f"'{code}'" for code, held in framework.factors if "e" in held)
        self._words = {
            # PostgreSQL misjudges how many rows there are and loops over them; SQLite puts an index on what it asks.
            "KEPT": "MATERIALIZED " if kind == "postgresql" else "",
            "RANKED": _RANKED[kind],
            "OPEN": _OPEN,
            "FACTORS": factors,
            "ALLOWED": _ALLOWED,
            "ABUSE": abuse,
            "NEEDED": str(framework.needed),
            "MASK": str(blocking_flags(agreement)),
            "BORN": latest_birth_for_age(agreement.cohort.minimum_age, day).isoformat(),
            "DAY": day.isoformat(),
            "CONTACT": agreement.default_contact,
            "FALLBACK": split.fallback if split else "",
            "TEAMS": " ".join(f"WHEN '{team}' THEN '{label}'" for team, label in agreement.team_labels),
            "DEFAULT": agreement.default_team,
        }

    def listed(self) -> str:
        """Return the statement of the list, on one line."""
        return self._filled(f"WITH {_ELIGIBLE} {_LIST}")

    def audit(self) -> str:
        """Return the statement that records who was told of what."""
        told = "'surname,forename,date_of_birth,nino,postcode,lead'"
        return self._filled(
            f"WITH {_ELIGIBLE} INSERT INTO audit (run, person, told) SELECT 'RUN', record_ref, {told} FROM ({_LIST}) s;"
        )

    def audit_with_hashes(self) -> str:
        """Return the same with a hash of each row's values."""
        names = "record_action surname forename date_of_birth nino postcode jcp_office lead_professional_name"
        values = " || ',' || ".join(f"coalesce(CAST({name} AS text), '')" for name in names.split())
        hashed = f"sha256(convert_to({values}, 'UTF8'))" if self._kind == "postgresql" else f"sha3({values}, 256)"
        return self._filled(
            f"WITH {_ELIGIBLE} INSERT INTO audit (run, person, told, sha256)"
            f" SELECT 'RUN', record_ref, 'surname,forename,nino', {hashed} FROM ({_LIST}) s;"
        )

    def exclusions(self) -> str:
        """Return the statement that records who was left out."""
        return self._filled(
            f"WITH {_ELIGIBLE} INSERT INTO audit_excluded (run, person, reason)"
            f" SELECT 'RUN', subject_ref, reason FROM ({_EXCLUDED}) s;"
        )

    def _filled(self, statement: str) -> str:
        for word, value in self._words.items():
            statement = statement.replace(word, value)
        return " ".join(statement.split())
