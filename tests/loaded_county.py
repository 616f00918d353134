"""A workplace over the extracts of an invented county and the mappings that are shipped."""

import hashlib
from dataclasses import replace
from pathlib import Path

from gateway.model.keys import IndexKey
from gateway.model.officers import Actor, Role
from tests.bare_workplace import Untouchable, a_bare_workplace

LOADER = Actor("loader", "Invented Loader", frozenset({Role.SERVICE}))
DATA_OFFICER = Actor("data", "Invented Data Officer", frozenset({Role.DATA_OFFICER}))
APPROVER = Actor("owner", "Invented Asset Owner", frozenset({Role.APPROVER}))
OPERATOR = Actor("operator", "Invented Operator", frozenset({Role.OPERATOR}))


class OneKey(Untouchable):
    """The one key that a load needs."""

    def index_key(self) -> IndexKey:
        return IndexKey((b"an index key made for tests only",))


class Drawn:
    """Random bytes that are the same for the same seed."""

    def __init__(self, seed: int = 1) -> None:
        self._seed, self._drawn = seed, 0

    def __call__(self, size: int) -> bytes:
        self._drawn += 1
        return hashlib.shake_256(f"{self._seed}:{self._drawn}".encode()).digest(size)


def a_county_workplace(store, clock, folder: Path, sources: Path, **changes):
    """The nightly service's workplace over a folder of extracts."""
    work = a_bare_workplace(store, clock, changes.pop("actor", LOADER), folder, keys=OneKey(), draw=Drawn(), **changes)
    return replace(work, folders=replace(work.folders, sources=sources, mappings=Path("config/sources")))
