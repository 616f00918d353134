"""Every code has its words."""

import pytest

from gateway.model.work_coach_list import Column, Mark, RowFlaw
from gateway.sources.work_coach_list.words import COLUMNS, FLAWS, MARKS


@pytest.mark.parametrize(("codes", "words"), [(Column, COLUMNS), (RowFlaw, FLAWS), (Mark, MARKS)])
def test_every_code_of_a_closed_list_has_words_of_its_own(codes, words):
    assert list(words) == list(codes)
    assert len(set(words.values())) == len(words)
    assert not [text for text in words.values() if text.endswith(".") or len(text) > 100]
