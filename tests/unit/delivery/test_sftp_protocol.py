"""No answer of an SFTP server goes unread, and no answer can hurt."""

import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery import sftp_packets as wire
from gateway.delivery.sftp_link import PeerConfused, PeerGone, PeerMalformed, PeerStalled, StatusRefused
from gateway.delivery.sftp_packets import Kind, Open, Status
from gateway.delivery.sftp_protocol import FSYNC, LIMITS, ROOM, Handle, SftpClient
from gateway.delivery.sftp_windows import MOST_IN_FLIGHT, MOST_IN_FLIGHT_BYTES
from tests.unit.delivery.scripted_channel import ScriptedChannel, data, handle, status, version

HANDLE = Handle(b"h")
FAULTS = (StatusRefused, PeerGone, PeerStalled, PeerConfused, PeerMalformed)


def client_of(answer) -> SftpClient:
    return SftpClient(ScriptedChannel(answer))


def always(packet: bytes):
    return client_of(lambda kind, reader: packet)


# --- agreeing -----------------------------------------------------------------------------------------------------------


def test_extensions_and_limits_are_learnt():
    def answer(kind, reader):
        if kind is Kind.INIT:
            return version(FSYNC, LIMITS)
        limits = [wire.u64(value) for value in (300_000, 200_000, 100_000, 10)]
        return wire.packet(Kind.EXTENDED_REPLY, wire.u32(reader.u32()), *limits)

    client = client_of(answer)
    client.start()
    assert set(client.extensions) == {FSYNC, LIMITS}
    assert (client.limits.read, client.limits.write) == (200_000, 100_000)


def test_a_limit_of_zero_means_that_the_server_does_not_say():
    def answer(kind, reader):
        if kind is Kind.INIT:
            return version(LIMITS)
        return wire.packet(Kind.EXTENDED_REPLY, wire.u32(reader.u32()), *[wire.u64(0)] * 4)

    client = client_of(answer)
    client.start()
    assert client.limits.write == 32768


def told_of_room(*values: int):
    def answer(kind, reader):
        if kind is Kind.INIT:
            return version(ROOM)
        return wire.packet(Kind.EXTENDED_REPLY, wire.u32(reader.u32()), *map(wire.u64, values))

    client = client_of(answer)
    client.start()
    return client


#: Of a file system: block size, unit, units in all, free for root, free for us, and six more.
@pytest.mark.parametrize(
    ("values", "free"),
    [
        ((4096, 512, 1000, 900, 800, *[0] * 6), 800 * 512),
        ((4096, 4096, 1000, 900, 0, *[0] * 6), 0),
        ((4096, 4096, 0, 0, 0, *[0] * 6), None),
        ((0, 0, 1000, 900, 800, *[0] * 6), None),
    ],
)
def test_row_23_room_is_what_is_free_for_us_and_unknown_where_nothing_is_said(values, free):
    assert told_of_room(*values).free_bytes("x") == free


def test_row_23_a_server_that_does_not_offer_to_say_is_not_asked():
    channel = ScriptedChannel(lambda kind, reader: version())
    client = SftpClient(channel)
    client.start()
    assert client.free_bytes("x") is None
    assert channel.asked == [Kind.INIT]


def test_row_42_half_of_what_there_is_to_say_of_a_disk_is_malformed():
    with pytest.raises(PeerMalformed):
        told_of_room(4096, 4096).free_bytes("x")


@pytest.mark.parametrize(
    "packet",
    [
        wire.packet(Kind.VERSION, wire.u32(6)),
        wire.packet(Kind.VERSION, wire.u32(3), b"\x00\x00\x00\xff"),
        wire.packet(Kind.VERSION),
        status(1, 0),
        b"Welcome to the server\n",
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x00",
        b"\x00\x00\x00\x01\xee",
    ],
)
def test_row_42_a_server_that_does_not_speak_sftp_is_found_at_once(packet):
    with pytest.raises((PeerMalformed, PeerStalled)):
        always(packet).start()


def test_row_13_a_greeting_by_somebody_who_is_gone_is_still_read():
    class Gone(ScriptedChannel):
        def sendall(self, data):
            self._out += b"This account is not available"
            raise OSError

    with pytest.raises(PeerMalformed):
        SftpClient(Gone(None)).start()


def test_row_42_a_packet_is_refused_by_its_length_before_it_is_read():
    class Endless:
        """Says 2 GiB, and goes on sending whenever it is asked."""

        def __init__(self):
            self.asked = 0

        def sendall(self, data):
            pass

        def recv(self, count):
            self.asked += 1
            return b"\x7f" * min(count, 4)

    channel = Endless()
    with pytest.raises(PeerMalformed):
        SftpClient(channel).start()
    assert channel.asked == 1


# --- one request, one answer --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 8])
def test_a_refusal_keeps_its_code(code):
    client = client_of(lambda kind, reader: status(reader.u32(), code))
    with pytest.raises(StatusRefused) as refused:
        client.close(HANDLE)
    assert refused.value.status is Status(code)
    assert "words" not in str(refused.value)


def test_a_code_that_nobody_knows_is_a_failure():
    client = client_of(lambda kind, reader: status(reader.u32(), 12345))
    with pytest.raises(StatusRefused) as refused:
        client.remove("x")
    assert refused.value.status is Status.FAILURE


def test_row_41_an_answer_to_another_request_ends_the_session():
    client = client_of(lambda kind, reader: status(reader.u32() + 1, 0))
    with pytest.raises(PeerConfused):
        client.rename("a", "b")


@pytest.mark.parametrize("answer", [lambda n: status(n, 0), lambda n: data(n, b"x"), lambda n: handle(n, b"h" * 257)])
def test_success_without_a_handle_is_malformed(answer):
    with pytest.raises(PeerMalformed):
        client_of(lambda kind, reader: answer(reader.u32())).open("x", Open.READ)


def test_no_file_is_none_and_anything_else_is_raised():
    assert client_of(lambda kind, reader: status(reader.u32(), 2)).stat("x") is None
    with pytest.raises(StatusRefused):
        client_of(lambda kind, reader: status(reader.u32(), 3)).stat("x")


def test_silence_and_an_end_are_told_apart():
    with pytest.raises(PeerStalled):
        client_of(lambda kind, reader: None).stat("x")

    class Ended(ScriptedChannel):
        def recv(self, count):
            return b""

    with pytest.raises(PeerGone):
        SftpClient(Ended(lambda kind, reader: None)).stat("x")


@pytest.mark.parametrize(("error", "meaning"), [(TimeoutError, PeerStalled), (OSError, PeerGone), (EOFError, PeerGone)])
def test_a_send_that_fails_is_told(error, meaning):
    class Broken(ScriptedChannel):
        def sendall(self, data):
            raise error

    with pytest.raises(meaning):
        SftpClient(Broken(None)).stat("x")


def test_a_folder_without_end_is_malformed():
    entry = wire.string(b"x") + wire.string(b"") + wire.u32(0)

    def answer(kind, reader):
        number = reader.u32()
        if kind is Kind.OPENDIR:
            return handle(number)
        return wire.packet(Kind.NAME, wire.u32(number), wire.u32(1000), entry * 1000)

    with pytest.raises(PeerMalformed):
        client_of(answer).entries("x")


# --- windows ------------------------------------------------------------------------------------------------------------


class FileServer:
    """A file in memory; answers in any order, and reads as short as it likes."""

    def __init__(self, content=b"", *, seed=0, most_read=1 << 20, fail_write=None, fail_read=None, shuffle=True):
        self.content = bytearray(content)
        self._random = random.Random(seed)
        self._most_read, self._fail_write, self._fail_read = most_read, fail_write, fail_read
        self._shuffle = shuffle
        self._waiting: list[bytes] = []
        self._in, self._out = bytearray(), bytearray()
        self.writes = self.reads = self.most_waiting = self.most_bytes = 0

    def sendall(self, piece):
        self._in += piece
        while len(self._in) >= 4 and len(self._in) >= (end := 4 + int.from_bytes(self._in[:4], "big")):
            self._waiting.append(bytes(self._in[:end]))
            del self._in[:end]
        self.most_waiting = max(self.most_waiting, len(self._waiting))
        self.most_bytes = max(self.most_bytes, sum(map(len, self._waiting)))

    def recv(self, count):
        if not self._out:
            at = self._random.randrange(len(self._waiting)) if self._shuffle else 0
            self._out += self._answer(self._waiting.pop(at))
        taken = bytes(self._out[:count])
        del self._out[:count]
        return taken

    def _answer(self, packet):
        kind, reader = Kind(packet[4]), wire.Reader(packet[5:])
        number = reader.u32()
        reader.string()
        if kind is Kind.WRITE:
            return self._write(number, reader.u64(), reader.string())
        assert kind is Kind.READ
        return self._read(number, reader.u64(), reader.u32())

    def _write(self, number, at, written):
        self.writes += 1
        if self.writes == self._fail_write:
            return status(number, 4)
        self.content[at : at + len(written)] = written
        return status(number, 0)

    def _read(self, number, at, count):
        self.reads += 1
        if self.reads == self._fail_read:
            return status(number, 4)
        found = bytes(self.content[at : at + self._random.randint(1, min(count, self._most_read))])
        return data(number, found) if found else status(number, 1)


def test_a_window_stays_within_its_bounds():
    content = random.Random(1).randbytes(20_000_000)
    server = FileServer(shuffle=False)
    SftpClient(server).write(HANDLE, len(content), lambda at, count: content[at : at + count])
    assert bytes(server.content) == content
    assert server.most_waiting <= MOST_IN_FLIGHT
    assert server.most_bytes <= MOST_IN_FLIGHT_BYTES + MOST_IN_FLIGHT * 100


@given(st.integers(1, 40), st.integers(0, 2**32))
def test_rows_21_22_any_write_that_fails_is_raised_whatever_the_order(number, seed):
    content = bytes(40 * 32_675)
    server = FileServer(seed=seed, fail_write=number, content=bytes(len(content)))
    with pytest.raises(StatusRefused):
        SftpClient(server).write(HANDLE, len(content), lambda at, count: content[at : at + count])
    assert server._waiting == []


@given(st.integers(0, 400_000), st.integers(0, 2**32), st.integers(1_000, 50_000))
def test_what_is_read_back_is_what_is_there_in_any_order_and_any_pieces(size, seed, most_read):
    content = random.Random(seed).randbytes(size)
    server = FileServer(content, seed=seed, most_read=most_read)
    assert SftpClient(server).sha256(HANDLE, size) == hashlib.sha256(content).hexdigest()
    assert server._waiting == []


@given(st.integers(0, 300_000), st.integers(1, 300_000), st.integers(0, 2**32))
def test_a_file_that_ends_early_gives_what_it_has_and_every_answer_is_read(size, missing, seed):
    content = random.Random(seed).randbytes(size)
    server = FileServer(content, seed=seed)
    assert b"".join(SftpClient(server).read(HANDLE, size + missing)) == content
    assert server._waiting == []


@given(st.integers(1, 10), st.integers(0, 2**32))
def test_a_read_that_fails_is_raised_and_every_answer_is_read(number, seed):
    server = FileServer(bytes(10 * 32768), seed=seed, fail_read=number)
    with pytest.raises(StatusRefused):
        list(SftpClient(server).read(HANDLE, 10 * 32768))
    assert server._waiting == []


@pytest.mark.parametrize("content", [b"", b"x" * 101])
def test_a_read_answered_with_nothing_or_too_much_is_malformed(content):
    client = client_of(lambda kind, reader: data(reader.u32(), content))
    with pytest.raises(PeerMalformed):
        client.read_at(HANDLE, 0, 100)


# --- whatever comes -----------------------------------------------------------------------------------------------------


def asked_for_room(client):
    client.extensions = {ROOM: b"2"}
    client.free_bytes("x")


REQUESTS = [
    lambda client: client.start(),
    lambda client: client.open("x", Open.READ),
    lambda client: client.stat("x"),
    lambda client: client.entries("x"),
    lambda client: client.rename("a", "b"),
    lambda client: client.read_at(HANDLE, 0, 10),
    asked_for_room,
    lambda client: client.sha256(HANDLE, 100_000),
    lambda client: client.write(HANDLE, 100_000, lambda at, count: bytes(count)),
]


@given(st.sampled_from(REQUESTS), st.binary(max_size=300))
def test_row_42_any_bytes_end_in_one_of_the_faults_that_are_known(request_, noise):
    client = SftpClient(ScriptedChannel(lambda kind, reader: noise))
    try:
        request_(client)
    except FAULTS:
        return


@given(st.sampled_from(REQUESTS[1:]), st.sampled_from(list(Kind)), st.binary(max_size=100))
def test_row_42_a_well_framed_answer_with_any_content_does_too(request_, kind, content):
    client = SftpClient(ScriptedChannel(lambda _, reader: wire.packet(kind, wire.u32(reader.u32()), content)))
    try:
        request_(client)
    except FAULTS:
        return


# --- several questions at once ------------------------------------------------------------------------------------------


def test_files_asked_for_together_are_answered_in_the_order_asked_whatever_order_the_answers_have():
    held = []

    def answer(kind, reader):
        number, path = reader.u32(), reader.string()
        found = wire.packet(Kind.ATTRS, wire.u32(number), wire.u32(1), wire.u64(len(path)))
        held.append(status(number, 2) if path == b"/absent" else found)
        return b"".join(reversed(held)) if len(held) == 3 else None

    seen = client_of(answer).stats("/a", "/absent", "/abc")
    assert [each and each.size for each in seen] == [2, None, 4]


def test_a_refusal_of_one_of_several_leaves_no_answer_for_the_next_question():
    def answer(kind, reader):
        number = reader.u32()
        refused = reader.string() == b"/closed"
        return status(number, 3) if refused else wire.packet(Kind.ATTRS, wire.u32(number), wire.u32(1), wire.u64(9))

    client = client_of(answer)
    with pytest.raises(StatusRefused):
        client.stats("/closed", "/open")
    there = client.stat("/open")
    assert there is not None
    assert there.size == 9
