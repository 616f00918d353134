"""The statements of docs/how-to/partition-evidence.md, in their order, as whoever follows the page runs them."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "partition-evidence.md"
_BLOCK = re.compile(r"```sql\n(.*?)```", re.DOTALL)


def statements(runtime: str) -> tuple[str, str, str, str]:
    """Return what makes the functions, what divides the table, what begins a month, and what ends one.

    `runtime` is the role in the place of `gateway_runtime`.
    """
    functions, divide, begin, end = _BLOCK.findall(PAGE.read_text(encoding="utf-8").replace("gateway_runtime", runtime))
    return functions, divide, begin, end
