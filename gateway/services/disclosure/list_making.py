"""A list while it is made, what became of it, and what people call it.

`Making` asks the database who may go on the list and enters nothing. It is handed to what scans (scan_list.py), seals
(seal_list.py) and withholds (withhold_list.py).
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import CompoundSelect, Select

from gateway.minimisation import WholeList, list_select, whole_list_select
from gateway.selection.everybody import EVERYBODY, HALVES, Span
from gateway.selection.holding import TODAY, Holding
from gateway.services.agreements.agreement_standing import Standing
from gateway.services.disclosure.asked_rows import rows_that_go
from gateway.services.disclosure.list_decisions import Decided, ListTerms, judge_list, kept_standing
from gateway.services.workplace import Workplace
from gateway.store.evidence import kept_exclusions
from gateway.store.scan_beside import ScansBeside
from gateway.store.work import Work

#: From so many people on, two statements at once save more time than a second connection takes.
_WORTH_TWO = 20_000


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

    @contextmanager
    def whole(self) -> Iterator[WholeList]:
        """Decide about everybody, and give what the statements say that do so, in one state of the database."""
        kept = kept_standing(self.work.connection, self.terms)
        # Without it each half would work it out for all families.
        is_long = kept is not None and self.terms.snapshot.people >= _WORTH_TWO
        statements = [self._statement(span, kept) for span in (HALVES if is_long else (EVERYBODY,))]
        with closing(ScansBeside(self.work.connection, statements)) as scans:
            yield WholeList(*scans.parts)

    def _statement(self, span: Span, kept: int | None) -> CompoundSelect[Any]:
        agreement = self.terms.agreement
        return whole_list_select(
            agreement,
            self.terms.framework,
            going=self.going,
            kept_before=kept_exclusions(agreement.agreement_id),
            kept_standing=kept,
            span=span,
            **self.terms.asked(self.holding),
        )

    def judge(self, whole: WholeList) -> Decided:
        """Judge the list by what was counted (law L1), the first thing that `whole` says."""
        allowed = self.workplace.flags_reaching_nobody_allowed
        return judge_list(self.work.connection, self.terms, whole.funnel(), flags_allowed=allowed, holding=self.holding)

    def selected(self, holding: Holding) -> Iterator[str]:
        """Yield the references of the people selected under those holds, in their order."""
        statement = self.going(list_select(self.terms.agreement, self.terms.framework, **self.terms.asked(holding)))
        subjects = statement.with_only_columns(statement.selected_columns.subject_ref, maintain_column_froms=True)
        return (row[0] for row in self.work.connection.execute(subjects.execution_options(yield_per=4096)))


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


def list_reference(terms: ListTerms) -> str:
    """Return what people call the list; the same window and part always has the same."""
    return reference_of(terms.agreement.agreement_id, terms.window, terms.part)


def reference_of(agreement_id: str, window: str, part: str) -> str:
    """Return what people call the list of a window and part, whether it was made or not."""
    return f"LST-{agreement_id}-{window}-{part}"
