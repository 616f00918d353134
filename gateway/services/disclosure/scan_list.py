"""Scan one list: number each row, commit to it and feed it to the sealer's pipe in the same step (law L1).

So the list and its evidence cannot differ. The rendered list never touches a disk of ours. What the database then
holds is read back before anything is entered.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.errors import LedgerDamaged
from gateway.ledger.evidence import DecisionDigest, LinesDigest
from gateway.ledger.tree import GrowingTree
from gateway.minimisation import WholeList, finish_block, header, list_terms
from gateway.minimisation.delta import Counts
from gateway.minimisation.line import Block
from gateway.minimisation.line import ListTerms as RowTerms
from gateway.sealing.certificate import UsableCertificate
from gateway.sealing.sealer import Child, SealedPackage, Sealer
from gateway.services.disclosure.delta_base import Base, base_of
from gateway.services.disclosure.delta_rows import Differences
from gateway.services.disclosure.list_making import Making
from gateway.store.evidence import read_back, write_block, write_exclusions
from gateway.store.lists import KeptList
from gateway.store.packages import PackageBlocks
from gateway.store.subtrees import keep_subtrees


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one scan gave: what the package and its evidence come to."""

    package: SealedPackage
    people: int
    root: bytes
    kept_lines: str | None
    decision_digest: str
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


def _blocks(making: Making, differences: Differences | None, whole: WholeList) -> Iterator[Block]:
    """Yield the rows of the list, finished, as they are scanned."""
    of_rows, position = _row_terms(making), 1
    if differences is not None:
        yield from differences.blocks(whole.rows())
        return
    for lines in whole.rows():
        yield finish_block(lines, of_rows, position)
        position += len(lines)


def scan_list(
    making: Making,
    recipient: UsableCertificate,
    differences: Differences | None,
    whole: WholeList,
    child: Child | None,
) -> Scanned:
    """Scan, seal and keep the rows; nothing is entered."""
    agreement, work, keys = making.terms.agreement, making.work, making.workplace.keys
    tree, kept = GrowingTree(), LinesDigest()
    decisions = DecisionDigest()
    write_exclusions(work, making.list_id, agreement.agreement_id, whole.exclusions())
    blocks = PackageBlocks(work, making.list_id)
    signing_key = keys.package_signing_key()
    with Sealer(recipient=recipient, signing_key=signing_key, keep=blocks.keep, child=child) as sealer:
        sealer.feed(header(agreement))
        for block in _blocks(making, differences, whole):
            sealer.feed(block.content)
            write_block(work, making.list_id, block.rows)
            tree.extend(block.leaves)
            decisions.extend((row[1], None) for row in block.rows)
            kept.extend(row[6] for row in block.rows if row[6] is not None)
        package = sealer.finish()
    return Scanned(
        package=package,
        people=tree.size,
        root=tree.root(),
        kept_lines=kept.hexdigest() if kept.count else None,
        decision_digest=decisions.hexdigest() if differences is None else differences.decision_digest,
        held=tree.size if differences is None else differences.selected,
        differences=None if differences is None else differences.counts,
        base=None if differences is None else differences.base,
    )


def require_kept(making: Making, scanned: Scanned) -> None:
    """Raise LedgerDamaged unless the database holds the rows that were made (law L7); keep what leads to them."""
    kept = read_back(making.work.connection, making.list_id)
    if (kept.people, kept.root, kept.lines) != (scanned.people, scanned.root, scanned.kept_lines):
        raise LedgerDamaged("the database does not hold the evidence that was made")
    keep_subtrees(making.work.connection, making.list_id, dict(enumerate(kept.subtrees)))
