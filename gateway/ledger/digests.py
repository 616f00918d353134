"""One hash over what belongs to the rows of a list, taken as they come, so that none has to be kept.

What varies in length carries its length, so that nothing passes from one to the next unseen.

Pure, and of the standard library alone: it also runs in a process of its own (store/rows_child.py).
"""

import hashlib
from collections.abc import Iterable, Sequence

_sha256 = hashlib.sha256


def sized(text: str) -> bytes:
    """Return a text behind its length."""
    data = text.encode()
    return len(data).to_bytes(2) + data


class LeavesDigest:
    """One hash over the leaves of a list in their order; all have one width."""

    def __init__(self) -> None:
        self._digest = _sha256()

    def extend(self, joined: bytes) -> None:
        """Add more leaves, joined."""
        self._digest.update(joined)

    def hexdigest(self) -> str:
        """Return the hash, hexadecimal."""
        return self._digest.hexdigest()


class LinesDigest:
    """One hash over the sealed lines of a list in their order, each with its length."""

    def __init__(self) -> None:
        self.count = 0
        self._digest = _sha256()

    def extend(self, sealed: Iterable[bytes]) -> None:
        """Add more lines."""
        framed = [len(line).to_bytes(4) + line for line in sealed]
        self.extend_framed(len(framed), b"".join(framed))

    def extend_framed(self, count: int, framed: bytes) -> None:
        """Add so many lines, joined, each behind its length in four bytes."""
        self.count += count
        self._digest.update(framed)

    def hexdigest(self) -> str:
        """Return the hash, hexadecimal."""
        return self._digest.hexdigest()


def decision_digest(decisions: Iterable[tuple[str, str | None]]) -> str:
    """Return one hash, hexadecimal, over decisions in their order: a subject's reference and the reason, or None.

    A release is bound to it: other decisions give another digest.
    """
    digest = DecisionDigest()
    digest.extend(decisions)
    return digest.hexdigest()


class DecisionDigest:
    """The same of decisions that come some at a time, so that none has to be kept."""

    def __init__(self) -> None:
        self._digest = _sha256()

    def extend(self, decisions: Iterable[tuple[str, str | None]]) -> None:
        """Add more decisions."""
        update = self._digest.update
        for subject_ref, reason in decisions:
            update(sized(subject_ref) + sized(reason or ""))

    def extend_selected(self, subjects: Sequence[str]) -> None:
        """Add people who are all selected."""
        if not subjects:
            return
        # One joining for all of them; a reference has one width, and so each begins with the same.
        width, nothing = sized(subjects[0])[:2], sized("")
        self._digest.update(width + (nothing + width).join([each.encode() for each in subjects]) + nothing)

    def hexdigest(self) -> str:
        """Return the hash."""
        return self._digest.hexdigest()
