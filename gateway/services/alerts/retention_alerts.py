"""Tell people what keeping things asks of them: certificates of destruction that are overdue, evidence at its term.

Pure: each is told once a day while its cause lasts, which raise_alerts.py holds.
"""

from collections.abc import Iterable

from gateway.services.alerts.raise_alerts import Alert
from gateway.services.retention.certificates_due import CertificateDue, overdue_by_agreement
from gateway.services.retention.plan_retention import RetentionPlan

CERTIFICATE_OVERDUE, EVIDENCE_DUE = "certificate-overdue", "evidence-due"


def retention_alerts(certificates: Iterable[CertificateDue], plan: RetentionPlan) -> tuple[Alert, ...]:
    """Return an alert for each agreement whose certificates are overdue, and one for all evidence that may go."""
    overdue = sorted(overdue_by_agreement(certificates).items())
    owed = tuple(
        Alert(CERTIFICATE_OVERDUE, "gateway retention certificates", agreement, count=count)
        for agreement, count in overdue
    )
    waiting = len(plan.evidence)
    return (*owed, Alert(EVIDENCE_DUE, "gateway retention plan", count=waiting)) if waiting else owed
