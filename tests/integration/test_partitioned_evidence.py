"""Evidence in monthly partitions, by the statements of docs/how-to/partition-evidence.md: everything goes on as before."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from gateway.services.audit.audit_proof import prove_row
from gateway.services.audit.audit_verify import audit_verify
from gateway.services.retention.run_retention import purge_evidence
from gateway.services.workplace import Workplace
from gateway.store.disclosed import VIEWS
from gateway.store.engine import Store
from gateway.store.history import disclosures_to
from gateway.store.role_check import rights_found
from gateway.store.roles import enter_rights
from gateway.store.tables import evidence_stubs
from gateway.verifier import verify_evidence
from scripts.bench.partition_statements import statements
from tests.bare_workplace import a_bare_workplace
from tests.evidence_made import receive_list
from tests.lists_made import Subject, seal_list_of, send_list, some_subjects
from tests.resting_lists import AT_TERM, FIRST, SECOND, keep_terms, two_lists
from tests.two_roles import as_superuser

pytestmark = pytest.mark.postgres

THIRD = "L-2026-12-01-all"


class OnlyTheLog:
    """Keys of which only the log's is asked for."""

    def __init__(self, signer: Any) -> None:
        self._signer = signer

    def checkpoint_signer(self) -> Any:
        return self._signer


@dataclass
class County:
    """A county at work under the runtime role, and its database as the owner and as the superuser have it."""

    workplace: Workplace
    owner: str
    on_server: str
    people: list[Subject]
    begin: str
    end: str

    def as_owner(self, statement: str) -> None:
        with psycopg.connect(self.owner.replace("+psycopg", "")) as connection:
            connection.execute(statement)

    def asked(self, query: str) -> list[Any]:
        with as_superuser(self.on_server) as connection:
            return list(connection.execute(text(query)).scalars())

    def make(self, window: str, people: list[Subject]) -> None:
        store, actor = self.workplace.store, self.workplace.actor
        list_id = seal_list_of(store, actor, window, people)
        send_list(store, actor, list_id, f"L-{window}-all")
        receive_list(store, actor, list_id, f"L-{window}-all")

    def partitions(self) -> dict[str, int]:
        """How many rows are in each."""
        with as_superuser(self.on_server) as connection:
            rows = connection.execute(
                text("SELECT tableoid::regclass::text AS part, count(*) FROM evidence GROUP BY 1")
            )
            return dict(rows.all())


@pytest.fixture
def county(two_roles_url, two_roles, clock, everyone, signer, tmp_path, monkeypatch) -> Iterator[County]:
    """Two lists in one table, then partitions, then another list."""
    store = Store.open(two_roles.runtimes(two_roles_url), clock=clock, signer=signer)
    people = some_subjects(5)
    keep_terms(store, everyone, monkeypatch)
    two_lists(store, everyone, people[:3], people[3:])
    functions, divide, begin, end = statements(two_roles.runtime)
    workplace = a_bare_workplace(store, clock, everyone, tmp_path, keys=OnlyTheLog(signer))
    made = County(workplace, two_roles.owners(two_roles_url), two_roles_url, people, begin, end)
    made.as_owner(functions)
    made.as_owner(divide)
    owner = Store.open(made.owner, clock=clock, signer=signer)
    with owner.writing(everyone) as work:
        enter_rights(work, two_roles.runtime)
    owner.close()
    made.make("2026-12-01", people[:4])
    yield made
    store.close()


def test_each_list_is_in_the_month_in_which_it_was_planned_and_everything_holds(county):
    assert county.partitions() == {"evidence_before": 5, "evidence_2026_12": 4}
    county.as_owner(county.begin)
    county.make("2027-01-04", county.people)
    assert county.partitions() == {"evidence_before": 5, "evidence_2026_12": 4, "evidence_2027_01": 5}
    assert audit_verify(county.workplace).findings == ()
    with county.workplace.store.reading() as connection:
        told = [row.list_reference for row in disclosures_to(connection, [county.people[0].subject_ref])]
    assert told == [FIRST, SECOND, THIRD, "L-2027-01-04-all"]


def test_the_runtime_role_has_no_right_on_a_partition_and_the_same_on_the_whole(county, two_roles):
    with county.workplace.store.reading() as connection:
        found = rights_found(connection)
        for view in VIEWS:
            connection.execute(text(f"SELECT count(*) FROM {view}"))
    assert (found.role, found.owns, found.powers, found.more, found.less) == (two_roles.runtime, (), (), (), ())


def test_L7_not_even_the_owner_changes_a_row_of_the_whole_or_of_a_partition(county):
    for table in ("evidence", "evidence_before", "evidence_2026_12"):
        for act in (f"UPDATE {table} SET fields = 0", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(psycopg.errors.RaiseException, match="law L7"):
                county.as_owner(act)


def test_L7_a_partition_whose_triggers_are_not_on_is_found(county):
    county.as_owner("ALTER TABLE evidence_2026_12 DISABLE TRIGGER evidence_2026_12_no_delete")
    county.as_owner("DROP TRIGGER evidence_before_no_update ON evidence_before")
    (first, second) = audit_verify(county.workplace).findings
    assert "evidence_2026_12_no_delete" in str(first)
    assert "evidence_before_no_update" in str(second)


def test_L7_a_row_that_is_missing_from_a_partition_is_found(county):
    county.as_owner("ALTER TABLE evidence_2026_12 DISABLE TRIGGER ALL")
    county.as_owner("DELETE FROM evidence_2026_12 WHERE position = 2")
    county.as_owner("ALTER TABLE evidence_2026_12 ENABLE ALWAYS TRIGGER evidence_2026_12_no_delete")
    assert THIRD in str(audit_verify(county.workplace).findings)


def test_a_month_ends_when_all_of_it_is_purged_and_its_proofs_survive(county, clock, signer):
    proof = json.dumps(prove_row(county.workplace, FIRST, 2)).encode()
    county.as_owner(county.begin)
    with pytest.raises(psycopg.errors.RaiseException, match="still has rows"):
        county.as_owner(county.end)
    clock.instant = AT_TERM
    gone = purge_evidence(county.workplace, "IG-2033-1").gone
    assert [each.reference for each in gone] == [FIRST, SECOND, THIRD]
    county.as_owner(county.end)
    assert county.asked("SELECT to_regclass('evidence_before')") == [None]
    assert audit_verify(county.workplace).findings == ()
    with county.workplace.store.reading() as connection:
        assert connection.execute(select(evidence_stubs.c.rows).order_by("reference")).scalars().all() == [3, 2, 4]
    report = verify_evidence.Report(lambda _: None)
    verify_evidence._check_lines(iter([proof.decode()]), verify_evidence.Asked(signer.vkey), report)
    assert report.ends == 0


def test_a_month_in_which_no_list_was_planned_has_no_range_and_nothing_changes(county):
    county.as_owner(county.begin)
    with pytest.raises(psycopg.Error):
        county.as_owner(county.begin.replace("2027_01", "2027_02"))
    county.make("2027-01-04", county.people)
    assert county.partitions()["evidence_2027_01"] == 5
    assert audit_verify(county.workplace).findings == ()


def test_a_list_goes_to_no_partition_but_through_the_whole(county):
    with county.workplace.store.engine.connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
        connection.execute(text("DELETE FROM evidence_before"))
