"""What Splink's SQL says of a pair, the plain Python that explains it says too; and neither ever disagrees on a word."""

from datetime import date

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.reconciliation.alike import jaro_winkler, one_key_apart
from gateway.reconciliation.compared import Compared
from gateway.reconciliation.linking import compared_sides, link
from gateway.reconciliation.model_file import shipped_model
from gateway.reconciliation.splink_scoring import score
from gateway.reconciliation.weights import frequencies_of, weigh
from scripts.linkage.registers_made import Population, population
from scripts.linkage.splink_model import found_by_splink
from tests.linkage_made import nicknames, weigh_all

_WORDS = st.text(alphabet="abcdeo19", max_size=9)


@settings(max_examples=60, deadline=None)
@given(pairs=st.lists(st.tuples(_WORDS, _WORDS), min_size=1, max_size=20))
def test_two_words_are_as_alike_in_python_as_in_duckdb(pairs: list[tuple[str, str]]) -> None:
    asked = "select jaro_winkler_similarity(?, ?), damerau_levenshtein(?, ?) <= 1"
    with duckdb.connect(":memory:") as connection:
        for one, other in pairs:
            alike, one_key = connection.execute(asked, [one, other, one, other]).fetchall()[0]
            if one and other:
                assert jaro_winkler(one, other) == pytest.approx(alike, abs=1e-12)
            assert one_key_apart(one, other) == one_key


def _disordered() -> Population:
    """Return a list so full of errors that every level occurs, and one whose sizes a test can bear."""
    return population(7, rows=400, cohort=500, rate=8)


def _sides(made: Population) -> tuple[Compared, Compared]:
    return compared_sides(made.rows, made.people, nicknames())


def test_every_pair_weighs_the_same_in_sql_and_in_python() -> None:
    rows, people = _sides(_disordered())
    model = shipped_model()
    frequencies = frequencies_of(people.columns, model)
    scored = score(rows, people, model, frequencies)
    assert len(scored) > len(rows) // 4
    for row, person, evidence in scored:
        explained = weigh(rows[row], people[person], model, frequencies, model.prior(len(people)))
        assert evidence.codes == explained.codes
        for (_, one), (_, other) in zip(evidence.levels, explained.levels, strict=True):
            assert one.bits == pytest.approx(other.bits, abs=2e-6)
        assert evidence.bits == pytest.approx(explained.bits, abs=1e-5)


@pytest.mark.parametrize(("seed", "rate"), [(101, 0.5), (102, 2.0), (7, 8)])
def test_splink_left_to_itself_finds_the_same_pairs_and_weighs_them_the_same(seed: int, rate: float) -> None:
    rows, people = _sides(population(seed, rows=300, cohort=900, rate=rate))
    model = shipped_model()
    frequencies = frequencies_of(people.columns, model)
    found = score(rows, people, model, frequencies)
    assert len(found) > 50
    assert found == found_by_splink(rows, people, model, frequencies)


def test_the_disorder_shows_nearly_every_level() -> None:
    rows, people = _sides(_disordered())
    model = shipped_model()
    scored = score(rows, people, model, frequencies_of(people.columns, model))
    seen = {(field, code) for pair in scored for field, code in pair.evidence.codes}
    wanted = {(field, code) for field, levels in model.chances.items() for code in levels}
    assert len(seen & wanted) >= 20


def test_what_is_linked_does_not_depend_on_who_weighs() -> None:
    made = population(11, rows=120, cohort=250, rate=1)
    model = shipped_model()
    by_splink = link(made.rows, made.people, model=model, nicknames=nicknames())
    by_python = link(made.rows, made.people, model=model, nicknames=nicknames(), scorer=weigh_all)
    found = [(match.row, match.key, match.how) for match in by_splink.matches]
    assert found == [(match.row, match.key, match.how) for match in by_python.matches]
    assert by_splink.duplicates == by_python.duplicates
    assert {queued.row for queued in by_splink.queued} <= {queued.row for queued in by_python.queued}


def test_nothing_of_a_pair_is_printed() -> None:
    made = population(11, rows=30, cohort=60, rate=1)
    result = link(made.rows, made.people, model=shipped_model(), nicknames=nicknames(), scorer=weigh_all)
    shown = repr(result)
    for person in made.people:
        assert person.nino not in shown or not person.nino
        assert person.surname not in shown
    assert repr(made.people[0]) == f"Person(key={made.people[0].key!r})"
    assert date(1980, 1, 1).isoformat() not in shown
