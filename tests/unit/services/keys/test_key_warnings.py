"""Keys that end are told of in time, once at each step, and said in the status until somebody has acted."""

import subprocess
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.errors import AccessDenied, KeyUnavailable
from gateway.keyring import Keyring
from gateway.keyring.forms import new_openpgp_key
from gateway.model.keys import KeyFacts, KeyPurpose
from gateway.model.officers import Actor, Role
from gateway.model.time import FrozenClock
from gateway.services.alerts.key_alerts import KEY_ENDED, KEY_ENDS, key_alerts
from gateway.services.alerts.raise_alerts import STEP_LASTS
from gateway.services.keys.key_warnings import WARNED_AT, key_warnings, step_passed
from gateway.services.night.night_steps import tell
from tests.bare_workplace import a_bare_workplace
from tests.delivery_made import PartnerKey
from tests.unit.services.alerts.test_raise_alerts import Heard
from tests.unit.services.keys.test_manage_keys import a_partner

FINGERPRINT = "SHA256:" + "A" * 43


@pytest.fixture(scope="module")
def key() -> PartnerKey:
    return PartnerKey(new_openpgp_key("Invented recipient"))


@pytest.fixture
def clock() -> FrozenClock:
    """Keys are made by the libraries on the machine's own day."""
    return FrozenClock(SystemClock().now())


@pytest.fixture
def keys_folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def county(sqlite_store, clock, everyone, tmp_path, keys_folder, key):
    ring = Keyring.generate(keys_folder, origin="county.example/log", owner="Invented County Council", synthetic=True)
    return a_bare_workplace(sqlite_store, clock, everyone, tmp_path, keys=ring, partners={"jcp": a_partner(key)})


@pytest.mark.parametrize(
    ("days_left", "step"),
    [(61, None), (60, 60), (15, 60), (14, 14), (4, 14), (3, 3), (0, 3), (-1, 0), (-400, 0)],
)
def test_warnings_have_steps(days_left: int, step: int | None) -> None:
    assert step_passed(days_left) == step_passed(days_left, 730) == step
    assert list(WARNED_AT) == sorted(WARNED_AT, reverse=True)


@pytest.mark.parametrize(
    ("lasts", "days_left", "step"), [(1, 1, None), (1, -1, 0), (20, 14, None), (28, 14, 14), (7, 3, 3)]
)
def test_a_key_that_was_made_for_days_is_not_warned_of_as_soon_as_it_is_made(lasts, days_left, step):
    assert step_passed(days_left, lasts) == step


def last_day(county) -> date:
    found = county.keys.facts()[0].not_after_on
    assert found is not None
    return found


def at(county, clock, day: date):
    clock.instant = clock.instant.replace(year=day.year, month=day.month, day=day.day, hour=12)
    return key_warnings(county)


def test_nothing_is_said_of_fresh_keys(county):
    assert key_warnings(county) == []


def test_keys_are_warned_of_until_they_end_and_after(county, clock):
    ours = [w for w in at(county, clock, last_day(county) - timedelta(days=14)) if w.owner == "gateway"]
    assert [(w.purpose, w.days_left, w.step) for w in ours] == [(KeyPurpose.PACKAGES, 14, 14)]
    assert ours[0].next == "gateway keys rotate packages"
    assert "keys/README.md" in ours[0].advice
    ended = at(county, clock, last_day(county) + timedelta(days=40))
    assert [(w.days_left, w.step) for w in ended if w.owner == "gateway"] == [(-40, 0)]


def test_a_partners_key_that_cannot_be_used_is_said_so_with_the_way_out(county, clock, key):
    warnings = at(county, clock, last_day(county) + timedelta(days=40))
    theirs = [w for w in warnings if w.owner == "jcp"]
    assert [(w.purpose, w.days_left, w.step, w.fingerprint) for w in theirs] == [
        (KeyPurpose.RECIPIENT, None, 0, key.fingerprint),
        (KeyPurpose.RECEIPTS, None, 0, key.fingerprint),
    ]
    assert all("expired on" in w.advice and "Kleopatra" in w.advice for w in theirs)
    assert theirs[1].next == "gateway partners pin jcp --receipt-certificate FILE"


def certify(keys_folder: Path, tmp_path: Path, validity: str) -> None:
    """Have an authority sign our SSH key, as OpenSSH does."""
    authority = tmp_path / "authority"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(authority)], check=True)
    public = subprocess.run(
        ["ssh-keygen", "-y", "-f", str(keys_folder / "ssh_ed25519")], check=True, capture_output=True, text=True
    ).stdout
    (keys_folder / "ssh_ed25519.pub").write_text(public)
    command = ["ssh-keygen", "-q", "-s", str(authority), "-I", "council", "-n", "council", "-V", validity]
    subprocess.run([*command, str(keys_folder / "ssh_ed25519.pub")], check=True)


@pytest.mark.parametrize(
    ("validity", "steps"),
    [("always:forever", []), ("20250101:20990101", [3]), ("20981231:20990101", []), ("20250101:20981220", [0])],
)
def test_our_certificate_for_the_log_in_is_warned_of(county, clock, keys_folder, tmp_path, validity, steps):
    certify(keys_folder, tmp_path, validity)
    found = [w for w in at(county, clock, date(2098, 12, 31)) if w.purpose is KeyPurpose.SSH]
    assert [w.step for w in found] == steps
    assert all("beside our SSH key" in w.advice for w in found)


def test_a_certificate_that_cannot_be_read_is_an_error_with_a_name(county, keys_folder):
    (keys_folder / "ssh_ed25519-cert.pub").write_text("nonsense")
    with pytest.raises(KeyUnavailable, match="beside our SSH key"):
        key_warnings(county)


def test_it_takes_a_role(county):
    with pytest.raises(AccessDenied):
        key_warnings(replace(county, actor=Actor("reader", "Invented Reader", frozenset({Role.TFEA}))))


# Alerts.


class Ending:
    """A ring with one key that ends on a day, and a certificate that says what the test wants."""

    def __init__(self, last_on: date) -> None:
        self.last_on = last_on

    def facts(self):
        return [KeyFacts(KeyPurpose.SSH, "gateway", FINGERPRINT, "ed25519", None, self.last_on, "")]

    def log_in_period(self):
        return None


@pytest.fixture
def ending(county, clock):
    return replace(county, keys=Ending(clock.today() + timedelta(days=61)), partners={})


def told(county, clock, days: int) -> list[tuple[str, int, int]]:
    """What people hear in so many days, one tick an hour: code, step and days left."""
    heard = Heard()
    for _ in range(days * 24):
        clock.instant += timedelta(hours=1)
        tell(county, None, (), hook=heard, morning_at=None)
    return [(each["code"], each["step"], each["count"]) for each in heard]


def test_people_hear_once_at_each_step_and_at_the_end(ending, clock):
    assert told(ending, clock, 64) == [(KEY_ENDS, 60, 60), (KEY_ENDS, 14, 14), (KEY_ENDS, 3, 3), (KEY_ENDED, 0, 0)]


def test_a_key_that_was_left_to_end_is_told_of_again_after_a_while(ending, clock):
    clock.instant += timedelta(days=62)
    assert told(ending, clock, 1) == [(KEY_ENDED, 0, 0)]
    clock.instant += STEP_LASTS
    assert told(ending, clock, 1) == [(KEY_ENDED, 0, 0)]


def test_the_next_key_has_steps_of_its_own(ending, clock):
    clock.instant += timedelta(days=58)
    assert [step for _, step, _ in told(ending, clock, 1)] == [3]
    another = [replace(ending.keys.facts()[0], fingerprint="AB" * 32)]
    ending.keys.facts = lambda: another
    assert [step for _, step, _ in told(ending, clock, 1)] == [3]
    assert told(ending, clock, 1) == []


def test_an_alert_says_whose_key_and_the_next_command_and_nothing_else(ending, clock):
    clock.instant += timedelta(days=5)
    (alert,) = key_alerts(key_warnings(ending))
    assert alert.as_data(clock.instant) == {
        "code": KEY_ENDS,
        "state": "ssh",
        "count": 56,
        "owner": "gateway",
        "key": FINGERPRINT,
        "step": 60,
        "next": "gateway keys rotate ssh",
        "at": alert.as_data(clock.instant)["at"],
    }


def test_keys_that_cannot_be_read_keep_nobody_from_hearing_of_the_rest(county, keys_folder, clock):
    heard = Heard()
    (keys_folder / "index.key").chmod(0o644)
    tell(county, None, [("load", "extract-missing")], hook=heard, morning_at=None)
    assert {(each["code"], each["state"]) for each in heard} == {
        ("extract-missing", "load"),
        ("key-unavailable", "keys"),
    }
