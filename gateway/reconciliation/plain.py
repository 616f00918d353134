"""Bring text to the letters that a person meant: no case, no diacritics, no punctuation, no damage of encoding.

- Letters are taken apart (NFKD) and lose their marks; those that Unicode does not take apart go by a table.
- Apostrophes and full stops join (O'Neill, St.), hyphens and everything else part.
- Text that was written as UTF-8 and read as cp1252 is mended first where that is certain.

Pure.
"""

import re
import unicodedata

#: What Unicode does not take apart, after case is gone.
_TYPED_AS = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "ħ": "h", "ŋ": "n",
        "ŧ": "t", "ĸ": "k", "ə": "e", "ß": "ss",
    }
)  # fmt: skip
_JOINING = dict.fromkeys(map(ord, "'`.\u2018\u2019\u201b\u02bc\u02bb\u00b4\u2032\u00b7\u200b\u200c\u200d\u00ad?"))
_MISREAD = re.compile(
    "[\u00c2-\u00c5\u00c8][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)


def plain(text: str) -> str:
    """Return the words of a text in plain small letters and digits, one blank between them."""
    if text.isascii() and text.isalnum():
        return text.lower()
    if not text.isascii():
        text = _without_marks(_mended(text))
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold().translate(_JOINING)).split())


def _without_marks(text: str) -> str:
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.translate(_JOINING)).casefold())
    return "".join(c for c in apart.translate(_TYPED_AS) if not unicodedata.combining(c))


def _mended(text: str) -> str:
    if not _MISREAD.search(text):
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text
