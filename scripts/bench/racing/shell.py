"""The pipelines that are raced against: `psql | gpg | sftp` and an `insert into audit select`, as a council has them.

- `default` is gpg as it comes; `tuned` does not compress; `equal` is tuned and records a hash for each row and who was
  left out, and reads back what it uploaded.
- They use the county's own database, its partner's key and the same SSH server. Everything that they need is prepared
  before the clock runs: keys imported, agent started, scripts written.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.bench.racing.county import County
from scripts.bench.racing.shell_sql import ShellSql

DEFAULT, TUNED, EQUAL = "shell", "shell, tuned", "shell, equal work"
PIPELINES = (DEFAULT, TUNED, EQUAL)
FINAL_NAME = "shell.csv.gpg"


@dataclass(frozen=True)
class Shell:
    """The scripts in a folder of their own, over one database: a file, or a server's address with its `psql`."""

    folder: Path
    psql: Path | None
    database: str
    server: Any

    def prepare(self, county: County, sql: ShellSql) -> None:
        """Import the keys and write the scripts."""
        self._import_keys(county)
        (self.folder / "known_hosts").write_text(f"[127.0.0.1]:{self.server.partner.port} {self._host_key()}\n")
        asked = sql.listed()
        copied = f"\\copy ({asked}) to stdout with (format csv, header)\n"
        self._write("list.sql", copied if self.psql else f".mode csv\n.headers on\n{asked};\n")
        self._write("audit.sql", sql.audit() + "\n")
        self._write("hashed.sql", f"{sql.audit_with_hashes()}\n{sql.exclusions()}\n")
        inbox = self.server.partner.inbox
        put, end = f"put list.gpg {inbox}/shell.part\n", f"rename {inbox}/shell.part {inbox}/{FINAL_NAME}\n"
        self._write("put", put + end)
        self._write("put_and_get", f"{put}get {inbox}/shell.part back.gpg\n{end}")
        for name in PIPELINES:
            self._write(self.script(name).name, "\n".join(self._lines(county, name)) + "\n")

    def script(self, name: str) -> Path:
        """Return the script of a pipeline."""
        return self.folder / f"{PIPELINES.index(name)}.sh"

    def opened(self, package: Path) -> bytes:
        """Return what the partner reads in a delivered file; its signature must be good."""
        command = [*self._gpg("partner"), "--decrypt", str(package)]
        return subprocess.run(command, check=True, capture_output=True).stdout

    def close(self) -> None:
        """End the agents that were started here."""
        for home in ("council", "partner"):
            ended = ["gpgconf", "--homedir", str(self.folder / home), "--kill", "all"]
            subprocess.run(ended, check=True, capture_output=True)

    def _lines(self, county: County, name: str) -> list[str]:
        run = f"{self.psql} -X -q -v ON_ERROR_STOP=1 -d '{self.database}' -f" if self.psql else ""
        run = run or f"sqlite3 -batch -bail {self.database} <"
        gpg, partner = " ".join(self._gpg("council")), county.partner.certificate.fingerprint
        deflate = "" if name == DEFAULT else "-z 0"
        equal = name == EQUAL
        upload = (
            f"sftp -q -b {'put_and_get' if equal else 'put'} -P {self.server.partner.port} -i {self.server.our_key}"
            f" -o UserKnownHostsFile={self.folder}/known_hosts -o BatchMode=yes {self.server.partner.user}@127.0.0.1"
        )
        return [
            "set -eu -o pipefail",
            f"cd {self.folder}",
            "rm -f list.gpg back.gpg",
            f"{run} list.sql | {gpg} --sign --encrypt {deflate} -r {partner} -o list.gpg",
            f"{run} {'hashed.sql' if equal else 'audit.sql'}",
            f"{upload} > sftp.log",
            *(['test "$(sha256sum < list.gpg)" = "$(sha256sum < back.gpg)"'] if equal else []),
        ]

    def _import_keys(self, county: County) -> None:
        with county.workplace() as workplace:
            ours = workplace.keys.package_signing_key()
            certificate = workplace.keys.certificate().encode()
        theirs = county.partner
        for home, keys in {
            "council": (ours, str(theirs.certificate).encode()),
            "partner": (bytes(theirs.key), certificate),
        }.items():
            (self.folder / home).mkdir(mode=0o700)
            for key in keys:
                subprocess.run([*self._gpg(home), "--import"], input=key, check=True, capture_output=True)

    def _gpg(self, home: str) -> list[str]:
        return ["gpg", "--homedir", str(self.folder / home), "--batch", "--yes", "-q", "--trust-model", "always"]

    def _host_key(self) -> str:
        return str(self.server.partner.host_keys[0])

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")
