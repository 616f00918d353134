"""Law L7: a whole night, and a person forgotten after it, by a role that owns nothing and could change no evidence."""

import pytest
from sqlalchemy import text

from gateway.errors import StoreError
from gateway.ledger.events import Event
from gateway.model.delivery import ListState
from gateway.model.forgetting import ForgetState
from gateway.services.receipts.collect_receipts import collect_receipts
from gateway.store.role_check import rights_found
from gateway.store.roles import can_rewrite
from gateway.store.tables import subjects
from tests.forgetting import ask, confirm, leave_the_source
from tests.rehearsed_county import EVENING, MORNING
from tests.two_roles import as_superuser

pytestmark = pytest.mark.postgres


def test_L7_everything_that_a_night_does_is_done_by_a_role_that_can_only_add_to_evidence(postgres_county, two_roles):
    county = postgres_county
    county.load(EVENING)
    county.approve()
    county.run()
    county.deliver()
    county.answer()
    with county.at(MORNING) as workplace:
        collect_receipts(workplace)
    assert set().union(*county.states().values()) == {ListState.RECEIVED}
    assert county.audit() == ()
    with county.at() as workplace, workplace.store.reading() as connection:
        found = rights_found(connection)
    assert (found.role, found.owns, found.powers, found.more, found.less) == (two_roles.runtime, (), (), (), ())
    assert len(county.entries(Event.DATABASE_RIGHTS_GIVEN)) == 1


def test_where_only_the_owner_may_rewrite_a_table_an_officer_names_the_owner(postgres_county, two_roles, monkeypatch):
    """As on a server before version 17."""
    county = postgres_county
    person, before = county.facts.canary("ordinary").source_id, len(county.rows(subjects))
    leave_the_source(county, person)
    county.load(at=MORNING)
    with as_superuser(county.on_server) as connection:
        if can_rewrite(connection):
            connection.execute(text(f"REVOKE MAINTAIN ON subjects FROM {two_roles.runtime}"))
    asked = ask(county, person)
    with pytest.raises(StoreError, match="did not rewrite") as refused:
        confirm(county, asked)
    assert "GATEWAY_OWNER_DATABASE" in refused.value.advice()
    monkeypatch.setenv("GATEWAY_OWNER_DATABASE", two_roles.owners(county.on_server))
    assert confirm(county, asked).state is ForgetState.FORGOTTEN
    assert len(county.rows(subjects)) == before - 1
    assert county.audit() == ()
