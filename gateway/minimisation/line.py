"""Turn scanned lines into the list's own bytes and the evidence of each row, block by block.

- A scanned line is CSV without its terminator: `subject_ref,secret,factors,<agreed fields but record_ref>`. The
  first three are of plain characters and are cut off by position; the rest is never parsed or changed.
- The partner's `record_ref` goes in front. Lines end in CRLF (RFC 4180); `csv-excel` begins with a byte order mark.
- One position is one row of the list, one row of evidence and one leaf: made together, they cannot differ (L1).
- What a row commits to is the line as sent, without its terminator.

Pure and plain, because it runs once for each row of a list; the hashes are those of ledger/evidence.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.ledger.evidence import references_under, rows_under, seal_line
from gateway.model.agreement import Agreement, EvidenceKind, FileFormat
from gateway.model.fields import bitmap_of

LINE_END = b"\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SUBJECT_REF = slice(0, 36)
_SECRET = slice(37, 101)
_FACTORS_FROM = 102

#: As a row of evidence: position, subject_ref, fields, factors (masked), commitment, leaf, sealed line.
EvidenceRow = tuple[int, str, int, int, bytes, bytes, bytes | None]


@dataclass(frozen=True, slots=True)
class ListTerms:
    """What is the same for every row of a list."""

    agreement_id: str
    list_reference: str
    fields: int
    reference: Callable[[str], str]
    keeps_values: bool


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
    list_reference, fields, reference = terms.list_reference, terms.fields, terms.reference
    finished = rows_under(terms.agreement_id, list_reference, fields)
    lines: list[bytes] = []
    rows: list[EvidenceRow] = []
    for position, source in enumerate(scanned, first_position):
        subject_ref, secret, factors, rest = split_line(source)
        line = reference(subject_ref).encode() + rest
        masked, committed, leafed = finished(position, subject_ref, secret, factors, line)
        kept = seal_line(secret, list_reference, position, line) if terms.keeps_values else None
        lines.append(line)
        rows.append((position, subject_ref, fields, masked, committed, leafed, kept))
    return Block(b"".join(line + LINE_END for line in lines), rows)
