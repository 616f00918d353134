"""Edge: what each office's columns mean: proposed from a file, confirmed by a person, held to what they confirmed.

The profile is a short text in the state directory, and holds nothing about a person. Who confirmed it and its hash
stand in the ledger: a text that was changed by hand is not used, because a column taken for another makes wrong
matches.
"""

from pathlib import Path

from sqlalchemy import Connection, select

from gateway.documents import sha256_hex
from gateway.errors import ColumnsUnconfirmed, ReconciliationRefused
from gateway.ledger.entries import read_entry
from gateway.ledger.events import Event
from gateway.model.agreement import Mode
from gateway.model.officers import Action
from gateway.model.work_coach_list import ColumnProfile
from gateway.services.agreements.agreement_shelf import Shelf
from gateway.services.workplace import Workplace
from gateway.sources.work_coach_list.profiles import read_profile, written_profile
from gateway.store.tables import ledger

_FOLDER, _SUFFIX = "work_coaches", ".toml"


def confirm_columns(workplace: Workplace, profile: ColumnProfile) -> str:
    """Keep what an office's columns mean from now on, and return the hash of its text."""
    workplace.actor.require(Action.CONFIRM_COLUMNS)
    workplace.actor.require_office(Action.CONFIRM_COLUMNS, profile.office)
    _require_known(workplace, profile.office)
    text = written_profile(profile)
    digest = sha256_hex(text.encode())
    with workplace.store.writing(workplace.actor) as work:
        before = _confirmed(work.connection, profile.office)
        work.enter(
            Event.COLUMNS_CONFIRMED,
            office=profile.office,
            fingerprint=profile.fingerprint,
            profile=digest,
            before=before,
        )
        _write(_place(workplace, profile.office), text)
    return digest


def profile_in_force(workplace: Workplace, connection: Connection, office: str) -> ColumnProfile:
    """Return what somebody confirmed that the office's columns mean. Raises ColumnsUnconfirmed."""
    confirmed, path = _confirmed(connection, office), _place(workplace, office)
    if confirmed is None or not path.is_file():
        raise ColumnsUnconfirmed(f"nobody has confirmed yet what the columns of {office} mean")
    text = path.read_text(encoding="utf-8")
    if sha256_hex(text.encode()) != confirmed:
        raise ColumnsUnconfirmed(f"what the columns of {office} mean is not what somebody confirmed")
    return read_profile(text)


def require_known_office(workplace: Workplace, office: str) -> None:
    """Raise ReconciliationRefused for an office that is not in the register of Jobcentres."""
    if office not in Shelf.of(workplace).jobcentres().office_ids:
        raise ReconciliationRefused(
            "there is no Jobcentre of that name", advice="config/jobcentres.yaml has the offices by their ids."
        )


def _require_known(workplace: Workplace, sender: str) -> None:
    """Raise ReconciliationRefused unless lists come from there: an office, or the recipient under an agreement.

    Under `match_first` it is the agreement whose columns are kept.
    """
    shelf = Shelf.of(workplace)
    if sender not in shelf.agreement_ids() or shelf.agreement(sender)[0].mode is not Mode.MATCH_FIRST:
        require_known_office(workplace, sender)


def _confirmed(connection: Connection, office: str) -> str | None:
    query = select(ledger.c.body).where(ledger.c.event == Event.COLUMNS_CONFIRMED.value)
    for content in connection.execute(query.order_by(ledger.c.position.desc())).scalars():
        body = read_entry(content).body
        if body["office"] == office:
            return str(body["profile"])
    return None


def _place(workplace: Workplace, office: str) -> Path:
    return workplace.folders.state / _FOLDER / f"{office}{_SUFFIX}"


def _write(path: Path, text: str) -> None:
    """Put the whole text in place at once: a half-written one would be read as another."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_suffix(".new")
    half.write_text(text, encoding="utf-8")
    half.replace(path)
