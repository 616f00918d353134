"""Roles and actions: the table that the service layer enforces."""

import itertools

import pytest

from gateway.errors import AccessDenied, ExitCode
from gateway.model.officers import ALLOWED, Action, Actor, Role


@pytest.mark.parametrize(("role", "action"), list(itertools.product(Role, Action)))
def test_every_role_may_do_exactly_what_the_table_says(role, action):
    actor = Actor("somebody", "Some Body", frozenset({role}))
    if role in ALLOWED[action]:
        actor.require(action)
        return
    with pytest.raises(AccessDenied) as refusal:
        actor.require(action)
    assert refusal.value.exit_code is ExitCode.NOT_ALLOWED


def test_every_action_has_a_row_and_somebody_who_may_do_it():
    assert set(ALLOWED) == set(Action)
    assert all(ALLOWED.values())


def test_an_operator_never_reads_about_a_person_and_never_releases_a_list():
    """Operators see counts and codes, never names (design.md section 1)."""
    operator = Actor("op", "Op", frozenset({Role.OPERATOR}))
    forbidden = (Action.READ_PERSON, Action.READ_REJECTS, Action.RELEASE, Action.SUSPEND, Action.ACCEPT_SHRINKAGE)
    assert not any(operator.may(action) for action in forbidden)


def test_the_nightly_service_runs_but_approves_and_releases_nothing():
    service = Actor("svc", "Service", frozenset({Role.SERVICE}))
    assert service.may(Action.RUN)
    assert not any(service.may(a) for a in (Action.RELEASE, Action.IMPORT_APPROVAL, Action.ACCEPT_SHRINKAGE))
