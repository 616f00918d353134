"""Edge: exports about a person, from the question to the release; the only place that moves one.

- A row holds whom it is about as a reference of the registry, never an identifier, and nothing of what it will say.
- An export is moved along `model.export.MOVES_OF_EXPORT` or not at all, and each move names its entry (law L10).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Row, func, insert, select, update

from gateway.errors import MoveNotAllowed
from gateway.model.export import MOVES_OF_EXPORT, ExportState, HarmCheck
from gateway.store.tables import exports
from gateway.store.work import Work


@dataclass(frozen=True, slots=True)
class Export:
    """An export. Without `subject_ref` nothing was told about the person who is meant."""

    reference: str
    subject_ref: str | None
    case_reference: str
    asked_by: str
    asked_at: str
    disclosures: int
    values_told: bool
    lead_named: bool
    state: ExportState = ExportState.ASKED
    harm_check: HarmCheck | None = None

    def said(self) -> Mapping[str, object]:
        """Return the export in the words of its entries."""
        return {
            "export": self.reference,
            "case": self.case_reference,
            "asked_by": self.asked_by,
            "asked_at": self.asked_at,
            "disclosures": self.disclosures,
            "values": self.values_told,
            "lead_named": self.lead_named,
            "subject": self.subject_ref,
            "harm_check": self.harm_check.value if self.harm_check else None,
        }


def next_export_reference(connection: Connection, day: str) -> str:
    """Return what the next export of a day is called."""
    start = f"EXP-{day}-"
    had = select(func.count()).select_from(exports).where(exports.c.reference.startswith(start, autoescape=True))
    return f"{start}{connection.execute(had).scalar_one() + 1}"


def keep_export(work: Work, export: Export, *, explained_by: int) -> None:
    """Keep an export that was asked for."""
    values = {name: getattr(export, name) for name in Export.__slots__} | {"state": export.state.value}
    work.connection.execute(insert(exports).values(**values, explained_by=explained_by))


def move_export(work: Work, export: Export, harm_check: HarmCheck, to: ExportState, *, explained_by: int) -> Export:
    """Move an export by what the second officer found, and return it. Raises MoveNotAllowed."""
    if to not in MOVES_OF_EXPORT[export.state]:
        raise MoveNotAllowed(f"{export.reference} is {export.state.value} and cannot become {to.value}")
    this = update(exports).where(exports.c.reference == export.reference)
    work.connection.execute(this.values(state=to.value, harm_check=harm_check.value, explained_by=explained_by))
    return replace(export, state=to, harm_check=harm_check)


def export_named(connection: Connection, reference: str) -> Export | None:
    """Return an export by its reference."""
    row = connection.execute(select(exports).where(exports.c.reference == reference)).first()
    return _kept(row) if row else None


def all_exports(connection: Connection) -> list[Export]:
    """Return every export, in the order in which they were asked for."""
    query = select(exports).order_by(exports.c.asked_at, func.length(exports.c.reference), exports.c.reference)
    return [_kept(row) for row in connection.execute(query)]


def _kept(row: Row[tuple[object, ...]]) -> Export:
    values = {name: getattr(row, name) for name in Export.__slots__}
    checked = HarmCheck(row.harm_check) if row.harm_check else None
    return Export(**values | {"state": ExportState(row.state), "harm_check": checked})
