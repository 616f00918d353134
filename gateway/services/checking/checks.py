"""What a check-up says of one thing: how it was found, in words without any person (law L8), and the next step."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import TypeVar

from gateway.errors import GatewayError

T = TypeVar("T")


class Verdict(StrEnum):
    """How something was found."""

    OK = "ok"
    TAKE_CARE = "take care"
    NOT_OK = "not ok"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked."""

    what: str
    verdict: Verdict
    found: str
    way_out: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the settings say that a check-up needs beside the workplace."""

    load_at: time
    alert_command: tuple[str, ...]
    offline: bool
    alert_channels: tuple[str, ...] = ()


def attempt(what: str, step: Callable[[], T], tell: Callable[[T], str]) -> Check:
    """Take a step and say how it went."""
    try:
        return Check(what, Verdict.OK, tell(step()))
    except GatewayError as error:
        return refused(what, error)


def refused(what: str, error: GatewayError) -> Check:
    """Return the check of something that was refused: the first of its lines, and how many more there are."""
    first, *more = str(error).splitlines() or [error.code]
    return Check(what, Verdict.NOT_OK, f"{first} (and {len(more)} more)" if more else first, error.advice())
