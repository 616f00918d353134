"""Remove what tries left under the temporary names of lists that will not go any more.

- Such a list failed, or a person or a receipt settled it: nothing takes that file up again, and nothing publishes it.
- That it is gone is kept as a try of its own, so that the server is asked once. Where it cannot be removed, or the
  connection broke, the next session asks again.
"""

from contextlib import suppress
from dataclasses import asdict

from gateway.delivery.interface import Session
from gateway.delivery.names import manifest_name, receipt_form_name
from gateway.documents import canonical_json
from gateway.errors import DeliveryError, StoreBusy
from gateway.model.delivery import ListState
from gateway.services.workplace import Workplace
from gateway.store.deliveries import SWEPT, Attempt, keep_attempt, left_behind
from gateway.store.lists import KeptList

#: A list that is void was never sent, or was taken away before that was said.
_SETTLED = (
    ListState.FAILED,
    ListState.VERIFIED,
    ListState.RECEIVED,
    ListState.REJECTED,
    ListState.UNCOLLECTED,
    ListState.RECALLED,
)
#: So that a server that lets us remove nothing does not hold up the night.
_MOST_AT_ONCE = 20


def sweep(workplace: Workplace, session: Session, partner: str) -> None:
    """Remove what is left at a partner. What cannot be removed hides behind its dot until the next session."""
    with workplace.store.reading() as connection:
        left = left_behind(connection, partner, _SETTLED)
    for kept in left[:_MOST_AT_ONCE]:
        with suppress(DeliveryError, StoreBusy):
            _sweep_one(workplace, session, kept)


def _sweep_one(workplace: Workplace, session: Session, kept: KeptList) -> None:
    began_at, facts = workplace.clock.now(), session.facts
    name, size = kept.remote_name or "", kept.package_bytes or 0
    for each in (name, manifest_name(name), receipt_form_name(name)):
        session.discard(each, size)
    attempt = Attempt(
        began_at, workplace.clock.now(), SWEPT, canonical_json(asdict(facts)), facts.host_key, verify_method=None
    )
    with workplace.store.writing(workplace.actor) as work:
        keep_attempt(work, kept, attempt)
