"""Seal one list: decide, guard, scan once, seal, and commit everything that explains it in one transaction.

The numbers are those of one night (docs/explanation/one-night.md):

(3) Claim: one window and part of an agreement is one row; whoever comes second finds it and stands down (law L4).
(5) Scan: one statement decides, counts and projects. Each row is numbered, committed to and fed to the sealer's pipe
    in the same step (scan_list.py).
(6) Guard: a list that does not look as it should is withheld (withhold_list.py).
(7) Commit: list, evidence, changed exclusions, ciphertext, manifest and sealed entry stand or fall together; the
    transaction ends with a signed checkpoint that covers them and that the manifest carries.

Until (7) others may write: all that takes long is done by then, and only then is anything entered (make_list.py).

Nothing here speaks to a network. What happens after the commit is in deliver_lists.py.
"""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from gateway.delivery.names import package_name
from gateway.errors import CountsDisagree
from gateway.ledger.events import Event
from gateway.minimisation import WholeList
from gateway.model.delivery import ListState
from gateway.model.time import as_text
from gateway.sealing.certificate import UsableCertificate, usable
from gateway.sealing.sealer import Child, child_ahead
from gateway.seams import Seam, seam
from gateway.services.agreements.agreement_standing import Standing
from gateway.services.disclosure.asked_rows import is_reach
from gateway.services.disclosure.delta_rows import Differences
from gateway.services.disclosure.list_decisions import Decided, ListTerms
from gateway.services.disclosure.list_making import ListMade, Making, Outcome, list_reference
from gateway.services.disclosure.list_manifest import manifest_of
from gateway.services.disclosure.scan_list import Scanned, differences_of, require_kept, scan_list
from gateway.services.disclosure.withhold_list import by_reason, is_nothing, record_nothing, withhold
from gateway.services.workplace import Workplace
from gateway.store.evidence import read_back_exclusions
from gateway.store.lists import find_list, move_list, next_list_id, plan_again, plan_list
from gateway.store.packages import keep_package
from gateway.store.work import Work


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
    # The child starts while the database decides; most lists are not withheld.
    with child_ahead() as child, making.whole() as whole:
        decided = making.judge(whole)
        if decided.withheld is None and not is_nothing(agreement, decided):
            return seal(making, decided, whole, child)
    # Only now: a database may not undo or commit what is written while it is still asked.
    return withhold(making, decided) if decided.withheld else record_nothing(making, decided)


def seal(
    making: Making, decided: Decided, whole: WholeList, child: Child | None = None, *, released: bool = False
) -> ListMade:
    """Do steps (5) and (7) for a list that may go; `released` where a person looked at what makes it wait.

    Of `whole` no more was read than the funnel that `decided` rests on. `child` is one that was started ahead.
    """
    workplace, partner = making.workplace, making.standing.partner
    recipient = usable(partner.certificate, partner.fingerprint, workplace.clock.today())
    differences = differences_of(making)
    undone = making.work.connection.begin_nested() if differences else None
    scanned = scan_list(making, recipient, differences, whole, child, people=decided.funnel.included)
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
        return record_nothing(making, decided)
    return withhold(making, replace(decided, withheld=withheld), differences.counts)


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


def _enter_sealed(making: Making, decided: Decided, scanned: Scanned, recipient: UsableCertificate) -> None:
    """Do step (7): the entry, the list's row, and the package with its manifest."""
    terms, work, statement = making.terms, making.work, making.standing.statement.statement_hash
    agreement = terms.agreement
    changed = read_back_exclusions(work.connection, making.list_id)
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
        excluded_by_reason=by_reason(decided),
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
