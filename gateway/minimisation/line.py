"""Turn scanned lines into the list's own bytes and the evidence of each row, block by block.

- A scanned line is CSV without its terminator: `subject_ref,secret,factors,<agreed fields but record_ref>`. The
  first three are of plain characters and are cut off by position; the rest is never parsed or changed.
- The partner's `record_ref` goes in front. Lines end in CRLF (RFC 4180); `csv-excel` begins with a byte order mark.
- One position is one row of the list, one row of evidence and one leaf: made together, they cannot differ (L1).

Pure: what runs once for each row of a list is in ledger/made_rows.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gateway.ledger.digests import sized
from gateway.ledger.evidence import leaf_prefix, references_under, seal_line
from gateway.ledger.made_rows import LINE_END, EvidenceRow, RowTerms, make_rows
from gateway.model.agreement import Agreement, EvidenceKind, FileFormat
from gateway.model.fields import bitmap_of

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SUBJECT_REF = slice(0, 36)
_SECRET = slice(37, 101)
_FACTORS_FROM = 102


@dataclass(frozen=True, slots=True)
class ListTerms:
    """What is the same for every row of a list."""

    agreement_id: str
    list_reference: str
    fields: int
    reference: Callable[[str], str]
    keeps_values: bool
    key: bytes = field(repr=False)

    @property
    def of_rows(self) -> RowTerms:
        """The same as hashes have it."""
        place = sized(self.list_reference)
        prefix = leaf_prefix(self.list_reference)
        return RowTerms(self.list_reference, sized(self.agreement_id), place, prefix, self.fields, self.key)


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a list: their bytes as sent, and the evidence of each, in order."""

    content: bytes
    rows: list[EvidenceRow]

    @property
    def leaves(self) -> list[bytes]:
        """The leaves of the rows."""
        return [row[5] for row in self.rows]


def list_terms(agreement: Agreement, list_reference: str, reference_key: bytes) -> ListTerms:
    """Return the terms of one list; `reference_key` is the agreement's own."""
    return ListTerms(
        agreement_id=agreement.agreement_id,
        list_reference=list_reference,
        fields=bitmap_of(agreement.field_names),
        reference=references_under(reference_key),
        keeps_values=agreement.evidence is EvidenceKind.VALUES,
        key=reference_key,
    )


def header(agreement: Agreement) -> bytes:
    """Return what stands before the first row: the fields' names, after a byte order mark where agreed."""
    mark = _BYTE_ORDER_MARK if agreement.file_format is FileFormat.CSV_EXCEL else b""
    return mark + ",".join(agreement.field_names).encode() + LINE_END


def split_line(scanned: bytes) -> tuple[str, bytes, int, bytes]:
    """Return a scanned line's reference, secret, factors and the rest, which begins with a comma unless empty."""
    end = scanned.find(b",", _FACTORS_FROM)
    if end < 0:
        end = len(scanned)
    subject_ref = scanned[_SUBJECT_REF].decode()
    return subject_ref, bytes.fromhex(scanned[_SECRET].decode()), int(scanned[_FACTORS_FROM:end]), scanned[end:]


def finish_block(scanned: Sequence[bytes], terms: ListTerms, first_position: int) -> Block:
    """Return the rows that begin at `first_position`, finished."""
    content, rows = make_rows(scanned, terms.of_rows, first_position, seal_line if terms.keeps_values else None)
    return Block(content, rows)
