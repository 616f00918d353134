"""A network that fails on command: a TCP proxy on 127.0.0.1 between us and a server."""

import socket
import struct
import threading
import time
from contextlib import suppress


class FaultProxy:
    """Passes bytes both ways until told otherwise.

    `after_bytes` upstream bytes, `fault` happens: `cut` (FIN), `reset` (RST), `hole` (nothing passes any more) or `flip`
    (one bit). `on_answer` is done to the next bytes that the server sends: `cut` or `hole`. In every connection one bit
    is flipped that comes `flip_after` bytes downstream.
    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._stopped = False
        self.port = self._listener.getsockname()[1]
        self.after_bytes: int | None = None
        self.fault = "cut"
        self.on_answer: str | None = None
        self.delay_s = 0.0
        self.bytes_per_s: int | None = None
        self.flip_after: int | None = None
        self.upstream = self.downstream = 0
        self._hole = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self._stopped = True
        self._hole.set()
        for each in (self._listener, *self._sockets):
            each.close()

    def heal(self) -> None:
        """Pass everything again, for connections to come."""
        self.after_bytes = self.on_answer = self.flip_after = None
        self._hole.clear()

    def _accept(self) -> None:
        while not self._stopped:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._server_port))
            self._sockets += [client, server]
            self.upstream = self.downstream = 0
            threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, upstream: bool) -> None:
        try:
            while data := source.recv(16384):
                if self._hole.is_set():
                    continue
                data = self._upstream_fault(data, source, sink) if upstream else self._answer_fault(data, source, sink)
                if data:
                    self._take_time(len(data))
                    sink.sendall(data)
        except OSError:
            pass
        finally:
            self._end(source, sink)

    def _take_time(self, count: int) -> None:
        if self.delay_s:
            time.sleep(self.delay_s)
        if self.bytes_per_s:
            time.sleep(count / self.bytes_per_s)

    def _upstream_fault(self, data: bytes, source: socket.socket, sink: socket.socket) -> bytes:
        before, self.upstream = self.upstream, self.upstream + len(data)
        if self.after_bytes is None or self.upstream <= self.after_bytes:
            return data
        kept = max(0, self.after_bytes - before)
        if self.fault == "flip":
            self.after_bytes = None
            return data[:kept] + bytes((data[kept] ^ 1,)) + data[kept + 1 :]
        self._do(self.fault, source, sink)
        return data[:kept] if self.fault == "hole" else b""

    def _answer_fault(self, data: bytes, source: socket.socket, sink: socket.socket) -> bytes:
        before, self.downstream = self.downstream, self.downstream + len(data)
        if self.flip_after is not None and before <= self.flip_after < self.downstream:
            at = self.flip_after - before
            return data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]
        if self.on_answer is None:
            return data
        self._do(self.on_answer, source, sink)
        return b""

    def _do(self, fault: str, source: socket.socket, sink: socket.socket) -> None:
        if fault == "hole":
            self._hole.set()
            return
        if fault == "reset":
            for each in (source, sink):
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._end(source, sink)

    def _end(self, *ends: socket.socket) -> None:
        for each in ends:
            with self._lock:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
