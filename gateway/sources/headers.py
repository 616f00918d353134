"""Find a mapping's headings in the first line of an extract.

- Headings are compared without blanks around them and without case. One that is missing or stands twice refuses
  the extract; one that nobody mapped is left alone, whatever the source grows (law L2).
- Where the mapping leaves the delimiter to the header, the one under which every heading is found is taken.
- Only the mapping's own headings are ever named: a first line that is not a header holds somebody's data (law L8).

Pure.
"""

from collections import Counter
from dataclasses import dataclass

from gateway.sources.lines import Splitter
from gateway.sources.mapping import DELIMITERS, FeedMapping


@dataclass(frozen=True, slots=True)
class Header:
    """Where the mapped columns stand. `missing` and `twice` name headings of the mapping."""

    splitter: Splitter
    width: int
    indexes: dict[str, int]
    missing: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()

    @property
    def fault(self) -> str | None:
        """Say what keeps the header from being the mapping's, or None."""
        if self.missing:
            return f"the header lacks {', '.join(self.missing)}"
        return f"the header has twice: {', '.join(self.twice)}" if self.twice else None


def read_header(line: str, feed: FeedMapping, delimiter: str | None) -> Header:
    """Return the header as the mapping sees it, faults and all."""
    delimiters = [delimiter] if delimiter else list(DELIMITERS.values())
    headers = [_header_of(line, feed, Splitter(candidate)) for candidate in delimiters]
    return min(headers, key=lambda header: len(header.missing))


def delimiter_that_fits(line: str, feed: FeedMapping) -> str | None:
    """Return the name of the delimiter under which every heading is found, if there is one."""
    for name, delimiter in DELIMITERS.items():
        if not _header_of(line, feed, Splitter(delimiter)).missing:
            return name
    return None


def _header_of(line: str, feed: FeedMapping, splitter: Splitter) -> Header:
    cells = splitter.cells_of(line)
    found = [cell.strip().casefold() for cell in cells] if isinstance(cells, list) else []
    counts = Counter(found)
    wanted = {column: heading.casefold() for column, heading in feed.columns.items()}
    return Header(
        splitter=splitter,
        width=len(found),
        indexes={column: found.index(heading) for column, heading in wanted.items() if heading in counts},
        missing=tuple(feed.columns[column] for column, heading in wanted.items() if heading not in counts),
        twice=tuple(feed.columns[column] for column, heading in wanted.items() if counts[heading] > 1),
    )
