"""The process that makes the rows of a long list: scanned lines in at stdin, bytes and evidence of each block out.

Frames are a length in four octets and that many bytes. The first in says what is to be made; each other is a block of
scanned lines, and has two frames for an answer: the list's bytes and the evidence. An empty frame ends the list, and
its answer says what all rows come to. What goes wrong is said by the exit code alone (law L8).

It holds secrets and names for as long as the list is made, and so forbids core dumps and that others look into it. It
loads the standard library alone, and what seals single lines where the list keeps them.
"""

import marshal
import struct
import sys
from typing import BinaryIO

from gateway.ledger.made_rows import RowTerms
from gateway.store.made_blocks import Maker, ToMake

FRAME = struct.Struct(">I")
MEMORY_OPEN, CUT_SHORT = 3, 4
_PR_SET_DUMPABLE = 4


def main(asked: BinaryIO, answers: BinaryIO) -> int:
    """Answer until the list ends; return 0 or one of the exit codes above."""
    try:
        _keep_memory_private()
    except OSError:
        return MEMORY_OPEN
    try:
        maker = _maker(_frame(asked))
        while block := _frame(asked):
            # What was put together by our parent, and by nobody else.
            content, evidence = maker.make(marshal.loads(block))  # noqa: S302
            _answer(answers, content, evidence if isinstance(evidence, bytes) else marshal.dumps(evidence))
        _answer(answers, marshal.dumps(tuple(maker.made())))
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


def _frame(asked: BinaryIO) -> bytes:
    head = asked.read(FRAME.size)
    data = asked.read(FRAME.unpack(head)[0]) if len(head) == FRAME.size else b""
    if len(head) != FRAME.size or len(data) != FRAME.unpack(head)[0]:
        raise EOFError
    return data


def _answer(answers: BinaryIO, *frames: bytes) -> None:
    for frame in frames:
        answers.write(FRAME.pack(len(frame)))
        answers.write(frame)
    answers.flush()


def _keep_memory_private() -> None:
    """Forbid core dumps and, on Linux, other processes of the account to look into this one."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on Windows

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - only there

        if ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
            raise OSError("this process cannot be closed to others")


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))
