"""Bind the steps of a night to what decides whether it is time for them.

- The night's extracts are loaded once, from the agreed hour on. A load that is refused is tried again every quarter of
  an hour, because a late extract is the commonest reason.
- Partners are asked for receipts every quarter of an hour, not every minute; so are they for lists to be answered.
- What was kept for long enough is removed once a day.
- What needs a person is told to people, and every morning how the night was.
"""

from collections.abc import Callable, Sequence
from datetime import time, timedelta

from gateway.errors import GatewayError
from gateway.services.alerts.complaint_alerts import complaint_alerts, complaint_counts
from gateway.services.alerts.key_alerts import key_alerts
from gateway.services.alerts.raise_alerts import Hook, alerts_of, raise_alerts, raise_morning_message
from gateway.services.alerts.reconciliation_alerts import low_share_alerts
from gateway.services.alerts.retention_alerts import retention_alerts
from gateway.services.complaints.read_complaints import complaints_due
from gateway.services.keys.key_warnings import key_warnings
from gateway.services.planning.heartbeat import is_time_to, remember
from gateway.services.planning.night_plan import NightPlan
from gateway.services.planning.plan_night import night_began
from gateway.services.retention.certificates_due import certificates_due
from gateway.services.retention.plan_retention import plan_retention
from gateway.services.workplace import Workplace
from gateway.store.night import loaded_at

LOAD_AGAIN, COLLECT_AGAIN, TIDY_AGAIN = timedelta(minutes=15), timedelta(minutes=15), timedelta(days=1)
_LOAD_TRIED, _COLLECT_TRIED, _TIDY_TRIED = "load-tried", "collect-tried", "tidy-tried"
_CLAIMANTS_TRIED = "claimants-tried"


def load_if_due(workplace: Workplace, load: Callable[[], object], *, load_at: time) -> bool:
    """Load where tonight's extracts are not loaded and it is time to try; say whether it was done."""
    with workplace.store.reading() as connection:
        last = loaded_at(connection)
    if last is not None and last >= night_began(load_at, workplace.clock.now()):
        return False
    return _do_if_time(workplace, _LOAD_TRIED, LOAD_AGAIN, load)


def collect_if_due(workplace: Workplace, collect: Callable[[], object]) -> bool:
    """Ask for receipts where it is time to; say whether it was done."""
    return _do_if_time(workplace, _COLLECT_TRIED, COLLECT_AGAIN, collect)


def take_if_due(workplace: Workplace, take: Callable[[], object]) -> bool:
    """Fetch the lists that recipients ask with where it is time to; say whether it was done."""
    return _do_if_time(workplace, _CLAIMANTS_TRIED, COLLECT_AGAIN, take)


def tidy_if_due(workplace: Workplace, tidy: Callable[[], object]) -> bool:
    """Remove what was kept for long enough where it is time to; say whether it was done."""
    return _do_if_time(workplace, _TIDY_TRIED, TIDY_AGAIN, tidy)


def tell(
    workplace: Workplace,
    plan: NightPlan | None,
    failures: Sequence[tuple[str, str]],
    *,
    hook: Hook | None,
    morning_at: time,
) -> None:
    """Raise every alert that is new today, and the morning message when it is time."""
    try:
        of_keys = key_alerts(key_warnings(workplace))
    except GatewayError as error:
        # A key that cannot be read must not keep people from hearing of everything else.
        of_keys, failures = (), [*failures, ("keys", error.code)]
    try:
        complaints = complaints_due(workplace)
    except GatewayError as error:
        # Nor must a database that does not answer.
        complaints, failures = [], [*failures, ("complaints", error.code)]
    try:
        kept = retention_alerts(certificates_due(workplace, overdue_only=True), plan_retention(workplace))
    except GatewayError as error:
        kept, failures = (), [*failures, ("retention", error.code)]
    try:
        lists = low_share_alerts(workplace)
    except GatewayError as error:
        lists, failures = (), [*failures, ("reconciliation", error.code)]
    told = [*alerts_of(plan, failures), *of_keys, *complaint_alerts(complaints), *kept, *lists]
    raise_alerts(workplace, told, hook)
    if plan is not None:
        raise_morning_message(workplace, plan, at=morning_at, hook=hook, more=complaint_counts(complaints))


def _do_if_time(workplace: Workplace, name: str, every: timedelta, act: Callable[[], object]) -> bool:
    if not is_time_to(workplace, name, every):
        return False
    # Before, not after: one that fails is tried again after the same pause.
    remember(workplace, name)
    act()
    return True
