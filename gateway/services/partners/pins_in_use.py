"""Say which of a partner's pinned keys are still believed, and retire the old one when the new one has answered.

- A key that was pinned with `gateway partners pin` replaces the others of its kind: its entry names it, and until it
  has been seen the others are believed beside it. The first time the partner's server shows it, or a receipt is signed
  by it, the others are retired: an entry says so, and they are never offered to the server or tried again.
- Retiring only takes away, so it changes neither the partner's file nor what approvers signed. Adding a key changes
  both. A key that was retired counts again when it is pinned anew, compared by two people like any other.
- Keys that somebody wrote into the file by hand, and had approved, stay beside each other until somebody takes one out.

The ledger alone is what counts; nothing else remembers it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from gateway.delivery.interface import Ahead, EndpointReport, Session, Transport
from gateway.delivery.pins import parse_pin
from gateway.ledger.events import Event
from gateway.model.keys import KeyPurpose
from gateway.model.officers import Actor
from gateway.model.partner import Partner
from gateway.store.engine import Store
from gateway.store.entries import entries_about
from gateway.store.work import Work


@dataclass(slots=True)
class PinHistory:
    """What the ledger says of a partner's keys of one kind: those retired, and the one that is to replace them."""

    retired: frozenset[str] = frozenset()
    awaited: str | None = None


def history_of(connection: Connection, partner: str, purpose: KeyPurpose) -> PinHistory:
    """Return the history of a partner's keys of one kind."""
    found = PinHistory()
    for entry in entries_about(connection, Event.PARTNER_PINNED, Event.PARTNER_PIN_RETIRED):
        said = entry.body
        if (said["partner"], said.get("purpose")) != (partner, purpose.value):
            continue
        if entry.event is Event.PARTNER_PINNED:
            found.awaited = str(said["added"])
            found.retired -= {found.awaited}
        else:
            found.awaited = None
            found.retired |= {str(said["fingerprint"])}
    return found


def in_use(connection: Connection, partner: Partner) -> Partner:
    """Return the partner with the host keys and the receipt key of its file that are still believed."""
    if len(partner.host_keys) > 1:
        retired = history_of(connection, partner.name, KeyPurpose.HOST).retired
        kept = tuple(line for line in partner.host_keys if parse_pin(line).fingerprint not in retired)
        # A file in which every key was retired is refused by whoever connects, as one that names none is.
        partner = replace(partner, host_keys=kept)
    if partner.receipt_before:
        retired = history_of(connection, partner.name, KeyPurpose.RECEIPTS).retired
        if partner.receipt_before[1] in retired:
            partner = replace(partner, receipt_before=None)
    return partner


def retire_others(work: Work, partner: Partner, purpose: KeyPurpose, answered: str) -> int:
    """Retire what a key replaces, now that it has answered; return how many were. None where nobody waited for it."""
    if history_of(work.connection, partner.name, purpose).awaited != answered:
        return 0
    others = [each for each in _fingerprints(in_use(work.connection, partner), purpose) if each != answered]
    for fingerprint in others:
        work.enter(
            Event.PARTNER_PIN_RETIRED,
            partner=partner.name,
            purpose=purpose.value,
            fingerprint=fingerprint,
            answered=answered,
        )
    return len(others)


def _fingerprints(partner: Partner, purpose: KeyPurpose) -> list[str]:
    if purpose is KeyPurpose.HOST:
        return [parse_pin(line).fingerprint for line in partner.host_keys]
    return [partner.receipt_fingerprint, *([partner.receipt_before[1]] if partner.receipt_before else [])]


@dataclass(frozen=True, slots=True)
class WatchedTransport:
    """A way to a partner that tells which host key was shown, each time that one was."""

    inner: Transport
    shown: Callable[[str | None], None]

    @contextmanager
    def _watched(self) -> Iterator[Session]:
        with self.inner.session() as session:
            self.shown(session.facts.host_key)
            yield session

    def session(self) -> AbstractContextManager[Session]:
        """Open a session."""
        return self._watched()

    def check(self) -> EndpointReport:
        """Connect and look, sending nothing."""
        report = self.inner.check()
        self.shown(report.facts.host_key)
        return report

    def ahead(self) -> Ahead | None:
        """Begin to open a session; which key was shown is told once it is taken up."""
        return self.inner.ahead()

    def take_up(self, ahead: Ahead) -> None:
        """Let the next session be this one."""
        self.inner.take_up(ahead)


def watched(store: Store, actor: Actor, partner: Partner, way_to: Callable[[Partner], Transport]) -> Transport:
    """Return the way to a partner by the host keys that are believed; a new one's first answer retires the others."""
    if len(partner.host_keys) < 2:  # noqa: PLR2004 - with one key there is nothing to retire
        return way_to(partner)
    with store.reading() as connection:
        believed = in_use(connection, partner)

    def shown(host_key: str | None) -> None:
        if host_key is None or len(believed.host_keys) < 2:  # noqa: PLR2004
            return
        with store.reading() as connection:
            awaited = history_of(connection, partner.name, KeyPurpose.HOST).awaited
        if awaited == host_key:
            with store.writing(actor) as work:
                retire_others(work, partner, KeyPurpose.HOST, host_key)

    return WatchedTransport(way_to(believed), shown)
