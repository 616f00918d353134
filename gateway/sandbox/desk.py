"""Edge: acts as the recipient's desk, for demonstrations and tests: pick up, check, open, answer.

It does what docs/how-to/open-a-list.md asks a desk to do, in that order, and stops at the first thing that is wrong:

(1) the manifest's signature is the council's pinned key's, and the package has the size and hash that it names;
(2) the package opens with the desk's key and was signed by the council's;
(3) the opened list has as many rows as the manifest says;
(4) the list is laid in the desk's own folder, the desk's copy is brought up to it (partner_copy.py), and a clear-signed
    receipt in the receipts folder, with the manifest's
    checkpoint co-signed where the desk is a witness;
(5) under an agreement in the mode `match_first` it leaves lists of people for us to answer;
(6) when a list is to be destroyed it is, and a certificate of that lies in the receipts folder. What that needs of the
    manifest is noted beside the folder when the list is accepted.

The folders are those of sandbox/server.py, seen from the partner's side. People here are invented.
"""

import csv
import hashlib
import io
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pysequoia

from gateway.delivery.names import manifest_name, receipt_form_name, temporary_name
from gateway.errors import PackageCorrupt
from gateway.model.receipt import ReceiptLevel
from gateway.receipts.form import RejectReason, write_receipt
from gateway.sandbox.partner_copy import Copy, PartnerCopies
from gateway.sandbox.server import CLAIMANTS, INBOX, RECEIPTS
from gateway.sandbox.witness import DeskWitness
from gateway.sealing.certificate import UsableSigner, usable_signer
from gateway.sealing.manifest import ManifestFacts, note_in, parse_manifest
from gateway.sealing.opening import open_package
from gateway.sealing.signatures import clear_sign, signed_text

_PACKAGES = "*.csv.pgp"
_NOTED = ".note"
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class OpenedList:
    """A list that the desk picked up, checked and opened; `file` is where it lies in the desk's folder."""

    package: str
    manifest: ManifestFacts
    people: int
    file: Path


class Desk:
    """One recipient's desk. `key` is its OpenPGP secret key, which opens packages and signs receipts."""

    def __init__(
        self,
        account: Path,
        folder: Path,
        *,
        key: bytes,
        council_certificate: bytes,
        council_fingerprint: str,
        witness: DeskWitness | None = None,
    ) -> None:
        self._inbox = account / INBOX
        self._receipts = account / RECEIPTS
        self._claimants = account / CLAIMANTS
        self._folder = folder
        # Beside it, because in it are lists and nothing else.
        self._notes = folder.with_name(f"{folder.name}.to-destroy")
        self._copies = PartnerCopies(folder.with_name(f"{folder.name}.copies"))
        self._key = key
        self._council = council_certificate, council_fingerprint
        self._witness = witness

    def waiting(self) -> tuple[str, ...]:
        """Return the packages in the inbox whose manifest is there too, in the order of their names."""
        names = sorted(path.name for path in self._inbox.glob(_PACKAGES) if not path.name.startswith("."))
        return tuple(name for name in names if (self._inbox / manifest_name(name)).exists())

    def open(self, package: str, on_day: date) -> OpenedList:
        """Check and open a package and lay the list in the desk's folder.

        Raises SignatureInvalid, KeyUnusable or PackageCorrupt, and lays nothing there then.
        """
        council = usable_signer(*self._council, on_day)
        ciphertext = (self._inbox / package).read_bytes()
        manifest = self._manifest(package, council)  # (1)
        _check_package(package, ciphertext, manifest)
        plaintext = open_package(ciphertext, key=self._key, signer=council)  # (2)
        people = _rows(plaintext)  # (3)
        if people != manifest.people:
            raise PackageCorrupt("the list has another number of rows than its manifest says")
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / package.removesuffix(".pgp")
        file.write_bytes(plaintext)
        return OpenedList(package, manifest, people, file)

    def copy(self, agreement_id: str, part: str) -> Copy:
        """Return what the desk holds of a part after all that it accepted."""
        return self._copies.of(agreement_id, part)

    def accept(self, opened: OpenedList, level: ReceiptLevel = ReceiptLevel.VALIDATED) -> Path:
        """Leave a receipt for a list that was opened, and take its files out of the inbox.

        Raises PackageCorrupt, and leaves all as it is, for differences from a list that the desk never accepted.
        """
        people = None if level is ReceiptLevel.RECEIVED else opened.people
        facts = opened.manifest
        self._copies.apply(facts, opened.file.read_bytes())
        noted = {"list": facts.list_reference, "sha256": facts.package_sha256, "destroy_by": str(facts.destroy_by)}
        self._notes.mkdir(parents=True, exist_ok=True)
        (self._notes / f"{opened.file.name}{_NOTED}").write_text(json.dumps(noted), encoding="utf-8")
        return self._answer(opened.package, opened.manifest, level, people, None)

    def reject(self, package: str, reason: RejectReason, on_day: date) -> Path:
        """Leave a receipt that refuses a package, with what its manifest says of it; nothing is opened."""
        manifest = self._manifest(package, usable_signer(*self._council, on_day))
        return self._answer(package, manifest, ReceiptLevel.REJECTED, None, reason)

    def ask(self, the_list: bytes, name: str, *, sealed: bool = True) -> Path:
        """Leave a list of people to be answered, sealed for the council as an agreement may ask; return where it lies.

        `name` is a file's name and nobody's.
        """
        content = self._sealed_for_council(the_list) if sealed else the_list
        staged, final = self._claimants / temporary_name(name), self._claimants / name
        staged.write_bytes(content)
        staged.rename(final)
        return final

    def _sealed_for_council(self, content: bytes) -> bytes:
        council, own = pysequoia.Cert.from_bytes(self._council[0]), pysequoia.Tsk.from_bytes(self._key)
        return pysequoia.encrypt(content, recipients=[council], signer=own.signer(), armor=False)

    def destroy(self, on_day: date) -> list[Path]:
        """Destroy every accepted list that is to be destroyed by a day; return the certificates that were left."""
        return [made for note in sorted(self._notes.glob(f"*{_NOTED}")) if (made := self._destroy(note, on_day))]

    def _destroy(self, note: Path, on_day: date) -> Path | None:
        noted = json.loads(note.read_bytes())
        if date.fromisoformat(noted["destroy_by"]) > on_day:
            return None
        (self._folder / note.name.removesuffix(_NOTED)).unlink(missing_ok=True)
        text = write_receipt(
            list_reference=noted["list"],
            package_sha256=noted["sha256"],
            level=ReceiptLevel.DESTROYED,
            people=None,
            reason=None,
            destroyed_on=on_day,
        )
        certificate = self._leave(f"{note.name.removesuffix(_NOTED)}.{ReceiptLevel.DESTROYED.value}.asc", text)
        # Last: a desk that stops in between certifies the next time.
        note.unlink()
        return certificate

    def _manifest(self, package: str, council: UsableSigner) -> ManifestFacts:
        return parse_manifest(signed_text((self._inbox / manifest_name(package)).read_bytes(), council))

    def _answer(
        self,
        package: str,
        manifest: ManifestFacts,
        level: ReceiptLevel,
        people: int | None,
        reason: RejectReason | None,
    ) -> Path:
        text = write_receipt(
            list_reference=manifest.list_reference,
            package_sha256=manifest.package_sha256,
            level=level,
            people=people,
            reason=reason,
            cosigned=self._witness.cosign(note_in(manifest)) if self._witness else None,
        )
        final = self._leave(f"{package}.{level.value}.asc", text)
        self._clear_away(package)
        return final

    def _leave(self, name: str, text: bytes) -> Path:
        """Sign a text and lay it in the receipts folder whole."""
        staged, final = self._receipts / temporary_name(name), self._receipts / name
        staged.write_bytes(clear_sign(text, self._key))
        staged.rename(final)
        return final

    def _clear_away(self, package: str) -> None:
        for name in (package, manifest_name(package), receipt_form_name(package)):
            (self._inbox / name).unlink(missing_ok=True)


def _check_package(package: str, ciphertext: bytes, manifest: ManifestFacts) -> None:
    if manifest.package_name != package:
        raise PackageCorrupt("the manifest is another package's")
    found = len(ciphertext), hashlib.sha256(ciphertext).hexdigest()
    if found != (manifest.package_bytes, manifest.package_sha256):
        raise PackageCorrupt("the package is not the one that its manifest names")


def _rows(plaintext: bytes) -> int:
    """Return how many rows stand under the heading."""
    text = plaintext.decode("utf-8").removeprefix(_BYTE_ORDER_MARK)
    return sum(1 for _ in csv.reader(io.StringIO(text, newline=""), strict=True)) - 1
