"""Scan one list: number each row, commit to it and feed it to the sealer's pipe in the same step (law L1).

So the list and its evidence cannot differ. The rendered list never touches a disk of ours. What the database then
holds is read back before anything is entered.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from gateway.errors import LedgerDamaged
from gateway.ledger.made_rows import Made, Totals
from gateway.minimisation import WholeList, header, list_terms
from gateway.minimisation.delta import Counts
from gateway.minimisation.line import ListTerms as RowTerms
from gateway.sealing.certificate import UsableCertificate
from gateway.sealing.sealer import Child, SealedPackage, Sealer
from gateway.services.disclosure.delta_base import Base, base_of
from gateway.services.disclosure.delta_rows import Differences
from gateway.services.disclosure.list_making import Making
from gateway.store.evidence import copies, write_exclusions, write_made
from gateway.store.lists import KeptList
from gateway.store.made_blocks import Evidence, ToMake, evidence_of
from gateway.store.packages import PackageBlocks
from gateway.store.read_back import Kept, read_back
from gateway.store.rows_beside import MakesRows, rows_made
from gateway.store.subtrees import keep_subtrees


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one scan gave: what the package and its evidence come to."""

    package: SealedPackage
    people: int
    root: bytes
    leaves: str
    kept_lines: str | None
    decision_digest: str
    #: The roots of the tree's whole subtrees.
    subtrees: Sequence[bytes]
    #: How many people the recipient holds who has taken the list; None where the list does not say.
    held: int | None = None
    #: Of a list of differences, what differs, and the list that it is built on.
    differences: Counts | None = None
    base: KeptList | None = None


def _row_terms(making: Making) -> RowTerms:
    agreement, keys = making.terms.agreement, making.workplace.keys
    return list_terms(agreement, making.reference, keys.reference_key(agreement.agreement_id))


def differences_of(making: Making) -> Differences | None:
    """Return what makes a list of differences; None where the list is a full one."""
    connection, terms = making.work.connection, making.terms
    base = base_of(connection, terms, making.standing)
    if not isinstance(base, Base):
        return None
    return Differences(connection, terms.agreement, _row_terms(making), base, making.workplace.draw)


class _Differing:
    """Makes the rows of a list of differences, here: rows of two kinds take turns in it."""

    def __init__(self, making: Making, differences: Differences) -> None:
        self._list_id, self._differences = making.list_id, differences
        self._copies = copies(making.work.connection)
        self._totals = Totals()

    def blocks(self, scanned: Iterable[list[bytes]]) -> Iterator[tuple[bytes, Evidence]]:
        """Yield the bytes and the evidence of each block."""
        for block in self._differences.blocks(scanned):
            self._totals.add(block.rows)
            yield block.content, evidence_of(self._list_id, block.rows, copies=self._copies)

    def made(self) -> Made:
        """Return what all rows come to; what was decided is what all who are selected give."""
        return self._totals.made()._replace(decisions=self._differences.decision_digest)


@contextmanager
def _maker(making: Making, differences: Differences | None, people: int) -> Iterator[MakesRows]:
    if differences is not None:
        yield _Differing(making, differences)
        return
    of_list = _row_terms(making)
    to_make = ToMake(of_list.of_rows, making.list_id, copies(making.work.connection), of_list.keeps_values)
    with rows_made(to_make, people) as maker:
        yield maker


def scan_list(
    making: Making,
    recipient: UsableCertificate,
    differences: Differences | None,
    whole: WholeList,
    child: Child | None,
    *,
    people: int,
) -> Scanned:
    """Scan, seal and keep the rows of so many people; nothing is entered."""
    agreement, work, keys = making.terms.agreement, making.work, making.workplace.keys
    blocks = PackageBlocks(work, making.list_id)
    signing_key = keys.package_signing_key()
    with (
        _maker(making, differences, people) as maker,
        Sealer(recipient=recipient, signing_key=signing_key, keep=blocks.keep, child=child) as sealer,
    ):
        write_exclusions(work, making.list_id, agreement.agreement_id, whole.exclusions())
        sealer.feed(header(agreement))
        for content, evidence in maker.blocks(whole.rows()):
            sealer.feed(content)
            write_made(work, evidence)
        package = sealer.finish()
        made = maker.made()
    return Scanned(
        package=package,
        people=made.people,
        root=made.root,
        leaves=made.leaves,
        kept_lines=made.lines,
        decision_digest=made.decisions,
        subtrees=made.subtrees,
        held=made.people if differences is None else differences.selected,
        differences=None if differences is None else differences.counts,
        base=None if differences is None else differences.base,
    )


def require_kept(making: Making, scanned: Scanned) -> None:
    """Raise LedgerDamaged unless the database holds the rows that were made (law L7); keep what leads to them."""
    kept = read_back(making.work.connection, making.list_id)
    if kept != Kept(scanned.people, scanned.leaves, scanned.kept_lines):
        raise LedgerDamaged("the database does not hold the evidence that was made")
    keep_subtrees(making.work.connection, making.list_id, dict(enumerate(scanned.subtrees)))
