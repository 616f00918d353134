"""Small counties in which much is shared, each made in parts and at once: whatever connects people, both agree.

Whatever a line can hold in common with another is drawn from few values here, so that losing any one way in which people
belong together (cohort/connections.py) shows.
"""

from datetime import date
from random import Random
from types import SimpleNamespace

import pytest

from gateway.cohort.build import build_cohort
from gateway.cohort.gathered import Gathered
from gateway.cohort.recall import NoSnapshot, clues_in, recall
from gateway.cohort.rows import Cohort
from gateway.model.flags import FlagKind
from gateway.model.keys import IndexKey
from gateway.model.records import (
    LEAD_PROFESSIONAL,
    AddressRecord,
    EpisodeRecord,
    FamilyRecord,
    Feed,
    FlagRecord,
    IdentifierRecord,
    InvolvementRecord,
    MembershipRecord,
    NeedRecord,
    PersonRecord,
    Reject,
    WorkerRecord,
)
from gateway.services.sources.build_in_parts import build_in_parts
from gateway.services.sources.lines_aside import LinesAside
from gateway.store.aside import Aside
from gateway.store.blind_index import index_value
from gateway.store.registry import Registry
from gateway.store.registry_growth import plan_growth
from tests.gathered_lines import AS_AT, BELIEVED, CAPITA, EHM, LastCohort
from tests.loaded_county import Drawn

KEY = IndexKey((b"an index key made for tests only",))
SURNAMES, FORENAMES = ("Fenwick", "FENWICK", "O'Neil", "Oneil", "Ström"), ("Ada", "ada", "Bo")
BIRTHS = (date(1990, 2, 3), date(1990, 3, 2), date(1985, 7, 30))
NINOS = ("QQ123456A", "QQ123456", "QQ123456B", "QQ654321C")
UPNS, POSTCODES = ("A123456789012", "B123456789012"), ("CB1 1AA", "CB2 2BB", "PE1 1AB")
DAYS = (date(2026, 1, 5), date(2026, 6, 1), None)


class County:
    """Lines drawn at random; what is not shared is somebody's own."""

    def __init__(self, seed: int, people: int = 10) -> None:
        self.chance = Random(seed)
        self.people = people
        self.lines = Gathered()
        self._line = 1

    def draw(self) -> Gathered:
        for source in BELIEVED:
            self._source(source)
        for _ in range(self.chance.randrange(4)):
            self._flag()
        return self.lines

    def _source(self, source: str) -> None:
        chance, lines = self.chance, self.lines
        for number in range(self.people):
            if chance.random() < 0.85:
                lines.persons.append(self._person(source, number))
        lines.families += [FamilyRecord(self._next(), source, f"F{number}", None, None) for number in range(5)]
        lines.workers.append(WorkerRecord(self._next(), source, "W", "Lee", "Worker", None, None, None))
        for number in range(self.people):
            if chance.random() < 0.8:
                family = f"F{number // 2 if chance.random() < 0.85 else 9}"
                lines.memberships.append(
                    self._of(MembershipRecord, source, family, self._id(number), chance.choice(DAYS), None)
                )
            if chance.random() < 0.4:
                lines.addresses.append(
                    self._of(AddressRecord, source, self._id(number), self._shared(POSTCODES, None), None, None)
                )
            if chance.random() < 0.4:
                nino = self._shared(NINOS, f"QQ1{source == EHM:d}{number:04}")
                lines.identifiers.append(
                    self._of(IdentifierRecord, source, self._id(number), "nino", nino, "valid", None, None)
                )
        lines.episodes.append(self._of(EpisodeRecord, source, self._id(1), DAYS[0], None))
        lines.needs.append(self._of(NeedRecord, source, "F1", "1.1", None, None))
        lines.involvements.append(
            self._of(InvolvementRecord, source, self._id(2), "W", LEAD_PROFESSIONAL, DAYS[0], None)
        )
        for _ in range(chance.randrange(3)):
            feed = chance.choice([Feed.PERSONS, Feed.MEMBERSHIPS, Feed.ADDRESSES, Feed.NEEDS])
            ids = tuple(self._id(chance.randrange(self.people + 4)) for _ in range(chance.randrange(3)))
            families = tuple(f"F{chance.randrange(7)}" for _ in range(chance.randrange(2)))
            lines.rejects.append(Reject(source, feed, self._next(), ("to_on:date_form",), ids, families))

    def _person(self, source: str, number: int) -> PersonRecord:
        own = f"{source[0]}{number}"
        return PersonRecord(
            *(self._next(), source, self._id(number), self._shared(FORENAMES, f"Own{own}")),
            *(self._shared(SURNAMES, f"Name{own}"), self._shared(BIRTHS, date(1970, 1 + number, 1 + (source == EHM)))),
            *(self.chance.random() < 0.1, None, self._shared(UPNS, None, 0.15), None),
            self._shared(POSTCODES, None, 0.3),
        )

    def _flag(self) -> None:
        chance = self.chance
        kind = chance.choice([FlagKind.DECEASED, FlagKind.PROTECTED_ADDRESS, FlagKind.MARAC_OR_REFUGE])
        named = chance.choice([self._id(chance.randrange(self.people + 4)), None])
        self.lines.flags.append(
            FlagRecord(
                *(self._next(), kind, chance.choice([*BELIEVED, None]), named, chance.choice([*NINOS, None, None])),
                *(chance.choice([*SURNAMES, None]), chance.choice([*BIRTHS, None]), chance.choice([*POSTCODES, None])),
                *(None, None),
            )
        )

    def _id(self, number: int) -> str:
        # Now and then somebody else's, so that an id is borne twice or names nobody.
        return f"P{number if self.chance.random() < 0.95 else self.chance.randrange(self.people + 4)}"

    def _shared(self, few, own, often: float = 0.35):
        return self.chance.choice(few) if self.chance.random() < often else own

    def _of(self, kind, *values):
        return kind(self._next(), *values)

    def _next(self) -> int:
        self._line += 1
        return self._line


class KnownBefore:
    """The registry after an earlier load, asked as store/registry.py answers."""

    index_version = 1

    def __init__(self, before: Cohort | None, chance: Random) -> None:
        growth = plan_growth(Registry(KEY, {}, {}), before.clues if before else (), 1, Drawn())
        subject_of, known = {each.subject_ref: each for each in growth.people}, {}
        for subject_ref, _, _, missing in growth.grown:
            for kind, value in missing:
                known.setdefault(kind, {}).setdefault(value, set()).add(subject_ref)
                if chance.random() < 0.05:
                    # Two subjects turned out to be one person at some time.
                    known[kind][value].add(chance.choice(growth.people).subject_ref)
        for number in range(10, 14) if growth.people else ():
            # An id of somebody from long ago, which no snapshot that is kept has.
            value = index_value(KEY, (EHM, f"P{number}"))
            known[EHM].setdefault(value, {chance.choice(growth.people).subject_ref})
        self.registry = Registry(KEY, subject_of, known)
        self.state = SimpleNamespace(identifiers=len(known))

    def about(self, _clues):
        return self.registry

    led_to = about


def rows_of_whole(cohort: Cohort, registry: Registry) -> dict[str, object]:
    names = ("families", "memberships", "episodes", "needs", "assessments", "plans", "involvements")
    return {
        **{name: [tuple(row) for row in getattr(cohort, name)] for name in names},
        "persons": [(row, registry.meet(clues)) for row, clues in zip(cohort.persons, cohort.clues, strict=True)],
        "records": [(row.person_key, row.source, row.source_id, row.rule) for row in cohort.records],
        "flags": (cohort.flags, cohort.astray),
        "rejects": [(each.source, each.feed, each.line, set(each.reasons)) for each in cohort.rejects],
        "about_nobody": [(each.source, each.feed, each.line) for each in cohort.about_nobody],
    }


def rows_of_parts(county) -> dict[str, object]:
    people = list(county.rows.persons())
    families = [tuple(row) for row in county.rows.families()]
    return {
        "families": families,
        **{name: list(rows) for name, rows in county.rows.hanging().items()},
        "persons": [(each.row, each.met) for each in people],
        "records": [(each.row.person_key, *record) for each in people for record in each.records],
        "flags": (county.flags, county.astray),
        "rejects": [(each.source, each.feed, each.line, set(each.reasons)) for each in county.rejects],
        "about_nobody": [(each.source, each.feed, each.line) for each in county.about_nobody],
    }


def made_whole(lines: Gathered, last, known: KnownBefore) -> Cohort:
    recalled = recall(lines, last, AS_AT)
    remembered = known.registry.remembered(clues_in(recalled))
    return build_cohort(recalled, believed=BELIEVED, remembered=remembered, as_at=AS_AT)


def made_in_parts(lines: Gathered, last, known: KnownBefore, folder, most: int) -> dict[str, object]:
    with Aside(folder, b"a key made for this test and not") as aside:
        put = LinesAside(aside)
        for name in Gathered.__slots__:
            for source in (EHM, CAPITA):
                # A flag's own source says whom it means, not where the line comes from.
                is_flag = name == "flags"
                records = [each for each in getattr(lines, name) if is_flag or each.source == source]
                if records and not (is_flag and source == CAPITA):
                    put.add_all(records)
        made = build_in_parts(
            *(put, aside, last, known),
            believed=BELIEVED,
            recognise=lambda _: {},
            as_at=AS_AT,
            between=lambda: None,
            most_in_a_part=most,
        )
        return rows_of_parts(made)


@pytest.mark.parametrize("start", range(0, 300, 100))
def test_parts_of_any_size_give_the_whole(tmp_path, start):
    for seed in range(start, start + 100):
        chance = Random(seed)
        first = County(seed).draw()
        nobody = KnownBefore(None, chance)
        before = made_whole(first, NoSnapshot(), nobody)
        assert made_in_parts(first, NoSnapshot(), nobody, tmp_path, 1) == rows_of_whole(before, nobody.registry), seed
        second, known, last = County(seed + 10_000).draw(), KnownBefore(before, chance), LastCohort(before)
        whole = rows_of_whole(made_whole(second, last, known), known.registry)
        assert made_in_parts(second, last, known, tmp_path, chance.choice([1, 4])) == whole, seed


def test_of_two_lines_with_one_id_the_home_of_either_may_be_that_of_both(tmp_path):
    """Seldom drawn: the second line's name and the first one's postcode are what somebody else has in common."""
    lines, nobody = County(3983).draw(), KnownBefore(None, Random(3983))
    whole = rows_of_whole(made_whole(lines, NoSnapshot(), nobody), nobody.registry)
    assert made_in_parts(lines, NoSnapshot(), nobody, tmp_path, 1) == whole
