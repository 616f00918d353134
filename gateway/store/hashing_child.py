"""The process that hashes rows of evidence while its parent reads the next: rows in at stdin, subtrees out at stdout.

A request is a frame of three lengths and the position of the first row, then the prefix of the list's leaves, the
records and the numbers (ledger/packed.py). The answer is a count and as many roots, or -1 where a row does not give its
leaf. It ends with its input. It loads the standard library alone, so that it is there at once and small.
"""

import struct
import sys
from typing import BinaryIO

from gateway.ledger.packed import PackedRows, subtrees_of

#: Lengths of prefix, records and numbers; the position of the first row.
REQUEST = struct.Struct(">IIII")
ANSWER = struct.Struct(">i")
DOES_NOT_FIT = -1


def main(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the input ends."""
    while len(head := requests.read(REQUEST.size)) == REQUEST.size:
        *lengths, first = REQUEST.unpack(head)
        prefix, data, numbers = (requests.read(length) for length in lengths)
        found = subtrees_of(prefix, PackedRows(first, data, numbers))
        answers.write(ANSWER.pack(DOES_NOT_FIT if found is None else len(found)) + b"".join(found or ()))
        answers.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
