"""The closed list of what may be read from a source, feed by feed.

A mapping can only name columns that stand here, so ethnicity, case notes and other free text can never be mapped,
and a column that a source grows stays outside (law L2). The order of a feed's kept columns is the order of its
record's fields after `line` and `source` (model/records.py).

- `needed`: a mapping must name the column, because a decision would be wrong without it: a spell whose end is
  not read would stay open for ever.
- `filled`: a blank cell rejects the line.
- `kept` is False for a column that only steers the reading.

Pure: how a kind of cell is read is left to cells.py.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from gateway.model.flags import FlagKind
from gateway.model.records import LEAD_PROFESSIONAL, Feed


class Kind(StrEnum):
    """How a cell is read."""

    ID = "id"
    STAFF_ID = "staff_id"
    NAME = "name"
    DATE = "date"
    SET_DATE = "set_date"
    TRUTH = "truth"
    UPN = "upn"
    NINO = "nino"
    POSTCODE = "postcode"
    CODE = "code"
    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"


class Touches(StrEnum):
    """Whose id a column holds, where a reject makes somebody's record incomplete (law L3)."""

    PERSON = "person"
    FAMILY = "family"


class Unknown(StrEnum):
    """What a code without a mapping does to its line."""

    LOADS_AS_NONE = "loads_as_none"
    #: Where the line's absence, or its kind, could let somebody onto a list.
    REJECTS = "rejects"


@dataclass(frozen=True, slots=True)
class Column:
    """One canonical column. `codes` is the pattern of the canonical codes that a code map may lead to."""

    name: str
    kind: Kind
    needed: bool = False
    filled: bool = False
    kept: bool = True
    touches: Touches | None = None
    codes: str = ""
    codes_wanted: str = ""
    unknown: Unknown = Unknown.LOADS_AS_NONE

    def accepts(self, canonical: str) -> bool:
        """Say whether a code map may lead to this canonical code."""
        return re.fullmatch(self.codes, canonical) is not None


def _key(name: str, kind: Kind = Kind.ID, touches: Touches | None = None) -> Column:
    return Column(name, kind, needed=True, filled=True, touches=touches)


_PERSON = _key("person_id", touches=Touches.PERSON)
_FAMILY = _key("family_id", touches=Touches.FAMILY)
_WORKER = _key("worker_id", Kind.STAFF_ID)


def _day(name: str, *, needed: bool = True, filled: bool = False) -> Column:
    return Column(name, Kind.DATE, needed=needed, filled=filled)


#: Canonical kinds of involvement; only lead professionals' are used.
_INVOLVEMENTS = (LEAD_PROFESSIONAL, "key_agency", "other")
NINO_KIND = "nino"
#: A code map leads here when lines with the code are not read: they are dropped and counted.
NOT_READ = "not_read"


def _code(name: str, codes: tuple[str, ...], *, unknown: Unknown, filled: bool = True) -> Column:
    wanted = f"one of {', '.join(codes)}"
    return Column(name, Kind.CODE, filled, filled, codes="|".join(codes), codes_wanted=wanted, unknown=unknown)


_NEED = Column(
    "code",
    Kind.CODE,
    needed=True,
    filled=True,
    codes=r"[1-9][0-9]?\.[1-9][0-9]?",
    codes_wanted="a canonical need code such as 10.1",
)
_FLAG_SOURCE = Column(
    "source",
    Kind.CODE,
    codes=f"(?!{NOT_READ}$)[a-z][a-z0-9_]{{1,39}}",
    codes_wanted="the name of a source, as its own mapping has it",
    unknown=Unknown.REJECTS,
)

COLUMNS: dict[Feed, tuple[Column, ...]] = {
    Feed.PERSONS: (
        _key("source_id", touches=Touches.PERSON),
        Column("forename", Kind.NAME, needed=True),
        Column("surname", Kind.NAME, needed=True, filled=True),
        _day("date_of_birth"),
        Column("dob_estimated", Kind.TRUTH),
        _day("deceased_on", needed=False),
        Column("upn", Kind.UPN),
        Column("nino", Kind.NINO),
        Column("postcode", Kind.POSTCODE),
        Column("duplicated_on", Kind.SET_DATE, kept=False),
    ),
    Feed.FAMILIES: (_key("source_id", touches=Touches.FAMILY), _day("opened_on"), _day("closed_on")),
    Feed.MEMBERSHIPS: (_FAMILY, _PERSON, _day("from_on"), _day("to_on")),
    Feed.EPISODES: (_PERSON, _day("started_on", filled=True), _day("ended_on")),
    Feed.WORKERS: (
        _WORKER,
        Column("forename", Kind.NAME, needed=True),
        Column("surname", Kind.NAME, needed=True),
        Column("email", Kind.EMAIL),
        Column("phone", Kind.PHONE),
        Column("team", Kind.TEXT),
    ),
    Feed.INVOLVEMENTS: (
        _PERSON,
        _WORKER,
        _code("kind", _INVOLVEMENTS, unknown=Unknown.LOADS_AS_NONE),
        _day("from_on", filled=True),
        _day("to_on"),
    ),
    Feed.ADDRESSES: (_PERSON, Column("postcode", Kind.POSTCODE, needed=True), _day("from_on"), _day("to_on")),
    Feed.IDENTIFIERS: (
        _PERSON,
        _code("kind", (NINO_KIND, NOT_READ), unknown=Unknown.REJECTS),
        Column("value", Kind.NINO, needed=True, filled=True),
        _day("from_on", needed=False),
        _day("to_on", needed=False),
    ),
    Feed.NEEDS: (_FAMILY, _NEED, _day("identified_on"), _day("met_on")),
    Feed.ASSESSMENTS: (_FAMILY, _day("assessed_on", filled=True), Column("covers_family", Kind.TRUTH, needed=True)),
    Feed.PLANS: (_FAMILY, _day("planned_on", filled=True), _day("ended_on")),
    Feed.SUPPRESSION: (
        _code("kind", tuple(FlagKind), unknown=Unknown.REJECTS),
        _FLAG_SOURCE,
        Column("source_id", Kind.ID),
        Column("nino", Kind.NINO),
        Column("surname", Kind.NAME),
        _day("date_of_birth", needed=False),
        Column("postcode", Kind.POSTCODE),
        _day("from_on", needed=False),
        _day("to_on", needed=False),
    ),
}


def column_of(feed: Feed, name: str) -> Column | None:
    """Return a feed's canonical column, if there is one of that name."""
    return next((column for column in COLUMNS[feed] if column.name == name), None)
