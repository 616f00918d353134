"""Read who stood on a list that was handed over another way, and find the subject of each identifier.

- One identifier a line: a National Insurance number, or a source's id; `kind,identifier` where the kinds are mixed.
- A source's id stands for whoever was met first by it. A number stands for the one person who is known by it; where
  several are, or nobody is, for a subject of its own that is known by that number alone: nothing says which of them it
  was, and whoever asks by the number finds it (subject_search.py).
- Who is not in the registry is entered there, so that their history is found when they ask, and can be forgotten.
- A fault names the line, never what stands there (law L8).
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.cohort.identifiers import Environment, Unusable, nino_stem, parse_nino
from gateway.errors import HandoverRefused
from gateway.services.subjects.subject_search import subjects_meant
from gateway.services.workplace import Workplace
from gateway.store.blind_index import NINO, Clue
from gateway.store.registry import Registry, known_by_number_alone
from gateway.store.registry_growth import grow, next_batch, plan_growth
from gateway.store.work import Work

MOST_BYTES = 8 * 1024 * 1024
#: A source's id as a load reads it.
_ID = re.compile("[!-~]{1,64}")
_MOST_LINES_NAMED = 10


@dataclass(frozen=True, slots=True)
class OnTheList:
    """Who stood on it, as references in their order, and how many of them the registry did not know before."""

    subjects: tuple[str, ...]
    registered: int


def read_identifiers(data: bytes, kind: str, sources: Collection[str], environment: str) -> dict[int, Clue]:
    """Return the identifier of each line in its normal form. Raises HandoverRefused naming the lines at fault."""
    if len(data) > MOST_BYTES:
        raise HandoverRefused(f"the identifiers are more than {MOST_BYTES // 2**20} MiB")
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise HandoverRefused("the identifiers are not text in UTF-8") from None
    read = {number: _clue(line, kind, sources, environment) for number, line in enumerate(lines, 1) if line.strip()}
    _refuse_lines([number for number, clue in read.items() if clue is None], "is no identifier of a kind that is known")
    clues = {number: clue for number, clue in read.items() if clue is not None}
    counted = Counter(map(_whose, clues.values()))
    _refuse_lines([number for number, clue in clues.items() if counted[_whose(clue)] > 1], "stands there twice")
    return clues


def find_subjects(workplace: Workplace, work: Work, clues: Mapping[int, Clue]) -> OnTheList:
    """Return the subject of each line's identifier, and enter those whom the registry does not know.

    Raises HandoverRefused where two lines mean one person.
    """
    known = {number: _known(workplace, work, clue) for number, clue in clues.items()}
    counted = Counter(subject for subject in known.values() if subject)
    twice = [number for number, subject in known.items() if subject and counted[subject] > 1]
    _refuse_lines(twice, "means the same person as another one")
    unknown = [clue for number, clue in clues.items() if known[number] is None]
    made = _enter(workplace, work, unknown)
    return OnTheList(tuple(subject or next(made) for subject in known.values()), len(unknown))


def _clue(line: str, kind: str, sources: Collection[str], environment: str) -> Clue | None:
    before, comma, after = line.partition(",")
    kind, value = (before.strip(), after.strip()) if comma else (kind, line.strip())
    if kind == NINO:
        return _number(value, environment)
    return (kind, value) if kind in sources and _ID.fullmatch(value) else None


def _number(value: str, environment: str) -> Clue | None:
    try:
        return NINO, parse_nino(value, Environment(environment)).value
    except Unusable:
        return None


def _whose(clue: Clue) -> Clue:
    kind, value = clue
    return (kind, nino_stem(value)) if kind == NINO else clue


def _known(workplace: Workplace, work: Work, clue: Clue) -> str | None:
    found = subjects_meant(workplace, work.connection, clue)
    if len(found) > 1 and clue[0] == NINO:
        found = known_by_number_alone(work.connection, found)
    return found[0] if found else None


def _enter(workplace: Workplace, work: Work, unknown: Sequence[Clue]) -> Iterator[str]:
    """Enter a subject for each identifier that leads to nobody, and yield them in their order."""
    nobody = Registry(workplace.keys.index_key(), {}, {})
    growth = plan_growth(nobody, [_known_by(clue) for clue in unknown], next_batch(work.connection), workplace.draw)
    grow(work, growth)
    return (subject.subject_ref for subject in growth.people)


def _known_by(clue: Clue) -> tuple[Clue, ...]:
    """Return what a load would know somebody by: a number with its suffix, and without."""
    kind, value = clue
    return tuple(dict.fromkeys((clue, (NINO, nino_stem(value))))) if kind == NINO else (clue,)


def _refuse_lines(numbers: Sequence[int], what: str) -> None:
    if numbers:
        named = ", ".join(map(str, numbers[:_MOST_LINES_NAMED]))
        raise HandoverRefused(f"{len(numbers)} lines cannot be taken: line {named} {what}")
