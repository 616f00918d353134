"""A package is whole, signed, for one recipient, or there is none; and the list is in no file, argument or core."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from dataclasses import dataclass, replace
from pathlib import Path

import pysequoia
import pytest

from gateway.clock import SystemClock
from gateway.errors import SealFailed
from gateway.keyring.forms import new_openpgp_key
from gateway.sealing import sealer as sealer_module
from gateway.sealing import sealer_child
from gateway.sealing.certificate import UsableCertificate, fingerprint_of, usable, usable_signer
from gateway.sealing.encryption_keys import names
from gateway.sealing.opening import open_package
from gateway.sealing.packets import recipients_of
from gateway.sealing.sealer import SealedPackage, Sealer, child_ahead
from tests.gpg_desk import Desk

LIST = b"record_ref,surname\r\n" + b"".join(b"%06d,Invented\r\n" % n for n in range(5000))
CANARY = b"CANARY-QQ123456C-NEVER-ON-DISK"


@pytest.fixture(scope="module")
def their_key() -> bytes:
    return new_openpgp_key("Invented desk")


@pytest.fixture(scope="module")
def recipient(their_key: bytes) -> UsableCertificate:
    return usable_now(bytes(pysequoia.Tsk.from_bytes(their_key).extract_certificate()))


def usable_now(certificate: bytes) -> UsableCertificate:
    return usable(certificate, fingerprint_of(certificate), SystemClock().today())


@dataclass(frozen=True)
class Sealed:
    """A package put together again from its blocks, and what was said of it."""

    blocks: list[bytes]
    said: SealedPackage

    @property
    def ciphertext(self) -> bytes:
        return b"".join(self.blocks)


def seal(text: bytes, recipient: UsableCertificate, key: bytes, *, in_memory: bool = False) -> Sealed:
    blocks: list[bytes] = []
    with Sealer(recipient=recipient, signing_key=key, keep=blocks.append, in_memory=in_memory) as sealer:
        for at in range(0, len(text), 1000):
            sealer.feed(text[at : at + 1000])
        return Sealed(blocks, sealer.finish())


def nowhere(block: bytes) -> None:
    """Take what is passed on and keep nothing."""


def opened(package: Sealed, their_key: bytes, our_key: bytes) -> bytes:
    ours = bytes(pysequoia.Tsk.from_bytes(our_key).extract_certificate())
    signer = usable_signer(ours, fingerprint_of(ours), SystemClock().today())
    return open_package(package.ciphertext, key=their_key, signer=signer)


@pytest.mark.parametrize("in_memory", [False, True])
@pytest.mark.parametrize("text", [b"", b"x", LIST], ids=["empty", "a byte", "a list"])
def test_what_is_sealed_opens_to_the_same_bytes(
    text: bytes, in_memory: bool, recipient: UsableCertificate, their_key: bytes, our_key: bytes
) -> None:
    package = seal(text, recipient, our_key, in_memory=in_memory)
    assert opened(package, their_key, our_key) == text
    assert names(recipients_of(package.ciphertext), recipient.encryption_key)
    assert package.said.size_bytes == len(package.ciphertext)
    assert package.said.sha256 == hashlib.sha256(package.ciphertext).hexdigest()


@pytest.mark.parametrize("in_memory", [False, True])
def test_a_package_comes_in_blocks_of_one_size_while_it_is_sealed(
    recipient: UsableCertificate,
    their_key: bytes,
    our_key: bytes,
    monkeypatch: pytest.MonkeyPatch,
    in_memory: bool,
) -> None:
    """Nobody holds the whole of it: what was fed is passed on before the last of it is there."""
    monkeypatch.setattr(sealer_module, "BLOCK_BYTES", 10_000)
    blocks: list[bytes] = []
    with Sealer(recipient=recipient, signing_key=our_key, keep=blocks.append, in_memory=in_memory) as sealer:
        sealer.feed(LIST)
        deadline = time.monotonic() + 30
        while not in_memory and len(blocks) < 5 and time.monotonic() < deadline:
            sealer.feed(LIST)
            time.sleep(0.01)
        before = len(blocks)
        package = Sealed(blocks, sealer.finish())
    assert (before >= 5) is not in_memory
    assert {len(block) for block in blocks[:-1]} == {10_000}
    assert 0 < len(blocks[-1]) <= 10_000
    assert opened(package, their_key, our_key).startswith(LIST)
    assert package.said.size_bytes == len(package.ciphertext)


def test_memory_holds_a_few_blocks_however_large_the_package_is(recipient: UsableCertificate, our_key: bytes) -> None:
    """A list of a million people is 60 MB: it stands nowhere as a whole."""
    fed = bytes(1 << 20)
    tracemalloc.start()
    try:
        with Sealer(recipient=recipient, signing_key=our_key, keep=nowhere) as sealer:
            for _ in range(40):
                sealer.feed(fed)
            package = sealer.finish()
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert package.size_bytes > 40 << 20
    assert most < 12 << 20


def test_a_block_that_cannot_be_kept_ends_the_sealing(
    recipient: UsableCertificate, our_key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer_module, "BLOCK_BYTES", 10_000)

    def refuses(block: bytes) -> None:
        raise OSError("no room")

    with (
        pytest.raises(OSError, match="no room"),
        Sealer(recipient=recipient, signing_key=our_key, keep=refuses) as sealer,
    ):
        sealer.feed(LIST)
        sealer.finish()
    assert sealer._child is not None
    assert sealer._child.returncode is not None


@pytest.mark.gpg
@pytest.mark.parametrize(
    ("primary", "encryption"),
    [
        ("rsa3072", "rsa3072"),
        ("rsa4096", "rsa4096"),
        ("ed25519", "cv25519"),
        ("nistp256", "nistp256"),
        ("nistp521", "nistp521"),
    ],
)
def test_a_list_opens_and_verifies_with_plain_gpg_by_a_key_that_gpg_made(
    desk: Desk, our_key: bytes, primary: str, encryption: str
) -> None:
    """The proof that the desk's own tools are enough: `gpg --decrypt`, nothing else."""
    fingerprint = desk.make_key(f"opens {primary}", primary, encryption)
    package = seal(LIST, usable_now(desk.certificate(fingerprint)), our_key)
    ours = bytes(pysequoia.Tsk.from_bytes(our_key).extract_certificate())
    desk.knows(ours)
    said = desk.opens(package.ciphertext)
    assert said.code == 0
    assert said.output == LIST
    assert said.says("GOODSIG")
    assert fingerprint_of(ours) in next(line for line in said.status.splitlines() if "VALIDSIG" in line)
    # Cipher 9 is AES-256; 2 is the integrity check.
    assert "DECRYPTION_INFO 2 9" in said.status


@pytest.mark.gpg
def test_only_the_chosen_key_of_a_desk_with_several_can_open(desk: Desk, our_key: bytes) -> None:
    fingerprint = desk.make_key("several", days=0, at="20250101T000000")
    desk.add_encryption_key(fingerprint, "rsa3072")
    recipient = usable_now(desk.certificate(fingerprint))
    assert len(recipients_of(seal(LIST, recipient, our_key).ciphertext)) == 1


def test_a_package_is_binary_and_not_compressed(recipient: UsableCertificate, our_key: bytes) -> None:
    """Its size tells how long the list is, and nothing of what is in it."""
    dull, lively = b"a" * 100_000, os.urandom(100_000)
    sizes = [seal(text, recipient, our_key).said.size_bytes for text in (dull, lively)]
    assert abs(sizes[0] - sizes[1]) < 64
    assert sizes[0] > 100_000
    assert not seal(dull, recipient, our_key).ciphertext.startswith(b"-----")


def test_two_sealings_of_a_list_differ(recipient: UsableCertificate, our_key: bytes) -> None:
    """So a list is sent again from the store, never sealed again (law L4)."""
    assert seal(LIST, recipient, our_key).said.sha256 != seal(LIST, recipient, our_key).said.sha256


@pytest.mark.parametrize("in_memory", [False, True])
def test_a_child_that_is_killed_leaves_no_package(
    recipient: UsableCertificate, our_key: bytes, in_memory: bool
) -> None:
    with Sealer(recipient=recipient, signing_key=our_key, keep=nowhere, in_memory=in_memory) as sealer:
        sealer.feed(LIST)
        assert sealer._child is not None
        os.kill(sealer._child.pid, signal.SIGKILL)
        # What it had written until then, if anything, is read before it is known how it ended.
        with pytest.raises(SealFailed, match=r"ended early, with code -9|a packet is cut short"):
            for _ in range(50):
                sealer.feed(LIST)
            sealer.finish()


def test_a_child_that_hangs_is_killed_in_time(recipient: UsableCertificate, our_key: bytes) -> None:
    began = time.monotonic()
    with Sealer(recipient=recipient, signing_key=our_key, keep=nowhere, allowed_s=1.0) as sealer:
        assert sealer._child is not None
        os.kill(sealer._child.pid, signal.SIGSTOP)
        with pytest.raises(SealFailed):
            for _ in range(50):
                sealer.feed(LIST)
            sealer.finish()
    assert time.monotonic() - began < 20


def test_leaving_early_leaves_no_process_and_no_thread(recipient: UsableCertificate, our_key: bytes) -> None:
    threads = threading.active_count()
    with pytest.raises(ZeroDivisionError), Sealer(recipient=recipient, signing_key=our_key, keep=nowhere) as sealer:
        sealer.feed(LIST)
        child = sealer._child
        raise ZeroDivisionError
    assert child is not None
    assert child.returncode == -signal.SIGKILL
    assert threading.active_count() == threads


def test_a_child_that_was_started_ahead_seals_as_any_does(
    recipient: UsableCertificate, their_key: bytes, our_key: bytes
) -> None:
    blocks: list[bytes] = []
    with child_ahead() as child:
        with Sealer(recipient=recipient, signing_key=our_key, keep=blocks.append, child=child) as sealer:
            sealer.feed(LIST)
            said = sealer.finish()
        assert child.returncode == 0
    assert opened(Sealed(blocks, said), their_key, our_key) == LIST


def test_a_child_that_was_started_ahead_for_nothing_is_gone_with_its_block() -> None:
    with child_ahead() as child:
        assert child.poll() is None
    assert child.returncode == -signal.SIGKILL
    assert child.stdin is not None
    assert child.stdin.closed


def test_a_key_that_cannot_sign_is_an_error_that_quotes_nothing(recipient: UsableCertificate) -> None:
    public_only = recipient.certificate
    for key in (b"", b"SECRET WORD", public_only):
        with pytest.raises(SealFailed, match="cannot be used for sealing") as refusal:
            seal(LIST, recipient, key)
        assert "SECRET" not in str(refusal.value)


def test_a_package_for_any_other_key_than_the_judged_one_is_refused(
    recipient: UsableCertificate, our_key: bytes
) -> None:
    judged_another = replace(recipient, encryption_key="A" * 40)
    with pytest.raises(SealFailed, match="not encrypted to the pinned recipient alone"):
        seal(LIST, judged_another, our_key)
    both = recipient.certificate + bytes(pysequoia.Tsk.generate("another").extract_certificate())
    with pytest.raises(SealFailed):
        seal(LIST, replace(recipient, certificate=both), our_key)


def test_an_oversize_package_is_refused(
    recipient: UsableCertificate, our_key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer_module, "MOST_BYTES", 10_000)
    with pytest.raises(SealFailed, match="larger than 10000 bytes"):
        seal(LIST, recipient, our_key)


@pytest.mark.parametrize("broken", ["no interpreter", "no program"])
def test_a_child_that_cannot_start_is_an_error(
    recipient: UsableCertificate, our_key: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, broken: str
) -> None:
    if broken == "no interpreter":
        monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    else:
        monkeypatch.setattr(sealer_child, "__file__", str(tmp_path / "child.py"))
    with pytest.raises(SealFailed, match=r"could not be started|ended early"):
        seal(LIST, recipient, our_key)


def test_a_child_that_is_gone_before_it_has_its_keys_is_an_error(
    recipient: UsableCertificate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sealer_child, "__file__", str(tmp_path / "child.py"))
    too_large_for_the_pipe = bytes(1 << 20)
    with pytest.raises(SealFailed), Sealer(recipient=recipient, signing_key=too_large_for_the_pipe, keep=nowhere):
        pytest.fail("the sealing began")


def test_output_that_is_no_package_is_refused(recipient: UsableCertificate) -> None:
    for junk in (b"", b"junk", b"\xc1\x05abcde"):
        with pytest.raises(SealFailed, match="did not write a package"):
            sealer_module._check_recipient(junk, recipient)


def test_wrong_order_is_a_bug_and_said_so(recipient: UsableCertificate, our_key: bytes) -> None:
    sealer = Sealer(recipient=recipient, signing_key=our_key, keep=nowhere)
    with pytest.raises(RuntimeError, match="used as a context"):
        sealer.feed(LIST)
    with sealer:
        sealer.finish()
        with pytest.raises(RuntimeError, match="finished"):
            sealer.feed(LIST)
        with pytest.raises(RuntimeError, match="finished"):
            sealer.finish()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, which only Linux has")
def test_L8_the_list_and_the_key_are_in_no_argument_environment_or_core(
    recipient: UsableCertificate, our_key: bytes
) -> None:
    with Sealer(recipient=recipient, signing_key=our_key, keep=nowhere) as sealer:
        sealer.feed(CANARY)
        assert sealer._child is not None
        process = Path(f"/proc/{sealer._child.pid}")
        _wait_until_private(process)
        command = (process / "cmdline").read_bytes()
        assert command.split(b"\0")[1:-1] == [b"-I", sealer_child.__file__.encode()]
        assert _core_limits(process) == ["0", "0"]
        assert (process / "environ").read_bytes() == b""
        sealer.finish()


def _core_limits(process: Path) -> list[str]:
    lines = (process / "limits").read_text().splitlines()
    return next(line for line in lines if "core file" in line).split()[4:6]


def _wait_until_private(process: Path) -> None:
    """Wait until the child has limited itself, which is the first thing that it does."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if _core_limits(process) == ["0", "0"]:
            return
        time.sleep(0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="follows system calls with strace")
def test_L8_nothing_is_written_to_any_file(tmp_path: Path, recipient: UsableCertificate, our_key: bytes) -> None:
    """Every file that the child opens for writing is one of its own pipes."""
    strace = shutil.which("strace")
    if strace is None:
        assert "CI" not in os.environ, "strace has to be installed"
        pytest.skip("strace is not installed")
    trace = tmp_path / "trace"
    preamble = sealer_module._framed(our_key) + sealer_module._framed(recipient.certificate)
    command = [
        strace,
        "-f",
        "-o",
        str(trace),
        "-e",
        "trace=%file,openat,creat",
        sys.executable,
        "-I",
        sealer_child.__file__,
    ]
    done = subprocess.run(command, input=preamble + CANARY, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    written = [
        line for line in trace.read_text().splitlines() if "O_WRONLY" in line or "O_RDWR" in line or "creat(" in line
    ]
    assert written
    assert all("/dev/fd/1" in line or "/dev/null" in line or "ENOENT" in line for line in written), written
