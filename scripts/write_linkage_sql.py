#!/usr/bin/env python3
"""Write down the statement by which Splink weighs pairs under the shipped model, so that the gateway runs it as it is.

    .venv/bin/python scripts/write_linkage_sql.py [--check]

To be run after scripts/train_linkage.py, after a change of a level, and where another version of Splink is locked.
--check writes nothing, and fails where the statement that is shipped is not what Splink would write.

Splink lists the columns of a level in the order of a set, which Python changes from one process to the next: so it is
asked in a process whose order is fixed.
"""

import argparse
import os
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gateway.reconciliation.model_file import SHIPPED, shipped_model
from scripts.linkage.splink_model import statement_of

ROOT = Path(__file__).resolve().parents[1]
STATEMENT = ROOT / "gateway/reconciliation/models" / f"{SHIPPED}.sql"
_ORDER = "0"
LOADER = ROOT / "gateway/reconciliation/model_file.py"


def main() -> None:
    """Ask Splink, and write or compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the file differs")
    check = parser.parse_args().check
    if os.environ.get("PYTHONHASHSEED") != _ORDER:
        anew = [sys.executable, *sys.argv]
        sys.exit(subprocess.run(anew, check=False, env={**os.environ, "PYTHONHASHSEED": _ORDER}).returncode)
    content = statement_of(shipped_model()).encode()
    digest = sha256(content).hexdigest()
    if check:
        sys.exit(0 if STATEMENT.read_bytes() == content else "the shipped statement is not what Splink writes")
    STATEMENT.write_bytes(content)
    loader = LOADER.read_text(encoding="utf-8")
    LOADER.write_text(re.sub(r'STATEMENT_SHA256 = "\w*"', f'STATEMENT_SHA256 = "{digest}"', loader), encoding="utf-8")
    print(digest)


if __name__ == "__main__":
    main()
