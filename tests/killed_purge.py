"""Ends processes in the middle of a purge: `python -m tests.killed_purge`, told by JSON on standard input.

For each moment a process of its own opens the database, begins to purge a list, and ends without a word when a
statement of that moment was carried out. What is there afterwards is answered as JSON.
"""

import json
import os
import sys
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import event, func, select

from gateway.ledger.checkpoint import Ed25519Signer
from gateway.model.officers import Actor, Role
from gateway.model.time import FrozenClock, from_text
from gateway.store.engine import Store
from gateway.store.lists import get_list
from gateway.store.purge import Term, purge_list
from gateway.store.tables import evidence, evidence_stubs, exclusions, ledger

#: Statements of a purge on each database, in their order.
MOMENTS = {
    "sqlite": (
        "INSERT INTO ledger",
        "INSERT INTO evidence_stubs",
        "DROP TRIGGER evidence_no_delete",
        "DELETE FROM evidence",
        "CREATE TRIGGER evidence_no_delete",
        "DELETE FROM exclusions",
        "CREATE TRIGGER exclusions_no_delete",
        "INSERT INTO checkpoints",
    ),
    "postgresql": (
        "INSERT INTO ledger",
        "INSERT INTO evidence_stubs",
        "SELECT gateway_purge_evidence",
        "INSERT INTO checkpoints",
    ),
}
_ENDED = 9


def main() -> None:
    told = json.load(sys.stdin)
    answers = []
    for moment in MOMENTS[told["dialect"]]:
        child = os.fork()
        if child == 0:
            _purge(told, moment)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        answers.append([moment, os.waitstatus_to_exitcode(status) == _ENDED, _left(told)])
    json.dump(answers, sys.stdout)


def _open(told) -> Store:
    signer = Ed25519Signer(told["origin"], Ed25519PrivateKey.from_private_bytes(bytes.fromhex(told["key"])))
    return Store.open(told["url"], clock=FrozenClock(from_text(told["at"])), signer=signer)


def _purge(told, moment: str) -> None:
    store = _open(told)

    def end(_connection, _cursor, statement, *_rest) -> None:
        if statement.startswith(moment):
            os._exit(_ENDED)

    event.listen(store.engine, "after_cursor_execute", end)
    actor = Actor("tester", "Invented Tester", frozenset(Role))
    with store.writing(actor) as work:
        kept = get_list(work.connection, told["list_id"])
        purge_list(work, kept, Term(date(2026, 11, 22), date(2033, 11, 22), "IG-2033-1"))


def _left(told) -> list[int]:
    store = _open(told)
    with store.reading() as connection:
        tables = (evidence, exclusions, evidence_stubs, ledger)
        found = [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]
    store.close()
    return found


if __name__ == "__main__":
    main()
