"""The signed manifest of a list: what the recipient checks the package by.

It carries the checkpoint that covers the list, so it is made last, in the transaction that seals the list.
"""

from gateway.agreements.retention import destroy_by
from gateway.model.agreement import Mode
from gateway.sealing.certificate import UsableCertificate
from gateway.sealing.manifest import Content, ManifestFacts, build_manifest, checkpoint_lines, sign_manifest
from gateway.services.disclosure.list_making import Making
from gateway.services.disclosure.scan_list import Scanned
from gateway.store.facts import facts_of


def manifest_of(
    making: Making, scanned: Scanned, recipient: UsableCertificate, name: str, supersedes: str | None = None
) -> bytes:
    """Return the signed manifest. It carries the checkpoint that covers this list, so every entry is made by now."""
    agreement, keys, standing = making.terms.agreement, making.workplace.keys, making.standing
    base = scanned.base
    whole = Content.ANSWER if agreement.mode is Mode.MATCH_FIRST else Content.FULL_LIST
    complete = Content.NOTICE if supersedes else whole
    manifest = ManifestFacts(
        controller=facts_of(making.work.connection).controller,
        recipient=standing.partner.title,
        agreement_id=agreement.agreement_id,
        agreement_version=agreement.version,
        statement_hash=standing.statement.statement_hash,
        list_reference=making.reference,
        window=making.terms.window,
        part=making.terms.part,
        supersedes=supersedes,
        people=scanned.people,
        fields=agreement.field_names,
        file_format=agreement.file_format,
        package_name=name,
        package_sha256=scanned.package.sha256,
        package_bytes=scanned.package.size_bytes,
        signing_key=keys.package_fingerprint(),
        encryption_key=recipient.encryption_key,
        destroy_by=destroy_by(making.terms.day, agreement.retention.their_copy_days),
        contact=agreement.default_contact,
        checkpoint=checkpoint_lines(making.work.checkpoint_note()),
        content=complete if base is None else Content.DELTA,
        base=None if base is None else base.reference,
        base_root=None if base is None else (base.root or b"").hex(),
        held=None if complete is Content.ANSWER else scanned.held,
        sequence=making.work.size,
    )
    return sign_manifest(build_manifest(manifest), keys.package_signing_key())
