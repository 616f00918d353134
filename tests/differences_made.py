"""Lists of differences without a database: scanned lines in, evidence kept as its rows, a recipient's copy beside."""

import csv
import io
from dataclasses import dataclass, field

from gateway.minimisation import finish_block, header, list_terms
from gateway.minimisation.delta import Counts, differences, finish_rows, held_after, leavers_in, same_line
from gateway.minimisation.line import EvidenceRow
from gateway.model.agreement import FullListEvery, Mode
from gateway.sandbox.partner_copy import Copy
from gateway.sealing.manifest import Content
from tests.agreements_made import an_agreement, fields
from tests.manifests_made import a_manifest
from tests.snapshot_builder import reference, secret

KEY = b"k" * 32
AGREEMENT = an_agreement(
    fields=fields("record_ref", "surname", "record_action", "forename"),
    mode=Mode.DELTA,
    full_list_every=FullListEvery.MONTH,
    split=None,
)


def scanned(person: int, surname: str = "Synthetic", forename: str = "Ada") -> bytes:
    """The line of a full list's scan."""
    return f"{reference(person)},{secret(person).hex()},5,{surname},A,{forename}".encode()


def lines_of(people: dict[int, str]) -> list[bytes]:
    """The scan of people with these surnames, in the order of references."""
    return [scanned(person, people[person]) for person in sorted(people, key=reference)]


@dataclass
class Made:
    """A list: its number, its bytes and its rows of evidence."""

    number: int
    content: Content
    plaintext: bytes
    rows: list[EvidenceRow]
    base: int | None = None
    held: int = 0
    counts: Counts = field(default_factory=Counts)

    @property
    def reference(self) -> str:
        return f"LIST-{self.number}"

    def taken_by(self, copy: Copy) -> Copy:
        """What a recipient holds that takes the list up."""
        based_on = None if self.base is None else f"LIST-{self.base}"
        manifest = a_manifest(
            list_reference=self.reference,
            content=self.content,
            base=based_on,
            held=None if self.content is Content.NOTICE else self.held,
            sequence=self.number,
        )
        return copy.after(manifest, rows_in(self.plaintext))


def rows_in(plaintext: bytes) -> dict[str, dict[str, str] | None]:
    """The rows of a list by their reference; None where somebody is deleted."""
    found = {}
    for row in csv.DictReader(io.StringIO(plaintext.decode(), newline=""), strict=True):
        key, action = row.pop("record_ref"), row.pop("record_action")
        found[key] = None if action == "D" else row
    return found


def a_full_list(number: int, people: dict[int, str]) -> Made:
    """The full list of people with these surnames."""
    block = finish_block(lines_of(people), list_terms(AGREEMENT, f"LIST-{number}", KEY), 1)
    return Made(number, Content.FULL_LIST, header(AGREEMENT) + block.content, block.rows, held=len(people))


def told(lists: list[Made]) -> list[bytes]:
    """What `held_select` gives of the evidence of lists."""
    rows = [
        f"{row[1]},{row[4].hex()},{row[2]},{made.number}".encode()
        for made in sorted(lists, key=lambda made: made.number)
        for row in made.rows
    ]
    return sorted(rows, key=lambda line: line[:36])


def a_list_of_differences(number: int, people: dict[int, str], received: list[Made], doubtful: list[Made]) -> Made:
    """What differs from lists that were received, while others are in doubt."""
    terms, counts = list_terms(AGREEMENT, f"LIST-{number}", KEY), Counts()
    held = held_after(
        iter(told([*received, *doubtful])), [made.number for made in received], [made.number for made in doubtful]
    )
    rows = list(differences(iter(lines_of(people)), held, same_line(AGREEMENT, terms), counts))
    secrets = dict.fromkeys(leavers_in(rows), b"s" * 32)
    block = finish_rows(rows, AGREEMENT, terms, 1, secrets)
    plaintext = header(AGREEMENT) + block.content
    return Made(number, Content.DELTA, plaintext, block.rows, received[-1].number, len(people), counts)
