"""The planner never has a list resent blindly (law L4)."""

from itertools import product

import pytest

from gateway.delivery.interface import Match, Shown
from gateway.delivery.plan import OPEN, Step, next_step
from gateway.model.delivery import MOVES, ListState

S, M = ListState, Match
EVERYTHING = list(product(ListState, Match, (True, False)))


@pytest.mark.parametrize(("state", "final", "staged"), EVERYTHING)
def test_L4_something_is_sent_only_where_nothing_can_have_been_published(state, final, staged):
    step = next_step(state, Shown(final, staged))
    if step is Step.SEND:
        assert state in {S.SEALED, S.SENDING}
        assert final is M.ABSENT
    if step is Step.PUBLISH:
        assert staged
        assert final is M.ABSENT


@pytest.mark.parametrize(("state", "final", "staged"), EVERYTHING)
def test_L5_only_the_same_bytes_are_recorded_and_others_always_stop(state, final, staged):
    step = next_step(state, Shown(final, staged))
    assert (step is Step.RECORD) == (state in OPEN and final is M.SAME)
    if final is M.OTHER:
        assert step in {Step.CONFLICT, Step.DECLARE_UNCERTAIN, Step.WAIT, Step.NOTHING}


@pytest.mark.parametrize(("state", "final", "staged"), EVERYTHING)
def test_a_list_fails_by_another_file_only_where_ours_was_never_in_view(state, final, staged):
    never_in_view = state in {S.SEALED, S.SENDING} or staged
    step = next_step(state, Shown(final, staged))
    assert (step is Step.CONFLICT) == (state in OPEN and final is M.OTHER and never_in_view)


def test_every_state_that_is_settled_has_no_next_step():
    for state in set(ListState) - OPEN:
        assert next_step(state, Shown(M.ABSENT, staged=False)) is Step.NOTHING


def test_what_may_have_been_taken_away_is_uncertain_and_then_waits():
    gone = Shown(M.ABSENT, staged=False)
    assert next_step(S.UPLOADED, gone) is Step.DECLARE_UNCERTAIN
    assert next_step(S.UNCERTAIN, gone) is Step.WAIT


@pytest.mark.parametrize(("final", "staged"), list(product(Match, (True, False))))
def test_L4_what_a_restored_database_took_over_is_found_or_waits(final, staged):
    step = next_step(S.UNCERTAIN, Shown(final, staged), restored=True)
    assert step is (Step.RECORD if final is M.SAME else Step.WAIT)


def test_the_open_states_lead_somewhere():
    assert all(MOVES[state] for state in OPEN)
