"""Find the row of headings among the first rows of a list, and say how it differs from the confirmed one.

- Headings are compared without case, and as if every run of other characters than letters and digits were one blank.
- A confirmed profile's header is found whole, in whatever order, or not at all: a heading that came or went refuses
  the file, because a column may have changed its meaning with it.
- Without a profile it is the first of the rows that have the most headings which we know.
- Of a file only headings that stand in the profile or that we know are ever named. Any other first line may be
  somebody's data, and is counted (law L8).

Pure.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from gateway.documents import canonical_json, sha256_hex
from gateway.errors import WorkCoachListChanged, WorkCoachListRefused
from gateway.model.work_coach_list import Column, ColumnProfile
from gateway.sources.work_coach_list.synonyms import KNOWN

#: As few headings as a header can have: one that names somebody, and one that says more.
_FEWEST_KNOWN = 2
_NOT_IN_WORDS = re.compile(r"[\W_]+")

#: Given a row's cells as text, how well they are a header; 0 where they are none.
Likeness = Callable[[Sequence[str]], int]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a file's header lacks of its profile and what it has besides."""

    missing: tuple[str, ...]
    #: Headings besides that we know, or that stand in the profile and stand twice.
    added: tuple[str, ...]
    #: How many more there are besides.
    unknown: int


def plain_heading(text: str) -> str:
    """Return a heading as it is compared."""
    return _NOT_IN_WORDS.sub(" ", text.casefold()).strip()


def fingerprint_of(headings: Iterable[str]) -> str:
    """Return SHA-256 of the headings, whatever their order, case and spacing."""
    return sha256_hex(canonical_json(_named(headings)))


def likeness_to(profile: ColumnProfile | None) -> Likeness:
    """Return what tells the header: of the profile where there is one, otherwise any that we know."""
    if profile is None:
        return _likeness_to_known
    return lambda cells: int(fingerprint_of(cells) == profile.fingerprint)


def find_header(rows: Sequence[Sequence[str]], likeness: Likeness) -> tuple[int, int]:
    """Return the place of the row that is most like a header, and how much; likeness 0 where none is."""
    best = max(range(len(rows)), key=lambda place: (likeness(rows[place]), -place), default=0)
    return best, likeness(rows[best]) if rows else 0


def refuse_header(heads: Iterable[Sequence[Sequence[str]]], profile: ColumnProfile | None) -> NoReturn:
    """Raise what is to be said of a file in which no row is the header; `heads` are its sheets' first rows."""
    if profile is None:
        raise WorkCoachListRefused("no row near the top has headings of a list of claimants")
    wanted = Counter(_named(_headings_of(profile)))
    rows = [row for head in heads for row in head]
    nearest = max(rows, key=lambda row: (wanted & Counter(_named(row))).total(), default=[])
    if not (wanted & Counter(_named(nearest))).total():
        raise WorkCoachListChanged("no row near the top has the headings that were confirmed for this office")
    raise WorkCoachListChanged(f"the headings are not those confirmed for this office: {_said(nearest, profile)}")


def difference_from(header: Sequence[str], profile: ColumnProfile) -> Difference:
    """Return what differs between a header and its profile."""
    ours = {plain_heading(heading): heading for heading in _headings_of(profile)}
    wanted, found = Counter(_named(_headings_of(profile))), Counter(_named(header))
    lacking, besides = wanted - found, found - wanted
    nameable = {heading for heading in besides if heading in ours or heading in KNOWN}
    return Difference(
        missing=tuple(ours[heading] for heading in sorted(lacking)),
        added=tuple(ours.get(heading, heading) for heading in sorted(nameable)),
        unknown=sum(count for heading, count in besides.items() if heading not in nameable),
    )


def place_of(header: Sequence[str], profile: ColumnProfile) -> dict[Column, int]:
    """Return where each column that the profile reads stands in its header."""
    places = {plain_heading(heading): place for place, heading in enumerate(header)}
    return {column: places[plain_heading(heading)] for heading, column in profile.columns}


def _likeness_to_known(cells: Sequence[str]) -> int:
    columns = {KNOWN[heading] for heading in _named(cells) if heading in KNOWN}
    return len(columns) if len(columns) >= _FEWEST_KNOWN and columns & _NAMING else 0


_NAMING = {Column.SURNAME, Column.FULL_NAME, Column.NINO, Column.RECORD_REF}


def _named(headings: Iterable[str]) -> list[str]:
    return sorted(plain for plain in map(plain_heading, headings) if plain)


def _headings_of(profile: ColumnProfile) -> list[str]:
    return [heading for heading, _ in profile.columns] + list(profile.ignored)


def _said(header: Sequence[str], profile: ColumnProfile) -> str:
    difference = difference_from(header, profile)
    parts = [f"missing: {', '.join(difference.missing)}"] if difference.missing else []
    parts += [f"new: {', '.join(difference.added)}"] if difference.added else []
    parts += [f"{difference.unknown} more that are not known here"] if difference.unknown else []
    return "; ".join(parts)
