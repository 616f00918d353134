"""Entries of the ledger: who did what when, as canonical bytes and the leaf that commits to them.

- The vocabulary is closed (`events.py`), each event has one schema (`schemas.py`), and no kind of value is free
  text (law L8).
- The bytes that are hashed are the bytes that are stored; nothing is serialised again to verify.
- The leaf is RFC 6962's: SHA-256 of a zero byte and the entry's bytes.
- An entry names its own position, so that a reader of one entry alone knows its place in the log, and the size of the
  log when its work began (`after`), so that a checkpoint that was taken away is missed.

Pure: when it is and who acts is told, nothing is stored. The order of entries is kept by `store/work.py`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from gateway.documents.canonical import canonical_json
from gateway.errors import EntryInvalid
from gateway.ledger.events import Event
from gateway.ledger.kinds import PRINCIPAL, instant, list_of, number, one_of
from gateway.ledger.schemas import SCHEMAS
from gateway.ledger.tree import leaf_hash
from gateway.model.officers import Actor, Role
from gateway.model.time import as_text

__all__ = ["Entry", "Event", "check_body", "compose_entry", "read_entry"]

VERSION = 1
_NAMES = frozenset({"v", "position", "after", "at", "actor", "roles", "event", "body"})
_FRAME = {"position": number, "after": number, "at": instant, "actor": PRINCIPAL, "roles": list_of(one_of(*Role))}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `content` is its canonical bytes; `body` what the event says, by name."""

    position: int
    after: int
    at: str
    actor: str
    event: Event
    body: Mapping[str, object]
    content: bytes

    @property
    def leaf(self) -> bytes:
        """The entry's leaf in the log's tree."""
        return leaf_hash(self.content)


def compose_entry(  # noqa: PLR0917 - the frame of an entry, in its order
    position: int, after: int, at: datetime, actor: Actor, event: Event, body: Mapping[str, object]
) -> Entry:
    """Return the entry. Raises EntryInvalid where the body does not fit the event's schema.

    Days and instants may be given as such; a name whose value is None is left out.
    """
    if not PRINCIPAL(actor.account):
        raise EntryInvalid("the actor's account is not one that the ledger can name")
    plain = {name: _plain(value) for name, value in body.items() if value is not None}
    check_body(event, plain)
    roles = sorted(role.value for role in actor.roles)
    content = canonical_json(
        {
            "v": VERSION,
            "position": position,
            "after": after,
            "at": as_text(at),
            "actor": actor.account,
            "roles": roles,
            "event": event.value,
            "body": plain,
        }
    )
    return Entry(position, after, as_text(at), actor.account, event, plain, content)


def read_entry(content: bytes) -> Entry:
    """Read the bytes of an entry. Raises EntryInvalid unless they are exactly what `compose_entry` would write."""
    try:
        fields = json.loads(content)
        if canonical_json(fields) != content or set(fields) != _NAMES or fields["v"] != VERSION:
            raise EntryInvalid("an entry is not in its canonical form")
        event = Event(fields["event"])
        check_body(event, fields["body"])
    except (ValueError, TypeError) as error:
        raise EntryInvalid("an entry cannot be read") from error
    if not all(kind(fields[name]) for name, kind in _FRAME.items()):
        raise EntryInvalid("an entry does not say properly who, when or where in the log")
    return Entry(fields["position"], fields["after"], fields["at"], fields["actor"], event, fields["body"], content)


def check_body(event: Event, body: Mapping[str, object]) -> None:
    """Raise EntryInvalid unless the body has exactly the names and kinds of the event's schema.

    The message names the event and the name at fault, never the value.
    """
    schema = SCHEMAS[event]
    for name, kind in schema.items():
        bare = name.removesuffix("?")
        if bare not in body:
            if bare == name:
                raise EntryInvalid(f"an entry of {event.value} needs {name}")
        elif not kind(body[bare]):
            raise EntryInvalid(f"{bare} in an entry of {event.value} is not of its kind")
    unknown = sorted(set(body) - {name.removesuffix("?") for name in schema})
    if unknown:
        raise EntryInvalid(f"an entry of {event.value} has no {', '.join(unknown)}")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return as_text(value)
    return value.isoformat() if isinstance(value, date) else value
