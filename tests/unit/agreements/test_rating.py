"""Red, amber, green: never without saying why."""

from datetime import date, timedelta

import pytest

from gateway.agreements.force import Reason
from gateway.agreements.rating import NOTICE, Rating, rating_of
from tests.agreements_made import an_agreement

AGREEMENT = an_agreement(
    starts_on=date(2026, 1, 1),
    ends_on=date(2028, 12, 31),
    review_by=date(2027, 12, 31),
    review_grace_days=30,
    dpia_review_by=date(2028, 6, 30),
)
QUIET = date(2026, 11, 22)
WHY = Reason("code", "a sentence", "a way out")


def rated(today=QUIET, reasons=(), cautions=()):
    return rating_of(AGREEMENT, reasons=reasons, cautions=cautions, today=today)


def test_an_agreement_with_time_and_nothing_in_its_way_is_green():
    assert rated() == (Rating.GREEN, ())


def test_whatever_keeps_it_from_running_is_red_and_said():
    assert rated(reasons=[WHY], cautions=[WHY]) == (Rating.RED, ("a sentence",))


def test_a_caution_is_amber_and_said_once():
    assert rated(cautions=[WHY, WHY]) == (Rating.AMBER, ("a sentence",))


@pytest.mark.parametrize("day", [AGREEMENT.ends_on, AGREEMENT.review_by, AGREEMENT.dpia_review_by])
def test_a_day_that_comes_within_ninety_is_amber(day):
    assert rated(today=day - NOTICE - timedelta(days=1))[0] is not Rating.RED
    rating, why = rated(today=day - NOTICE)
    assert str(day) in " ".join(why)
    assert rating is Rating.AMBER


def test_a_review_in_its_days_of_grace_is_red_although_lists_still_leave():
    rating, why = rated(today=AGREEMENT.review_by + timedelta(days=1))
    assert rating is Rating.RED
    assert "grace" in why[0]
