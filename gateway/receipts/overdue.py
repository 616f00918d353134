"""Say by when a receipt must be there.

Pure: the working days are England's (agreements/bank_holidays.py), the number is the agreement's.
"""

from datetime import date, datetime

from gateway.agreements.bank_holidays import Holidays
from gateway.model.time import london_day


def receipt_due_on(delivered_at: datetime, within_working_days: int, holidays: Holidays) -> date:
    """Return the last London day on which a receipt is in time."""
    return holidays.working_days_after(london_day(delivered_at), within_working_days)
