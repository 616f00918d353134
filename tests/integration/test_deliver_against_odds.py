"""What happens to a delivery between two of its acts: a partner's program, another run, a hold, a receipt."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import asyncssh
import pytest

from gateway.delivery.names import receipt_form_name, temporary_name
from gateway.errors import OutcomeUnknown, VerificationFailed
from gateway.ledger.events import Event
from gateway.model.delivery import DISCLOSED, ListState
from gateway.sandbox.server import ConfinedFiles
from gateway.services.delivery.deliver_lists import Retrying, deliver
from gateway.store.lists import get_list, move_list
from tests.delivery_made import (
    CrashingTransport,
    place_hold,
    seal_a_list,
    some_people,
    state_of,
)
from tests.integration.test_deliver_lists import crash_at, lost
from tests.integration.test_sftp_delivery import NAME
from tests.integration.test_sftp_faults import faulty

ONCE = Retrying(tries=1)


class MeddlingTransport:
    """A way to a partner on which something else happens just before or after one act on the network."""

    def __init__(self, transport, act, meddle, *, after=True) -> None:
        self._transport, self._act, self._meddle, self._after = transport, act, meddle, after

    @contextmanager
    def session(self):
        with self._transport.session() as session:
            yield _Meddled(session, self._act, self._meddle, self._after)


class _Meddled:
    def __init__(self, session, act, meddle, after) -> None:
        self._session, self._act, self._meddle, self._after = session, act, meddle, after

    def __getattr__(self, name):
        found = getattr(self._session, name)
        return self._meddled(found) if name == self._act else found

    def _meddled(self, act):
        def do(*arguments, **named):
            if not self._after:
                self._meddle(*arguments)
            done = act(*arguments, **named)
            if self._after:
                self._meddle(*arguments)
            return done

        return do


def meddled(county, server, act, meddle, *, after=True):
    """The county, whose next session is meddled with the first time that the act comes."""
    waiting = [meddle]

    def once(*arguments):
        if waiting:
            waiting.pop()(*arguments)

    return replace(county, transport_to=lambda _: MeddlingTransport(server.transport(), act, once, after=after))


def remote_name(county, list_id):
    with county.store.reading() as connection:
        return get_list(connection, list_id).remote_name


@pytest.mark.parametrize("staged", [False, True])
def test_L4_another_file_where_ours_may_have_been_proves_nothing(county, sandbox, our_key, quick, staged):
    """The desk takes the package, and something of theirs lands under its name: the people on it were disclosed."""
    list_id = seal_a_list(county, our_key)
    crash_at(county, sandbox, list_id, "publish", after=not staged)
    final = sandbox.inbox / remote_name(county, list_id)
    final.write_bytes(b"ours once, and not any more")
    (result,) = deliver(county, [list_id], retrying=quick)
    # Only a temporary file that is still there proves that ours was never in view.
    assert result.state is (ListState.FAILED if staged else ListState.UNCERTAIN)
    assert (result.state in DISCLOSED) == (not staged)
    assert final.read_bytes() == b"ours once, and not any more"


def test_L4_another_file_that_came_while_ours_was_being_published_is_no_proof_either(county, sandbox, our_key, quick):
    """A rename that was refused, and nothing of ours to be found: it may have been in view for a moment."""
    list_id = seal_a_list(county, our_key)

    def published_and_taken_and_replaced(staged):
        temporary, final = sandbox.inbox / f".{staged.name}.part", sandbox.inbox / staged.name
        temporary.unlink()
        final.write_bytes(b"another")

    odd = meddled(county, sandbox, "publish", published_and_taken_and_replaced, after=False)
    (result,) = deliver(odd, [list_id], retrying=quick)
    assert (result.state, result.code) == (ListState.UNCERTAIN, "remote-conflict")


def test_a_form_that_the_desk_lays_down_at_the_same_moment_is_left_and_the_list_verified(
    county, sandbox, our_key, quick
):
    list_id = seal_a_list(county, our_key)
    form = sandbox.inbox / receipt_form_name(remote_name(county, list_id))

    def lay_down(name):
        if name == form.name:
            form.write_bytes(b"filled in")

    odd = replace(county, transport_to=lambda _: MeddlingTransport(sandbox.transport(), "look", lay_down))
    (result,) = deliver(odd, [list_id], retrying=quick)
    assert result.state is ListState.VERIFIED
    assert form.read_bytes() == b"filled in"


def test_L1_what_was_staged_and_cannot_be_removed_still_counts_as_sent(start_sandbox, county_of, our_key, quick):
    """A hold comes while the list is staged, and the server lets us write and rename, but not remove."""

    def remove(self, path):
        raise asyncssh.SFTPPermissionDenied("no")

    server = start_sandbox(make_files=faulty(remove=remove))
    county = county_of(server)
    list_id = seal_a_list(county, our_key)
    held = meddled(county, server, "stage", lambda *_: place_hold(county, some_people(1)[0]))
    (result,) = deliver(held, [list_id], retrying=quick)
    assert (result.state, result.code) == (ListState.SENDING, "transfer-refused")
    assert [name for name in server.names() if not name.startswith(".")] == []


def test_a_receipt_that_settles_a_list_while_we_look_for_it_ends_nothing_but_that_look(county, sandbox, our_key, quick):
    """The desk answers while an uncertain list is looked for: receipts wait for no lease."""
    sought, other = seal_a_list(county, our_key), seal_a_list(county, our_key, part="ely", people=2)
    crash_at(county, sandbox, sought, "publish", after=True)
    unlucky = replace(county, transport_to=lambda _: CrashingTransport(sandbox.transport(), "compare", error=lost))
    deliver(unlucky, [sought], retrying=ONCE)
    assert state_of(county, sought) is ListState.UNCERTAIN

    def receipt(*_):
        with county.store.writing(county.actor) as work:
            position = work.enter(Event.LIST_RECEIVED, list="L-2026-11-23-all", receipt="0" * 64, level="received")
            move_list(work, sought, ListState.RECEIVED, explained_by=position)

    results = deliver(meddled(county, sandbox, "compare", receipt), [sought, other], retrying=quick)
    assert {each.list_id: each.state for each in results} == {
        sought: ListState.RECEIVED,
        other: ListState.VERIFIED,
    }


@pytest.mark.parametrize("kind", ["sandbox", "outbox"])
@pytest.mark.parametrize("left", [None, b"spoilt by a crash of the server"])
def test_L5_what_may_be_renamed_at_any_moment_is_never_written_to(request, kind, left):
    """A rename whose answer was lost may still come true, and would bring half a file into view."""
    server = request.getfixturevalue(kind)
    temporary = server.inbox / temporary_name(NAME)
    if left:
        temporary.write_bytes(left)
    with server.transport().session() as session, pytest.raises(OutcomeUnknown):
        session.stage(NAME, b"the package", anew=False)
    assert (temporary.read_bytes() if left else server.names()) == (left or [])


def test_a_server_that_is_slow_for_hours_has_its_time_in_a_run_and_the_rest_waits(county, sandbox, our_key, clock):
    """Other partners have windows too."""
    first, second = seal_a_list(county, our_key), seal_a_list(county, our_key, part="ely", people=2)

    def take_an_hour(*_):
        clock.instant += timedelta(hours=1)

    one_by_one = Retrying(lanes=1, sleep=lambda _: None)
    results = deliver(meddled(county, sandbox, "publish", take_an_hour), [first, second], retrying=one_by_one)
    assert {each.list_id: (each.state, each.code) for each in results} == {
        first: (ListState.VERIFIED, None),
        second: (ListState.SEALED, None),
    }
    assert {each.state for each in deliver(county, [second], retrying=one_by_one)} == {ListState.VERIFIED}


def test_L5_at_a_drop_box_a_file_of_another_size_is_not_called_delivered(start_sandbox):
    """Where nothing can be read back the size is all there is, so it has to be right."""

    def write(self, file_obj, offset, data):
        return len(data) if offset else ConfinedFiles.write(self, file_obj, offset, data)

    def read(self, *_):
        raise asyncssh.SFTPPermissionDenied("no")

    server = start_sandbox(make_files=faulty(write=write, read=read))
    with server.transport(least_verification="size").session() as session, pytest.raises(VerificationFailed):
        session.place(NAME, bytes(100_000))
    assert server.names() == []
