"""Edge: what is proposed for a partner: the file as it is to be, beside the one that is in force.

A proposal adds one key and leaves everything else as it is. Where it says anything else, somebody touched it, and it is
refused. How it comes about and what becomes of it is pin_partners.py's.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from gateway.delivery.pins import parse_pin
from gateway.errors import PartnerInvalid
from gateway.model.keys import KeyPurpose
from gateway.model.partner import Partner
from gateway.services.partners.manage_partners import fingerprints_of
from gateway.services.workplace import Workplace

NEXT, BEFORE = ".next", ".before"


def what_is_new(now: Partner, following: Partner) -> tuple[tuple[KeyPurpose, ...], str]:
    """Return what a proposed file adds. It adds one key, and is otherwise the file of today but for retired keys."""
    new = list(_new_keys(now, following))
    purposes, fingerprints = tuple(purpose for purpose, _ in new), {fingerprint for _, fingerprint in new}
    if len(fingerprints) != 1 or _all_but_keys(now) != _all_but_keys(following):
        raise PartnerInvalid(
            f"the file proposed for {now.name} is not today's with one new key: the file was changed since",
            advice=f"`gateway partners pin {now.name} --take-back`, then propose the key again.",
        )
    return purposes, fingerprints.pop()


def _new_keys(now: Partner, following: Partner) -> Iterator[tuple[KeyPurpose, str]]:
    known = set(fingerprints_of(now))
    yield from ((KeyPurpose.HOST, each) for each in fingerprints_of(following) if each not in known)
    for purpose in (KeyPurpose.RECIPIENT, KeyPurpose.RECEIPTS):
        if pinned(now, purpose) != pinned(following, purpose):
            yield purpose, pinned(following, purpose)


def _all_but_keys(partner: Partner) -> tuple[object, ...]:
    place = (partner.title, partner.host, partner.port, partner.user, partner.inbox, partner.receipts, partner.outbox)
    return (*place, partner.claimants, partner.least_verification, partner.witness_key)


def pinned(partner: Partner, purpose: KeyPurpose) -> str:
    """Return the fingerprint of the certificate that a partner's file pins for a purpose."""
    return partner.fingerprint if purpose is KeyPurpose.RECIPIENT else partner.receipt_fingerprint


def bare(line: str) -> str:
    """Return a public key without the comment that somebody put behind it. Raises PartnerInvalid for another."""
    words = line.strip().split()
    bare = " ".join(words[:2])
    parse_pin(bare)
    return bare


def text_of(workplace: Workplace, name: str) -> str:
    """Return the text of a partner's file."""
    return file_of(workplace, name).read_text(encoding="utf-8")


def file_of(workplace: Workplace, name: str) -> Path:
    """Return where a partner's file is."""
    return workplace.folders.partners / f"{name}.toml"


def proposal_file(workplace: Workplace, name: str) -> Path:
    """Return where a proposal for a partner is, if there is one."""
    file = file_of(workplace, name)
    return file.with_name(file.name + NEXT)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file and bring it to disk, whole or not at all."""
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with staged.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(path)
    except OSError as error:
        raise PartnerInvalid(
            f"{path.name} cannot be written: {error.strerror}",
            advice="The account that runs this must be able to write in the folder of the partners' files.",
        ) from None
