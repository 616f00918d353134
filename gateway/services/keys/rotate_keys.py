"""Change a key of ours: made beside the one in use, compared by two people with whoever relies on it, put in use.

One ask, as often as needed; each time it does the next step that can be done, or says what it waits for:

(1) Nothing is prepared: make the next key and register it. The one in use goes on.
(2) Somebody has not compared it yet (compare_keys.py): wait. With each partner who relies on the key, and whose
    deliveries are not stopped; where nobody outside does, two people compare it with the record of its making.
(3) Everybody has: retire the one before, in one transaction with whatever hangs on the key. The log is handed over
    and signed by both keys (ledger/key_chain.py), the index of people is made anew (store/reindex.py). Only then do
    the files change; finish_changes.py does that where the process died in between.

A next signing part of the same certificate changes nothing that anybody compared, and needs no comparison.
A key that was retired is not taken up again. The root of record references is not changed at all
(docs/decisions/0003-which-keys-rotate.md).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from gateway.agreements.force import partner_switch
from gateway.errors import KeyUnavailable, KeyUnusable, PartnerInvalid
from gateway.ledger.events import Event
from gateway.model.keys import KeyFacts, KeyPurpose, KeyState
from gateway.model.officers import Action
from gateway.services.keys.compare_keys import NEEDED, enter_comparison, require_same, who_compared
from gateway.services.keys.finish_changes import CHANGED
from gateway.services.keys.manage_keys import SUPERSEDED, body_of, enter_retired, register_keys
from gateway.services.workplace import Workplace
from gateway.store.agreements import stopped_switches
from gateway.store.keys import RegisteredKey, keep_key, keys_registered, put_key_in_use, retire_key
from gateway.store.reindex import reindex
from gateway.store.work import Work

ABANDONED = "abandoned"


class Stage(StrEnum):
    """How far the change of a key is."""

    PREPARED = "prepared"
    WAITING = "waiting"
    IN_USE = "in use"


@dataclass(frozen=True, slots=True)
class Missing:
    """A comparison that has not been made: with which partner (None: by our record), and by how many more people."""

    party: str | None
    people: int


@dataclass(frozen=True, slots=True)
class Change:
    """How the change of a key stands: the next key, or the one that has just been put in use."""

    purpose: KeyPurpose
    stage: Stage
    facts: KeyFacts
    missing: tuple[Missing, ...] = ()


def rotate_key(workplace: Workplace, purpose: KeyPurpose) -> Change:
    """Take the next step of a key's change, and say how it stands. Raises KeyUnavailable, KeyUnusable."""
    workplace.actor.require(Action.MANAGE_KEYS)
    _require_changed(purpose)
    # The one in use may never have been registered; it is to be retired by name.
    register_keys(workplace)
    following = workplace.keys.prepared(purpose)
    if following is None:
        burnt_in = workplace.store.facts
        synthetic = burnt_in.environment == "synthetic"
        made = workplace.keys.prepare(purpose, owner=burnt_in.controller, synthetic=synthetic)
        return Change(purpose, Stage.PREPARED, made, _registered(workplace, made))
    missing = _registered(workplace, following)
    if missing:
        return Change(purpose, Stage.WAITING, following, missing)
    _put_in_use(workplace, following)
    return Change(purpose, Stage.IN_USE, following)


def compare_our_key(workplace: Workplace, purpose: KeyPurpose, typed: str, party: str | None) -> Change:
    """Enter that a prepared key's fingerprint was read to, and typed by, whoever asks. Raises KeyUnusable."""
    workplace.actor.require(Action.COMPARE_KEYS)
    following = workplace.keys.prepared(purpose)
    if following is None:
        raise KeyUnavailable(
            f"no key for {purpose.value} was prepared", advice=f"`gateway keys rotate {purpose.value}`, by an operator."
        )
    with workplace.store.writing(workplace.actor) as work:
        parties = _parties(workplace, work.connection, purpose)
        if party not in parties:
            raise PartnerInvalid(_wrong_party(purpose, party), advice=_who_relies(parties))
        require_same(typed, following.fingerprint)
        enter_comparison(work, purpose, following.owner, following.fingerprint, party)
        missing = tuple(_missing(work.connection, following, parties))
    return Change(purpose, Stage.WAITING, following, missing)


def abandon_key(workplace: Workplace, purpose: KeyPurpose) -> KeyFacts:
    """Give up a key that was prepared and never used. Raises KeyUnavailable where there is none."""
    workplace.actor.require(Action.MANAGE_KEYS)
    following = workplace.keys.prepared(purpose)
    if following is None:
        raise KeyUnavailable(f"no key for {purpose.value} was prepared", advice="There is nothing to give up.")
    with workplace.store.writing(workplace.actor) as work:
        known = _known(work.connection, following)
        if known and known.state is KeyState.PREPARED:
            retire_key(work, known.fingerprint, explained_by=enter_retired(work, known, ABANDONED))
    workplace.keys.abandon(purpose)
    return following


def _require_changed(purpose: KeyPurpose) -> None:
    if purpose not in CHANGED:
        raise KeyUnavailable(
            f"the key for {purpose.value} is not changed: everybody on every list would get another reference",
            advice="docs/decisions/0003-which-keys-rotate.md says why, and what to do where others may know it.",
        )


def _registered(workplace: Workplace, following: KeyFacts) -> tuple[Missing, ...]:
    """Register a prepared key, unless it is; return which comparisons it lacks."""
    with workplace.store.writing(workplace.actor) as work:
        known = _known(work.connection, following)
        if known is None:
            position = work.enter(Event.KEY_PREPARED, **body_of(following))
            keep_key(work, following, explained_by=position, state=KeyState.PREPARED)
        elif known.state is KeyState.RETIRED:
            raise KeyUnusable(
                f"{following.fingerprint} was retired, and a retired key is not taken up again",
                advice=f"`gateway keys rotate {following.purpose.value} --abandon`, then again without it.",
            )
        elif known.state is KeyState.ACTIVE:
            # The same certificate with another signing part.
            return ()
        return tuple(_missing(work.connection, following, _parties(workplace, work.connection, following.purpose)))


def _known(connection: Connection, facts: KeyFacts) -> RegisteredKey | None:
    return next((key for key in keys_registered(connection) if key.fingerprint == facts.fingerprint), None)


def _parties(workplace: Workplace, connection: Connection, purpose: KeyPurpose) -> tuple[str | None, ...]:
    """Return the partners who rely on a key of ours; (None,) where nobody outside does."""
    stopped = stopped_switches(connection)
    reached = [each for each in workplace.partners.values() if partner_switch(each.name) not in stopped]
    match purpose:
        case KeyPurpose.PACKAGES:
            named = [each.name for each in reached]
        case KeyPurpose.SSH:
            named = [each.name for each in reached if each.outbox is None]
        case _:
            named = []
    return tuple(sorted(named)) or (None,)


def _missing(connection: Connection, facts: KeyFacts, parties: tuple[str | None, ...]) -> Iterator[Missing]:
    for party in parties:
        people = NEEDED - len(who_compared(connection, facts.purpose, facts.owner, facts.fingerprint, party))
        if people > 0:
            yield Missing(party, people)


def _wrong_party(purpose: KeyPurpose, party: str | None) -> str:
    if party is None:
        return f"the key for {purpose.value} is compared with the partners who rely on it"
    return f"{party} does not rely on our key for {purpose.value}, or deliveries to them are stopped"


def _who_relies(parties: tuple[str | None, ...]) -> str:
    named = [party for party in parties if party]
    return f"Say --with one of: {', '.join(named)}." if named else "Leave --with out."


def _put_in_use(workplace: Workplace, following: KeyFacts) -> None:
    purpose = following.purpose
    before = next(facts for facts in workplace.keys.facts() if facts.purpose is purpose)
    is_another = before.fingerprint != following.fingerprint
    with workplace.store.writing(workplace.actor) as work:
        if is_another:
            _retire(work, before)
        said = {"before": before.fingerprint} if is_another else {}
        compared_by = _everybody_who_compared(workplace, work.connection, following)
        position = work.enter(Event.KEY_ACTIVATED, **body_of(following), **said, compared_by=compared_by)
        put_key_in_use(work, following, explained_by=position)
        _carry_over(workplace, work, following, before)
    workplace.keys.activate(purpose)


def _carry_over(workplace: Workplace, work: Work, following: KeyFacts, before: KeyFacts) -> None:
    """Hand on what hangs on a key."""
    match following.purpose:
        case KeyPurpose.INDEX:
            reindex(work, workplace.keys.next_index_key(), fingerprint=following.fingerprint)
        case KeyPurpose.CHECKPOINTS:
            signer = workplace.keys.next_checkpoint_signer()
            work.hand_over(signer, fingerprint=following.fingerprint, before=before.fingerprint)
        case _:
            # Partners go on trusting what the old ones signed and did, as long as they keep their public halves.
            return


def _retire(work: Work, before: KeyFacts) -> None:
    known = _known(work.connection, before)
    if known and known.state is KeyState.ACTIVE:
        retire_key(work, known.fingerprint, explained_by=enter_retired(work, known, SUPERSEDED))


def _everybody_who_compared(workplace: Workplace, connection: Connection, facts: KeyFacts) -> list[str]:
    parties = _parties(workplace, connection, facts.purpose)
    found = [who_compared(connection, facts.purpose, facts.owner, facts.fingerprint, party) for party in parties]
    return sorted(frozenset().union(*found))
