"""A partner's receipts folder in memory, with the ways of failing that a test asks for."""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.delivery.interface import InboundFile
from gateway.errors import ConnectionFailed, TransferRefused


class ReceiptsFolder:
    """A transport and its session: it can be collected from and put away into, and nothing else."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, str] = {}
        self.archived: list[str] = []
        self.reachable = True
        self.breaks_at_archive = False
        self.may_not_move: set[str] = set()

    @contextmanager
    def session(self) -> Iterator["ReceiptsFolder"]:
        if not self.reachable:
            raise ConnectionFailed("nobody there")
        yield self

    def collect(self) -> Iterator[InboundFile]:
        for name in sorted(self.files.keys() | self.faults.keys()):
            yield InboundFile(name, self.files.get(name, b""), self.faults.get(name))

    def archive(self, name: str) -> None:
        if self.breaks_at_archive:
            raise ConnectionFailed("it went away")
        if name in self.may_not_move:
            raise TransferRefused("permission is denied")
        self.files.pop(name, None)
        self.faults.pop(name, None)
        self.archived.append(name)
