"""Say which lists hardly anybody on was somebody on ours: the wrong office's file, or a file of guesses.

A list of guesses is a look-up in the disguise of a list (law L11). Small lists say nothing: from so many rows on, a
smaller share than is agreed is told.
"""

from datetime import datetime, time

from sqlalchemy import Connection

from gateway.model.reconciliation import Counts
from gateway.model.time import LONDON, as_text
from gateway.services.workplace import Workplace
from gateway.store.reconciliations import Reconciliation, reconciliations_of
from gateway.store.tables import reconciliations


def found_percent(counts: Counts) -> int:
    """Return how many of a hundred rows were somebody on a list, rounded down."""
    return 100 * counts.found // max(counts.rows_read, 1)


def is_low(workplace: Workplace, counts: Counts) -> bool:
    """Say whether people are to be told of a list."""
    agreed = workplace.reconciling
    enough = counts.rows_read >= agreed.low_share_from_rows
    return enough and 100 * counts.found < agreed.low_share_percent * counts.rows_read


def low_today(workplace: Workplace, connection: Connection) -> list[Reconciliation]:
    """Return the lists answered today of which people are to be told."""
    begins = datetime.combine(workplace.clock.today(), time(), LONDON)
    today = reconciliations_of(connection, reconciliations.c.ran_at >= as_text(begins))
    return [each for each in today if is_low(workplace, each.counts)]
