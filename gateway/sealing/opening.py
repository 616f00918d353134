"""Open a sealed package: as the recipient does, and for what partners seal for us.

- A package without a valid signature by the pinned key is not a package: an unsigned forgery decrypts without a word
  in most tools, so nothing is returned before the signature was checked.
- Everything is done in memory. When a package was altered the library raises only after it has written most of the
  plaintext to its output file; here there is no such file.

Edge only where a message needs GnuPG (gnupg.py).
"""

import pysequoia

from gateway.errors import KeyUnavailable, PackageCorrupt, SignatureInvalid
from gateway.sealing.certificate import UsableSigner
from gateway.sealing.gnupg import GnuPG

_NOT_SIGNED = "Signature verification failed"
#: What the library says of a signed message inside a compressed one: of zip and zlib, and of bzip2.
_COMPRESSED = ("Unexpected message structure", "Malformed Message")


def open_package(package: bytes, *, key: bytes, signer: UsableSigner) -> bytes:
    """Return the plaintext that the pinned key signed.

    Raises PackageCorrupt where the package cannot be opened with the key, SignatureInvalid where it is not signed
    by the pinned one, and returns nothing of it in either case.
    """
    decryptor = _decryptor(key)
    certificate = pysequoia.Cert.from_bytes(signer.certificate)
    try:
        result = pysequoia.decrypt(package, decryptor=decryptor, store=lambda _: [certificate])
    except RuntimeError as error:
        said = str(error)
    else:
        return _released(result, signer)
    if said.startswith(_COMPRESSED):
        with GnuPG(private=True) as gpg:
            return gpg.opened(package, key, signer)
    if said.startswith(_NOT_SIGNED):
        raise _wrong(signer)
    raise PackageCorrupt("the package cannot be opened: it was altered, or is not for this key")


def _decryptor(key: bytes) -> pysequoia.PyDecryptor:
    try:
        return pysequoia.Tsk.from_bytes(key).decryptor()
    except RuntimeError:
        # From None: the library's message quotes what it was given.
        raise KeyUnavailable("the key for opening is not an OpenPGP secret key that can decrypt") from None


def _released(result: pysequoia.Decrypted, signer: UsableSigner) -> bytes:
    if not any(found.certificate.upper() == signer.fingerprint for found in result.valid_sigs):
        raise _wrong(signer)
    return result.bytes or b""


def _wrong(signer: UsableSigner) -> SignatureInvalid:
    return SignatureInvalid(f"the package has no valid signature by the pinned key {signer.fingerprint}")
