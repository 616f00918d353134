"""Write an answered row and its evidence as the database keeps them, and read them again.

Pure. The texts are JSON with names in order, so that the same answer is the same text.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date

from gateway.model.linkage import Candidate, Evidence, Field, How, Level, Queued, Veto
from gateway.model.reconciliation import AnsweredRow, LeadMark, RowClass, Side
from gateway.model.work_coach_list import Claimant, Mark, RowFlaw
from gateway.services.reconciliation.marks import Marks
from gateway.store.reconciliations import KeptRow, QueuedRow

_TEXTS = (
    "record_ref",
    "nino",
    "forename",
    "middle_names",
    "surname",
    "postcode",
    "address_line",
    "work_coach",
    "office",
)


def kept_row(row: AnsweredRow, marks: Marks) -> KeptRow:
    """Return a row as it is kept."""
    claimant = row.claimant
    return KeptRow(
        row=row.row,
        kind=row.kind.value,
        row_mark=marks.of_row(claimant) if claimant else None,
        subject_ref=row.subject_ref,
        claimant=_text(_claimant_data(claimant)) if claimant else None,
        answer=_text(_answer_data(row)),
    )


def answered_row(kept: KeptRow) -> AnsweredRow:
    """Return the row that was kept."""
    said = json.loads(kept.answer)
    return AnsweredRow(
        row=kept.row,
        kind=RowClass(kept.kind),
        claimant=claimant_of(kept),
        subject_ref=kept.subject_ref,
        how=How(said["how"]) if said["how"] else None,
        differs=tuple(said["differs"]),
        marks=tuple(LeadMark(mark) for mark in said["marks"]),
        last_list_on=_day(said["last_list_on"]),
        duplicate_of=said["duplicate_of"],
        flaws=tuple(RowFlaw(flaw) for flaw in said["flaws"]),
    )


def claimant_of(kept: KeptRow) -> Claimant | None:
    """Return the claimant of a kept row; None for one that could not be read."""
    if kept.claimant is None:
        return None
    said = json.loads(kept.claimant)
    marks = frozenset(Mark(mark) for mark in said.pop("marks"))
    return Claimant(row=kept.row, born=_day(said.pop("born")), marks=marks, **said)


def queued_rows(
    reference: str,
    queued: Iterable[Queued],
    side: Side,
    claimants: dict[int, Claimant],
    marks_of: Callable[[Claimant, str], tuple[bytes, bytes]],
) -> Iterator[QueuedRow]:
    """Yield the rows of the queue, one for each person whom a row may be."""
    for each in queued:
        claimant = claimants[each.row]
        for place, candidate in enumerate(each.candidates, 1):
            row_mark, evidence_mark = marks_of(claimant, candidate.key)
            yield QueuedRow(
                reference=reference,
                row=each.row,
                subject_ref=candidate.key,
                place=place,
                side=side.value,
                why=each.why.value,
                row_mark=row_mark,
                evidence_mark=evidence_mark,
                evidence=_text(_evidence_data(candidate)),
            )


def candidate_of(queued: QueuedRow) -> Candidate:
    """Return the candidate that was kept."""
    said = json.loads(queued.evidence)
    levels = tuple((Field(name), Level(code, words, bits)) for name, code, words, bits in said["levels"])
    return Candidate(
        key=queued.subject_ref,
        evidence=Evidence(levels, said["prior"], said["model"]),
        lead=said["lead"],
        vetoes=tuple(Veto(veto) for veto in said["vetoes"]),
    )


def _claimant_data(claimant: Claimant) -> dict[str, object]:
    texts: dict[str, object] = {name: getattr(claimant, name) for name in _TEXTS}
    born = claimant.born.isoformat() if claimant.born else None
    return texts | {"born": born, "marks": sorted(claimant.marks)}


def _answer_data(row: AnsweredRow) -> dict[str, object]:
    """Return what is kept of an answer; whom to call is not, because the list says it."""
    return {
        "how": row.how.value if row.how else None,
        "differs": list(row.differs),
        "marks": [mark.value for mark in row.marks],
        "last_list_on": row.last_list_on.isoformat() if row.last_list_on else None,
        "duplicate_of": row.duplicate_of,
        "flaws": [flaw.value for flaw in row.flaws],
    }


def _evidence_data(candidate: Candidate) -> dict[str, object]:
    evidence = candidate.evidence
    return {
        "levels": [[name.value, level.code, level.words, level.bits] for name, level in evidence.levels],
        "prior": evidence.prior,
        "model": evidence.model,
        "lead": candidate.lead,
        "vetoes": [veto.value for veto in candidate.vetoes],
    }


def _text(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
