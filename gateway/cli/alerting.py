"""The channels of alerts that the settings name."""

from gateway.services.alerts.alert_channels import EveryChannel
from gateway.services.alerts.alert_hook import CommandHook
from gateway.services.alerts.alert_mail import MailHook
from gateway.services.alerts.alert_syslog import SyslogHook
from gateway.services.alerts.raise_alerts import Hook
from gateway.settings import Settings


def channels_of(settings: Settings) -> dict[str, Hook]:
    """Return every channel by its name; none where nobody is to be told."""
    alerts, mail, syslog = settings.alerts, settings.mail, settings.syslog
    channels: dict[str, Hook] = {}
    if alerts.command:
        channels["command"] = CommandHook(alerts.command, alerts.timeout_seconds)
    if mail.host and mail.sender:
        channels["mail"] = MailHook(
            host=mail.host,
            port=mail.port,
            encrypted=mail.security == "starttls",
            sender=mail.sender,
            recipients=mail.recipients,
            timeout_seconds=alerts.timeout_seconds,
            authorities=settings.path(mail.authorities_file) if mail.authorities_file else None,
            user=mail.user,
            password=settings.mail_password(),
        )
    if syslog.host:
        channels["syslog"] = SyslogHook(syslog.host, syslog.port, alerts.timeout_seconds)
    return channels


def hook_of(settings: Settings) -> Hook | None:
    """Return what tells all of them, or None where there is none."""
    channels = channels_of(settings)
    return EveryChannel(channels) if channels else None
