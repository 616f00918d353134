"""Change the extracts of a rehearsed county as a case system or a hand would, whatever their encoding and delimiter."""

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

from tests.rehearsed_county import RehearsedCounty

Line = dict[str, str]


def extract_of(county: RehearsedCounty, source: str, feed: str) -> Path:
    return max((county.folder / "extracts" / source).glob(f"{feed}_*.csv"))


def edit(county: RehearsedCounty, source: str, feed: str, change: Callable[[list[Line]], list[Line]]) -> None:
    """Write an extract anew with its lines changed."""
    path = extract_of(county, source, feed)
    data = path.read_bytes()
    encoding = "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "cp1252" if source == "capita_one" else "utf-8"
    lines = data.decode(encoding).splitlines()
    delimiter = max(",;\t|", key=lines[0].count)
    reader = csv.DictReader(lines, delimiter=delimiter)
    changed = change(list(reader))
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, reader.fieldnames or (), delimiter=delimiter, restval="")
        writer.writeheader()
        writer.writerows(changed)


def take_again_on(county: RehearsedCounty, day: date) -> None:
    """Give every extract that is still written the date of another day."""
    for path in (county.folder / "extracts").glob("*/*.csv"):
        if path.parent.name != "capita_one":
            feed = path.name.rpartition("_")[0]
            path.rename(path.with_name(f"{feed}_{day:%Y%m%d}.csv"))


def flag(county: RehearsedCounty, **line: str) -> None:
    """Put a line into the suppression feed."""
    edit(county, "suppression", "suppression", lambda lines: [*lines, line])
