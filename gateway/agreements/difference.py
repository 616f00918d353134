"""Say in words what changes from one version of an agreement to another.

Each line is marked: `widens` lets more people, facts, time or readers in, `narrows` the opposite, `changes` is
neither or cannot be told from the document alone. What can only be told by counting is left to the preview.

Pure.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.agreements.wording import cadence_in_words, criterion_in_words, field_in_words
from gateway.model.agreement import Agreement, ClaimantLists, Direction, DomesticAbuseNeed, Every, LegalPower, Mode
from gateway.model.criteria import AllOf, Criterion
from gateway.model.fields import Transform


class Effect(StrEnum):
    """Which way a change goes."""

    WIDENS = "widens"
    NARROWS = "narrows"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a difference."""

    effect: Effect
    sentence: str


def differences(old: Agreement, new: Agreement) -> tuple[Change, ...]:
    """Return every change from the old version to the new, what widens first."""
    found = [change for compare in _COMPARISONS for change in compare(old, new)]
    order = list(Effect)
    return tuple(sorted(found, key=lambda change: order.index(change.effect)))


def _fields(old: Agreement, new: Agreement) -> Iterator[Change]:
    before = {rule.name: rule for rule in old.fields}
    after = {rule.name: rule for rule in new.fields}
    for name, rule in after.items():
        if name not in before:
            yield Change(Effect.WIDENS, f"new field {name}: {field_in_words(name, rule.transform)}")
            continue
        if rule.transform is not before[name].transform:
            effect = _transform_effect(before[name].transform, rule.transform)
            yield Change(effect, f"field {name} becomes {field_in_words(name, rule.transform)}")
        if rule.necessity != before[name].necessity:
            yield Change(Effect.CHANGES, f"the written necessity of field {name}")
    for name in before:
        if name not in after:
            yield Change(Effect.NARROWS, f"field {name} is no longer sent")
    kept = [name for name in after if name in before]
    if kept != [name for name in before if name in after]:
        yield Change(Effect.CHANGES, "the order of the fields")


def _transform_effect(before: Transform, after: Transform) -> Effect:
    if after is Transform.AS_IS:
        return Effect.WIDENS
    return Effect.NARROWS if before is Transform.AS_IS else Effect.CHANGES


def _cohort(old: Agreement, new: Agreement) -> Iterator[Change]:
    before, after = old.cohort, new.cohort
    yield from _number("age floor, in years,", before.minimum_age, after.minimum_age, more=Effect.NARROWS)
    yield from _plain("the reason for people under 18", before.under_18_reason, after.under_18_reason)
    yield from _plain("framework", before.framework, after.framework, after.framework)
    caution = list(DomesticAbuseNeed)
    yield from _ranked(
        "domestic-abuse need without a flag", caution, before.domestic_abuse_need, after.domestic_abuse_need
    )
    if before.where != after.where:
        words = f"whom it covers becomes: {criterion_in_words(after.where)}"
        yield Change(_criterion_effect(before.where, after.where), words)


def _criterion_effect(before: Criterion, after: Criterion) -> Effect:
    old, new = _conditions(before), _conditions(after)
    if old < new:
        return Effect.NARROWS
    return Effect.WIDENS if new < old else Effect.CHANGES


def _conditions(criterion: Criterion) -> frozenset[Criterion]:
    return frozenset(criterion.parts) if isinstance(criterion, AllOf) else frozenset({criterion})


def _flags(old: Agreement, new: Agreement) -> Iterator[Change]:
    for kind in sorted(old.blocking_flags - new.blocking_flags):
        yield Change(Effect.WIDENS, f"people with the flag {kind} are no longer kept off the list")
    for kind in sorted(new.blocking_flags - old.blocking_flags):
        yield Change(Effect.NARROWS, f"people with the flag {kind} are now kept off the list")


def _recipient(old: Agreement, new: Agreement) -> Iterator[Change]:
    if old.recipient != new.recipient:
        yield Change(Effect.WIDENS, f"the recipient becomes {new.recipient}, who was not one before")
    for party in new.parties:
        if party not in old.parties:
            yield Change(Effect.WIDENS, f"new party: {party.name}, {party.role}")
    for party in old.parties:
        if party not in new.parties:
            yield Change(Effect.NARROWS, f"no longer a party: {party.name}, {party.role}")


def _powers(old: Agreement, new: Agreement) -> Iterator[Change]:
    for direction in Direction:
        yield from _power(direction, old.power(direction), new.power(direction))


def _power(direction: Direction, before: LegalPower | None, after: LegalPower | None) -> Iterator[Change]:
    name = f"{direction} legal power"
    if before is None or after is None:
        yield from _plain(name, before, after, "none" if after is None else after.citation)
        return
    yield from _plain(name, before.citation, after.citation, after.citation)
    yield from _plain(f"{name}: status", before.status, after.status, after.status)
    yield from _plain(f"{name}: who confirmed it", before.confirmed_by, after.confirmed_by)
    yield from _plain(f"{name}: when it was confirmed", before.confirmed_on, after.confirmed_on)
    needed = f"{name}: factors needed in each row"
    yield from _number(needed, before.factors_needed, after.factors_needed, more=Effect.NARROWS)


def _term(old: Agreement, new: Agreement) -> Iterator[Change]:
    yield from _number("last day of the term", old.ends_on, new.ends_on, more=Effect.WIDENS)
    yield from _number("first day of the term", old.starts_on, new.starts_on, more=Effect.NARROWS)
    yield from _number("review day", old.review_by, new.review_by, more=Effect.WIDENS)
    yield from _number("days of grace for the review", old.review_grace_days, new.review_grace_days, more=Effect.WIDENS)


def _cadence(old: Agreement, new: Agreement) -> Iterator[Change]:
    if old.cadence == new.cadence:
        return
    how_often = list(Every)
    before, after = how_often.index(old.cadence.every), how_often.index(new.cadence.every)
    effect = Effect.CHANGES if before == after else Effect.WIDENS if after < before else Effect.NARROWS
    words = cadence_in_words(new.cadence)
    yield Change(effect, f"when it is sent becomes: {words}; missed lists: {new.cadence.catch_up}")


def _limits(old: Agreement, new: Agreement) -> Iterator[Change]:
    before, after = old.limits, new.limits
    for name, one, other in (
        ("most people on a list", before.most_people, after.most_people),
        ("most change from one list to the next, in per cent,", before.most_change_percent, after.most_change_percent),
        ("change in people that is ignored", before.ignore_change_below, after.ignore_change_below),
    ):
        yield from _number(name, one, other, more=Effect.WIDENS)
    yield from _plain("what happens to an empty list", old.empty_list, new.empty_list, new.empty_list)


def _retention(old: Agreement, new: Agreement) -> Iterator[Change]:
    before, after = old.retention, new.retention
    for name, one, other in (
        ("days the recipient may keep a list", before.their_copy_days, after.their_copy_days),
        ("days we keep our sealed copy", before.our_copy_days, after.our_copy_days),
        ("working days for the receipt", before.receipt_within_working_days, after.receipt_within_working_days),
    ):
        yield from _number(name, one, other, more=Effect.WIDENS)
    yield from _certificate(before.certificate_within_days, after.certificate_within_days)


def _certificate(before: int | None, after: int | None) -> Iterator[Change]:
    name = "days for the certificate of destruction"
    if before is not None and after is not None:
        yield from _number(name, before, after, more=Effect.WIDENS)
    elif before != after:
        effect = Effect.WIDENS if after is None else Effect.NARROWS
        yield Change(effect, f"{name}: {'none is asked for any more' if after is None else after}")


def _teams(old: Agreement, new: Agreement) -> Iterator[Change]:
    before, after = dict(old.team_labels), dict(new.team_labels)
    told, silent = after.keys() - before.keys(), before.keys() - after.keys()
    if told:
        yield Change(Effect.WIDENS, f"{len(told)} more teams are named by a label: {', '.join(sorted(told))}")
    if silent:
        yield Change(Effect.NARROWS, f"{len(silent)} teams are no longer named: {', '.join(sorted(silent))}")
    renamed = sorted(team for team in before.keys() & after.keys() if before[team] != after[team])
    if renamed:
        yield Change(Effect.CHANGES, f"the label of {', '.join(renamed)}")
    yield from _plain("the label of all other teams", old.default_team, new.default_team, new.default_team)
    yield from _plain("the contact where none may be named", old.default_contact, new.default_contact)


def _form(old: Agreement, new: Agreement) -> Iterator[Change]:
    yield from _ranked("what a list contains", list(reversed(Mode)), old.mode, new.mode)
    if new.full_list_every not in {None, old.full_list_every}:
        yield Change(Effect.CHANGES, f"a full list again becomes the first in each {new.full_list_every}")
    yield from _claimant_lists(old.claimant_lists, new.claimant_lists)
    split = "one list" if new.split is None else f"by {new.split.by}, everybody else in {new.split.fallback}"
    yield from _plain("how the list is split", old.split, new.split, split)
    yield from _plain("file format", old.file_format, new.file_format, new.file_format)
    yield from _plain("evidence kept", old.evidence, new.evidence, new.evidence)


def _claimant_lists(before: ClaimantLists | None, after: ClaimantLists | None) -> Iterator[Change]:
    name = "how the recipient's own lists come in"
    if before is not None and after is not None:
        yield from _ranked(name, list(ClaimantLists), before, after)
    elif after is not None:
        yield Change(Effect.CHANGES, f"{name}: {after}")


def _papers(old: Agreement, new: Agreement) -> Iterator[Change]:
    yield from _plain("agreement", old.agreement_id, new.agreement_id, new.agreement_id)
    for name, read in _PAPERS:
        yield from _plain(name, read(old), read(new))


_PAPERS: tuple[tuple[str, Callable[[Agreement], object]], ...] = (
    ("title", lambda agreement: agreement.title),
    ("programme", lambda agreement: agreement.programme),
    ("purpose", lambda agreement: agreement.purpose),
    ("lawful basis", lambda agreement: agreement.lawful_basis),
    ("impact assessment", lambda agreement: agreement.dpia_reference),
    ("review day of the impact assessment", lambda agreement: agreement.dpia_review_by),
    ("privacy notice", lambda agreement: agreement.privacy_notice),
    ("contacts", lambda agreement: agreement.contacts),
    ("what is written for public registers", lambda agreement: agreement.registers),
)
_COMPARISONS: tuple[Callable[[Agreement, Agreement], Iterator[Change]], ...] = (
    _recipient,
    _fields,
    _cohort,
    _flags,
    _powers,
    _term,
    _cadence,
    _limits,
    _retention,
    _teams,
    _form,
    _papers,
)


def _plain(name: str, before: object, after: object, words: str | None = None) -> Iterator[Change]:
    if before != after:
        yield Change(Effect.CHANGES, f"{name} is another" if words is None else f"{name} becomes {words}")


def _number(name: str, before: Any, after: Any, *, more: Effect) -> Iterator[Change]:
    if before != after:
        less = Effect.NARROWS if more is Effect.WIDENS else Effect.WIDENS
        yield Change(more if after > before else less, f"{name} goes from {before} to {after}")


def _ranked(name: str, narrow_to_wide: list[Any], before: Any, after: Any) -> Iterator[Change]:
    places = narrow_to_wide.index(before), narrow_to_wide.index(after)
    if places[0] != places[1]:
        effect = Effect.WIDENS if places[1] > places[0] else Effect.NARROWS
        yield Change(effect, f"{name} goes from {before} to {after}")
