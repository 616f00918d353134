"""Decide about everybody once, and get all that a list is made of from that one statement and its one state of data.

To ask for counts, exclusions and rows one after another would decide about everybody three times, which is most of
what a list costs. Rows come in three kinds, in this order, so that a list that may not go is given up before anybody's
values are read:

0. counts: how many people have each reason, `0,,reason,people`; those included have none. Two more counts go by a
   name: included people who are minors, and those whom only a person may let through.
1. exclusions that changed: `1,subject_ref,reason`. One is new, has another reason than what is kept, or ended; who is
   included again has none, whether a row of this list tells of them or not.
2. the rows of the list, as `list_select` gives them, behind their kind.

Kinds 1 and 2 come in the order of references. A long list is asked for in spans of references, each by a statement of
its own, so that a database works at two at once. Pure: a statement, and what its lines say; store/scan.py runs it.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import Any

from sqlalchemy import (
    CTE,
    CompoundSelect,
    FromClause,
    Select,
    and_,
    func,
    literal,
    literal_column,
    null,
    select,
    text,
)
from sqlalchemy import union_all as in_turn

from gateway.minimisation.list_rows import HexText, serves
from gateway.minimisation.project import SERVED, projection
from gateway.model.agreement import Agreement
from gateway.model.framework import Framework
from gateway.selection.decide import kept_reason, verdicts
from gateway.selection.everybody import EVERYBODY, Decided, Span, decided
from gateway.selection.funnel import Funnel, funnel_of
from gateway.selection.holding import TODAY, Holding
from gateway.store.tables import persons

_COUNT, _EXCLUSION, _ROW = b"0", b"1", b"2"
_MINORS, _HUMAN_DECIDES = "minors", "human-decides"


def whole_list_select(
    agreement: Agreement,
    framework: Framework,
    *,
    going: Callable[[Select[Any]], Select[Any]],
    kept_before: FromClause,
    snapshot_id: int,
    day: date,
    part: str | None = None,
    holding: Holding = TODAY,
    kept_standing: int | None = None,
    span: Span = EVERYBODY,
) -> CompoundSelect[Any]:
    """Return the statement of a part.

    `going` keeps rows of included people to those that this list may hold. `kept_before` has the exclusions that are
    kept so far, as `subject_ref, reason`. `kept_standing` and `span` are as `everybody.decided` says.
    """
    each = decided(
        agreement,
        framework,
        snapshot_id=snapshot_id,
        day=day,
        part=part,
        holding=holding,
        kept_standing=kept_standing,
        span=span,
    )
    everyone = verdicts(each)
    rows = going(_rows(agreement, each, everyone, snapshot_id))
    empty = [null() for _ in list(rows.selected_columns)[4:]]
    kinds = in_turn(rows, _changed(everyone, kept_before, empty), *_counts(everyone, empty))
    # By place: databases know a compound's columns by the first statement's names, and not all of them have one.
    return kinds.order_by(text("1"), text("2"))


def _kind(kind: bytes) -> Any:
    return literal_column(kind.decode()).label("kind")


def _rows(agreement: Agreement, each: Decided, everyone: CTE, snapshot_id: int) -> Select[Any]:
    chosen = each.place.standing
    held = func.coalesce(chosen.families.c.factors, 0)
    of_person = and_(persons.c.snapshot_id == snapshot_id, persons.c.person_key == everyone.c.person_key)
    source = (
        everyone.join(persons, of_person)
        .outerjoin(chosen.families, chosen.of(everyone.c.family_key))
        .outerjoin(SERVED, serves(snapshot_id))
    )
    return (
        select(
            _kind(_ROW),
            persons.c.subject_ref.label("subject_ref"),
            HexText(persons.c.secret).label("secret"),
            held.label("factors"),
            *projection(agreement, replace(each, factors=held)),
        )
        .select_from(source)
        .where(everyone.c.included)
    )


def _changed(everyone: CTE, before: FromClause, empty: list[Any]) -> Select[Any]:
    reason = kept_reason(everyone.c.reason)
    return (
        select(_kind(_EXCLUSION), everyone.c.subject_ref, reason, null(), *empty)
        .select_from(everyone.outerjoin(before, before.c.subject_ref == everyone.c.subject_ref))
        .where(everyone.c.in_cohort, reason.is_distinct_from(before.c.reason))
    )


def _counts(everyone: CTE, empty: list[Any]) -> Iterator[Select[Any]]:
    people = select(_kind(_COUNT), null(), everyone.c.reason, func.count(), *empty)
    yield people.group_by(everyone.c.reason)
    for name, column in ((_MINORS, everyone.c.minor), (_HUMAN_DECIDES, everyone.c.human_decides)):
        yield select(_kind(_COUNT), null(), literal(name), func.coalesce(func.sum(column), 0), *empty).where(
            everyone.c.included
        )


class WholeList:
    """What the statement says, read in its order: the funnel, then exclusions that changed, then the rows.

    `parts` are its lines, as store/scan.py gives them: of each span in the order of spans, or of everybody at once.
    """

    def __init__(self, *parts: Iterator[list[bytes]]) -> None:
        self._parts = [_Kinds(part) for part in parts]

    def funnel(self) -> Funnel:
        """Return the counts."""
        counted: Counter[str] = Counter()
        for lines in self._of(_COUNT):
            for line in lines:
                _, reason, people, *_ = line.decode().split(",")
                counted[reason] += int(people)
        minors, human_decides = counted.pop(_MINORS, 0), counted.pop(_HUMAN_DECIDES, 0)
        return funnel_of((reason or None, people, minors, human_decides) for reason, people in counted.items())

    def exclusions(self) -> Iterator[list[tuple[str, str | None]]]:
        """Yield exclusions that changed, some at a time: a reference and the reason, None where it ended."""
        for lines in self._of(_EXCLUSION):
            cells = (line.decode().split(",", 2) for line in lines)
            yield [(subject_ref, reason.partition(",")[0] or None) for subject_ref, reason, *_ in cells]

    def rows(self) -> Iterator[list[bytes]]:
        """Yield the list's rows, some at a time."""
        return self._of(_ROW)

    def _of(self, kind: bytes) -> Iterator[list[bytes]]:
        return chain.from_iterable(part.of(kind) for part in self._parts)


class _Kinds:
    """The lines of one part, read kind by kind."""

    def __init__(self, blocks: Iterator[list[bytes]]) -> None:
        self._blocks = blocks
        self._ahead: list[bytes] = []

    def of(self, kind: bytes) -> Iterator[list[bytes]]:
        """Yield the lines of a kind without it, up to the first line of another."""
        while block := self._ahead or next(self._blocks, []):
            mine = len(block) if block[-1].startswith(kind) else sum(line.startswith(kind) for line in block)
            self._ahead = block[mine:]
            if mine:
                yield [line[2:] for line in block[:mine]]
            if self._ahead:
                return
