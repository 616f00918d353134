"""What is read of packets is read strictly: cut or foreign bytes never pass for a key or a message."""

import pysequoia
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sealing.packets import PacketMalformed, key_kind, recipients_of

PKESK_V3 = bytes([3]) + bytes.fromhex("0123456789abcdef") + b"\x12rest"
PKESK_V6 = bytes([6, 21, 4]) + bytes(range(20)) + b"\x12rest"
SEIPD = bytes([0xC0 | 18, 5, 1, 2, 3, 4, 5])


def packet(tag: int, body: bytes) -> bytes:
    return bytes([0xC0 | tag, len(body)]) + body


def test_recipients_are_key_ids_or_fingerprints_in_upper_case() -> None:
    assert recipients_of(packet(1, PKESK_V3) + SEIPD) == ("0123456789ABCDEF",)
    assert recipients_of(packet(1, PKESK_V6) + SEIPD) == (bytes(range(20)).hex().upper(),)
    assert len(recipients_of(packet(1, PKESK_V3) + packet(1, PKESK_V6) + SEIPD)) == 2


@pytest.mark.parametrize("partial", [bytes([0xC0 | 18, 0xE0 | 16]), bytes([0xC0 | 18, 200, 9])])
def test_the_length_of_the_encrypted_data_may_be_given_in_any_way(partial: bytes) -> None:
    assert recipients_of(packet(1, PKESK_V3) + partial + bytes(100)) == ("0123456789ABCDEF",)


def test_old_packet_lengths_are_read() -> None:
    old = bytes([0x80 | 1 << 2 | 1]) + len(PKESK_V3).to_bytes(2) + PKESK_V3
    assert recipients_of(old + SEIPD) == ("0123456789ABCDEF",)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"plain text",
        packet(1, PKESK_V3),
        packet(1, PKESK_V3) + packet(9, b"data without integrity"),
        packet(3, b"a password") + SEIPD,
        packet(1, PKESK_V3)[:-9],
        packet(1, b"") + SEIPD,
        packet(1, bytes([6, 0])) + SEIPD,
        packet(1, bytes([9]) + bytes(20)) + SEIPD,
        bytes([0xC0 | 1, 0xE1]) + PKESK_V3 + SEIPD,
        bytes([0x80 | 1 << 2 | 3]) + PKESK_V3 + SEIPD,
    ],
    ids=[
        "empty",
        "text",
        "no data",
        "no integrity",
        "password",
        "cut",
        "empty key",
        "no fingerprint",
        "version",
        "in parts",
        "no length",
    ],
)
def test_anything_else_is_no_package(message: bytes) -> None:
    with pytest.raises(PacketMalformed):
        recipients_of(message)


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    for read in (recipients_of, key_kind):
        try:
            read(data)
        except PacketMalformed:
            continue


def test_a_package_cut_inside_its_keys_is_refused_at_every_length() -> None:
    recipient = pysequoia.Tsk.generate("r").extract_certificate()
    package = pysequoia.encrypt(b"x", recipients=[recipient], armor=False)
    head = package.index(b"\xd2")
    for length in range(head):
        with pytest.raises(PacketMalformed):
            recipients_of(package[:length])


def test_kinds_of_keys() -> None:
    head = bytes([4]) + bytes(4)
    assert key_kind(head + b"\x01" + (3072).to_bytes(2) + bytes(384)).name == "RSA-3072"
    assert key_kind(head + b"\x13\x05" + bytes.fromhex("2b81040022")).name == "NIST P-384"
    assert key_kind(head + b"\x16\x09" + bytes.fromhex("2b06010401da470f01")).name == "Curve25519"
    assert key_kind(bytes([6]) + bytes(4) + b"\x19" + bytes(36)).name == "Curve25519"
    assert key_kind(head + b"\x12\x05" + bytes.fromhex("2b8104000a")).name == "a curve that is not supported"
    assert key_kind(head + b"\x63").name == "algorithm 99"
    assert key_kind(bytes([5]) + bytes(4) + b"\x16").is_librepgp
    assert key_kind(head + b"\x08").is_librepgp
