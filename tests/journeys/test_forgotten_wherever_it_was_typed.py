"""Somebody's name and number are typed into every text input of every command; after forgetting no byte of it is left."""

import io
import sys
from contextlib import ExitStack
from dataclasses import replace

import pytest

from gateway.cli import main
from gateway.clock import SystemClock
from gateway.model.officers import Role
from gateway.model.time import FrozenClock
from tests.forgetting import bytes_kept, forgotten, leave_the_source, traces
from tests.planted_commands import planted
from tests.rehearsed_county import BOTH, found_county
from tests.unmistakable_people import BORN, FORENAME, NINO, POSTCODE, SURNAME, put_into

VALUES = (SURNAME, FORENAME, NINO, POSTCODE, BORN)


class ClockOfTheMachine(FrozenClock):
    """Goes with the clock of the commands, which is the machine's."""

    def now(self):
        return SystemClock().now()


@pytest.fixture(params=BOTH)
def county(request, tmp_path):
    """A county of today, with every role for whoever runs the tests, so that no command stops at that."""
    clock = SystemClock()
    county = found_county(tmp_path / "county", as_at=clock.today(), founded=clock.now())
    with ExitStack() as stack:
        if request.param == "postgresql":
            county = replace(county, clock=ClockOfTheMachine(clock.now()))
            url = stack.enter_context(request.getfixturevalue("postgres_copy")("template1"))
            county.move_to(url, request.getfixturevalue("two_roles"))
        put_into(county.facts)
        give_every_role(county)
        yield replace(county, clock=ClockOfTheMachine(clock.now()))


def give_every_role(county):
    text = county.settings_file.read_text(encoding="utf-8")
    before, _, rest = text.partition("roles = [")
    roles = [role.value for role in Role]
    named = ", ".join(f'"{role}"' for role in roles)
    county.settings_file.write_text(f"{before}roles = [{named}]{rest.partition(']')[2]}", encoding="utf-8")


def test_nothing_typed_into_any_command_outlives_the_person(county, tmp_path, monkeypatch, capfd):
    file, nowhere = tmp_path / "typed", tmp_path / "written"
    file.write_text(f"{NINO}\n{SURNAME}, {FORENAME}\n", encoding="utf-8")
    county.load(at=county.clock.now())
    tried = 0
    for value in (SURNAME, NINO):
        for words in planted(value, file, nowhere):
            monkeypatch.setattr(sys, "stdin", io.StringIO(f"{value}\n"))
            with pytest.raises(SystemExit):
                main(["--config", str(county.settings_file), *words])
            tried += 1
    capfd.readouterr()
    assert tried > 100
    person = county.facts.canary("ordinary").source_id
    leave_the_source(county, person)
    county.load(at=county.clock.now())
    forgotten(county, person)
    assert traces(bytes_kept(county), VALUES) == set()
    assert county.audit() == ()
