"""Turn the bytes of a text file into text, and say in which encoding they were.

- A byte order mark decides. Without one it is UTF-8, strictly and as a whole, or else code page 1252. Nothing is
  guessed from frequencies: every such guess took names from code page 1252 for Polish ones.
- A file in which some lines are UTF-8 and others are not is refused: names in it would become other names.
- UTF-16 without its mark, UTF-32 and whatever else is full of zero bytes is no text that a person can have saved.

Pure.
"""

import codecs

from gateway.errors import WorkCoachListRefused

#: The longer mark first: UTF-32 little-endian begins like UTF-16 little-endian.
_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: A few zero bytes, or one in so many, are flaws of their rows; more are no text.
_FEW_ZEROS, _BYTES_FOR_A_ZERO = 32, 100
_AS_UTF8 = "Save it as `CSV UTF-8` or as XLSX and try again."


def decoded(data: bytes) -> tuple[str, str]:
    """Return the text and its encoding. Raises WorkCoachListRefused."""
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    if marked == "utf-32":
        raise WorkCoachListRefused("the file is encoded as UTF-32, which is not read", advice=_AS_UTF8)
    if marked != "utf-16" and data.count(0) > max(_FEW_ZEROS, len(data) // _BYTES_FOR_A_ZERO):
        raise WorkCoachListRefused("the file is full of zero bytes: it is no text", advice=_AS_UTF8)
    return _decoded_as(data, marked) if marked else _unmarked(data)


def _decoded_as(data: bytes, encoding: str) -> tuple[str, str]:
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError:
        pass
    raise WorkCoachListRefused("the file is not in the encoding that its first bytes name", advice=_AS_UTF8)


def _unmarked(data: bytes) -> tuple[str, str]:
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    if any(_is_utf8_beyond_ascii(each) for each in data.split(b"\n")):
        raise WorkCoachListRefused(f"some lines are UTF-8, but line {line} is not", advice=_AS_UTF8)
    try:
        return data.decode("cp1252"), "cp1252"
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    raise WorkCoachListRefused(f"line {line} is neither UTF-8 nor code page 1252", advice=_AS_UTF8)


def _is_utf8_beyond_ascii(line: bytes) -> bool:
    if line.isascii():
        return False
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
