"""The manifest that goes with each package: what it is, for whom, under what, and until when it may be kept.

JSON with sorted keys, one to a line, ASCII alone and a newline at the end: there is exactly one way to write a
manifest, it can be read by eye, and it survives being clear-signed. It is signed with the key that signs packages.
It holds counts, references, hashes and names of organisations; nothing about a person (law L8).

A reader checks the signature first (signatures.py), then reads it strictly here, and only then believes it.

Pure. docs/formats/manifest.md describes the format for partners.
"""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from gateway.errors import PackageCorrupt
from gateway.model.agreement import FileFormat
from gateway.sealing.signatures import clear_sign

FORMAT = "supporting-families-gateway/manifest/1"
MARKING = "OFFICIAL-SENSITIVE"

_MOST_BYTES = 64 * 1024
_MOST_LENGTH = 300


class Content(StrEnum):
    """What the rows of a list are to what the recipient holds."""

    #: Everybody: whoever is not on it is on the list no longer.
    FULL_LIST = "full_list"
    #: Whoever joined, changed or left since the list that it is built on.
    DELTA = "delta"
    #: Of the people whom the recipient's own list asked about, those who may be told of; it says nothing of others.
    ANSWER = "answer"
    #: Some people whom an earlier list told of are corrected or taken back.
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class ManifestFacts:
    """What a manifest says.

    `checkpoint` is the signed checkpoint of our log that covers the entry of the package itself, line by line.
    `checkpoint_lines` makes it from the note.
    `signing_key` and `encryption_key` are full fingerprints: of our certificate, and of the recipient's key that
    the package is encrypted to. `supersedes` names the list that this one corrects or recalls, if there is one.

    A list of differences is built on `base`, whose rows have the root `base_root`; the recipient then holds `held`
    people. Of two lists the one with the greater `sequence` was made later.
    """

    controller: str
    recipient: str
    agreement_id: str
    agreement_version: int
    statement_hash: str
    list_reference: str
    window: str
    part: str
    supersedes: str | None
    people: int
    fields: tuple[str, ...]
    file_format: FileFormat
    package_name: str
    package_sha256: str
    package_bytes: int
    signing_key: str
    encryption_key: str
    destroy_by: date
    contact: str
    checkpoint: tuple[str, ...]
    content: Content = Content.FULL_LIST
    base: str | None = None
    base_root: str | None = None
    held: int | None = None
    sequence: int = 0


def _matches(expression: str) -> Callable[[object], bool]:
    shape = re.compile(expression, re.ASCII)
    return lambda value: isinstance(value, str) and bool(shape.fullmatch(value))


def _words(value: object) -> bool:
    """Say whether the value is a text of one line: a manifest must not seem to hold another one."""
    return isinstance(value, str) and 0 < len(value) <= _MOST_LENGTH and value.isprintable()


def _number(value: object) -> bool:
    return type(value) is int and value >= 0


def _lines(value: object) -> bool:
    return isinstance(value, tuple) and all(line == "" or _words(line) for line in value)


_hash = _matches(r"[0-9a-f]{64}")
_fingerprint = _matches(r"[0-9A-F]{40}|[0-9A-F]{64}")
#: What each member may be; the rest are words.
_KINDS: dict[str, Callable[[object], bool]] = {
    "agreement_version": _number,
    "statement_hash": _hash,
    "supersedes": lambda value: value is None or _words(value),
    "people": _number,
    "fields": lambda value: isinstance(value, tuple) and all(_words(name) for name in value),
    "file_format": lambda value: isinstance(value, FileFormat),
    "package_sha256": _hash,
    "package_bytes": _number,
    "signing_key": _fingerprint,
    "encryption_key": _fingerprint,
    "destroy_by": lambda value: type(value) is date,
    "checkpoint": _lines,
    "content": lambda value: isinstance(value, Content),
    "base": lambda value: value is None or _words(value),
    "base_root": lambda value: value is None or _hash(value),
    "held": lambda value: value is None or _number(value),
    "sequence": _number,
}


def build_manifest(manifest: ManifestFacts) -> bytes:
    """Return the manifest as its one sequence of bytes. Raises ValueError for a value that may not stand in it."""
    _require_sound(manifest)
    body = asdict(manifest) | {
        "format": FORMAT,
        "marking": MARKING,
        "destroy_by": manifest.destroy_by.isoformat(),
        "file_format": manifest.file_format.value,
        "content": manifest.content.value,
    }
    return json.dumps(body, sort_keys=True, indent=2, ensure_ascii=True, allow_nan=False).encode() + b"\n"


def checkpoint_lines(note: str) -> tuple[str, ...]:
    """Return a signed note as the lines that a manifest holds."""
    return tuple(note.removesuffix("\n").split("\n"))


def note_in(manifest: ManifestFacts) -> str:
    """Return the signed note of the checkpoint that a manifest carries."""
    return "".join(f"{line}\n" for line in manifest.checkpoint)


def sign_manifest(manifest: bytes, key: bytes) -> bytes:
    """Return the manifest clear-signed. Raises SealFailed where the key cannot sign."""
    return clear_sign(manifest, key)


def parse_manifest(text: bytes) -> ManifestFacts:
    """Read a manifest whose signature was checked. Raises PackageCorrupt unless it is exactly as we write them."""
    # A reader of signed text may drop the last newline, which the signature does not cover.
    whole = text.rstrip(b"\n") + b"\n"
    try:
        manifest = _from_body(json.loads(whole[:_MOST_BYTES]))
        same = build_manifest(manifest) == whole
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise PackageCorrupt("the manifest is not in the form of docs/formats/manifest.md") from error
    if not same:
        raise PackageCorrupt("the manifest is not in its one canonical form")
    return manifest


def _from_body(body: Any) -> ManifestFacts:
    known = {field.name: body[field.name] for field in fields(ManifestFacts)}
    known["fields"] = tuple(known["fields"])
    known["checkpoint"] = tuple(known["checkpoint"])
    known["destroy_by"] = date.fromisoformat(known["destroy_by"])
    known["file_format"] = FileFormat(known["file_format"])
    known["content"] = Content(known["content"])
    return ManifestFacts(**known)


def _require_sound(manifest: ManifestFacts) -> None:
    """Raise ValueError naming the first member that may not stand in a manifest."""
    for field in fields(ManifestFacts):
        if not _KINDS.get(field.name, _words)(getattr(manifest, field.name)):
            raise ValueError(f"{field.name} may not stand in a manifest as it is")
