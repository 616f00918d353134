"""Tell a list of differences: what joined, changed or left since the lists that the recipient is known to hold.

Two streams in the order of references are merged: today's list as it is scanned, and what the recipient holds by the
evidence of earlier lists. Neither is kept, so memory is flat however long they are.

- A person is unchanged where the line that a full list would send today has the commitment that stands on record:
  over the agreed fields alone, so that a source's new ids change nothing.
- A person on a list that was sealed since, of which nobody knows whether the recipient took it, is told again in any
  case. Whether such a list was applied or not, the recipient then holds what a full list would have told.
- Whoever is not selected any more leaves, with the recipient's reference and nothing else (taken_back.py, law L11).

Pure: store/scan.py runs the statement, services/disclosure/delta_base.py says which lists it asks for.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from gateway.ledger.evidence import commitment
from gateway.minimisation.line import Block, ListTerms, finish_block, split_line
from gateway.minimisation.list_rows import HexText
from gateway.minimisation.project import ADDED
from gateway.minimisation.taken_back import ACTION, CHANGED, DELETE, REFERENCE, row_taken_back
from gateway.model.agreement import Agreement
from gateway.model.fields import TAKEN_BACK
from gateway.store.tables import evidence

_SUBJECT_REF = slice(0, 36)
_COMMITMENT = slice(37, 101)
_AFTER_COMMITMENT = 102
_TAKEN_BACK = str(TAKEN_BACK).encode()
#: Behind every reference: a letter is greater than the digits of all.
_END = b"~"


class Held(NamedTuple):
    """A person whom the recipient holds or may hold.

    `commitment` is what they are known to hold, and None where only a list in doubt told of the person. `doubtful`:
    some list in doubt did.
    """

    subject_ref: bytes
    commitment: bytes | None
    doubtful: bool


class Row(NamedTuple):
    """A row of a list of differences; `scanned` is None where somebody left."""

    action: str
    subject_ref: bytes
    scanned: bytes | None


@dataclass(slots=True)
class Counts:
    """How many people a list of differences tells of, by what it says of them."""

    joiners: int = 0
    changes: int = 0
    leavers: int = 0

    @property
    def rows(self) -> int:
        """How many rows the list has."""
        return self.joiners + self.changes + self.leavers


def held_select(list_ids: Sequence[int]) -> Select[Any]:
    """Return the statement of what lists told, in the order of references: `held_after` reads it."""
    columns = evidence.c.subject_ref, HexText(evidence.c.commitment), evidence.c.fields, evidence.c.list_id
    # A full list alone has its rows in that order, and nothing has to be sorted.
    order = evidence.c.position if len(list_ids) == 1 else evidence.c.subject_ref
    return select(*columns).where(evidence.c.list_id.in_(list_ids)).order_by(order)


def held_after(lines: Iterable[bytes], received: Sequence[int], doubtful: Sequence[int]) -> Iterator[Held]:
    """Yield whom the recipient holds or may hold, in the order of references.

    `lines` are of `held_select`; `received` are the lists that are known to have arrived, oldest first.
    """
    places = {str(list_id).encode(): place for place, list_id in enumerate(received)}
    places |= {str(list_id).encode(): -1 for list_id in doubtful}
    for subject_ref, told in groupby(lines, _reference_of):
        known, newest, in_doubt, told_in_doubt = None, -1, False, False
        for line in told:
            fields, list_id = line[_AFTER_COMMITMENT:].split(b",")
            place = places[list_id]
            if place < 0:
                in_doubt, told_in_doubt = True, told_in_doubt or fields != _TAKEN_BACK
            elif place > newest:
                newest = place
                known = None if fields == _TAKEN_BACK else bytes.fromhex(line[_COMMITMENT].decode())
        # Whoever was only ever taken back is nobody whom the recipient can hold.
        if known is not None or told_in_doubt:
            yield Held(subject_ref, known, in_doubt)


def same_line(agreement: Agreement, terms: ListTerms) -> Callable[[bytes, bytes], bool]:
    """Return the function that says whether a scanned line is the one that a commitment is to.

    What the recipient holds came with a row that added or with one that changed, and means the same either way.
    """
    agreement_id, reference, to_changed = agreement.agreement_id, terms.reference, changed_row(agreement)

    def committed_to(scanned: bytes) -> bytes:
        subject_ref, secret, _, rest = split_line(scanned)
        return commitment(secret, agreement_id, reference(subject_ref).encode() + rest)

    return lambda scanned, told: told == committed_to(scanned) or told == committed_to(to_changed(scanned))


def changed_row(agreement: Agreement) -> Callable[[bytes], bytes]:
    """Return the function that makes of a scanned line that adds one that changes; all else stays as it is."""
    # The action's place among the cells; a quoted cell may hold commas, doubled quotes and line breaks.
    place = [name for name in agreement.field_names if name != REFERENCE].index(ACTION)
    cell = rb'(?:"(?:[^"]|"")*"|[^,"]*)'
    shape = re.compile(rb"((?:%s,){%d})%s(?=,|\Z)" % (cell, place + 3, ADDED.encode()))

    def changed(scanned: bytes) -> bytes:
        found = shape.match(scanned)
        if found is None:
            raise ValueError("a scanned line has no action where its agreement puts it")
        return found[1] + CHANGED.encode() + scanned[found.end() :]

    return changed


def differences(
    selected: Iterable[bytes], held: Iterable[Held], is_same: Callable[[bytes, bytes], bool], counts: Counts
) -> Iterator[Row]:
    """Yield the rows in the order of references, and count them; `selected` are the scanned lines of a full list."""
    waiting = iter(held)
    nobody = Held(_END, None, doubtful=False)
    here = next(waiting, nobody)
    for scanned in selected:
        subject_ref = scanned[_SUBJECT_REF]
        while here.subject_ref < subject_ref:
            counts.leavers += 1
            yield Row(DELETE, here.subject_ref, None)
            here = next(waiting, nobody)
        if here.subject_ref != subject_ref:
            counts.joiners += 1
            yield Row(ADDED, subject_ref, scanned)
            continue
        known, doubtful = here.commitment, here.doubtful
        here = next(waiting, nobody)
        if known is None:
            counts.joiners += 1
            yield Row(ADDED, subject_ref, scanned)
        elif doubtful or not is_same(scanned, known):
            counts.changes += 1
            yield Row(CHANGED, subject_ref, scanned)
    while here is not nobody:
        counts.leavers += 1
        yield Row(DELETE, here.subject_ref, None)
        here = next(waiting, nobody)


def leavers_in(rows: Iterable[Row]) -> list[str]:
    """Return the references of whoever leaves with these rows."""
    return [row.subject_ref.decode() for row in rows if row.scanned is None]


def finish_rows(
    rows: Sequence[Row], agreement: Agreement, terms: ListTerms, first_position: int, secrets: Mapping[str, bytes]
) -> Block:
    """Return the rows that begin at `first_position`, finished; `secrets` has that of everybody who leaves."""
    bare = replace(terms, fields=TAKEN_BACK)
    to_changed = changed_row(agreement)
    blocks: list[Block] = []
    position = first_position
    for leaves, run in groupby(rows, lambda row: row.scanned is None):
        lines = [_line_of(row, agreement, to_changed, secrets) for row in run]
        blocks.append(finish_block(lines, bare if leaves else terms, position))
        position += len(lines)
    return Block(b"".join(block.content for block in blocks), [row for block in blocks for row in block.rows])


def _line_of(
    row: Row, agreement: Agreement, to_changed: Callable[[bytes], bytes], secrets: Mapping[str, bytes]
) -> bytes:
    if row.scanned is None:
        subject_ref = row.subject_ref.decode()
        return row_taken_back(agreement, subject_ref, secrets[subject_ref])
    return to_changed(row.scanned) if row.action == CHANGED else row.scanned


def _reference_of(line: bytes) -> bytes:
    return line[_SUBJECT_REF]
