"""Make a text harmless to a spreadsheet that opens it: nothing that came in from outside may run when it is looked at.

OWASP ASVS 5.0, 1.2.10; CWE-1236. A text that begins like a formula gets one single quote in front. It begins like
one with `=`, `+`, `-`, `@`, a tab, a line end or a zero character, also behind blanks and what cannot be seen, and
also in the wide and small forms of these signs that a spreadsheet may take for them. Quotes around a CSV cell do not
help against this: the spreadsheet takes them off first.

Control characters become blanks, since no workbook can hold them, and a text longer than a cell is cut, visibly.

Pure.
"""

import re
import unicodedata
from collections.abc import Sequence

_STARTS = frozenset("=+-@\u2212")
_STARTING_CONTROLS = frozenset("\t\r\n\0")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
#: What a cell of a workbook can hold, less the quote in front.
LONGEST = 32_766
_CUT = "…"


def harmless(text: str) -> str:
    """Return the text as it may stand in a spreadsheet."""
    if text.isascii() and text.isprintable() and text[:1].isalnum() and len(text) <= LONGEST:
        # Nearly every cell of a long sheet.
        return text
    visible = _SURROGATES.sub("\ufffd", _CONTROLS.sub(" ", text))
    if _length(visible) > LONGEST:
        visible = visible[: LONGEST // 2 - len(_CUT)] + _CUT
    return f"'{visible}" if begins_like_formula(text) else visible


def all_harmless(texts: Sequence[str]) -> list[str]:
    """Return the texts as they may stand in a spreadsheet: a long column is looked at once, not each cell."""
    column, begins = "".join(texts), "".join([text[:1] for text in texts])
    plain = column.isascii() and column.isprintable() and (begins.isalnum() or not begins)
    if plain and max(map(len, texts), default=0) <= LONGEST:
        return list(texts)
    return [harmless(text) for text in texts]


def begins_like_formula(text: str) -> bool:
    """Say whether a spreadsheet may take the text for something to work out."""
    if text[:1].isascii() and text[:1].isalnum():
        return False
    for character in text:
        if character in _STARTING_CONTROLS or _plain(character) in _STARTS:
            return True
        if unicodedata.category(character) not in _UNSEEN:
            return False
    return False


def _plain(character: str) -> str:
    return unicodedata.normalize("NFKC", character)


def _length(text: str) -> int:
    """Return the length as workbooks count it: a character beyond the basic plane is two."""
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)
