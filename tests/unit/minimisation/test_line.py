"""From scanned lines to the list's bytes and the evidence of each row."""

import csv
import io

import pytest

from gateway.ledger.evidence import commitment, leaf, mask_factors, open_line, record_ref
from gateway.minimisation import finish_block, header, list_select, list_terms
from gateway.minimisation.line import split_line
from gateway.model.agreement import EvidenceKind, FileFormat
from gateway.model.fields import bitmap_of, names_of
from gateway.store.scan import scan
from tests.agreements_made import a_framework, an_agreement, fields
from tests.snapshot_builder import DAY, SNAPSHOT, Snapshot, reference, secret

KEY = b"k" * 32
LIST = "LIST-2026-11-22-01"


def scanned(person, factors, rest):
    return f"{reference(person)},{secret(person).hex()},{factors}{rest}".encode()


def test_a_scanned_line_is_cut_by_position():
    assert split_line(scanned(7, 4256, ',A,"Comma, C"')) == (reference(7), secret(7), 4256, b',A,"Comma, C"')


def test_a_line_without_further_fields_has_no_rest():
    assert split_line(scanned(7, 0, "")) == (reference(7), secret(7), 0, b"")


@pytest.mark.parametrize("kept", EvidenceKind)
def test_the_line_as_sent_is_what_its_evidence_commits_to(kept):
    agreement = an_agreement(evidence=kept)
    terms = list_terms(agreement, LIST, KEY)
    block = finish_block([scanned(1, 5, ",A,One"), scanned(2, 0, ",A,Two")], terms, first_position=40)
    lines = [f"{record_ref(KEY, reference(person))},A,{name}".encode() for person, name in ((1, "One"), (2, "Two"))]
    assert block.content == b"".join(line + b"\r\n" for line in lines)
    assert len(block.rows) == 2
    for person, line, factors, row in zip((1, 2), lines, (5, 0), block.rows, strict=True):
        position, subject_ref, bitmap, masked, committed, leafed, sealed = row
        assert (position, subject_ref) == (39 + person, reference(person))
        assert names_of(bitmap) == agreement.field_names
        assert mask_factors(secret(person), LIST, masked) == factors
        assert committed == commitment(secret(person), agreement.agreement_id, line)
        assert leafed == leaf(LIST, position, subject_ref, bitmap, masked, committed)
        if kept is EvidenceKind.VALUES:
            assert open_line(secret(person), LIST, position, sealed) == line
        else:
            assert sealed is None
    assert block.leaves == [row[5] for row in block.rows]


def test_no_lines_make_an_empty_block():
    block = finish_block([], list_terms(an_agreement(), LIST, KEY), 0)
    assert (block.content, block.rows) == (b"", [])


def test_the_header_names_the_agreed_fields_and_excel_gets_its_mark():
    agreement = an_agreement(fields=fields("record_ref", "surname"))
    assert header(agreement) == b"record_ref,surname\r\n"
    excel = an_agreement(fields=fields("record_ref", "surname"), file_format=FileFormat.CSV_EXCEL)
    assert header(excel) == b"\xef\xbb\xbfrecord_ref,surname\r\n"


def test_the_list_reads_back_as_csv_with_as_many_rows_and_columns_as_it_says(connection):
    """Every row has every agreed field, whatever commas, quotes and spaces its values hold."""
    snapshot = Snapshot()
    names = ("Comma, C", 'Quote "Q"', " spaced ", "O'Invented", "Zoë", "\\.", "")
    snapshot.family(1, members=tuple(snapshot.person(key, surname=name) for key, name in enumerate(names)))
    snapshot.write(connection)
    agreement = an_agreement()
    statement = list_select(agreement, a_framework(), snapshot_id=SNAPSHOT, day=DAY)
    blocks = scan(connection, statement, block=3)
    terms, content, position = list_terms(agreement, LIST, KEY), header(agreement), 0
    for lines in blocks:
        block = finish_block(lines, terms, position)
        content, position = content + block.content, position + len(block.rows)
    rows = list(csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True))
    assert position == len(rows) == len(names)
    assert tuple(rows[0]) == agreement.field_names
    by_reference = {row["record_ref"]: row["surname"] for row in rows}
    assert by_reference == {record_ref(KEY, reference(key)): name for key, name in enumerate(names)}
    assert bitmap_of(agreement.field_names) == terms.fields
