"""The short-lived process that opens a workbook: request and file in at stdin, table or refusal out at stdout.

It is a process of its own because a reader of workbooks that is fed a hostile one ends its process or takes all
memory, and cannot be stopped from within. Memory and computing time are bounded here, core dumps are off, and what
the password and the list leave in memory dies with the process.

The input is a frame (a length in four octets, and a request in JSON) and then the file; the output is lines of JSON
(crossing.py). Whatever ends the process otherwise is told by its end, and by nothing that it says (law L8).

Edge: bounds the process that it runs in.
"""

import json
import os
import struct
import sys
from collections.abc import Iterator

from gateway.errors import GatewayError
from gateway.sources.work_coach_list.crossing import lines_of_refusal, lines_of_table
from gateway.sources.work_coach_list.profiles import read_profile
from gateway.sources.work_coach_list.workbook import table_of_workbook_here

MOST_MEMORY_BYTES = 768 << 20
MOST_SECONDS = 40
FRAME = struct.Struct(">I")


def main() -> int:
    """Answer one request."""
    _bound()
    with os.fdopen(0, "rb", closefd=False) as source, os.fdopen(1, "wb", closefd=False) as output:
        (length,) = FRAME.unpack(source.read(FRAME.size))
        request = json.loads(source.read(length))
        output.writelines(_answer(request, source.read()))
    return 0


def _answer(request: dict[str, str | None], data: bytes) -> Iterator[bytes]:
    said = request["profile"]
    try:
        table = table_of_workbook_here(data, read_profile(said) if said else None, request["password"])
    except GatewayError as error:
        return lines_of_refusal(error)
    return lines_of_table(table)


def _bound() -> None:
    """Bound this process; where that is unknown, as on Windows, the parent's clock is the only bound."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - only there

        msvcrt.setmode(0, os.O_BINARY)
        msvcrt.setmode(1, os.O_BINARY)
        return
    import resource  # noqa: PLC0415 - not on Windows

    for bounded, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, MOST_MEMORY_BYTES),
        (resource.RLIMIT_CPU, MOST_SECONDS),
    ):
        allowed = resource.getrlimit(bounded)[1]
        # Whoever runs the gateway may have bounded it more closely.
        bound = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(bounded, (bound, bound))
