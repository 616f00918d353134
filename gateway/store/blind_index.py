"""Edge: the blind index: what it keeps of a clue, and which key it was made with.

- A clue (a source's id, a National Insurance number with or without its suffix) is kept as HMAC-SHA256 under the
  registry's key, cut to 16 bytes: who has the database alone cannot look anybody up.
- The key can be changed: reindex.py makes all values anew. A key that is older than the rows is refused, because it
  would find nobody, and everybody would be met anew; one that is newer, as with a database from a backup, is taken as
  it was then.
"""

import hashlib
import hmac
from collections.abc import Callable
from functools import reduce

from sqlalchemy import Connection, select

from gateway.errors import KeyUnusable
from gateway.model.keys import IndexKey
from gateway.store.tables import subject_identifiers

NINO = "nino"

#: A kind (`nino`, or a source's name) and a value.
Clue = tuple[str, str]

_VALUE_BYTES = 16
_HMAC_BLOCK = 64
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))


def index_value(key: IndexKey, clue: Clue) -> bytes:
    """Return what the index keeps of a clue."""
    kind, value = clue
    return reduce(hashed_again, key.secrets, f"{kind}\0{value}".encode())


def hashed_again(value: bytes, secret: bytes) -> bytes:
    """Return a value of the index under one secret more."""
    return hmac.digest(secret, value, "sha256")[:_VALUE_BYTES]


def index_values(key: IndexKey) -> Callable[[Clue], bytes]:
    """Return what gives the same as `index_value`, for many clues: a secret's own part of a hash is made once."""
    begun = [_begun(secret) for secret in key.secrets]

    def value_of(clue: Clue) -> bytes:
        kind, value = clue
        hashed = f"{kind}\0{value}".encode()
        for inner, outer in begun:
            within, around = inner.copy(), outer.copy()
            within.update(hashed)
            around.update(within.digest())
            hashed = around.digest()[:_VALUE_BYTES]
        return hashed

    return value_of


def _begun(secret: bytes) -> tuple["hashlib._Hash", "hashlib._Hash"]:
    """Return the two hashes of HMAC-SHA256 under a secret (RFC 2104), as far as they are the same for all values."""
    if len(secret) > _HMAC_BLOCK:
        secret = hashlib.sha256(secret).digest()
    padded = secret.ljust(_HMAC_BLOCK, b"\0")
    return hashlib.sha256(padded.translate(_INNER)), hashlib.sha256(padded.translate(_OUTER))


def index_key_of(connection: Connection, key: IndexKey) -> IndexKey:
    """Return the key that the index was made with: the one given, or it as it was when an older database was in use.

    Raises KeyUnusable where the key given is older than the index.
    """
    # One row says it for all: they are made anew in one transaction.
    version = connection.execute(select(subject_identifiers.c.index_version).limit(1)).scalar() or key.version
    if version > key.version:
        raise KeyUnusable(
            f"the index of people was made with {version} secrets, and its key has {key.version}",
            advice="Put the index key in place that was backed up with this database: keys/README.md.",
        )
    return IndexKey(key.secrets[:version])
