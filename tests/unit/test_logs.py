"""The operators' log: closed events, closed keys, plain values (law L8)."""

import io
import json
import logging

import pytest

from gateway import logs


@pytest.fixture
def written():
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    logs.set_up(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers, root.level = handlers, level


def test_an_event_of_the_list_is_written_with_its_values(written):
    logs.record("disclosure:sealed", agreement="jobcentre-plus", window="2026-11-22", part="ely", people=12)
    [line] = written()
    assert line["event"] == "disclosure:sealed"
    assert line["people"] == 12


def test_an_unknown_event_is_refused(written):
    logs.record("person:seen", name="Quentin Quill")
    [line] = written()
    assert line["event"] == "log:refused"
    assert "Quill" not in json.dumps(line)


def test_L8_a_value_with_a_space_or_under_an_unknown_key_is_replaced(written):
    logs.record("disclosure:sealed", agreement="Quentin Quill", surname="Quill")
    [line] = written()
    assert "Quill" not in json.dumps(line)
    assert line["agreement"] == "(not loggable)"


def test_L8_what_another_library_says_is_dropped(written):
    logging.getLogger("somelibrary.part").error("user Quentin Quill refused")
    [line] = written()
    assert line["library"] == "somelibrary"
    assert "Quill" not in json.dumps(line)
