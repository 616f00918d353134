"""Recall from the last snapshot what tonight's lines name or leave open, so that a lost line protects nobody less.

A line that was refused, or an id that was damaged, may have been what held somebody back: a death, a flag's key, the
tie to a family. What the last load read there is carried over (law L3):

- a person's record that is named tonight (by other lines, a flag, a refused line) but not held; and every record of
  a source that is gone, where a person's own line was refused that names nobody who is known;
- a membership that is gone from a family of which a line now leads to nobody who is held, or of a person of whom a
  line now leads to no family that is held: whom a flag reached by way of that family, it reaches still;
- a home that is gone from somebody about whose address a line was refused; or from anybody, where a line about that
  very postcode now leads to nobody who is held.

Whatever is carried over stands in the new snapshot, so that the next night recalls it again for as long as the fault
lasts. `recalled` names the people concerned: they are incomplete. A county's first load has nothing to recall.

Pure: the last snapshot is asked through `LastSnapshot`; store/ answers.
"""

from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from gateway.cohort.gathered import Gathered, Handle
from gateway.cohort.groups import Held
from gateway.cohort.identifiers import nino_stem
from gateway.cohort.rows import NINO, Clue
from gateway.cohort.ties import Ties, held_in, ties_of
from gateway.model.records import (
    AddressRecord,
    Feed,
    FlagRecord,
    LastMembership,
    LastSeen,
    MembershipRecord,
    PersonRecord,
)

#: The line of a record that no extract of tonight holds.
CARRIED_OVER = 0


class LastSnapshot(Protocol):
    """What the last load made."""

    def records(self, handles: Collection[Handle]) -> Iterable[LastSeen]:
        """Return those of the records that it has."""
        ...

    def records_of(self, source: str) -> Iterable[LastSeen]:
        """Return every record of a source."""
        ...

    def members(self, families: Collection[Handle]) -> Iterable[LastMembership]:
        """Return the memberships of families."""
        ...

    def memberships_of(self, people: Collection[Handle]) -> Iterable[LastMembership]:
        """Return the memberships of people, in families of their record's own source."""
        ...

    def living_at(self, postcodes: Collection[str]) -> Iterable[LastSeen]:
        """Return the records of people who live at the postcodes."""
        ...


class NoSnapshot:
    """What a county's first load has to go by."""

    def records(self, _handles: Collection[Handle]) -> Iterable[LastSeen]:
        """Return nothing."""
        return ()

    def records_of(self, _source: str) -> Iterable[LastSeen]:
        """Return nothing."""
        return ()

    def members(self, _families: Collection[Handle]) -> Iterable[LastMembership]:
        """Return nothing."""
        return ()

    def memberships_of(self, _people: Collection[Handle]) -> Iterable[LastMembership]:
        """Return nothing."""
        return ()

    def living_at(self, _postcodes: Collection[str]) -> Iterable[LastSeen]:
        """Return nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class Recalled:
    """Tonight's lines with what was carried over, their ties, and the records of people whom that makes incomplete."""

    gathered: Gathered
    ties: Ties
    people: frozenset[Handle]


def recall(gathered: Gathered, last: LastSnapshot, as_at: date, held: Held | None = None) -> Recalled:
    """Return the lines of a load with what the last snapshot still knows of them.

    `held` says who is held in the whole county, where only the lines are given that could leave something open.
    """
    whole = Gathered()
    whole.extend(gathered)
    held = held or held_in(gathered)
    records = _lost_records(whole, ties_of(whole, held), held, last)
    if records:
        whole.persons.extend(map(_as_person, records))
        held = held._replace(people=_Either(held.people, {(seen.source, seen.source_id) for seen in records}))
    ties = ties_of(whole, held)
    memberships = _lost_memberships(ties, held, last)
    if memberships:
        whole.memberships.extend(memberships)
        ties = ties_of(whole, held)
    homes = _lost_homes(whole, held, last, as_at)
    whole.addresses.extend(homes)
    touched = {(seen.source, seen.source_id) for seen in records} | {(home.source, home.person_id) for home in homes}
    return Recalled(whole, ties, frozenset(touched))


class _Either:
    """Those who were held, and those who are again."""

    def __init__(self, held: Container[Handle], again: Collection[Handle]) -> None:
        self._held, self._again = held, again

    def __contains__(self, handle: object) -> bool:
        return handle in self._held or handle in self._again


def clues_in(recalled: Recalled) -> set[Clue]:
    """Return everything that the registry may know somebody by: every id that any line names, flags' numbers."""
    gathered = recalled.gathered
    held = {(person.source, person.source_id) for person in gathered.persons}
    return held | recalled.ties.named | clues_of_flags(gathered.flags, {source for source, _ in held})


def clues_of_flags(flags: Iterable[FlagRecord], sources: Collection[str]) -> set[Clue]:
    """Return everything that the registry may know somebody by whom a flag means; `sources` hold people."""
    named = list(flags)
    return _named_by_flags(named, sources) | {(NINO, nino_stem(flag.nino)) for flag in named if flag.nino}


# --- records of people ---------------------------------------------------------------------------------------------


def _lost_records(gathered: Gathered, ties: Ties, held: Held, last: LastSnapshot) -> list[LastSeen]:
    named = ties.named | _named_by_flags(gathered.flags, held.sources)
    found = {(seen.source, seen.source_id): seen for seen in last.records(_not_in(held.people, named))}
    for source in _with_strangers(gathered, Feed.PERSONS, _Either(held.people, found)):
        found |= {
            (seen.source, seen.source_id): seen
            for seen in last.records_of(source)
            if (seen.source, seen.source_id) not in held.people
        }
    return [found[handle] for handle in sorted(found)]


def _not_in(held: Container[Handle], handles: Iterable[Handle]) -> set[Handle]:
    return {handle for handle in handles if handle not in held}


def _named_by_flags(flags: Iterable[FlagRecord], sources: Collection[str]) -> set[Handle]:
    return {
        (source, flag.source_id)
        for flag in flags
        if flag.source_id
        for source in ({flag.source} if flag.source in sources else sources)
        if source
    }


def _with_strangers(gathered: Gathered, feed: Feed, known: Container[Handle]) -> list[str]:
    """Return the sources in which a refused line of the feed names nobody who is known."""
    return sorted(
        {
            reject.source
            for reject in gathered.rejects
            if reject.feed is feed and not any((reject.source, each) in known for each in reject.person_ids)
        }
    )


def _as_person(seen: LastSeen) -> PersonRecord:
    return PersonRecord(
        line=CARRIED_OVER,
        source=seen.source,
        source_id=seen.source_id,
        forename=seen.forename,
        surname=seen.surname,
        date_of_birth=seen.date_of_birth,
        dob_estimated=False,
        deceased_on=seen.deceased_on,
        upn=None,
        nino=seen.nino,
        postcode=seen.postcode,
    )


# --- memberships ---------------------------------------------------------------------------------------------------


def _lost_memberships(ties: Ties, held: Held, last: LastSnapshot) -> list[MembershipRecord]:
    found = {*last.members(ties.not_told), *last.memberships_of(ties.without_family)}
    return [
        MembershipRecord(CARRIED_OVER, *row)
        for row in sorted(found, key=repr)
        if (row.source, row.family_id) in held.families
        and (row.source, row.person_id) in held.people
        and (row.source, row.person_id) not in ties.members_of.get((row.source, row.family_id), ())
    ]


# --- homes -----------------------------------------------------------------------------------------------------------


def _lost_homes(gathered: Gathered, held: Held, last: LastSnapshot, as_at: date) -> list[AddressRecord]:
    told = {((row.source, row.person_id), row.postcode) for row in gathered.addresses}
    told |= {((person.source, person.source_id), person.postcode) for person in gathered.persons}
    touched = {handle for handle in with_refused_address(gathered) if handle in held.people}
    of_nobody = postcodes_of_nobody(gathered, held)
    found = {(seen.source, seen.source_id): seen for seen in last.records(touched)}
    found |= {
        (seen.source, seen.source_id): seen
        for seen in last.living_at(of_nobody)
        if (seen.source, seen.source_id) in held.people
    }
    return [
        # From today, so that it is the current one: it is carried on while the fault lasts.
        AddressRecord(CARRIED_OVER, *handle, seen.postcode, as_at, None)
        for handle, seen in sorted(found.items())
        if seen.postcode and (handle, seen.postcode) not in told
    ]


def with_refused_address(gathered: Gathered) -> set[Handle]:
    """Return the people about whose address a line was refused, held or not."""
    refused = (reject for reject in gathered.rejects if reject.feed is Feed.ADDRESSES)
    return {(reject.source, person_id) for reject in refused for person_id in reject.person_ids}


def postcodes_of_nobody(gathered: Gathered, held: Held) -> set[str]:
    """Return the postcodes of lines that lead to nobody who is held."""
    return {
        row.postcode for row in gathered.addresses if row.postcode and (row.source, row.person_id) not in held.people
    }
