"""Survey the XML parts of an XLSX or ODS workbook: how far sheets go, where formulas stand, from when days count.

- A document type refuses the workbook: no spreadsheet writes one, and entities are made in it.
- Parts are read in pieces and nothing of a cell's value is kept.

Pure: an opened package comes in.
"""

import posixpath
import re
from collections.abc import Callable, Iterable
from xml.parsers import expat

from gateway.errors import WorkCoachListRefused
from gateway.sources.work_coach_list.package import Package
from gateway.sources.work_coach_list.sheets import MOST_SHEETS, Extent, Survey

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_SHARED = ("xl/sharedStrings.xml", "xl/styles.xml", "[Content_Types].xml")
_CONTENT, _MANIFEST = "content.xml", "META-INF/manifest.xml"

#: Given an element's name without its prefix and its attributes with their prefixes.
_Started = Callable[[str, dict[str, str]], None]


def survey_of_xlsx(package: Package) -> Survey:
    """Return what an XLSX workbook is like. Raises WorkCoachListRefused."""
    sheets, days = _sheets_of(package)
    for name in sorted(package.names & set(_SHARED)):
        _walk(package, name, lambda _name, _attributes: None)
    extents = {}
    for sheet, part in sheets.items():
        if part in package.names:
            extents[sheet] = _extent_of_xlsx(package, part)
    return Survey(extents, from_1904=days == "1904")


def survey_of_ods(package: Package) -> Survey:
    """Return what an ODS workbook is like. Raises WorkCoachListRefused."""
    if _MANIFEST in package.names:
        _walk(package, _MANIFEST, _refuse_encrypted)
    survey = _OdsSurvey()
    _walk(package, _CONTENT, survey.started)
    return Survey(survey.extents)


class _XlsxExtent:
    """Follows the cells of a worksheet; one without a reference stands behind the one before."""

    def __init__(self) -> None:
        self.extent = Extent()
        self._row = self._column = -1

    def started(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self._row = int(attributes.get("r", self._row + 2)) - 1
            self._column = -1
        elif name == "c":
            self._move(attributes.get("r"))
            if attributes.get("t") == "e":
                self.extent.shows_error(self._row, self._column)
        elif name in {"v", "is"}:
            self.extent.cell(self._row, self._column)
        elif name == "f":
            self.extent.holds_formula(self._row, self._column)

    def _move(self, reference: str | None) -> None:
        found = _REFERENCE.fullmatch(reference) if reference else None
        if found:
            self._row, self._column = int(found[2]) - 1, _column_number(found[1])
        elif reference:
            raise WorkCoachListRefused("a cell of the workbook stands nowhere")
        else:
            self._column += 1


class _OdsSurvey:
    """Follows the cells of every table; an empty cell is only room for what comes behind it."""

    def __init__(self) -> None:
        self.extents: dict[str, Extent] = {}
        self._extent = Extent()
        self._row = self._column = 0
        self._rows = 1

    def started(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table":
            self._extent = self.extents.setdefault(attributes.get("table:name", ""), Extent())
            self._row, self._rows = 0, 0
        elif name == "table-row":
            self._row += self._rows
            self._rows, self._column = int(attributes.get("table:number-rows-repeated", 1)), 0
        elif name in {"table-cell", "covered-table-cell"}:
            self._cell(attributes, int(attributes.get("table:number-columns-repeated", 1)))
        elif name == "table-source":
            raise WorkCoachListRefused("the workbook has links to other files")

    def _cell(self, attributes: dict[str, str], repeated: int) -> None:
        if "table:formula" in attributes:
            self._extent.holds_formula(self._row, self._column)
        if "office:value-type" in attributes or "calcext:value-type" in attributes:
            self._extent.cell(self._row + self._rows - 1, self._column + repeated - 1)
        self._column += repeated


def _extent_of_xlsx(package: Package, part: str) -> Extent:
    survey = _XlsxExtent()
    _walk(package, part, survey.started)
    return survey.extent


def _sheets_of(package: Package) -> tuple[dict[str, str], str]:
    """Return the part of each sheet by its name, and the year from which days are counted."""
    targets: dict[str, str] = {}
    sheets: dict[str, str] = {}
    years = ["1900"]

    def related(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            targets[attributes.get("Id", "")] = posixpath.normpath(posixpath.join("xl", attributes.get("Target", "")))

    def listed(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            if attributes.get("name", "") in sheets:
                raise WorkCoachListRefused("the workbook has two sheets of one name")
            sheets[attributes.get("name", "")] = targets.get(_relation_of(attributes), "").lstrip("/")
        elif name == "workbookPr" and attributes.get("date1904", "0") in {"1", "true", "on"}:
            years.append("1904")
        elif name == "externalReference":
            raise WorkCoachListRefused("the workbook has links to other files")

    _walk(package, _RELATIONS, related)
    _walk(package, _WORKBOOK, listed)
    if len(sheets) > MOST_SHEETS:
        raise WorkCoachListRefused(f"the workbook has more than {MOST_SHEETS} sheets")
    return sheets, years[-1]


def _relation_of(attributes: dict[str, str]) -> str:
    return next((value for name, value in attributes.items() if name.endswith(":id")), "")


def _walk(package: Package, name: str, started: _Started) -> None:
    """Tell `started` of every element of a part. Raises WorkCoachListRefused."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.StartElementHandler = lambda element, attributes: started(element.rpartition(":")[2], attributes)
    try:
        _feed(parser, package.pieces_of(name))
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise WorkCoachListRefused("a part of the workbook is not the XML that it should be") from error


def _feed(parser: expat.XMLParserType, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        parser.Parse(piece, False)  # noqa: FBT003 - the parser takes it by place only
    parser.Parse(b"", True)  # noqa: FBT003 - as above


def _refuse_document_type(*_: object) -> None:
    raise WorkCoachListRefused("the workbook has a document type in it, which no spreadsheet writes")


def _refuse_encrypted(name: str, _attributes: dict[str, str]) -> None:
    if name == "encryption-data":
        raise WorkCoachListRefused(
            "the ODS file is protected by a password, which cannot be opened here",
            advice="Ask for it as XLSX, protected by a password if need be.",
        )


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
