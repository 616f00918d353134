"""Find whom a list that came in asks about, among the people whom a list made now would tell of, and no others.

- People are known here as a list made now would tell of them: in the agreed fields, as the agreement coarsens them. How
  well a row agrees with anything else would be told by whether it is answered.
- Whoever is left out, for whatever reason, is not there to be found: their row is one about somebody unknown (L11).
- What is possible and not sure waits for the data team; its people are not asked about until somebody says who is who.

Pure; no module that this one imports can read the cohort, which setup.cfg holds. The caller scans the list.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from gateway.ledger.digests import decision_digest
from gateway.model.agreement import Agreement
from gateway.model.linkage import Judged, Linked, Person
from gateway.model.reconciliation import AnsweredRow, Counts, RowClass
from gateway.model.work_coach_list import Claimant, WorkCoachList
from gateway.services.reconciliation.marks import Marks
from gateway.services.reconciliation.standing_verdicts import OnRecord, judged_rows
from gateway.services.reconciliation.told import Lines, person_listed

#: Holds rows against people: gateway/reconciliation.
Link = Callable[[Sequence[Claimant], Sequence[Person], Sequence[Judged]], Linked]


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a list asks about. `rows` are those found to be somebody, without what they said, and the doubtful ones."""

    counts: Counts
    rows: tuple[AnsweredRow, ...] = field(repr=False)
    linked: Linked = field(repr=False)
    people: dict[str, Person] = field(repr=False)

    @property
    def digest(self) -> str:
        """Digest of the people found, in the order of their references."""
        found = sorted({row.subject_ref for row in self.rows if row.subject_ref})
        return decision_digest((subject_ref, None) for subject_ref in found)


def people_listed(
    lines: Iterable[tuple[str, bytes]], agreement: Agreement, reference: Callable[[str], str]
) -> dict[str, Person]:
    """Return the people of a list; a line has the agreed fields but `record_ref`, which `reference` gives."""
    read = Lines(agreement)
    return {subject_ref: person_listed(subject_ref, reference(subject_ref), line, read) for subject_ref, line in lines}


def whom_it_asks_about(
    the_list: WorkCoachList, people: dict[str, Person], verdicts: Collection[OnRecord], marks: Marks, link: Link
) -> Asked:
    """Return whom the list asks about."""
    judged = judged_rows(the_list.claimants, people, verdicts, marks)
    linked = link(the_list.claimants, list(people.values()), judged)
    claimants = {each.row: each for each in the_list.claimants}
    found = [AnsweredRow(each.row, RowClass.ON_LIST, subject_ref=each.key, how=each.how) for each in linked.matches]
    waiting = [AnsweredRow(each.row, RowClass.POSSIBLE, claimants[each.row]) for each in linked.queued]
    rows = sorted((*found, *waiting), key=lambda row: row.row)
    return Asked(
        counts=_counts(the_list, linked),
        rows=tuple(rows),
        linked=linked,
        people=people,
    )


def _counts(the_list: WorkCoachList, linked: Linked) -> Counts:
    return Counts(
        rows_read=the_list.rows_read,
        on_list=len(linked.matches),
        details_differ=0,
        left=0,
        not_on_list=len(linked.unmatched),
        duplicate=len(linked.duplicates),
        possible=len(linked.queued),
        unreadable=len(the_list.unreadable),
        without_coach=0,
    )
