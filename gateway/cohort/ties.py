"""Say who belongs to which family by the sources' own ids alone, whatever became of the lines.

A membership that was refused still ties its ids together as far as they could be read: a flag on one member must
reach the others all the same (law L3). Where a line has only one side that is held, the other may be anybody of that
source: `without_family` and `without_person` name the sides that are held, so that a flag there is counted as one
that cannot be followed.

Pure.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gateway.cohort.gathered import Gathered, Handle
from gateway.cohort.groups import Held
from gateway.model.records import Feed


@dataclass(frozen=True, slots=True)
class Ties:
    """Families and members, each by handle.

    `named` holds every id of a person that any line named; `not_told` every held family of which a line does not lead
    to a held person, so that only earlier loads may know who that is.
    """

    families_of: Mapping[Handle, frozenset[Handle]]
    members_of: Mapping[Handle, frozenset[Handle]]
    without_family: frozenset[Handle]
    without_person: frozenset[Handle]
    not_told: frozenset[Handle]
    named: frozenset[Handle]


def ties_of(gathered: Gathered, held: Held | None = None) -> Ties:
    """Return the ties of one load; `held` says who is held in the county, where not all of its lines are given.

    Of a refused line only ids that are held count: one that could not be cut into its columns offers every cell.
    """
    people, families, _ = held or held_in(gathered)
    pairs = {((row.source, row.person_id), (row.source, row.family_id)) for row in gathered.memberships}
    # Nearly always none: they are looked at twice, and all pairs once.
    open_pairs = [pair for pair in pairs if pair[0] not in people or pair[1] not in families]
    without_family = {person for person, family in open_pairs if family not in families and person in people}
    of_unheld = {family for person, family in open_pairs if person not in people and family in families}
    without_person: set[Handle] = set()
    for reject in gathered.rejects:
        if reject.feed is not Feed.MEMBERSHIPS:
            continue
        members = {each for person_id in reject.person_ids if (each := (reject.source, person_id)) in people}
        joined = {each for family_id in reject.family_ids if (each := (reject.source, family_id)) in families}
        pairs |= {(member, family) for member in members for family in joined}
        if not joined:
            without_family |= members
        if not members:
            without_person |= joined
    return Ties(
        families_of=_grouped(pairs),
        members_of=_grouped([(family, person) for person, family in pairs]),
        without_family=frozenset(without_family),
        without_person=frozenset(without_person),
        not_told=frozenset(without_person | of_unheld),
        named=frozenset(_named(gathered) | {person for person, _ in pairs}),
    )


def held_in(gathered: Gathered) -> Held:
    """Return who is held, where everybody's lines are given."""
    return Held(
        frozenset((person.source, person.source_id) for person in gathered.persons),
        frozenset((family.source, family.source_id) for family in gathered.families),
        frozenset(person.source for person in gathered.persons),
    )


def _named(gathered: Gathered) -> set[Handle]:
    feeds = (gathered.episodes, gathered.involvements, gathered.addresses, gathered.identifiers)
    named = {(row.source, row.person_id) for rows in feeds for row in rows}
    rejected = {(reject.source, person_id) for reject in gathered.rejects for person_id in reject.person_ids}
    return named | rejected


def _grouped(pairs: Collection[tuple[Handle, Handle]]) -> dict[Handle, frozenset[Handle]]:
    groups: defaultdict[Handle, list[Handle]] = defaultdict(list)
    for one, other in pairs:
        groups[one].append(other)
    # Most people are in one family, and share that set with its other members.
    alone = {other: frozenset({other}) for others in groups.values() if len(others) == 1 for other in others}
    return {one: alone[others[0]] if len(others) == 1 else frozenset(others) for one, others in groups.items()}
