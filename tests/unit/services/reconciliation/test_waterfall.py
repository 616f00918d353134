"""How a pair came to weigh what it weighs, for a terminal and as a drawing without script."""

from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from gateway.model.linkage import Evidence, Field, Level
from gateway.services.reconciliation.queue import marked
from gateway.services.reconciliation.waterfall import as_svg, as_text, chance_in_words, steps_of

EVIDENCE = Evidence(
    (
        (Field.NINO, Level("exact", "the same", 14.2)),
        (Field.BORN, Level("swapped", "day and month swapped", 8.6)),
        (Field.SURNAME, Level("differs", 'another <name> & "so"', -5.4)),
    ),
    -13.0,
    "uk-1",
)


def test_steps_begin_at_the_prior_and_end_at_the_whole():
    steps = steps_of(EVIDENCE)
    assert [round(step.bits, 1) for step in steps] == [-13.0, 14.2, 8.6, -5.4, 4.4]
    for earlier, later in pairwise(steps[:-1]):
        assert later.start == earlier.end
    assert steps[-1].end == pytest.approx(EVIDENCE.bits)


def test_the_words_stand_in_the_text():
    text = as_text(EVIDENCE)
    assert "day and month swapped" in text
    assert len(text.splitlines()) == 5


def test_the_drawing_is_well_formed_and_has_no_script_link_or_style():
    drawn = ET.fromstring(as_svg(EVIDENCE))
    names = {element.tag.rpartition("}")[2] for element in drawn.iter()}
    assert names == {"svg", "text", "rect"}
    attributes = {name for element in drawn.iter() for name in element.attrib}
    assert not [name for name in attributes if name.startswith("on") or "href" in name or name == "style"]
    assert "day and month swapped" in drawn.get("aria-label")
    wide = float(drawn.get("width"))
    assert all(0 <= float(box.get("x")) <= wide for box in drawn.iter() if box.tag.endswith("rect"))


@pytest.mark.parametrize(
    ("bits", "words"),
    [
        (0.0, "about 1 in 2 that they are not the same"),
        (10.0, "about 1 in 1,025 that they are not the same"),
        (-10.0, "about 1 in 1,025 that they are the same"),
        (45.0, "about 1 in more than a thousand million that they are not the same"),
    ],
)
def test_weights_are_said_as_chances(bits, words):
    assert chance_in_words(bits) == words


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("Example", "EXAMPLE", ("Example", "EXAMPLE")),
        ("Smith", "Smyth", ("Sm[i]th", "Sm[y]th")),
        ("Ann", "Anna", ("Ann", "Ann[a]")),
        ("", "Anna", ("", "Anna")),
        ("01/02/1990", "02/01/1990", ("0[1/0]2[]/1990", "")),
    ],
)
def test_what_differs_is_marked(one, other, shown):
    left, right = marked(one, other)
    assert left.replace("[", "").replace("]", "") == one
    assert right.replace("[", "").replace("]", "") == other
    if "" not in shown:
        assert (left, right) == shown
