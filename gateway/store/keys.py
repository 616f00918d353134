"""Edge: the register of keys. Each change takes the ledger entry that explains it (law L10)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, insert, select, update

from gateway.model.keys import KeyFacts, KeyPurpose, KeyState
from gateway.store.tables import keys
from gateway.store.work import Work


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A key as the register has it."""

    fingerprint: str
    purpose: KeyPurpose
    owner: str
    algorithm: str
    state: KeyState
    not_before_on: date | None
    not_after_on: date | None


def keys_registered(connection: Connection) -> list[RegisteredKey]:
    """Return every key that was ever registered, in the order of owners, purposes and entries."""
    query = select(keys).order_by(keys.c.owner, keys.c.purpose, keys.c.explained_by, keys.c.fingerprint)
    return [
        RegisteredKey(
            fingerprint=row.fingerprint,
            purpose=KeyPurpose(row.purpose),
            owner=row.owner,
            algorithm=row.algorithm,
            state=KeyState(row.state),
            not_before_on=row.not_before_on,
            not_after_on=row.not_after_on,
        )
        for row in connection.execute(query)
    ]


def keep_key(work: Work, facts: KeyFacts, *, explained_by: int, state: KeyState = KeyState.ACTIVE) -> None:
    """Register a key."""
    work.connection.execute(
        insert(keys).values(
            fingerprint=facts.fingerprint,
            purpose=facts.purpose.value,
            owner=facts.owner,
            algorithm=facts.algorithm,
            state=state.value,
            not_before_on=facts.not_before_on,
            not_after_on=facts.not_after_on,
            explained_by=explained_by,
        )
    )


def put_key_in_use(work: Work, facts: KeyFacts, *, explained_by: int) -> None:
    """Mark a registered key as active, with its days as they are now."""
    change = update(keys).where(keys.c.fingerprint == facts.fingerprint)
    days = {"not_before_on": facts.not_before_on, "not_after_on": facts.not_after_on}
    work.connection.execute(change.values(state=KeyState.ACTIVE.value, explained_by=explained_by, **days))


def retire_key(work: Work, fingerprint: str, *, explained_by: int) -> None:
    """Mark a key as retired."""
    change = update(keys).where(keys.c.fingerprint == fingerprint)
    work.connection.execute(change.values(state=KeyState.RETIRED.value, explained_by=explained_by))
