"""Review agreements: check their files, list them, show one, tell two versions apart, and describe the format.

Nothing here changes anything. Every file's faults are given at once, so that one reading mends them all.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from gateway.agreements.difference import Change, differences
from gateway.agreements.document import load_agreement
from gateway.agreements.page import page_of
from gateway.agreements.schema import agreement_schema
from gateway.errors import AgreementError, GatewayError
from gateway.model.agreement import Agreement
from gateway.model.officers import Action
from gateway.services.agreements.agreement_shelf import Shelf
from gateway.services.agreements.agreement_standing import Standing, standing_of
from gateway.services.workplace import Workplace
from gateway.store.agreements import statements_kept


@dataclass(frozen=True, slots=True)
class Listed:
    """An agreement in a list: how it stands, or what keeps its file from being read."""

    agreement_id: str
    standing: Standing | None
    faults: tuple[str, ...]


def check_agreements(workplace: Workplace) -> tuple[str, ...]:
    """Return every fault of every agreement, framework, mapping and register, as `file:line:column: sentence`."""
    workplace.actor.require(Action.READ_AGREEMENTS)
    return Shelf.of(workplace).faults()


def list_agreements(workplace: Workplace) -> tuple[Listed, ...]:
    """Return every agreement there is a file for."""
    workplace.actor.require(Action.READ_AGREEMENTS)
    with workplace.store.reading() as connection:
        return tuple(_listed(workplace, connection, name) for name in Shelf.of(workplace).agreement_ids())


def show_agreement(workplace: Workplace, agreement_id: str) -> str:
    """Return an agreement as a page of plain English, with what blocks it today."""
    workplace.actor.require(Action.READ_AGREEMENTS)
    with workplace.store.reading() as connection:
        standing = standing_of(workplace, connection, agreement_id)
    return page_of(standing.agreement, standing.framework, reasons=standing.reasons, cautions=standing.cautions)


def diff_agreement(workplace: Workplace, agreement_id: str, old: int, new: int) -> tuple[Change, ...]:
    """Return what changes from one version to another, what widens first.

    A version is the file as it is now, or one that somebody approved here before. Raises AgreementError for others.
    """
    workplace.actor.require(Action.READ_AGREEMENTS)
    with workplace.store.reading() as connection:
        versions = [_version(workplace, connection, agreement_id, number) for number in (old, new)]
    return differences(*versions)


def schema_of_agreements() -> dict[str, Any]:
    """Return the JSON Schema of an agreement, for editors."""
    return agreement_schema()


def _listed(workplace: Workplace, connection: Connection, agreement_id: str) -> Listed:
    try:
        return Listed(agreement_id, standing_of(workplace, connection, agreement_id), ())
    except GatewayError as error:
        return Listed(agreement_id, None, tuple(str(error).splitlines()))


def _version(workplace: Workplace, connection: Connection, agreement_id: str, number: int) -> Agreement:
    current, _ = Shelf.of(workplace).agreement(agreement_id)
    if current.version == number:
        return current
    kept = [each for each in statements_kept(connection, agreement_id) if each.version == number]
    if not kept:
        raise AgreementError(
            f"version {number} is neither the file as it is now nor one that was approved here",
            advice="`gateway agreements list` gives the version of the file.",
        )
    return load_agreement(kept[-1].agreement_document, f"{agreement_id} version {number}")
