"""Keep that a key's fingerprint was read aloud, and typed here by two people, of whom the second is not the first.

- Whoever relies on the key reads from their own screen; whoever listens types what was read, under their own account.
- The whole fingerprint: a key can be made whose end is that of another.
- Each comparison is an entry of its own. The ledger alone is what counts; nothing else remembers it.

What is done once enough people compared is rotate_keys.py's and pin_partners.py's.
"""

from sqlalchemy import Connection

from gateway.errors import KeyUnusable
from gateway.ledger.entries import Event
from gateway.model.keys import KeyPurpose
from gateway.store.entries import entries_about
from gateway.store.work import Work

NEEDED = 2
_OPENSSH = "SHA256:"


def require_same(typed: str, fingerprint: str) -> None:
    """Raise KeyUnusable unless the whole fingerprint was typed. Spaces, and case in hexadecimal, are nothing."""
    if _plain(typed) != _plain(fingerprint):
        raise KeyUnusable(
            f"what was typed is not the fingerprint of the key that is here, {fingerprint}",
            advice="Have it read out again, from their own screen. If it still differs, stop: somebody may have put "
            "another key in its place. keys/README.md says whom to call.",
        )


def enter_comparison(work: Work, purpose: KeyPurpose, owner: str, fingerprint: str, party: str | None) -> None:
    """Enter that whoever works here compared a key; by the same person twice is once."""
    if work.actor.account not in who_compared(work.connection, purpose, owner, fingerprint, party):
        work.enter(Event.KEY_COMPARED, fingerprint=fingerprint, purpose=purpose.value, owner=owner, **{"with": party})


def who_compared(
    connection: Connection, purpose: KeyPurpose, owner: str, fingerprint: str, party: str | None
) -> frozenset[str]:
    """Return the accounts that compared a key with somebody; with nobody named, by a record of ours."""
    wanted = {"fingerprint": fingerprint, "purpose": purpose.value, "owner": owner}
    if party is not None:
        wanted["with"] = party
    entries = entries_about(connection, Event.KEY_COMPARED)
    return frozenset(entry.actor for entry in entries if dict(entry.body) == wanted)


def _plain(text: str) -> str:
    joined = "".join(text.split())
    # OpenSSH's form is base64, in which case tells letters apart.
    return joined if joined.startswith(_OPENSSH) else joined.upper().removeprefix("0X")
