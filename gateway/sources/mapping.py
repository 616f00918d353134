"""Read a source mapping: which heading of a county's own extract is which canonical column.

- Strict: an unknown key or canonical column, a missing needed column, a heading mapped twice, a code that leads to
  nothing canonical, are faults with file, line and column, and all of them are told at once.
- Canonical columns are a closed list (columns.py): what it lacks, such as ethnicity or free text, cannot be mapped.
- `mapping_hash` is SHA-256 of the document's canonical JSON: any value changes it, layout and comments do not. It
  stands in every policy statement, because a mapping can widen a list.
- The suppression feed is always required and always goes stale (law L3).

Pure: bytes come in. Finding and reading extracts is left to extracts.py and read.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.cohort.identifiers import DATE_FORMATS
from gateway.documents import Reader, canonical_json, parse_tree, plain_of, sha256_hex
from gateway.errors import MappingInvalid
from gateway.model.records import Feed
from gateway.sources.columns import COLUMNS, Column, Kind, column_of

DELIMITERS: dict[str, str] = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
BY_HEADER = "by_header"
#: What a file without a byte order mark may be; a mark always decides, for UTF-8 and UTF-16.
ENCODINGS = ("utf-8", "cp1252")
NEVER = "never"

_SLUG = "[a-z][a-z0-9_]{1,39}"
_FILE = r"[A-Za-z0-9_.-]*\{date\}[A-Za-z0-9_.-]*"
#: A feed that names what another feed holds cannot be read without it.
_NEEDS_FEEDS: dict[Feed, tuple[Feed, ...]] = {
    Feed.MEMBERSHIPS: (Feed.PERSONS, Feed.FAMILIES),
    Feed.EPISODES: (Feed.PERSONS,),
    Feed.INVOLVEMENTS: (Feed.PERSONS, Feed.WORKERS),
    Feed.ADDRESSES: (Feed.PERSONS,),
    Feed.IDENTIFIERS: (Feed.PERSONS,),
    Feed.NEEDS: (Feed.FAMILIES,),
    Feed.ASSESSMENTS: (Feed.FAMILIES,),
    Feed.PLANS: (Feed.FAMILIES,),
}


@dataclass(frozen=True, slots=True)
class FeedMapping:
    """How one feed of a source is found, judged and read.

    `file` holds `{date}` where the file's name has its day as `20261122`. `stale_after_days` is None for a source
    that is history and no longer written. Limits are percentages: of lines lost since the last load, and of lines
    that may be rejected before the whole extract is refused.
    """

    feed: Feed
    file: str
    required: bool
    may_be_empty: bool
    stale_after_days: int | None
    shrink_limit_percent: int
    reject_limit_percent: int
    #: Canonical column -> heading.
    columns: Mapping[str, str]
    #: Canonical column -> the source's code -> canonical code.
    codes: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """One source: how its extracts are written, and its feeds."""

    source: str
    title: str
    encodings: tuple[str, ...]
    #: One character, or None where the header tells.
    delimiter: str | None
    date_formats: tuple[str, ...]
    #: Cells that mean the same as a blank one.
    null_tokens: frozenset[str]
    #: Ids that stand for nobody: lines with one are dropped and counted.
    unknown_members: frozenset[str]
    #: What the suppression feed says in place of a kind when it is empty on purpose.
    none_tonight: str | None
    feeds: Mapping[Feed, FeedMapping]
    mapping_hash: str


def load_mapping(data: bytes, name: str) -> SourceMapping:
    """Return the mapping that a document holds. Raises MappingInvalid with every fault and its place."""
    reader = Reader.of(data, name)
    mapping = _mapping_of(reader, _hash_of(data, name))
    faults = reader.finish()
    if faults:
        raise MappingInvalid("\n".join(str(fault) for fault in faults))
    return mapping


def _hash_of(data: bytes, name: str) -> str:
    tree, _ = parse_tree(data, name)
    return "" if tree is None else sha256_hex(canonical_json(plain_of(tree)))


def _mapping_of(reader: Reader, mapping_hash: str) -> SourceMapping:
    feeds = _feeds_of(reader.table("feeds"))
    return SourceMapping(
        source=reader.text("source", pattern=_SLUG, wanted="small letters, digits and underscores"),
        title=reader.text("title", longest=120),
        encodings=_chosen(reader, "encodings", ENCODINGS),
        delimiter=_delimiter_of(reader),
        date_formats=_chosen(reader, "date_formats", DATE_FORMATS),
        null_tokens=frozenset(reader.texts("null_tokens", longest=40)),
        unknown_members=frozenset(reader.texts("unknown_members", longest=40)),
        none_tonight=_none_tonight_of(reader, feeds),
        feeds=feeds,
        mapping_hash=mapping_hash,
    )


def _chosen(reader: Reader, key: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return a list of different members of a closed list, at least one."""
    chosen = reader.texts(key)
    wanted = f"must list one or more of {', '.join(known)}, none twice"
    if not chosen or len(set(chosen)) != len(chosen) or not set(chosen) <= set(known):
        reader.fault_at(key, wanted)
        return ()
    return chosen


def _delimiter_of(reader: Reader) -> str | None:
    name = reader.text("delimiter")
    if name and name != BY_HEADER and name not in DELIMITERS:
        reader.fault_at("delimiter", f"must be {BY_HEADER}, {', '.join(DELIMITERS)}")
    return DELIMITERS.get(name)


def _none_tonight_of(reader: Reader, feeds: Mapping[Feed, FeedMapping]) -> str | None:
    if Feed.SUPPRESSION in feeds:
        return reader.text("none_tonight", longest=40)
    return None


# --- feeds --------------------------------------------------------------------------------------------------------


def _feeds_of(reader: Reader) -> dict[Feed, FeedMapping]:
    feeds = {feed: _feed_of(feed, reader.table(feed)) for feed in Feed if reader.has(feed)}
    if reader.node is not None and not feeds:
        reader.fault(None, "at least one feed must be mapped")
    for feed in feeds:
        for other in _NEEDS_FEEDS.get(feed, ()):
            if other not in feeds:
                reader.fault_at(feed, f"cannot be read without a `{other}` feed")
    _fault_shared_files(reader, feeds)
    return feeds


def _fault_shared_files(reader: Reader, feeds: dict[Feed, FeedMapping]) -> None:
    seen: dict[str, Feed] = {}
    for feed, mapping in feeds.items():
        if mapping.file and mapping.file.casefold() in seen:
            reader.fault_at(feed, f"reads the same files as `{seen[mapping.file.casefold()]}`")
        seen[mapping.file.casefold()] = feed


def _feed_of(feed: Feed, reader: Reader) -> FeedMapping:
    columns = _columns_of(feed, reader.table("columns"))
    mapping = FeedMapping(
        feed=feed,
        file=reader.text("file", pattern=_FILE, wanted="a file name with {date} in it once, and no folder"),
        required=reader.truth("required"),
        may_be_empty=reader.truth("may_be_empty"),
        stale_after_days=_stale_after_of(reader),
        shrink_limit_percent=reader.integer("shrink_limit_percent", 0, 100),
        reject_limit_percent=reader.integer("reject_limit_percent", 0, 100),
        columns=columns,
        codes=_codes_of(feed, columns, reader),
    )
    if feed is Feed.SUPPRESSION:
        _check_suppression(mapping, reader)
    return mapping


def _stale_after_of(reader: Reader) -> int | None:
    if reader.text("stale_after_days") in {"", NEVER}:
        return None
    return reader.integer("stale_after_days", 0, 366)


def _columns_of(feed: Feed, reader: Reader) -> dict[str, str]:
    columns: dict[str, str] = {}
    headings: dict[str, str] = {}
    for column in COLUMNS[feed]:
        if not (column.needed or reader.has(column.name)):
            continue
        heading = reader.text(column.name, longest=120)
        if heading and heading.casefold() in headings:
            reader.fault_at(column.name, f"names the same heading as `{headings[heading.casefold()]}`")
        headings[heading.casefold()] = column.name
        columns[column.name] = heading
    return columns


def _codes_of(feed: Feed, columns: Mapping[str, str], reader: Reader) -> dict[str, dict[str, str]]:
    coded = [column for name in columns if (column := column_of(feed, name)) and column.kind is Kind.CODE]
    if not coded:
        return {}
    tables = reader.table("codes")
    return {column.name: _code_map_of(column, tables.table(column.name)) for column in coded}


def _code_map_of(column: Column, reader: Reader) -> dict[str, str]:
    codes: dict[str, str] = {}
    for key, canonical in reader.pairs(longest=80):
        code = key.value.strip()
        if code in codes:
            reader.fault(key.place, f"`{reader.label}` has this code twice")
        if canonical and not column.accepts(canonical):
            place = reader.place_of(key.value)
            reader.fault(place, f"a code in `{reader.label}` must lead to {column.codes_wanted}")
        codes[code] = canonical
    if reader.node is not None and not codes:
        reader.fault(None, f"`{reader.label}` must map at least one code")
    return codes


def _check_suppression(mapping: FeedMapping, reader: Reader) -> None:
    if not mapping.required or mapping.may_be_empty:
        reader.fault(None, "the suppression feed must be `required: true` and `may_be_empty: false`")
    if mapping.stale_after_days is None:
        reader.fault_at("stale_after_days", "must be a number of days for the suppression feed")
    keys = ({"source", "source_id"}, {"nino"}, {"surname", "date_of_birth"}, {"surname", "postcode"})
    if not any(key <= mapping.columns.keys() for key in keys):
        reader.fault_at("columns", "must map a source's id, a NINO, or a surname with a date of birth or a postcode")
    if ("source" in mapping.columns) != ("source_id" in mapping.columns):
        reader.fault_at("columns", "must map `source` and `source_id` together")
