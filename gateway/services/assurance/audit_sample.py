"""Draw a random sample of disclosures for an audit, with the evidence and the proof of each.

- Strata are agreement, part of the list and state: a rare state is looked at as closely as a common one.
- The sample is drawn from the log as it was at a checkpoint, so that it can be drawn again when the lists have moved
  on: the seed and that size are entered in the ledger, with a digest of what was drawn.
- Each row comes with its path to the root of its list, the entry that sealed the list, that entry's path to the root
  of the log, and the signed checkpoint. It names a reference and hashes, and nobody (law L8). A proof that does not
  hold is never given out.

How the list and the log are proven whole is `audit verify`'s.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from gateway.errors import LedgerDamaged, QuestionInvalid
from gateway.ledger.entries import Entry
from gateway.ledger.events import Event
from gateway.ledger.proof_documents import Document, LogProofs, RowFacts, SignedCheckpoint
from gateway.ledger.sampling import places_drawn, seed_of
from gateway.model.delivery import DISCLOSED, ListState
from gateway.model.fields import names_of
from gateway.model.officers import Action
from gateway.services.audit.audit_index import STATE_OF
from gateway.services.registers.register_uses import Period
from gateway.services.workplace import Workplace
from gateway.store.log_keys import key_chain_of
from gateway.store.proofs import hand_overs, newest_signed, signed_at
from gateway.store.sampling import (
    RowOfEvidence,
    entries_of_lists,
    entry_at,
    ids_of_lists,
    row_of,
)
from gateway.store.subtrees import Trees

_SEED_BYTES = 32
MOST_EACH = 50

Stratum = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Draw:
    """What decides a sample: who knows it draws the same."""

    seed: str
    each: int
    period: Period
    size: int


@dataclass(frozen=True, slots=True)
class SampledRow:
    """One disclosure that was drawn. `proof` is the document of docs/formats/proof.md.

    What is known of the row itself is None where its evidence was purged since.
    """

    agreement_id: str
    part: str
    state: str
    list_reference: str
    window: str
    position: int
    subject_ref: str | None
    fields: tuple[str, ...]
    is_line_kept: bool | None
    proof: Document | None


@dataclass(frozen=True, slots=True)
class StratumDrawn:
    """A stratum: how many disclosures it has, and how many of them were drawn."""

    agreement_id: str
    part: str
    state: str
    lists: int
    disclosures: int
    drawn: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample, the log that it was drawn from, and what draws it again."""

    draw: Draw
    origin: str
    checkpoint: str
    strata: tuple[StratumDrawn, ...]
    rows: tuple[SampledRow, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class _SealedList:
    """A list of the universe, by its entry of the sealing and its last state then."""

    reference: str
    sealed: Entry
    state: ListState

    @property
    def stratum(self) -> Stratum:
        return str(self.sealed.body["agreement"]), str(self.sealed.body["part"]), self.state.value

    @property
    def people(self) -> int:
        people = self.sealed.body["people"]
        return people if isinstance(people, int) else 0


def draw_sample(workplace: Workplace, period: Period, *, each: int, words: str | None, case_reference: str) -> Sample:
    """Draw a new sample of so many disclosures from each stratum, and enter how.

    `words` become the seed; without any it is drawn at random. Raises AccessDenied, LedgerDamaged, QuestionInvalid for
    a senseless size, and EntryInvalid where the case reference is none.
    """
    workplace.actor.require(Action.SAMPLE)
    if not 1 <= each <= MOST_EACH:
        raise QuestionInvalid(f"a sample takes from 1 to {MOST_EACH} disclosures of each stratum")
    seed = workplace.draw(_SEED_BYTES).hex() if words is None else seed_of(words)
    with workplace.store.reading() as connection:
        newest = newest_signed(connection, key_chain_of(connection).origin)
        sample = _drawn(connection, Draw(seed, each, period, newest.checkpoint.size), newest)
    _enter(workplace, sample, case_reference)
    return sample


def draw_again(workplace: Workplace, position: int, *, case_reference: str) -> Sample:
    """Draw the sample again whose entry stands at a place of the log.

    Raises QuestionInvalid where no sample was entered there, LedgerDamaged where what is drawn now is another.
    """
    workplace.actor.require(Action.SAMPLE)
    with workplace.store.reading() as connection:
        entry = entry_at(connection, position)
        if entry is None or entry.event is not Event.SAMPLE_DRAWN:
            raise QuestionInvalid(
                f"entry {position} is no sample", advice="`gateway audit lookups` shows where samples were entered."
            )
        draw = _draw_of(entry.body)
        signed = signed_at(connection, key_chain_of(connection).origin, draw.size)
        if signed is None:
            raise LedgerDamaged(f"the checkpoint of {draw.size} entries is gone")
        sample = _drawn(connection, draw, signed)
    if sample.digest != entry.body["digest"]:
        raise LedgerDamaged("what is drawn with that seed is not what was drawn then")
    _enter(workplace, sample, case_reference)
    return sample


def _draw_of(body: Mapping[str, object]) -> Draw:
    period = Period(date.fromisoformat(str(body["from"])), date.fromisoformat(str(body["to"])))
    return Draw(str(body["seed"]), int(str(body["each"])), period, int(str(body["size"])))


def _drawn(connection: Connection, draw: Draw, signed: SignedCheckpoint) -> Sample:
    strata: dict[Stratum, list[_SealedList]] = defaultdict(list)
    for each in _universe(connection, draw):
        strata[each.stratum].append(each)
    proofs = _Proofs(connection, signed)
    rows: list[SampledRow] = []
    drawn: list[StratumDrawn] = []
    for stratum in sorted(strata):
        found = strata[stratum]
        picked = list(_picked(draw, stratum, found))
        rows += [_row(proofs, sealed, position) for sealed, position in picked]
        disclosures = sum(each.people for each in found)
        drawn.append(StratumDrawn(*stratum, len(found), disclosures, len(picked)))
    return Sample(draw, signed.checkpoint.origin, signed.note, tuple(drawn), tuple(rows), _digest(rows))


def _universe(connection: Connection, draw: Draw) -> Iterator[_SealedList]:
    """Yield the lists for the days of the draw that counted as disclosed by then, in the order of their sealing."""
    sealed: dict[str, Entry] = {}
    state: dict[str, ListState] = {}
    for entry in entries_of_lists(connection, draw.size):
        reference = str(entry.body["list"])
        if entry.event is Event.LIST_SEALED:
            sealed[reference] = entry
        if entry.event in STATE_OF:
            state[reference] = STATE_OF[entry.event]
    first, last = draw.period.first.isoformat(), draw.period.last.isoformat()
    for reference, entry in sealed.items():
        if first <= str(entry.body["window"]) <= last and state[reference] in DISCLOSED:
            yield _SealedList(reference, entry, state[reference])


def _picked(draw: Draw, stratum: Stratum, found: Sequence[_SealedList]) -> Iterator[tuple[_SealedList, int]]:
    """Yield the list and the position of each disclosure that is drawn; they are counted through the lists."""
    places = places_drawn(draw.seed, stratum, sum(each.people for each in found), draw.each)
    before = 0
    for each in found:
        for place in places:
            if before <= place < before + each.people:
                yield each, place - before + 1
        before += each.people


def _row(proofs: "_Proofs", each: _SealedList, position: int) -> SampledRow:
    agreement_id, part, state = each.stratum
    row, proof = proofs.of(each, position)
    return SampledRow(
        agreement_id=agreement_id,
        part=part,
        state=state,
        list_reference=each.reference,
        window=str(each.sealed.body["window"]),
        position=position,
        subject_ref=row.subject_ref if row else None,
        fields=names_of(row.fields) if row else (),
        is_line_kept=row.is_line_kept if row else None,
        proof=proof,
    )


class _Proofs:
    """What proofs are made of: the log up to a checkpoint, and the tree of each list that is asked for."""

    def __init__(self, connection: Connection, signed: SignedCheckpoint) -> None:
        self._connection = connection
        keys, size = key_chain_of(connection), signed.checkpoint.size
        # A checkpoint whose signature is not the log's would prove nothing to anybody.
        keys.open(signed.note)
        handed_over = hand_overs(connection, keys.origin, size)
        # A sample shows that the rows are there: nothing that is kept of their trees takes the place of one.
        self._trees = Trees(connection, kept=False)
        self._log = LogProofs(signed, self._trees.log().root, keys.first, handed_over)
        self._ids = ids_of_lists(connection)

    def of(self, each: _SealedList, position: int) -> tuple[RowOfEvidence | None, Document | None]:
        """Return a row of evidence with its proof, or None for both where the list's evidence was purged."""
        list_id = self._ids.get(each.reference)
        row = None if list_id is None else row_of(self._connection, list_id, position)
        if list_id is None or row is None:
            return None, None
        facts = RowFacts(
            each.reference, row.position, row.subject_ref, row.fields, row.factors, row.commitment, row.leaf
        )
        return row, self._log.of_row(facts, self._trees.of_list(list_id).root, each.sealed)


def _digest(rows: Sequence[SampledRow]) -> str:
    """Return one hash over the places that were drawn: it is the same when a row's evidence was purged since."""
    drawn = "".join(f"{row.list_reference} {row.position}\n" for row in rows)
    return hashlib.sha256(drawn.encode()).hexdigest()


def _enter(workplace: Workplace, sample: Sample, case_reference: str) -> None:
    draw = sample.draw
    with workplace.store.writing(workplace.actor) as work:
        work.enter(
            Event.SAMPLE_DRAWN,
            **{
                "case": case_reference,
                "seed": draw.seed,
                "each": draw.each,
                "size": draw.size,
                "from": draw.period.first,
                "to": draw.period.last,
                "strata": len(sample.strata),
                "rows": len(sample.rows),
                "digest": sample.digest,
            },
        )
