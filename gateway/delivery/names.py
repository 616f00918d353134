"""Names at the recipient: made from what identifies a list, never from anybody on it (law L8).

- The same list has the same name on every host and after every restart, so that the server can be asked about it.
- Names sort by agreement, then day, then office; all are lower-case letters, digits, `-`, `_` and `.`.
- A name ends in twelve digits of the package's hash: another package is another name.

Pure.
"""

import re

_MOST_AGREEMENT = 60
_MOST_PART = 30
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
#: What may be collected: nothing that climbs, hides, or carries more than a name. Long enough for what a desk adds to
#: the longest name of a package.
_COLLECTABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,159}", re.ASCII)


def package_name(agreement_id: str, window: str, part: str, sha256: str) -> str:
    """Return the final name of a package."""
    agreement = plain(agreement_id)[:_MOST_AGREEMENT].strip("-")
    office = plain(part)[:_MOST_PART].strip("-")
    return f"{agreement}_{plain(window)}_{office}_{sha256[:12]}.csv.pgp"


def plain(text: str) -> str:
    """Return text in lower case with everything but letters and digits as single hyphens."""
    return _NOT_PLAIN.sub("-", text.lower()).strip("-")


def manifest_name(package: str) -> str:
    """Return the name of the signed manifest that follows a package."""
    return f"{package}.manifest.asc"


def receipt_form_name(package: str) -> str:
    """Return the name of the receipt form that follows a package."""
    return f"{package}.receipt.txt"


def temporary_name(name: str) -> str:
    """Return the name that a file has until it is checked; no recipient reads it."""
    return f".{name}.part"


def may_collect(name: str) -> bool:
    """Say whether a file in the receipts folder has a name that is read."""
    return bool(_COLLECTABLE.fullmatch(name)) and ".." not in name


def may_place(name: str) -> bool:
    """Say whether a name is one that this module makes."""
    return may_collect(name)
