"""An agreement as it was kept with a list: its own words, nothing filled in, whatever the rules are today."""

from pathlib import Path

import pytest

from gateway.agreements.document import load_agreement
from gateway.agreements.kept_document import read_kept_document
from gateway.errors import AgreementMalformed
from gateway.model.agreement import Direction
from gateway.model.fields import Transform

SHIPPED = sorted(Path("agreements").glob("*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_it_says_of_a_document_of_today_what_the_agreement_says(path):
    words, agreement = read_kept_document(path.read_bytes(), path.stem), load_agreement(path.read_bytes(), path.name)
    assert (words.title, words.purpose) == (agreement.title, agreement.purpose.text)
    assert words.power == agreement.power(Direction.OUTBOUND).citation
    assert words.fields == tuple((rule.name, rule.transform) for rule in agreement.fields)
    assert (words.our_copy_days, words.their_copy_days) == (35, 28)
    assert words.data_protection_officer == agreement.registers.data_protection_officer
    assert words.contacts == agreement.contacts


def test_what_a_document_of_then_did_not_say_is_not_made_up():
    words = read_kept_document(b"title: Of long ago\nkey_of_then: x\n", "old")
    assert words.title == "Of long ago"
    assert (words.recipient, words.power, words.purpose, words.dpia, words.their_copy_days) == (None,) * 5
    assert (words.article_6, words.fields, words.contacts) == ((), (), ())


def test_words_that_mean_nothing_today_are_no_transform():
    words = read_kept_document(b"fields: [{name: postcode, transform: of_then}]\n", "old")
    assert words.fields == (("postcode", Transform.AS_IS),)


@pytest.mark.parametrize("data", [b"", b"- a list\n", b"\xff", b"a: [\n"])
def test_bytes_that_are_no_document_are_refused(data):
    with pytest.raises(AgreementMalformed):
        read_kept_document(data, "old")
