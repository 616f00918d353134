"""`gateway doctor`: check everything that a night needs."""

from collections.abc import Callable
from pathlib import Path

import click

from gateway.agreements.bank_holidays import Holidays, load_bank_holidays
from gateway.bootstrap import account_name, actor_of, folders_of, keyring_of
from gateway.cli.alerting import channels_of
from gateway.cli.opening import opened
from gateway.cli.showing import as_json, say, show_json
from gateway.errors import ExitCode, GatewayError, HolidaysInvalid, KeyUnavailable
from gateway.model.keys import OURS, KeyFacts
from gateway.services.alerts.raise_alerts import Hook, send_test_alert
from gateway.services.checking.check_up import check_up
from gateway.services.checking.checks import Check, Terms, Verdict, attempt, refused
from gateway.services.partners.partner_records import load_partners
from gateway.services.workplace import Workplace
from gateway.settings import Settings, read_settings


@click.command("doctor")
@click.option("--offline", is_flag=True, help="Do not try the partners' servers.")
@click.option("--send-test", is_flag=True, help="Send a test alert by every channel that the settings name.")
@as_json
@click.pass_obj
def command(config: Path | None, offline: bool, send_test: bool, as_json: bool) -> int:
    """Check everything that a night needs, and say the next command for whatever is not as it must be."""
    checks = _checks(config, offline=offline, send_test=send_test)
    wrong = sum(check.verdict is Verdict.NOT_OK for check in checks)
    if as_json:
        show_json({"ok": not wrong, "checks": checks})
    else:
        width = max(len(check.what) for check in checks)
        for check in checks:
            click.echo(_line(check, width))
        say(f"{wrong} of {len(checks)} would stop a night." if wrong else "Nothing would stop a night.")
    return ExitCode.FAILED if wrong else ExitCode.DONE


def _line(check: Check, width: int) -> str:
    way_out = f"  -> {check.way_out}" if check.way_out else ""
    return f"{check.verdict.value.ljust(9)}  {check.what.ljust(width)}  {check.found}{way_out}"


def _checks(config: Path | None, *, offline: bool, send_test: bool) -> list[Check]:
    try:
        settings = read_settings(config)
    except GatewayError as error:
        return [refused("settings", error)]
    county = Check("settings", Verdict.OK, f"{settings.gateway.controller}, {settings.gateway.environment}")
    checks = [county, *_before_opening(settings)]
    if any(check.verdict is Verdict.NOT_OK for check in checks):
        return [*checks, Check("the rest", Verdict.NOT_OK, "waits for what is above", "`gateway doctor` again")]
    terms = Terms(settings.load_at, settings.alerts.command, offline, tuple(channels_of(settings)))
    try:
        with opened(config) as workplace:
            database = Check("database", Verdict.OK, f"{workplace.environment}, at this version, signed by our key")
            checks = [*checks, database, *check_up(workplace, terms)]
            return [*checks, *_test_alerts(workplace, settings)] if send_test else checks
    except GatewayError as error:
        return [*checks, refused("database", error)]


def _test_alerts(workplace: Workplace, settings: Settings) -> list[Check]:
    """Try each channel by itself, so that each has its own line."""
    channels = channels_of(settings)
    if not channels:
        return [Check("test alert", Verdict.NOT_OK, "there is no channel", "Set [alerts] command, [mail] or [syslog]")]
    return [_test_alert(workplace, name, hook) for name, hook in channels.items()]


def _test_alert(workplace: Workplace, name: str, hook: Hook) -> Check:
    what = f"test alert by {name}"
    try:
        failure = send_test_alert(workplace, hook)
    except GatewayError as error:
        return refused(what, error)
    if failure:
        found, way_out = _FAILED.get(failure, (failure, _CORRECT))
        return Check(what, Verdict.NOT_OK, f"{found} ({failure})", way_out)
    return Check(what, Verdict.OK, "sent: look whether it came")


_CORRECT = "Correct the settings, then `gateway doctor --send-test`: docs/how-to/run-the-service.md"
#: What the codes of failed channels mean, and what to do.
_FAILED = {
    "mail-not-sent": ("the mail server cannot be reached", "Check [mail] host and port, and that we are let out to it"),
    "mail-server-not-trusted": (
        "the mail server's certificate is not one that this machine trusts",
        "Name the authority that signed it in [mail] authorities_file; nothing was said in the clear",
    ),
    "mail-log-in-refused": ("the mail server refuses our log-in", "Check [mail] user and the password file"),
    "mail-refused": ("the mail server takes no mail from us", "Ask who runs it to let [mail] sender send from here"),
    "hook-not-started": ("the program cannot be started", "Check [alerts] command: its place, and that it may be run"),
    "hook-timed-out": ("the program did not end in time", "Mend it, or give it longer: [alerts] timeout_seconds"),
    "hook-failed": ("the program ended with another code than 0", "Run it by hand with an alert on its standard input"),
    "syslog-not-sent": ("the log collector cannot be found", "Check [syslog] host and port"),
    "mail-refused-for-some": ("the mail server does not know some of the people", "Check [mail] recipients"),
}


def _before_opening(settings: Settings) -> list[Check]:
    """Check what a workplace cannot be opened without, so that each fault has its own line."""
    account = account_name()
    steps: tuple[tuple[str, Callable[[], object], Callable[..., str]], ...] = (
        ("account", lambda: actor_of(settings, account), lambda actor: f"{account}: {', '.join(sorted(actor.roles))}"),
        ("keys", lambda: _keys(settings), lambda keys: f"{len(keys)} keys, {_how_kept(settings)}"),
        (
            "partners' files",
            lambda: load_partners(folders_of(settings).partners),
            lambda found: f"{len(found)} partners",
        ),
        ("bank holidays' file", lambda: _holidays(settings), lambda found: f"verified on {found.verified_on}"),
    )
    return [attempt(what, step, tell) for what, step, tell in steps]


def _how_kept(settings: Settings) -> str:
    if settings.keys.passphrase_file is None:
        return "readable by us alone, under no passphrase"
    open_files = keyring_of(settings).unsealed()
    return (
        f"{len(open_files)} files not under the passphrase: `gateway keys seal`" if open_files else "under a passphrase"
    )


def _keys(settings: Settings) -> list[KeyFacts]:
    facts = keyring_of(settings).facts()
    missing = [purpose.value for purpose in OURS if purpose not in {key.purpose for key in facts}]
    if missing:
        raise KeyUnavailable(f"there is no key for {', '.join(missing)}")
    return facts


def _holidays(settings: Settings) -> Holidays:
    file = settings.path(settings.folders.holidays)
    try:
        return load_bank_holidays(file.read_bytes(), file.name)
    except OSError as error:
        raise HolidaysInvalid(f"{file.name}: cannot be read ({error.strerror})") from None
