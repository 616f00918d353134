"""Read the register of Jobcentres: which office serves which postcode sector (config/jobcentres.yaml).

- An office serves whole outward codes (`CB1`: all ten sectors) or single sectors (`CB22 3`).
- No sector has two offices: a list split by office puts each person in one part.
- Where a postcode is in no office's area, the agreement's own fallback decides; nobody is dropped.

Pure: bytes come in; the caller opens the file. The same bytes are read once: every look at an agreement asks for them.
"""

from dataclasses import dataclass
from functools import lru_cache

from gateway.documents import Place, Reader, canonical_json, plain_of, sha256_hex
from gateway.errors import JobcentresInvalid

OFFICE_ID = r"[a-z0-9]+(-[a-z0-9]+)*"
OUTCODE = r"[A-Z]{1,2}[0-9][0-9A-Z]?"
_AREA = rf"{OUTCODE}( [0-9])?"


@dataclass(frozen=True, slots=True)
class Office:
    """A Jobcentre; `office_id` names its part of a list, `sectors` are written `CB1 2`."""

    office_id: str
    name: str
    sectors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Jobcentres:
    """The register."""

    offices: tuple[Office, ...]
    document_hash: str

    @property
    def office_ids(self) -> frozenset[str]:
        """The parts that a split by Jobcentre can have."""
        return frozenset(office.office_id for office in self.offices)

    def office_of_sector(self) -> dict[str, str]:
        """Return the office of each sector that has one, in the order of sectors."""
        return dict(sorted((sector, office.office_id) for office in self.offices for sector in office.sectors))


@lru_cache(maxsize=16)
def load_jobcentres(data: bytes, name: str) -> Jobcentres:
    """Return the register. Raises JobcentresInvalid with every fault of the file."""
    reader = Reader.of(data, name)
    taken: dict[str, Place] = {}
    offices = tuple(_office_of(part, taken) for part in reader.tables("offices"))
    if len({office.office_id for office in offices}) < len(offices):
        reader.fault_at("offices", "has two offices with one id")
    faults = reader.finish()
    if faults or reader.node is None:
        raise JobcentresInvalid("\n".join(str(fault) for fault in faults))
    return Jobcentres(offices, sha256_hex(canonical_json(plain_of(reader.node))))


def _office_of(reader: Reader, taken: dict[str, Place]) -> Office:
    areas = reader.texts("serves", pattern=_AREA, wanted="an outward code like CB1 or a sector like CB22 3")
    sectors = [sector for area in areas for sector in _sectors_of(area)]
    for sector in sectors:
        first = taken.setdefault(sector, reader.place)
        if first != reader.place or sectors.count(sector) > 1:
            reader.fault_at("serves", f"has the sector {sector}, which is served already (line {first.line})")
    return Office(
        office_id=reader.text("id", longest=40, pattern=OFFICE_ID, wanted="lower-case words joined by -"),
        name=reader.text("name", longest=100),
        sectors=tuple(sectors),
    )


def _sectors_of(area: str) -> list[str]:
    if not area or " " in area:
        return [area] if area else []
    return [f"{area} {digit}" for digit in range(10)]
