"""Read every extract of every source that has a mapping, as one load does.

- Every mapping is read before the first extract is looked for, every extract is found before the first line is read:
  what is wrong with a set of extracts is known before time is spent on it.
- Exactly the extracts that were found are read: each feed's bytes must still have the hash that they had (read.py).
- There must be a suppression feed, and there must be people (law L3).

`Intake` says at any time which source and extract it stands at, so that a refusal can name them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol, cast

from gateway.cohort.gathered import Gathered
from gateway.errors import ExtractMissing, MappingInvalid, SuppressionRefused
from gateway.model.records import Feed, Record, Reject, UnmappedCode
from gateway.sources.extracts import Extract, find_extracts
from gateway.sources.mapping import SourceMapping, load_mapping
from gateway.sources.read import read_feed
from gateway.store.snapshots import ExtractFacts

_SUFFIX = ".yaml"


def read_mappings(folder: Path) -> dict[str, SourceMapping]:
    """Return every mapping by the name of its file. Raises MappingInvalid.

    A mapping's file bears its source's name: the policy statement names mappings by their files.
    """
    mappings: dict[str, SourceMapping] = {}
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        name = path.name.removesuffix(_SUFFIX)
        mappings[name] = load_mapping(_bytes_of(path), path.name)
        if mappings[name].source != name:
            raise MappingInvalid(f"{path.name}: must be called {mappings[name].source}{_SUFFIX}, after its source")
    if not any(Feed.SUPPRESSION in mapping.feeds for mapping in mappings.values()):
        raise SuppressionRefused("no source mapping has a suppression feed")
    if not any(Feed.PERSONS in mapping.feeds for mapping in mappings.values()):
        raise ExtractMissing("no source mapping has people", advice="`gateway init` makes mappings to begin from.")
    return mappings


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise MappingInvalid(f"{path.name}: cannot be read ({error.strerror})") from None


class Taking(Protocol):
    """Takes what is read of the lines."""

    rejects: list[Reject]

    def add_all(self, records: Sequence[Record | Reject], /) -> None:
        """Take records or rejects of one kind and one source, of which there is at least one."""
        ...


@dataclass(slots=True)
class Intake:
    """One load's extracts and what their lines said; `source` and `extract` are where it stands."""

    mappings: Mapping[str, SourceMapping]
    extracts: list[Extract] = field(default_factory=list)
    #: Where records and rejects go.
    gathered: Taking = field(default_factory=Gathered)
    facts: list[ExtractFacts] = field(default_factory=list)
    unmapped: list[UnmappedCode] = field(default_factory=list)
    source: str | None = None
    extract: Extract | None = None

    @property
    def believed(self) -> tuple[str, ...]:
        """The sources that hold people: those still written first, then those that are history."""
        holding = [mapping for mapping in self.mappings.values() if Feed.PERSONS in mapping.feeds]
        return tuple(mapping.source for mapping in sorted(holding, key=lambda each: (_is_history(each), each.source)))

    def hashes(self) -> dict[str, str]:
        """Return the hash of each extract by `source/feed`."""
        return {f"{extract.source}/{extract.feed.value}": extract.sha256 for extract in self.extracts}

    def find(self, folder: Path, today: date) -> None:
        """Find the extracts of every source. Raises SourceError."""
        for mapping in self.mappings.values():
            self.source = mapping.source
            self.extracts.extend(find_extracts(mapping, folder, today).values())
        self.source = None

    def read(self, *, environment: str, as_at: date, between: Callable[[], None]) -> None:
        """Read every extract; `between` is called before each. Raises SourceError."""
        for extract in self.extracts:
            between()
            self.stand_at(extract)
            self._read(extract, environment, as_at)
        self.stand_at(None)

    def stand_at(self, extract: Extract | None) -> None:
        """Note which extract is judged now."""
        self.extract = extract
        self.source = extract.source if extract else None

    def _read(self, extract: Extract, environment: str, as_at: date) -> None:
        reading = read_feed(self.mappings[extract.source], extract, environment=environment, as_at=as_at)
        for items in reading.batches():
            if isinstance(items[0], UnmappedCode):
                self.unmapped.append(items[0])
            else:
                self.gathered.add_all(cast("Sequence[Record | Reject]", items))
        counts = reading.counts
        self.facts.append(
            ExtractFacts(extract.source, extract.feed, extract.sha256, extract.taken_on, counts.lines, counts.rejected)
        )


def _is_history(mapping: SourceMapping) -> bool:
    """Say whether a source is no longer written: none of its feeds can go stale."""
    return all(feed.stale_after_days is None for feed in mapping.feeds.values())
