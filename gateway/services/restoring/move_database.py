"""Bring a SQLite database to this machine, when it was moved for good.

A machine that is not the database's own is refused every write (store/host.py), and a person says that the other one
is stopped. What that person says stands in the ledger, with both machines' names as hashes.
"""

from gateway.model.officers import Action
from gateway.services.agreements.stop_disclosures import require_case
from gateway.services.workplace import Workplace


def move_database(workplace: Workplace, case: str) -> bool:
    """Let the database belong to this machine; False where it does, or is on a server. Raises AccessDenied."""
    workplace.actor.require(Action.INSTALL)
    require_case(case)
    return workplace.store.move_here(workplace.actor, case)
