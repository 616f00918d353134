"""What a delivery needs for tests: a county with an approved agreement, a partner whose server runs, a sealed list."""

import hashlib
import shutil
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pysequoia
from sqlalchemy import insert, select

from gateway.delivery.names import package_name
from gateway.keyring.forms import new_openpgp_key
from gateway.ledger.events import Event
from gateway.ledger.tree import GrowingTree
from gateway.model.agreement import FileFormat
from gateway.model.delivery import ListState
from gateway.model.partner import Partner
from gateway.model.time import as_text
from gateway.sealing.certificate import fingerprint_of, usable
from gateway.sealing.manifest import ManifestFacts, build_manifest, sign_manifest
from gateway.sealing.sealer import Sealer
from gateway.services.agreements.approve_agreements import enrol_approvers, import_approval, prepare_statement
from gateway.services.workplace import Folders, Workplace
from gateway.store.evidence import write_block
from gateway.store.lists import get_list, move_list, plan_list
from gateway.store.packages import PackageBlocks, keep_package
from gateway.store.tables import attempts, holds, ledger
from tests.bare_workplace import a_bare_workplace
from tests.lists_made import Subject, evidence_row
from tests.officers_signing import an_officer, approvers_file

AGREEMENT = "jobcentre-plus-supporting-families"
PARTNER = "dwp-jobcentre-plus"
#: Within the term of the shipped agreement.
WINDOW = date(2026, 11, 23)


@dataclass(frozen=True)
class PartnerKey:
    """A partner's OpenPGP key, made on the spot."""

    secret: bytes

    @property
    def certificate(self) -> bytes:
        return bytes(pysequoia.Tsk.from_bytes(self.secret).extract_certificate())

    @property
    def fingerprint(self) -> str:
        return fingerprint_of(self.certificate)


def make_partner_key() -> PartnerKey:
    return PartnerKey(new_openpgp_key("Invented recipient"))


def with_certificate(partner: Partner, key: PartnerKey) -> Partner:
    return replace(
        partner,
        name=PARTNER,
        certificate=key.certificate,
        fingerprint=key.fingerprint,
        receipt_certificate=key.certificate,
        receipt_fingerprint=key.fingerprint,
        document_hash="1" * 64,
    )


def an_approved_county(store, clock, actor, folder: Path, partner: Partner, transport_to, **changes) -> Workplace:
    """A county with the shipped agreements, one of them approved by two officers who really sign."""
    for name in ("agreements", "config/frameworks", "config/sources"):
        shutil.copytree(name, folder / name, ignore=shutil.ignore_patterns("approvals"))
    (folder / "agreements/approvals").mkdir(exist_ok=True)
    shutil.copy("config/jobcentres.yaml", folder / "config")
    keys = folder / "officers"
    keys.mkdir()
    officers = an_officer(keys, "rowan.ashby", "approver"), an_officer(keys, "sam.okoro", "ig_officer")
    (folder / "config/approvers").write_bytes(approvers_file(*officers))
    (folder / "state").mkdir(exist_ok=True)
    folders = Folders(
        sources=folder / "extracts",
        mappings=folder / "config/sources",
        frameworks=folder / "config/frameworks",
        agreements=folder / "agreements",
        approvals=folder / "agreements/approvals",
        approvers=folder / "config/approvers",
        partners=folder / "config/partners",
        jobcentres=folder / "config/jobcentres.yaml",
        state=folder / "state",
    )
    workplace = a_bare_workplace(
        store,
        clock,
        actor,
        folder / "state",
        folders=folders,
        partners={PARTNER: partner, "fenland-housing-options": replace(partner, name="fenland-housing-options")},
        transport_to=transport_to,
        **changes,
    )
    enrol_approvers(workplace)
    approve(workplace, officers)
    return workplace


def approve(workplace: Workplace, officers) -> None:
    body = prepare_statement(workplace, AGREEMENT).body
    for officer in officers:
        import_approval(workplace, AGREEMENT, officer.sign(body))


def some_people(count: int) -> list[Subject]:
    return [Subject(str(uuid.UUID(int=number)), bytes([number % 256]) * 32) for number in range(1, count + 1)]


def seal_a_list(workplace: Workplace, our_key: bytes, *, part: str = "all", people: int = 3, size: int = 0) -> int:
    """Seal a list for the partner's key; return its id. `size` is how many bytes of filling it holds."""
    statement = prepare_statement(workplace, AGREEMENT)
    lines = [f"R{number},INVENTED".encode() for number in range(1, people + 1)]
    heading = b"record_ref,surname"
    partner = workplace.partners[PARTNER]
    recipient = usable(partner.certificate, partner.fingerprint, WINDOW)
    blocks: list[bytes] = []
    with Sealer(recipient=recipient, signing_key=our_key, keep=blocks.append) as sealer:
        sealer.feed(b"".join(line + b"\n" for line in (heading, *lines[:-1], lines[-1] + b"x" * size)))
        package = sealer.finish()
    name = package_name(AGREEMENT, WINDOW.isoformat(), part, package.sha256)
    place = {"agreement": AGREEMENT, "version": 1, "statement": statement.statement_hash}
    place |= {"window": WINDOW.isoformat(), "part": part}
    reference = f"L-{WINDOW}-{part}"
    with workplace.store.writing(workplace.actor) as work:
        planned = work.enter(Event.LIST_PLANNED, list=reference, partner=PARTNER, **place)
        list_id = plan_list(
            work,
            reference=reference,
            agreement_id=AGREEMENT,
            version=1,
            statement_hash=statement.statement_hash,
            partner=PARTNER,
            window=WINDOW.isoformat(),
            part=part,
            snapshot_id=1,
            explained_by=planned,
        )
        rows = [
            evidence_row(person, reference, position, line)
            for position, (person, line) in enumerate(zip(some_people(people), lines, strict=True), 1)
        ]
        write_block(work, list_id, rows)
        tree = GrowingTree()
        tree.extend(row[5] for row in rows)
        manifest = ManifestFacts(
            controller="Invented County Council",
            recipient="Invented recipient",
            agreement_id=AGREEMENT,
            agreement_version=1,
            statement_hash=statement.statement_hash,
            list_reference=reference,
            window=WINDOW.isoformat(),
            part=part,
            supersedes=None,
            people=people,
            fields=("record_ref", "surname"),
            file_format=FileFormat.CSV,
            package_name=name,
            package_sha256=package.sha256,
            package_bytes=package.size_bytes,
            signing_key=fingerprint_of(bytes(pysequoia.Tsk.from_bytes(our_key).extract_certificate())),
            encryption_key=recipient.encryption_key,
            destroy_by=date(2027, 1, 1),
            contact="01223 000000",
            checkpoint=("none",),
        )
        position = work.enter(
            Event.LIST_SEALED,
            list=reference,
            snapshot="S-1",
            people=people,
            excluded=0,
            decision_digest=hashlib.sha256(b"").hexdigest(),
            partner=PARTNER,
            root=tree.root().hex(),
            evidence="digest",
            package_sha256=package.sha256,
            package_bytes=package.size_bytes,
            recipient_key=recipient.encryption_key,
            signing_key=manifest.signing_key,
            remote_name=name,
            **place,
        )
        signed = sign_manifest(build_manifest(manifest), our_key)
        kept = PackageBlocks(work, list_id)
        for block in blocks:
            kept.keep(block)
        keep_package(work, list_id, signed, explained_by=position)
        move_list(
            work,
            list_id,
            ListState.SEALED,
            explained_by=position,
            people=people,
            excluded=0,
            decision_digest=hashlib.sha256(b"").hexdigest(),
            root=tree.root(),
            package_sha256=package.sha256,
            package_bytes=package.size_bytes,
            remote_name=name,
            sealed_at=as_text(work.at),
        )
    return list_id


def place_hold(workplace: Workplace, person: Subject) -> None:
    with workplace.store.writing(workplace.actor) as work:
        position = work.enter(Event.HOLD_PLACED, subject=person.subject_ref, reason="safety", case="IG-2026-0142")
        work.connection.execute(
            insert(holds).values(
                subject_ref=person.subject_ref,
                reason="safety",
                case_reference="IG-2026-0142",
                placed_at=as_text(work.at),
                explained_by=position,
            )
        )


def state_of(workplace: Workplace, list_id: int) -> ListState:
    with workplace.store.reading() as connection:
        return get_list(connection, list_id).state


def events_of(workplace: Workplace) -> list[str]:
    """Everything that stands in the ledger since the list was sealed, in its order."""
    with workplace.store.reading() as connection:
        names = [row[0] for row in connection.execute(select(ledger.c.event).order_by(ledger.c.position))]
    return names[len(names) - names[::-1].index(Event.LIST_SEALED.value) :]


def outcomes_of(workplace: Workplace, list_id: int) -> list[str]:
    with workplace.store.reading() as connection:
        query = select(attempts.c.outcome).where(attempts.c.list_id == list_id).order_by(attempts.c.attempt_id)
        return list(connection.execute(query).scalars())


class Crash(BaseException):
    """The process ends here; nothing catches it."""


class CrashingTransport:
    """A way to a partner on which the process ends before or after one act on the network."""

    def __init__(self, transport, act: str, *, after: bool = False, error=Crash) -> None:
        self._transport, self._act, self._after, self._error = transport, act, after, error

    @contextmanager
    def session(self):
        with self._transport.session() as session:
            yield _CrashingSession(session, self._act, self._after, self._error)


class _CrashingSession:
    def __init__(self, session, act: str, after: bool, error) -> None:
        self._session, self._act, self._after, self._error = session, act, after, error

    def __getattr__(self, name: str):
        found = getattr(self._session, name)
        return self._crashing(found) if name == self._act else found

    def _crashing(self, act):
        def do(*arguments, **named):
            if self._after:
                act(*arguments, **named)
            raise self._error()

        return do
