"""A desk with a real GnuPG: makes keys as a partner would, opens, verifies and signs."""

import itertools
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

_numbers = itertools.count()


def _unless_gone(_remove: object, _path: str, failure: tuple) -> None:
    """Go on where a file is gone already: an agent that ends takes its sockets away by itself."""
    if not isinstance(failure[1], FileNotFoundError):
        raise failure[1]


@dataclass(frozen=True)
class Said:
    """What gpg wrote, its status lines, and its exit code."""

    output: bytes
    status: str
    code: int

    def says(self, word: str) -> bool:
        return any(line.split()[1:2] == [word] for line in self.status.splitlines())


class Desk:
    """A GnuPG home of its own; `close` ends the agent and removes it."""

    def __init__(self) -> None:
        # Not pytest's own folder: the path of the agent's socket has to be short.
        self.home = Path(tempfile.mkdtemp(prefix="gw-g-"))

    def close(self) -> None:
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "gpg-agent"], check=True, capture_output=True)
        shutil.rmtree(self.home, onerror=_unless_gone)

    def run(self, *arguments: str, given: bytes = b"") -> Said:
        command = ["gpg", "--homedir", str(self.home), "--batch", "--no-tty", "--quiet", "--status-fd", "2"]
        environment = {name: value for name, value in os.environ.items() if name != "GNUPGHOME"}
        done = subprocess.run([*command, *arguments], input=given, capture_output=True, check=False, env=environment)
        return Said(done.stdout, done.stderr.decode("utf-8", "replace"), done.returncode)

    def do(self, *arguments: str, given: bytes = b"") -> bytes:
        said = self.run(*arguments, given=given)
        assert said.code == 0, said.status
        return said.output

    def make_key(
        self,
        name: str,
        primary: str = "ed25519",
        encryption: str | None = "cv25519",
        *,
        days: int = 365,
        at: str = "",
        usage: str = "sign",
    ) -> str:
        """Make a key as the desk would; `at` (`20240101T000000`) is what gpg is told that the time is."""
        told = ["--faked-system-time", f"{at}!"] if at else []
        lasts = f"{days}d" if days else "0"
        made = self.run(
            *told,
            "--passphrase",
            "",
            "--quick-generate-key",
            f"{name} <desk{next(_numbers)}@example.test>",
            primary,
            usage,
            lasts,
        )
        assert made.code == 0, made.status
        fingerprint = made.status.split("KEY_CREATED ")[1].split()[1]
        if encryption:
            self.add_encryption_key(fingerprint, encryption, days=days, at=at)
        return fingerprint

    def add_encryption_key(self, fingerprint: str, algorithm: str, *, days: int = 365, at: str = "") -> None:
        told = ["--faked-system-time", f"{at}!"] if at else []
        lasts = f"{days}d" if days else "0"
        self.do(*told, "--passphrase", "", "--quick-add-key", fingerprint, algorithm, "encr", lasts)

    def subkeys(self, fingerprint: str) -> list[str]:
        lines = self.do("--with-colons", "--list-keys", fingerprint).decode().splitlines()
        return [line.split(":")[9] for line in lines if line.startswith("fpr:")][1:]

    def certificate(self, fingerprint: str, *options: str) -> bytes:
        return self.do(*options, "--export", fingerprint)

    def revoke(self, fingerprint: str) -> None:
        """Revoke with the certificate that gpg made beforehand, as keys/README.md tells partners."""
        prepared = (self.home / "openpgp-revocs.d" / f"{fingerprint}.rev").read_text()
        self.do("--import", given=prepared.replace(":-----BEGIN", "-----BEGIN").encode())

    def knows(self, certificate: bytes) -> None:
        self.do("--import", given=certificate)

    def opens(self, package: bytes) -> Said:
        return self.run("--decrypt", given=package)

    def seals(self, text: bytes, *, to: bytes, signed_by: str, options: tuple[str, ...] = ()) -> bytes:
        """Sign and encrypt as gpg does by itself: compressed, unless the options say otherwise."""
        self.knows(to)
        recipient = self.home / "recipient.pgp"
        recipient.write_bytes(to)
        return self.do("--trust-model", "always", "-u", signed_by, "-f", str(recipient), *options, "-se", given=text)
