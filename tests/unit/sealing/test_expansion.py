"""What a partner leaves is looked at before anything expands it: 64 KiB can hold gigabytes."""

import bz2
import tracemalloc
import zlib
from itertools import pairwise

import pysequoia
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.clock import SystemClock
from gateway.errors import PackageCorrupt, SignatureInvalid
from gateway.keyring.forms import new_openpgp_key
from gateway.sealing.armor import ArmourMalformed, without_armour
from gateway.sealing.certificate import fingerprint_of, usable_signer
from gateway.sealing.expansion import MOST_EXPANDED, require_modest
from gateway.sealing.packets import COMPRESSED, LITERAL, ONE_PASS, SIGNATURE, PacketMalformed, packets_in
from gateway.sealing.signatures import is_detached_signature, sign_detached, signed_text

TEXT = b"level: received\n"
#: As many bytes of nothing as a reader would have to hold.
NOTHING = bytes(64 * 2**20)


def raw(data: bytes) -> bytes:
    shrink = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return shrink.compress(data) + shrink.flush()


SHRINK = {1: raw, 2: lambda data: zlib.compress(data, 9), 3: bz2.compress}


def packet(tag: int, body: bytes) -> bytes:
    return bytes([0xC0 | tag, 0xFF]) + len(body).to_bytes(4) + body


def compressed(algorithm: int, data: bytes) -> bytes:
    return packet(COMPRESSED, bytes([algorithm]) + SHRINK.get(algorithm, lambda same: same)(data))


@pytest.fixture(scope="module")
def us():
    key = new_openpgp_key("Invented desk")
    certificate = bytes(pysequoia.Tsk.from_bytes(key).extract_certificate())
    return key, usable_signer(certificate, fingerprint_of(certificate), SystemClock().today())


def inline(key: bytes, *, armor: bool = False) -> bytes:
    return pysequoia.sign(pysequoia.Tsk.from_bytes(key).signer(), TEXT, armor=armor)


@pytest.mark.parametrize("algorithm", sorted(SHRINK))
def test_a_message_that_expands_to_gigabytes_is_refused_and_never_expanded(us, algorithm):
    _, signer = us
    bomb = compressed(algorithm, packet(LITERAL, NOTHING))
    assert len(bomb) < len(NOTHING) // 500
    tracemalloc.start()
    try:
        with pytest.raises(PackageCorrupt):
            signed_text(bomb, signer)
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("algorithm", [0, *sorted(SHRINK)])
def test_what_is_no_larger_than_a_receipt_may_be_passes(us, algorithm):
    key, signer = us
    message = inline(key)
    require_modest(compressed(algorithm, message))
    if algorithm:
        assert signed_text(compressed(algorithm, message), signer) == TEXT
    require_modest(compressed(algorithm, packet(LITERAL, bytes(MOST_EXPANDED - 100))))


def test_a_compressed_packet_in_a_compressed_packet_is_nobodys_answer(us):
    key, signer = us
    for outer in SHRINK:
        with pytest.raises(PackageCorrupt):
            signed_text(compressed(outer, compressed(2, inline(key))), signer)


@pytest.mark.parametrize("algorithm", [1, 2, 3])
def test_a_compressed_message_of_somebody_elses_is_a_wrong_signature_and_no_crash(us, algorithm):
    _, signer = us
    with pytest.raises(SignatureInvalid):
        signed_text(compressed(algorithm, inline(new_openpgp_key("a stranger"))), signer)


@pytest.mark.parametrize(
    "body",
    [b"", b"\x04abc", b"\x63abc", b"\x02abc", b"\x01\xff\xff", b"\x03BZh9abc", b"\x02" + zlib.compress(b"no packet")],
    ids=["empty", "no such way", "private", "damaged zlib", "damaged zip", "damaged bzip2", "no packets in it"],
)
def test_a_compressed_packet_that_cannot_be_read_is_refused(us, body):
    _, signer = us
    with pytest.raises((PackageCorrupt, SignatureInvalid)):
        signed_text(packet(COMPRESSED, body), signer)


def test_armour_comes_off_as_it_was_put_on(us):
    key, signer = us
    armoured = inline(key, armor=True)
    bare = without_armour(armoured)
    assert [tag for tag, _ in packets_in(bare)] == [ONE_PASS, LITERAL, SIGNATURE]
    assert without_armour(bare) == bare
    for laid_out in (armoured, b"\xef\xbb\xbf" + armoured, armoured.replace(b"\n", b"\r\n"), b"\n" + armoured):
        assert signed_text(laid_out, signer) == TEXT
    head, _, rest = armoured.partition(b"\n")
    assert signed_text(head + b"\nVersion: GnuPG v2\nComment: sent from a desk\n" + rest, signer) == TEXT


@pytest.mark.parametrize(
    "bend",
    [
        lambda armoured: armoured + armoured,
        lambda armoured: armoured + b"after\n",
        lambda armoured: armoured.replace(b"END PGP MESSAGE", b"END PGP SIGNATURE"),
        lambda armoured: armoured.rpartition(b"-----END")[0],
        lambda armoured: armoured.replace(b"\n\n", b"\nQQ123456C\n\n", 1),
        lambda armoured: armoured[:-60] + b"!" + armoured[-59:],
    ],
    ids=["two blocks", "words after it", "another end", "no end", "a line that is none", "damaged"],
)
def test_anything_that_two_readers_could_read_in_two_ways_is_refused(us, bend):
    key, signer = us
    armoured = inline(key, armor=True)
    with pytest.raises(ArmourMalformed):
        without_armour(bend(armoured))
    with pytest.raises(PackageCorrupt):
        signed_text(bend(armoured), signer)


def test_a_detached_signature_is_told_by_its_packets_alone(us):
    key, _ = us
    signature = sign_detached(TEXT, key)
    assert is_detached_signature(signature)
    assert is_detached_signature(without_armour(signature))
    assert not is_detached_signature(inline(key))


def test_packets_are_read_in_every_way_of_saying_their_length():
    body = bytes(range(256)) * 40
    parts = b"".join(bytes([0xE0 | 9]) + body[at : at + 512] for at in range(0, 10240 - 512, 512))
    ways = [
        packet(LITERAL, body),
        bytes([0xC0 | LITERAL]) + parts + bytes([0xC1, 0x40]) + body[-512:],
        bytes([0x80 | LITERAL << 2 | 1]) + len(body).to_bytes(2) + body,
        bytes([0x80 | LITERAL << 2 | 2]) + len(body).to_bytes(4) + body,
        bytes([0x80 | LITERAL << 2 | 3]) + body,
    ]
    for one, other in pairwise(ways):
        assert packets_in(one) == packets_in(other) == [(LITERAL, body)]
    assert packets_in(packet(2, b"a") + packet(3, b"")) == [(2, b"a"), (3, b"")]


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(data):
    try:
        require_modest(data)
    except PacketMalformed:
        return
    assert sum(len(body) for _, body in packets_in(data)) <= len(data)


@pytest.fixture(scope="module")
def once(us):
    return [compressed(algorithm, inline(us[0])) for algorithm in SHRINK]


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_damaged_compressed_message_is_refused_or_says_what_was_signed(us, once, data):
    _, signer = us
    message = bytearray(data.draw(st.sampled_from(once)))
    for _ in range(data.draw(st.integers(1, 4))):
        message[data.draw(st.integers(0, len(message) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        said = signed_text(bytes(message), signer)
    except (PackageCorrupt, SignatureInvalid):
        return
    assert said == TEXT
