"""The populations that linking is measured on and that nothing was trained on: invented, repeatable, and of each shape."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from gateway.reconciliation.linking import link
from gateway.reconciliation.model_file import shipped_model
from scripts.linkage.bounds import with_bounds
from scripts.linkage.public_sets import public_sets
from scripts.linkage.registers_made import Population
from scripts.linkage.seeds import DEVELOPMENT, HELD_OUT, TRAINING, UNLIKE_DEVELOPMENT, UNLIKE_HELD_OUT
from scripts.linkage.tallies import ALL, NAMES, tallied
from scripts.linkage.unlike_registers import unlike
from scripts.linkage.unlike_shapes import SHAPES, Shape
from tests.linkage_made import nicknames


def _small(shape: Shape) -> Population:
    return unlike(replace(shape, rows=80, cohort=160), 3)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_shape_is_the_same_for_the_same_seed_and_invented(shape: Shape) -> None:
    made = _small(shape)
    assert made == _small(shape)
    assert all(each.nino[:1] in {"", "Q"} or each.nino[1:2] == "Q" for each in (*made.people, *made.rows))
    assert set(made.truth.values()) <= {person.key for person in made.people}
    assert set(made.communities) == {row.row for row in made.rows}


def test_no_population_serves_two_purposes() -> None:
    purposes = [*TRAINING, *DEVELOPMENT, *HELD_OUT]
    assert len(purposes) == len(set(purposes))
    assert not set(UNLIKE_DEVELOPMENT) & set(UNLIKE_HELD_OUT)


@pytest.mark.parametrize("name", ["strangers only", "twins and triplets"])
def test_nobody_is_linked_to_somebody_else(name: str) -> None:
    made = _small(next(shape for shape in SHAPES if shape.name == name))
    found = link(made.rows, made.people, model=shipped_model(), nicknames=nicknames())
    assert [match.row for match in found.matches if made.truth.get(match.row) != match.key] == []


def test_a_tally_counts_every_row_once_in_all_and_once_by_its_names() -> None:
    made = _small(SHAPES[0])
    tallies = tallied([made])
    assert tallies[ALL].rows == len(made.rows)
    assert sum(tally.rows for name, tally in tallies.items() if name.startswith(NAMES)) == len(made.rows)
    assert with_bounds(0, 0) == "-"


FEBRL = """rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state, date_of_birth, soc_sec_id
rec-1-org, michaela, neumann, 8, stanley street, miami, dapto, 4223, nsw, 19151111, 5304218
rec-1-dup-0, michaela, neuman, 8, stanley street, miami, dapto, 4223, nsw, 19151131, 5304218
rec-2-org, , painter, 12, pinkerton circuit, , richlands, 4560, vic, 19161214, 4066625
rec-2-dup-0, courtney, painter, 12, pinkerton circuit, , richlands, 4560, vic, 19161214, 4066625
"""


def test_a_public_set_is_read_from_its_folder_with_its_number_and_without(tmp_path: Path) -> None:
    (tmp_path / "dataset1.csv").write_text(FEBRL, encoding="utf-8")
    sets = dict(public_sets(tmp_path))
    assert len(sets) == 4
    whole = sets["FEBRL1, everybody known"]
    assert whole.truth == {2: "1", 3: "2"}
    assert len(sets["FEBRL1"].truth) == 1
    assert (whole.rows[0].born, whole.rows[1].born) == (None, date(1916, 12, 14))
    assert {row.nino for row in sets["FEBRL1 without its number"].rows} == {""}
