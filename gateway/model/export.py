"""What was told about a person, to be handed to them: asked for by one officer, released by another, then written.

The second officer judges whether it would be likely to cause serious harm to anybody (Data Protection Act 2018,
Schedule 3, Part 3) or tells of somebody else (Schedule 2, paragraph 16). `MOVES_OF_EXPORT` is the whole machine;
store/exports.py is the one writer.
"""

from enum import StrEnum


class HarmCheck(StrEnum):
    """What the second officer found. Stored."""

    #: No serious harm is likely, and nobody else is told of.
    NONE = "none"
    SERIOUS_HARM = "serious-harm"
    ANOTHER_PERSON = "another-person"


class ExportState(StrEnum):
    """Where an export stands. Stored."""

    #: It waits for the second officer; nothing of it is made yet.
    ASKED = "asked"
    #: It may be written.
    RELEASED = "released"
    #: It is never written; another one may be asked for.
    REFUSED = "refused"


_S = ExportState
MOVES_OF_EXPORT: dict[ExportState, frozenset[ExportState]] = {
    _S.ASKED: frozenset({_S.RELEASED, _S.REFUSED}),
    # What was released in error is refused too, until it is written and after.
    _S.RELEASED: frozenset({_S.REFUSED}),
    _S.REFUSED: frozenset(),
}


def state_after(harm_check: HarmCheck) -> ExportState:
    """Return where an export goes by what the second officer found."""
    return ExportState.RELEASED if harm_check is HarmCheck.NONE else ExportState.REFUSED
