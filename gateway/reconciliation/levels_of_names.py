"""How well forenames, surnames and middle names agree.

One letter makes two names of twins (Paul and Paula, Jayden and Kayden, Hasan and Hasna). It is taken for a slip of a
key only within a word, where the first and the last letter agree, and unless both are names that people bear. Whether
even that may be a twin is left to `alike_kin.py`.

Pure.
"""

from gateway.model.linkage import Field
from gateway.reconciliation.alike import jaro_winkler, one_key_apart
from gateway.reconciliation.comparable import Comparable
from gateway.reconciliation.levels import EXACT, FieldRules, LevelRule, same, share
from gateway.reconciliation.levels_of_identifiers import ALIKE, SIMILAR

_SHORTEST_TYPED = 5


def _both_known(a: Comparable, b: Comparable) -> bool:
    return None not in {a.forename, a.surname, b.forename, b.surname}


def _swapped(a: Comparable, b: Comparable) -> bool:
    return _both_known(a, b) and a.forename == b.surname and a.surname == b.forename


def _nearly_swapped(a: Comparable, b: Comparable) -> bool:
    crossed = ((a.forename or "", b.surname or ""), (a.surname or "", b.forename or ""))
    return _both_known(a, b) and all(jaro_winkler(one, other) >= ALIKE for one, other in crossed)


#: Either side may lack the one of the two names; nothing then is swapped, and nothing is null.
_NEARLY_SWAPPED_SQL = (
    f"coalesce(jaro_winkler_similarity(forename_l, surname_r) >= {ALIKE!r}"
    f" and jaro_winkler_similarity(surname_l, forename_r) >= {ALIKE!r}, false)"
)
SWAPPED = LevelRule(
    "swapped",
    "forename and surname swapped",
    "coalesce(forename_l = surname_r and surname_l = forename_r, false)",
    _swapped,
)
#: Which of the two is the forename is not known here, so that a twin's would pass for a slip in the surname.
NEARLY_SWAPPED = LevelRule(
    "nearly-swapped", "forename and surname swapped, and nearly the same", _NEARLY_SWAPPED_SQL, _nearly_swapped
)


def _forename_one_key(a: Comparable, b: Comparable) -> bool:
    one, other = a.forename or "", b.forename or ""
    long_enough, both_known = min(len(one), len(other)) >= _SHORTEST_TYPED, a.known and b.known
    within = one[:1] == other[:1] and one[-1:] == other[-1:]
    return long_enough and within and not both_known and one_key_apart(one, other)


def _middle(a: Comparable, b: Comparable) -> bool:
    return a.forename in {*b.middles, b.before} or b.forename in {*a.middles, a.before}


def _initial(a: Comparable, b: Comparable) -> bool:
    one, other = a.forename or "", b.forename or ""
    return min(len(one), len(other)) == 1 and one[:1] == other[:1]


FORENAME = FieldRules(
    Field.FORENAME,
    "forename",
    (
        same("forename"),
        LevelRule(
            "nickname",
            "a short form or spelling of the same name",
            "list_has_any(nicks_l, nicks_r)",
            lambda a, b: share(a.nicks, b.nicks),
        ),
        SWAPPED,
        NEARLY_SWAPPED,
        LevelRule(
            "run-together",
            "the same but for blanks",
            "forenames_l = forenames_r",
            lambda a, b: a.forenames == b.forenames,
        ),
        LevelRule(
            "one-key",
            "one key apart",
            "least(length(forename_l), length(forename_r)) >= 5 and left(forename_l, 1) = left(forename_r, 1)"
            " and right(forename_l, 1) = right(forename_r, 1) and not (known_l and known_r)"
            " and damerau_levenshtein(forename_l, forename_r) <= 1",
            _forename_one_key,
        ),
        LevelRule(
            "alike",
            "alike",
            f"jaro_winkler_similarity(forename_l, forename_r) >= {ALIKE!r}",
            lambda a, b: jaro_winkler(a.forename or "", b.forename or "") >= ALIKE,
        ),
        LevelRule(
            "middle",
            "the other's middle name",
            "list_contains(middles_r, forename_l) or list_contains(middles_l, forename_r)"
            " or coalesce(forename_l = before_r, false) or coalesce(forename_r = before_l, false)",
            _middle,
        ),
        LevelRule(
            "initial",
            "only an initial",
            "least(length(forename_l), length(forename_r)) = 1 and left(forename_l, 1) = left(forename_r, 1)",
            _initial,
        ),
        LevelRule(
            "similar",
            "somewhat alike",
            f"jaro_winkler_similarity(forename_l, forename_r) >= {SIMILAR!r}",
            lambda a, b: jaro_winkler(a.forename or "", b.forename or "") >= SIMILAR,
        ),
    ),
    adjusted=frozenset({EXACT, "one-key"}),
    lowered=frozenset({"nickname", "swapped", "nearly-swapped"}),
)


def _former(a: Comparable, b: Comparable) -> bool:
    return a.surname in b.others or b.surname in a.others or share(a.others, b.others)


SURNAME = FieldRules(
    Field.SURNAME,
    "surname",
    (
        same("surname"),
        LevelRule(
            "former",
            "another surname of the person",
            "list_contains(others_r, surname_l) or list_contains(others_l, surname_r)"
            " or list_has_any(others_l, others_r)",
            _former,
        ),
        SWAPPED,
        NEARLY_SWAPPED,
        LevelRule(
            "part",
            "one part of a double surname is the same",
            "list_has_any(parts_l, parts_r)",
            lambda a, b: share(a.parts, b.parts),
        ),
        LevelRule("ending", "the same but for its ending", "stem_l = stem_r", lambda a, b: a.stem == b.stem),
        LevelRule(
            "alike",
            "alike",
            f"jaro_winkler_similarity(surname_l, surname_r) >= {ALIKE!r}",
            lambda a, b: jaro_winkler(a.surname or "", b.surname or "") >= ALIKE,
        ),
        LevelRule(
            "similar",
            "somewhat alike",
            f"jaro_winkler_similarity(surname_l, surname_r) >= {SIMILAR!r}",
            lambda a, b: jaro_winkler(a.surname or "", b.surname or "") >= SIMILAR,
        ),
    ),
    adjusted=frozenset({EXACT, "alike"}),
    lowered=frozenset({"swapped", "nearly-swapped", "part", "ending"}),
)


def _same_middle(a: Comparable, b: Comparable) -> bool:
    return share(a.middles, b.given) or share(a.given, b.middles)


def _middle_initial(a: Comparable, b: Comparable) -> bool:
    one, other = a.middle or "", b.middle or ""
    return min(len(one), len(other)) == 1 and one[:1] == other[:1]


MIDDLE = FieldRules(
    Field.MIDDLE,
    "middle",
    (
        LevelRule(
            EXACT,
            "the same",
            "list_has_any(middles_l, given_r) or list_has_any(given_l, middles_r)",
            _same_middle,
        ),
        LevelRule(
            "initial",
            "only an initial",
            "least(length(middle_l), length(middle_r)) = 1 and left(middle_l, 1) = left(middle_r, 1)",
            _middle_initial,
        ),
        LevelRule(
            "alike",
            "alike",
            f"jaro_winkler_similarity(middle_l, middle_r) >= {ALIKE!r}",
            lambda a, b: jaro_winkler(a.middle or "", b.middle or "") >= ALIKE,
        ),
    ),
)
