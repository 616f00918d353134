#!/usr/bin/env python3
"""Measure how long many small lists of one partner take, one after another and several at once.

- Everything is real: sealed lists in a SQLite database, an OpenSSH server of this machine, every commit of evidence,
  the manifest and the receipt form of each list. Only the way to the server is longer than it is.
- The same county delivers the same number of lists each time, with one lane and with as many as the gateway uses.

Not a test: scripts/bench/sftp_upload.py puts what it finds on its page.
"""

import argparse
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402

from gateway.keyring.forms import new_openpgp_key  # noqa: E402
from gateway.ledger.checkpoint import Ed25519Signer  # noqa: E402
from gateway.model.delivery import ListState  # noqa: E402
from gateway.model.officers import Actor, Role  # noqa: E402
from gateway.model.time import FrozenClock  # noqa: E402
from gateway.services.delivery.deliver_lists import Retrying, deliver  # noqa: E402
from gateway.services.delivery.delivery_lanes import MOST_LANES  # noqa: E402
from gateway.services.workplace import Workplace  # noqa: E402
from gateway.store.engine import Store  # noqa: E402

#: Within the term of the shipped agreement.
NIGHT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
PEOPLE = 150


class ManyLists:
    """A county whose partner is reached through `port`, and which seals as many lists as are asked for."""

    def __init__(self, root: Path, server: object, port: int) -> None:
        # Here, because whoever only uploads needs no test tools.
        from tests.delivery_made import an_approved_county, make_partner_key, with_certificate  # noqa: PLC0415

        self._server = server
        self._sealed = 0
        self._our_key = new_openpgp_key("Invented County Council: Supporting Families gateway")
        clock, actor = FrozenClock(NIGHT), Actor("bench", "Invented Engineer", frozenset(Role))
        signer = Ed25519Signer("county.example/bench", Ed25519PrivateKey.generate())
        self._store = Store.create(
            f"sqlite:///{root / 'gateway.sqlite'}",
            clock=clock,
            signer=signer,
            environment="synthetic",
            controller="Invented County Council",
            actor=actor,
        )
        partner = with_certificate(server.partner, make_partner_key())  # type: ignore[attr-defined]
        self._workplace: Workplace = an_approved_county(
            self._store,
            clock,
            actor,
            root,
            partner,
            lambda _: server.transport(port=port),  # type: ignore[attr-defined]
        )

    def close(self) -> None:
        """Let go of the database."""
        self._store.close()

    def deliver(self, count: int, lanes: int) -> float:
        """Seal and deliver lists; return how many seconds the delivery took."""
        from tests.delivery_made import seal_a_list  # noqa: PLC0415

        first, self._sealed = self._sealed + 1, self._sealed + count
        numbers = range(first, self._sealed + 1)
        sealed = [seal_a_list(self._workplace, self._our_key, part=f"p{each}", people=PEOPLE) for each in numbers]
        began = time.monotonic()
        results = deliver(self._workplace, sealed, retrying=Retrying(lanes=lanes))
        seconds = time.monotonic() - began
        if any(result.state is not ListState.VERIFIED for result in results):
            raise RuntimeError("not every list was delivered")
        return seconds


def measure(count: int, delay_s: float, rounds: int, lanes: tuple[int, ...]) -> dict[int, float]:
    """Return the median seconds with each number of lanes."""
    from scripts.bench.sftp_upload import DelayLine  # noqa: PLC0415
    from tests.integration.conftest import OpenSshServer  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="bench-") as folder, tempfile.TemporaryDirectory() as county:
        Path(folder).chmod(0o755)
        process = OpenSshServer(Path(folder))
        server = process.start()
        port = DelayLine(server.partner.port, delay_s).port if delay_s else server.partner.port
        many = ManyLists(Path(county), server, port)
        try:
            found = {each: [] for each in lanes}
            for _ in range(rounds):
                for each in lanes:
                    found[each].append(many.deliver(count, each))
        finally:
            many.close()
            process.stop()
    return {each: statistics.median(seconds) for each, seconds in found.items()}


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    words.add_argument("--lists", type=int, default=20)
    words.add_argument("--round-trip-ms", type=int, default=40)
    words.add_argument("--rounds", type=int, default=2)
    words.add_argument("--lanes", type=int, nargs="+", default=[1, MOST_LANES])
    given = words.parse_args()
    for lanes, seconds in measure(given.lists, given.round_trip_ms / 2000, given.rounds, tuple(given.lanes)).items():
        print(f"{given.lists} lists, {given.round_trip_ms} ms round trip, {lanes} at once: {seconds:.2f} s")


if __name__ == "__main__":
    main()
