"""Edge: the keys in one folder, one file each; one key has one purpose.

- A key is read when it is asked for, and its file is checked each time (files.py).
- A key is made once and never written over another. It is changed in two steps, so that people can compare the next
  one before it is used: `prepare` lays it beside, `activate` puts it in place. The root of record references is never
  changed (docs/decisions/0003-which-keys-rotate.md).
- The keys of record references are derived from one root (HKDF-SHA-256, RFC 5869), so that an agreement needs no
  ceremony of its own, and two partners cannot join their lists on the references.
- Where the county has set a passphrase, files are under it (sealed.py). One that was made before is read as it is, and
  `seal_all` brings it under it.
- Keys of a synthetic environment say so in their name, and production refuses them.

What the keys are used for is elsewhere: sealing/, ledger/notes.py, store/blind_index.py, minimisation/.
"""

import hashlib
from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.errors import EnvironmentMismatch, KeyUnavailable
from gateway.keyring import facts, files, forms, sealed
from gateway.ledger.notes import Signer
from gateway.model.keys import OURS, IndexKey, KeyFacts, KeyPurpose

FILES = {
    KeyPurpose.PACKAGES: "packages.pgp",
    KeyPurpose.CHECKPOINTS: "checkpoints.key",
    KeyPurpose.INDEX: "index.key",
    KeyPurpose.REFERENCES: "references.key",
    KeyPurpose.TOMBSTONES: "tombstones.key",
    KeyPurpose.SSH: "ssh_ed25519",
}
#: What can be changed.
ROTATED = (KeyPurpose.PACKAGES, KeyPurpose.CHECKPOINTS, KeyPurpose.INDEX, KeyPurpose.SSH)
_RETIRED_LOG_KEYS = f"{FILES[KeyPurpose.CHECKPOINTS]}.retired-*"
#: What a user id of a synthetic environment says.
SYNTHETIC = "SYNTHETIC, NOT FOR REAL DATA"


class Keyring:
    """The keys of one gateway, whose log is named `origin`; `passphrase` is what their files are under, if anything."""

    def __init__(self, directory: Path, *, origin: str, passphrase: bytes | None = None) -> None:
        self._directory = directory
        self._origin = origin
        self._passphrase = None if passphrase is None else sealed.require_strong(passphrase)

    @classmethod
    def generate(
        cls,
        directory: Path,
        *,
        origin: str,
        owner: str,
        synthetic: bool,
        purposes: Collection[KeyPurpose] = OURS,
        passphrase: bytes | None = None,
    ) -> Self:
        """Make keys and return the ring. Raises KeyUnavailable, and makes none, where one is there already.

        `owner` is the council's name, which partners read in our certificate.
        """
        ring = cls(directory, origin=origin, passphrase=passphrase)
        files.make_private_folder(directory)
        makers = _makers(origin, owner, synthetic=synthetic)
        wanted = [purpose for purpose in OURS if purpose in purposes]
        _require_absent(directory, wanted)
        made = {purpose: makers[purpose]() for purpose in wanted}
        for purpose, data in made.items():
            ring._write(directory / FILES[purpose], purpose, data)
        return ring

    def package_signing_key(self) -> bytes:
        """Return our OpenPGP secret key, for signing packages, manifests and statements of ours."""
        return self._read(KeyPurpose.PACKAGES)

    def certificate(self) -> str:
        """Return our OpenPGP certificate, armoured: what partners certify."""
        return str(forms.read_openpgp_key(self.package_signing_key()).extract_certificate())

    def package_fingerprint(self) -> str:
        """Return the full fingerprint of our OpenPGP certificate, upper case."""
        return forms.read_openpgp_key(self.package_signing_key()).extract_certificate().fingerprint.upper()

    def checkpoint_signer(self) -> Signer:
        """Return what signs the log's checkpoints. Raises KeyUnavailable where the key is another log's."""
        return self._signer_in(self._read(KeyPurpose.CHECKPOINTS))

    def next_checkpoint_signer(self) -> Signer:
        """Return what signs the log's checkpoints next. Raises KeyUnavailable where no key was prepared."""
        return self._signer_in(self._read_file(self._next(KeyPurpose.CHECKPOINTS), KeyPurpose.CHECKPOINTS))

    def checkpoint_signers(self) -> list[Signer]:
        """Return every key of the log that is here: the one in use, the next one, and those that were given up.

        Which of them signs, the log says: a database from an older backup knows an older key.
        """
        following = self._read_next(KeyPurpose.CHECKPOINTS)
        beside = [following] if following else []
        retired = sorted(self._directory.glob(_RETIRED_LOG_KEYS))
        beside += [self._read_file(path, KeyPurpose.CHECKPOINTS) for path in retired]
        return [self.checkpoint_signer(), *map(self._signer_in, beside)]

    def index_key(self) -> IndexKey:
        """Return the key of the blind index."""
        return forms.read_index_key(self._read(KeyPurpose.INDEX))

    def next_index_key(self) -> IndexKey:
        """Return the next key of the blind index. Raises KeyUnavailable where none was prepared."""
        return forms.read_index_key(self._read_file(self._next(KeyPurpose.INDEX), KeyPurpose.INDEX))

    def reference_key(self, agreement_id: str) -> bytes:
        """Return the key of an agreement's record references."""
        info = b"gateway record reference 1\x00" + agreement_id.encode()
        root = forms.read_secret(self._read(KeyPurpose.REFERENCES))
        return HKDF(algorithm=SHA256(), length=forms.SECRET_BYTES, salt=None, info=info).derive(root)

    def tombstone_key(self) -> bytes:
        """Return the key by which a forgotten person is recognised."""
        return forms.read_secret(self._read(KeyPurpose.TOMBSTONES))

    @property
    def ssh_key_path(self) -> Path:
        """Where our SSH key is, in OpenSSH's form; delivery/ssh_key.py checks it when it reads it."""
        return self._directory / FILES[KeyPurpose.SSH]

    @property
    def ssh_passphrase(self) -> str | None:
        """What our SSH key is under, if it is."""
        if self._passphrase is None or not self._is_sealed(self.ssh_key_path, KeyPurpose.SSH):
            return None
        return self._passphrase.decode("utf-8")

    def unsealed(self) -> list[str]:
        """Return the names of the files that lie without a passphrase."""
        return [path.name for path, purpose in self._all_files() if not self._is_sealed(path, purpose)]

    def seal_all(self) -> list[str]:
        """Bring every file under the passphrase; return the names of those that were not. Raises KeyUnavailable."""
        if self._passphrase is None:
            raise KeyUnavailable("no passphrase is set", advice="docs/how-to/keep-the-keys.md: [keys] passphrase_file.")
        names = self.unsealed()
        for path, purpose in self._all_files():
            data = self._read_file(path, purpose)
            if path.name in names:
                files.replace_private(path, sealed.seal(data, purpose, self._passphrase))
        return names

    def log_in_period(self) -> tuple[date, date] | None:
        """Return the days of the certificate beside our SSH key; None where there is none, or it never ends."""
        certificate = self.ssh_key_path.with_name(f"{self.ssh_key_path.name}-cert.pub")
        return facts.log_in_period(certificate.read_bytes()) if certificate.exists() else None

    def require_environment(self, environment: str) -> None:
        """Raise EnvironmentMismatch where a production gateway holds the keys of a demonstration."""
        certificate = forms.read_openpgp_key(self.package_signing_key()).extract_certificate()
        if environment == "production" and any(SYNTHETIC in str(name) for name in certificate.user_ids):
            raise EnvironmentMismatch(
                "our key for packages was made for a demonstration",
                advice="Hold the key ceremony of keys/README.md for the production gateway.",
            )

    def facts(self) -> list[KeyFacts]:
        """Return what may be told of each key that is there, in the order of their purposes."""
        files.require_private_folder(self._directory)
        there = [purpose for purpose in OURS if (self._directory / FILES[purpose]).exists()]
        return [_tell(purpose, self._read(purpose)) for purpose in there]

    def prepare(self, purpose: KeyPurpose, *, owner: str, synthetic: bool) -> KeyFacts:
        """Make the next key of a purpose, beside the one in use, and tell of it. Raises KeyUnavailable."""
        _require_rotated(purpose)
        files.require_private_folder(self._directory)
        if purpose is KeyPurpose.INDEX:
            # It goes on from the one in use.
            data = forms.next_index_key(self._read(purpose))
        else:
            data = _makers(self._origin, owner, synthetic=synthetic)[purpose]()
        self._write(self._next(purpose), purpose, data)
        return _tell(purpose, data)

    def prepared(self, purpose: KeyPurpose) -> KeyFacts | None:
        """Tell of the next key of a purpose; None where there is none."""
        data = self._read_next(purpose)
        return _tell(purpose, data) if data else None

    def abandon(self, purpose: KeyPurpose) -> None:
        """Remove the next key of a purpose, which was never used. Raises KeyUnavailable where none was prepared."""
        files.require_private_folder(self._directory)
        files.read_private(self._next(purpose))
        self._next(purpose).unlink()

    def activate(self, purpose: KeyPurpose) -> KeyFacts:
        """Put the next key in place; the one before is kept beside it as `retired`, until somebody destroys it.

        Raises KeyUnavailable where none was prepared. Interrupted, it is finished by doing it again.
        """
        _require_rotated(purpose)
        told = _tell(purpose, self._read_file(self._next(purpose), purpose))
        before = self._read(purpose)
        mark = hashlib.sha256(_tell(purpose, before).fingerprint.encode()).hexdigest()[:8]
        retired = self._directory / f"{FILES[purpose]}.retired-{mark}"
        if not retired.exists():
            self._write(retired, purpose, before)
        # One step, so that there is a key in place at every moment.
        self._next(purpose).replace(self._directory / FILES[purpose])
        return told

    def _next(self, purpose: KeyPurpose) -> Path:
        return self._directory / f"{FILES[purpose]}.next"

    def _read_next(self, purpose: KeyPurpose) -> bytes | None:
        following = self._next(purpose)
        return self._read_file(following, purpose) if following.exists() else None

    def _signer_in(self, data: bytes) -> Signer:
        signer = forms.read_checkpoint_key(data)
        if signer.name != self._origin:
            raise KeyUnavailable(f"the checkpoint key is for the log {signer.name}, the settings say {self._origin}")
        return signer

    def _read(self, purpose: KeyPurpose) -> bytes:
        return self._read_file(self._directory / FILES[purpose], purpose)

    def _read_file(self, path: Path, purpose: KeyPurpose) -> bytes:
        files.require_private_folder(self._directory)
        return sealed.unseal(files.read_private(path), purpose, self._passphrase)

    def _write(self, path: Path, purpose: KeyPurpose, data: bytes) -> None:
        files.write_private(path, sealed.seal(data, purpose, self._passphrase))

    def _is_sealed(self, path: Path, purpose: KeyPurpose) -> bool:
        files.require_private_folder(self._directory)
        return sealed.is_sealed(files.read_private(path), purpose)

    def _all_files(self) -> list[tuple[Path, KeyPurpose]]:
        """Return every key file there is, the next and the retired ones among them."""
        found = [(path, purpose) for purpose in OURS for path in self._directory.glob(f"{FILES[purpose]}*")]
        return sorted((path, purpose) for path, purpose in found if path.suffix != ".pub")


def _require_absent(directory: Path, purposes: Collection[KeyPurpose]) -> None:
    for purpose in purposes:
        if (directory / FILES[purpose]).exists():
            raise KeyUnavailable(
                f"{FILES[purpose]} is there already, and a key is never written over another",
                advice="keys/README.md says how a key is rotated.",
            )


def _require_rotated(purpose: KeyPurpose) -> None:
    if purpose not in ROTATED:
        raise KeyUnavailable(
            f"the key for {purpose.value} is not changed: everybody on every list would get another reference",
            advice="docs/decisions/0003-which-keys-rotate.md says why, and what to do where others may know it.",
        )


def _makers(origin: str, owner: str, *, synthetic: bool) -> dict[KeyPurpose, Callable[[], bytes]]:
    mark = f" ({SYNTHETIC})" if synthetic else ""
    return {
        KeyPurpose.PACKAGES: lambda: forms.new_openpgp_key(f"{owner}: Supporting Families gateway{mark}"),
        KeyPurpose.CHECKPOINTS: lambda: forms.new_checkpoint_key(origin),
        KeyPurpose.INDEX: forms.new_secret,
        KeyPurpose.REFERENCES: forms.new_secret,
        KeyPurpose.TOMBSTONES: forms.new_secret,
        KeyPurpose.SSH: forms.new_ssh_key,
    }


def _tell(purpose: KeyPurpose, data: bytes) -> KeyFacts:
    match purpose:
        case KeyPurpose.PACKAGES:
            return facts.openpgp_facts(forms.read_openpgp_key(data))
        case KeyPurpose.CHECKPOINTS:
            return facts.checkpoint_facts(forms.read_checkpoint_key(data))
        case KeyPurpose.SSH:
            return facts.ssh_facts(data)
        case KeyPurpose.INDEX:
            return facts.secret_facts(purpose, b"".join(forms.read_index_key(data).secrets), "hmac-sha-256")
        case KeyPurpose.TOMBSTONES:
            return facts.secret_facts(purpose, forms.read_secret(data), "hmac-sha-256")
        case _:
            return facts.secret_facts(purpose, forms.read_secret(data), "hkdf-sha-256")
