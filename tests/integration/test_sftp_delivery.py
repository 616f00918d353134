"""A package reaches its recipient, once, whole, and only there (laws L4, L5, L6)."""

import hashlib
import random

import pytest

from gateway.delivery.interface import Inbound, Match, RemoteFile, Shown, VerifyMethod
from gateway.errors import RemoteConflict

NAME = "jobcentre-plus_2026-11-22_all_0123456789ab.csv.pgp"
TEMPORARY = f".{NAME}.part"


@pytest.fixture(params=[pytest.param("sshd", marks=pytest.mark.sshd), "sandbox", "outbox"])
def server(request):
    """Each way of delivering in turn: they keep the same promises."""
    return request.getfixturevalue(request.param)


@pytest.fixture(params=[pytest.param("sshd", marks=pytest.mark.sshd), "sandbox"])
def sftp_server(request):
    """Each of the two servers in turn."""
    return request.getfixturevalue(request.param)


def some_bytes(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


@pytest.mark.parametrize("size", [0, 1, 32_675, 100_001, 3_000_000, 12_000_000])
def test_a_package_stands_under_its_name_with_its_bytes(server, size):
    data = some_bytes(size)
    with server.transport().session() as session:
        placed = session.place(NAME, data)
    assert (server.inbox / NAME).read_bytes() == data
    assert server.names() == [NAME]
    assert placed.sha256 == hashlib.sha256(data).hexdigest()
    assert placed.verify_method is VerifyMethod.READ_BACK
    assert placed.durable
    assert not placed.already_there


def test_the_session_says_with_whom_and_how_it_spoke(sftp_server):
    with sftp_server.transport().session() as session:
        facts = session.facts
    assert facts.host_key.startswith("SHA256:")
    assert facts.cipher == "aes256-gcm@openssh.com"
    assert facts.host_key_type == "ssh-ed25519"
    assert facts.strict_key_exchange
    assert facts.key_exchange in {"mlkem768x25519-sha256", "curve25519-sha256@libssh.org"}
    assert facts.offers_fsync


def test_one_session_takes_many_files(server):
    with server.transport().session() as session:
        for number in range(20):
            session.place(f"list-{number:02}.csv.pgp", some_bytes(10_000, number))
    assert len(server.names()) == 20


def test_L4_row_18_a_package_that_is_there_already_is_not_sent_again(server):
    data = some_bytes(100_000)
    (server.inbox / NAME).write_bytes(data)
    before = (server.inbox / NAME).stat()
    with server.transport().session() as session:
        placed = session.place(NAME, data)
    after = (server.inbox / NAME).stat()
    assert placed.already_there
    assert placed.verify_method is VerifyMethod.READ_BACK
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


@pytest.mark.parametrize("other", [b"", b"something else", some_bytes(100_000, 2)])
def test_L5_row_19_another_file_under_the_name_is_never_overwritten(server, other):
    (server.inbox / NAME).write_bytes(other)
    with server.transport().session() as session, pytest.raises(RemoteConflict):
        session.place(NAME, some_bytes(100_000))
    assert (server.inbox / NAME).read_bytes() == other
    assert server.names() == [NAME]


def test_L5_a_file_that_comes_under_the_name_meanwhile_is_not_overwritten(server):
    data = some_bytes(100_000)
    with server.transport().session() as session:
        staged = session.stage(NAME, data)
        (server.inbox / NAME).write_bytes(b"somebody else's")
        with pytest.raises(RemoteConflict):
            session.publish(staged)
    assert (server.inbox / NAME).read_bytes() == b"somebody else's"


def test_L4_the_same_file_that_comes_under_the_name_meanwhile_is_the_delivery(server):
    data = some_bytes(100_000)
    with server.transport().session() as session:
        staged = session.stage(NAME, data)
        (server.inbox / NAME).write_bytes(data)
        session.publish(staged)
    assert (server.inbox / NAME).read_bytes() == data


def test_nothing_is_in_view_until_it_is_published(server):
    data = some_bytes(100_000)
    with server.transport().session() as session:
        staged = session.stage(NAME, data)
        assert server.names() == [TEMPORARY]
        session.publish(staged)
    assert server.names() == [NAME]


def test_row_38_what_was_staged_before_a_crash_is_published_without_being_written_again(server):
    data = some_bytes(100_000)
    with server.transport().session() as session:
        session.stage(NAME, data)
    before = (server.inbox / TEMPORARY).stat().st_mtime_ns
    with server.transport().session() as session:
        assert session.compare(NAME, data) == Shown(Match.ABSENT, staged=True)
        session.place(NAME, data)
    assert server.names() == [NAME]
    assert (server.inbox / NAME).stat().st_mtime_ns == before


@pytest.mark.parametrize("left", [b"", b"rubbish", some_bytes(100_000, 2), some_bytes(200_000, 1)])
def test_row_20_a_stale_temporary_file_is_begun_anew(server, left):
    writable(server.inbox / TEMPORARY, left)
    data = some_bytes(100_000)
    with server.transport().session() as session:
        session.place(NAME, data)
    assert (server.inbox / NAME).read_bytes() == data
    assert server.names() == [NAME]


@pytest.mark.parametrize(("kept", "seed"), [(9_000_000, 1), (9_000_000, 2)])
def test_row_20_a_large_broken_off_file_is_taken_up_where_its_beginning_is_right(server, kept, seed):
    data = some_bytes(12_000_000)
    writable(server.inbox / TEMPORARY, some_bytes(12_000_000, seed)[:kept])
    with server.transport().session() as session:
        session.place(NAME, data)
    assert (server.inbox / NAME).read_bytes() == data


MOST_AT_ONCE = 1024 * 1024


class Pieces:
    """A package that tells how much of it was ever asked for at once."""

    def __init__(self, data):
        self._data = data
        self.most = 0

    def __len__(self):
        return len(self._data)

    def __getitem__(self, part):
        piece = self._data[part]
        self.most = max(self.most, len(piece))
        return piece


@pytest.mark.parametrize("kept", [0, 9_000_000])
def test_a_large_package_is_never_whole_in_memory(server, kept):
    data = some_bytes(12_000_000)
    if kept:
        writable(server.inbox / TEMPORARY, data[:kept])
    package = Pieces(data)
    with server.transport().session() as session:
        session.place(NAME, package)
        assert session.compare(NAME, package).final is Match.SAME
    assert (server.inbox / NAME).read_bytes() == data
    assert package.most <= MOST_AT_ONCE


def test_looking_says_what_is_there(server):
    data = some_bytes(1000)
    with server.transport().session() as session:
        assert session.look(NAME) is None
        assert session.compare(NAME, data) == Shown(Match.ABSENT, staged=False)
        session.place(NAME, data)
        assert session.look(NAME) == RemoteFile(NAME, 1000)
        assert session.compare(NAME, data) == Shown(Match.SAME, staged=False)
        assert session.compare(NAME, data[::-1]) == Shown(Match.OTHER, staged=False)


def test_a_published_file_is_withdrawn_and_no_other_file_ever_is(server):
    data = some_bytes(100_000)
    with server.transport().session() as session:
        assert session.withdraw(NAME, data) is Match.ABSENT
        session.place(NAME, data)
        assert session.withdraw(NAME, some_bytes(100_000, 2)) is Match.OTHER
        assert session.withdraw(NAME, data[:-1]) is Match.OTHER
        assert server.names() == [NAME]
        assert session.withdraw(NAME, data) is Match.SAME
    assert server.names() == []


def test_a_check_sends_nothing(server):
    report = server.transport().check()
    assert report.inbox_there
    assert report.receipts_there
    assert report.facts.offers_fsync
    assert server.names() == []


def test_a_check_says_which_pin_and_what_the_server_offers(sftp_server):
    report = sftp_server.transport().check()
    assert report.pin == 1
    assert "fsync@openssh.com" in report.extensions


def test_receipts_are_collected_in_order_and_put_away(server):
    writable(server.receipts / "b.receipt.asc", b"second")
    writable(server.receipts / "a.receipt.asc", b"first")
    writable(server.receipts / ".c.part", b"not finished")
    with server.transport().session() as session:
        files = list(session.collect())
        for file in files:
            session.archive(file.name)
        assert list(session.collect()) == []
    assert [(file.name, file.data, file.fault) for file in files] == [
        ("a.receipt.asc", b"first", None),
        ("b.receipt.asc", b"second", None),
    ]
    assert sorted(path.name for path in (server.receipts / "archive").iterdir()) == ["a.receipt.asc", "b.receipt.asc"]


def test_row_49_a_receipt_that_is_too_large_or_ill_named_is_told_and_not_read(server):
    writable(server.receipts / "huge.asc", bytes(64 * 1024 + 1))
    writable(server.receipts / "largest.asc", bytes(64 * 1024))
    writable(server.receipts / "a name with words.asc", b"x")
    with server.transport().session() as session:
        files = list(session.collect())
    assert [(file.fault, len(file.data)) for file in files] == [("ill_named", 0), ("oversize", 0), (None, 64 * 1024)]
    assert "words" not in files[0].name


def test_receipts_are_removed_where_there_is_no_archive(server):
    (server.receipts / "archive").rmdir()
    writable(server.receipts / "a.asc", b"first")
    with server.transport().session() as session:
        session.archive("a.asc")
        session.archive("a.asc")
    assert list(server.receipts.iterdir()) == []


def writable(path, data):
    """Write a file that the server's own user may change."""
    path.write_bytes(data)
    path.chmod(0o666)


def test_lists_that_the_recipient_asks_with_lie_apart_from_receipts_and_may_be_larger(server):
    folder = server.inbox.parent / "claimants"
    (folder / "archive").mkdir(parents=True, exist_ok=True)
    for each in (folder, folder / "archive"):
        each.chmod(0o777)
    writable(folder / "large.csv.pgp", bytes(65 * 1024))
    writable(folder / "too-large.csv.pgp", bytes(8 * 1024 * 1024 + 1))
    where = "/claimants" if server.partner.inbox == "/inbox" else str(folder)
    transport = server.transport(claimants=where)
    with transport.session() as session:
        large, too_large = session.collect(Inbound.CLAIMANTS)
        assert (large.fault, len(large.data), too_large.fault) == (None, 65 * 1024, "oversize")
        session.archive(large.name, Inbound.CLAIMANTS)
        assert [file.name for file in session.collect(Inbound.CLAIMANTS)] == ["too-large.csv.pgp"]
        assert list(session.collect()) == []
    assert transport.check().claimants_there in {True, None}


def test_a_recipient_without_such_a_folder_is_not_asked_for_lists(sftp_server):
    with sftp_server.transport().session() as session, pytest.raises(ValueError, match="no folder"):
        session.collect(Inbound.CLAIMANTS)
