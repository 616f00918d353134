"""Say what is in the way of a partner's lists, so that an operator knows what it means, who mends it, and how.

- What a partner's IT needs to hear stands in it word for word: user, folder, fingerprint, address.
- A server's own words are never repeated (law L8).

Pure: what was seen is check_partners.py's.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.delivery.interface import EndpointReport
from gateway.errors import (
    AuthenticationRefused,
    ConnectionFailed,
    DeliveryError,
    GatewayError,
    HostKeyMismatch,
    TransferInterrupted,
    TransferRefused,
)
from gateway.model.partner import Partner

#: How long before our certificate for a log-in ends a check warns.
LOG_IN_ENDS_SOON = timedelta(days=7)
#: What a probe is called in an inbox: the same each time, so that one that stayed is known again.
PROBE_NAME = "supporting-families-gateway-probe.txt"
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


def switched_off(partner: Partner) -> Problem:
    """Deliveries are stopped, on purpose or because their server could not be trusted."""
    return Problem(
        "stopped",
        "deliveries to them are stopped by a switch; everything below was looked at all the same",
        f"When the cause is mended: `gateway partners enable {partner.name} --reason ... --case ...`.",
        bearable=True,
    )


def unreached(partner: Partner, error: GatewayError, retired: Collection[str]) -> Problem:
    """The server was not reached, or did not let us in. `retired` are the fingerprints of its former host keys."""
    match error:
        case HostKeyMismatch():
            return _stranger(partner, error, retired)
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


def _stranger(partner: Partner, error: GatewayError, retired: Collection[str]) -> Problem:
    """Another host key: the server may have a new one, or be another server. Only the telephone can tell."""
    back = any(fingerprint in str(error) for fingerprint in retired)
    sentence = f"{error}; it was retired when the key after it had answered" if back else str(error)
    return Problem(
        error.code,
        f"{sentence}. Nothing was sent, and no log-in was tried",
        "Ring them on the number in the agreement, not on one that came with the change, and have them read out their "
        f"key's fingerprint. If it is this one: `gateway partners pin {partner.name} --host-key FILE`. If it is not, "
        "somebody stands between: `gateway partners disable`, and tell information governance.",
    )


def seen(partner: Partner, report: EndpointReport, believed: int, now: datetime) -> Iterator[Problem]:
    """Yield what a connection showed to be wrong; `believed` is how many host keys still are."""
    yield from _folders(partner, report)
    if not report.facts.offers_fsync:
        yield _NO_FSYNC
    if report.pin > 1 and believed > 1:
        yield _turned(report)
    if report.log_in_until is not None and report.log_in_until - now < LOG_IN_ENDS_SOON:
        yield _ending(report.log_in_until)


_NO_FSYNC = Problem(
    "no-fsync",
    "the server cannot say that a file is on its disk: deliveries are recorded without that",
    "Nothing has to be done.",
    bearable=True,
)


def _folders(partner: Partner, report: EndpointReport) -> Iterator[Problem]:
    for code, there, named, folder in (
        ("inbox-missing", report.inbox_there, "inbox", partner.inbox),
        ("receipts-missing", report.receipts_there, "receipts folder", partner.receipts),
        ("claimants-missing", report.claimants_there, "folder for claimants' lists", partner.claimants),
    ):
        if there is False:
            who = partner.user or "us"
            yield Problem(
                code,
                f"we are logged in, and there is no {named} {folder}",
                f"Ask their IT what the folder is called as the user {who} sees it, and correct the partner's file "
                "(which needs approvals); or have them make it. The gateway makes none.",
            )


def _turned(report: EndpointReport) -> Problem:
    return Problem(
        "key-rotated",
        f"the server shows the key that is pinned as number {report.pin}, and those before it are believed too",
        "When the change is over, take the old pin out of the partner's file and have it approved. One that is "
        "changed with `gateway partners pin` is retired by itself.",
        bearable=True,
    )


def _ending(log_in_until: datetime) -> Problem:
    return Problem(
        "log-in-ends",
        f"our certificate for the log-in ends on {log_in_until.date().isoformat()}",
        "Ask whoever signs it for a new one, and put it beside our SSH key; without it the next night is refused.",
    )


def not_removed(partner: Partner, why: str) -> Problem:
    """What a check laid stays in the inbox."""
    return Problem(
        "probe-left",
        f"a probe was laid in {partner.inbox} and could not be taken away again{why}",
        f"Ask their IT to remove {PROBE_NAME} there, and to let the user {partner.user} remove files: a list that is "
        "recalled, or that must not go any more, is taken away like that.",
    )


def not_laid(partner: Partner, error: GatewayError) -> Problem:
    """What a check wanted to lay was refused, as a list would be."""
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
