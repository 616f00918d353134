"""Edge: send an alert by mail.

- The connection is encrypted, and the server's certificate checked, before anything is said; only to a mail server on
  this very machine may it go in the clear. The settings hold that (gateway/settings.py).
- The subject is the alert's code, the text its values, one a line: never a person (law L8).
- The server's answer is the only proof there is; whoever it did not take counts as a failure.
"""

import json
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from gateway.model.time import from_text


@dataclass(frozen=True, slots=True)
class MailHook:
    """A mail server and who hears of alerts; `user` and `password` where the server wants them."""

    host: str
    port: int
    encrypted: bool
    sender: str
    recipients: Sequence[str]
    timeout_seconds: int
    authorities: Path | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def __call__(self, alert: bytes) -> str | None:
        """Send the alert; return None where the server took it for everybody, else the code of what failed."""
        message = message_of(json.loads(alert), self.sender, self.recipients)
        try:
            with smtplib.SMTP(self.host, self.port, timeout=self.timeout_seconds) as server:
                return self._hand_over(server, message)
        except smtplib.SMTPAuthenticationError:
            return "mail-log-in-refused"
        except ssl.SSLError:
            return "mail-server-not-trusted"
        except smtplib.SMTPException:
            return "mail-refused"
        except OSError:
            return "mail-not-sent"

    def _hand_over(self, server: smtplib.SMTP, message: EmailMessage) -> str | None:
        if self.encrypted:
            server.starttls(context=ssl.create_default_context(cafile=self.authorities))
        if self.user is not None:
            server.login(self.user, self.password or "")
        refused = server.send_message(message)
        return "mail-refused-for-some" if refused else None


def message_of(told: Mapping[str, str | int], sender: str, recipients: Sequence[str]) -> EmailMessage:
    """Return the mail that tells of an alert."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(recipients)
    message["Subject"] = f"Supporting Families gateway: {told['code']}"
    message["Date"] = format_datetime(from_text(str(told["at"])))
    # So that nobody's absence note answers it.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("".join(f"{name}: {value}\n" for name, value in sorted(told.items())))
    return message
