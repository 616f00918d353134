"""Show who looked at what: every look at evidence, as the ledger has it, with its reason and case.

- A look is every entry whose event begins with `audit:`, or that somebody was shown beside a row of a work-coach list
  or read what lists were answered; new kinds of look are shown as soon as they are entered.
- A person is shown as the beginning of a reference that means nothing outside the registry: enough to see that two
  looks were about the same person.
- What was asked about more than once under different cases is counted, because nobody else would notice.

Reading the looks is not itself a look: there is nothing in them about what was told.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from gateway.documents.register import Column, Register, Value
from gateway.ledger.entries import Entry, read_entry
from gateway.ledger.events import Event
from gateway.model.officers import Action
from gateway.services.registers.register_agreements import made_by, midnight
from gateway.services.registers.register_uses import Period
from gateway.services.workplace import Workplace
from gateway.store.registers import entries_between

#: How much of a reference is shown.
SHOWN = 8
_AT_LISTS = frozenset({Event.CANDIDATES_READ, Event.RECONCILIATION_READ})
LOOKS = tuple(event for event in Event if event.value.startswith("audit:") or event in _AT_LISTS)
_COLUMNS = (
    Column("entry", "Entry"),
    Column("at", "At"),
    Column("who", "Who"),
    Column("what", "Looked at"),
    Column("reason", "Reason"),
    Column("case", "Case"),
    Column("about", "About"),
    Column("person", "Person"),
    Column("found", "Found"),
)
#: What an entry may say of what was looked at, beside a person.
_ABOUT = (
    "export",
    "complaint",
    "agreement",
    "window",
    "list",
    "reconciliation",
    "row",
    "office",
    "partner",
    "host",
    "key",
    "month",
    "from",
    "to",
)


@dataclass(frozen=True, slots=True)
class Look:
    """One look at evidence."""

    entry: int
    at: str
    who: str
    what: str
    reason: str | None
    case: str | None
    about: tuple[str, ...]
    person: str | None
    found: bool | None


def audit_lookups(workplace: Workplace, period: Period, *, naming: bool = True) -> Register:
    """Return every look at evidence on the days of a period, `naming` persons as above or not. Raises AccessDenied."""
    workplace.actor.require(Action.READ_LOOKUPS)
    looks = looks_in(workplace, period)
    again = asked_again(looks)
    whom = (", ".join(again) or "nobody") if naming else f"{len(again)} people"
    keep = [n for n, column in enumerate(_COLUMNS) if naming or column.name != "person"]
    return Register(
        title="Looks at evidence",
        made=made_by(workplace),
        about=f"{len(looks):,} looks on the days {period.in_words}, by {len({look.who for look in looks})} people. "
        f"Asked about under more than one case: {whom}.",
        columns=tuple(_COLUMNS[n] for n in keep),
        rows=tuple(tuple(_row(look)[n] for n in keep) for look in looks),
    )


def looks_in(workplace: Workplace, period: Period) -> tuple[Look, ...]:
    """Return the looks on the days of a period, oldest first."""
    with workplace.store.reading() as connection:
        found = entries_between(connection, LOOKS, midnight(period.first), midnight(period.last + timedelta(days=1)))
    return tuple(_look(read_entry(content)) for _, content in found)


def asked_again(looks: Iterable[Look]) -> tuple[str, ...]:
    """Return the persons, as they are shown, whom looks under more than one case were about."""
    cases: dict[str, set[str | None]] = defaultdict(set)
    for look in looks:
        if look.person is not None:
            cases[look.person].add(look.case)
    return tuple(sorted(person for person, found in cases.items() if len(found) > 1))


def _look(entry: Entry) -> Look:
    body = entry.body
    subject, found = body.get("subject"), body.get("found")
    return Look(
        entry=entry.position,
        at=entry.at,
        who=entry.actor,
        what=entry.event.value.removeprefix("audit:"),
        reason=_text(body, "reason"),
        case=_text(body, "case"),
        about=tuple(f"{name} {body[name]}" for name in _ABOUT if name in body),
        person=subject[:SHOWN] if isinstance(subject, str) else None,
        found=found if isinstance(found, bool) else None,
    )


def _text(body: Mapping[str, object], name: str) -> str | None:
    value = body.get(name)
    return value if isinstance(value, str) else None


def _row(look: Look) -> tuple[Value, ...]:
    found = {True: "yes", False: "no", None: "not asked"}[look.found]
    reason, case, person = (value or "none" for value in (look.reason, look.case, look.person))
    return look.entry, look.at, look.who, look.what, reason, case, look.about, person, found
