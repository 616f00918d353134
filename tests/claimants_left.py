"""A rehearsed county whose agreement with Jobcentre Plus answers lists (`match_first`), and the lists that come in."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from gateway import bootstrap
from gateway.minimisation import list_select
from gateway.sandbox.server import CLAIMANTS
from gateway.sealing.certificate import usable_signer
from gateway.sealing.opening import open_package
from gateway.services.agreements.agreement_standing import standing_of
from gateway.services.disclosure.run_disclosures import Ran
from gateway.services.reconciliation.collect_claimants import CollectedClaimants, collect_claimants
from gateway.services.reconciliation.take_claimants import Taken, take_claimants
from gateway.store.tables import lists, persons
from tests.rehearsed_county import DWP, JOBCENTRE, MORNING, RehearsedCounty
from tests.work_coach_lists import Row, claimant_of, confirm, file_of

_INBOUND = """    factors_needed: 2
  - direction: inbound
    citation: An invented power to receive
    status: to_be_confirmed
    factors_needed: 0
"""
_OFFICE = """  - name: jcp_office
    necessity: Routes each row to the office of the claimant, so that no office sees another's people
"""
#: What makes of the shipped agreement one that answers lists.
CHANGES = (
    ("mode: full_list\n", "mode: match_first\nclaimant_lists: sealed\n"),
    ("split:\n  by: jobcentre\n  fallback: cambridge\n", ""),
    ("    factors_needed: 2\n", _INBOUND),
    (_OFFICE, ""),
)


def answer_lists(county: RehearsedCounty, *, plain: bool = False) -> RehearsedCounty:
    """Make the agreement answer lists; it is to be approved after this."""
    for old, new in CHANGES:
        county.change_agreement(JOBCENTRE, old, new)
    if plain:
        county.change_agreement(JOBCENTRE, "claimant_lists: sealed", "claimant_lists: plain")
    return county


def ready(county: RehearsedCounty, *, plain: bool = False) -> RehearsedCounty:
    """The county with the agreement approved, and its recipient's columns confirmed; its server is running."""
    answer_lists(county, plain=plain).approve(JOBCENTRE)
    confirm(county, file_of([]), office=JOBCENTRE)
    return county


def left(county: RehearsedCounty, data: bytes, name: str = "claimants.csv.pgp", *, sealed: bool = True) -> None:
    """Have the desk leave a list for us."""
    county.desk(DWP).ask(data, name, sealed=sealed)


def collected(county: RehearsedCounty, at: datetime = MORNING) -> CollectedClaimants:
    with county.at(at) as workplace:
        (found,) = collect_claimants(workplace)
    return found


def taken(county: RehearsedCounty, data: bytes, at: datetime = MORNING) -> Taken:
    """Hand a list over as it is."""
    with county.at(at) as workplace:
        return take_claimants(workplace, JOBCENTRE, data)


def answered(county: RehearsedCounty, at: datetime = MORNING) -> list[Ran]:
    """Make and deliver what is due."""
    ran = county.run(at)
    county.deliver()
    return ran


def people_of(county: RehearsedCounty) -> list:
    """Everybody of the newest snapshot, in the order of their references."""
    rows = county.rows(persons)
    newest = max(row.snapshot_id for row in rows)
    return sorted((row for row in rows if row.snapshot_id == newest), key=lambda row: row.subject_ref)


def reach_of(county: RehearsedCounty) -> list:
    """Everybody of whom an answer could tell today."""
    with county.at() as workplace, workplace.store.reading() as connection:
        standing = standing_of(workplace, connection, JOBCENTRE)
        newest = connection.execute(select(persons.c.snapshot_id).order_by(persons.c.snapshot_id.desc()).limit(1))
        statement = list_select(
            standing.agreement, standing.framework, snapshot_id=newest.scalar_one(), day=county.clock.today()
        )
        refs = {row.subject_ref for row in connection.execute(statement)}
    return [person for person in people_of(county) if person.subject_ref in refs]


def list_about(people: Iterable, *strangers: Row) -> bytes:
    """A list that names these people, and strangers."""
    return file_of([*(claimant_of(person) for person in people), *strangers])


def names_on(plaintext: bytes) -> set[tuple[str, str]]:
    """Whom a list names."""
    return {(row["surname"], row["forename"]) for row in csv.DictReader(io.StringIO(plaintext.decode("utf-8-sig")))}


def still_there(county: RehearsedCounty) -> set[str]:
    """The files that lie in the recipient's folder for us."""
    folder = county.folder / "partner" / DWP / CLAIMANTS
    return {path.name for path in folder.iterdir() if path.is_file()}


def opened_copy(county: RehearsedCounty, list_id: int) -> bytes:
    """What our sealed copy of a list holds, as the recipient would open it."""
    (kept,) = county.lists(lists.c.list_id == list_id)
    ring = bootstrap.keyring_of(county.settings)
    council = usable_signer(ring.certificate().encode(), ring.package_fingerprint(), county.clock.today())
    return open_package(county.sealed_copy(kept), key=bytes(county.partners[DWP].key), signer=council)
