"""Random people, families, agreements and frameworks that sit on every edge a decision has.

Everything is drawn from one `Random`, so a seed says it all. Dates crowd around the day that is judged; nulls,
overlapping spells, unsafe words and unknown codes are common. Most draws are ordinary enough that people get past
the first stages.
"""

from datetime import date, timedelta
from random import Random

from gateway.model.agreement import Agreement, DomesticAbuseNeed
from gateway.model.criteria import (
    AgeAtLeast,
    AgeBelow,
    AllOf,
    AnyOf,
    AssessmentOfWholeFamily,
    AtLeast,
    Criterion,
    EpisodeOpen,
    FactorsAtLeast,
    InProgramme,
    LeadProfessionalInPlace,
    LivesIn,
    NeedsAtLeast,
    Not,
    PlanInPlace,
)
from gateway.model.factors import FACTORS, mask_of
from gateway.model.flags import FlagKind
from gateway.model.framework import Framework, MustExist
from gateway.model.time import latest_birth_for_age
from tests.agreements_made import LIST_FIELDS, a_framework, an_agreement, fields
from tests.snapshot_builder import Snapshot

CODES = ("1.1", "3.2", "3.3", "4.1", "5.1", "7.1", "8.1", "9.1", "10.1", "10.2")
SECTORS = {"CB1 2AB": "CB1 2", "CB10 1AA": "CB10 1", "PE13 1AA": "PE13 1", "CB1": None}
OFFICES = {"CB1 2": "cambridge", "CB10 1": "saffron-walden", "PE13 1": "wisbech"}
SAFE_WORDS = ("Synthetic", "Smith-Jones", "O'Invented", 'Quote "Q"', "Comma, C", "Zoë", " leading", "trailing ", "5")
UNSAFE_WORDS = (
    "=1+1",
    "-Smith",
    "@home",
    "+1",
    " =hidden",
    "tab\there",
    "bidi\u202eword",
    "\ufeffmark",
    "\uff1dwide",
    "line\nend",
)
PHONES = ("01632 960 001", "+44 1632 960001", "+44", "+44 CALL ME", "+1 212 5550100", "")
DAYS = (date(2026, 11, 22), date(2027, 2, 28), date(2028, 2, 29), date(2027, 3, 1))


def some(rng: Random, chance: float) -> bool:
    return rng.random() < chance


def started(rng: Random, day: date) -> date:
    """A beginning: mostly long ago, often on the very day or beside it."""
    return day + timedelta(days=rng.choice((-400, -400, -400, -90, -1, 0, 0, 1)))


def ended(rng: Random, day: date) -> date | None:
    """An end: mostly none, often on the very day or beside it."""
    return None if some(rng, 0.6) else day + timedelta(days=rng.choice((-30, -1, 0, 0, 1, 90)))


def word(rng: Random) -> str | None:
    if some(rng, 0.06):
        return None
    if some(rng, 0.02):
        return ""
    return rng.choice(UNSAFE_WORDS if some(rng, 0.05) else SAFE_WORDS)


def born(rng: Random, day: date) -> date | None:
    if some(rng, 0.06):
        return None
    if some(rng, 0.12):
        return rng.choice((date(2008, 2, 29), date(2012, 2, 29), day + timedelta(days=20)))
    if some(rng, 0.3):
        return latest_birth_for_age(rng.choice((16, 18, 25)), day) + timedelta(days=rng.choice((-1, 0, 1)))
    return date(1990, 2, 28)


def a_random_snapshot(rng: Random, snapshot_id: int, day: date, *, people: int = 150, families: int = 60) -> Snapshot:
    made = Snapshot(snapshot_id)
    for sector, office in OFFICES.items():
        made.office(sector, office)
    for key in range(1, people + 1):
        _random_person(rng, made, key, day)
    for key in range(1, families + 1):
        _random_family(rng, made, key, day)
    for person in range(1, people + 1):
        for family in rng.sample(range(1, families + 1), rng.choice((0, 1, 1, 1, 2, 3))):
            _random_memberships(rng, made, person, family, day)
    return made


def _random_person(rng: Random, made: Snapshot, key: int, day: date) -> None:
    postcode = None if some(rng, 0.1) else rng.choice(tuple(SECTORS))
    made.person(
        key,
        forename=word(rng),
        surname=word(rng),
        date_of_birth=born(rng, day),
        nino=f"QQ{key:06}A" if some(rng, 0.5) else None,
        postcode=postcode,
        postcode_sector=SECTORS[postcode] if postcode else None,
        deceased_on=started(rng, day) if some(rng, 0.02) else None,
        incomplete=some(rng, 0.03),
        flags=1 << rng.randrange(len(FlagKind)) if some(rng, 0.1) else 0,
    )
    while some(rng, 0.4):
        made.episode(key, started(rng, day), ended(rng, day))


def _random_family(rng: Random, made: Snapshot, key: int, day: date) -> None:
    opened = None if some(rng, 0.08) else started(rng, day)
    made.family(key, needs=(), opened_on=opened, closed_on=ended(rng, day), incomplete=some(rng, 0.05))
    for table in ("assessments", "plans", "involvements"):
        made.drop(table, family_key=key)
    for _ in range(rng.choice((0, 2, 4, 6))):
        code = None if some(rng, 0.05) else rng.choice((*CODES, "99.9"))
        made.need(key, code, None if some(rng, 0.08) else started(rng, day), ended(rng, day))
    for _ in range(rng.choice((0, 1, 1, 2))):
        made.assessment(key, started(rng, day), covers_family=some(rng, 0.8))
    for _ in range(rng.choice((0, 1, 1, 2))):
        made.plan(key, started(rng, day), ended(rng, day))
    for _ in range(rng.choice((0, 1, 2, 3))):
        _random_lead(rng, made, key, day)


def _random_lead(rng: Random, made: Snapshot, key: int, day: date) -> None:
    email = rng.choice((None, "", "sam@county.example", "sam@county.example", "=mail@county.example"))
    team = rng.choice((None, "Early Help Hub", "Education Inclusion", "The Invented Project"))
    phone = None if some(rng, 0.3) else rng.choice(PHONES)
    spell = {"from_on": started(rng, day), "to_on": ended(rng, day)}
    made.lead(key, name=word(rng), email=email, phone=phone, team=team, **spell)


def _random_memberships(rng: Random, made: Snapshot, person: int, family: int, day: date) -> None:
    """One spell, or two in the same family, which may overlap."""
    for _ in range(rng.choice((1, 1, 1, 2))):
        made.membership(person, family, None if some(rng, 0.06) else started(rng, day), ended(rng, day))


def a_random_framework(rng: Random) -> Framework:
    if some(rng, 0.5):
        groups = tuple(frozenset(rng.sample(CODES, rng.randint(1, 4))) for _ in range(rng.randint(3, 6)))
    else:
        # No code in two groups: the other of the two forms in which groups are counted.
        mixed = rng.sample(CODES, len(CODES))
        groups = (frozenset(mixed[:3]), frozenset(mixed[3:5]), frozenset(mixed[5:]))
    must_exist = frozenset(rng.sample(tuple(MustExist), rng.randint(0, 3)))
    counted, needed = rng.choice(("criteria", "needs")), rng.choice((1, 1, 2))
    return a_framework(*groups, counted=counted, needed=needed, must_exist=must_exist)


def a_random_agreement(rng: Random) -> Agreement:
    kinds = frozenset(rng.sample(tuple(FlagKind), rng.randint(0, 4)))
    named = tuple(name for name in LIST_FIELDS if name == "record_ref" or some(rng, 0.8))
    contact = rng.choice(("01632 960 001", "+44 1632 960001", "hub@county.example", "=bad"))
    labels = (("Early Help Hub", rng.choice(("Early Help", "@ Early Help"))), ("Education Inclusion", "Education"))
    return an_agreement(
        where=AnyOf((a_random_tree(rng, 3), a_random_tree(rng, 2))),
        minimum_age=rng.choice((16, 18, 18, 25)),
        domestic_abuse_need=rng.choice((DomesticAbuseNeed.BLOCK, *DomesticAbuseNeed)),
        factors_needed=rng.choice((0, 1, 2, 3)),
        blocking_flags=kinds,
        fields=fields(*named),
        default_contact=contact,
        team_labels=labels if some(rng, 0.7) else (),
    )


def a_random_tree(rng: Random, depth: int) -> Criterion:
    if depth == 0 or some(rng, 0.2):
        return _a_random_leaf(rng)
    parts = tuple(a_random_tree(rng, depth - 1) for _ in range(rng.choice((0, 1, 2, 2, 3))))
    match rng.choice(("all", "any", "not", "at_least")):
        case "all":
            return AllOf(parts)
        case "any":
            return AnyOf(parts)
        case "not":
            return Not(a_random_tree(rng, depth - 1))
        case _ if parts:
            return AtLeast(rng.randint(1, len(parts)), parts)
        case _:
            return AnyOf(())


def _a_random_leaf(rng: Random) -> Criterion:
    groups = tuple(frozenset(rng.sample(CODES, rng.randint(0, 4))) for _ in range(rng.randint(1, 4)))
    letters = tuple((code, mask_of(rng.sample(tuple(FACTORS), rng.randint(0, 2)))) for code in CODES)
    outcodes = frozenset(rng.sample(("CB1", "CB10", "PE13", "PE1"), rng.randint(0, 3)))
    return rng.choice(
        (
            InProgramme(),
            EpisodeOpen(),
            AssessmentOfWholeFamily(),
            PlanInPlace(),
            LeadProfessionalInPlace(),
            NeedsAtLeast(rng.randint(1, len(groups)), groups),
            FactorsAtLeast(rng.randint(1, 3), letters),
            AgeAtLeast(rng.choice((16, 18, 25))),
            AgeBelow(rng.choice((16, 18, 25))),
            LivesIn(outcodes),
        )
    )
