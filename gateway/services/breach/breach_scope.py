"""Find the lists that a breach is about: by list, key, server, recipient or days, and by any of them together.

- A key is any of ours or theirs, by its full fingerprint: of a certificate or of a key in it, of a server, of our
  log-in. What is found for it is said in a sentence, so that whoever reads the answer knows what it rests on.
- A list that was sealed and never sent is found too, and told apart.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from gateway.errors import QuestionInvalid, StoreError
from gateway.model.keys import KeyPurpose
from gateway.sealing.fingerprints import fingerprints_in
from gateway.services.workplace import Workplace
from gateway.store.breach import Try, days_of_key, sealed_entries, tries_of
from gateway.store.keys import RegisteredKey, keys_registered
from gateway.store.reconciliations import reconciliation_named
from gateway.store.registers import ListedFile, files_between

#: Every day that a window can have.
_FIRST, _LAST = date(2000, 1, 1), date(9999, 12, 31)
_HOST_KEY = "SHA256:"
_OPENS_NOTHING = {
    KeyPurpose.CHECKPOINTS: "signs the log's checkpoints",
    KeyPurpose.INDEX: "finds people in the registry",
    KeyPurpose.REFERENCES: "makes the recipients' references",
    KeyPurpose.TOMBSTONES: "recognises people who were forgotten",
    KeyPurpose.RECEIPTS: "signs a recipient's receipts",
}


@dataclass(frozen=True, slots=True)
class BreachQuestion:
    """What a breach is about; at least one of these is said, and all that are said must hold."""

    list_reference: str | None = None
    key: str | None = None
    host: str | None = None
    partner: str | None = None
    first: date | None = None
    last: date | None = None

    @classmethod
    def about(cls, *, key: str | None = None, host: str | None = None, **said: Any) -> "BreachQuestion":
        """Return the question with keys in their one form; a server may be told by its key too.

        Raises QuestionInvalid where two keys are asked about at once.
        """
        if host is not None and host.startswith(_HOST_KEY):
            if key is not None:
                raise QuestionInvalid("a question is about one key", advice="Ask about the server's key alone.")
            key, host = host, None
        if key is not None and not key.startswith(_HOST_KEY):
            key = "".join(key.split()).upper()
        return cls(key=key, host=host, **said)

    @property
    def is_empty(self) -> bool:
        """Say whether nothing was said."""
        return all(getattr(self, field.name) is None for field in fields(self))


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A list that was sealed, with what its entry says and each try at sending it."""

    file: ListedFile
    entry: Mapping[str, object]
    tries: tuple[Try, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """The lists in question and the sentences that say how they were found."""

    files: tuple[SealedFile, ...]
    found_by: tuple[str, ...]


_Test = Callable[[SealedFile], bool]


def scope_of(workplace: Workplace, connection: Connection, question: BreachQuestion) -> Scope:
    """Return the lists in question. Raises StoreError for a list, key, server or partner that there never was."""
    sealed = _sealed(connection, question.first or _FIRST, question.last or _LAST)
    tests: list[_Test] = []
    found_by: list[str] = []
    for sentence, test in _parts(workplace, connection, question, sealed):
        found_by.append(sentence)
        tests.append(test)
    return Scope(tuple(each for each in sealed if all(test(each) for test in tests)), tuple(found_by))


def _sealed(connection: Connection, first: date, last: date) -> list[SealedFile]:
    entries = sealed_entries(connection)
    files = [file for file in files_between(connection, first, last) if file.reference in entries]
    tries: dict[int, list[Try]] = {}
    for each in tries_of(connection, [file.list_id for file in files]):
        tries.setdefault(each.list_id, []).append(each)
    return [SealedFile(file, entries[file.reference], tuple(tries.get(file.list_id, ()))) for file in files]


def _parts(
    workplace: Workplace, connection: Connection, question: BreachQuestion, sealed: Sequence[SealedFile]
) -> list[tuple[str, _Test]]:
    parts: list[tuple[str, _Test]] = []
    if question.first or question.last:
        days = f"lists for the days from {question.first or 'the first'} to {question.last or 'the last'}"
        parts.append((days, lambda _: True))
    if (reference := question.list_reference) and reconciliation_named(connection, reference):
        # Its worksheet is no sealed file; audit_breach.py tells of it.
        parts.append((f"the answer {reference} to a work-coach list", lambda _: False))
    elif reference:
        parts.append((f"the list {reference}", _require(sealed, lambda each: each.file.reference == reference, "list")))
    if partner := question.partner:
        parts.append((f"lists for {partner}", _of_partner(workplace, sealed, partner)))
    if host := question.host:
        parts.append(_of_host(workplace, sealed, host))
    if question.key:
        parts.append(_of_key(workplace, connection, sealed, question.key))
    return parts


def _require(sealed: Sequence[SealedFile], test: _Test, what: str) -> _Test:
    if not any(map(test, sealed)):
        raise StoreError(
            f"no list was ever sealed for that {what} in those days",
            advice="`gateway audit uses` names every list, `gateway keys list` every key, `gateway partners check` "
            "every partner.",
        )
    return test


def _of_partner(workplace: Workplace, sealed: Sequence[SealedFile], partner: str) -> _Test:
    def is_theirs(each: SealedFile) -> bool:
        return each.file.partner == partner

    # Somebody who is configured may have been given lists another way alone.
    return is_theirs if partner in workplace.partners else _require(sealed, is_theirs, "partner")


def _of_host(workplace: Workplace, sealed: Sequence[SealedFile], host: str) -> tuple[str, _Test]:
    partners = sorted(name for name, partner in workplace.partners.items() if partner.host == host)
    test = _require(sealed, lambda each: each.file.partner in partners and bool(each.tries), "server")
    return f"lists that we tried to send to {host}, which is the server of {', '.join(partners)} today", test


def _met_host(each: SealedFile, host_key: str) -> bool:
    return any(tried.session.get("host_key") == host_key for tried in each.tries)


def _of_key(workplace: Workplace, connection: Connection, sealed: Sequence[SealedFile], key: str) -> tuple[str, _Test]:
    registered = {each.fingerprint: each for each in keys_registered(connection)}
    known = registered.get(key)
    purpose = known.purpose if known else _purpose_in_ring(workplace, key)
    if purpose in _OPENS_NOTHING:
        return f"the key {key} {_OPENS_NOTHING[purpose]}; it opens no list and logs in nowhere", lambda _: False
    if any(_met_host(each, key) for each in sealed):
        return f"lists that we tried to send to a server that showed the key {key}", lambda each: _met_host(each, key)
    if any(each.entry["signing_key"] == key for each in sealed):
        return (
            f"lists that we signed with {key}, which opens none of them",
            lambda each: each.entry["signing_key"] == key,
        )
    keys = _keys_of_certificate(workplace, key)
    if any(each.entry["recipient_key"] in keys for each in sealed):
        return f"lists that were encrypted to {key}", lambda each: each.entry["recipient_key"] in keys
    if known is not None:
        return _in_days_of(connection, known)
    if purpose is KeyPurpose.SSH:
        return f"lists that we ever tried to send: {key} logs us in and was never registered", lambda each: bool(
            each.tries
        )
    raise StoreError(
        "no list was sealed to that key, signed by it or sent under it, and it is not in the register of keys",
        advice="`gateway keys list` gives the fingerprints.",
    )


def _purpose_in_ring(workplace: Workplace, key: str) -> KeyPurpose | None:
    return next((each.purpose for each in workplace.keys.facts() if each.fingerprint == key), None)


def _keys_of_certificate(workplace: Workplace, key: str) -> frozenset[str]:
    """Return every key of the configured certificate that has this fingerprint; else this one alone."""
    for partner in workplace.partners.values():
        if partner.certificate and partner.fingerprint == key:
            return fingerprints_in(partner.certificate)
    return frozenset({key})


def _in_days_of(connection: Connection, known: RegisteredKey) -> tuple[str, _Test]:
    """Return the lists of the days on which a key was in the register: its certificate is not at hand any more."""
    days = days_of_key(connection, known.fingerprint)
    if days is None:
        raise StoreError(f"the register does not say since when {known.fingerprint} was in use")
    since, until = days
    ended = f"{until:%Y-%m-%d}" if until else "today"
    when = f"while the register of keys had {known.fingerprint}, from {since:%Y-%m-%d} to {ended}"
    if known.purpose is KeyPurpose.SSH:
        return f"lists that we tried to send {when}, which logs us in", lambda each: any(
            _within(tried.ended_at, since, until) for tried in each.tries
        )
    return (
        f"lists that were sealed for {known.owner} {when}",
        lambda each: each.file.partner == known.owner and _within(each.file.sealed_at, since, until),
    )


def _within(instant: datetime | None, since: datetime, until: datetime | None) -> bool:
    return instant is not None and since <= instant and (until is None or instant <= until)
