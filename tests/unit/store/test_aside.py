"""Rows that are put aside: they come back as they were, in their order, and nobody else can read them."""

import os
from datetime import date

import pytest

from gateway.errors import StoreError
from gateway.store.aside import Aside, Run

KEY = b"a key made for this test and not"
ROWS = [
    ("Ada", date(2026, 1, 5), 7, True, b"\x00\xff", (("a", "b"), ())),
    (None, None, -1, False, b"", ()),
    ("Zoë", date(1900, 2, 28), 1 << 40, None, b"x", (("c", 1, b"y"),)),
]


@pytest.mark.parametrize("at_once", [1, 2, 3, 4])
@pytest.mark.parametrize("finished", [True, False])
def test_rows_come_back_in_their_order_as_often_as_asked(tmp_path, at_once, finished):
    with Aside(tmp_path, KEY) as aside:
        run = Run(aside, [1], at_once)
        run.append(ROWS[0])
        run.extend(ROWS[1:])
        if finished:
            run.finish()
        assert (list(run), list(run), len(run)) == (ROWS, ROWS, 3)


def test_a_run_without_rows_is_empty(tmp_path):
    with Aside(tmp_path, KEY) as aside:
        run = Run(aside)
        run.finish()
        assert (list(run), len(run)) == ([], 0)


def test_L8_the_file_has_no_name_and_holds_nothing_that_could_be_read(tmp_path):
    with Aside(tmp_path, KEY) as aside:
        run = Run(aside, at_once=1)
        run.append(("Fenwick", "QQ123456A"))
        assert list(tmp_path.iterdir()) == []
        size = os.fstat(aside._file.fileno()).st_size
        aside._file.seek(0)
        content = aside._file.read(size)
        assert content
        assert b"Fenwick" not in content
        assert b"QQ123456A" not in content


def test_what_was_changed_on_the_disk_is_not_taken(tmp_path):
    with Aside(tmp_path, KEY) as aside:
        run = Run(aside, at_once=1)
        run.append(("Fenwick",))
        aside._file.seek(0)
        aside._file.write(b"?")
        with pytest.raises(StoreError, match="does not give back"):
            list(run)


def test_a_disk_that_takes_nothing_is_said_without_a_name(tmp_path):
    with pytest.raises(StoreError, match="cannot be put aside"), Aside(tmp_path / "gone", KEY):
        pass


def test_what_is_no_plain_row_is_not_put_aside(tmp_path):
    with Aside(tmp_path, KEY) as aside, pytest.raises(ValueError, match="unmarshallable"):
        Run(aside, at_once=1).append((object(),))
