"""Write an invented county's extracts again in the layout that a county's own mappings describe.

A newcomer changes the right-hand sides of config/sources/ to the headings of their real extracts; this gives them
invented people under those headings, in files of their names, in their encoding, with their codes and dates.

- Each of the county's sources gets the people of one shipped source, its donor: the one of its name; else, for history
  that is no longer written, the older system; else the newer one. Flags come from the shipped suppression feed.
- What a mapping has no place for is left out: a need without a code, a flag that could not be found again, a copy where
  copies are not marked. Lines left out are counted.
- A National Insurance number or postcode that the donor keeps in a feed of its own is put on the person where the
  county keeps it there.

How one line is said in another layout is relabelled_rows.py's. Edge: reads one folder of extracts, writes another.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from gateway.model.records import Feed
from gateway.sandbox.invented_rows import without_accents
from gateway.sandbox.relabelled_rows import Borrowed, Row, Translator
from gateway.sources.columns import NINO_KIND
from gateway.sources.extracts import Extract, find_extracts
from gateway.sources.headers import read_header
from gateway.sources.lines import BrokenLine, lines_of
from gateway.sources.mapping import FeedMapping, SourceMapping

_LINE_END = "\r\n"
_PIECE = 1 << 18
#: A person's column -> the feed that may hold it instead, and the column there.
_KEPT_APART = {"nino": (Feed.IDENTIFIERS, "value"), "postcode": (Feed.ADDRESSES, "postcode")}


@dataclass(frozen=True, slots=True)
class Relabelled:
    """One extract in the county's own layout. `left_out` counts lines that its mapping has no place for."""

    source: str
    feed: Feed
    file: Path
    lines: int
    left_out: int


def relabel(
    invented: Path, shipped: Mapping[str, SourceMapping], wanted: Mapping[str, SourceMapping], folder: Path, day: date
) -> list[Relabelled]:
    """Write the extracts of `invented`, which are in the shipped layouts, into `folder` as `wanted` describes them."""
    extracts = {name: find_extracts(mapping, invented, day) for name, mapping in shipped.items()}
    donors = donors_of(shipped, wanted)
    made: list[Relabelled] = []
    for name, mapping in wanted.items():
        for feed in mapping.feeds.values():
            donor = shipped[_flags_of(shipped) if feed.feed is Feed.SUPPRESSION else donors[name]]
            if feed.required or feed.feed in donor.feeds:
                theirs = _Extracts(donor, extracts[donor.source])
                translator = Translator(donor, mapping, feed.feed, donors, theirs.borrowed(feed))
                made.append(_write(theirs, translator, mapping, feed, file_of(mapping, feed, folder, day)))
    return made


def donors_of(shipped: Mapping[str, SourceMapping], wanted: Mapping[str, SourceMapping]) -> dict[str, str]:
    """Return, for each of the county's sources, the shipped source whose people it is given."""
    people = sorted(
        (mapping for mapping in shipped.values() if Feed.PERSONS in mapping.feeds), key=lambda each: -len(each.feeds)
    )
    return {name: _donor_of(mapping, people).source for name, mapping in wanted.items()}


def file_of(mapping: SourceMapping, feed: FeedMapping, folder: Path, day: date) -> Path:
    """Return where a mapping looks for the extract of a day."""
    return folder / mapping.source / feed.file.replace("{date}", f"{day:%Y%m%d}")


def _donor_of(mapping: SourceMapping, people: list[SourceMapping]) -> SourceMapping:
    """Return the donor; `people` are the shipped sources, that with most feeds first."""
    must_fill = {feed.feed for feed in mapping.feeds.values() if feed.required and not feed.may_be_empty}
    able = [each for each in people if must_fill - {Feed.SUPPRESSION} <= each.feeds.keys()] or people
    same_name = [each for each in able if each.source == mapping.source]
    alike = [each for each in able if _is_history(each) == _is_history(mapping)]
    return (same_name or alike or able)[0]


def _is_history(mapping: SourceMapping) -> bool:
    persons = mapping.feeds.get(Feed.PERSONS)
    return persons is not None and persons.stale_after_days is None


def _flags_of(shipped: Mapping[str, SourceMapping]) -> str:
    return next(name for name, mapping in shipped.items() if Feed.SUPPRESSION in mapping.feeds)


@dataclass(frozen=True, slots=True)
class _Extracts:
    """The donor and its invented extracts."""

    donor: SourceMapping
    found: Mapping[Feed, Extract]

    def rows(self, feed: Feed) -> Iterator[Row]:
        """Yield the lines of a feed by canonical column; none where the donor lacks the feed."""
        if feed not in self.found:
            return
        extract, mapping = self.found[feed], self.donor.feeds[feed]
        with extract.path.open(encoding=extract.encoding, newline="") as file:
            lines = lines_of(iter(lambda: file.read(_PIECE), ""))
            header = read_header(str(next(lines)), mapping, self.donor.delimiter)
            for line in lines:
                text = line.beginning if isinstance(line, BrokenLine) else line
                if header.splitter.is_blank(text):
                    continue
                cells = header.splitter.cells_of(text)
                whole = isinstance(cells, list)
                found = cells if isinstance(cells, list) else header.splitter.rough_cells_of(text)
                yield Row({name: found[place].strip() for name, place in header.indexes.items()}, whole=whole)

    def borrowed(self, feed: FeedMapping) -> Borrowed:
        """Return what the county keeps on the person and the donor elsewhere: by column, by the person's id."""
        if feed.feed is not Feed.PERSONS:
            return {}
        own = self.donor.feeds[Feed.PERSONS].columns
        return {name: self._current(*_KEPT_APART[name]) for name in feed.columns if name in _KEPT_APART.keys() - own}

    def _current(self, feed: Feed, column: str) -> dict[str, str]:
        """Return each person's first value that has not ended."""
        kinds = self.donor.feeds[feed].codes.get("kind", {}) if feed in self.donor.feeds else {}
        values: dict[str, str] = {}
        for row in self.rows(feed):
            kind = kinds.get(row.cells.get("kind", ""), NINO_KIND)
            if kind == NINO_KIND and not row.cells.get("to_on"):
                values.setdefault(row.cells["person_id"], row.cells[column])
        return values


def _write(
    extracts: _Extracts, translator: Translator, mapping: SourceMapping, feed: FeedMapping, path: Path
) -> Relabelled:
    path.parent.mkdir(parents=True, exist_ok=True)
    encoding, delimiter = mapping.encodings[0], mapping.delimiter or ","
    lines = left_out = 0
    with path.open("w", encoding=encoding, errors="replace", newline="") as file:
        rows = csv.writer(file, delimiter=delimiter, lineterminator=_LINE_END)
        rows.writerow(feed.columns.values())
        for row in extracts.rows(feed.feed):
            cells = translator.cells_of(row)
            if cells is None:
                left_out += 1
                continue
            lines += 1
            typed = [_typed(cell, encoding) for cell in cells]
            if row.whole:
                rows.writerow(typed)
            else:
                file.write(delimiter.join(typed) + '"' + _LINE_END)
        if feed.feed is Feed.SUPPRESSION and not lines:
            rows.writerow(mapping.none_tonight if name == "kind" else "" for name in feed.columns)
        file.write(_LINE_END * 2)
    return Relabelled(mapping.source, feed.feed, path, lines, left_out)


def _typed(cell: str, encoding: str) -> str:
    """Return a cell as somebody types it whose code page may lack a letter."""
    try:
        cell.encode(encoding)
    except UnicodeEncodeError:
        return without_accents(cell)
    return cell
