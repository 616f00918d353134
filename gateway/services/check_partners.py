"""Look at a partner from end to end before a night does: connect, compare pins, log in, look, and say what is wrong.

- Nothing is sent. Asked to, a check also lays a file that says nothing in the inbox, as a list is laid, and takes it
  away again.
- Every problem is told, not the first one only, each with what it means, who can mend it and the next command. What
  a partner's IT needs to hear is in it word for word: user, folder, fingerprint, address.
- Who is told: operators. A server's own words are never repeated (law L8).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from gateway.agreements.force import partner_switch
from gateway.delivery.interface import EndpointReport, Match
from gateway.errors import (
    AuthenticationRefused,
    ConnectionFailed,
    DeliveryError,
    GatewayError,
    HostKeyMismatch,
    TransferInterrupted,
    TransferRefused,
)
from gateway.model.keys import KeyPurpose
from gateway.model.officers import Action
from gateway.model.partner import Partner
from gateway.sealing.certificate import UsableCertificate, usable, usable_signer
from gateway.services.manage_partners import fingerprints_of, partner_named
from gateway.services.pins_in_use import history_of, in_use
from gateway.services.workplace import Workplace
from gateway.store.agreements import stopped_switches

#: How long before our certificate for a log-in ends a check warns.
LOG_IN_ENDS_SOON = timedelta(days=7)
#: What a probe lays in an inbox: the same each time, so that one that stayed is known again.
PROBE_NAME = "supporting-families-gateway-probe.txt"
PROBE = b"A test of the connection. It holds nothing and may be removed.\r\n"

_CONNECT = (
    "Try `nc -vz {host} {port}` on this machine. Where that fails too, ask our network team whether we are let out to "
    "it, and their IT whether it is up and lets our address in. Lists that are due are tried again by themselves."
)
_LOG_IN = (
    "Their IT compares the key that they hold for the user {user} with ours, which `gateway keys show ssh` prints with "
    "its fingerprint. The user may also be locked, or our address not allowed. We try once a run, so as not to be "
    "locked out: do not ask more often than needed."
)
_REFUSED = (
    "Their IT looks at what the user {user} may do: we need SFTP, no shell, and one of the algorithms that "
    "docs/formats/delivery.md lists."
)
_AGAIN = "`gateway partners check {name}` again; where it stays, their IT looks at their own log of this moment."


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps lists from reaching a partner, or soon will; `bearable` where lists go all the same."""

    code: str
    sentence: str
    way_out: str
    bearable: bool = False


@dataclass(frozen=True, slots=True)
class PartnerReport:
    """How a partner stands. `endpoint` is None where the server was not reached, and says why among the problems.

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
        problems=(*_switched_off(partner, stopped=stopped), *keys, *reached),
    )


def _switched_off(partner: Partner, *, stopped: bool) -> Iterator[Problem]:
    if stopped:
        yield Problem(
            "stopped",
            "deliveries to them are stopped by a switch; everything below was looked at all the same",
            f"When the cause is mended: `gateway partners enable {partner.name} --reason ... --case ...`.",
            bearable=True,
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
        return None, (_unreached(workplace, partner, error),)
    seen = (*_folders(partner, report), *_lacking(report), *_turned(workplace, partner, report))
    return report, (*seen, *_ending(report, workplace.clock.now()))


def _unreached(workplace: Workplace, partner: Partner, error: GatewayError) -> Problem:
    """Say of a server that was not reached, or did not let us in, what an operator can do about it."""
    match error:
        case HostKeyMismatch():
            return _stranger(workplace, partner, error)
        case ConnectionFailed():
            way_out = _CONNECT
        case AuthenticationRefused():
            way_out = _LOG_IN
        case TransferRefused():
            way_out = _REFUSED
        case DeliveryError() if error.retryable:
            way_out = _AGAIN
        case _:
            return Problem(error.code, str(error), error.advice())
    named = {"name": partner.name, "host": partner.host, "port": partner.port, "user": partner.user}
    return Problem(error.code, str(error), way_out.format(**named))


def _stranger(workplace: Workplace, partner: Partner, error: GatewayError) -> Problem:
    """Another host key: the server may have a new one, or be another server. Only the telephone can tell."""
    with workplace.store.reading() as connection:
        retired = history_of(connection, partner.name, KeyPurpose.HOST).retired
    back = any(fingerprint in str(error) for fingerprint in retired)
    sentence = f"{error}; it was retired when the key after it had answered" if back else str(error)
    return Problem(
        error.code,
        f"{sentence}. Nothing was sent, and no log-in was tried",
        "Ring them on the number in the agreement, not on one that came with the change, and have them read out their "
        f"key's fingerprint. If it is this one: `gateway partners pin {partner.name} --host-key FILE`. If it is not, "
        "somebody stands between: `gateway partners disable`, and tell information governance.",
    )


def _folders(partner: Partner, report: EndpointReport) -> Iterator[Problem]:
    for code, there, named, folder in (
        ("inbox-missing", report.inbox_there, "inbox", partner.inbox),
        ("receipts-missing", report.receipts_there, "receipts folder", partner.receipts),
    ):
        if not there:
            who = partner.user or "us"
            yield Problem(
                code,
                f"we are logged in, and there is no {named} {folder}",
                f"Ask their IT what the folder is called as the user {who} sees it, and correct the partner's file "
                "(which needs approvals); or have them make it. The gateway makes none.",
            )


def _lacking(report: EndpointReport) -> Iterator[Problem]:
    if not report.facts.offers_fsync:
        yield Problem(
            "no-fsync",
            "the server cannot say that a file is on its disk: deliveries are recorded without that",
            "Nothing has to be done.",
            bearable=True,
        )


def _turned(workplace: Workplace, partner: Partner, report: EndpointReport) -> Iterator[Problem]:
    with workplace.store.reading() as connection:
        believed = in_use(connection, partner).host_keys
    if report.pin > 1 and len(believed) > 1:
        yield Problem(
            "key-rotated",
            f"the server shows the key that is pinned as number {report.pin}, and those before it are believed too",
            "When the change is over, take the old pin out of the partner's file and have it approved. One that is "
            "changed with `gateway partners pin` is retired by itself.",
            bearable=True,
        )


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
        return _not_removed(partner, f": {error}") if laid else _not_laid(partner, error)
    return None if left is Match.SAME else _not_removed(partner, "")


def _not_removed(partner: Partner, why: str) -> Problem:
    return Problem(
        "probe-left",
        f"a probe was laid in {partner.inbox} and could not be taken away again{why}",
        f"Ask their IT to remove {PROBE_NAME} there, and to let the user {partner.user} remove files: a list that is "
        "recalled, or that must not go any more, is taken away like that.",
    )


def _not_laid(partner: Partner, error: GatewayError) -> Problem:
    sentence = f"a probe could not be laid in {partner.inbox}: {error}"
    match error:
        case TransferRefused():
            needed = "create, write, read back, rename and remove a file"
            return Problem(error.code, sentence, f"Their IT lets the user {partner.user} {needed} in {partner.inbox}.")
        case TransferInterrupted():
            return Problem(
                error.code,
                sentence,
                "Their IT looks whether the disk or the user's quota is full; then check again with --probe.",
            )
        case _:
            return Problem(error.code, sentence, error.advice())
