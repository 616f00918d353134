"""Say why a pair may not be linked without a person looking at it, however much it weighs.

A weight adds up what agrees; these say what must agree. They are what keeps father and son, twins, ex-partners and
namesakes apart, in whom almost everything agrees.

(1) The day of birth contradicts. Only the number itself and the forename together outweigh it.
(2) The number contradicts, unless the day of birth, the names and the place all agree, and the forename is the very
    same: Katherine and Katy of two numbers are sisters.
(3) Neither number nor day of birth agrees. A day of birth that is one key away, or of which perhaps only the year is
    known, counts where the full name and the place are the same and the pair weighs more than others must
    (`only_nearly`); a number that is one key away counts where the day of birth nearly agrees.
(4) The forename does not agree, and the number is not the very same: twins' numbers may follow one another. Where the
    number is the same, a forename that differs outright is a name that one register does not have, if the day of birth
    agrees too, and a surname or a place; else it is somebody else's number, such as a mother's.
(5) Without a number, the place differs and so does the surname, or the forename by a key: two things to explain.

A place is the same by the first line of the address; a postcode alone counts while no address speaks against it,
because many people live behind one postcode.

Pure: judges the codes of levels, not weights, so that it does not change with the model.
"""

from collections.abc import Iterator

from gateway.model.linkage import Evidence, Field, Veto
from gateway.reconciliation.levels import BORN_DIFFERS, DIFFERS, EXACT

_NAME_AGREES = frozenset({EXACT, "nickname", "swapped", "nearly-swapped", "run-together", "one-key"})
_SURNAME_AGREES = frozenset({EXACT, "former", "swapped", "nearly-swapped", "part", "ending", "alike"})
_SAME_SURNAME = frozenset({EXACT, "former", "swapped"})
_BORN_AGREES = frozenset({EXACT, "swapped"})
_NEARLY = "one-key"
#: Twins may be called so.
_NEARLY_THE_NAME = frozenset({_NEARLY, "nickname", "run-together", "nearly-swapped"})
#: A slip, or a day of which perhaps only the year is known.
_BORN_NEARLY = frozenset({_NEARLY, "same-1-january", "year-known"})


def vetoes_of(evidence: Evidence) -> tuple[Veto, ...]:
    """Return every reason why the pair needs a person to look at it."""
    return tuple(_vetoes(_Agreement(evidence)))


def only_nearly(evidence: Evidence) -> bool:
    """Say whether neither the number nor the day of birth is the same, though one or the other nearly is."""
    pair = _Agreement(evidence)
    return not (pair.same_nino or pair.born_agrees)


def maybe_a_twin(evidence: Evidence) -> bool:
    """Say whether all may agree because the two are twins: a forename nearly, or another one beside the number."""
    pair = _Agreement(evidence)
    return pair.forename == DIFFERS or (pair.forename in _NEARLY_THE_NAME and not pair.same_nino)


def maybe_a_namesake(evidence: Evidence) -> bool:
    """Say whether all but the day of birth may agree because a father's number stands on his son's record."""
    return _Agreement(evidence).born == DIFFERS


class _Agreement:
    """What agrees in a pair, in the words of the rules."""

    def __init__(self, evidence: Evidence) -> None:
        codes = dict(evidence.codes)
        self.nino, self.born = codes[Field.NINO], codes[Field.BORN]
        self.forename, self.surname, self.middle = codes[Field.FORENAME], codes[Field.SURNAME], codes[Field.MIDDLE]
        self.same_nino = self.nino == EXACT
        self.name = self.forename in _NAME_AGREES and (self.middle != DIFFERS or "swapped" in self.forename)
        self.born_agrees = self.born in _BORN_AGREES
        self.home = codes[Field.ADDRESS] in {EXACT, "alike"}
        self.near = self.home or codes[Field.POSTCODE] in {EXACT, _NEARLY}
        self.place = self.home or (self.near and codes[Field.ADDRESS] != DIFFERS)


def _vetoes(pair: _Agreement) -> Iterator[Veto]:
    if pair.born in BORN_DIFFERS and not (pair.same_nino and pair.name):
        yield Veto.BORN_CONTRADICTS
    if pair.nino == DIFFERS and not _all_else_agrees(pair):
        yield Veto.NINO_CONTRADICTS
    if not _identified(pair):
        yield Veto.NO_IDENTIFIER_AGREES
    if not _forename_agrees(pair):
        yield Veto.FORENAME_DIFFERS
    if pair.nino not in {EXACT, _NEARLY} and not _both_names_agree(pair) and not _found_at_home(pair):
        yield Veto.SURNAME_AND_ADDRESS_DIFFER


def _both_names_agree(pair: _Agreement) -> bool:
    return pair.surname in _SURNAME_AGREES and pair.forename != _NEARLY


def _found_at_home(pair: _Agreement) -> bool:
    return pair.place or (pair.near and pair.surname in _SAME_SURNAME)


def _all_else_agrees(pair: _Agreement) -> bool:
    same_name = pair.name and pair.forename in {EXACT, "swapped"}
    return pair.born == EXACT and same_name and pair.surname in _SURNAME_AGREES and pair.place


def _identified(pair: _Agreement) -> bool:
    if pair.same_nino or pair.born_agrees:
        return True
    whole_name = pair.forename in {EXACT, "swapped"} and pair.surname in _SAME_SURNAME
    return pair.born in _BORN_NEARLY and pair.nino != DIFFERS and (pair.nino == _NEARLY or (whole_name and pair.place))


def _forename_agrees(pair: _Agreement) -> bool:
    if pair.name or not pair.same_nino:
        return pair.name
    if pair.forename == DIFFERS:
        return pair.born_agrees and (pair.surname in _SURNAME_AGREES or pair.place)
    return pair.born_agrees or pair.born == _NEARLY
