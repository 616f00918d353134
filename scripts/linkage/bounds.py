"""Confidence bounds of a share that was counted: Clopper and Pearson, two-sided.

Pure.
"""

from math import exp, lgamma, log

CONFIDENCE = 0.95


def upper_bound(seen: int, of: int) -> float:
    """Return the largest share of which `seen` of `of` or fewer is not a surprise."""
    if seen >= of:
        return 1.0
    low, high = seen / of, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(seen, of, middle) > (1 - CONFIDENCE) / 2 else (low, middle)
    return high


def with_bounds(seen: int, of: int) -> str:
    """Return a share and between what it lies, for a table; a dash where nothing was counted."""
    if not of:
        return "-"
    return f"{seen / of:.4f} ({1 - upper_bound(of - seen, of):.4f} to {upper_bound(seen, of):.4f})"


def _at_most(seen: int, of: int, share: float) -> float:
    """Return the chance of `seen` or fewer of `of`."""
    if share in {0.0, 1.0}:
        return 1.0 - share
    start = lgamma(of + 1)
    return sum(
        exp(start - lgamma(k + 1) - lgamma(of - k + 1) + k * log(share) + (of - k) * log(1 - share))
        for k in range(seen + 1)
    )
