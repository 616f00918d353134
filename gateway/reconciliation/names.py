"""Take names apart as registers write them, and put them together as they are compared.

- A title before a forename and a suffix after a surname (Jnr) are no name. What stands in brackets, or after `aka`,
  `nee` or `formerly`, is another name of the person.
- "SURNAME, Forename" in one field is both; so are all words in one field when the other field is empty.
- The first word of the forenames is the forename; the others, and hyphenated ones, are middle names. A first name that
  brothers or sisters share (Mohammed, Md, Syed, Mosammat, Thi) is none where another follows: it is set before it.
- O', Mc, Mac and Fitz belong to the word that follows, and Mac is Mc; `de`, `dos`, `al` and the like are no part of
  their own.
- A surname that bends with sex or marriage (Kowalski and Kowalska, Kazlauskas and Kazlauskiene) keeps its stem.

Pure.
"""

import re
from typing import NamedTuple

from gateway.reconciliation.plain import plain

_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "rev", "revd", "sir", "lady", "master", "fr", "sr"})
_SUFFIXES = frozenset({"jnr", "jr", "snr", "sr", "ii", "iii", "iv", "esq"})
_NOT_GIVEN = frozenset({"nmn", "unknown", "na", "nk", "none", "null", "notknown", "anon", "baby", "tbc"})
_BINDING = frozenset({"o", "mc", "mac", "fitz", "ni", "nic"})
_PARTICLES = frozenset(
    {"de", "da", "do", "dos", "das", "di", "du", "del", "della", "la", "le", "van", "von", "der", "den", "ter", "ten",
     "al", "el", "ul", "ur", "bin", "binti", "ibn", "bint", "e", "y", "i", "st", "san"}
)  # fmt: skip
_BRACKETS = re.compile(r"[(\[\"]([^)\]\"]*)[)\]\"]?")
_OTHER_NAME = re.compile(
    r"(?i)\b(?:n[eé]e|formerly|previously|aka|a\.k\.a\.?|a/k/a|known as|prev\.?|maiden name)(?:[:\s]+|$)"
)
#: First names that many bear before the name by which they are called, each with its usual spelling.
_SHARED = {
    **dict.fromkeys(
        ("mohammed", "muhammad", "mohammad", "mohamed", "mohamad", "muhammed", "mohammod", "mohamud", "muhamad", "mohd",
         "mohmmed", "muhammod", "maxamed", "md", "muhd"),
        "mohammed",
    ),
    **dict.fromkeys(("syed", "sayed", "sayyid", "syeda"), "syed"),
    **dict.fromkeys(("abdul", "abdool", "abd"), "abdul"),
    **dict.fromkeys(("mosammat", "mst", "mosammet", "musammat", "mosamat", "most"), "mosammat"),
    "thi": "thi",
    "van": "van",
}  # fmt: skip
_SHORTEST_PART = 3
_LONG_ENOUGH_FOR_MAC = 6
#: Endings of one surname for a man, his wife and his daughter: Polish, Lithuanian, Latvian, Russian, Bulgarian, Czech.
_ENDINGS = re.compile(r"(?:(?<=[sc]k)[iay]|(?<=[aeiou]v)a|uviene|iene|iute|aite|yte|ute|[aiuy]s)$")
_SHORTEST_STEM = 3


class Surname(NamedTuple):
    """A surname as one word, its parts, and its stem; "" when it is not known."""

    whole: str
    parts: tuple[str, ...]
    stem: str


class Given(NamedTuple):
    """The forename, the words of the forename field as one, and the names that follow the first."""

    first: str
    whole: str
    others: tuple[str, ...]
    #: A name that many share, where it stood before the first.
    before: str = ""


class Fields(NamedTuple):
    """What stood in the two fields, sorted out: forenames, surname, and names that the person is also known by."""

    forenames: str
    surname: str
    also_forenames: str
    also_surname: str


def fields_of(forename: str, surname: str) -> Fields:
    """Return what is a forename and what is a surname, before either is taken to plain words."""
    forename, also_forename = _set_apart(forename)
    surname, also_surname = _set_apart(surname)
    before, comma, after = (surname or forename).partition(",")
    if comma and not (surname and forename):
        forename, surname = after, before
    elif comma and surname and not _suffix(after):
        # "SMITH, John" in the surname, and the forename said again.
        surname, forename = before, forename or after
    elif "," in forename:
        head, _, tail = forename.partition(",")
        forename = tail if plain(head) == plain(surname) else f"{head} {tail}"
    return _both(forename, surname, also_forename, also_surname)


def _both(forename: str, surname: str, also_forename: str, also_surname: str) -> Fields:
    words = (surname or forename).split()
    if len(words) > 1 and not forename.strip():
        forename, surname = words[0], " ".join(words[1:])
    elif len(words) > 1 and not surname.strip():
        forename, surname = " ".join(words[:-1]), words[-1]
    return Fields(forename, surname, also_forename, also_surname)


def _set_apart(text: str) -> tuple[str, str]:
    """Return a field without its second name, and the second name."""
    if text.isalpha():
        return text, ""
    also = " ".join(_BRACKETS.findall(text))
    text = _BRACKETS.sub(" ", text)
    if match := _OTHER_NAME.search(text):
        also, text = f"{also} {text[match.end() :]}", text[: match.start()]
    return text.strip(), _OTHER_NAME.sub(" ", also + " ").strip()


def _suffix(text: str) -> bool:
    return plain(text) in _SUFFIXES


def given_of(forenames: str, middle: str, also: str) -> Given:
    """Return the forenames in the form in which they are compared."""
    if forenames.isalpha() and not middle and not also:
        first = plain(forenames)
        return Given("" if first in _NOT_GIVEN else _SHARED.get(first, first), first, ())
    words = _without_titles(plain(forenames).split())
    names = words + _without_titles(plain(middle).split())
    before = _SHARED.get(names[0], "") if names else ""
    if before and len(names) > 1 and len(names[1]) > 1:
        return Given(names[1], "".join(words[1:]), _others(names[2:], also), before)
    first = _SHARED.get(words[0], words[0]) if words else ""
    return Given(first, "".join(words), _others(names[len(words[:1]) :], also))


def first_whatever_follows(forenames: str) -> str:
    """Return the forename that `given_of` reads, where no name that follows changes it; "" where one may."""
    word = plain(forenames) if forenames.isalpha() else ""
    return "" if " " in word or word in _SHARED or word in _NOT_GIVEN | _SUFFIXES | _TITLES else word


def _others(names: list[str], also: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names + plain(also).split()))


def _without_titles(words: list[str]) -> list[str]:
    while len(words) > 1 and words[0] in _TITLES:
        words = words[1:]
    return [word for word in words if (word not in _NOT_GIVEN and word not in _SUFFIXES) or len(word) == 1]


def surname_of(text: str) -> Surname:
    """Return a surname in the form in which it is compared."""
    words = _bound([word for word in plain(text).split() if word not in _NOT_GIVEN])
    while len(words) > 1 and words[-1] in _SUFFIXES:
        words.pop()
    while len(words) > 1 and words[0] in _TITLES:
        words = words[1:]
    whole = "".join(words)
    parts = tuple(word for word in words if word not in _PARTICLES and len(word) >= _SHORTEST_PART) or (whole,)
    return Surname(whole, tuple(dict.fromkeys(parts)), stem_of(whole))


def _bound(words: list[str]) -> list[str]:
    bound: list[str] = []
    for word in words:
        if bound and bound[-1] in _BINDING:
            bound[-1] += word
        else:
            bound.append(word)
    return [_mc(word) for word in bound]


def _mc(word: str) -> str:
    return "mc" + word[3:] if word.startswith("mac") and len(word) >= _LONG_ENOUGH_FOR_MAC else word


def stem_of(whole: str) -> str:
    """Return a surname without the ending that bends with sex or marriage, where enough is left of it."""
    stem = _ENDINGS.sub("", whole)
    return stem if len(stem) >= _SHORTEST_STEM else whole
