"""Rows made here and in a process beside: the same bytes, evidence and totals, and nothing is left of the other."""

import itertools
import os

import pytest

from gateway.errors import StoreError
from gateway.ledger.digests import sized
from gateway.ledger.evidence import leaf_prefix, open_line
from gateway.ledger.made_rows import RowTerms
from gateway.store import rows_beside
from gateway.store.made_blocks import COPY_BEGINS, COPY_ENDS, ToMake
from gateway.store.rows_beside import WORTH_A_PROCESS, Beside, Here, rows_made

LIST, AGREEMENT = "LST-made-2026-11-22-all", "jobcentre-plus"
TERMS = RowTerms(LIST, sized(AGREEMENT), sized(LIST), leaf_prefix(LIST), 0b101, b"k" * 32)


def lines_of(count, rest=b",A,Ada"):
    return [
        b"%08d-0000-4000-8000-%012d,%064x,%d%s" % (number, number, number, number % 8191, rest)
        for number in range(count)
    ]


def blocks_of(lines, size):
    return [lines[at : at + size] for at in range(0, len(lines), size)]


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def both_ways(to_make, blocks):
    for people in (1, WORTH_A_PROCESS):
        with rows_made(to_make, people) as maker:
            yield type(maker), whole(maker.blocks(blocks)), maker.made()


def whole(blocks):
    """Blocks as one: the process beside is given smaller ones. Of each COPY, what it begins and ends with is left."""
    contents, parts = b"", []
    for content, evidence in blocks:
        contents += content
        if isinstance(evidence, bytes):
            assert evidence.startswith(COPY_BEGINS)
            assert evidence.endswith(COPY_ENDS)
            parts.append(evidence[len(COPY_BEGINS) : -len(COPY_ENDS)])
        else:
            parts += evidence
    return contents, parts if parts and isinstance(parts[0], tuple) else b"".join(parts)


@pytest.mark.parametrize("copies", [True, False])
@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("size", [1, 700, 4096])
def test_both_make_the_same(copies, keeps, size):
    blocks = blocks_of(lines_of(9 if size == 1 else 9000), size)
    (here, *made_here), (beside, *made_beside) = both_ways(ToMake(TERMS, 7, copies, keeps), blocks)
    assert (here, beside) == (Here, Beside)
    assert made_here == made_beside


def test_a_kept_line_that_was_made_beside_opens(monkeypatch):
    (_, _, _), (_, blocks, _) = both_ways(ToMake(TERMS, 7, copies=False, keeps_values=True), [lines_of(2)])
    content, rows = blocks
    opened = [open_line(number.to_bytes(32), LIST, row[1], row[7]) for number, row in enumerate(rows)]
    assert b"".join(line + b"\r\n" for line in opened) == content


def test_no_rows_come_to_what_nothing_comes_to():
    (_, *made_here), (_, *made_beside) = both_ways(ToMake(TERMS, 7, copies=True, keeps_values=False), [])
    assert made_here == made_beside
    assert made_here[0] == (b"", b"")


def test_blocks_that_are_larger_than_a_pipe_keep_nobody_waiting():
    """A line may be of any length: neither side may wait for the other to read first."""
    blocks = [lines_of(3, b"," + b"x" * (3 << 20)), lines_of(3), lines_of(2000, b"," + b"y" * 900), lines_of(1)]
    (_, *made_here), (_, *made_beside) = both_ways(ToMake(TERMS, 7, copies=True, keeps_values=False), blocks)
    assert made_here == made_beside


def test_a_process_that_ends_early_ends_the_making():
    with rows_made(ToMake(TERMS, 7, copies=True, keeps_values=False), WORTH_A_PROCESS) as maker:
        blocks = maker.blocks(itertools.repeat(lines_of(2000)))
        next(blocks)
        maker.child.kill()
        maker.child.wait()
        with pytest.raises(StoreError, match="ended early"):
            list(blocks)
        with pytest.raises(RuntimeError, match="not all rows"):
            maker.made()


def test_a_process_that_says_at_the_end_that_it_failed_is_not_believed(monkeypatch):
    with rows_made(ToMake(TERMS, 7, copies=True, keeps_values=False), WORTH_A_PROCESS) as maker:
        monkeypatch.setattr(maker.child, "wait", lambda: 1)
        with pytest.raises(StoreError, match="ended early"):
            list(maker.blocks([lines_of(5)]))
        monkeypatch.undo()


def test_a_line_that_is_none_of_ours_ends_the_making_and_is_not_quoted():
    with rows_made(ToMake(TERMS, 7, copies=True, keeps_values=False), WORTH_A_PROCESS) as maker:
        with pytest.raises(StoreError) as caught:
            list(maker.blocks([[b"INVENTED"]]))
        assert "INVENTED" not in str(caught.value)


def test_a_reference_that_is_none_of_ours_shifts_nobody():
    with (
        rows_made(ToMake(TERMS, 7, copies=True, keeps_values=False), 1) as maker,
        pytest.raises(ValueError, match="none"),
    ):
        list(maker.blocks([[b"%036d,%064x,0" % (1, 1)]]))


def test_a_process_does_not_outlive_whoever_stops_reading():
    with pytest.raises(KeyboardInterrupt), rows_made(ToMake(TERMS, 7, True, False), WORTH_A_PROCESS) as maker:
        next(maker.blocks([lines_of(2)] * 9))
        raise KeyboardInterrupt
    assert not is_running(maker.child.pid)


def test_where_no_process_can_be_started_the_rows_are_made_here(monkeypatch):
    monkeypatch.setattr(rows_beside.sys, "executable", "/nowhere/python")
    with rows_made(ToMake(TERMS, 7, copies=True, keeps_values=False), WORTH_A_PROCESS) as maker:
        assert isinstance(maker, Here)
