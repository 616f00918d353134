"""A mail server for tests: it takes what it is given, keeps it, and can be told to speak TLS, ask a password or refuse."""

import ipaddress
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class MailServer:
    """What a server does, and what it was given."""

    certificate: Path | None = None
    #: The answer to a log-in, and to each recipient by address; else they are taken.
    log_in: str = "235 fine"
    refusals: dict[str, str] = field(default_factory=dict)
    messages: list[bytes] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    port: int = 0

    def speak(self, connection: socket.socket) -> None:
        """Talk with one client until it leaves."""
        over_tls = False
        lines = connection.makefile("rb")
        connection.sendall(b"220 here\r\n")
        while line := lines.readline():
            word, _, rest = line.decode().strip().partition(" ")
            if word.upper() == "STARTTLS" and self.certificate:
                connection.sendall(b"220 go on\r\n")
                lines.close()
                connection = self._context().wrap_socket(connection, server_side=True)
                lines, over_tls = connection.makefile("rb"), True
            elif word.upper() == "DATA":
                connection.sendall(b"354 go on\r\n")
                self.messages.append(b"".join(iter(lines.readline, b".\r\n")))
                self.encrypted.append(over_tls)
                connection.sendall(b"250 kept\r\n")
            else:
                connection.sendall(f"{self._answer(word.upper(), rest)}\r\n".encode())
        lines.close()
        connection.close()

    def _answer(self, word: str, rest: str) -> str:
        if word == "EHLO":
            return "250-here\r\n250-AUTH PLAIN\r\n250 STARTTLS" if self.certificate else "250 here"
        if word == "QUIT":
            return "221 bye"
        if word == "AUTH":
            return self.log_in
        return next((answer for address, answer in self.refusals.items() if address in rest), "250 fine")

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        return context


@contextmanager
def running(server: MailServer) -> Iterator[MailServer]:
    """Serve on 127.0.0.1 until the block ends."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            # A client that leaves in the middle is what some tests are about.
            with suppress(OSError):
                server.speak(self.request)

    class Listening(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Listening(("127.0.0.1", 0), Handler) as listening:
        server.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join(10)


def write_certificate(path: Path, day: datetime) -> Path:
    """Write a key and a certificate for 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day - timedelta(days=1))
        .not_valid_after(day + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    path.chmod(0o600)
    return path
