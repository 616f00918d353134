"""A server whose every answer a test writes: what it was sent is kept, what it says is said."""

from gateway.delivery import sftp_packets as wire
from gateway.delivery.sftp_packets import Kind, Reader


class ScriptedChannel:
    """Answers each packet with what `answer` makes of it; an answer of None is silence."""

    def __init__(self, answer) -> None:
        self._answer = answer
        self._out = bytearray()
        self._in = bytearray()
        self.asked: list[Kind] = []

    def sendall(self, data: bytes) -> None:
        self._in += data
        while len(self._in) >= 4 and len(self._in) >= 4 + (length := int.from_bytes(self._in[:4], "big")):
            packet = bytes(self._in[4 : 4 + length])
            del self._in[: 4 + length]
            kind, reader = Kind(packet[0]), Reader(packet[1:])
            self.asked.append(kind)
            self._out += self._answer(kind, reader) or b""

    def recv(self, count: int) -> bytes:
        if not self._out:
            raise TimeoutError
        taken = bytes(self._out[:count])
        del self._out[:count]
        return taken


def version(*extensions: str) -> bytes:
    pairs = (wire.string(name.encode()) + wire.string(b"1") for name in extensions)
    return wire.packet(Kind.VERSION, wire.u32(3), *pairs)


def status(number: int, code: int) -> bytes:
    return wire.packet(Kind.STATUS, wire.u32(number), wire.u32(code), wire.string(b"words"), wire.string(b"en"))


def handle(number: int, name: bytes = b"h") -> bytes:
    return wire.packet(Kind.HANDLE, wire.u32(number), wire.string(name))


def data(number: int, content: bytes) -> bytes:
    return wire.packet(Kind.DATA, wire.u32(number), wire.string(content))
