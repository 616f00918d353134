"""Rate an agreement: red where it may not run or a day has passed, amber where a day comes soon, else green.

A colour is never told alone: what it stands for is said in sentences beside it.

Pure: what stands in an agreement's way and the day are the caller's.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum

from gateway.agreements.force import Reason
from gateway.model.agreement import Agreement

#: How long before a day of an agreement its register says so; ninety days are enough for a new version.
NOTICE = timedelta(days=90)


class Rating(StrEnum):
    """How an agreement stands, in a word."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"


def rating_of(
    agreement: Agreement, *, reasons: Iterable[Reason], cautions: Iterable[Reason], today: date
) -> tuple[Rating, tuple[str, ...]]:
    """Return the rating and what it stands for; `reasons` keep the agreement from running, `cautions` do not."""
    against = [reason.sentence for reason in reasons]
    if agreement.review_by < today <= agreement.review_by + timedelta(days=agreement.review_grace_days):
        against.append(f"the review was due by {agreement.review_by}; its days of grace are running")
    if against:
        return Rating.RED, tuple(against)
    coming = [*(reason.sentence for reason in cautions), *_days_ahead(agreement, today)]
    return (Rating.AMBER, tuple(dict.fromkeys(coming))) if coming else (Rating.GREEN, ())


def _days_ahead(agreement: Agreement, today: date) -> Iterator[str]:
    for what, day in (
        ("the term ends", agreement.ends_on),
        ("the review is due", agreement.review_by),
        ("the impact assessment's review is due", agreement.dpia_review_by),
    ):
        if today <= day <= today + NOTICE:
            yield f"{what} on {day}"
