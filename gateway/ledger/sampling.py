"""Draw a random sample that anybody can draw again: from a seed, without choosing anything.

The places that are drawn of a stratum are SHA-256 over the seed, the stratum's name and a counter, taken modulo its
size; a place that was drawn already is passed over. Whoever knows the seed gets the same places, on any machine and
in any year.

Pure. What a stratum is, and where the seed comes from, is the caller's.
"""

import hashlib
from collections.abc import Iterable


def places_drawn(seed: str, stratum: Iterable[str], size: int, wanted: int) -> list[int]:
    """Return so many different places from 0 to below `size`, or all of them, in their order."""
    if wanted >= size:
        return list(range(size))
    name = "\x00".join((seed, *stratum))
    found: set[int] = set()
    counter = 0
    while len(found) < wanted:
        digest = hashlib.sha256(f"{name}\x00{counter}".encode()).digest()
        # 256 bits over any number of rows that there will ever be: no place is likelier than another by what matters.
        found.add(int.from_bytes(digest) % size)
        counter += 1
    return sorted(found)


def seed_of(words: str) -> str:
    """Return the seed that words stand for: they are kept as a hash, because anything could be typed (law L8)."""
    is_seed = len(words) == hashlib.sha256().digest_size * 2 and set(words) <= set("0123456789abcdef")
    return words if is_seed else hashlib.sha256(words.encode()).hexdigest()
