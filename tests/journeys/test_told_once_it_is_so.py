"""What the operators' log says of a list is so: a list that the database did not take is not told as sealed."""

import pytest
from sqlalchemy import text

from gateway.model.delivery import ListState
from gateway.services.disclosure.release_lists import release_list
from gateway.services.disclosure.run_disclosures import Refused
from tests.rehearsed_county import HOUSING, SECOND_PERSON

#: What a disk does that fills up at the last moment.
_REFUSE = "CREATE TRIGGER no_room BEFORE INSERT ON checkpoints BEGIN SELECT RAISE(ABORT, 'no room'); END"


def at_the_end(county, statement: str) -> None:
    """Have the database refuse the last row of every transaction, or let it in again."""
    with county.at() as workplace, workplace.store.engine.connect() as connection, connection.begin():
        connection.execute(text(statement))


def told(county) -> list[str]:
    return [values["list"] for event, values in county.recorded if event == "disclosure:sealed"]


@pytest.fixture
def county(sqlite_county):
    return sqlite_county


def test_a_list_whose_commit_fails_is_not_told_as_sealed(county):
    county.approve(HOUSING)
    at_the_end(county, _REFUSE)
    (refused,) = county.run()
    assert isinstance(refused, Refused)
    assert (county.lists(), told(county)) == ([], [])
    at_the_end(county, "DROP TRIGGER no_room")
    county.run()
    assert told(county) == [kept.reference for kept in county.lists()] != []


def test_a_released_list_whose_commit_fails_is_not_told_as_sealed(county):
    county.change_agreement(HOUSING, "most_people: 3000", "most_people: 1")
    county.approve(HOUSING)
    county.run()
    (withheld,) = county.lists()
    assert (withheld.state, told(county)) == (ListState.WITHHELD, [])
    words = {"reason": "looked-at", "case_reference": "IG-2026-0142"}
    at_the_end(county, _REFUSE)
    with county.at(actor=SECOND_PERSON) as workplace, pytest.raises(Exception, match="refused"):
        release_list(workplace, withheld.reference, **words)
    assert told(county) == []
    at_the_end(county, "DROP TRIGGER no_room")
    with county.at(actor=SECOND_PERSON) as workplace:
        release_list(workplace, withheld.reference, **words)
    assert told(county) == [withheld.reference]
