"""What the scripts share: the virtual environment, the platform's programs, and running a command.

Standard library only, because it runs before anything is installed. It starts on Windows too.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
IN_CI = os.environ.get("CI") == "true"
#: Program -> the Debian package that has it, and what is left out without it.
PROGRAMS = {
    "sshd": ("openssh-server", "delivery to a real OpenSSH server"),
    "ssh-keygen": ("openssh-client", "approvals signed with a real ssh-keygen"),
    "gcc": ("gcc", "a real OpenSSH server whose disk fails"),
    "gpg": ("gnupg", "opening a list with a real GnuPG"),
    "chromium": ("chromium", "printing the report for a person in a real browser"),
    "pdftotext": ("poppler-utils", "reading what that browser printed"),
    "strace": ("strace", "watching that no name reaches a file"),
}
_FOLDERS_OF_DAEMONS = os.pathsep + os.pathsep.join(("/usr/sbin", "/sbin", "/usr/local/sbin"))


def say(sentence: str) -> None:
    """Tell the person what happens; data goes to standard output elsewhere."""
    print(sentence, file=sys.stderr, flush=True)


def run(*command: str | Path, quiet: bool = False) -> int:
    """Run a command in the project's folder and return its exit code."""
    words = [str(word) for word in command]
    if not quiet:
        say("$ " + " ".join(Path(words[0]).name if n == 0 else word for n, word in enumerate(words)))
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(words, cwd=ROOT, env=environment, check=False).returncode


def must(*command: str | Path, quiet: bool = False) -> None:
    """Run a command and end with its exit code if it fails."""
    code = run(*command, quiet=quiet)
    if code:
        sys.exit(code)


def must_silently(*command: str | Path) -> None:
    """Run a command that talks a lot, and show what it said only if it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        sys.stderr.buffer.write(done.stdout)
        sys.exit(done.returncode)


def ensure_environment(*, with_tests: bool) -> None:
    """Make `.venv` hold exactly what the lock names; do nothing where it already does."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the newcomer may start it with any Python
        sys.exit("Python 3.11 or later is needed")
    lock = ROOT / "config" / ("requirements-test.lock" if with_tests else "requirements.lock")
    stamp = VENV / f"installed-{lock.name}"
    wanted = hashlib.sha256(lock.read_bytes() + (ROOT / "setup.cfg").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    say(f"Installing into {VENV.name} what {lock.relative_to(ROOT)} names ...")
    if not PYTHON.exists():
        venv.create(VENV, with_pip=True)
    pip = (PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    must_silently(*pip, "--require-hashes", "-r", lock)
    must_silently(*pip, "--no-deps", "--no-build-isolation", "--editable", ROOT)
    stamp.write_text(wanted, encoding="ascii")


def missing_programs() -> list[str]:
    """Return the programs that are not on this machine."""
    path = os.environ.get("PATH", "") + _FOLDERS_OF_DAEMONS
    return [name for name in PROGRAMS if shutil.which(name, path=path) is None]


def ensure_programs() -> None:
    """Install missing programs on Debian as root; elsewhere say what is left out. In CI nothing may be."""
    missing = missing_programs()
    if missing and shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        packages = sorted({PROGRAMS[name][0] for name in missing})
        say(f"Installing {', '.join(packages)} ...")
        run("apt-get", "update", "-qq")
        run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages)
        missing = missing_programs()
    for name in missing:
        say(f"{name} is not on this machine: left out is {PROGRAMS[name][1]}")
    if missing and IN_CI:
        sys.exit("CI must leave nothing out")
