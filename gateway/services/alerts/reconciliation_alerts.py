"""Tell people of a work-coach list of which hardly anybody was on ours: each once, on its day."""

from gateway.services.alerts.raise_alerts import Alert
from gateway.services.reconciliation.low_share import found_percent, low_today
from gateway.services.workplace import Workplace

OF_STRANGERS = "work-coach-list-of-strangers"


def low_share_alerts(workplace: Workplace) -> tuple[Alert, ...]:
    """Return an alert for each such list of today; its count is the share in percent."""
    with workplace.store.reading() as connection:
        found = low_today(workplace, connection)
    return tuple(
        Alert(
            OF_STRANGERS,
            "gateway reconcile report",
            each.agreement_id,
            each.reference,
            count=found_percent(each.counts),
        )
        for each in found
    )
