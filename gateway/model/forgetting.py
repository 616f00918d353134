"""Forgetting a person: asked for by one officer, confirmed by another, then carried out whole.

`MOVES_OF_FORGET` is the whole machine; store/forgets.py is the one writer.
"""

from enum import StrEnum


class ForgetReason(StrEnum):
    """Why a person is forgotten: the grounds of UK GDPR Article 17(1), and the end of retention. Stored."""

    #: 17(1)(a): no longer needed for what it was collected for.
    NOT_NEEDED = "not-needed"
    #: 17(1)(c): they objected, and nothing overrides it.
    OBJECTION_UPHELD = "objection-upheld"
    #: 17(1)(d).
    UNLAWFUL = "unlawful"
    #: 17(1)(e).
    LEGAL_OBLIGATION = "legal-obligation"


class UntoldReason(StrEnum):
    """Why recipients are not told that somebody is forgotten (UK GDPR Article 19). Stored."""

    IMPOSSIBLE = "impossible"
    DISPROPORTIONATE = "disproportionate"


class ForgetState(StrEnum):
    """Where forgetting somebody stands. Stored."""

    #: It waits for the second officer; nothing is deleted yet.
    ASKED = "asked"
    #: The rows are gone, and what they left on the disk may still be there.
    ERASED = "erased"
    FORGOTTEN = "forgotten"
    #: The second officer found that the person is not to be forgotten.
    REFUSED = "refused"


_S = ForgetState
MOVES_OF_FORGET: dict[ForgetState, frozenset[ForgetState]] = {
    _S.ASKED: frozenset({_S.ERASED, _S.REFUSED}),
    # A restored database has the rows again, and they are erased again.
    _S.ERASED: frozenset({_S.ERASED, _S.FORGOTTEN}),
    _S.FORGOTTEN: frozenset(),
    _S.REFUSED: frozenset(),
}
#: The states in which nothing leads to the person any more.
GONE = frozenset({ForgetState.ERASED, ForgetState.FORGOTTEN})
