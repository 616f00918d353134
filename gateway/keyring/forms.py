"""Make new keys, and read the forms in which they are kept.

- Packages: an OpenPGP key with its own signing key, Ed25519; never RSA, whose private operations in the library take
  a time that tells of the key.
- Checkpoints: `PRIVATE+KEY+name+id+base64`, the text form that other tools for signed notes use. It names its log.
- References: 32 random bytes in hexadecimal. Index: as many such lines as the key has secrets, the first one first.
- SSH: Ed25519 in OpenSSH's form.

Pure but for the randomness that the libraries draw.
"""

import base64
import binascii
import secrets

import pysequoia
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.errors import KeyUnavailable
from gateway.ledger.notes import Ed25519Signer, parse_vkey
from gateway.model.keys import IndexKey

SECRET_BYTES = 32
SIGNING_KEY_DAYS = 730
_SECONDS_A_DAY = 86_400
_NOTE_KEY = "PRIVATE+KEY+"
_NOTE_ED25519 = b"\x01"


def new_openpgp_key(user_id: str) -> bytes:
    """Return a new armoured OpenPGP secret key."""
    key = pysequoia.Tsk.generate(
        user_id,
        profile=pysequoia.Profile.RFC4880,
        cipher_suite=pysequoia.CipherSuite.Cv25519,
        validity_seconds=SIGNING_KEY_DAYS * _SECONDS_A_DAY,
    )
    return str(key).encode()


def new_checkpoint_key(name: str) -> bytes:
    """Return a new key for the log of that name."""
    key = Ed25519PrivateKey.generate()
    key_id = Ed25519Signer(name, key).vkey.split("+")[1]
    secret = base64.b64encode(_NOTE_ED25519 + key.private_bytes_raw()).decode()
    return f"{_NOTE_KEY}{name}+{key_id}+{secret}\n".encode()


def new_secret() -> bytes:
    """Return 32 new random bytes in hexadecimal."""
    return f"{secrets.token_hex(SECRET_BYTES)}\n".encode()


def new_ssh_key() -> bytes:
    """Return a new SSH key."""
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


def read_openpgp_key(data: bytes) -> pysequoia.Tsk:
    """Read an OpenPGP secret key."""
    try:
        return pysequoia.Tsk.from_bytes(data)
    except RuntimeError:
        # From None: the library's message quotes what it was given.
        raise KeyUnavailable("the key for packages is not an OpenPGP secret key") from None


def read_checkpoint_key(data: bytes) -> Ed25519Signer:
    """Read a checkpoint key and check that its id fits its name."""
    name, _, rest = data.decode("utf-8", "replace").removeprefix(_NOTE_KEY).strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        secret = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if secret[:1] != _NOTE_ED25519 or len(secret) != 1 + SECRET_BYTES:
        raise KeyUnavailable("the key for checkpoints is not in the form PRIVATE, KEY, name, id, key")
    signer = Ed25519Signer(name, Ed25519PrivateKey.from_private_bytes(secret[1:]))
    if parse_vkey(signer.vkey).key_id.hex() != key_id:
        raise KeyUnavailable("the key for checkpoints has an id that does not fit it")
    return signer


def next_index_key(data: bytes) -> bytes:
    """Return an index key that has one secret more."""
    read_index_key(data)
    return data.rstrip() + b"\n" + new_secret()


def read_index_key(data: bytes) -> IndexKey:
    """Read the secrets of the index, of which there is at least one."""
    return IndexKey(tuple(read_secret(line) for line in data.strip().split(b"\n")))


def read_secret(data: bytes) -> bytes:
    """Read a secret of 32 bytes."""
    text = data.decode("ascii", "replace").strip()
    if len(text) != 2 * SECRET_BYTES or not set(text) <= set("0123456789abcdef"):
        raise KeyUnavailable("a secret is not 32 bytes in hexadecimal")
    return bytes.fromhex(text)
