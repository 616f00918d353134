"""Refuse values that an agreement may never hold, wherever they stand.

An agreement is untrusted input until approved, and people read it in terminals, browsers and spreadsheets. It names
a recipient and nothing of how to get there: no host, address, path, credential, SQL, template or markup. The one
address is the privacy notice, which is shown and never fetched; e-mail addresses stand only where somebody is to
be written to.

Pure: every text of the document is looked at, keys included.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from gateway.documents import Items, Node, Place, Reader, Text

Path = tuple[str, ...]

LONGEST = 2_000
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
#: Where e-mail addresses may stand.
_MAY_WRITE_TO: tuple[Path, ...] = (("contacts",), ("teams", "default_contact"))
_NOTICE: Path = ("privacy_notice",)
_NOTICE_ADDRESS = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?")

#: In the order in which they are looked for: the first that is found is what the fault says.
_UNFIT: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[\t\n]"), "must stand on one line; fold long text with >"),
    (re.compile(r"^[=+\-@\uff1d\uff0b\uff0d\uff20]"), "starts like a spreadsheet formula"),
    (re.compile(r"-----BEGIN|\b(ssh|ecdsa|sk-ssh)-[a-z0-9-]+ AAAA"), "holds a key; keys are never in an agreement"),
    (re.compile(r"(?i)\b(password|passphrase|secret|token|api[ _-]?key)\s*[:=]"), "looks like a credential"),
    (re.compile(r"(?i)\w+://|\b(mailto|data|javascript|file|jdbc):\S"), "holds an address; only `privacy_notice` may"),
    (re.compile(r"\S@\S"), "holds an e-mail address or a log-in; only contacts may"),
    (
        re.compile(r"(?i)\bselect\b.+\bfrom\b|\binsert\s+into\b|\bdelete\s+from\b|\bupdate\b.+\bset\b.+="),
        "reads like SQL",
    ),
    (re.compile(r"(?i)\b(drop|alter|truncate|create)\s+(table|view|role|database|schema|user)\b"), "reads like SQL"),
    (re.compile(r"(?i)\bunion\s+(all\s+)?select\b|;\s*--|/\*|'\s*or\s+'"), "reads like SQL"),
    (re.compile(r"\$[({]|\{\{|\{%|<%|`"), "holds a template or a command"),
    (re.compile(r"<[A-Za-z!/?]"), "holds markup"),
    (re.compile(r"(^|\s)(~|\.{1,2})?/\w|\.\.[/\\]|\\|\b[A-Za-z]:/"), "holds a path of a file"),
    (re.compile(r"\b\d{1,3}(\.\d{1,3}){3}\b|\b[0-9a-f]{1,4}:[0-9a-f]{0,4}:|::"), "holds an address of a network"),
    (re.compile(r"\blocalhost\b|\b[A-Za-z][\w-]*:\d{2,5}\b"), "holds the name of a host"),
    (re.compile(r"\b[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[a-z]{2,}\b"), "holds the name of a host or a file"),
)


def check_values(reader: Reader) -> None:
    """Note a fault for every text of the document that an agreement may not hold."""
    if reader.node is None:
        return
    for path, place, text in _texts_of(reader.node, ()):
        sentence = _what_is_unfit(path, text.strip())
        if sentence is not None:
            reader.fault(place, f"this text {sentence}")


def _texts_of(node: Node, path: Path) -> Iterator[tuple[Path, Place, str]]:
    if isinstance(node, Text):
        yield path, node.place, node.value
    elif isinstance(node, Items):
        for item in node.items:
            yield from _texts_of(item, path)
    else:
        for entry in node.entries:
            yield (*path, ""), entry.key.place, entry.key.value
            yield from _texts_of(entry.value, (*path, entry.key.value))


def _what_is_unfit(path: Path, text: str) -> str | None:
    if len(text) > LONGEST:
        # Also keeps the patterns below from taking long over one text.
        return f"is longer than {LONGEST} characters"
    if path == _NOTICE:
        return (
            None if _NOTICE_ADDRESS.fullmatch(text) else "must be a plain https address without log-in, port or query"
        )
    if path in _MAY_WRITE_TO:
        text = _EMAIL.sub("", text)
    return _unfit_in(text)


#: An agreement is read before every step of its list, and has some two hundred texts, most of them like any other's.
@lru_cache(maxsize=2048)
def _unfit_in(text: str) -> str | None:
    return next((sentence for pattern, sentence in _UNFIT if pattern.search(text)), None)
