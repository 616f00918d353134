"""Look at a partner from end to end before a night does: connect, compare pins, log in, look, and say what is wrong.

- Nothing is sent. Asked to, a check also lays a file that says nothing in the inbox, as a list is laid, and takes it
  away again.
- Every problem is told, not the first one only, each with its way out (partner_problems.py).
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from gateway.agreements.force import partner_switch
from gateway.delivery.interface import EndpointReport, Match
from gateway.errors import GatewayError
from gateway.model.keys import KeyPurpose
from gateway.model.officers import Action
from gateway.model.partner import Partner
from gateway.sealing.certificate import UsableCertificate, usable, usable_signer
from gateway.services.partners.manage_partners import fingerprints_of, partner_named
from gateway.services.partners.partner_problems import (
    PROBE_NAME,
    Problem,
    not_laid,
    not_removed,
    seen,
    switched_off,
    unreached,
)
from gateway.services.partners.pins_in_use import history_of, in_use
from gateway.services.workplace import Workplace
from gateway.store.agreements import stopped_switches

PROBE = b"A test of the connection. It holds nothing and may be removed.\r\n"


@dataclass(frozen=True, slots=True)
class PartnerReport:
    """How a partner stands. `endpoint` is None where the server was not reached, and says why among the problems.

    `witness_key` is the pinned key with which they co-sign our checkpoints; None where they do not.
    `probed` says whether a file was laid and taken away again; None where that was not asked for.
    """

    name: str
    title: str
    stopped: bool
    place: str
    pins: tuple[str, ...]
    certificate: UsableCertificate | None
    endpoint: EndpointReport | None
    problems: tuple[Problem, ...]
    witness_key: str | None = None
    probed: bool | None = None

    @property
    def in_the_way(self) -> tuple[Problem, ...]:
        """The problems that keep lists from them."""
        return tuple(problem for problem in self.problems if not problem.bearable)


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


def _check(workplace: Workplace, partner: Partner, *, stopped: bool) -> PartnerReport:
    certificate, keys = _keys(partner, workplace.clock.today())
    endpoint, reached = _endpoint(workplace, partner)
    return PartnerReport(
        name=partner.name,
        title=partner.title,
        stopped=stopped,
        place=partner.outbox or f"{partner.user}@{partner.host}:{partner.port}",
        pins=fingerprints_of(partner),
        certificate=certificate,
        endpoint=endpoint,
        problems=(*([switched_off(partner)] if stopped else []), *keys, *reached),
        witness_key=partner.witness_key,
    )


def _keys(partner: Partner, today: date) -> tuple[UsableCertificate | None, tuple[Problem, ...]]:
    certificate, problems = None, []
    try:
        certificate = usable(partner.certificate, partner.fingerprint, today)
    except GatewayError as error:
        problems.append(Problem(error.code, f"their certificate for lists: {error}", error.advice()))
    try:
        usable_signer(partner.receipt_certificate, partner.receipt_fingerprint, today)
    except GatewayError as error:
        problems.append(Problem(error.code, f"their certificate for receipts: {error}", error.advice()))
    return certificate, tuple(problems)


def _endpoint(workplace: Workplace, partner: Partner) -> tuple[EndpointReport | None, tuple[Problem, ...]]:
    try:
        report = workplace.transport_to(partner).check()
    except GatewayError as error:
        with workplace.store.reading() as connection:
            retired = history_of(connection, partner.name, KeyPurpose.HOST).retired
        return None, (unreached(partner, error, retired),)
    with workplace.store.reading() as connection:
        believed = len(in_use(connection, partner).host_keys)
    return report, tuple(seen(partner, report, believed, workplace.clock.now()))


def _probed(workplace: Workplace, report: PartnerReport) -> PartnerReport:
    """Lay the probe and take it away, where the server was reached."""
    if report.endpoint is None or not report.endpoint.inbox_there:
        return report
    partner = workplace.partners[report.name]
    problem = _probe(workplace, partner)
    return replace(report, probed=problem is None, problems=(*report.problems, *([problem] if problem else [])))


def _probe(workplace: Workplace, partner: Partner) -> Problem | None:
    laid = False
    try:
        with workplace.transport_to(partner).session() as session:
            session.place(PROBE_NAME, PROBE)
            laid = True
            left = session.withdraw(PROBE_NAME, PROBE)
    except GatewayError as error:
        return not_removed(partner, f": {error}") if laid else not_laid(partner, error)
    return None if left is Match.SAME else not_removed(partner, "")
