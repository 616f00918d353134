"""A workplace with a database, a clock and an actor, and nothing else: whatever is not meant to be touched, fails."""

from pathlib import Path

from gateway.agreements.bank_holidays import load_bank_holidays
from gateway.services.workplace import Folders, Workplace


class Untouchable:
    """Stands where a service has no business: to touch it fails the test."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"the service reached for {name}")

    def __call__(self, *_: object, **__: object) -> object:
        raise AssertionError("the service called something that it does not need")


class Recorded(list):
    """An operators' log that keeps its events as (event, values)."""

    def __call__(self, event: str, **values: str | int | bool | None) -> None:
        self.append((event, values))


def a_bare_workplace(store, clock, actor, folder: Path, **changes) -> Workplace:
    """A workplace whose folders are empty, but for the frameworks and Jobcentres that are shipped."""
    names = ("sources", "mappings", "agreements", "approvals", "partners", "state")
    folders = {name: folder / name for name in names}
    for path in folders.values():
        path.mkdir(exist_ok=True)
    values = {
        "store": store,
        "clock": clock,
        "actor": actor,
        "keys": Untouchable(),
        "folders": Folders(
            **folders,
            frameworks=Path("config/frameworks"),
            approvers=folder / "approvers",
            jobcentres=Path("config/jobcentres.yaml"),
        ),
        "environment": "synthetic",
        "partners": {},
        "transport_to": Untouchable(),
        "record": Recorded(),
        "draw": Untouchable(),
        "holidays": load_bank_holidays(Path("config/bank_holidays.yaml").read_bytes(), "config/bank_holidays.yaml"),
        "snapshot_kept_days": 35,
        "flags_reaching_nobody_allowed": 0,
        "lines_about_nobody_allowed": 0,
        "lines_lost_at_first_allowed": 100,
    }
    return Workplace(**(values | changes))
