"""Verify everything that the database holds as evidence: the log, the lists, the registry, the rows, the triggers.

The argument and its numbers are those of ledger/verify.py; here and in the audit_ modules beside this is only what is
read for each step. It needs the log's public key and no secret, streams in one snapshot of the database, and changes
nothing. A checkpoint that was kept elsewhere (with a manifest, on paper, by a partner) shows a log that was cut,
restored from an older copy, or signed again.
"""

from collections.abc import Collection, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

from gateway.errors import CheckpointInvalid
from gateway.ledger.checkpoint import Verifier, parse_vkey, read_unverified
from gateway.ledger.cosignature import cosigned_at, parse_witness
from gateway.ledger.key_chain import KeyChain
from gateway.ledger.losses import Loss
from gateway.ledger.notes import read_note
from gateway.ledger.verify import Fault, Finding, LogCheck, disagreements
from gateway.model.officers import Action
from gateway.services.audit.audit_handovers import handover_findings
from gateway.services.audit.audit_index import Index, Reading
from gateway.services.audit.audit_lists import exclusion_findings, list_findings
from gateway.services.audit.audit_registry import hold_findings, registry_findings
from gateway.services.audit.audit_rows import RULES, table_findings
from gateway.services.audit.audit_told import told_findings
from gateway.services.audit.audit_witnesses import witness_findings
from gateway.services.workplace import Workplace
from gateway.store.audit import (
    copies_of_no_package,
    explained_rows,
    facts_kept,
    log_rows,
    missing_triggers,
    note_rows,
)
from gateway.store.facts import facts_hash
from gateway.store.log_keys import key_chain_of
from gateway.store.subtrees import LOG, kept_subtrees
from gateway.store.tables import metadata
from gateway.store.witnesses import largest_cosigned, witness_rows

#: A wholesale change gives a finding for each row; nobody reads more of them than this.
MOST_FINDINGS = 1000


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found. `size` and `root` are the log's; `more` says that there is more to find than is listed.

    `cosigned_up_to` is the size of the largest checkpoint of it that a recipient co-signed.
    """

    size: int
    root: str
    lists: int
    rows: int
    findings: tuple[Finding, ...]
    more: bool
    cosigned_up_to: int | None = None
    #: Restores that the log records, and how many of the checkpoints held against it count what was lost in them.
    losses: tuple[Loss, ...] = ()
    lost_checkpoints: int = 0

    @property
    def whole(self) -> bool:
        """Say whether nothing was found."""
        return not self.findings


def audit_verify(workplace: Workplace, *checkpoints: str, witnesses: Collection[str] = ()) -> Verification:
    """Verify the evidence, also against signed checkpoints that were kept elsewhere.

    Where keys of witnesses are given, one of them must have co-signed each checkpoint. Raises CheckpointInvalid where
    none did, or no key of the log signed it: it then says nothing about the log.
    """
    workplace.actor.require(Action.VERIFY)
    ours = parse_vkey(workplace.keys.checkpoint_signer().vkey)
    with workplace.store.reading() as connection:
        known = key_chain_of(connection)
        log, pinned = LogCheck(KeyChain(known.first)), [parse_witness(each) for each in witnesses]
        findings = [found for note in checkpoints for found in _kept_elsewhere(known, note, pinned, log)]
        reading = Reading(connection, Index())
        with closing(findings_in(reading, log)) as found:
            findings += islice(found, MOST_FINDINGS + 1)
        cosigned_up_to = largest_cosigned(connection)
    if log.keys.newest != ours:
        findings.insert(0, Finding(Fault.UNSIGNED, "key of the log", "its entries hand it to a key that is not ours"))
    return Verification(
        size=log.size,
        root=log.root.hex(),
        lists=reading.lists,
        rows=reading.rows,
        findings=tuple(findings[:MOST_FINDINGS]),
        more=len(findings) > MOST_FINDINGS,
        cosigned_up_to=cosigned_up_to,
        losses=tuple(log.losses),
        lost_checkpoints=len(log.lost),
    )


def _kept_elsewhere(keys: KeyChain, note: str, witnesses: Collection[Verifier], log: LogCheck) -> Iterator[Finding]:
    """Hand a checkpoint to the check of the log; one that an old key signed after its period is a finding."""
    place = _seen_by(note, witnesses)
    if keys.is_out_of_period(note):
        where = f"checkpoint {read_unverified(note).size} {place}"
        yield Finding(Fault.FORKED, where, "a key of this log signed it outside the period of that key")
    else:
        log.hold_against(keys.open(note), place)


def _seen_by(note: str, witnesses: Collection[Verifier]) -> str:
    """Return who has a checkpoint. Raises CheckpointInvalid where witnesses are named and none co-signed it."""
    if not witnesses:
        return "kept elsewhere"
    ids = {(each.name, each.key_id) for each in read_note(note)[1]}
    cosigned = [each for each in witnesses if (each.name, each.key_id) in ids]
    if not cosigned:
        raise CheckpointInvalid("none of the witnesses that were named co-signed this checkpoint")
    for each in cosigned:
        cosigned_at(note, each)
    return f"co-signed by {cosigned[0].name}"


def findings_in(reading: Reading, log: LogCheck) -> Generator[Finding]:
    """Yield everything that is not whole in what one connection sees."""
    connection, index = reading.connection, reading.index
    yield from witness_findings(witness_rows(connection), key_chain_of(connection, log.keys.first), log)  # (5)
    yield from log.findings(log_rows(connection), note_rows(connection), index.note)  # (1) to (5)
    yield from log.subtree_findings(kept_subtrees(connection, LOG))
    yield from _fact_findings(reading)  # (8)
    yield from list_findings(reading)  # (6), (7), (8)
    yield from exclusion_findings(reading)  # (6), (7)
    yield from handover_findings(reading)  # (6), (7)
    yield from told_findings(reading)  # (6), (7)
    yield from registry_findings(reading)  # (6), (7)
    yield from hold_findings(reading)  # (8)
    for table in RULES:  # (8)
        yield from table_findings(table, explained_rows(connection, metadata.tables[table]), index.newest[table])
    for list_id in copies_of_no_package(connection):  # (8)
        yield Finding(Fault.UNEXPLAINED, f"sealed copy of list {list_id}", "no entry explains it")
    for name in missing_triggers(connection):
        yield Finding(Fault.UNGUARDED, f"trigger {name}", "it is missing, changed or switched off")


def _fact_findings(reading: Reading) -> Iterator[Finding]:
    values, explained_by = facts_kept(reading.connection)
    kept = {"facts": facts_hash(values), "explained_by": sorted(explained_by)}
    said = reading.said_at(reading.index.created) | {"explained_by": [reading.index.created]}
    yield from disagreements("facts of the database", kept, said)
