"""Check what the gateway's role may do to its PostgreSQL database; of a SQLite file there is nothing to say.

A role that owns the tables, or has power over the server, does not stop a night. But it can switch a trigger off and
rewrite evidence: law L7 then rests on `audit verify` and on checkpoints kept elsewhere alone.
"""

from collections.abc import Iterator, Sequence

from gateway.services.checking.checks import Check, Terms, Verdict
from gateway.services.workplace import Workplace
from gateway.store.role_check import RightsFound, rights_found

_WHAT = "database role"
_SET_UP = "docs/how-to/set-up-postgresql.md says how the tables get an owner of their own"
_GIVE = "`gateway db roles --apply`, as the owner of the tables"
#: More are counted.
_NAMED = 4


def check_roles(workplace: Workplace, _: Terms) -> Iterator[Check]:
    """Say what the role owns, may beyond its needs, or lacks."""
    with workplace.store.reading() as connection:
        found = rights_found(connection)
    if found is not None:
        yield from _judged(found)


def _judged(found: RightsFound) -> Iterator[Check]:
    if found.less:
        yield Check(_WHAT, Verdict.NOT_OK, f"{found.role} lacks {_some(found.less)}", _GIVE)
    if found.owns or found.powers:
        owned = [f"owns {_some(found.owns)}"] if found.owns else []
        yield Check(_WHAT, Verdict.TAKE_CARE, f"{found.role} {_some([*found.powers, *owned])}", _SET_UP)
    elif found.more:
        yield Check(_WHAT, Verdict.TAKE_CARE, f"{found.role} has more than it needs: {_some(found.more)}", _GIVE)
    elif not found.less:
        yield Check(_WHAT, Verdict.OK, f"{found.role} owns nothing, and can only add to evidence")


def _some(words: Sequence[str]) -> str:
    rest = len(words) - _NAMED
    return ", ".join(words[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
