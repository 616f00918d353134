#!/usr/bin/env python3
"""Measure an upload through our client against the `sftp` of this machine, and write docs/performance-delivery.md.

- Both speak to one OpenSSH server of this machine, with the same cipher, in turn, so that whatever else runs hits both.
  What counts is the speed beside that of `sftp` in the same round; who goes first changes from round to round.
- Each upload is a process of its own. Ours is timed from dialling to the end, log-in and all, and with the start of
  Python besides; the gateway has started long before it delivers. `sftp` is timed with its start, which is short.
- `sftp` only writes. Ours is measured doing just that, and doing what a delivery does: hash, write, fsync, read
  everything back, compare, rename.
- Memory is the most that our process ever held (VmHWM).
- How long many small lists take, at once and one after another, is measured by many_lists.py beside this.

Not a test: `scripts/bench/sftp_upload.py --write` measures and writes the page, without `--write` it prints it.
"""

import argparse
import os
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from gateway.delivery.pins import parse_pin  # noqa: E402
from gateway.delivery.sftp import SftpTransport  # noqa: E402
from gateway.delivery.sftp_packets import Open  # noqa: E402
from gateway.delivery.sftp_protocol import SftpClient  # noqa: E402
from gateway.delivery.ssh import Timeouts, reach  # noqa: E402
from gateway.delivery.ssh_key import load_key  # noqa: E402
from gateway.model.partner import Partner  # noqa: E402
from gateway.services.delivery.delivery_lanes import MOST_LANES  # noqa: E402

PAGE = ROOT / "docs" / "performance-delivery.md"
CIPHER = "aes256-gcm@openssh.com"
MEBIBYTE = 1024 * 1024
#: What the gateway is asked for.
MOST_MEMORY_MIB = 60
PATIENT = Timeouts(whole_s=600)
#: How many small lists are delivered.
MANY = 20


class FileBytes:
    """A file's bytes, read ahead a little: the gateway has its packages in blocks, and `sftp` reads whole ones too."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._size = path.stat().st_size
        self._at, self._ahead = 0, b""

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        start, stop, _ = part.indices(self._size)
        if not self._at <= start <= stop <= self._at + len(self._ahead):
            self._at, self._ahead = start, os.pread(self._file.fileno(), max(MEBIBYTE, stop - start), start)
        return self._ahead[start - self._at : stop - self._at]


class DelayLine:
    """A TCP proxy that passes every byte on `delay_s` later, both ways, and holds nothing else up."""

    def __init__(self, server_port: int, delay_s: float) -> None:
        self._server_port = server_port
        self._delay_s = delay_s
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            server = socket.create_connection(("127.0.0.1", self._server_port))
            for one, other in ((client, server), (server, client)):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                line: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
                threading.Thread(target=self._take, args=(one, line), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(other, line), daemon=True).start()

    def _take(self, source: socket.socket, line: "SimpleQueue[tuple[float, bytes]]") -> None:
        data = b"begin"
        while data:
            try:
                data = source.recv(256 * 1024)
            except OSError:
                data = b""
            line.put((time.monotonic() + self._delay_s, data))

    def _pass_on(self, sink: socket.socket, line: "SimpleQueue[tuple[float, bytes]]") -> None:
        while True:
            due, data = line.get()
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                if not data:
                    sink.shutdown(socket.SHUT_WR)
                    return
                sink.sendall(data)
            except OSError:
                return


def upload(how: str, path: Path, partner: Partner, key: Path) -> None:
    """Upload as our client does it; print the seconds and the most memory, in MiB. Runs in its own process."""
    began = time.monotonic()
    if how == "delivery":
        with SftpTransport(partner, key, timeouts=PATIENT).session() as session:
            session.place("ours.csv.pgp", FileBytes(path))
    else:
        _only_write(path, partner, key)
    seconds = time.monotonic() - began
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(seconds, int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024)  # type: ignore[index]


def _only_write(path: Path, partner: Partner, key: Path) -> None:
    data = FileBytes(path)
    connection = reach(partner.host, partner.port, tuple(map(parse_pin, partner.host_keys)), PATIENT)
    connection.log_in(partner.user, load_key(key), PATIENT)
    client = SftpClient(connection.open_sftp(PATIENT))
    client.start()
    handle = client.open(f"{partner.inbox}/ours.csv.pgp", Open.WRITE | Open.CREATE | Open.TRUNCATE)
    client.write(handle, len(data), lambda at, count: data[at : at + count])
    client.close(handle)
    connection.close()


@dataclass(frozen=True, slots=True)
class Run:
    """One upload. `memory` is in MiB, and not known of `sftp`."""

    seconds: float
    with_start: float
    memory: float = 0.0


#: What each way took, round by round.
Measured = dict[str, list[Run]]
USUAL, OURS = "`sftp -b`", "ours, only writing"


def speed_of(name: str, measured: Measured) -> float:
    """Return the speed beside that of `sftp`: the median over the rounds, each held against its own."""
    pairs = zip(measured[USUAL], measured[name], strict=True)
    return statistics.median(usual.seconds / run.seconds for usual, run in pairs)


class Bench:
    """One server and the files that are sent to it."""

    def __init__(self, root: Path) -> None:
        # Here, because the child that uploads needs no test tools.
        from tests.integration.conftest import OpenSshServer  # noqa: PLC0415

        self._root = root
        self._process = OpenSshServer(root)
        self.server = self._process.start()
        pin = self.server.partner.host_keys[0]
        (root / "known_hosts").write_text(f"gateway-bench {pin}\n")

    def stop(self) -> None:
        """End the server."""
        self._process.stop()

    def sftp(self, path: Path, port: int) -> Run:
        """Upload with the platform's `sftp`."""
        batch = self._root / "batch"
        batch.write_text(f"put {path} {self.server.inbox}/theirs.csv.pgp\n")
        command = ["sftp", "-q", "-b", batch, "-P", str(port), "-i", self.server.our_key, "-o", f"Ciphers={CIPHER}"]
        command += ["-F", "none", "-o", "IdentitiesOnly=yes", "-o", "HostKeyAlias=gateway-bench"]
        command += ["-o", f"UserKnownHostsFile={self._root}/known_hosts", f"{self.server.partner.user}@127.0.0.1"]
        began = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds = time.monotonic() - began
        return Run(seconds, seconds)

    def ours(self, how: str, path: Path, port: int) -> Run:
        """Upload with our client."""
        partner = self.server.partner
        words = [how, path, port, partner.user, partner.host_keys[0], partner.inbox, self.server.our_key]
        command = [sys.executable, __file__, "--upload", *map(str, words)]
        began = time.monotonic()
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        with_start = time.monotonic() - began
        seconds, memory = map(float, done.stdout.split())
        return Run(seconds, with_start, memory)

    def measure(self, path: Path, port: int, rounds: int) -> Measured:
        """Return what each way takes."""
        ways = {
            USUAL: lambda: self.sftp(path, port),
            OURS: lambda: self.ours("write", path, port),
            "ours, a whole delivery": lambda: self.ours("delivery", path, port),
        }
        found: Measured = {name: [] for name in ways}
        for number in range(rounds):
            # The two that are held against each other stay beside each other.
            for name in reversed(ways) if number % 2 else ways:
                found[name].append(ways[name]())
                for left in self.server.inbox.iterdir():
                    left.unlink()
        return found


def partner_of(port: int, user: str, pin: str, inbox: str) -> Partner:
    """Return a partner of which only the server counts."""
    return Partner(
        "bench", "Bench", "127.0.0.1", port, user, (pin,), inbox, inbox, b"", "", b"", "", "read_back", "0" * 64
    )


def rows_of(title: str, size: int, measured: Measured) -> list[str]:
    """Return the lines of the table for one network."""
    return [_row(title, size, name, measured) for name in measured]


def _row(title: str, size: int, name: str, measured: Measured) -> str:
    runs = measured[name]
    seconds, least = statistics.median(run.seconds for run in runs), min(run.seconds for run in runs)
    with_start, memory = statistics.median(run.with_start for run in runs), max(run.memory for run in runs)
    return (
        f"| {title} | {name} | {seconds:.2f} | {least:.2f} | {size / MEBIBYTE / seconds:.0f} | "
        f"{speed_of(name, measured):.2f} | {with_start:.2f} | {f'{memory:.0f}' if memory else ''} |"
    )


def verdict_of(title: str, measured: Measured) -> str:
    """Say whether what is asked for was reached."""
    speed = speed_of(OURS, measured)
    memory = max(run.memory for runs in measured.values() for run in runs)
    said = "at least as fast as `sftp`" if speed >= 1 else f"**slower than `sftp`, by {1 / speed - 1:.0%}**"
    held = "within" if memory < MOST_MEMORY_MIB else "**more than**"
    least = min(run.seconds for run in measured[USUAL]) / min(run.seconds for run in measured[OURS])
    return (
        f"- {title}: our writing was {said}, and had {least:.2f} of its speed in the best round of each; memory was "
        f"{held} {MOST_MEMORY_MIB} MiB."
    )


def machine() -> str:
    """Say in words what this was measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    asked = subprocess.run(["ssh", "-V"], capture_output=True, text=True, check=True).stderr
    version = re.search(r"OpenSSH_[\w.]+", asked)
    return (
        f"{os.cpu_count()} processors ({platform.machine()}), {memory:.0f} GiB of memory, {platform.system()}, "
        f"Python {platform.python_version()}, {version[0] if version else 'OpenSSH'} on both ends of the loopback"
    )


def page_of(lines: list[str], verdicts: list[str], many: list[str], rounds: int, load: float) -> str:
    """Return the page."""
    return "\n".join(
        [
            "<!-- Written by scripts/bench/sftp_upload.py --write. -->",
            "",
            "# How fast a package is delivered",
            "",
            "Our client and the `sftp` of the same machine, in turn, to one OpenSSH server, with the same cipher",
            f"(`{CIPHER}`). Seconds are the median of {rounds} rounds, from dialling to the end, log-in and all; the",
            "speed is the median of each round's own. The column after it counts the start of the process too; the",
            "gateway starts long before it delivers.",
            "`sftp` writes and does not look again. A whole delivery hashes the package, writes it, brings it to disk,",
            "reads it back, compares, and renames: what the gateway does every night.",
            "",
            f"Measured on {machine()};",
            f"about {load:.0f} other processes wanted to run when it began. Where that is more than there are",
            "processors, much of this is waiting for a turn: measure again on a quiet machine.",
            "",
            "| network | client | seconds | least | MiB/s | speed, `sftp` = 1 | with its start | most memory, MiB |",
            "|---|---|---|---|---|---|---|---|",
            *lines,
            "",
            "What is asked for: at least the speed of `sftp`, and less than 60 MiB however large the package.",
            "",
            *verdicts,
            "",
            "A list of a county is a few megabytes; there the log-in takes longer than the package.",
            "",
            "## Many small lists",
            "",
            "Sealed lists of one partner, each with its evidence, manifest and receipt form, from the first look",
            "to the last commit, by the number that go at once over one connection.",
            "",
            "| network | lists | at once | seconds |",
            "|---|---|---|---|",
            *many,
            "",
        ]
    )


def bench(megabytes: int, far_megabytes: int, rounds: int) -> str:
    """Measure, and return the page."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        bench = Bench(root)
        lines: list[str] = []
        verdicts: list[str] = []
        try:
            for title, size, delay_s in (
                (f"{megabytes} MB, no delay", megabytes * 1_000_000, 0.0),
                (f"{far_megabytes} MB, 40 ms round trip", far_megabytes * 1_000_000, 0.02),
            ):
                path = root / "package"
                _write_noise(path, size)
                port = bench.server.partner.port
                if delay_s:
                    port = DelayLine(port, delay_s).port
                measured = bench.measure(path, port, rounds)
                lines += rows_of(title, size, measured)
                verdicts.append(verdict_of(title, measured))
        finally:
            bench.stop()
    return page_of(lines, verdicts, _many_lists(), rounds, load)


def _many_lists() -> list[str]:
    """Return the lines of the table about many lists."""
    from scripts.bench.many_lists import measure  # noqa: PLC0415

    return [
        f"| {network} | {MANY} | {lanes} | {seconds:.1f} |"
        for network, delay_s in (("no delay", 0.0), ("40 ms round trip", 0.02))
        for lanes, seconds in measure(MANY, delay_s, rounds=2, lanes=(1, MOST_LANES)).items()
    ]


def _write_noise(path: Path, size: int) -> None:
    with path.open("wb") as file:
        for _ in range(size // 1_000_000):
            file.write(os.urandom(1_000_000))


def main() -> None:
    """Measure, or be the child that uploads."""
    words = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    words.add_argument("--write", action="store_true", help="write docs/performance-delivery.md")
    words.add_argument("--megabytes", type=int, default=500)
    words.add_argument("--far-megabytes", type=int, default=100)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--upload", nargs=7, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.upload:
        how, path, port, user, pin, inbox, key = given.upload
        upload(how, Path(path), partner_of(int(port), user, pin, inbox), Path(key))
        return
    if shutil.which("sftp") is None:
        sys.exit("`sftp` is not on this machine: install openssh-client")
    page = bench(given.megabytes, given.far_megabytes, given.rounds)
    print(page)
    if given.write:
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
