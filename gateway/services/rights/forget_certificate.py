"""Say what was deleted of a person who was forgotten, what remains, and until when backups hold them.

Everything is read from the ledger: the certificate says what was entered when the rows went, and names nobody. What
remains is evidence under a random reference whose secret is gone; the root of the log that covers it is given, so that
the certificate can be held against `gateway audit verify` years later.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from gateway.documents import canonical_json
from gateway.errors import NotForgettable
from gateway.ledger.entries import Entry
from gateway.ledger.events import Event
from gateway.model.forgetting import GONE, ForgetState
from gateway.model.officers import Action
from gateway.sealing.signatures import sign_detached
from gateway.services.workplace import Workplace
from gateway.store.entries import entries_about
from gateway.store.forgets import Forget, forget_named
from gateway.store.tables import checkpoints


@dataclass(frozen=True, slots=True)
class ForgetCertificate:
    """What is certified. Counts, days and references of ours alone; `marks` are what recognises the person, if held."""

    forget: str
    case: str
    reason: str
    controller: str
    asked_by: str
    asked_at: str
    confirmed_by: str
    erased_at: str
    finished_at: str | None
    #: Deleted: references and identifiers of the registry, rows of snapshots, notes on complaints, replaced extracts.
    people: int
    identifiers: int
    snapshots: int
    rows: int
    notes: int
    extracts: int
    extracts_left: int
    #: Retained: marks of a tombstone, and evidence that says nothing without the secret.
    marks: int
    evidence: int
    lists: int
    exclusions: int
    packages: int
    handovers: int
    told: int
    complaints: int
    backups_until: str
    exported: bool
    again: bool
    log_size: int
    log_root: str

    def as_json(self) -> bytes:
        """Return it as the one document that is signed."""
        return canonical_json({name: getattr(self, name) for name in self.__slots__})

    def as_text(self) -> str:
        """Return it for a person to read."""
        return "\n".join((*self._head(), "", *self._deleted(), "", *self._retained(), "", *self._until(), ""))

    def _head(self) -> tuple[str, ...]:
        done = self.finished_at or "not finished: `gateway subjects confirm-forget` again cleans the disk"
        return (
            f"CERTIFICATE OF ERASURE   {self.forget}   case {self.case}",
            self.controller,
            f"Ground: {self.reason} (UK GDPR Article 17)",
            f"Asked by {self.asked_by} at {self.asked_at}, confirmed by {self.confirmed_by} at {self.erased_at}",
            f"Database files rewritten: {done}",
            *(("Carried out again after a backup was restored.",) if self.again else ()),
        )

    def _deleted(self) -> tuple[str, ...]:
        left = f"; {self.extracts_left} could not be removed, remove them by hand" if self.extracts_left else ""
        return (
            "Deleted",
            f"  references with their secrets     {self.people}",
            f"  keyed identifiers                 {self.identifiers}",
            f"  rows in kept snapshots            {self.rows} in {self.snapshots}",
            f"  notes on complaints               {self.notes}",
            f"  extracts that newer ones replaced {self.extracts}{left}",
        )

    def _retained(self) -> tuple[str, ...]:
        held = (
            f"  a tombstone of {self.marks} keyed marks, by which they are recognised and never disclosed again",
            "  the county's source still holds them: each load brings their record here again, held back",
        )
        return (
            "Retained",
            *(held if self.marks else ("  nothing by which they could be recognised",)),
            f"  rows of evidence that name a random reference only: {self.evidence} on {self.lists} lists",
            f"  records of being left out: {self.exclusions}; attested lists: {self.handovers}",
            f"  records of answers to work-coach lists: {self.told}",
            f"  complaints, as a case and codes: {self.complaints}",
            f"  encrypted packages that only the recipient can open: {self.packages}",
            f"  log of {self.log_size} entries, root {self.log_root}",
        )

    def _until(self) -> tuple[str, ...]:
        where = "outside this machine" if self.exported else "in the state directory only"
        return (
            f"Backups, and a database server's own archives, hold them until {self.backups_until} at the latest.",
            f"The log of the forgotten is kept {where}: a restored backup deletes them again before it runs.",
        )


@dataclass(frozen=True, slots=True)
class SignedCertificate:
    """A certificate and our OpenPGP signature over exactly its JSON."""

    certificate: ForgetCertificate
    signature: bytes


def forget_certificate(workplace: Workplace, reference: str) -> SignedCertificate:
    """Return the certificate of somebody who was forgotten. Raises NotForgettable."""
    workplace.actor.require(Action.LIST_FORGETS)
    with workplace.store.reading() as connection:
        forget = forget_named(connection, reference)
        if forget is None or forget.state not in GONE:
            raise NotForgettable("nobody was forgotten under that reference")
        erased = _entry(list(entries_about(connection, Event.FORGET_ERASED)), forget)
        finished = [each for each in entries_about(connection, Event.FORGET_FINISHED) if _is_about(each, forget)]
        newest = select(checkpoints.c.size, checkpoints.c.root).order_by(checkpoints.c.size.desc()).limit(1)
        size, root = connection.execute(newest).one()
    said: dict[str, Any] = {name: erased.body[name] for name in ForgetCertificate.__slots__ if name in erased.body}
    certificate = ForgetCertificate(
        **said,
        controller=workplace.store.facts.controller,
        confirmed_by=erased.actor,
        erased_at=erased.at,
        finished_at=finished[-1].at if finished and forget.state is ForgetState.FORGOTTEN else None,
        log_size=size,
        log_root=root.hex(),
    )
    return SignedCertificate(certificate, sign_detached(certificate.as_json(), workplace.keys.package_signing_key()))


def _entry(erased: list[Entry], forget: Forget) -> Entry:
    """Return the entry of the deletion, the newest where it was done again."""
    return next(each for each in reversed(erased) if _is_about(each, forget))


def _is_about(entry: Entry, forget: Forget) -> bool:
    return entry.body["forget"] == forget.reference
