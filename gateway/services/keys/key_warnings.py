"""Warn of keys that end: ours, the partners', and our certificate for the log-in.

- 60, 14 and 3 days before, and when it has ended: the first leaves time to make a key and ring everybody, the last is
  for whoever overlooked it. At its end a key is refused, whatever was overlooked.
- A step that is more than half of the time for which a key was made is left out: one that lasts a day is not warned of
  the day it is made.
- A key of a partner that cannot be used at all is warned of as one that has ended.

What is done about it is said with each: the command that begins it. Alerts are told once a step (alerts.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from gateway.errors import KeyUnusable
from gateway.model.keys import KeyFacts, KeyPurpose
from gateway.model.officers import Action
from gateway.model.partner import Partner
from gateway.services.keys.manage_keys import certificate_of, partner_facts
from gateway.services.workplace import Workplace

#: A warning is given at each of these many days before a key ends.
WARNED_AT = (60, 14, 3)
ENDED = 0
_PIN = {KeyPurpose.RECIPIENT: "--certificate", KeyPurpose.RECEIPTS: "--receipt-certificate"}
_CERTIFY = (
    "Ask whoever signs our certificate for the log-in for a new one, and put it beside our SSH key. Without it no "
    "server lets us in."
)


@dataclass(frozen=True, slots=True)
class KeyWarning:
    """A key that ends soon, has ended, or cannot be used.

    `days_left` is None where it cannot be used today; `step` is the last of WARNED_AT that was passed, or ENDED. `next`
    is the command that begins to mend it.
    """

    owner: str
    purpose: KeyPurpose
    fingerprint: str
    last_on: date | None
    days_left: int | None
    step: int
    advice: str
    next: str


def key_warnings(workplace: Workplace) -> list[KeyWarning]:
    """Return a warning for each key of ours or of a partner that ends soon or cannot be used. Raises AccessDenied."""
    workplace.actor.require(Action.READ_STATUS)
    today, ours = workplace.clock.today(), workplace.keys.facts()
    found = [warning for facts in ours if (warning := _of_ours(facts, today))]
    found += [warning for facts in ours if (warning := _of_log_in(workplace, facts, today))]
    return found + [warning for name in sorted(workplace.partners) for warning in _of(workplace.partners[name], today)]


def step_passed(days_left: int, lasts_days: int | None = None) -> int | None:
    """Return the step that was passed last; None while there is time. `lasts_days` is how long the key was made for."""
    if days_left < 0:
        return ENDED
    steps = [step for step in WARNED_AT if lasts_days is None or step * 2 <= lasts_days]
    return min((step for step in steps if days_left <= step), default=None)


def _of_ours(facts: KeyFacts, today: date) -> KeyWarning | None:
    advice = "Begin to change it now: all who rely on the next key compare it by phone first (keys/README.md)."
    command = f"gateway keys rotate {facts.purpose.value}"
    return _ending(facts, facts.not_before_on, facts.not_after_on, today, advice, command)


def _of_log_in(workplace: Workplace, facts: KeyFacts, today: date) -> KeyWarning | None:
    period = workplace.keys.log_in_period() if facts.purpose is KeyPurpose.SSH else None
    return _ending(facts, *period, today, _CERTIFY, "gateway keys show ssh") if period else None


def _of(partner: Partner, today: date) -> Iterator[KeyWarning]:
    for purpose in (KeyPurpose.RECIPIENT, KeyPurpose.RECEIPTS):
        command = f"gateway partners pin {partner.name} {_PIN[purpose]} FILE"
        try:
            facts = partner_facts(partner, purpose, today)
        except KeyUnusable as refusal:
            _, pinned = certificate_of(partner, purpose)
            advice = f"{refusal}. {refusal.advice()}"
            yield KeyWarning(partner.name, purpose, pinned, None, None, ENDED, advice, command)
            continue
        advice = "Ask them for the next certificate now: it is compared by phone and approved before it is used."
        warning = _ending(facts, facts.not_before_on, facts.not_after_on, today, advice, command)
        if warning:
            yield warning


def _ending(  # noqa: PLR0917 - a key, its days, and what is to be done
    facts: KeyFacts, first_on: date | None, last_on: date | None, today: date, advice: str, command: str
) -> KeyWarning | None:
    if last_on is None:
        return None
    days_left = (last_on - today).days
    step = step_passed(days_left, (last_on - first_on).days if first_on else None)
    if step is None:
        return None
    return KeyWarning(facts.owner, facts.purpose, facts.fingerprint, last_on, days_left, step, advice, command)
