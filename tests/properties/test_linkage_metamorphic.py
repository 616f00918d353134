"""What says nothing about a person changes nothing about a link: order, case, spacing, accents, and unrelated people."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from random import Random

import pytest

from gateway.model.linkage import Linked, Person
from gateway.model.work_coach_list import Claimant
from gateway.reconciliation.linking import link
from gateway.reconciliation.model_file import shipped_model
from scripts.linkage.registers_made import Population, population
from tests.linkage_made import nicknames

_NAMES = ("forename", "middle_names", "surname")


@cache
def _made() -> Population:
    return population(13, rows=150, cohort=500, rate=2)


@cache
def _before() -> Linked:
    return _linked(_made().rows, _made().people)


def _linked(rows: tuple[Claimant, ...], people: tuple[Person, ...]) -> Linked:
    return link(rows, people, model=shipped_model(), nicknames=nicknames())


def _without_marks(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.replace("ł", "l").replace("Ł", "L"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _named(row: Claimant, change: Callable[[str], str]) -> Claimant:
    return replace(row, **{name: change(getattr(row, name)) for name in _NAMES})


CHANGES: dict[str, Callable[[Claimant], Claimant]] = {
    "small letters": lambda row: replace(_named(row, str.lower), nino=row.nino.lower(), postcode=row.postcode.lower()),
    "capitals": lambda row: replace(_named(row, str.upper), postcode=row.postcode.upper()),
    "spacing": lambda row: replace(
        _named(row, lambda name: f"  {name.replace(' ', '   ')} "),
        nino=" ".join(row.nino.replace(" ", "")),
        postcode=f" {row.postcode.replace(' ', '')} ",
    ),
    "accents taken off": lambda row: _named(row, _without_marks),
    "accents apart": lambda row: _named(row, lambda name: unicodedata.normalize("NFD", name)),
    "a full stop": lambda row: replace(row, surname=f"{row.surname}."),
}


@pytest.mark.parametrize("change", CHANGES)
def test_how_a_row_is_written_changes_nothing(change: str) -> None:
    rows = tuple(CHANGES[change](row) for row in _made().rows)
    assert rows != _made().rows
    assert _linked(rows, _made().people) == _before()


def test_the_order_of_rows_and_people_changes_nothing() -> None:
    rows, people = list(_made().rows), list(_made().people)
    Random(1).shuffle(rows)
    Random(2).shuffle(people)
    assert _linked(tuple(rows), tuple(people)) == _before()


def test_the_same_again_gives_the_same() -> None:
    assert _linked(_made().rows, _made().people) == _before()


def test_an_unrelated_person_changes_nothing() -> None:
    stranger = Person("zz", (), "QQ998877A", "Xanthippe", "", "Quillfeather", (), date(1931, 5, 9), "ZE2 9AA")  # type: ignore[arg-type]
    assert _linked(_made().rows, (*_made().people, replace(stranger, record_refs=frozenset()))) == _before()


def test_an_unrelated_row_changes_nothing() -> None:
    last = max(row.row for row in _made().rows) + 1
    stranger = Claimant(last, "", "QQ998877A", "Xanthippe", "", "Quillfeather", date(1931, 5, 9), "ZE2 9AA")
    after = _linked((*_made().rows, stranger), _made().people)
    assert replace(after, unmatched=after.unmatched[:-1]) == _before()
    assert after.unmatched[-1] == last


def test_every_row_stands_in_exactly_one_place() -> None:
    found = _before()
    places = [
        *(match.row for match in found.matches),
        *(queued.row for queued in found.queued),
        *found.unmatched,
        *(duplicate.row for duplicate in found.duplicates),
    ]
    assert sorted(places) == [row.row for row in _made().rows]
