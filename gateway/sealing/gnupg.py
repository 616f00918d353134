"""Edge: GnuPG as a second reader, for messages that the library cannot verify because they are compressed.

GnuPG compresses by default, so a desk's answer may be. Each use has a home of its own: a folder of mode 0700 with the
pinned certificate alone, gone at the end with the agent that served it. A home that is to hold a private key lies in
memory (/dev/shm) or is not made: a private key is never written to a disk by us.

What GnuPG says is judged by its status lines and by its exit code; its output is released only when both say that
one text was signed, once, by the pinned key.
"""

import os
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.errors import KeyUnavailable, PackageCorrupt, SignatureInvalid
from gateway.sealing.certificate import UsableSigner

MOST_BYTES = 256 << 20
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
_ALLOWED_S = 120
_STATUS = "[GNUPG:] "
#: Any of these condemns the message, whatever else was said.
_BAD = frozenset({"BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG", "NODATA", "DECRYPTION_FAILED", "BADMDC"})
_PLAIN_ADVICE = "Ask the sender to send it again uncompressed: `gpg --compress-algo none`."


class GnuPG:
    """One GnuPG home, for the length of a context."""

    def __init__(self, *, private: bool = False) -> None:
        self._private = private

    def __enter__(self) -> Self:
        """Make the home. Raises KeyUnavailable where GnuPG or a place for it is missing."""
        if shutil.which("gpg") is None:
            raise KeyUnavailable("the message is compressed, and GnuPG is not installed", advice=_PLAIN_ADVICE)
        if self._private and not _MEMORY.is_dir():
            raise KeyUnavailable(
                "the message is compressed, and there is no memory to open it in", advice=_PLAIN_ADVICE
            )
        # A short path: the agent's socket must fit into 108 characters. mkdtemp gives it mode 0700.
        self._home = Path(tempfile.mkdtemp(prefix="gw-", dir=_MEMORY if _MEMORY.is_dir() else None))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the agent and remove the home."""
        subprocess.run(
            ["gpgconf", "--homedir", str(self._home), "--kill", "gpg-agent"], check=False, capture_output=True
        )
        shutil.rmtree(self._home)

    def verified(self, message: bytes, signer: UsableSigner) -> bytes:
        """Return what the pinned key signed. Raises SignatureInvalid otherwise."""
        self._import(signer.certificate)
        text, said = self._run(message, "--verify", "--output", "-")
        _require_signature(said, signer)
        return text

    def opened(self, message: bytes, key: bytes, signer: UsableSigner) -> bytes:
        """Return what was encrypted to the key and signed by the pinned one."""
        self._import(signer.certificate)
        self._import(key)
        text, said = self._run(message, "--decrypt", "--output", "-")
        if said["DECRYPTION_OKAY"] != 1:
            raise PackageCorrupt("the message cannot be opened")
        _require_signature(said, signer)
        return text

    def _import(self, key: bytes) -> None:
        _, said = self._run(key, "--import")
        if not said["IMPORT_OK"]:
            raise KeyUnavailable("GnuPG does not accept a key that is needed for reading the message")

    def _run(self, data: bytes, *command: str) -> tuple[bytes, "Counter[str]"]:
        """Run GnuPG over the data; return its output and what its status lines said."""
        options = ["--batch", "--no-tty", "--quiet", "--trust-model", "always", "--no-auto-key-retrieve"]
        options += ["--homedir", str(self._home), "--max-output", str(MOST_BYTES)]
        options += ["--status-fd", "2", "--logger-file", os.devnull]
        try:
            done = subprocess.run(
                ["gpg", *options, *command], input=data, capture_output=True, check=False, timeout=_ALLOWED_S
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PackageCorrupt("GnuPG did not end") from error
        lines = done.stderr.decode("utf-8", "replace").splitlines()
        said = Counter(_words(lines))
        if done.returncode != 0 and command[0] != "--import":
            raise SignatureInvalid(
                "GnuPG refuses the message: it is damaged, not for us, or not signed by the pinned key"
            )
        return done.stdout, said


def _words(lines: list[str]) -> list[str]:
    """Return each status keyword; a valid signature also as `VALIDSIG by` its certificate's fingerprint."""
    said = [line.removeprefix(_STATUS).split() for line in lines if line.startswith(_STATUS)]
    words = [line[0] for line in said if line]
    return words + [f"VALIDSIG by {line[-1]}" for line in said if line and line[0] == "VALIDSIG"]


def _require_signature(said: "Counter[str]", signer: UsableSigner) -> None:
    good = said["GOODSIG"] == said["NEWSIG"] == said[f"VALIDSIG by {signer.fingerprint}"] == 1
    if not good or said["PLAINTEXT"] != 1 or any(said[word] for word in _BAD):
        raise SignatureInvalid(f"there is no valid signature by the pinned key {signer.fingerprint}")
