"""The kinds of value that an entry may hold. None of them is free text (law L8).

Every kind is a pattern, a range or a closed list, so that an entry can be kept for ever beside the name of whoever
made it and still say nothing about a person. A value in the shape of a National Insurance number fits no kind.

Pure: a kind answers whether a value fits; `entries.py` says what happens when it does not.
"""

import re
from collections.abc import Callable
from datetime import date

from gateway.model.time import as_text, from_text

#: Says whether a value may stand in an entry.
Kind = Callable[[object], bool]

#: The largest whole number that every reader of JSON keeps exactly.
LARGEST_NUMBER = 2**53 - 1
_NINO_SHAPE = re.compile(r"[A-Za-z]{2} ?(\d ?){6}[A-Da-d]?")


def _pattern(expression: str) -> Kind:
    shape = re.compile(expression, re.ASCII)

    def fits(value: object) -> bool:
        return isinstance(value, str) and bool(shape.fullmatch(value)) and not _NINO_SHAPE.fullmatch(value)

    return fits


def one_of(*values: str) -> Kind:
    """Return the kind whose values are exactly these."""
    allowed = frozenset(values)
    return lambda value: isinstance(value, str) and value in allowed


def list_of(kind: Kind) -> Kind:
    """Return the kind of lists whose items are all of one kind."""
    return lambda value: isinstance(value, list) and all(kind(item) for item in value)


def table_of(name: Kind, kind: Kind) -> Kind:
    """Return the kind of tables from names of one kind to values of another."""
    return lambda value: isinstance(value, dict) and all(name(key) and kind(item) for key, item in value.items())


def number(value: object) -> bool:
    """Say whether the value is a whole number from zero up; a truth value is none."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_NUMBER


def truth(value: object) -> bool:
    """Say whether the value is true or false."""
    return isinstance(value, bool)


def day(value: object) -> bool:
    """Say whether the value is a day, `2026-11-22`."""
    return isinstance(value, str) and _round_trips(value, lambda text: date.fromisoformat(text).isoformat())


def instant(value: object) -> bool:
    """Say whether the value is an instant, `2026-11-22T23:10:00Z`."""
    return isinstance(value, str) and _round_trips(value, lambda text: as_text(from_text(text)))


def _round_trips(text: str, rewrite: Callable[[str], str]) -> bool:
    try:
        return rewrite(text) == text
    except ValueError:
        return False


#: A word from a list that code keeps: a reason, a state, an algorithm, an outcome.
CODE = _pattern(r"[a-z0-9][a-z0-9_.:+-]{0,59}")
#: What a document or a setting calls an agreement, partner, source, feed, office or release of the software.
NAME = _pattern(r"[A-Za-z0-9][A-Za-z0-9_./@+-]{0,119}")
#: What the gateway calls a list, a load, a snapshot or a file.
REFERENCE = _pattern(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,119}")
#: An officer as an allowed-signers file names them, or an account of the operating system.
PRINCIPAL = _pattern(r"[A-Za-z0-9][A-Za-z0-9_.@+$\\-]{0,119}")
#: A subject's random reference: it means nothing once the registry has forgotten it.
SUBJECT = _pattern(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: SHA-256, hexadecimal.
HASH = _pattern(r"[0-9a-f]{64}")
#: A key: OpenPGP and Ed25519 fingerprints in hexadecimal, or OpenSSH's `SHA256:...`.
FINGERPRINT = _pattern(r"[0-9A-Fa-f]{8,128}|SHA256:[A-Za-z0-9+/]{43}")
#: A public key of a log: `name+id+base64`.
VKEY = _pattern(r"[A-Za-z0-9][A-Za-z0-9_./@-]{0,119}\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}")
#: Where the papers are: `IG-2026-0142`, `SAR/2026/17`, `INC0012345`.
CASE = _pattern(r"[A-Z]{2,10}[-/]?[0-9]{1,8}([-/][0-9]{1,8}){0,3}")

CODES = list_of(CODE)
COUNTS = table_of(NAME, number)
HASHES = table_of(NAME, HASH)
