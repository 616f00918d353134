"""The bounds that docs/performance-linkage.md gives."""

import pytest

from scripts.linkage.bounds import upper_bound


def test_of_nothing_wrong_in_many_little_may_be_wrong() -> None:
    assert upper_bound(0, 10_000) == pytest.approx(1 - 0.025 ** (1 / 10_000), rel=1e-9)


def test_a_bound_lies_above_what_was_seen() -> None:
    assert upper_bound(5, 100) == pytest.approx(0.112835, abs=1e-5)


def test_what_was_always_seen_may_always_be() -> None:
    assert upper_bound(7, 7) == 1
