"""Key files under a passphrase, for a county that wants a copy of the state directory to be worth nothing by itself.

- The passphrase comes from a file or a credential of the service's manager (settings, `[keys] passphrase_file`), never
  from an argument or the environment. Without one the files are as they always were.
- scrypt (RFC 7914) makes a key of it, AES-256-GCM seals the file; what a key is for is bound in, so that one cannot be
  put in another's place.
- Our SSH key is kept in OpenSSH's own encrypted form instead, which its tools read too.

Pure but for the randomness that is drawn.
"""

import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_ssh_private_key,
)

from gateway.errors import KeyUnavailable
from gateway.model.keys import KeyPurpose

#: The form's name; another form gets another.
_FORM = b"gateway sealed key 1\n"
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES = 16, 12, 32
#: 32 MiB and a tenth of a second for each guess.
_COST, _BLOCK, _LANES = 2**15, 8, 1
#: Below this a passphrase can be tried out; a random one of 32 bytes has 43 characters.
LEAST_CHARACTERS = 20
_NEEDED = "Set [keys] passphrase_file to where it is: docs/how-to/keep-the-keys.md."


def seal(data: bytes, purpose: KeyPurpose, passphrase: bytes | None) -> bytes:
    """Return a key's file under the passphrase; as it is where there is none."""
    if passphrase is None:
        return data
    if purpose is KeyPurpose.SSH:
        return _ssh_key(data, None, BestAvailableEncryption(passphrase))
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(_key_of(passphrase, salt)).encrypt(nonce, data, purpose.value.encode())
    return _FORM + salt + nonce + sealed


def unseal(data: bytes, purpose: KeyPurpose, passphrase: bytes | None) -> bytes:
    """Return a key as it was made; one that lies without a passphrase is taken as it is. Raises KeyUnavailable."""
    if not is_sealed(data, purpose):
        return data
    if passphrase is None:
        raise KeyUnavailable(f"the key for {purpose.value} is under a passphrase, and none is set", advice=_NEEDED)
    if purpose is KeyPurpose.SSH:
        return _ssh_key(data, passphrase, NoEncryption())
    rest = data[len(_FORM) :]
    salt, rest = rest[:_SALT_BYTES], rest[_SALT_BYTES:]
    nonce, sealed = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
    try:
        return AESGCM(_key_of(passphrase, salt)).decrypt(nonce, sealed, purpose.value.encode())
    except (InvalidTag, ValueError):
        raise _other_passphrase(purpose) from None


def is_sealed(data: bytes, purpose: KeyPurpose) -> bool:
    """Say whether a key's file is under a passphrase."""
    if purpose is not KeyPurpose.SSH:
        return data.startswith(_FORM)
    try:
        load_ssh_private_key(data, password=None)
    except TypeError:
        return True
    except ValueError:
        # Not a key at all; whoever reads it says so.
        return False
    return False


def require_strong(passphrase: bytes) -> bytes:
    """Return the passphrase. Raises KeyUnavailable for one that could be tried out."""
    if len(passphrase) < LEAST_CHARACTERS:
        raise KeyUnavailable(
            f"the passphrase of the keys has fewer than {LEAST_CHARACTERS} characters",
            advice="Make one with `openssl rand -base64 32`, and seal the keys anew: `gateway keys seal`.",
        )
    return passphrase


def _ssh_key(data: bytes, passphrase: bytes | None, under: KeySerializationEncryption) -> bytes:
    try:
        key = load_ssh_private_key(data, password=passphrase)
    except (ValueError, TypeError):
        raise _other_passphrase(KeyPurpose.SSH) from None
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, under)


def _other_passphrase(purpose: KeyPurpose) -> KeyUnavailable:
    return KeyUnavailable(f"the key for {purpose.value} is under another passphrase, or was changed", advice=_NEEDED)


@lru_cache(maxsize=32)
def _key_of(passphrase: bytes, salt: bytes) -> bytes:
    """Return the key of a file. Remembered: a night reads the same few files again and again."""
    return Scrypt(salt=salt, length=_KEY_BYTES, n=_COST, r=_BLOCK, p=_LANES).derive(passphrase)
