"""The operators' log: closed events, closed keys, plain values (law L8)."""

import io
import json
import logging
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta

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


@pytest.fixture
def folder(tmp_path, clock):
    """A log of its own, with a clock that a test turns."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    with closing(logs.MonthlyLog(tmp_path, clock)) as stream:
        logs.set_up(stream)
        yield tmp_path
        logs.let_go()
    root.handlers, root.level = handlers, level


def _lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_each_month_has_its_own_file_also_while_a_process_goes_on(folder, clock):
    logs.record("service:started", version="1")
    clock.instant = datetime(2026, 12, 1, 0, 0, 1, tzinfo=UTC)
    logs.record("service:tick", due=1, done=1, failed=0)
    assert _names(folder) == ["gateway-2026-11.log", "gateway-2026-12.log"]
    assert [line["event"] for name in _names(folder) for line in _lines(folder / name)] == [
        "service:started",
        "service:tick",
    ]


def test_two_processes_write_to_one_file_and_neither_moves_it_from_the_other(folder, clock):
    with closing(logs.MonthlyLog(folder, clock)) as another:
        logs.record("service:started", version="1")
        another.write('{"event": "other"}\n')
        another.flush()
        clock.instant += timedelta(days=30)
        logs.record("service:stopped", version="1")
        another.write('{"event": "other"}\n')
    events = [line["event"] for name in _names(folder) for line in _lines(folder / name)]
    assert sorted(events) == ["other", "other", "service:started", "service:stopped"]
    assert len(_names(folder)) == 2


def test_a_line_is_kept_for_thirteen_months_and_its_file_removed_in_the_next(folder, clock):
    logs.record("service:started", version="1")
    for name in ("gateway-2026-10.log", "gateway-2026-13.log", "gateway.log", "notes.txt"):
        (folder / name).write_text("kept\n", encoding="utf-8")
    # The last line of October 2026 may be of its last second: thirteen months later it is still there.
    clock.instant = datetime(2027, 11, 30, 23, 59, 59, tzinfo=UTC)
    assert logs.remove_old(folder, clock.now(), 13) == (0, 0)
    clock.instant = datetime(2027, 12, 1, tzinfo=UTC)
    assert logs.remove_old(folder, clock.now(), 13) == (1, 0)
    assert _names(folder) == [
        "gateway-2026-11.log",
        "gateway-2026-13.log",
        "gateway-2027-12.log",
        "gateway.log",
        "notes.txt",
    ]
    assert '"log:old-removed"' in (folder / "gateway-2027-12.log").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_removed_is_counted_and_told(folder, clock):
    stuck = folder / "gateway-2024-01.log"
    stuck.mkdir()
    assert logs.remove_old(folder, clock.now(), 13) == (0, 1)
    [line] = _lines(folder / "gateway-2026-11.log")
    assert (line["removed"], line["left"]) == (0, 1)


def test_the_first_event_loads_no_library_for_terminals():
    program = (
        "import io, sys; from gateway import logs; out = io.StringIO(); finders = list(sys.meta_path); logs.set_up(out);"
        "logs.record('service:tick', due=1); assert out.getvalue(); assert 'structlog' in sys.modules;"
        "assert 'rich' not in sys.modules and sys.meta_path == finders; import rich"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
