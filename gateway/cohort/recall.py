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

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from gateway.cohort.gathered import Gathered, Handle
from gateway.cohort.identifiers import nino_stem
from gateway.cohort.rows import NINO, Clue
from gateway.cohort.ties import Ties, ties_of
from gateway.model.records import AddressRecord, Feed, LastMembership, LastSeen, MembershipRecord, PersonRecord

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


def recall(gathered: Gathered, last: LastSnapshot, as_at: date) -> Recalled:
    """Return the lines of a load with what the last snapshot still knows of them."""
    whole, ties = Gathered(), ties_of(gathered)
    whole.extend(gathered)
    records = _lost_records(whole, ties, last)
    if records:
        whole.persons.extend(map(_as_person, records))
        ties = ties_of(whole)
    memberships = _lost_memberships(whole, ties, last)
    if memberships:
        whole.memberships.extend(memberships)
        ties = ties_of(whole)
    homes = _lost_homes(whole, last, as_at)
    whole.addresses.extend(homes)
    touched = {(seen.source, seen.source_id) for seen in records} | {(home.source, home.person_id) for home in homes}
    return Recalled(whole, ties, frozenset(touched))


def clues_in(recalled: Recalled) -> set[Clue]:
    """Return everything that the registry may know somebody by: every id that any line names, flags' numbers."""
    gathered = recalled.gathered
    numbers = {(NINO, nino_stem(flag.nino)) for flag in gathered.flags if flag.nino}
    return _held(gathered) | recalled.ties.named | _named_by_flags(gathered) | numbers


def _held(gathered: Gathered) -> set[Handle]:
    return {(person.source, person.source_id) for person in gathered.persons}


# --- records of people ---------------------------------------------------------------------------------------------


def _lost_records(gathered: Gathered, ties: Ties, last: LastSnapshot) -> list[LastSeen]:
    held = _held(gathered)
    named = (ties.named | _named_by_flags(gathered)) - held
    found = {(seen.source, seen.source_id): seen for seen in last.records(named)}
    for source in _with_strangers(gathered, Feed.PERSONS, held | found.keys()):
        found |= {
            (seen.source, seen.source_id): seen
            for seen in last.records_of(source)
            if (seen.source, seen.source_id) not in held
        }
    return [found[handle] for handle in sorted(found)]


def _named_by_flags(gathered: Gathered) -> set[Handle]:
    sources = {person.source for person in gathered.persons}
    return {
        (source, flag.source_id)
        for flag in gathered.flags
        if flag.source_id
        for source in ({flag.source} if flag.source in sources else sources)
        if source
    }


def _with_strangers(gathered: Gathered, feed: Feed, known: Collection[Handle]) -> list[str]:
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


def _lost_memberships(gathered: Gathered, ties: Ties, last: LastSnapshot) -> list[MembershipRecord]:
    held = _held(gathered)
    families = {(family.source, family.source_id) for family in gathered.families}
    found = {*last.members(ties.not_told), *last.memberships_of(ties.without_family)}
    return [
        MembershipRecord(CARRIED_OVER, *row)
        for row in sorted(found, key=repr)
        if (row.source, row.family_id) in families
        and (row.source, row.person_id) in held
        and (row.source, row.person_id) not in ties.members_of.get((row.source, row.family_id), ())
    ]


# --- homes -----------------------------------------------------------------------------------------------------------


def _lost_homes(gathered: Gathered, last: LastSnapshot, as_at: date) -> list[AddressRecord]:
    held = _held(gathered)
    told = {((row.source, row.person_id), row.postcode) for row in gathered.addresses}
    told |= {((person.source, person.source_id), person.postcode) for person in gathered.persons}
    touched = {
        (reject.source, person_id)
        for reject in gathered.rejects
        if reject.feed is Feed.ADDRESSES
        for person_id in reject.person_ids
    } & held
    of_nobody = {row.postcode for row in gathered.addresses if row.postcode and (row.source, row.person_id) not in held}
    found = {(seen.source, seen.source_id): seen for seen in last.records(touched)}
    found |= {
        (seen.source, seen.source_id): seen
        for seen in last.living_at(of_nobody)
        if (seen.source, seen.source_id) in held
    }
    return [
        # From today, so that it is the current one: it is carried on while the fault lasts.
        AddressRecord(CARRIED_OVER, *handle, seen.postcode, as_at, None)
        for handle, seen in sorted(found.items())
        if seen.postcode and (handle, seen.postcode) not in told
    ]
