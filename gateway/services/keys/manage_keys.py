"""Keep the register of keys: ours, and the partners' that were compared by phone.

- A key is registered with its entry in the ledger: what it is for, its fingerprint, its days. Never its private part.
- A partner's certificate is registered under the fingerprint that an operator types from the telephone call's form.
  It must be the one that the partner's file pins and the certificate has, and be usable today (law L6).
- A new key of a purpose and owner retires the one before; a retired key is not taken up again. How a key of ours is
  changed is rotate_keys.py's.

When keys end is key_warnings.py's. The files themselves are the keyring's and config/partners'; the ceremonies are in
keys/README.md.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Connection

from gateway.errors import KeyUnusable, PartnerInvalid
from gateway.ledger.events import Event
from gateway.model.keys import KeyFacts, KeyPurpose, KeyState
from gateway.model.officers import Action
from gateway.model.partner import Partner
from gateway.sealing.certificate import normal_fingerprint, usable, usable_signer
from gateway.services.workplace import Workplace
from gateway.store.keys import RegisteredKey, keep_key, keys_registered, retire_key
from gateway.store.work import Work

SUPERSEDED = "superseded"


def register_keys(workplace: Workplace) -> list[KeyFacts]:
    """Register the keys of our ring that are not, and return them. Raises AccessDenied, KeyUnavailable."""
    workplace.actor.require(Action.MANAGE_KEYS)
    facts = workplace.keys.facts()
    with workplace.store.writing(workplace.actor) as work:
        new = _unregistered(work.connection, facts)
        for key in new:
            _register(work, key, Event.KEY_GENERATED)
    return new


def import_certificate(
    workplace: Workplace, partner_name: str, purpose: KeyPurpose, typed_fingerprint: str
) -> KeyFacts:
    """Register the certificate of a partner's file under the fingerprint that was compared by phone.

    `purpose` is RECIPIENT for the one that lists are encrypted to, RECEIPTS for the one that signs receipts. Raises
    KeyUnusable where the fingerprints differ or the certificate cannot be used today.
    """
    workplace.actor.require(Action.MANAGE_KEYS)
    partner = workplace.partners.get(partner_name)
    if partner is None:
        raise PartnerInvalid(f"there is no partner {partner_name}", advice="`gateway partners check` names them.")
    _require_pinned(partner, purpose, normal_fingerprint(typed_fingerprint))
    facts = partner_facts(partner, purpose, workplace.clock.today())
    with workplace.store.writing(workplace.actor) as work:
        if _unregistered(work.connection, [facts]):
            _register(work, facts, Event.KEY_IMPORTED)
    return facts


def seal_keys(workplace: Workplace) -> list[str]:
    """Bring the key files under the county's passphrase; return the names of those that were not. No key changes."""
    workplace.actor.require(Action.MANAGE_KEYS)
    return workplace.keys.seal_all()


def list_keys(workplace: Workplace) -> list[RegisteredKey]:
    """Return the register, in the order of owners and purposes. Raises AccessDenied."""
    workplace.actor.require(Action.READ_STATUS)
    with workplace.store.reading() as connection:
        return keys_registered(connection)


def certificate_of(partner: Partner, purpose: KeyPurpose) -> tuple[bytes, str]:
    """Return a partner's certificate for a purpose, and the fingerprint that their file pins."""
    match purpose:
        case KeyPurpose.RECIPIENT:
            return partner.certificate, partner.fingerprint
        case KeyPurpose.RECEIPTS:
            return partner.receipt_certificate, partner.receipt_fingerprint
    raise RuntimeError(f"a partner has no key for {purpose}")


def _require_pinned(partner: Partner, purpose: KeyPurpose, typed: str) -> None:
    _, pinned = certificate_of(partner, purpose)
    if typed != pinned:
        raise KeyUnusable(
            f"the fingerprint typed is {typed}, and the file of {partner.name} pins {pinned}",
            advice="Compare both with the form of the telephone call. If the file is wrong, correct it, and have the "
            "agreements that name this partner approved again.",
        )


def partner_facts(partner: Partner, purpose: KeyPurpose, today: date) -> KeyFacts:
    """Return what may be told of a partner's certificate. Raises KeyUnusable where it cannot be used today."""
    certificate, pinned = certificate_of(partner, purpose)
    judge = usable if purpose is KeyPurpose.RECIPIENT else usable_signer
    found = judge(certificate, pinned, today)
    return KeyFacts(
        purpose=purpose,
        owner=partner.name,
        fingerprint=found.fingerprint,
        algorithm=found.algorithm.lower().replace(" ", "-"),
        not_before_on=None,
        not_after_on=found.expires_on - timedelta(days=1) if found.expires_on else None,
        public="",
    )


def _unregistered(connection: Connection, facts: Sequence[KeyFacts]) -> list[KeyFacts]:
    """Return those that are not registered. Raises KeyUnusable for one that was retired."""
    register = {key.fingerprint: key for key in keys_registered(connection)}
    for key in facts:
        known = register.get(key.fingerprint)
        if known and known.state is KeyState.RETIRED:
            raise KeyUnusable(
                f"{key.fingerprint} was retired, and a retired key is not taken up again",
                advice="Make a new key: keys/README.md.",
            )
    return [key for key in facts if key.fingerprint not in register]


def _register(work: Work, facts: KeyFacts, event: Event) -> None:
    for before in keys_registered(work.connection):
        same_place = (before.owner, before.purpose) == (facts.owner, facts.purpose)
        if same_place and before.state is KeyState.ACTIVE:
            retire_key(work, before.fingerprint, explained_by=enter_retired(work, before, SUPERSEDED))
    keep_key(work, facts, explained_by=work.enter(event, **body_of(facts)))


def enter_retired(work: Work, key: RegisteredKey, reason: str) -> int:
    """Enter that a key is not used any more; return the entry's position."""
    return work.enter(
        Event.KEY_RETIRED,
        fingerprint=key.fingerprint,
        purpose=key.purpose.value,
        owner=key.owner,
        algorithm=key.algorithm,
        reason=reason,
    )


def body_of(facts: KeyFacts) -> dict[str, str]:
    """Return what an entry says of a key: never more than the register."""
    body = {
        "fingerprint": facts.fingerprint,
        "purpose": facts.purpose.value,
        "owner": facts.owner,
        "algorithm": facts.algorithm,
    }
    days = {"not_before_on": facts.not_before_on, "not_after_on": facts.not_after_on}
    return body | {name: day.isoformat() for name, day in days.items() if day}
