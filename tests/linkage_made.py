"""People and claimants who are one person unless a test says otherwise, and the shipped model that links them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path

from gateway.model.linkage import Evidence, Field, Judged, Linked, Match, Person, Queued
from gateway.model.work_coach_list import Claimant
from gateway.reconciliation.columns import Columns
from gateway.reconciliation.comparable import Comparable, Reader
from gateway.reconciliation.levels import DIFFERS, EXACT, NOT_KNOWN
from gateway.reconciliation.linking import link
from gateway.reconciliation.model_file import shipped_model
from gateway.reconciliation.nicknames import Nicknames, parse_nicknames
from gateway.reconciliation.splink_scoring import Scored
from gateway.reconciliation.weights import Frequencies, Model, frequencies_of, weigh

_NICKNAMES = Path(__file__).resolve().parents[1] / "config/linkage/nicknames.csv"


@cache
def nicknames() -> Nicknames:
    return parse_nicknames(_NICKNAMES.read_text(encoding="utf-8"))


def a_person(key: str = "anna", **different: object) -> Person:
    person = Person(
        key=key,
        nino="QQ730141C",
        forename="Katherine",
        surname="Wetherby",
        born=date(1987, 4, 12),
        postcode="PE29 3TN",
    )
    return replace(person, **different)


def a_claimant(row: int = 2, **different: object) -> Claimant:
    claimant = Claimant(
        row=row,
        nino="QQ730141C",
        forename="KATHERINE",
        surname="WETHERBY",
        born=date(1987, 4, 12),
        postcode="PE29 3TN",
    )
    return replace(claimant, **different)


def linked(
    claimants: Claimant | Iterable[Claimant], people: Person | Iterable[Person], judged: Iterable[Judged] = ()
) -> Linked:
    rows = [claimants] if isinstance(claimants, Claimant) else list(claimants)
    cohort = [people] if isinstance(people, Person) else list(people)
    return link(rows, cohort, model=shipped_model(), nicknames=nicknames(), judged=tuple(judged), scorer=weigh_all)


def weigh_all(
    rows: Sequence[Comparable], people: Sequence[Comparable], model: Model, frequencies: Frequencies
) -> list[Scored]:
    """Weigh every pair in plain Python: what Splink finds of a few people, in a hundredth of the time."""
    prior = model.prior(len(people))
    places = product(range(len(rows)), range(len(people)))
    pairs = (Scored(one, other, weigh(rows[one], people[other], model, frequencies, prior)) for one, other in places)
    return [pair for pair in pairs if pair.evidence.bits >= model.thresholds.low or _of_one_number(pair.evidence)]


def _of_one_number(evidence: Evidence) -> bool:
    codes = dict(evidence.codes)
    besides = {codes[field] for field in (Field.BORN, Field.FORENAME, Field.SURNAME)} - {DIFFERS, NOT_KNOWN}
    return codes[Field.NINO] == EXACT and bool(besides)


def columns_of(side: Sequence[Comparable]) -> Columns:
    return Columns(*([getattr(each, column) for each in side] for column in Columns._fields))


def the_match(result: Linked) -> Match:
    (match,) = result.matches
    return match


def the_queued(result: Linked) -> Queued:
    (queued,) = result.queued
    return queued


def evidence_of(claimant: Claimant, person: Person) -> Evidence:
    reader, model = Reader(nicknames()), shipped_model()
    one, other = reader.claimant(claimant), reader.person(person)
    return weigh(one, other, model, frequencies_of(columns_of([other]), model), model.prior(1))
