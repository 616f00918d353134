"""Say which records of which sources are one person, by strict rules, and keep the rule that said so.

Linking lets a record's facts be disclosed as another's, so nothing here guesses (law L3). Two records are one
person when they share a date of birth that is not estimated and

- one valid current National Insurance number (its suffix apart) and the surname; or
- the Unique Pupil Number, which stays with a pupil through a change of name; or
- surname, forename and current postcode, and in neither of the two sources does another line share all four.

Records that contradict each other are never linked: two different dates of birth, two different valid numbers,
two forenames in one source; also where a third record would lie between them. So father and son of one name stay two
people, and twins do even if both were given one number. Lines that share one id are faulty and link to nothing.

Records that earlier loads took to be one person stay one person: what was disclosed before must not come apart
because a value was corrected. Where they contradict each other now, the person is `contradictory` and is left out
until somebody decides.

Pure. Which records *could* be one person, for suppression, is left to suppression.py.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from gateway.cohort.gathered import Handle
from gateway.cohort.rows import Clue
from gateway.cohort.traits import Traits


class LinkRule(StrEnum):
    """Why a record was taken to be this person. Stored; the strongest stands first."""

    NUMBER = "nino_birth_surname"
    PUPIL = "upn_birth"
    ALL_FOUR = "name_birth_postcode"
    #: An earlier load linked the records.
    REMEMBERED = "remembered"
    #: The person has no other record.
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class Links:
    """Every person: their records in order, and the place of each record's person.

    `rules` holds the strongest rule by which each record hangs together with another. `contradictory` holds the
    places of people whose records say different things of them.
    """

    people: tuple[tuple[Handle, ...], ...]
    place_of: Mapping[Handle, int]
    rules: Mapping[Handle, LinkRule]
    contradictory: frozenset[int]


#: The subjects that the registry knows a clue by.
Remembered = Mapping[Clue, frozenset[str]]

Edge = tuple[Handle, Handle, LinkRule]


def link(lines: Sequence[Traits], remembered: Remembered) -> Links:
    """Return the people that the lines are about."""
    sole = _sole_lines(lines)
    edges = _without_contradiction(_strict_edges(lines, sole), sole)
    handles = dict.fromkeys(traits.handle for traits in lines)
    edges += _remembered_edges(handles.keys(), remembered)
    # Lines come in the order of their handles, and so the groups do: there is little left to sort.
    people = tuple(sorted(_groups(handles, edges)))
    return Links(
        people=people,
        place_of={handle: place for place, group in enumerate(people) for handle in group},
        rules=_rules(people, edges),
        # One record alone contradicts nobody.
        contradictory=frozenset(
            place for place, group in enumerate(people) if len(group) > 1 and _disagree(group, sole)
        ),
    )


def ids_with_several_lines(lines: Iterable[Traits]) -> frozenset[Handle]:
    """Return the ids that more than one line of their source bears."""
    count = Counter(traits.handle for traits in lines)
    return frozenset(handle for handle, number in count.items() if number > 1)


def _sole_lines(lines: Sequence[Traits]) -> dict[Handle, Traits]:
    several = ids_with_several_lines(lines)
    return {traits.handle: traits for traits in lines if traits.handle not in several}


# --- the strict rules -------------------------------------------------------------------------------------------------


def _strict_edges(lines: Sequence[Traits], sole: Mapping[Handle, Traits]) -> list[Edge]:
    exact = [traits for traits in sole.values() if traits.born_on is not None and traits.born_exactly]
    numbers = (((each.nino, each.born_on, each.surname), each) for each in exact if each.nino and each.surname)
    pupils = (((each.upn, each.born_on), each) for each in exact if each.upn)
    edges = _edges_of(_alike(numbers), LinkRule.NUMBER) + _edges_of(_alike(pupils), LinkRule.PUPIL)
    edges += _edges_of(_alike_in_all_four(lines), LinkRule.ALL_FOUR)
    return [edge for edge in edges if edge[0] in sole and edge[1] in sole]


def _alike_in_all_four(lines: Sequence[Traits]) -> list[list[Traits]]:
    """Return groups of lines alike in all four facts, at most one of each source."""
    alike = _alike(
        ((each.surname, each.forename, each.born_on, each.postcode), each)
        for each in lines
        if each.born_on and each.born_exactly and each.surname and each.forename and each.postcode
    )
    return [group for group in alike if len({traits.handle[0] for traits in group}) == len(group)]


def _alike(keyed: Iterable[tuple[tuple[object, ...], Traits]]) -> list[list[Traits]]:
    """Return groups of two lines or more that have one key. Most lines share theirs with none, and are in no list."""
    first: dict[tuple[object, ...], Traits] = {}
    groups: dict[tuple[object, ...], list[Traits]] = {}
    for key, traits in keyed:
        one = first.setdefault(key, traits)
        if one is not traits:
            groups.setdefault(key, [one]).append(traits)
    return list(groups.values())


def _edges_of(groups: Iterable[Sequence[Traits]], rule: LinkRule) -> list[Edge]:
    return [(group[0].handle, other.handle, rule) for group in groups for other in group[1:]]


def _without_contradiction(edges: list[Edge], sole: Mapping[Handle, Traits]) -> list[Edge]:
    """Leave out every edge of a group that contradicts itself: which of them is wrong, nothing says."""
    groups = _groups({handle for edge in edges for handle in edge[:2]}, edges)
    faulty = {handle for group in groups if _contradict(sole[handle] for handle in group) for handle in group}
    return [edge for edge in edges if edge[0] not in faulty]


def _disagree(handles: Iterable[Handle], sole: Mapping[Handle, Traits]) -> bool:
    return _contradict(sole[handle] for handle in handles if handle in sole)


def _contradict(lines: Iterable[Traits]) -> bool:
    """Say whether the records cannot all be of one person."""
    known = list(lines)
    births = {traits.born_on for traits in known if traits.born_on and traits.born_exactly}
    numbers = {traits.nino for traits in known if traits.nino}
    doubtful = len(known) > 1 and any(traits.doubtful_nino for traits in known)
    return len(births) > 1 or len(numbers) > 1 or doubtful or _held_apart(known)


def _held_apart(lines: Sequence[Traits]) -> bool:
    """Say whether one source holds two of the records under different forenames, as it does twins."""
    forenames: defaultdict[str, set[str]] = defaultdict(set)
    for traits in lines:
        if traits.forename:
            forenames[traits.handle[0]].add(traits.forename)
    return any(len(names) > 1 for names in forenames.values())


# --- what earlier loads linked ------------------------------------------------------------------------------


def places_of_subjects(links: Links, remembered: Remembered) -> dict[str, set[int]]:
    """Return the places of the people whom the registry knows as each subject."""
    places: defaultdict[str, set[int]] = defaultdict(set)
    for handle in links.place_of.keys() & remembered.keys():
        for subject in remembered[handle]:
            places[subject].add(links.place_of[handle])
    return dict(places)


def _remembered_edges(held: AbstractSet[Handle], remembered: Remembered) -> list[Edge]:
    first_of: dict[str, Handle] = {}
    edges: list[Edge] = []
    for handle in sorted(held & remembered.keys()):
        for subject in sorted(remembered[handle]):
            first = first_of.setdefault(subject, handle)
            if first != handle:
                edges.append((first, handle, LinkRule.REMEMBERED))
    return edges


# --- groups ------------------------------------------------------------------------------


def _groups(handles: Iterable[Handle], edges: Iterable[Edge]) -> list[tuple[Handle, ...]]:
    """Return the connected groups of handles, each in order."""
    neighbours: defaultdict[Handle, list[Handle]] = defaultdict(list)
    for one, other, _ in edges:
        neighbours[one].append(other)
        neighbours[other].append(one)
    groups: list[tuple[Handle, ...]] = []
    seen: set[Handle] = set()
    for handle in handles:
        if handle not in neighbours:
            groups.append((handle,))
        elif handle not in seen:
            group = _connected(handle, neighbours)
            seen |= group
            groups.append(tuple(sorted(group)))
    return groups


def _connected(start: Handle, neighbours: Mapping[Handle, Sequence[Handle]]) -> set[Handle]:
    found = {start}
    waiting = [start]
    while waiting:
        for other in neighbours[waiting.pop()]:
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def _rules(people: Iterable[tuple[Handle, ...]], edges: Iterable[Edge]) -> dict[Handle, LinkRule]:
    strength = {rule: place for place, rule in enumerate(LinkRule)}
    rules = dict.fromkeys(chain.from_iterable(people), LinkRule.ALONE)
    for one, other, rule in edges:
        for handle in (one, other):
            rules[handle] = min(rules[handle], rule, key=strength.__getitem__)
    return rules
