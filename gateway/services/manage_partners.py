"""Look at partners, and stop and start deliveries to them.

- A check connects, compares pins, logs in, looks, and sends nothing; asked to, it lays a file that says nothing in the
  inbox as a list is laid, and takes it away again. It gives every problem with its way out, not the
  first one only.
- Anybody who may manage partners stops one at once; the gateway itself does when a server cannot be trusted. Starting
  again takes a reason from a closed list and the case's reference (law L8).
- Pins are shown as `ssh-keygen -l` prints them, to be compared by phone; that somebody put the files in force in front
  of the ledger is entered with their hash.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from gateway.agreements.force import partner_switch
from gateway.delivery.interface import EndpointReport, Match
from gateway.delivery.pins import parse_pin
from gateway.errors import GatewayError, PartnerInvalid
from gateway.ledger.events import Event
from gateway.ledger.kinds import CASE
from gateway.model.officers import Action
from gateway.model.partner import Partner
from gateway.sealing.certificate import UsableCertificate, usable, usable_signer
from gateway.services.workplace import Workplace
from gateway.store.agreements import set_switch, stopped_switches

#: How long before our certificate for a log-in ends a check warns.
LOG_IN_ENDS_SOON = timedelta(days=7)


#: What a probe lays in an inbox: the same each time, so that one that stayed is known again.
PROBE_NAME = "supporting-families-gateway-probe.txt"
PROBE = b"A test of the connection. It holds nothing and may be removed.\r\n"


class DisableReason(StrEnum):
    """Why deliveries to a partner are stopped. Stored."""

    INCIDENT = "incident"
    KEY_IN_DOUBT = "key_in_doubt"
    PARTNER_REQUEST = "partner_request"
    MAINTENANCE = "maintenance"


class EnableReason(StrEnum):
    """Why deliveries to a partner may go on. Stored."""

    RESOLVED = "resolved"
    KEY_COMPARED = "key_compared"
    IN_ERROR = "in_error"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps lists from reaching a partner, or soon will."""

    code: str
    sentence: str
    way_out: str


@dataclass(frozen=True, slots=True)
class PartnerReport:
    """How a partner stands. `endpoint` is None where the server was not reached, and says why among the problems."""

    name: str
    title: str
    stopped: bool
    pins: tuple[str, ...]
    certificate: UsableCertificate | None
    endpoint: EndpointReport | None
    problems: tuple[Problem, ...]


def check_partners(
    workplace: Workplace, names: Collection[str] | None = None, *, probe: bool = False
) -> list[PartnerReport]:
    """Check the partners named, or all; with `probe`, lay a file too.

    Raises PartnerInvalid for a name that there is no file for.
    """
    workplace.actor.require(Action.MANAGE_PARTNERS)
    with workplace.store.reading() as connection:
        stopped = stopped_switches(connection)
    partners = [partner_named(workplace, name) for name in sorted(names or workplace.partners)]
    reports = [_check(workplace, partner, stopped=partner_switch(partner.name) in stopped) for partner in partners]
    return [_probed(workplace, report) for report in reports] if probe else reports


def partner_named(workplace: Workplace, name: str) -> Partner:
    """Return a partner. Raises PartnerInvalid where there is no file of that name."""
    if name not in workplace.partners:
        known = ", ".join(sorted(workplace.partners)) or "none"
        raise PartnerInvalid(f"there is no file for a partner of that name; there are: {known}")
    return workplace.partners[name]


def fingerprints_of(partner: Partner) -> tuple[str, ...]:
    """Return the fingerprint of each pinned host key, in their order."""
    return tuple(parse_pin(line).fingerprint for line in partner.host_keys)


def enter_pins(workplace: Workplace, name: str) -> int:
    """Enter which pins are in force for a partner; return the entry's position."""
    workplace.actor.require(Action.MANAGE_PARTNERS)
    partner = partner_named(workplace, name)
    with workplace.store.writing(workplace.actor) as work:
        return work.enter(
            Event.PARTNER_PINNED,
            partner=name,
            document=partner.document_hash,
            host_keys=list(fingerprints_of(partner)),
        )


def disable_partner(workplace: Workplace, name: str, reason: DisableReason, case: str) -> bool:
    """Stop deliveries to a partner; False where they are stopped already."""
    return _turn(workplace, name, reason, case, stopped=True)


def enable_partner(workplace: Workplace, name: str, reason: EnableReason, case: str) -> bool:
    """Let deliveries to a partner go on; False where they are not stopped."""
    return _turn(workplace, name, reason, case, stopped=False)


def _turn(workplace: Workplace, name: str, reason: StrEnum, case: str, *, stopped: bool) -> bool:
    workplace.actor.require(Action.MANAGE_PARTNERS)
    partner_named(workplace, name)
    if not CASE(case):
        raise PartnerInvalid("a case reference must be like IG-2026-0142", advice="Give the case's own reference.")
    event = Event.PARTNER_DISABLED if stopped else Event.PARTNER_ENABLED
    with workplace.store.writing(workplace.actor) as work:
        if (partner_switch(name) in stopped_switches(work.connection)) == stopped:
            return False
        position = work.enter(event, partner=name, reason=reason.value, case=case)
        set_switch(work, partner_switch(name), stopped=stopped, reason=reason.value, explained_by=position)
    return True


def _check(workplace: Workplace, partner: Partner, *, stopped: bool) -> PartnerReport:
    today = workplace.clock.today()
    certificate, keys = _keys(partner, today)
    endpoint, reached = _endpoint(workplace, partner)
    return PartnerReport(
        name=partner.name,
        title=partner.title,
        stopped=stopped,
        pins=fingerprints_of(partner),
        certificate=certificate,
        endpoint=endpoint,
        problems=(*keys, *reached),
    )


def _keys(partner: Partner, today: date) -> tuple[UsableCertificate | None, tuple[Problem, ...]]:
    problems: list[Problem] = []
    certificate = None
    try:
        certificate = usable(partner.certificate, partner.fingerprint, today)
    except GatewayError as error:
        problems.append(_problem(error))
    try:
        usable_signer(partner.receipt_certificate, partner.receipt_fingerprint, today)
    except GatewayError as error:
        problems.append(_problem(error))
    return certificate, tuple(problems)


def _endpoint(workplace: Workplace, partner: Partner) -> tuple[EndpointReport | None, tuple[Problem, ...]]:
    try:
        report = workplace.transport_to(partner).check()
    except GatewayError as error:
        return None, (_problem(error),)
    return report, (*_missing(report), *_ending(report, workplace.clock.now()))


def _ending(report: EndpointReport, now: datetime) -> Iterator[Problem]:
    if report.log_in_until is not None and report.log_in_until - now < LOG_IN_ENDS_SOON:
        yield Problem(
            "log-in-ends",
            f"our certificate for the log-in ends on {report.log_in_until.date().isoformat()}",
            "Ask whoever signs it for a new one, and put it beside our SSH key; without it the next night is refused.",
        )


def _probed(workplace: Workplace, report: PartnerReport) -> PartnerReport:
    """Lay the probe and take it away, where the server was reached."""
    if report.endpoint is None or not report.endpoint.inbox_there:
        return report
    try:
        with workplace.transport_to(workplace.partners[report.name]).session() as session:
            session.place(PROBE_NAME, PROBE)
            left = session.withdraw(PROBE_NAME, PROBE)
    except GatewayError as error:
        return replace(report, problems=(*report.problems, _problem(error)))
    if left is Match.SAME:
        return report
    sentence = "a probe was laid in the inbox and could not be taken away again"
    problem = Problem(
        "probe-left", sentence, f"Ask the partner's IT to remove {PROBE_NAME}, and to let us remove ours."
    )
    return replace(report, problems=(*report.problems, problem))


def _missing(report: EndpointReport) -> Iterator[Problem]:
    ask = "Ask the partner's IT which folders they made for us, and correct the partner's file."
    if not report.inbox_there:
        yield Problem("inbox-missing", "the server does not show the inbox", ask)
    if not report.receipts_there:
        yield Problem("receipts-missing", "the server does not show the receipts folder", ask)
    if not report.facts.offers_fsync:
        sentence = "the server cannot say that a file is on its disk: deliveries are recorded without that"
        yield Problem("no-fsync", sentence, "Nothing has to be done.")
    if report.pin > 1:
        yield Problem(
            "key-rotated",
            f"the server shows the key that is pinned as number {report.pin}",
            "When the change is over, take the old pin out of the partner's file.",
        )


def _problem(error: GatewayError) -> Problem:
    return Problem(error.code, str(error), error.advice())
