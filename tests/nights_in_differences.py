"""Nights of a county one of whose agreements sends differences, and what its recipient then holds."""

from datetime import UTC, date, datetime, time, timedelta

from gateway.ledger.evidence import record_ref
from gateway.minimisation import list_select
from gateway.minimisation.line import split_line
from gateway.services.agreements.agreement_standing import standing_of
from gateway.services.disclosure.list_decisions import ListTerms
from gateway.services.receipts.collect_receipts import collect_receipts
from gateway.store.lists import KeptList
from gateway.store.scan import scan
from gateway.store.snapshots import newest_snapshot
from gateway.store.tables import lists
from tests.differences_made import rows_in
from tests.extracts_edited import take_again_on
from tests.rehearsed_county import DISTRICT, HOUSING, RehearsedCounty

Rows = dict[str, dict[str, str] | None]


def agree_on_differences(county: RehearsedCounty, *, empty_list: str = "skip", most_change: int = 100) -> None:
    """Have one agreement send differences each night, with a full list each month."""
    for old, new in (
        ("mode: full_list\n", "mode: delta\ndelta:\n  full_list_every: month\n"),
        ("  every: week\n  weekday: monday\n", "  every: night\n"),
        ("on_holiday: move", "on_holiday: run"),
        (
            "most_change_percent: 20\n  ignore_change_below: 20",
            f"most_change_percent: {most_change}\n  ignore_change_below: 0",
        ),
        ("empty_list: skip", f"empty_list: {empty_list}"),
    ):
        county.change_agreement(HOUSING, old, new)
    county.approve(HOUSING)


def night_of(county: RehearsedCounty, day: date, *, loads: bool = True) -> KeptList:
    """Make and deliver the list of a day, from the extracts as they are; return it."""
    if loads:
        before = day - timedelta(days=1)
        take_again_on(county, before)
        county.load(datetime.combine(before, time(22, 30), UTC))
    made = county.run(datetime.combine(day, time(2, 5), UTC))
    county.deliver()
    (kept,) = county.lists(lists.c.list_id == made[0].list_id)
    return kept


def take_up(county: RehearsedCounty) -> None:
    """Have the desk take up what waits and collect its receipts."""
    desk = county.desk(DISTRICT)
    opened = [desk.open(package, county.clock.today()) for package in desk.waiting()]
    for each in sorted(opened, key=lambda each: each.manifest.sequence):
        desk.accept(each)
    with county.at() as workplace:
        collect_receipts(workplace)


def waiting(county: RehearsedCounty) -> Rows:
    """The rows of the one list that waits at the desk."""
    (opened,) = county.opened(DISTRICT)
    return rows_in(opened.file.read_text("utf-8").encode())


def held(county: RehearsedCounty) -> Rows:
    """What the recipient holds after everything that it took up."""
    return county.desk(DISTRICT).copy(HOUSING, "all").rows


def full_list(county: RehearsedCounty, day: date) -> Rows:
    """What a full list of a day would tell."""
    with county.at() as workplace, workplace.store.reading() as connection:
        standing, snapshot = standing_of(workplace, connection, HOUSING), newest_snapshot(connection)
        terms = ListTerms(standing.agreement, standing.framework, snapshot, day, "all")
        statement = list_select(standing.agreement, standing.framework, **terms.asked())
        split = [split_line(line) for block in scan(connection, statement) for line in block]
        key = workplace.keys.reference_key(HOUSING)
        lines = [record_ref(key, subject_ref).encode() + rest for subject_ref, _, _, rest in split]
        heading = ",".join(standing.agreement.field_names).encode()
    return rows_in(b"\r\n".join([heading, *lines]))
