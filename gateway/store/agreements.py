"""Edge: what the database remembers of agreements: statements, approvals, switches, and who may approve.

Every write takes the position of the ledger entry that explains it (law L10).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, distinct, func, insert, select, update

from gateway.ledger.events import Event
from gateway.store.tables import approvals, ledger, statements, switches
from gateway.store.work import Work


@dataclass(frozen=True, slots=True)
class KeptStatement:
    """A policy statement that was approved by somebody, with the documents of agreement and framework as they were."""

    statement_hash: str
    agreement_id: str
    version: int
    body: bytes
    agreement_document: bytes
    framework_document: bytes


def statement_kept(connection: Connection, statement_hash: str) -> KeptStatement | None:
    """Return a statement by its hash."""
    query = select(statements).where(statements.c.statement_hash == statement_hash)
    row = connection.execute(query).first()
    return None if row is None else _kept(row)


def statements_kept(connection: Connection, agreement_id: str) -> tuple[KeptStatement, ...]:
    """Return every statement of an agreement, in the order in which they came."""
    query = select(statements).where(statements.c.agreement_id == agreement_id).order_by(statements.c.explained_by)
    return tuple(_kept(row) for row in connection.execute(query))


def agreements_with_statements(connection: Connection) -> frozenset[str]:
    """Return every agreement of which a statement is kept."""
    return frozenset(connection.execute(select(statements.c.agreement_id).distinct()).scalars())


def partner_bound_by(statement: KeptStatement) -> str:
    """Return the partner whom a statement names."""
    return str(json.loads(statement.body)["partner"]["name"])


def approved_statements(connection: Connection) -> list[tuple[KeptStatement, int]]:
    """Return every statement that two roles approved, each with the position of the last approval."""
    place = func.max(approvals.c.explained_by).label("place")
    query = (
        select(statements, place)
        .join(approvals, approvals.c.statement_hash == statements.c.statement_hash)
        .group_by(statements.c.statement_hash)
        .having(func.count(distinct(approvals.c.role)) > 1)
        .order_by(place)
    )
    return [(_kept(row), row.place) for row in connection.execute(query)]


def keep_statement(work: Work, statement: KeptStatement, *, explained_by: int) -> None:
    """Keep a statement."""
    work.connection.execute(
        insert(statements).values(
            statement_hash=statement.statement_hash,
            agreement_id=statement.agreement_id,
            version=statement.version,
            body=statement.body,
            agreement_document=statement.agreement_document,
            framework_document=statement.framework_document,
            explained_by=explained_by,
        )
    )


def signatures_kept(connection: Connection, statement_hash: str) -> Mapping[str, bytes]:
    """Return the signatures on a statement, by principal."""
    query = select(approvals.c.principal, approvals.c.signature).where(approvals.c.statement_hash == statement_hash)
    return {row.principal: row.signature for row in connection.execute(query.order_by(approvals.c.principal))}


def keep_approval(
    work: Work, statement_hash: str, *, principal: str, role: str, signature: bytes, explained_by: int
) -> None:
    """Keep one person's approval of a statement."""
    work.connection.execute(
        insert(approvals).values(
            statement_hash=statement_hash,
            principal=principal,
            role=role,
            signature=signature,
            explained_by=explained_by,
        )
    )


def replace_approval(
    work: Work, statement_hash: str, *, principal: str, role: str, signature: bytes, explained_by: int
) -> None:
    """Put a newer signature of the same person in the place of one that no longer counts."""
    work.connection.execute(
        update(approvals)
        .where(approvals.c.statement_hash == statement_hash, approvals.c.principal == principal)
        .values(role=role, signature=signature, explained_by=explained_by)
    )


def stopped_switches(connection: Connection) -> frozenset[str]:
    """Return the names of the switches that are off."""
    return frozenset(connection.execute(select(switches.c.name).where(switches.c.stopped)).scalars())


def reason_of_stop(connection: Connection, name: str) -> str | None:
    """Return why a switch is off; None where it is not."""
    return connection.execute(select(switches.c.reason).where(switches.c.name == name, switches.c.stopped)).scalar()


def set_switch(work: Work, name: str, *, stopped: bool, reason: str, explained_by: int) -> None:
    """Turn a switch; it is made when it is turned first."""
    values = {"stopped": stopped, "reason": reason, "explained_by": explained_by}
    changed = work.connection.execute(update(switches).where(switches.c.name == name).values(**values))
    if changed.rowcount == 0:
        work.connection.execute(insert(switches).values(name=name, **values))


def enrolled_approvers(connection: Connection) -> str | None:
    """Return the hash of the approvers file that the ledger says is in force, or None before the first."""
    files = approvers_ever_enrolled(connection)
    return files[-1] if files else None


def approvers_ever_enrolled(connection: Connection) -> list[str]:
    """Return the hash of every approvers file that was ever in force, the present one at the end."""
    query = select(ledger.c.body).where(ledger.c.event == Event.APPROVERS_ENROLLED.value)
    bodies = connection.execute(query.order_by(ledger.c.position)).scalars()
    return [str(json.loads(body)["body"]["approvers"]) for body in bodies]


def _kept(row: Row[Any]) -> KeptStatement:
    return KeptStatement(**{name: getattr(row, name) for name in KeptStatement.__slots__})
