"""Find every list of which a database restored from a backup does not know whether it went.

They are those that it has, and those that were made after the backup and of which it has no row.

- A list that was not settled when the backup was made may have gone on since.
- A window that passed since may have had a list, of each part that the agreement has or had.
- An agreement counts under the newest statement that the database knows of it, and under its file as it is now. One
  of which it knows no statement counts where an officer's signature for it lies in the approvals folder: then it may
  have been approved since.

Reads, and changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.agreements.document import load_agreement
from gateway.errors import GatewayError
from gateway.model.agreement import Agreement
from gateway.model.delivery import ListState
from gateway.services.agreements.agreement_shelf import Shelf
from gateway.services.agreements.agreement_standing import Standing, standing_of
from gateway.services.agreements.approve_agreements import is_signed_beside
from gateway.services.disclosure.list_decisions import WHOLE
from gateway.services.restoring.lost_windows import Lost, cadence_in_doubt
from gateway.services.workplace import Workplace
from gateway.store.agreements import KeptStatement, agreements_with_statements, statements_kept
from gateway.store.lists import KeptList, lists_in, places_of
from gateway.store.night import approved_at, offices_loaded

_S = ListState
#: What may have been moved on since, in a way that the restored database would do again or take for undone.
_UNSETTLED = (_S.PLANNED, _S.WITHHELD, _S.SEALED, _S.SENDING, _S.UPLOADED, _S.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class LostAgreement:
    """An agreement under which lists may have gone: its windows, and the windows and parts that have no row.

    It counts under `kept`, or where the database knows no statement of it under `standing`.
    """

    agreement_id: str
    windows: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]
    kept: KeptStatement | None
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class LostLists:
    """Everything that a person has to settle. `passed_over` are agreements that nobody is known to have approved."""

    lists: tuple[KeptList, ...]
    agreements: tuple[LostAgreement, ...]
    passed_over: tuple[str, ...]


def lost_lists(workplace: Workplace, connection: Connection, lost: Lost) -> LostLists:
    """Return what to settle. Raises where the papers of an agreement that counts cannot be read."""
    shelf = Shelf.of(workplace)
    known = sorted({*shelf.agreement_ids(), *agreements_with_statements(connection)})
    finder = _Finder(workplace, connection, lost, shelf)
    found = {agreement_id: finder.agreement(agreement_id) for agreement_id in known}
    agreements = tuple(each for each in found.values() if each is not None)
    return LostLists(
        lists=tuple(kept for kept in lists_in(connection, *_UNSETTLED) if _may_have_moved(kept, found)),
        agreements=agreements,
        passed_over=tuple(agreement_id for agreement_id, each in found.items() if each is None),
    )


def _may_have_moved(kept: KeptList, found: dict[str, LostAgreement | None]) -> bool:
    """Say whether a list may have moved; a window that was set free and that nobody catches up any more is none."""
    agreement = found.get(kept.agreement_id)
    return kept.state is not _S.PLANNED or (agreement is not None and kept.window in agreement.windows)


class _Finder:
    """Finds what was lost in one snapshot of the database."""

    def __init__(self, workplace: Workplace, connection: Connection, lost: Lost, shelf: Shelf) -> None:
        self._workplace, self._connection = workplace, connection
        self._lost, self._shelf = lost, shelf

    def agreement(self, agreement_id: str) -> LostAgreement | None:
        """Return what may have been sent under one agreement; None where nobody is known to have approved it."""
        kept = next(reversed(statements_kept(self._connection, agreement_id)), None)
        standing = None if kept else self._signed_since(agreement_id)
        if kept is None and standing is None:
            return None
        versions = list(self._versions(agreement_id, kept))
        since = approved_at(self._connection, kept.statement_hash) if kept else None
        windows = self._lost.windows(map(cadence_in_doubt, versions), since)
        parts = sorted({part for version in versions for part in self._parts(version)})
        there = places_of(self._connection, agreement_id)
        missing = tuple((window, part) for window in windows for part in parts if (window, part) not in there)
        return LostAgreement(agreement_id, tuple(windows), missing, kept, standing)

    def _signed_since(self, agreement_id: str) -> Standing | None:
        if not is_signed_beside(self._workplace, agreement_id):
            return None
        return standing_of(self._workplace, self._connection, agreement_id)

    def _versions(self, agreement_id: str, kept: KeptStatement | None) -> Iterator[Agreement]:
        if kept is not None:
            yield load_agreement(kept.agreement_document, f"{agreement_id}.yaml")
        try:
            yield self._shelf.agreement(agreement_id)[0]
        except GatewayError:
            # Its file has a fault now, or has gone: what the database knows of it counts.
            if kept is None:
                raise

    def _parts(self, agreement: Agreement) -> set[str]:
        if agreement.split is None:
            return {WHOLE}
        return {*offices_loaded(self._connection), *self._shelf.jobcentres().office_ids, agreement.split.fallback}
