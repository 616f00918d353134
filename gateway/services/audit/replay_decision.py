"""Decide about one person once more, as a list was decided: from its snapshot, under its agreement and its holds.

- Agreement and framework are the documents kept with the policy statement that the list was made under: the county's
  files may say something else by now.
- Holds are those that stood when the list was sealed or withheld. A released list counts both, and the flags of the
  snapshot that was the newest by then (selection/holding.py).
- The judge is the reference interpreter (selection/evaluate.py), which tests hold to the statement that made the list.

Reads, and changes nothing. What was recorded of the night is the callers' business.
"""

import json
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import Connection, func, select

from gateway.agreements.document import load_agreement
from gateway.agreements.frameworks import load_framework
from gateway.errors import AgreementError, ConfigurationError
from gateway.ledger.events import Event
from gateway.model.agreement import Agreement, Mode
from gateway.model.people import Person
from gateway.model.selection import Excluded
from gateway.selection.evaluate import judge
from gateway.selection.in_words import CriterionLine, lines_of, protections_of
from gateway.selection.rules import Rules, rules_of
from gateway.services.disclosure.list_decisions import WHOLE
from gateway.services.workplace import Workplace
from gateway.store.agreements import KeptStatement, statement_kept
from gateway.store.entries import entries_about
from gateway.store.history import MadeList
from gateway.store.people import office_of, person_in
from gateway.store.tables import snapshots


@dataclass(frozen=True, slots=True)
class Replay:
    """What the decision comes to again. `protections` names what protects the person; `reason` is None: included.

    `answers` where the list told, of those included, only of whom the recipient asked about (mode `match_first`);
    `differs` where it told only what changed: of whom nothing did an earlier list told (mode `delta`).
    """

    snapshot: str
    included: bool
    reason: str | None
    protections: tuple[str, ...]
    criteria: tuple[CriterionLine, ...]
    answers: bool = False
    differs: bool = False


@dataclass(slots=True)
class _Moments:
    """When a list was decided, as the ledger says."""

    sealed: str | None = None
    withheld: str | None = None
    released: bool = False

    def instants(self) -> tuple[str, ...]:
        """Return the instants whose holds count."""
        if self.sealed is None:
            return (self.withheld,) if self.withheld else ()
        return (self.sealed, self.withheld) if self.released and self.withheld else (self.sealed,)


@dataclass(slots=True)
class Replayer:
    """Replays decisions; what several lists share is read once."""

    workplace: Workplace
    connection: Connection
    _agreements: dict[str, tuple[Agreement, Rules] | None] = field(default_factory=dict)
    _moments: dict[str, _Moments] = field(default_factory=dict)

    def replay(self, made: MadeList, subject_ref: str) -> Replay | None:
        """Return the decision about a subject; None where nothing can be replayed, or the list is of another part."""
        under, moments = self.under(made.statement_hash), self._decided().get(made.reference, _Moments())
        if under is None or made.snapshot is None or made.as_at_on is None or not moments.instants():
            return None
        agreement, rules = under
        if self._part(agreement, made, subject_ref) != made.part:
            return None
        person = self._person(made, subject_ref, moments)
        if person is None:
            return None
        # A window that was caught up was decided as at the snapshot (list_decisions.py).
        judgement = judge(person, rules, max(date.fromisoformat(made.window), made.as_at_on))
        decision = judgement.decision
        reason = decision.reason.value if isinstance(decision, Excluded) else None
        protections, mode = protections_of(person, rules), agreement.mode
        how = {"answers": mode is Mode.MATCH_FIRST, "differs": mode is Mode.DELTA}
        return Replay(made.snapshot, reason is None, reason, protections, lines_of(judgement), **how)

    def under(self, statement_hash: str) -> tuple[Agreement, Rules] | None:
        """Return the agreement and rules of a statement; None where they are not to be had as they were."""
        if statement_hash not in self._agreements:
            kept = statement_kept(self.connection, statement_hash)
            self._agreements[statement_hash] = None if kept is None else self._as_it_was(kept)
        return self._agreements[statement_hash]

    def _as_it_was(self, kept: KeptStatement) -> tuple[Agreement, Rules] | None:
        try:
            agreement = load_agreement(kept.agreement_document, f"{kept.agreement_id} version {kept.version}")
            framework = load_framework(kept.framework_document, agreement.cohort.framework)
        except (AgreementError, ConfigurationError):
            # Documents of rules that nobody reads any more: recorded reasons have to do.
            return None
        bound = json.loads(kept.body)["framework"]["sha256"]
        return (agreement, rules_of(agreement, framework)) if framework.document_hash == bound else None

    def _decided(self) -> dict[str, _Moments]:
        if not self._moments:
            events = (Event.LIST_SEALED, Event.LIST_WITHHELD, Event.LIST_RELEASED, Event.LIST_VOID)
            for entry in entries_about(self.connection, *events):
                moments = self._moments.setdefault(str(entry.body["list"]), _Moments())
                match entry.event:
                    case Event.LIST_WITHHELD:
                        moments.withheld = entry.at
                    case Event.LIST_RELEASED:
                        moments.released = True
                    case _:
                        # Void at once where nobody was selected; a list that was sealed before keeps its instant.
                        moments.sealed = moments.sealed or entry.at
        return self._moments

    def _person(self, made: MadeList, subject_ref: str, moments: _Moments) -> Person | None:
        person = person_in(self.connection, made.snapshot_id, subject_ref, moments.instants())
        if person is None or not moments.released or moments.sealed is None:
            return person
        newest = select(func.max(snapshots.c.snapshot_id)).where(snapshots.c.loaded_at <= moments.sealed)
        later = person_in(self.connection, self.connection.execute(newest).scalar_one(), subject_ref, ())
        if later is None:
            return person
        return replace(person, flags=person.flags | later.flags, deceased_on=person.deceased_on or later.deceased_on)

    def _part(self, agreement: Agreement, made: MadeList, subject_ref: str) -> str:
        if agreement.mode is Mode.MATCH_FIRST:
            # Whoever it is about is decided upon; of whom the list tells is who was asked about besides.
            return made.part
        if agreement.split is None:
            return WHOLE
        return office_of(self.connection, made.snapshot_id, subject_ref) or agreement.split.fallback
