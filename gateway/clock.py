"""Edge: the only reader of the clock (law L9).

Instants are aware and in UTC (`..._at`); days are Europe/London (`..._on`), because that is the day
that an agreement, a birthday and a bank holiday mean.
"""

from datetime import UTC, datetime

from gateway.model.time import Clock


class SystemClock(Clock):
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant in UTC, without microseconds, so that it survives storage unchanged."""
        return datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - the one place
