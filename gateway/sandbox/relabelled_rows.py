"""Say one line of an invented extract in the layout of a county's own mapping, column by canonical column.

Ids, names and numbers stay; days are written in the county's first format, codes as the county's code for the same
canonical one, ids for nobody as the county's. What cannot be read stays as it is: it is dirt that was put there.

Pure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.cohort.identifiers import Unusable, date_parser
from gateway.model.records import Feed
from gateway.sources.columns import Column, Kind, column_of
from gateway.sources.mapping import SourceMapping

#: Canonical column -> person's id -> value.
Borrowed = Mapping[str, Mapping[str, str]]
#: A cell in the county's layout; None where it has no place there.
_Convert = Callable[[str], str | None]

_DAY_AS: dict[str, str] = {
    "dd/mm/yyyy": "%d/%m/%Y",
    "yyyy-mm-dd": "%Y-%m-%d",
    "dd-mm-yyyy": "%d-%m-%Y",
    "dd.mm.yyyy": "%d.%m.%Y",
    "yyyymmdd": "%Y%m%d",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line by canonical column. `whole` is False for one whose quotes do not close."""

    cells: Mapping[str, str]
    whole: bool


class Translator:
    """Translates the lines of one feed. `donors` says which shipped source stands behind each of the county's."""

    def __init__(
        self,
        donor: SourceMapping,
        wanted: SourceMapping,
        feed: Feed,
        donors: Mapping[str, str],
        borrowed: Borrowed,
    ) -> None:
        self._donor, self._wanted, self._feed, self._borrowed = donor, wanted, feed, borrowed
        self._donors = donors
        self._columns = tuple(wanted.feeds[feed].columns)
        self._converts = {name: self._convert(column) for name in self._columns if (column := column_of(feed, name))}

    def cells_of(self, row: Row) -> list[str] | None:
        """Return the cells of a line in the county's order, or None where the county has no place for the line."""
        if row.cells.get("duplicated_on") and "duplicated_on" not in self._columns:
            return None
        said = {name: self._cell(name, row) for name in self._columns}
        if self._feed is Feed.SUPPRESSION:
            return self._flag(said)
        cells = [cell for cell in said.values() if cell is not None]
        return cells if len(cells) == len(said) else None

    def _cell(self, name: str, row: Row) -> str | None:
        text = row.cells.get(name, "")
        if name in self._borrowed:
            text = self._borrowed[name].get(row.cells["source_id"], "")
        return self._converts[name](text) if text else ""

    def _flag(self, said: dict[str, str | None]) -> list[str] | None:
        """Return a flag that can still be followed; an id says nothing without a source that the county has."""
        if not said["kind"]:
            return None
        if not said.get("source"):
            said |= {name: "" for name in ("source", "source_id") if name in said}
        by_name = said.get("surname") and (said.get("date_of_birth") or said.get("postcode"))
        if said["kind"] != self._wanted.none_tonight and not (said.get("source_id") or said.get("nino") or by_name):
            return None
        return [cell or "" for cell in said.values()]

    def _convert(self, column: Column) -> _Convert:
        match column.kind:
            case Kind.DATE | Kind.SET_DATE:
                return self._day_converter()
            case Kind.ID | Kind.STAFF_ID:
                return self._id
            case Kind.CODE:
                return self._code_converter(column.name)
            case _:
                return str

    def _id(self, text: str) -> str | None:
        if text not in self._donor.unknown_members:
            return text
        return min(self._wanted.unknown_members, default=None)

    def _day_converter(self) -> _Convert:
        read, form = date_parser(self._donor.date_formats), _DAY_AS[self._wanted.date_formats[0]]

        def convert(text: str) -> str:
            try:
                return read(text).strftime(form)
            except Unusable:
                return text

        return convert

    def _code_converter(self, name: str) -> _Convert:
        theirs = self._donor.feeds[self._feed].codes.get(name, {}) if self._feed in self._donor.feeds else {}
        ours: dict[str, str] = {}
        for code, canonical in self._wanted.feeds[self._feed].codes[name].items():
            ours.setdefault(self._donors.get(canonical, "") if name == "source" else canonical, code)

        def convert(text: str) -> str | None:
            if name == "kind" and text == self._donor.none_tonight:
                return self._wanted.none_tonight
            return ours.get(theirs[text]) if text in theirs else text

        return convert
