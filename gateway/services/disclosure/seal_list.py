"""Seal one list: decide, guard, scan once, seal, and commit everything that explains it in one transaction.

The numbers are those of one night (docs/explanation/one-night.md):

(3) Claim: one window and part of an agreement is one row; whoever comes second finds it and stands down (law L4).
(5) Scan: one statement decides, counts and projects. Each row is numbered, committed to and fed to the sealer's pipe
    in the same step, so the list and its evidence cannot differ (law L1). The rendered list never touches a disk of
    ours.
(6) Guard: a list that does not look as it should is withheld, with its counts and a digest of what was decided.
(7) Commit: list, evidence, changed exclusions, ciphertext, manifest and sealed entry stand or fall together; the
    transaction ends with a signed checkpoint that covers them and that the manifest carries.

Until (7) others may write: all that takes long is done by then, and only then is anything entered (make_list.py).

Nothing here speaks to a network. What happens after the commit is in deliver_lists.py.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Select

from gateway.agreements.retention import destroy_by
from gateway.delivery.names import package_name
from gateway.errors import CountsDisagree, LedgerDamaged
from gateway.ledger.events import Event
from gateway.ledger.evidence import DecisionDigest, LinesDigest
from gateway.ledger.tree import EMPTY_ROOT, GrowingTree
from gateway.minimisation import WholeList, finish_block, header, list_select, list_terms, whole_list_select
from gateway.minimisation.delta import Counts
from gateway.minimisation.line import Block
from gateway.minimisation.line import ListTerms as RowTerms
from gateway.model.agreement import Agreement, EmptyList, Mode
from gateway.model.delivery import ListState
from gateway.model.time import as_text
from gateway.sealing.certificate import UsableCertificate, usable
from gateway.sealing.manifest import Content, ManifestFacts, build_manifest, checkpoint_lines, sign_manifest
from gateway.sealing.sealer import SealedPackage, Sealer
from gateway.seams import Seam, seam
from gateway.selection.holding import TODAY, Holding
from gateway.selection.release import selection_digest
from gateway.services.agreements.agreement_standing import Standing
from gateway.services.disclosure.asked_rows import is_reach, rows_that_go
from gateway.services.disclosure.delta_base import Base, base_of
from gateway.services.disclosure.delta_rows import Differences
from gateway.services.disclosure.list_decisions import Decided, ListTerms, judge_list
from gateway.services.workplace import Workplace
from gateway.store.evidence import kept_exclusions, read_back, write_back_in, write_block, write_left_out
from gateway.store.lists import KeptList, find_list, move_list, next_list_id, plan_again, plan_list
from gateway.store.packages import PackageBlocks, keep_package
from gateway.store.scan import scan_beside
from gateway.store.subtrees import keep_subtrees
from gateway.store.work import Work


class Outcome(StrEnum):
    """What became of a window and part in this run."""

    SEALED = "sealed"
    WITHHELD = "withheld"
    #: Nobody is selected and the agreement says that nothing is then sent.
    NOTHING_TO_SEND = "nothing_to_send"
    #: Another run, or an earlier one, has it.
    ALREADY_MADE = "already_made"


@dataclass(frozen=True, slots=True)
class ListMade:
    """The answer for one window and part; `reasons` are codes."""

    agreement_id: str
    window: str
    part: str
    outcome: Outcome
    reference: str
    list_id: int
    people: int
    reasons: tuple[str, ...] = ()


def _nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Making:
    """A list while it is made, within one piece of work. `holding` says which holds count.

    `before_entry` takes the writer's place and enters that the list is planned, for one that has no row yet.
    """

    workplace: Workplace
    work: Work
    standing: Standing
    terms: ListTerms
    list_id: int
    reference: str
    holding: Holding = TODAY
    before_entry: Callable[[], None] = _nothing

    def became(self, outcome: Outcome, people: int, *reasons: str) -> ListMade:
        """Return the answer."""
        terms = self.terms
        return ListMade(
            terms.agreement.agreement_id,
            terms.window,
            terms.part,
            outcome,
            self.reference,
            self.list_id,
            people,
            reasons,
        )

    def going(self, statement: Select[Any]) -> Select[Any]:
        """Return a statement about selected people, about those of them alone whom this list may hold."""
        terms = self.terms
        return rows_that_go(self.work.connection, terms.agreement, terms.window, terms.part, statement)

    def whole(self) -> WholeList:
        """Decide about everybody, and return what the one statement says that does so. It is to be closed."""
        agreement, asked = self.terms.agreement, self.terms.asked(self.holding)
        before = kept_exclusions(agreement.agreement_id)
        statement = whole_list_select(agreement, self.terms.framework, going=self.going, kept_before=before, **asked)
        return WholeList(scan_beside(self.work.connection, statement))

    def judge(self, whole: WholeList) -> Decided:
        """Judge the list by what was counted (law L1), the first thing that `whole` says."""
        allowed = self.workplace.flags_reaching_nobody_allowed
        return judge_list(self.work.connection, self.terms, whole.funnel(), flags_allowed=allowed, holding=self.holding)

    def selected(self, holding: Holding) -> Iterator[str]:
        """Yield the references of the people selected under those holds, in their order."""
        statement = self.going(list_select(self.terms.agreement, self.terms.framework, **self.terms.asked(holding)))
        subjects = statement.with_only_columns(statement.selected_columns.subject_ref, maintain_column_froms=True)
        return (row[0] for row in self.work.connection.execute(subjects.execution_options(yield_per=4096)))


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


def record_made(workplace: Workplace, made: ListMade) -> None:
    """Tell the operators' log of a list that is sealed, once that is committed: before, it may still not be."""
    if made.outcome is Outcome.SEALED:
        workplace.record(
            "disclosure:sealed",
            agreement=made.agreement_id,
            window=made.window,
            part=made.part,
            list=made.reference,
            people=made.people,
        )


def make_within(
    workplace: Workplace, work: Work, standing: Standing, terms: ListTerms, take_turn: Callable[[], None]
) -> ListMade:
    """Make the list of one window and part within a piece of work, or say why there is none.

    What takes long comes first. `take_turn` waits for the writer's place before anything is entered, and raises where
    what was read until then may no longer be so.
    """
    agreement = terms.agreement
    if is_reach(agreement, terms.part):
        raise RuntimeError("the reach of an agreement that answers lists is no list")
    made = find_list(work.connection, agreement.agreement_id, terms.window, terms.part)  # (3)
    if made is not None and made.state is not ListState.PLANNED:
        earlier = Making(workplace, work, standing, terms, made.list_id, made.reference)
        return earlier.became(Outcome.ALREADY_MADE, made.people or 0)
    list_id = made.list_id if made else next_list_id(work.connection)

    def before_entry() -> None:
        take_turn()
        _plan(making, freed=made is not None)
        seam(Seam.PLANNED)

    making = Making(workplace, work, standing, terms, list_id, list_reference(terms), before_entry=before_entry)
    with closing(making.whole()) as whole:
        decided = making.judge(whole)
        if decided.withheld is None and not _is_nothing(agreement, decided):
            return seal(making, decided, whole)
    # Only now: a database may not undo or commit what is written while it is still asked.
    return _withhold(making, decided) if decided.withheld else _record_nothing(making, decided)


def _is_nothing(agreement: Agreement, decided: Decided) -> bool:
    """Say whether nobody is selected and nothing is then sent."""
    # In differences the recipient keeps a copy: that nobody is left on it is told.
    kept_by_recipient = agreement.mode is Mode.DELTA and decided.last_people
    return decided.funnel.included == 0 and agreement.empty_list is EmptyList.SKIP and not kept_by_recipient


def list_reference(terms: ListTerms) -> str:
    """Return what people call the list; the same window and part always has the same."""
    return reference_of(terms.agreement.agreement_id, terms.window, terms.part)


def reference_of(agreement_id: str, window: str, part: str) -> str:
    """Return what people call the list of a window and part, whether it was made or not."""
    return f"LST-{agreement_id}-{window}-{part}"


def seal(making: Making, decided: Decided, whole: WholeList, *, released: bool = False) -> ListMade:
    """Do steps (5) and (7) for a list that may go; `released` where a person looked at what makes it wait.

    Of `whole` no more was read than the funnel that `decided` rests on.
    """
    workplace, partner = making.workplace, making.standing.partner
    recipient = usable(partner.certificate, partner.fingerprint, workplace.clock.today())
    differences = _differences(making)
    undone = making.work.connection.begin_nested() if differences else None
    scanned = _scan(making, recipient, differences, whole)
    selected = differences.selected if differences else scanned.people
    if selected != decided.funnel.included:
        raise CountsDisagree(f"{selected} rows were scanned where {decided.funnel.included} people were counted")
    if differences and undone:
        if differences.stops and not released:
            undone.rollback()
            return _stopped(making, decided, differences)
        undone.commit()
    require_kept(making, scanned)
    seam(Seam.SCANNED)
    making.before_entry()
    _enter_sealed(making, decided, scanned, recipient)
    return making.became(Outcome.SEALED, scanned.people)


def _stopped(making: Making, decided: Decided, differences: Differences) -> ListMade:
    """Do step (6) where only the scan could tell what differs; nothing of the scan is left."""
    withheld = differences.withheld
    if withheld is None:
        return _record_nothing(making, decided)
    return _withhold(making, replace(decided, withheld=withheld), differences.counts)


def _plan(making: Making, *, freed: bool) -> None:
    """Enter that the list is planned; it is `freed` where a person set its window free (attest_lists.py)."""
    work, terms, standing = making.work, making.terms, making.standing
    agreement, statement = terms.agreement, standing.statement.statement_hash
    position = work.enter(
        Event.LIST_PLANNED,
        list=making.reference,
        agreement=agreement.agreement_id,
        version=agreement.version,
        statement=statement,
        window=terms.window,
        part=terms.part,
        partner=standing.partner.name,
        snapshot=terms.snapshot.reference,
    )
    made_under: dict[str, Any] = {
        "version": agreement.version,
        "statement_hash": statement,
        "partner": standing.partner.name,
        "snapshot_id": terms.snapshot.snapshot_id,
        "explained_by": position,
    }
    if freed:
        plan_again(work, making.list_id, **made_under)
        return
    plan_list(
        work,
        list_id=making.list_id,
        reference=making.reference,
        agreement_id=agreement.agreement_id,
        window=terms.window,
        part=terms.part,
        **made_under,
    )


def _row_terms(making: Making) -> RowTerms:
    agreement, keys = making.terms.agreement, making.workplace.keys
    return list_terms(agreement, making.reference, keys.reference_key(agreement.agreement_id))


def _differences(making: Making) -> Differences | None:
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


def _scan(making: Making, recipient: UsableCertificate, differences: Differences | None, whole: WholeList) -> Scanned:
    agreement, work, keys = making.terms.agreement, making.work, making.workplace.keys
    tree, kept = GrowingTree(), LinesDigest()
    decisions = DecisionDigest()
    write_left_out(work, making.list_id, agreement.agreement_id, whole.left_out())
    blocks = PackageBlocks(work, making.list_id)
    with Sealer(recipient=recipient, signing_key=keys.package_signing_key(), keep=blocks.keep) as sealer:
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


def _enter_sealed(making: Making, decided: Decided, scanned: Scanned, recipient: UsableCertificate) -> None:
    """Do step (7): the entry, the list's row, and the package with its manifest."""
    terms, work, statement = making.terms, making.work, making.standing.statement.statement_hash
    agreement = terms.agreement
    changed = write_back_in(work, making.list_id, agreement.agreement_id)
    name = package_name(agreement.agreement_id, terms.window, terms.part, scanned.package.sha256)
    excluded = decided.funnel.everyone - decided.funnel.included
    differences = {**asdict(scanned.differences), "held": scanned.held} if scanned.differences else {}
    position = work.enter(
        Event.LIST_SEALED,
        list=making.reference,
        agreement=agreement.agreement_id,
        version=agreement.version,
        statement=statement,
        window=terms.window,
        part=terms.part,
        snapshot=terms.snapshot.reference,
        people=scanned.people,
        excluded=excluded,
        decision_digest=scanned.decision_digest,
        partner=making.standing.partner.name,
        root=scanned.root.hex(),
        evidence=agreement.evidence.value,
        lines=scanned.kept_lines,
        exclusions=changed.count or None,
        exclusions_root=changed.root.hex() if changed.count else None,
        excluded_by_reason=_by_reason(decided),
        package_sha256=scanned.package.sha256,
        package_bytes=scanned.package.size_bytes,
        recipient_key=recipient.encryption_key,
        signing_key=making.workplace.keys.package_fingerprint(),
        remote_name=name,
        base=scanned.base.reference if scanned.base else None,
        base_root=(scanned.base.root or b"").hex() if scanned.base else None,
        **differences,
    )
    move_list(
        work,
        making.list_id,
        ListState.SEALED,
        explained_by=position,
        people=scanned.people,
        excluded=excluded,
        decision_digest=scanned.decision_digest,
        root=scanned.root,
        package_sha256=scanned.package.sha256,
        package_bytes=scanned.package.size_bytes,
        remote_name=name,
        sealed_at=as_text(work.at),
        base=scanned.base.list_id if scanned.base else None,
        **differences,
    )
    manifest = manifest_of(making, scanned, recipient, name)
    keep_package(work, making.list_id, manifest, explained_by=position)


def manifest_of(
    making: Making, scanned: Scanned, recipient: UsableCertificate, name: str, supersedes: str | None = None
) -> bytes:
    """Return the signed manifest. It carries the checkpoint that covers this list, so every entry is made by now."""
    agreement, keys, standing = making.terms.agreement, making.workplace.keys, making.standing
    base = scanned.base
    whole = Content.ANSWER if agreement.mode is Mode.MATCH_FIRST else Content.FULL_LIST
    complete = Content.NOTICE if supersedes else whole
    manifest = ManifestFacts(
        controller=making.workplace.store.facts.controller,
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


def _withhold(making: Making, decided: Decided, differences: Counts | None = None) -> ListMade:
    """Do step (6) for a list that waits: nothing of it is kept but counts and the digest that binds a release."""
    withheld = decided.withheld
    if withheld is None:
        raise RuntimeError("only a list with a reason is withheld")
    digest = selection_digest(making.selected(TODAY))
    making.before_entry()
    reasons = [reason.value for reason in withheld.reasons]
    excluded = decided.funnel.everyone - decided.funnel.included
    position = making.work.enter(
        Event.LIST_WITHHELD,
        list=making.reference,
        reasons=reasons,
        snapshot=making.terms.snapshot.reference,
        people=withheld.people,
        excluded=excluded,
        decision_digest=digest,
        last_people=withheld.last_people,
        excluded_by_reason=_by_reason(decided),
        **(asdict(differences) if differences else {}),
    )
    move_list(
        making.work,
        making.list_id,
        ListState.WITHHELD,
        reason=reasons[0],
        explained_by=position,
        people=withheld.people,
        excluded=excluded,
        decision_digest=digest,
    )
    return making.became(Outcome.WITHHELD, withheld.people, *reasons)


def _record_nothing(making: Making, decided: Decided) -> ListMade:
    """Keep that the window was run and there is nobody to tell of: without a row it would be due for ever."""
    reason = "nothing-to-send"
    making.before_entry()
    position = making.work.enter(Event.LIST_VOID, list=making.reference, reason=reason)
    move_list(
        making.work,
        making.list_id,
        ListState.VOID,
        reason=reason,
        explained_by=position,
        people=0,
        excluded=decided.funnel.everyone - decided.funnel.included,
        root=EMPTY_ROOT,
    )
    return making.became(Outcome.NOTHING_TO_SEND, 0)


def _by_reason(decided: Decided) -> dict[str, int]:
    by_reason = {reason.value: people for reason, people in decided.funnel.excluded if people}
    # Of an answer: who is included and was not asked about. Nobody's evidence says which people these are.
    not_asked = decided.funnel.not_asked
    return by_reason | ({"not_asked": not_asked} if not_asked else {})
