"""Keep what a recipient holds of each list, brought up to date by full lists, differences and notices.

It does what docs/how-to/apply-differences.md asks a recipient to do:

(1) a row counts where nothing newer was told of its reference, so that the order of taking lists up changes nothing;
(2) a full list also removes everybody of whom nothing newer was told and who is not on it;
(3) differences are taken up only behind the list that they are built on, or one that was;
(4) whoever has taken a list holds as many people as its manifest says, unless a newer one told something since.

Copies are files beside the desk's folder. Edge: reads and writes them. People here are invented.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from gateway.errors import PackageCorrupt
from gateway.minimisation.taken_back import ACTION, DELETE
from gateway.sealing.manifest import Content, ManifestFacts

_BYTE_ORDER_MARK = "\ufeff"
Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Copy:
    """What is held of one part: of each reference the newest list's sequence, and the cells, or None where deleted.

    `taken` are the lists that were taken up, `full` the sequence of the newest full list among them.
    """

    told: dict[str, tuple[int, Cells | None]] = field(default_factory=dict)
    taken: tuple[str, ...] = ()
    full: int = 0

    @property
    def rows(self) -> dict[str, Cells]:
        """The people, by their references."""
        return {reference: cells for reference, (_, cells) in self.told.items() if cells is not None}

    def after(self, manifest: ManifestFacts, rows: dict[str, Cells | None]) -> "Copy":
        """Return what is held once a list is taken up. Raises PackageCorrupt where it does not fit."""
        if manifest.content is Content.DELTA and manifest.base not in self.taken:  # (3)
            raise PackageCorrupt("the differences are from a list that this desk never took")
        told, full, sequence = dict(self.told), self.full, manifest.sequence
        for reference, cells in rows.items():
            if told.get(reference, (full, None))[0] < sequence:  # (1)
                told[reference] = (sequence, cells)
        if manifest.content is Content.FULL_LIST and sequence > full:  # (2)
            full = sequence
            told = {reference: each for reference, each in told.items() if each[0] >= full}
        made = Copy(told, (*self.taken, manifest.list_reference), full)
        newer = full > sequence or any(each[0] > sequence for each in told.values())
        if manifest.held is not None and not newer and len(made.rows) != manifest.held:  # (4)
            raise PackageCorrupt("the copy has another number of people than the manifest says")
        return made


class PartnerCopies:
    """The copies of one desk, one for each agreement and part."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, agreement_id: str, part: str) -> Copy:
        """Return the copy of a part; it is empty before the first list."""
        file = self._file(agreement_id, part)
        if not file.exists():
            return Copy()
        kept = json.loads(file.read_bytes())
        told = {reference: (sequence, cells) for reference, (sequence, cells) in kept["told"].items()}
        return Copy(told, tuple(kept["taken"]), kept["full"])

    def apply(self, manifest: ManifestFacts, plaintext: bytes) -> None:
        """Take a list up. Raises PackageCorrupt, and changes nothing, where it does not fit."""
        if manifest.content is Content.ANSWER:
            # It says of a list of the recipient's own who of it is meant, and is no copy.
            return
        part: str | None = manifest.part
        if manifest.content is Content.NOTICE:
            part = self._part_of(manifest.agreement_id, manifest.supersedes)
        if part is None:
            # Nothing is held of the list that a notice follows.
            return
        made = self.of(manifest.agreement_id, part).after(manifest, _rows(plaintext))
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file(manifest.agreement_id, part).write_text(json.dumps(asdict(made)), encoding="utf-8")

    def _part_of(self, agreement_id: str, superseded: str | None) -> str | None:
        """Return the part whose copy took the list that a notice follows."""
        for file in sorted(self._folder.glob(f"{agreement_id}~*.json")):
            if superseded in json.loads(file.read_bytes())["taken"]:
                return file.stem.partition("~")[2]
        return None

    def _file(self, agreement_id: str, part: str) -> Path:
        return self._folder / f"{agreement_id}~{part}.json"


def _rows(plaintext: bytes) -> dict[str, Cells | None]:
    return dict(_read(plaintext))


def _read(plaintext: bytes) -> Iterator[tuple[str, Cells | None]]:
    text = plaintext.decode("utf-8").removeprefix(_BYTE_ORDER_MARK)
    for row in csv.DictReader(io.StringIO(text, newline=""), strict=True):
        reference = row.pop("record_ref")
        yield reference, None if row.pop(ACTION, None) == DELETE else row
