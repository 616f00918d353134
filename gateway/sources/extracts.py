"""Find the newest extract of each feed and state the facts of it, before a line of it is believed.

- An extract's day stands in its file name; the newest is taken. A day that does not exist, or that lies after
  today, refuses the source rather than letting an older file stand in silently.
- A required extract that is not there, or is older than its mapping allows, refuses the source.
- Every byte is read once here: SHA-256, lines, encoding. What is read later must have the same hash (read.py).
- Whatever is wrong with the suppression feed is `SuppressionRefused`, which stops the night (law L3).

Edge: reads the folder of extracts. Today is the London day that the caller passes, never the clock's (law L9).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from gateway.errors import ExtractMalformed, ExtractMissing, ExtractStale, SourceError, SuppressionRefused
from gateway.model.records import Feed
from gateway.sources.encodings import facts_of
from gateway.sources.mapping import FeedMapping, SourceMapping


@dataclass(frozen=True, slots=True)
class Extract:
    """One extract and its facts. `lines` counts physical lines after the header, trailing blank ones included."""

    source: str
    feed: Feed
    path: Path
    taken_on: date
    sha256: str
    size_bytes: int
    lines: int
    encoding: str

    @property
    def name(self) -> str:
        """What errors call the extract."""
        return f"{self.source}/{self.path.name}"


def find_extracts(mapping: SourceMapping, folder: Path, today: date) -> dict[Feed, Extract]:
    """Return the newest extract of every feed of a source; an optional one that is not there is left out.

    `folder` holds one folder for each source. Raises ExtractMissing, ExtractStale, ExtractMalformed or, for the
    suppression feed, SuppressionRefused.
    """
    found: dict[Feed, Extract] = {}
    for feed in mapping.feeds.values():
        newest = _newest(mapping, feed, folder / mapping.source, today)
        if newest is not None:
            found[feed.feed] = _extract_of(mapping, feed, *newest)
    return found


def superseded_extracts(mapping: SourceMapping, folder: Path) -> list[Path]:
    """Return the extracts of a source that a newer one has replaced: none of them is ever read again."""
    return [
        path
        for feed in mapping.feeds.values()
        for _, path in sorted(_dated_files(mapping, feed, folder / mapping.source))[:-1]
    ]


def refusal(feed: Feed, kind: type[SourceError], message: str, advice: str | None = None) -> SourceError:
    """Return the error that refuses a feed: for the suppression feed always SuppressionRefused."""
    return (SuppressionRefused if feed is Feed.SUPPRESSION else kind)(message, advice=advice)


def _newest(mapping: SourceMapping, feed: FeedMapping, folder: Path, today: date) -> tuple[date, Path] | None:
    where = f"{mapping.source}/{feed.file}"
    dated = sorted(_dated_files(mapping, feed, folder))
    if not dated:
        if not feed.required:
            return None
        raise refusal(feed.feed, ExtractMissing, f"{where}: no such extract")
    taken_on, path = dated[-1]
    if taken_on > today:
        advice = "Remove the file, or correct the day in its name, then `gateway sources load`."
        message = f"{mapping.source}/{path.name}: its day lies after today, {today.isoformat()}"
        raise refusal(feed.feed, ExtractMalformed, message, advice)
    _check_fresh(mapping, feed, taken_on, today)
    return taken_on, path


def _check_fresh(mapping: SourceMapping, feed: FeedMapping, taken_on: date, today: date) -> None:
    if feed.stale_after_days is None or today - taken_on <= timedelta(days=feed.stale_after_days):
        return
    age, allowed = (today - taken_on).days, feed.stale_after_days
    message = f"{mapping.source}/{feed.file}: the newest extract is {age} days old; {allowed} are allowed"
    raise refusal(feed.feed, ExtractStale, message)


def _dated_files(mapping: SourceMapping, feed: FeedMapping, folder: Path) -> Iterator[tuple[date, Path]]:
    before, after = (re.escape(part) for part in feed.file.split("{date}"))
    pattern = re.compile(f"{before}([0-9]{{4}})([0-9]{{2}})([0-9]{{2}}){after}")
    for path in _files_in(mapping, feed, folder):
        if match := pattern.fullmatch(path.name):
            yield _day_of(mapping, feed, path, match), path


def _files_in(mapping: SourceMapping, feed: FeedMapping, folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
    except OSError as error:
        reason = error.strerror
    message = f"{mapping.source}: its folder cannot be read ({reason})"
    raise refusal(feed.feed, ExtractMissing, message, "Let the gateway's account read the folder of extracts.")


def _day_of(mapping: SourceMapping, feed: FeedMapping, path: Path, match: re.Match[str]) -> date:
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        pass
    advice = "Remove the file, or correct the day in its name, then `gateway sources load`."
    message = f"{mapping.source}/{path.name}: the day in its name does not exist"
    raise refusal(feed.feed, ExtractMalformed, message, advice)


def _extract_of(mapping: SourceMapping, feed: FeedMapping, taken_on: date, path: Path) -> Extract:
    name = f"{mapping.source}/{path.name}"
    try:
        facts = facts_of(path, mapping.encodings)
    except OSError as error:
        reason = error.strerror
    else:
        if facts.fault is not None:
            raise refusal(feed.feed, ExtractMalformed, f"{name}: {facts.fault}", facts.advice)
        return Extract(
            mapping.source, feed.feed, path, taken_on, facts.sha256, facts.size_bytes, facts.lines, facts.encoding
        )
    raise refusal(feed.feed, ExtractMissing, f"{name}: cannot be read ({reason})", _LET_US_READ)


_LET_US_READ = "Let the gateway's account read the file, then `gateway sources load`."
