"""The states of a list: every state has a row, and every state can be reached."""

from gateway.model.delivery import DISCLOSED, MOVES, ListState


def test_every_state_has_a_row():
    assert set(MOVES) == set(ListState)


def test_every_state_can_be_reached_from_planned():
    reached, frontier = {ListState.PLANNED}, [ListState.PLANNED]
    while frontier:
        for state in MOVES[frontier.pop()] - reached:
            reached.add(state)
            frontier.append(state)
    assert reached == set(ListState)


def test_nothing_returns_to_planned_or_withheld_once_sealed():
    """Law L7: a list's tree is final when sealed. From `uncertain` only what never was: store/lists.py."""
    after_sealing = set(ListState) - {ListState.PLANNED, ListState.WITHHELD, ListState.UNCERTAIN}
    assert not any(MOVES[state] & {ListState.PLANNED, ListState.WITHHELD} for state in after_sealing)
    assert ListState.WITHHELD not in MOVES[ListState.UNCERTAIN]


def test_a_list_counts_as_disclosed_from_the_moment_before_its_first_byte():
    """`sending` and `uncertain` count as disclosed wherever a person asks (design.md section 7)."""
    assert {ListState.SENDING, ListState.UNCERTAIN} <= DISCLOSED
    assert not DISCLOSED & {ListState.PLANNED, ListState.WITHHELD, ListState.SEALED, ListState.VOID}
