"""Alerts by mail and to a system log: they arrive, or somebody hears which of the two failed and why."""

import json
import socket

import pytest
from click.testing import CliRunner

from gateway.cli.alerting import channels_of, hook_of
from gateway.cli.doctor import command as doctor
from gateway.clock import SystemClock
from gateway.errors import SettingsInvalid
from gateway.services.alerts.alert_channels import EveryChannel
from gateway.services.alerts.alert_mail import MailHook
from gateway.services.alerts.alert_syslog import SyslogHook, line_of
from gateway.services.alerts.raise_alerts import TEST, send_test_alert
from gateway.settings import read_settings
from tests.bare_workplace import a_bare_workplace
from tests.integration.conftest import free_port
from tests.mail_server import MailServer, running, write_certificate

TOLD = {"code": "list-late", "agreement": "jobcentre-plus", "count": 2, "next": "gateway disclose status"}
ALERT = json.dumps(TOLD | {"at": "2026-11-22T23:10:00Z"}).encode() + b"\n"
TEAM = ("data-team@county.example", "on-call@county.example")
SETTINGS = """
[gateway]
controller = "Invented County Council"
environment = "synthetic"
origin = "invented.example/gateway"
database = "sqlite:///gateway.db"

[actors.nightly]
name = "The nightly service"
roles = ["service"]
"""


def mail_to(server, **changes):
    usual = {"host": "127.0.0.1", "port": server.port, "encrypted": False, "sender": "gateway@county.example"}
    return MailHook(**(usual | {"recipients": TEAM, "timeout_seconds": 5} | changes))


def test_an_alert_comes_by_mail_with_its_values_a_line_each():
    with running(MailServer()) as server:
        assert mail_to(server)(ALERT) is None
    (message,) = server.messages
    assert b"Subject: Supporting Families gateway: list-late\r\n" in message
    assert b"Date: Sun, 22 Nov 2026 23:10:00 +0000\r\n" in message
    assert b"\r\ncount: 2\r\nnext: gateway disclose status\r\n" in message


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return write_certificate(tmp_path_factory.mktemp("mail") / "server.pem", SystemClock().now())


def test_an_alert_is_encrypted_and_logs_in_where_the_settings_say_so(certificate):
    with running(MailServer(certificate)) as server:
        hook = mail_to(server, encrypted=True, authorities=certificate, user="gateway", password="secret")
        assert hook(ALERT) is None
    assert server.encrypted == [True]
    assert "secret" not in repr(hook)


def test_what_goes_wrong_has_a_code_and_nothing_is_said_in_the_clear(certificate):
    with running(MailServer(certificate)) as server:
        assert mail_to(server, encrypted=True)(ALERT) == "mail-server-not-trusted"
        server.log_in = "535 no"
        refused = mail_to(server, encrypted=True, authorities=certificate, user="gateway", password="x")
        assert refused(ALERT) == "mail-log-in-refused"
        server.refusals = {"on-call": "550 no such person"}
        assert mail_to(server)(ALERT) == "mail-refused-for-some"
        server.refusals = {"gateway@": "550 no"}
        assert mail_to(server)(ALERT) == "mail-refused"
    with running(MailServer()) as plain:
        assert mail_to(plain, encrypted=True)(ALERT) == "mail-refused"
        assert plain.messages == []
    assert mail_to(MailServer(port=free_port()))(ALERT) == "mail-not-sent"


@pytest.fixture
def log():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(5)
        yield listening


def test_an_alert_comes_to_the_system_log(log):
    hook = SyslogHook("127.0.0.1", log.getsockname()[1], 5)
    assert hook(ALERT) is None
    head, _, text = log.recv(4096).partition(b" {")
    assert head == b"<28>1 2026-11-22T23:10:00Z - sf-gateway - list-late -"
    assert json.loads(b"{" + text)["count"] == 2
    assert line_of(json.loads(ALERT) | {"code": "morning-message"}).startswith(b"<29>1 ")


def test_a_log_that_cannot_be_found_has_a_code():
    assert SyslogHook("nowhere.invalid", 514, 1)(ALERT) == "syslog-not-sent"


def test_the_failure_of_one_channel_keeps_no_other_from_being_told():
    heard = []
    channels = EveryChannel({"first": lambda _: "hook-failed", "second": heard.append, "third": lambda _: "later"})
    assert channels(ALERT) == "hook-failed"
    assert heard == [ALERT]


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.delenv("GATEWAY_STATE", raising=False)
    (tmp_path / "config").mkdir()

    def write(*sections):
        file = tmp_path / "config" / "gateway.toml"
        file.write_text("\n".join((SETTINGS, *sections)), encoding="utf-8")
        return read_settings(file)

    return write


MAIL = '[mail]\nhost = "127.0.0.1"\nsender = "gateway@county.example"\nrecipients = ["team@county.example"]\n'


def test_the_settings_choose_the_channels(settings, tmp_path):
    assert hook_of(settings()) is None
    (tmp_path / "password").write_text("secret\n")
    (tmp_path / "password").chmod(0o600)
    logged_in = MAIL + 'user = "gateway"\npassword_file = "password"\n'
    chosen = channels_of(settings('[alerts]\ncommand = ["/bin/true"]\n', logged_in, '[syslog]\nhost = "127.0.0.1"\n'))
    assert list(chosen) == ["command", "mail", "syslog"]
    assert (chosen["mail"].encrypted, chosen["mail"].password, chosen["syslog"].port) == (True, "secret", 514)


@pytest.mark.parametrize(
    "section",
    [
        '[mail]\nhost = "mail.county.example"\n',
        MAIL.replace("127.0.0.1", "mail.county.example") + 'security = "local"\n',
        MAIL + 'security = "none"\n',
        MAIL + 'user = "gateway"\n',
        MAIL.replace("team@", "team\\r\\nBcc: x@"),
        '[syslog]\nhost = "a b"\n',
    ],
)
def test_settings_that_would_send_in_the_clear_or_to_nobody_are_refused(settings, section):
    with pytest.raises(SettingsInvalid):
        settings(section)


def test_a_test_alert_stands_in_the_ledger_and_is_sent(store, clock, everyone, tmp_path):
    workplace = a_bare_workplace(store, clock, everyone, tmp_path)
    heard = []
    assert send_test_alert(workplace, heard.append) is None
    assert json.loads(heard[0])["code"] == TEST
    assert send_test_alert(workplace, lambda _: "mail-refused") == "mail-refused"


def test_the_doctor_has_a_switch_for_it():
    assert "--send-test" in CliRunner().invoke(doctor, ["--help"]).output
