"""The process that makes the rows of a long list: scanned lines in at stdin, bytes and evidence of each block out.

The first frame in (frames.py) says what is to be made; each other is a block of
scanned lines, and has two frames for an answer: the list's bytes and the evidence. An empty frame ends the list, and
its answer says what all rows come to. What goes wrong is said by the exit code alone (law L8).

It holds secrets and names for as long as the list is made, and so forbids core dumps and that others look into it. It
loads the standard library alone, and what seals single lines where the list keeps them.
"""

import marshal
import sys
from typing import BinaryIO

from gateway.ledger.made_rows import RowTerms
from gateway.store.frames import keep_memory_private, read_frame, write_frames
from gateway.store.made_blocks import Maker, ToMake

MEMORY_OPEN, CUT_SHORT = 3, 4


def main(asked: BinaryIO, answers: BinaryIO) -> int:
    """Answer until the list ends; return 0 or one of the exit codes above."""
    try:
        keep_memory_private()
    except OSError:
        return MEMORY_OPEN
    try:
        maker = _maker(read_frame(asked))
        while block := read_frame(asked):
            # What was put together by our parent, and by nobody else.
            content, evidence = maker.make(marshal.loads(block))  # noqa: S302
            write_frames(answers, content, evidence if isinstance(evidence, bytes) else marshal.dumps(evidence))
        write_frames(answers, marshal.dumps(tuple(maker.made())))
    except (EOFError, BrokenPipeError):
        return CUT_SHORT
    return 0


def _maker(asked: bytes) -> Maker:
    terms, *others = marshal.loads(asked)  # noqa: S302 - of our parent
    to_make = ToMake(RowTerms(*terms), *others)
    if not to_make.keeps_values:
        return Maker(to_make, None)
    from gateway.ledger.evidence import seal_line  # noqa: PLC0415 - a library that few lists need

    return Maker(to_make, seal_line)


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))
