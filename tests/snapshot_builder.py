"""A snapshot for tests, said in few words: every person is an adult who would be disclosed unless a test says not."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert

from gateway.store import tables

DAY = date(2026, 11, 22)
BEFORE = DAY - timedelta(days=400)
SNAPSHOT = 1
#: Needs of three outcomes: a framework of three needs is met, and factors f, h and m.
NEEDS = ("10.1", "10.2", "9.1")


def reference(number: int) -> str:
    """A subject's reference that sorts elsewhere than its number: order must come from the reference."""
    scattered = (number * 0x9E3779B97F4A7C15) % 2**64
    return str(UUID(int=(scattered << 64) | number))


def secret(number: int) -> bytes:
    return number.to_bytes(32, "big")


@dataclass
class Snapshot:
    """Rows of the snapshot's tables, and how to put them into a database."""

    snapshot_id: int = SNAPSHOT
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _keys: int = 0

    def person(self, key: int, **columns: Any) -> int:
        usual = {
            "person_key": key,
            "subject_ref": reference(key),
            "secret": secret(key),
            "forename": "Ada",
            "surname": f"Synthetic{key}",
            "date_of_birth": date(1990, 2, 28),
            "nino": None,
            "postcode": "CB1 2AB",
            "postcode_sector": "CB1 2",
            "deceased_on": None,
            "incomplete": False,
            "flags": 0,
        }
        self._add(tables.persons.name, usual | columns)
        return key

    def family(self, key: int, *, members: tuple[int, ...] = (), needs: tuple[str, ...] = NEEDS, **columns: Any) -> int:
        """A family in the programme that has everything a framework asks for."""
        usual = {
            "family_key": key,
            "source": "liquidlogic_ehm",
            "source_id": f"F{key}",
            "opened_on": BEFORE,
            "closed_on": None,
            "incomplete": False,
        }
        self._add(tables.families.name, usual | columns)
        for member in members:
            self.membership(member, key)
        for code in needs:
            self.need(key, code)
        self.assessment(key)
        self.plan(key)
        self.lead(key)
        return key

    def membership(self, person: int, family: int, from_on: date | None = BEFORE, to_on: date | None = None) -> None:
        spell = {"from_on": from_on, "to_on": to_on}
        self._numbered(tables.memberships.name, "membership_key", person_key=person, family_key=family, **spell)

    def need(
        self, family: int, code: str | None, identified_on: date | None = BEFORE, met_on: date | None = None
    ) -> None:
        spell = {"identified_on": identified_on, "met_on": met_on}
        self._numbered(tables.needs.name, "need_key", family_key=family, code=code, **spell)

    def assessment(self, family: int, assessed_on: date = BEFORE, *, covers_family: bool = True) -> None:
        said = {"assessed_on": assessed_on, "covers_family": covers_family}
        self._numbered(tables.assessments.name, "assessment_key", family_key=family, **said)

    def plan(self, family: int, planned_on: date = BEFORE, ended_on: date | None = None) -> None:
        self._numbered(tables.plans.name, "plan_key", family_key=family, planned_on=planned_on, ended_on=ended_on)

    def episode(self, person: int, started_on: date = BEFORE, ended_on: date | None = None) -> None:
        spell = {"started_on": started_on, "ended_on": ended_on}
        self._numbered(tables.episodes.name, "episode_key", person_key=person, **spell)

    def lead(self, family: int, **columns: Any) -> None:
        usual = {
            "name": "Sam Worker",
            "email": "sam.worker@county.example",
            "phone": None,
            "team": "Early Help Hub",
            "from_on": BEFORE,
            "to_on": None,
        }
        self._numbered(tables.involvements.name, "involvement_key", family_key=family, **(usual | columns))

    def office(self, sector: str, office: str) -> None:
        self._add(tables.office_sectors.name, {"sector": sector, "office": office})

    def only(self, table: str, **where: Any) -> list[dict[str, Any]]:
        """The rows of a table with these values, to be changed or removed by a test."""
        return [row for row in self.rows.get(table, []) if where.items() <= row.items()]

    def drop(self, table: str, **where: Any) -> None:
        gone = self.only(table, **where)
        self.rows[table] = [row for row in self.rows[table] if row not in gone]

    def write(self, connection: Connection, *, backwards: bool = False) -> None:
        """Put everything into the database; backwards, to show that the order of rows says nothing."""
        connection.execute(insert(tables.snapshots), [self._snapshot()])
        for table in tables.SNAPSHOT:
            rows = self.rows.get(table.name, [])
            if rows:
                connection.execute(insert(table), rows[::-1] if backwards else rows)

    def _snapshot(self) -> dict[str, Any]:
        return {
            "snapshot_id": self.snapshot_id,
            "reference": f"SNAP-{self.snapshot_id}",
            "loaded_at": "2026-11-22T02:00:00Z",
            "as_at_on": DAY,
            "content_hash": "0" * 64,
            "people": len(self.rows.get("persons", [])),
            "flags": 0,
            "flags_reaching_nobody": 0,
            "explained_by": 1,
        }

    def _numbered(self, table: str, key: str, **columns: Any) -> None:
        self._keys += 1
        self._add(table, {key: self._keys, **columns})

    def _add(self, table: str, row: dict[str, Any]) -> None:
        self.rows.setdefault(table, []).append({"snapshot_id": self.snapshot_id, **row})


def put_hold(connection: Connection, person: int, placed_at: str, lifted_at: str | None = None) -> None:
    hold = {
        "subject_ref": reference(person),
        "reason": "objection",
        "case_reference": "CASE-1",
        "placed_at": placed_at,
        "lifted_at": lifted_at,
        "explained_by": 1,
    }
    connection.execute(insert(tables.holds), [hold])


def put_first_entry(connection: Connection) -> None:
    """The ledger entry that rows made by hand say they are explained by."""
    entry = {
        "position": 1,
        "at": "2026-11-22T02:00:00Z",
        "actor": "test",
        "event": "test",
        "body": b"{}",
        "leaf": b"0" * 32,
    }
    connection.execute(insert(tables.ledger), [entry])
