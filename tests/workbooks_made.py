"""Workbooks of the formats that no library of ours writes, made byte by byte: XLS, XLSB and ODS, and packages edited.

Only as much of each format as a reader needs. A value is text or a number.
"""

import io
import struct
import zipfile
from hashlib import md5
from xml.sax.saxutils import escape

from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher
from msoffcrypto.format.ooxml import OOXMLFile
from msoffcrypto.method.rc4 import _makekey

SECTOR = 512
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
NONE = 0xFFFFFFFF


def edited(data, *, change=None, add=None):
    """Return a package with parts changed by functions of their bytes, and parts added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            made = (change or {}).get(name, bytes)
            after.writestr(name, made(before.read(name)))
        for name, content in (add or {}).items():
            after.writestr(name, content)
    return file.getvalue()


def protected(data, password):
    """Return a workbook under a password, as Excel protects it."""
    file = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, file)
    return file.getvalue()


def protected_xls(rows, password):
    """Return an XLS workbook under a password, in the way of Excel 97 ([MS-XLS] 2.2.10, [MS-OFFCRYPTO] 2.3.6)."""
    salt, verifier = bytes(range(16)), bytes(range(16, 32))
    first = _rc4(password, salt, 0)
    checked = first.update(verifier) + first.update(md5(verifier).digest())
    stream = xls_stream(rows, globals_=xls_record(0x2F, struct.pack("<HHH", 1, 1, 1) + salt + checked))
    hidden = b"".join(
        _rc4(password, salt, place // 1024).update(stream[place : place + 1024])
        for place in range(0, len(stream), 1024)
    )
    return compound({"Workbook": _where_hidden(stream, hidden)})


def _rc4(password, salt, block):
    return Cipher(ARC4(_makekey(password, salt, block)), mode=None).encryptor()


def _where_hidden(stream, hidden):
    """Return the stream with each record's body hidden, but for those that a reader needs before it has the key."""
    made, place = bytearray(stream), 0
    while place + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, place)
        plain = length if kind in {0x809, 0x2F} else 4 if kind == 0x85 else 0
        made[place + 4 + plain : place + 4 + length] = hidden[place + 4 + plain : place + 4 + length]
        place += 4 + length
    return bytes(made)


def ods_of(rows, *, cell_attributes="", below="", manifest="<manifest/>", attributes=""):
    """Return an ODS workbook of one sheet."""
    table = "".join(
        f"<table:table-row>{''.join(_ods_cell(each, cell_attributes) for each in row)}</table:table-row>"
        for row in rows
    )
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
        ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="Claimants"{attributes}>{table}{below}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content,
            "META-INF/manifest.xml": manifest,
        }
    )


def _ods_cell(value, attributes):
    if value == "":
        return "<table:table-cell/>"
    if isinstance(value, float | int):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    return (
        f'<table:table-cell office:value-type="string"{attributes}><text:p>{escape(value)}</text:p></table:table-cell>'
    )


def packed(parts):
    """Return a zip archive of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def xlsb_of(rows, *, from_1904=False, workbook=b"", sheet=b""):
    """Return an XLSB workbook of one sheet; `workbook` and `sheet` are records put in."""
    relation = '<Relationship Id="rId1" Type="t" Target="worksheets/sheet1.bin"/>'
    bundle = struct.pack("<II", 0, 1) + _wide("rId1") + _wide("Claimants")
    book = xlsb_record(153, struct.pack("<III", int(from_1904), 0, 0)) + workbook
    book += xlsb_record(143) + xlsb_record(156, bundle) + xlsb_record(144) + xlsb_record(132)
    return packed(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": f'<?xml version="1.0"?><Relationships>{relation}</Relationships>',
            "xl/worksheets/sheet1.bin": _xlsb_sheet(rows, sheet),
        }
    )


def _xlsb_sheet(rows, more):
    width = max(map(len, rows))
    sheet = xlsb_record(129) + xlsb_record(148, struct.pack("<IIII", 0, len(rows), 0, width)) + xlsb_record(145)
    for number, row in enumerate(rows):
        sheet += xlsb_record(0, struct.pack("<I", number) + bytes(13))
        for column, value in enumerate(row):
            place = struct.pack("<II", column, 0)
            if isinstance(value, float | int):
                sheet += xlsb_record(5, place + struct.pack("<d", value))
            elif value:
                sheet += xlsb_record(6, place + _wide(value))
    return sheet + more + xlsb_record(146) + xlsb_record(130)


def xlsb_record(kind, body=b""):
    """Return a record of an XLSB part."""
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length = len(body)
    size = b""
    while length >= 0x80:
        size += bytes([length & 0x7F | 0x80])
        length >>= 7
    return head + size + bytes([length]) + body


def _wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xls_of(rows, *, from_1904=False, globals_=b"", sheet=b"", kind=0, storages=()):
    """Return an XLS workbook of one sheet; `globals_` and `sheet` are records put in."""
    return compound(
        {"Workbook": xls_stream(rows, from_1904=from_1904, globals_=globals_, sheet=sheet, kind=kind)}, storages
    )


def xls_stream(rows, *, from_1904=False, globals_=b"", sheet=b"", kind=0):
    """Return the workbook stream of an XLS file."""
    before = _beginning(5) + xls_record(0x42, struct.pack("<H", 1200)) + xls_record(0x22, struct.pack("<H", from_1904))
    # A date is a number in a format of dates: the second of these two.
    before += b"".join(xls_record(0xE0, struct.pack("<HH", 0, form) + bytes(16)) for form in (0, 14)) + globals_
    name = b"Claimants"
    bound = struct.pack("<BB", 0, kind) + bytes([len(name), 0]) + name
    start = len(before) + 4 + 4 + len(bound) + 4
    book = before + xls_record(0x85, struct.pack("<I", start) + bound) + xls_record(0x0A)
    cells = b"".join(_xls_cell(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row) if value != "")
    size = struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0)
    stream = book + _beginning(0x10) + xls_record(0x200, size) + cells + sheet + xls_record(0x0A)
    # Behind it come zeros up to a full sector, which are read as records of four bytes.
    return stream + xls_record(0xFFF, bytes(-len(stream) % 4))


def _xls_cell(row, column, value):
    if isinstance(value, float | int):
        return xls_record(0x203, struct.pack("<HHHd", row, column, 1, value))
    return xls_record(0x204, struct.pack("<HHHHB", row, column, 0, len(value), 1) + value.encode("utf-16-le"))


def _beginning(kind):
    return xls_record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 1996, 0, 0))


def xls_record(kind, body=b""):
    """Return a record of an XLS stream."""
    return struct.pack("<HH", kind, len(body)) + body


def compound(streams, storages=()):
    """Return an OLE compound file with these streams in its root, and empty storages beside them."""
    names = sorted([*streams, *storages], key=lambda name: (len(name), name.upper()))
    contents, chains, sector = {}, [], 2
    for name in names:
        data = streams.get(name, b"")
        # Below this a stream lies in another place, which is of no use here.
        data = data.ljust(4096, b"\0") if name in streams else b""
        count = -(-len(data) // SECTOR)
        contents[name] = (sector if count else END, data)
        chains += [*range(sector + 1, sector + count), END] if count else []
        sector += count
    directory = _entry("Root Entry", 5, child=1, start=END)
    for place, name in enumerate(names, start=1):
        start, data = contents[name]
        right = place + 1 if place < len(names) else NONE
        directory += _entry(name, 2 if name in streams else 1, right=right, start=start, size=len(data))
    fat = [FAT, END, *chains]
    assert len(fat) <= SECTOR // 4
    assert len(directory) <= SECTOR
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", FREE) * 108
    table = b"".join(struct.pack("<I", each) for each in fat).ljust(SECTOR, b"\xff")
    body = b"".join(
        data.ljust(-(-len(data) // SECTOR) * SECTOR, b"\0") for _, data in (contents[name] for name in names)
    )
    return header + table + directory.ljust(SECTOR, b"\0") + body


def _entry(name, kind, *, child=NONE, right=NONE, start=0, size=0):
    wide = name.encode("utf-16-le")
    return (
        wide.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(wide) + 2, kind, 1, NONE, right, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
