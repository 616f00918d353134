"""Seal a notice: a list of a few rows that corrects or takes back what earlier lists told (UK GDPR Article 19).

It is a list like any other (law L7: what was sealed stays as it is): a window and a part of its own, evidence, a
package, a manifest that names the list it supersedes, and it is delivered as all are. A correction carries today's
agreed fields of whoever is lawfully on the list today; everybody else is taken back, with the recipient's reference
alone and no reason (law L11).

A correction is made only where the list itself would go: from tonight's snapshot, with nothing to withhold.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from gateway.delivery.names import package_name
from gateway.errors import NoticeRefused
from gateway.ledger.events import Event
from gateway.ledger.made_rows import Totals
from gateway.minimisation import finish_block, header, list_select, list_terms
from gateway.minimisation.line import Block
from gateway.minimisation.taken_back import CHANGED, row_taken_back
from gateway.model.agreement import Mode
from gateway.model.delivery import ListState
from gateway.model.fields import TAKEN_BACK
from gateway.model.time import as_text
from gateway.sealing.certificate import usable
from gateway.sealing.sealer import Sealer
from gateway.selection.release import selection_digest
from gateway.services.agreements.agreement_standing import Standing
from gateway.services.disclosure.list_decisions import WHOLE, ListTerms, decide_list
from gateway.services.disclosure.list_making import Making, reference_of
from gateway.services.disclosure.list_manifest import manifest_of
from gateway.services.disclosure.run_disclosures import current_snapshot, require_last_load, require_loaded_as_approved
from gateway.services.disclosure.scan_list import Scanned, require_kept
from gateway.services.workplace import Workplace
from gateway.store.evidence import write_block
from gateway.store.lists import KeptList, move_list, plan_list
from gateway.store.packages import PackageBlocks, keep_package
from gateway.store.scan import scan
from gateway.store.snapshots import SnapshotFacts
from gateway.store.tables import persons, subjects
from gateway.store.work import Work

#: A notice's part is this and a number; no office is called so.
NOTICE = "notice-"
_REFERENCE = 36


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that was sealed: how many rows correct, and how many take back."""

    reference: str
    corrected: int
    taken_back: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A notice that is asked for, within one piece of work: about whom, after which list, under which case."""

    workplace: Workplace
    work: Work
    standing: Standing
    superseded: KeptList
    subject_refs: Sequence[str]
    case: str


def seal_notice(asked: Asked, *, withdraw: bool) -> Notice:
    """Seal the notice of one recipient; it ends the work. Raises NoticeRefused and what a run raises."""
    work, agreement = asked.work, asked.standing.agreement
    snapshot = current_snapshot(asked.workplace, work.connection)
    corrected = [] if withdraw else _corrections(asked, snapshot)
    kept = {row[:_REFERENCE].decode() for row in corrected}
    back = [row_taken_back(agreement, *each) for each in _secrets(asked) if each[0] not in kept]
    making = _plan(asked, _terms(asked, snapshot))
    notice = Notice(making.reference, len(corrected), len(back))
    work.enter(
        Event.RECIPIENT_TOLD,
        subjects=sorted(asked.subject_refs),
        agreement=agreement.agreement_id,
        partner=asked.superseded.partner,
        case=asked.case,
        list=notice.reference,
        corrected=notice.corrected,
        taken_back=notice.taken_back,
    )
    _seal(making, asked.superseded, _blocks(making, corrected, back))
    return notice


def _terms(asked: Asked, snapshot: SnapshotFacts) -> ListTerms:
    """Return the terms. The part is named after the next entry: no two have one name, a restored database's neither."""
    standing, today = asked.standing, asked.workplace.clock.today()
    part = f"{NOTICE}{asked.work.size + 1}"
    return ListTerms(standing.agreement, standing.framework, snapshot, today, part)


def _corrections(asked: Asked, snapshot: SnapshotFacts) -> list[bytes]:
    """Return the rows of those of the subjects who are on the list today."""
    workplace, work, standing = asked.workplace, asked.work, asked.standing
    require_last_load(work.connection)
    require_loaded_as_approved(work.connection, standing, snapshot)
    today = workplace.clock.today()
    # An answer tells of whom the recipient asked about then; today's reach says whether they could still be told of.
    part = WHOLE if standing.agreement.mode is Mode.MATCH_FIRST else asked.superseded.part
    own = ListTerms(standing.agreement, standing.framework, snapshot, today, part)
    decided = decide_list(work.connection, own, flags_allowed=workplace.flags_reaching_nobody_allowed)
    if decided.withheld is not None:
        raise NoticeRefused(f"the list itself would be withheld: {', '.join(decided.withheld.reasons)}")
    statement = list_select(
        standing.agreement,
        standing.framework,
        snapshot_id=snapshot.snapshot_id,
        day=max(today, snapshot.as_at_on),
        action=CHANGED,
    )
    theirs = statement.where(persons.c.subject_ref.in_(list(asked.subject_refs)))
    return [row for block in scan(work.connection, theirs) for row in block]


def _secrets(asked: Asked) -> list[tuple[str, bytes]]:
    columns = subjects.c.subject_ref, subjects.c.secret
    query = select(*columns).where(columns[0].in_(list(asked.subject_refs))).order_by(columns[0])
    return [(row.subject_ref, row.secret) for row in asked.work.connection.execute(query)]


def _plan(asked: Asked, terms: ListTerms) -> Making:
    work, standing, superseded = asked.work, asked.standing, asked.superseded
    agreement, statement = terms.agreement, standing.statement.statement_hash
    reference = reference_of(agreement.agreement_id, terms.window, terms.part)
    position = work.enter(
        Event.LIST_PLANNED,
        list=reference,
        agreement=agreement.agreement_id,
        version=agreement.version,
        statement=statement,
        window=terms.window,
        part=terms.part,
        partner=standing.partner.name,
        snapshot=terms.snapshot.reference,
        supersedes=superseded.reference,
        case=asked.case,
    )
    list_id = plan_list(
        work,
        reference=reference,
        agreement_id=agreement.agreement_id,
        version=agreement.version,
        statement_hash=statement,
        partner=standing.partner.name,
        window=terms.window,
        part=terms.part,
        snapshot_id=terms.snapshot.snapshot_id,
        supersedes=superseded.list_id,
        explained_by=position,
    )
    return Making(asked.workplace, work, standing, terms, list_id, reference)


def _blocks(making: Making, corrected: list[bytes], back: list[bytes]) -> list[Block]:
    """Return the rows finished: what a row says it told is what it told."""
    agreement = making.terms.agreement
    whole = list_terms(agreement, making.reference, making.workplace.keys.reference_key(agreement.agreement_id))
    bare = replace(whole, fields=TAKEN_BACK)
    return [finish_block(corrected, whole, 1), finish_block(back, bare, len(corrected) + 1)]


def _seal(making: Making, superseded: KeptList, blocks: list[Block]) -> None:
    workplace, work, agreement = making.workplace, making.work, making.terms.agreement
    partner = making.standing.partner
    recipient = usable(partner.certificate, partner.fingerprint, workplace.clock.today())
    totals, told = Totals(), list[str]()
    signing_key, kept_in = workplace.keys.package_signing_key(), PackageBlocks(work, making.list_id)
    with Sealer(recipient=recipient, signing_key=signing_key, keep=kept_in.keep) as sealer:
        sealer.feed(header(agreement))
        for block in blocks:
            sealer.feed(block.content)
            write_block(work, making.list_id, block.rows)
            totals.add(block.rows)
            told.extend(row[1] for row in block.rows)
        package = sealer.finish()
    made = totals.made()
    digests = made.leaves, made.lines, selection_digest(sorted(told))
    scanned = Scanned(package, made.people, made.root, *digests, made.subtrees)
    require_kept(making, scanned)
    name = package_name(agreement.agreement_id, making.terms.window, making.terms.part, package.sha256)
    facts: dict[str, Any] = {
        "people": scanned.people,
        "excluded": 0,
        "decision_digest": scanned.decision_digest,
        "package_sha256": package.sha256,
        "package_bytes": package.size_bytes,
        "remote_name": name,
    }
    position = work.enter(
        Event.LIST_SEALED,
        list=making.reference,
        agreement=agreement.agreement_id,
        version=agreement.version,
        statement=making.standing.statement.statement_hash,
        window=making.terms.window,
        part=making.terms.part,
        snapshot=making.terms.snapshot.reference,
        partner=partner.name,
        root=scanned.root.hex(),
        evidence=agreement.evidence.value,
        lines=scanned.kept_lines,
        recipient_key=recipient.encryption_key,
        signing_key=workplace.keys.package_fingerprint(),
        supersedes=superseded.reference,
        **facts,
    )
    sealed_at = as_text(work.at)
    move_list(
        work, making.list_id, ListState.SEALED, explained_by=position, root=scanned.root, sealed_at=sealed_at, **facts
    )
    manifest = manifest_of(making, scanned, recipient, name, superseded.reference)
    keep_package(work, making.list_id, manifest, explained_by=position)
