"""`gateway doctor --send-test` by the real command line: each way of telling people is tried and has its own line."""

import json
import socket
import sqlite3
import sys
from contextlib import closing

import pytest

from tests.command_line import County, a_county
from tests.integration.conftest import free_port
from tests.mail_server import MailServer, running

_RAISED = "SELECT body FROM ledger WHERE event = 'alert:raised'"
TEAM = ("data-team@county.example", "on-call@county.example")


@pytest.fixture(scope="module")
def county(tmp_path_factory) -> County:
    return a_county(tmp_path_factory.mktemp("alerts"), loaded=False)


@pytest.fixture
def tried(county):
    """Try the ways that some settings name; the settings are as they were afterwards."""
    before = county.settings.read_text(encoding="utf-8")

    def tried(settings: str, *program: str):
        assert "command = []" in before
        called = before.replace("command = []", f"command = {json.dumps(program)}")
        county.settings.write_text(f"{called}\n{settings}", encoding="utf-8")
        ran = county.run("doctor", "--offline", "--send-test", "--json")
        lines = ran.document()["checks"]
        return ran, {line["what"]: line for line in lines if line["what"].startswith("test alert")}

    yield tried
    county.settings.write_text(before, encoding="utf-8")


def mail(port: int) -> str:
    people = ", ".join(f'"{each}"' for each in TEAM)
    return (
        f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "local"\n'
        f'sender = "gateway@county.example"\nrecipients = [{people}]\n'
    )


def raised(county: County) -> int:
    """How many test alerts stand in the ledger."""
    with closing(sqlite3.connect(county.folder / "state" / "gateway.db")) as database:
        bodies = [json.loads(body)["body"] for (body,) in database.execute(_RAISED)]
    return [body["code"] for body in bodies].count("test-alert")


def test_every_way_is_tried_and_arrives(tried, county, tmp_path):
    before, heard = raised(county), tmp_path / "heard"
    program = [sys.executable, "-c", f"import sys; open({str(heard)!r}, 'wb').write(sys.stdin.buffer.read())"]
    with running(MailServer()) as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as log:
        log.bind(("127.0.0.1", 0))
        log.settimeout(10)
        settings = f'{mail(server.port)}[syslog]\nhost = "127.0.0.1"\nport = {log.getsockname()[1]}\n'
        _, lines = tried(settings, *program)
        datagram = log.recv(4096)
    assert {what: line["verdict"] for what, line in lines.items()} == {
        "test alert by command": "ok",
        "test alert by mail": "ok",
        "test alert by syslog": "ok",
    }
    assert all("look whether it came" in line["found"] for line in lines.values())
    assert json.loads(heard.read_bytes())["code"] == "test-alert"
    assert b"test-alert" in datagram
    (message,) = server.messages
    assert b"Subject: Supporting Families gateway: test-alert\r\n" in message
    assert all(person.encode() in message for person in TEAM)
    assert raised(county) == before + 3


def test_a_way_that_fails_is_said_in_words_with_its_way_out(tried):
    nowhere = f'{mail(free_port())}[syslog]\nhost = "collector.invalid"\nport = 514\n'
    ran, lines = tried(nowhere, "/bin/false")
    assert ran.code == 1
    for way, found, way_out in (
        ("mail", "cannot be reached (mail-not-sent)", "[mail] host and port"),
        ("command", "another code than 0 (hook-failed)", "by hand"),
        ("syslog", "cannot be found (syslog-not-sent)", "[syslog] host and port"),
    ):
        line = lines[f"test alert by {way}"]
        assert line["verdict"] == "not ok"
        assert found in line["found"]
        assert way_out in line["way_out"]


def test_mail_that_some_people_do_not_get_is_a_failure(tried):
    with running(MailServer(refusals={TEAM[1]: "550 nobody here"})) as server:
        _, lines = tried(mail(server.port))
    assert "does not know some of the people" in lines["test alert by mail"]["found"]
    assert len(server.messages) == 1


def test_without_a_way_it_says_so(tried):
    ran, lines = tried("")
    assert lines["test alert"]["verdict"] == "not ok"
    assert "[alerts] command, [mail] or [syslog]" in lines["test alert"]["way_out"]
    assert ran.code == 1
