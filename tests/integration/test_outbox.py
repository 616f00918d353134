"""What an outbox does that a server does not: two names for one file, a disk that is away, a partner's own links.

What every way of delivering promises is in test_sftp_delivery.py.
"""

import os
from dataclasses import replace

import pytest

from gateway.delivery.interface import Match, Shown
from gateway.errors import ConnectionFailed, OutcomeUnknown
from gateway.model.delivery import ListState
from gateway.services.delivery.deliver_lists import deliver
from gateway.services.disclosure.recall_lists import Found, RecallReason, recall_list
from tests.delivery_made import Crash, CrashingTransport, events_of, place_hold, seal_a_list, some_people, state_of

NAME = "housing_2026-11-22_all_0123456789ab.csv.pgp"
TEMPORARY, CLAIMED = f".{NAME}.part", f".{NAME}.publishing"
SENT = ["disclosure:list:sending", "disclosure:list:uploaded", "delivery:attempted", "disclosure:list:verified"]


def test_L5_a_night_into_an_outbox_is_a_night(store, county_of, outbox, our_key, quick):
    county = county_of(outbox, store)
    list_id = seal_a_list(county, our_key)
    (result,) = deliver(county, [list_id], retrying=quick)
    assert result.state is ListState.VERIFIED
    assert events_of(county) == SENT
    assert [name.rpartition(".pgp")[2] for name in outbox.names()] == ["", ".manifest.asc", ".receipt.txt"]
    assert recall_list(county, "L-2026-11-23-all", RecallReason.SAFETY, "IG-2026-0142").found is Found.REMOVED
    assert outbox.names() == []


@pytest.mark.parametrize("act", ["stage", "publish", "look", "place"])
@pytest.mark.parametrize("after", [False, True])
def test_L4_a_crash_at_any_act_ends_in_one_delivery(county_of, outbox, our_key, quick, act, after):
    county = county_of(outbox)
    list_id = seal_a_list(county, our_key)
    dying = replace(county, transport_to=lambda _: CrashingTransport(outbox.transport(), act, after=after))
    with pytest.raises(Crash):
        deliver(dying, [list_id])
    (result,) = deliver(county, [list_id], retrying=quick)
    assert result.state is ListState.VERIFIED
    assert events_of(county).count("disclosure:list:verified") == 1
    assert [name.rpartition(".pgp")[2] for name in outbox.names()] == ["", ".manifest.asc", ".receipt.txt"]


def test_a_hold_that_came_since_keeps_the_folder_empty(county_of, outbox, our_key, quick):
    county = county_of(outbox)
    list_id = seal_a_list(county, our_key)
    place_hold(county, some_people(3)[1])
    deliver(county, [list_id], retrying=quick)
    assert state_of(county, list_id) is ListState.VOID
    assert outbox.names() == []


def test_L4_what_was_linked_and_taken_before_a_crash_is_never_published_again(outbox):
    """Only while the temporary name is there may a package be published; it goes before the final name comes."""
    with outbox.transport().session() as session:
        session.stage(NAME, b"sealed")
        (outbox.inbox / TEMPORARY).rename(outbox.inbox / CLAIMED)
    with outbox.transport().session() as session:
        assert session.compare(NAME, b"sealed") == Shown(Match.ABSENT, staged=False)
        with pytest.raises(OutcomeUnknown):
            session.stage(NAME, b"sealed", anew=False)


def test_a_second_name_that_a_crash_left_is_swept_once_its_package_is_in_view(outbox):
    with outbox.transport().session() as session:
        session.place(NAME, b"sealed")
    os.link(outbox.inbox / NAME, outbox.inbox / CLAIMED)
    (outbox.inbox / ".other.publishing").write_bytes(b"not that of any package in view")
    with outbox.transport().session():
        assert outbox.names() == [".other.publishing", NAME]


def test_a_folder_that_is_not_there_passes_by_itself_and_is_not_made(outbox):
    outbox.inbox.rmdir()
    with pytest.raises(ConnectionFailed), outbox.transport().session():
        pass
    assert not outbox.inbox.exists()
    report = outbox.transport().check()
    assert (report.inbox_there, report.receipts_there) == (False, True)


def test_nothing_follows_a_link_that_the_partner_laid(outbox, tmp_path):
    ours = tmp_path / "ours"
    ours.write_bytes(b"a file of ours")
    (outbox.inbox / TEMPORARY).symlink_to(ours)
    (outbox.receipts / "a.asc").symlink_to(ours)
    with outbox.transport().session() as session:
        session.place(NAME, b"sealed")
        (found,) = session.collect()
        assert (found.data, found.fault) == (b"", "not_a_file")
    assert ours.read_bytes() == b"a file of ours"
    assert (outbox.inbox / NAME).read_bytes() == b"sealed"


def test_a_link_under_the_final_name_is_another_file(outbox, tmp_path):
    ours = tmp_path / "ours"
    ours.write_bytes(b"sealed")
    (outbox.inbox / NAME).symlink_to(ours)
    with outbox.transport().session() as session:
        assert session.compare(NAME, b"sealed").final is Match.OTHER
        assert session.withdraw(NAME, b"sealed") is Match.OTHER
    assert ours.exists()


def test_who_collects_may_read_and_others_may_not(outbox):
    with outbox.transport().session() as session:
        session.place(NAME, b"sealed")
    assert (outbox.inbox / NAME).stat().st_mode & 0o777 == 0o640
