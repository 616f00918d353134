"""Record a list that was handed over another way than by the gateway, or before there was one.

- One person enters it: agreement, recipient, day, manner, how many stood on it, and who. Another one, who approves,
  confirms it or finds that it was not so. Only then do the people on it count as disclosed.
- It is what two people say, and shown as that: nobody scanned a line of it, so nothing of it is proven.
- How many stood on it is said apart from who: a list of identifiers that was cut off is refused, and so is one that
  was entered before. Whom no identifier is known of is counted, and cannot be found by asking.
- The identifiers go no further than the blind index (law L8).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from gateway.errors import HandoverRefused, NotAttestable
from gateway.ledger.events import Event
from gateway.ledger.evidence import handover_leaf
from gateway.ledger.tree import root_of
from gateway.model.fields import FIELDS, bitmap_of
from gateway.model.handover import HandoverState, Manner
from gateway.model.officers import Action
from gateway.services.agreements.agreement_shelf import Shelf
from gateway.services.agreements.stop_disclosures import require_case
from gateway.services.disclosure.handover_people import find_subjects, read_identifiers
from gateway.services.sources.source_intake import read_mappings
from gateway.services.workplace import Workplace
from gateway.store.handovers import (
    Handover,
    all_handovers,
    handover_named,
    keep_handover,
    move_handover,
    people_of,
    who_entered,
)
from gateway.store.work import Work

_PREFIX = "HND"
#: Why a record is dismissed.
NOT_HANDED_OVER = "not-handed-over"


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What a person says of a list; `unidentified` of the `people` on it are known by no identifier.

    `partner` is the recipient, the agreement's own where it is None; `fields` are those that were told, as far as that
    is known.
    """

    agreement_id: str
    on: date
    manner: Manner
    people: int
    unidentified: int = 0
    fields: tuple[str, ...] = ()
    partner: str | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """What was recorded; `registered` of the people on it were not known to the registry before."""

    reference: str
    identified: int
    registered: int


def is_handover(reference: str) -> bool:
    """Say whether a reference is that of a list that was handed over another way."""
    return reference.startswith(f"{_PREFIX}-")


def enter_handover(workplace: Workplace, said: HandedOver, identifiers: bytes, *, kind: str, case: str) -> Entered:
    """Record it, to be confirmed by somebody else. Raises HandoverRefused, AgreementMalformed.

    `kind` is what the lines of `identifiers` are: `nino`, or the name of a source.
    """
    workplace.actor.require(Action.ENTER_HANDOVER)
    require_case(case)
    partner = _recipient(workplace, said)
    _require_sound(said, workplace.clock.today())
    sources = read_mappings(workplace.folders.mappings).keys()
    clues = read_identifiers(identifiers, kind, sources, workplace.environment)
    if len(clues) + said.unidentified != said.people:
        raise HandoverRefused(
            f"{len(clues)} identifiers and {said.unidentified} people without one are not the {said.people} on it",
            advice="Count the list again; `--unidentified` is how many on it are known by no identifier.",
        )
    with workplace.store.writing(workplace.actor) as work:
        found = find_subjects(workplace, work, clues)
        _require_new(work.connection, said, partner, found.subjects)
        reference = _next_reference(work.connection, said)
        columns = _columns(said, partner, reference, found.subjects, case)
        rows = [(each, handover_leaf(reference, at, each)) for at, each in enumerate(found.subjects, 1)]
        position = work.enter(Event.HANDOVER_ENTERED, **_body(columns), registered=found.registered)
        keep_handover(work, rows, explained_by=position, **columns)
    return Entered(reference, len(found.subjects), found.registered)


def settle_handover(workplace: Workplace, reference: str, *, happened: bool, case: str) -> HandoverState:
    """Confirm a record that somebody else entered, or dismiss it; return its state. Raises NotAttestable."""
    workplace.actor.require(Action.ATTEST)
    require_case(case)
    with workplace.store.writing(workplace.actor) as work:
        handover = handover_named(work.connection, reference)
        if handover is None:
            raise NotAttestable(f"there is no record {reference}")
        if who_entered(work.connection, handover) == workplace.actor.account:
            raise NotAttestable("whoever entered a record may not settle it", advice="Ask another approver.")
        if handover.state is HandoverState.DISMISSED or (happened and handover.state is HandoverState.ATTESTED):
            raise NotAttestable(f"{reference} is {handover.state.value} already")
        return _settle(work, handover, case, happened=happened)


def _settle(work: Work, handover: Handover, case: str, *, happened: bool) -> HandoverState:
    state = HandoverState.ATTESTED if happened else HandoverState.DISMISSED
    event = Event.HANDOVER_ATTESTED if happened else Event.HANDOVER_DISMISSED
    reason = {} if happened else {"reason": NOT_HANDED_OVER}
    columns = {name: getattr(handover, name) for name in _COLUMNS}
    position = work.enter(event, **_body(columns), **reason, papers=case)
    move_handover(work, handover, state, explained_by=position)
    return state


def _recipient(workplace: Workplace, said: HandedOver) -> str:
    """Return the recipient's name; the agreement must be one that we have a file of."""
    agreement, _ = Shelf.of(workplace).agreement(said.agreement_id)
    partner = said.partner or agreement.recipient
    if partner not in {agreement.recipient, *workplace.partners}:
        raise HandoverRefused(
            "there is no recipient of that name", advice="`gateway partners check` names those that are configured."
        )
    return partner


def _require_sound(said: HandedOver, today: date) -> None:
    if said.on > today:
        raise HandoverRefused("a list that was handed over was not handed over in the future")
    if said.people < 1 or not 0 <= said.unidentified <= said.people:
        raise HandoverRefused("a list has at least one person, and no more unidentified than people")
    if unknown := set(said.fields) - FIELDS.keys():
        raise HandoverRefused(
            f"{len(unknown)} of the fields are none that an agreement knows", advice="docs/reference/fields.md"
        )


def _require_new(connection: Connection, said: HandedOver, partner: str, subjects: tuple[str, ...]) -> None:
    """Raise HandoverRefused where the same people are on record for that day already."""
    that_day = said.agreement_id, partner, said.on
    for known in all_handovers(connection):
        if (known.agreement_id, known.partner, known.handed_over_on) != that_day:
            continue
        if known.state is not HandoverState.DISMISSED and _has_exactly(connection, known, subjects):
            raise HandoverRefused(
                f"the same people are on record for that day as {known.reference}",
                advice="`gateway disclose handovers` shows what is on record.",
            )


def _has_exactly(connection: Connection, known: Handover, subjects: tuple[str, ...]) -> bool:
    return sorted(people_of(connection, known.handover_id)) == sorted(subjects)


def _next_reference(connection: Connection, said: HandedOver) -> str:
    stem = f"{_PREFIX}-{said.agreement_id}-{said.on.isoformat()}"
    number = sum(known.reference.startswith(f"{stem}-") for known in all_handovers(connection)) + 1
    return f"{stem}-{number}"


def _columns(said: HandedOver, partner: str, reference: str, subjects: tuple[str, ...], case: str) -> dict[str, object]:
    leaves = (handover_leaf(reference, at, each) for at, each in enumerate(subjects, 1))
    return {
        "reference": reference,
        "agreement_id": said.agreement_id,
        "partner": partner,
        "handed_over_on": said.on,
        "manner": said.manner.value,
        "people": said.people,
        "identified": len(subjects),
        "fields": bitmap_of(said.fields),
        "root": root_of(leaves),
        "case_reference": case,
    }


#: The columns that each entry of a record repeats, under the ledger's own names for some.
_COLUMNS = (
    "reference",
    "agreement_id",
    "partner",
    "handed_over_on",
    "manner",
    "people",
    "identified",
    "fields",
    "root",
    "case_reference",
)
_IN_ENTRIES = {"reference": "handover", "agreement_id": "agreement", "case_reference": "case"}


def _body(columns: Mapping[str, object]) -> dict[str, object]:
    """Return what an entry says of a record."""
    said = {_IN_ENTRIES.get(name, name): value for name, value in columns.items()}
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in said.items()}
