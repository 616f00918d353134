"""A small county written line by line in the layouts of its source systems, read and decided as a night does it.

`decided` answers with the records of everybody who would be disclosed, or with nobody where the load is refused or
every list waits for a person. Only the feeds that changed are read again, so that thousands of nights are cheap.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

from gateway.agreements.frameworks import load_framework
from gateway.cohort.build import build_cohort
from gateway.cohort.gathered import Gathered, Handle
from gateway.cohort.recall import NoSnapshot, clues_in, recall
from gateway.cohort.rows import Cohort
from gateway.errors import SourceError
from gateway.model.agreement import DomesticAbuseNeed
from gateway.model.people import Assessment, Family, Involvement, Membership, Need, Person, Spell
from gateway.model.records import Feed, UnmappedCode
from gateway.model.selection import Included
from gateway.sandbox.invented_layouts import CAPITA, EHM, HEADINGS, SUPPRESSION
from gateway.selection.evaluate import decide
from gateway.selection.rules import rules_of
from gateway.sources.extracts import find_extracts
from gateway.sources.mapping import load_mapping
from gateway.sources.read import read_feed
from tests.agreements_made import an_agreement
from tests.gathered_lines import LastCohort

AS_AT = date(2026, 11, 22)
BELIEVED = (EHM, CAPITA)
BEGAN = "05/01/2026"
#: Ids of each kind have one width, so that none is the beginning of another.
UNKNOWN_IDS = ("299999", "59999")

Where = tuple[str, str]


class WrittenCounty:
    """The lines of every extract, header and all."""

    def __init__(self) -> None:
        self.lines: dict[Where, list[str]] = {where: [_delimiter(where).join(HEADINGS[where])] for where in HEADINGS}
        self.write(EHM, "workers", "900001", "S1", "Lee", "Worker", "", "Early Help Hub", "lee@county.example", "")

    def write(self, source: str, feed: str, *cells: str) -> None:
        where = (source, feed)
        self.lines[where].append(_delimiter(where).join(cells))

    def person(self, number: int, surname: str, forename: str, born: str, *, upn: str = "", nino: str = "") -> str:
        person = f"2{number:05}"
        row = (person, "", forename, surname, "F", born, "N", "", upn, "", "WBRI", "GBR", "Y", "", "N")
        self.write(EHM, "persons", *row)
        if nino:
            self.write(EHM, "identifiers", person, "National Insurance Number", nino, BEGAN, "")
        return person

    def older(self, number: int, surname: str, forename: str, born: str, **known: str) -> str:
        person = f"7{number:05}"
        facts = (known.get(name, "") for name in ("nino", "postcode", "upn", "deceased"))
        self.write(CAPITA, "persons", person, forename, surname, born, *facts)
        return person

    def home(self, person: str, postcode: str) -> None:
        self.write(EHM, "addresses", person, "HOME", BEGAN, "", "1", "Invented Street", "Town", postcode, "")

    def family(self, number: int, *people: str, closed: str = "", extra_needs: tuple[str, ...] = ()) -> str:
        """A family that has everything an agreement asks for."""
        family = f"5{number:04}"
        self.write(EHM, "families", family, BEGAN, closed)
        for person in people:
            self.write(EHM, "memberships", family, person, BEGAN, "")
        for code in ("SF1_1", "SF9_1", "SF10_1", *extra_needs):
            self.write(EHM, "needs", family, code, BEGAN, "")
        self.write(EHM, "assessments", family, BEGAN, "Y")
        self.write(EHM, "plans", family, BEGAN, "")
        self.write(EHM, "episodes", f"8{number:04}", people[0], BEGAN, "", "", "", "")
        self.write(EHM, "involvements", f"6{number:04}", people[0], "900001", "EHLP", "Y", BEGAN, "", "")
        return family

    def older_family(self, number: int, *people: str, needs: tuple[str, ...] = ()) -> str:
        family = f"CF{number:03}"
        self.write(CAPITA, "families", family, "01/02/2018", "")
        for person in people:
            self.write(CAPITA, "memberships", family, person, "01/02/2018", "")
        for need in needs:
            self.write(CAPITA, "needs", family, need, "01/02/2018", "")
        return family

    def flag(self, kind: str, **known: str) -> None:
        names = ("source", "source_id", "nino", "surname", "born", "postcode")
        self.write(SUPPRESSION, "suppression", kind, *(known.get(name, "") for name in names), BEGAN, "")


def _delimiter(where: Where) -> str:
    return ";" if where[0] == CAPITA else ","


def every_protection() -> WrittenCounty:
    """One family for each way in which a record can hold back somebody, and two that nothing holds back."""
    county = WrittenCounty()
    person, older, family, flag = county.person, county.older, county.family, county.flag
    family(1, person(1, "Alder", "Ann", "03/04/1985", nino="QQ000001A"), person(2, "Alder", "Abe", "13/05/1984"))
    family(2, person(3, "Birch", "Bea", "06/07/1986", nino="QQ000003A"))

    linked = person(11, "Cedar", "Cleo", "08/09/1987", nino="QQ000011A")
    flag("objection_upheld", source=CAPITA, source_id=older(11, "Cedar", "Cleo", "08/09/1987", nino="QQ000011"))
    family(11, linked)

    pupil = person(12, "Dogwood", "Dan", "14/02/2006", upn="B801200005001")
    former = older(12, "Downs", "Dan", "14/02/2006", upn="B801200005001")
    flag("marac_or_refuge", source=CAPITA, source_id=former)
    family(12, pupil, person(13, "Elder", "Eve", "21/10/1980"))

    dead = person(14, "Firth", "Fay", "17/12/1979")
    county.home(dead, "CB1 2AB")
    older(14, "Firth", "Fay", "17/12/1979", postcode="CB1 2AB", deceased="01/06/2026")
    family(14, dead)

    flag("restricted_record", surname="GORSE", born="09/03/1991")
    family(15, person(15, "Gorse", "Gil", "03/09/1991"), person(16, "Gorse", "Gus", "18/03/1990"))

    flag("staff_or_relative", nino="QQ000017")
    family(17, person(17, "Hazel", "Hal", "19/11/1975", nino="QQ000017A"), person(18, "Heath", "Hob", "20/11/1975"))

    resident = person(19, "Ivy", "Ian", "22/01/1982")
    county.home(resident, "CB9 9ZZ")
    flag("non_disclosure", surname="Ivy", postcode="CB9 9ZZ")
    family(19, resident, person(20, "Juniper", "Joy", "23/01/1982"))

    moved_on = person(21, "Kale", "Kim", "24/01/1983")
    family(21, moved_on, person(22, "Larch", "Lil", "25/01/1983"))
    family(22, moved_on, person(23, "Larch", "Lou", "26/01/1961"), closed="01/03/2026")
    flag("witness_protection", source=EHM, source_id="200023")

    abused = person(24, "Maple", "May", "27/01/1984", nino="QQ000024A")
    county.older_family(24, older(24, "Maple", "May", "27/01/1984", nino="QQ000024A"), needs=("DA",))
    family(24, abused, person(25, "Nettle", "Ned", "28/01/1984"))
    family(26, person(26, "Oak", "Olga", "29/01/1984"), extra_needs=("SF8_1",))

    family(27, person(27, "Pine", "Pam", "30/01/1990"), person(28, "Pine", "Pat", "30/01/1990"))
    flag("adopted_or_sealed", source=EHM, source_id="200027")

    ally = person(29, "Quince", "Quin", "31/01/1990", nino="QQ000029A")
    known = older(29, "Quince", "Quin", "31/01/1990", nino="QQ000029A")
    county.older_family(29, known, older(30, "Rowan", "Rae", "01/02/1960"))
    flag("protected_address", source=CAPITA, source_id="700030", surname="Rowan", born="01/02/1960")
    family(29, ally, person(31, "Sorrel", "Sid", "02/02/1960"))
    return county


def a_random_county(rng: Random, families: int = 6) -> WrittenCounty:
    """Families, older records of some of their people, links of every rule, and flags that know people well or badly."""
    county = WrittenCounty()
    seen: list[tuple[str, str, dict[str, str]]] = []
    for number in range(1, families + 1):
        people = []
        for place in range(rng.randint(1, 3)):
            each = 10 * number + place
            surname, forename = rng.choice(("Ash", "Beech", "Cherry", "Dill")), rng.choice(("Ann", "Bob", "Cy", "Di"))
            born = f"{rng.randint(1, 28):02}/{rng.randint(1, 12):02}/{rng.randint(1960, 2005)}"
            known = {"nino": f"QQ{each:06}A" if rng.random() < 0.6 else "", "postcode": f"CB1 {rng.randint(1, 9)}AB"}
            person = county.person(each, surname, forename, born, nino=known["nino"])
            county.home(person, known["postcode"])
            people.append(person)
            seen.append((EHM, person, {"surname": surname, "born": born, **known}))
            if rng.random() < 0.5:
                carried = {name: value for name, value in known.items() if rng.random() < 0.8}
                died = {"deceased": "01/06/2026"} if rng.random() < 0.1 else {}
                record = county.older(each, surname, forename, born, **carried, **died)
                seen.append((CAPITA, record, {"surname": surname, "born": born, **carried}))
                county.older_family(each, record, needs=rng.choice(((), ("DA",), ("WORK", "EDUC", "HEALTH"))))
        if number > 1 and rng.random() < 0.3:
            people.append(rng.choice([person for source, person, _ in seen if source == EHM and person not in people]))
        closed = "01/03/2026" if rng.random() < 0.2 else ""
        county.family(number, *people, closed=closed, extra_needs=("SF8_1",) if rng.random() < 0.1 else ())
    for kind in rng.sample(("marac_or_refuge", "objection_upheld", "protected_address", "adopted_or_sealed"), 2):
        county.flag(kind, **_some_of(rng, *rng.choice(seen)))
    return county


def _some_of(rng: Random, source: str, source_id: str, known: dict[str, str]) -> dict[str, str]:
    """Return what a flag knows of somebody: one key at least, and never two that name different people."""
    keys = [{"source": source, "source_id": source_id}, {"surname": known["surname"], "born": known["born"]}]
    if known.get("nino"):
        keys.append({"nino": known["nino"][:8]})
    if known.get("postcode"):
        keys.append({"surname": known["surname"], "postcode": known["postcode"]})
    return {name: value for key in rng.sample(keys, rng.randint(1, 2)) for name, value in key.items()}


# --- a night -----------------------------------------------------------------------------------------------------


class Nights:
    """Reads and decides counties; keeps what the feeds of one county said, for the next that differs in one line."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mappings = {
            source: load_mapping(Path(f"config/sources/{source}.yaml").read_bytes(), source)
            for source in (EHM, CAPITA, SUPPRESSION)
        }
        self._said: dict[tuple[Where, str], list] = {}
        framework = load_framework(Path("config/frameworks/sf_2022.yaml").read_bytes(), "sf_2022.yaml")
        agreement = an_agreement(domestic_abuse_need=DomesticAbuseNeed.BLOCK)
        self._rules = rules_of(agreement, framework)

    def cohort(self, county: WrittenCounty, *before: Cohort) -> Cohort | None:
        """The people of a county, or None where the load is refused or every list waits for a person.

        `before` are the nights before, the last one last.
        """
        gathered = Gathered()
        try:
            items = [item for where, lines in county.lines.items() for item in self._read(where, lines)]
        except SourceError:
            return None
        if any(isinstance(item, UnmappedCode) for item in items):
            return None
        for item in items:
            gathered.add(item)
        recalled = recall(gathered, LastCohort(before[-1]) if before else NoSnapshot(), AS_AT)
        asked, known = clues_in(recalled), known_from(before)
        remembered = {clue: known[clue] for clue in asked if clue in known}
        cohort = build_cohort(recalled, believed=BELIEVED, remembered=remembered, as_at=AS_AT)
        return None if cohort.about_nobody or cohort.astray else cohort

    def forget(self) -> None:
        """Keep nothing of what was read."""
        self._said.clear()

    def disclosed(self, cohort: Cohort | None) -> frozenset[Handle]:
        """The records of everybody who would be disclosed."""
        if cohort is None:
            return frozenset()
        included = {
            person.person_key
            for person in people_of(cohort)
            if isinstance(decide(person, self._rules, AS_AT), Included)
        }
        return frozenset((row.source, row.source_id) for row in cohort.records if row.person_key in included)

    def _read(self, where: Where, lines: list[str]) -> list:
        text = "\n".join(lines) + "\n"
        if (where, text) not in self._said:
            self._said[where, text] = self._read_file(where, text)
        return self._said[where, text]

    def _read_file(self, where: Where, text: str) -> list:
        source, feed = where
        path = self._folder / source / f"{feed}_{AS_AT:%Y%m%d}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode("cp1252" if source == CAPITA else "utf-8"))
        mapping = self._mappings[source]
        alone = replace(mapping, feeds={Feed(feed): mapping.feeds[Feed(feed)]})
        extract = find_extracts(alone, self._folder, AS_AT)[Feed(feed)]
        return list(read_feed(mapping, extract, environment="synthetic", as_at=AS_AT))


def known_from(lasts: Sequence[Cohort]) -> dict[Handle, frozenset[str]]:
    """What the registry knows after loads of these people, the first of them first."""
    known: dict[Handle, str] = {}
    for last in lasts:
        for clues in last.clues:
            mine = next((known[clue] for clue in clues if clue in known and clue[0] != "nino"), f"subject {len(known)}")
            known |= {clue: mine for clue in clues if clue not in known}
    return {clue: frozenset({subject}) for clue, subject in known.items()}


def people_of(cohort: Cohort) -> list[Person]:
    """The people of a cohort as the reference interpreter judges them."""
    families = _families(cohort)
    memberships = defaultdict(list)
    for row in cohort.memberships:
        memberships[row.person_key].append(Membership(families[row.family_key], Spell(row.from_on, row.to_on)))
    return [
        Person(
            person_key=row.person_key,
            subject_ref=str(row.person_key),
            forename=row.forename,
            surname=row.surname,
            date_of_birth=row.date_of_birth,
            nino=row.nino,
            postcode=row.postcode,
            deceased_on=row.deceased_on,
            incomplete=row.incomplete,
            flags=row.flags,
            held=False,
            memberships=tuple(memberships[row.person_key]),
        )
        for row in cohort.persons
    ]


def _families(cohort: Cohort) -> dict[int, Family]:
    parts = {name: defaultdict(list) for name in ("needs", "assessments", "plans", "involvements", "episodes")}
    for need in cohort.needs:
        parts["needs"][need.family_key].append(Need(need.code, Spell(need.identified_on, need.met_on)))
    for made in cohort.assessments:
        parts["assessments"][made.family_key].append(Assessment(made.assessed_on, made.covers_family))
    for plan in cohort.plans:
        parts["plans"][plan.family_key].append(Spell(plan.planned_on, plan.ended_on))
    for lead in cohort.involvements:
        key, _, name, email, phone, team, from_on, to_on = lead
        parts["involvements"][lead.family_key].append(Involvement(key, name, email, phone, team, Spell(from_on, to_on)))
    episodes = defaultdict(list)
    for episode in cohort.episodes:
        episodes[episode.person_key].append(Spell(episode.started_on, episode.ended_on))
    for member in cohort.memberships:
        spell = Spell(member.from_on, member.to_on)
        parts["episodes"][member.family_key] += [(one, spell) for one in episodes[member.person_key]]
    return {
        row.family_key: Family(
            family_key=row.family_key,
            programme=Spell(row.opened_on, row.closed_on),
            incomplete=row.incomplete,
            **{name: tuple(rows[row.family_key]) for name, rows in parts.items()},
        )
        for row in cohort.families
    }
