"""Stream an extract as canonical records, rejects, and at the end the codes that had no mapping.

    reading = read_feed(mapping, extract, environment=..., as_at=...)
    for item in reading:        # Record | Reject | UnmappedCode
        ...
    reading.counts              # once the reading is at its end

`reading.batches()` gives the same in lists, each of one kind of item, which is quicker: lines are read in blocks, and a
block with any line that is not plainly a record line by line (blocks.py).

An extract can be refused at any point, also after its last line: whoever reads must be able to undo. Refused are

- an extract whose bytes are no longer those that `find_extracts` saw, or that breaks off in its last line;
- a header without a mapped heading (HeaderUnknown), an extract without lines that may not be empty;
- one with more rejects than its mapping allows, or with nothing but rejects: its columns are not what they say;
- a coded column with more kinds of unmapped code than any list of codes could lack;
- of the suppression feed: any reject at all, and no line at all unless it says itself that there is none tonight
  (law L3). It is always SuppressionRefused that refuses it.

Rejects come as they are found, before the refusal that they may cause. Nothing here repeats a value (law L8);
of an unmapped code only what looks like a code is shown.

Edge: reads one file, in pieces; memory stays flat.
"""

import codecs
import hashlib
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from gateway.cohort.identifiers import Environment
from gateway.errors import ExtractMalformed, HeaderUnknown, SourceError
from gateway.model.records import Feed, Record, Reject, UnmappedCode
from gateway.sources.blocks import BlockReader
from gateway.sources.encodings import pieces_of
from gateway.sources.extracts import Extract, refusal
from gateway.sources.headers import Header, delimiter_that_fits, read_header
from gateway.sources.lines import BrokenLine, LineFlaw, blocks_of
from gateway.sources.mapping import SourceMapping
from gateway.sources.rows import RowReader
from gateway.sources.tally import MOST_UNMAPPED_CODES, Tally

#: Fewer rejects than this never refuse a feed by their share alone: a small extract may have a few bad lines.
REJECTS_ALWAYS_ALLOWED = 10
#: Lines read at once. A block with a refused line is read again in halves, until so few are left.
AT_ONCE, _FEW = 256, 8
_Numbered = Iterable[tuple[int, str | BrokenLine]]
Items = Sequence[Record | Reject | UnmappedCode]

_REJECTS_NAMED = 10
_AGAIN = "Ask the data team for the extract again, then `gateway sources load`."
_COMPARE = "Compare the extract's columns with its mapping: `gateway sources rejects` names each line."
_CHANGED = "it changed while it was read"


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the lines of an extract; `lines` leaves out the header and trailing blank lines.

    lines = loaded + rejected + all dropped. `left_blank` counts cells of a column that were loaded as blank.
    """

    lines: int
    loaded: int
    rejected: int
    dropped: Mapping[str, int]
    left_blank: Mapping[str, int]


def read_feed(
    mapping: SourceMapping, extract: Extract, *, environment: str, as_at: date, at_once: int = AT_ONCE
) -> "Reading":
    """Return the reading of an extract; nothing is opened until it is iterated.

    `environment` is `synthetic` or `production`; `as_at` is the London day that ages are judged on. What is read does
    not depend on how many lines are read `at_once`.
    """
    return Reading(mapping, extract, Environment(environment), as_at, at_once)


class Reading:
    """One reading of one extract. Iterating raises SourceError when the extract is refused."""

    def __init__(
        self, mapping: SourceMapping, extract: Extract, environment: Environment, as_at: date, at_once: int
    ) -> None:
        self.mapping, self.extract = mapping, extract
        self._environment, self._as_at, self._at_once = environment, as_at, at_once
        self._feed = mapping.feeds[extract.feed]
        self._digest = hashlib.sha256()
        self._tally = Tally()
        self._loaded = 0
        self._rejected = 0
        self._says_none = 0
        #: The first rejects, for the sentence of a refusal: line and codes.
        self._named: list[str] = []
        #: Blank lines that trail, unless something follows them.
        self._blanks: list[int] = []
        self._began = self._ended = False

    @property
    def counts(self) -> Counts:
        """What became of the lines; only once the reading is at its end."""
        if not self._ended:
            raise RuntimeError("an extract's counts stand when its reading is at its end")
        dropped, left_blank = dict(self._tally.dropped), dict(self._tally.left_blank)
        return Counts(self._lines(), self._loaded, self._rejected, dropped, left_blank)

    def __iter__(self) -> Iterator[Record | Reject | UnmappedCode]:
        """Yield records and rejects in the order of the lines, then the unmapped codes."""
        return chain.from_iterable(self.batches())

    def batches(self) -> Iterator[Items]:
        """Yield the same in lists that are never empty, each of one kind of item."""
        if self._began:
            raise RuntimeError("a reading reads its extract once")
        self._began = True
        blocks = blocks_of(self._text())
        first, *others = next(blocks, [""])
        header = self._header(first)
        yield from self._blocks(chain((others,), blocks), header)
        self._check_whole()
        yield from ([code] for code in self._unmapped())
        self._check_suppression()
        self._ended = True

    def _lines(self) -> int:
        return self._loaded + self._rejected + self._tally.dropped.total()

    # --- in blocks, and line by line -----------------------------------------------------------------------------

    def _blocks(self, blocks: Iterable[Sequence[str | BrokenLine]], header: Header) -> Iterator[Items]:
        rows, number = self._rows(header), 2
        if self._feed.feed is Feed.SUPPRESSION:
            numbered = self._without_none_tonight(enumerate(chain.from_iterable(blocks), start=number), header)
            yield from ([item] for item in self._items(numbered, header, rows))
            return
        reader, size = BlockReader(rows, header), self._at_once
        for block in blocks:
            start = 0
            while lines := block[start : start + size]:
                plain = yield from self._block(number, lines, reader, header)
                start, number = start + len(lines), number + len(lines)
                # Where every block has a line that is left out, large ones would only be read many times.
                size = min(2 * size, self._at_once) if plain else max(size // 2, min(_FEW, self._at_once))

    def _block(
        self, number: int, lines: Sequence[str | BrokenLine], reader: BlockReader, header: Header
    ) -> Generator[Items, None, bool]:
        """Yield what the lines say, and return whether all are plainly records."""
        # What follows a blank line says whether it trails.
        records = None if self._blanks else reader.read(number, lines)
        if records is not None:
            self._loaded += len(records)
            yield records
        elif len(lines) <= _FEW:
            yield from ([item] for item in self._items(enumerate(lines, start=number), header, reader.rows))
        else:
            half = len(lines) // 2
            yield from self._block(number, lines[:half], reader, header)
            yield from self._block(number + half, lines[half:], reader, header)
        return records is not None

    def _items(self, numbered: _Numbered, header: Header, rows: RowReader) -> Iterator[Record | Reject]:
        read, cells_of, width, blanks = rows.read, header.splitter.cells_of, header.width, self._blanks
        for number, line in numbered:
            cells = cells_of(line) if isinstance(line, str) else line.flaw
            if isinstance(cells, list) and len(cells) == width:
                item = read(number, cells)
            else:
                item = self._misshapen(number, line, header, rows)
            if isinstance(item, Reject) and header.splitter.is_blank(_text_of(line)):
                blanks.append(number)
                continue
            if blanks:
                yield from self._inner_blanks(rows)
            if isinstance(item, Reject):
                yield item
                self._count_reject(item)
            elif item is not None:
                self._loaded += 1
                yield item

    def _misshapen(self, number: int, line: str | BrokenLine, header: Header, rows: RowReader) -> Reject:
        """Return the reject of a line that does not have its columns. Raises when the file breaks off in it."""
        text = _text_of(line)
        cells = header.splitter.cells_of(text)
        columns = len(cells) if isinstance(cells, list) else 0
        if isinstance(line, BrokenLine):
            if line.flaw is LineFlaw.WITHOUT_END and columns < header.width and not header.splitter.is_blank(text):
                raise self._refuse(ExtractMalformed, f"it breaks off in line {number}", _AGAIN)
            reason = line.flaw
        elif isinstance(cells, LineFlaw):
            reason = cells
        else:
            reason = LineFlaw.COLUMNS_TOO_FEW if columns < header.width else LineFlaw.COLUMNS_TOO_MANY
        return rows.broken(number, header.splitter.rough_cells_of(text), reason)

    def _inner_blanks(self, rows: RowReader) -> Iterator[Reject]:
        """Yield a reject for each blank line that turned out not to trail: a record may be missing there."""
        for number in self._blanks:
            reject = rows.broken(number, (), LineFlaw.BLANK)
            yield reject
            self._count_reject(reject)
        self._blanks.clear()

    def _without_none_tonight(self, numbered: _Numbered, header: Header) -> Iterator[tuple[int, str | BrokenLine]]:
        """Take out the line by which the suppression feed says that it is empty on purpose."""
        token = _folded(self.mapping.none_tonight or "")
        edges = f' \t"{header.splitter.delimiter}'
        for number, line in numbered:
            if _folded(_text_of(line).strip(edges)) == token:
                self._says_none += 1
            else:
                yield number, line

    def _count_reject(self, reject: Reject) -> None:
        self._rejected += 1
        if len(self._named) < _REJECTS_NAMED:
            self._named.append(f"line {reject.line} ({', '.join(reject.reasons)})")
        share = self._feed.reject_limit_percent * self.extract.lines // 100
        if self._rejected > max(share, REJECTS_ALWAYS_ALLOWED):
            message = f"too many of its {self.extract.lines} lines cannot be read: {'; '.join(self._named)}"
            raise self._refuse(ExtractMalformed, message, _COMPARE)

    # --- the whole ---------------------------------------------------------------------------------------------

    def _text(self) -> Iterator[str]:
        """Yield the file's text in pieces, hashing its bytes on the way."""
        decoder = codecs.getincrementaldecoder(self.extract.encoding)()
        fault = None
        try:
            with self.extract.path.open("rb") as file:
                for piece in chain(pieces_of(file), (b"",)):
                    self._digest.update(piece)
                    yield decoder.decode(piece, final=not piece)
        except OSError as error:
            fault = f"it cannot be read ({error.strerror})"
        except UnicodeDecodeError:
            fault = _CHANGED
        # Raised here and not above: an error that holds bytes of the file must not travel along (law L8).
        if fault is not None:
            raise self._refuse(ExtractMalformed, fault, _AGAIN)

    def _header(self, line: str | BrokenLine) -> Header:
        text = _text_of(line)
        if isinstance(line, BrokenLine) and line.flaw is LineFlaw.TOO_LONG:
            raise self._refuse(ExtractMalformed, "its first line is too long to be a header", _AGAIN)
        header = read_header(text, self._feed, self.mapping.delimiter)
        if header.fault is None:
            return header
        fits = delimiter_that_fits(text, self._feed)
        advice = f"Name the columns in config/sources/{self.mapping.source}.yaml as the extract does."
        if header.missing and fits:
            advice = f"With `delimiter: {fits}` in config/sources/{self.mapping.source}.yaml every heading is found."
        raise self._refuse(HeaderUnknown, header.fault, advice)

    def _rows(self, header: Header) -> RowReader:
        return RowReader(
            *(self.mapping, self._feed.feed, header.indexes),
            environment=self._environment,
            as_at=self._as_at,
            tally=self._tally,
        )

    def _check_whole(self) -> None:
        if self._digest.hexdigest() != self.extract.sha256:
            raise self._refuse(ExtractMalformed, _CHANGED, "Wait until the extract is written, then load again.")
        if self._rejected and self._rejected == self._lines():
            message = f"none of its lines can be read: {'; '.join(self._named)}"
            raise self._refuse(ExtractMalformed, message, _COMPARE)
        if not self._lines() and not self._feed.may_be_empty and self._feed.feed is not Feed.SUPPRESSION:
            raise self._refuse(ExtractMalformed, "it has a header and no lines", _AGAIN)

    def _check_suppression(self) -> None:
        if self._feed.feed is not Feed.SUPPRESSION:
            return
        if self._rejected:
            lines = "1 line" if self._rejected == 1 else f"{self._rejected} lines"
            raise self._refuse(ExtractMalformed, f"{lines} cannot be read: {'; '.join(self._named)}")
        if self._says_none > 1 or (self._says_none and self._loaded):
            raise self._refuse(ExtractMalformed, "it says that there is none tonight, and has other lines")
        if not self._says_none and not self._loaded:
            raise self._refuse(ExtractMalformed, "it is empty and does not say that this is meant")

    def _unmapped(self) -> Iterator[UnmappedCode]:
        column = self._tally.column_without_codes()
        if column is not None:
            message = f"{self._feed.columns[column]} holds more than {MOST_UNMAPPED_CODES} codes that are not mapped"
            raise self._refuse(ExtractMalformed, message, _COMPARE)
        for name, code, lines in self._tally.shown_codes():
            yield UnmappedCode(self.mapping.source, self._feed.feed, name, code, lines)

    def _refuse(self, kind: type[SourceError], fault: str, advice: str | None = None) -> SourceError:
        return refusal(self._feed.feed, kind, f"{self.extract.name}: {fault}", advice)


def _text_of(line: str | BrokenLine) -> str:
    return line if isinstance(line, str) else line.beginning


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
