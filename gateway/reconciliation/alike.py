"""How alike two words are: Jaro-Winkler, and whether one wrong key makes one of the other.

They must say what DuckDB's `jaro_winkler_similarity` and `damerau_levenshtein` say, because a pair is scored there
and explained here; a property test holds that they do.

Pure.
"""

_PREFIX_WEIGHT, _LONGEST_PREFIX, _PREFIX_COUNTS_FROM = 0.1, 4, 0.7


def jaro_winkler(one: str, other: str) -> float:
    """Return how alike two words are, from 0 to 1, with more weight on their beginning."""
    jaro = _jaro(one, other)
    if jaro <= _PREFIX_COUNTS_FROM:
        return jaro
    common = 0
    while common < min(len(one), len(other), _LONGEST_PREFIX) and one[common] == other[common]:
        common += 1
    return jaro + common * _PREFIX_WEIGHT * (1 - jaro)


def _jaro(one: str, other: str) -> float:
    if one == other:
        return 1.0
    reach = max(max(len(one), len(other)) // 2 - 1, 0)
    taken = [False] * len(other)
    found = []
    for place, letter in enumerate(one):
        for near in range(max(0, place - reach), min(len(other), place + reach + 1)):
            if not taken[near] and other[near] == letter:
                taken[near] = True
                found.append(letter)
                break
    if not found:
        return 0.0
    there = [letter for letter, was_taken in zip(other, taken, strict=True) if was_taken]
    crossed = sum(a != b for a, b in zip(found, there, strict=True)) // 2
    return (len(found) / len(one) + len(found) / len(other) + (len(found) - crossed) / len(found)) / 3


def one_key_apart(one: str, other: str) -> bool:
    """Say whether one wrong, missing or added key, or two keys swapped, make one word of the other (or none does)."""
    if one == other:
        return True
    if len(one) > len(other):
        one, other = other, one
    start = 0
    while start < len(one) and one[start] == other[start]:
        start += 1
    rest, longer = one[start:], other[start:]
    if len(one) == len(other):
        swapped = rest[:2] == longer[1::-1] and rest[2:] == longer[2:]
        return swapped or rest[1:] == longer[1:]
    return rest == longer[1:]
