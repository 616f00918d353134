"""Lists of claimants and work coaches about the people of a rehearsed county, as a Jobcentre would send them."""

import csv
import io
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import event, select

from gateway.model.officers import Actor, Role
from gateway.services.reconciliation.columns import confirm_columns
from gateway.services.reconciliation.reconcile_list import Reconciled, Upload, reconcile_list
from gateway.sources.work_coach_list.propose import confirmed, propose
from gateway.store.tables import evidence, lists, persons
from tests.extracts_edited import take_again_on
from tests.rehearsed_county import JOBCENTRE, MORNING, RehearsedCounty, with_server

HEADINGS = ("NINO", "Surname", "Forename", "Date of birth", "Postcode", "Work coach")
OFFICE = "cambridge"
TFEA = Actor("tfea", "Invented TFEA", frozenset({Role.TFEA}), frozenset({OFFICE}))
SECOND_NIGHT = date(2026, 11, 17)
SECOND_EVENING = datetime(2026, 11, 16, 22, 30, tzinfo=UTC)
SECOND_SMALL_HOURS = datetime(2026, 11, 17, 2, 5, tzinfo=UTC)
SECOND_MORNING = datetime(2026, 11, 17, 8, 30, tzinfo=UTC)


@dataclass
class Row:
    """One claimant, as the Jobcentre's system has them."""

    nino: str
    surname: str
    forename: str
    born: date
    postcode: str
    work_coach: str = "Coach A"

    def cells(self) -> list[str]:
        return [self.nino, self.surname, self.forename, f"{self.born:%d/%m/%Y}", self.postcode, self.work_coach]


STRANGER = Row("QQ999999C", "Zzstranger", "Atall", date(1990, 2, 1), "CB1 9ZZ", "Coach B")


def hours_after(hours: float) -> datetime:
    """An instant of the morning after the first night."""
    return MORNING + timedelta(hours=hours)


def claimant_of(person) -> Row:
    """A row of a database's person as a claimant."""
    return Row(person.nino or "", person.surname, person.forename, person.date_of_birth, person.postcode or "")


def file_of(rows: list[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerows(row.cells() for row in rows)
    return text.getvalue().encode()


def disclosed_in(county: RehearsedCounty, office: str = OFFICE) -> list:
    """Everybody on the newest list of an office, as the newest snapshot has them, in the order of their numbers."""
    with county.at() as workplace, workplace.store.reading() as connection:
        mine = lists.c.agreement_id == JOBCENTRE, lists.c.part == office
        newest = select(lists.c.list_id).where(*mine).order_by(lists.c.list_id.desc()).limit(1).scalar_subquery()
        query = (
            select(persons)
            .join(evidence, evidence.c.subject_ref == persons.c.subject_ref)
            .where(evidence.c.list_id == newest)
            .order_by(persons.c.snapshot_id.desc(), persons.c.nino, persons.c.subject_ref)
        )
        rows = connection.execute(query).all()
    newest_snapshot = max(row.snapshot_id for row in rows)
    return [row for row in rows if row.snapshot_id == newest_snapshot]


def night(county: RehearsedCounty) -> None:
    """Send what is due in the first night, with a server for as long as that takes."""
    with ExitStack() as open_until_the_end:
        with_server(county, open_until_the_end).approve()
        county.run()
        county.deliver()


def second_night(county: RehearsedCounty, *, draw, sent: bool = True) -> None:
    """Load the next evening's extracts as they are on disk now, and send what is due."""
    take_again_on(county, SECOND_EVENING.date())
    with ExitStack() as open_until_the_end:
        with_server(county, open_until_the_end)
        county.load(SECOND_EVENING, draw=draw)
        if sent:
            county.run(SECOND_SMALL_HOURS)
            county.deliver()


def confirm(county: RehearsedCounty, data: bytes, at: datetime = MORNING, office: str = OFFICE) -> None:
    with county.at(at) as workplace:
        confirm_columns(workplace, confirmed(propose(data), office, {}))


def answered(
    county: RehearsedCounty, data: bytes, *, at: datetime = MORNING, actor: Actor = TFEA, office: str = OFFICE
) -> Reconciled:
    with county.at(at, actor) as workplace:
        return reconcile_list(workplace, Upload(JOBCENTRE, office, data))


@contextmanager
def statements_of(store):
    """Every statement that a database is sent."""
    said: list[str] = []

    def note(_connection, _cursor, statement, *_more):
        said.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(store.engine, "before_cursor_execute", note)
