"""What a row of evidence says and hides: commitments, leaves, masks, sealed lines and references.

- A commitment binds the exact line that was disclosed. It is keyed by the subject's secret, so that a National
  Insurance number cannot be guessed from it, and says nothing of the night, so that two lists can be compared.
- A leaf is worked out from the row alone: no registry, no key.
- What could only be read with the secret (factors, kept lines) is unreadable once the secret is forgotten; every
  leaf and root stays as it was.
- Each encoding is unambiguous: what varies in length carries its length, the rest is of fixed width, and each kind
  of leaf begins with its own byte, so that none can stand for another.

Pure and cheap: these run once for each row of a list. Secrets and keys are passed in, none is kept.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from functools import lru_cache
from struct import Struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import LedgerDamaged
from gateway.ledger.digests import sized
from gateway.ledger.made_rows import REFERENCE_BYTES, keyed_states
from gateway.ledger.tree import HASH_BYTES

SECRET_BYTES = 32
_NONCE_BYTES = 12
#: How HMAC-SHA256 changes a key's bytes for its two hashes, and what follows a secret to the end of a block.
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))
_INNER_REST, _OUTER_REST = (bytes([pad]) * (64 - SECRET_BYTES) for pad in (0x36, 0x5C))

#: RFC 6962's leaf byte, then the kind and version of the leaf.
_EVIDENCE = b"\x00\x01"
_EXCLUSION = b"\x00\x41"
_REGISTRY = b"\x00\x81"
_HANDOVER = b"\x00\xc1"
_TOLD = b"\x00\xe1"

_position = Struct(">I").pack
_fields_and_factors = Struct(">II").pack
_batch_and_position = Struct(">QI").pack
_sha256 = hashlib.sha256
_REFERENCE_TEXT = 36


def commitment(secret: bytes, agreement_id: str, line: bytes) -> bytes:
    """Return the commitment to one disclosed line: SHA-256(secret, agreement, line)."""
    return _sha256(secret + sized(agreement_id) + line).digest()


def leaf(  # noqa: PLR0917 - called once for each row, where naming arguments costs
    list_reference: str, position: int, subject_ref: str, fields: int, factors: int, committed: bytes
) -> bytes:
    """Return the leaf of one row; `factors` as the row holds them, masked.

    Raises struct.error for a number that no row of ours can hold.
    """
    return _sha256(
        leaf_prefix(list_reference)
        + _position(position)
        + subject_ref.encode()
        + _fields_and_factors(fields, factors)
        + committed
    ).digest()


def checked_leaf(  # noqa: PLR0917 - the columns of a row, in their order
    list_reference: str, position: int, subject_ref: str, fields: int, factors: int, committed: bytes
) -> bytes:
    """Return the leaf of one row as it is stored.

    Raises struct.error, AttributeError or TypeError for values of another kind, and ValueError for other widths: bytes
    could then pass from one column to the next unseen.
    """
    if (len(subject_ref), len(committed)) != (_REFERENCE_TEXT, HASH_BYTES):
        raise ValueError("a row has columns of other widths than ours")
    return leaf(list_reference, position, subject_ref, fields, factors, committed)


def mask_factors(secret: bytes, list_reference: str, mask: int) -> int:
    """Mask the thirteen factors with sixteen bits that only the secret gives; doing it again takes the mask off.

    One hash with the fixed-width secret in front, and not HMAC, which costs three times as much in the row loop:
    of the digest only two bytes are used, so there is nothing to extend.
    """
    keystream = _sha256(b"factors" + secret + sized(list_reference)).digest()
    return mask ^ int.from_bytes(keystream[:2])


def seal_line(secret: bytes, list_reference: str, position: int, line: bytes) -> bytes:
    """Return the line under AES-256-GCM with a key that only the subject's secret gives.

    The nonce is made from the line itself: the same list built twice with another line never repeats one. Both hashes
    are HMAC-SHA256 under the secret, which is keyed here once for the two, as this runs once for each row of a list.
    """
    if len(secret) != SECRET_BYTES:
        raise ValueError("a subject's secret has one width")
    sha256, of_list = _sha256, _sized_often(list_reference)
    place = of_list + _position(position)
    inner, outer = secret.translate(_INNER) + _INNER_REST, secret.translate(_OUTER) + _OUTER_REST
    key = sha256(outer + sha256(inner + b"line" + of_list).digest()).digest()
    nonce = sha256(outer + sha256(inner + b"nonce" + place + line).digest()).digest()[:_NONCE_BYTES]
    return nonce + AESGCM(key).encrypt(nonce, line, place)


def open_line(secret: bytes, list_reference: str, position: int, sealed: bytes) -> bytes:
    """Return what `seal_line` sealed. Raises LedgerDamaged where the bytes or their place were changed."""
    place = sized(list_reference) + _position(position)
    nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(_line_key(secret, list_reference)).decrypt(nonce, ciphertext, place)
    except (InvalidTag, ValueError) as error:
        raise LedgerDamaged(f"the kept line {position} of {list_reference} cannot be opened") from error


def record_ref(key: bytes, subject_ref: str) -> str:
    """Return what a partner calls a person under one agreement."""
    return references_under(key)(subject_ref)


def references_under(key: bytes) -> Callable[[str], str]:
    """Return the function from a subject's reference to the partner's, for the row loop.

    The value is HMAC-SHA256, worked out from two hash states that are keyed once. It begins with a letter, so that
    no spreadsheet takes it for a number or a formula.
    """
    inner, outer = keyed_states(key)

    def reference(subject_ref: str) -> str:
        first, second = inner.copy(), outer.copy()
        first.update(subject_ref.encode())
        second.update(first.digest())
        return f"R{second.digest()[:REFERENCE_BYTES].hex()}"

    return reference


def exclusion_leaf(list_reference: str, agreement_id: str, subject_ref: str, reason: str | None) -> bytes:
    """Return the leaf of an exclusion that changed; None says that the person is no longer excluded."""
    content = _exclusion_prefix(list_reference, agreement_id) + sized(subject_ref) + _sized_often(reason or "")
    return _sha256(content).digest()


@lru_cache(maxsize=64)
def _exclusion_prefix(list_reference: str, agreement_id: str) -> bytes:
    return _EXCLUSION + sized(list_reference) + sized(agreement_id)


#: Of few reasons and lists, which many rows have.
_sized_often = lru_cache(maxsize=256)(sized)


def registry_commitment(secret: bytes, identifiers: Iterable[tuple[str, int, bytes]]) -> bytes:
    """Return the commitment to a subject's secret and to blind-index values `(kind, index version, value)`."""
    digest = _sha256(secret)
    for kind, version, value in sorted(identifiers):
        digest.update(sized(kind) + _position(version) + _position(len(value)) + value)
    return digest.digest()


def registry_leaf(batch: int, position: int, subject_ref: str, committed: bytes) -> bytes:
    """Return the leaf of one subject in a batch of the registry. Raises ValueError for columns of other widths."""
    if (len(subject_ref), len(committed)) != (_REFERENCE_TEXT, HASH_BYTES):
        raise ValueError("a leaf of the registry has columns of other widths than ours")
    content = _batch_and_position(batch, position) + subject_ref.encode() + committed
    return _sha256(_REGISTRY + content).digest()


def handover_leaf(reference: str, position: int, subject_ref: str) -> bytes:
    """Return the leaf of one person on a list that was handed over another way: nobody scanned a line of theirs."""
    return _sha256(_HANDOVER + sized(reference) + _position(position) + subject_ref.encode()).digest()


def told_leaf(  # noqa: PLR0917 - the columns of a row, in their order
    reference: str, position: int, subject_ref: str, kind: str, fields: int, differs: int, committed: bytes
) -> bytes:
    """Return the leaf of one person of whom a work-coach list was answered. Raises ValueError for other widths."""
    if (len(subject_ref), len(committed)) != (_REFERENCE_TEXT, HASH_BYTES):
        raise ValueError("a row has columns of other widths than ours")
    place = _TOLD + sized(reference) + _position(position) + subject_ref.encode()
    return _sha256(place + sized(kind) + _fields_and_factors(fields, differs) + committed).digest()


def told_under(
    agreement_id: str, reference: str, kind: str, fields: int
) -> Callable[[int, str, bytes, bytes], tuple[bytes, bytes]]:
    """Return the function that gives the commitment and leaf of people who are told of alike, for a loop over them.

    It takes position, subject, secret and what was said, and says what `commitment` and `told_leaf` say of somebody
    whose details do not differ; what is the same for all of them is put together once.
    """
    agreement, prefix = sized(agreement_id), _TOLD + sized(reference)
    alike = sized(kind) + _fields_and_factors(fields, 0)
    sha256, number = _sha256, _position

    def finished(position: int, subject_ref: str, secret: bytes, said: bytes) -> tuple[bytes, bytes]:
        if len(subject_ref) != _REFERENCE_TEXT:
            raise ValueError("a row has columns of other widths than ours")
        committed = sha256(secret + agreement + said).digest()
        return committed, sha256(prefix + number(position) + subject_ref.encode() + alike + committed).digest()

    return finished


@lru_cache(maxsize=64)
def leaf_prefix(list_reference: str) -> bytes:
    """Return what each leaf of a list's evidence begins with."""
    return _EVIDENCE + sized(list_reference)


def _line_key(secret: bytes, list_reference: str) -> bytes:
    return hmac.digest(secret, b"line" + sized(list_reference), "sha256")
