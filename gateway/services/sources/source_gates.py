"""Gates that a load passes as a whole, beside those that a single line or extract has.

Against the load before: an extract that was there and is still mapped must be there again, of the same day or a later
one, and must not have lost more of its lines than its mapping allows. A shrunk extract passes if an approver accepted
exactly this one; of the suppression feed never. The load before is the last one, and the last one under the very
mapping of now: a mapping whose limits were widened for one load and put back must not have moved the measure.

Between the lines: too large a share of an extract refused because its lines do not hang together with the others, as
when two columns were swapped; and more lines than agreed that name nobody who is held. Each of those may be about
anybody, also about somebody whom it would have kept off a list (law L3).

At the first load of all there is nothing that a refused line could be recalled from, so that each counts.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection

from gateway.cohort.soundness import Unsound
from gateway.errors import ExtractMalformed, ExtractMissing, ExtractShrunk, ExtractStale, SourceError
from gateway.model.records import Feed, Reject
from gateway.services.sources.accept_shrinkage import Shrunk, accepted_extracts, ask_to_accept
from gateway.services.sources.source_intake import Intake
from gateway.services.workplace import Workplace
from gateway.sources.extracts import Extract, refusal
from gateway.sources.read import REJECTS_ALWAYS_ALLOWED
from gateway.store.snapshots import ExtractFacts, extracts_of, newest_loaded_under, newest_snapshot

_SHOWN = 10


class Refused(Protocol):
    """The lines that were refused of all that was loaded, and those of them that may be about anybody."""

    @property
    def rejects(self) -> Sequence[Reject]: ...  # noqa: D102
    @property
    def about_nobody(self) -> Sequence[Reject]: ...  # noqa: D102


_FIRST_REJECTS = (
    "`gateway sources rejects` names each line; have them corrected. Where that cannot be, information governance "
    "agrees to a number, `lines_lost_at_first_allowed` in the settings."
)
_REJECTS = "`gateway sources rejects` names each line; correct the extract, then `gateway sources load`."


def check_against_last(workplace: Workplace, intake: Intake, *, accept: str | None) -> None:
    """Raise SourceError where an extract fell behind the one that the newest snapshot was made of.

    With a case reference in `accept`, an approver is asked to let each extract pass that shrank.
    """
    with workplace.store.reading() as connection:
        last = _loaded_before(connection, intake)
        accepted = accepted_extracts(connection)
    found = [each for before in last if (each := _shrunk(intake, before))]
    by_extract = {(each.source, each.feed): each for each in sorted(found, key=lambda each: each.lines_before)}
    shrunk = [each for each in by_extract.values() if (each.source, each.feed, each.sha256) not in accepted]
    if not shrunk:
        return
    if accept is not None:
        ask_to_accept(workplace, shrunk, accept)
    raise _too_small(intake, shrunk[0], asked=accept is not None)


def _loaded_before(connection: Connection, intake: Intake) -> list[ExtractFacts]:
    newest = newest_snapshot(connection)
    if newest is None:
        return []
    found = extracts_of(connection, newest.snapshot_id)
    for source, mapping in intake.mappings.items():
        same = newest_loaded_under(connection, source, mapping.mapping_hash)
        if same is not None and same != newest.snapshot_id:
            found += [each for each in extracts_of(connection, same) if each.source == source]
    return found


def _shrunk(intake: Intake, before: ExtractFacts) -> Shrunk | None:
    """Return what an extract lost, if too much. Raises where it is gone or older, or is the suppression feed."""
    mapping = intake.mappings.get(before.source)
    feed = mapping.feeds.get(before.feed) if mapping else None
    if feed is None:
        return None
    extract = _extract_of(intake, before)
    intake.stand_at(extract)
    now = next(each for each in intake.facts if (each.source, each.feed) == (before.source, before.feed))
    lost = before.lines - now.lines
    if lost * 100 <= feed.shrink_limit_percent * before.lines:
        return None
    found = Shrunk(before.source, before.feed, now.sha256, now.lines, before.lines)
    if before.feed is Feed.SUPPRESSION:
        raise _too_small(intake, found, asked=False)
    return found


def _extract_of(intake: Intake, before: ExtractFacts) -> Extract:
    where = f"{before.source}/{before.feed.value}"
    found = [extract for extract in intake.extracts if (extract.source, extract.feed) == (before.source, before.feed)]
    if not found:
        raise refusal(before.feed, ExtractMissing, f"{where}: it was there at the last load and is not there now")
    if found[0].taken_on < before.taken_on:
        intake.stand_at(found[0])
        message = f"{where}: the newest extract is of {found[0].taken_on}, the last load's was of {before.taken_on}"
        raise refusal(before.feed, ExtractStale, message)
    return found[0]


def _too_small(intake: Intake, shrunk: Shrunk, *, asked: bool) -> SourceError:
    name = f"{shrunk.source}/{shrunk.feed.value}"
    intake.stand_at(next(each for each in intake.extracts if each.sha256 == shrunk.sha256))
    if shrunk.feed is Feed.SUPPRESSION:
        advice = "Ask for the whole feed; nobody can let a shrunk one pass."
    elif asked:
        accept = f"`gateway sources accept {shrunk.source} {shrunk.feed.value} --case REF`"
        advice = f"An approver, who is somebody else, accepts it with {accept}; then load again."
    else:
        advice = "Ask the data team; if it is right, `gateway sources load --accept shrinkage --case REF`."
    message = f"{name}: it has {shrunk.lines} lines, and had {shrunk.lines_before} at the last load"
    return refusal(shrunk.feed, ExtractShrunk, message, advice)


def check_lines(intake: Intake, made: Refused, *, allowed_about_nobody: int) -> None:
    """Raise ExtractMalformed where lines do not hang together, or where too many may be about anybody."""
    _check_shares(intake, made)
    lines = made.about_nobody
    if len(lines) <= allowed_about_nobody:
        return
    named = [f"{reject.source}/{reject.feed.value} line {reject.line}" for reject in lines[:_SHOWN]]
    more = f" and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    intake.source = lines[0].source
    message = f"lines that name nobody who is held may be about anybody: {', '.join(named)}{more}"
    raise ExtractMalformed(message, advice=_REJECTS)


def check_first(intake: Intake, made: Refused, *, allowed: int) -> None:
    """Raise ExtractMalformed where a load that has none before it refuses more lines than agreed."""
    refused = [reject for reject in made.rejects if set(reject.reasons) != {Unsound.NO_MEMBERS}]
    if len(refused) <= allowed:
        return
    intake.source = refused[0].source
    message = f"{len(refused)} lines are refused and {allowed} may be: nothing earlier says what they held"
    raise ExtractMalformed(f"the first load: {message}", advice=_FIRST_REJECTS)


def _check_shares(intake: Intake, made: Refused) -> None:
    """Raise where an extract has more refused lines than its mapping allows. Families without members do not count."""
    refused = Counter(
        (reject.source, reject.feed) for reject in made.rejects if set(reject.reasons) != {Unsound.NO_MEMBERS}
    )
    for extract in intake.extracts:
        limit = intake.mappings[extract.source].feeds[extract.feed].reject_limit_percent
        number = refused[extract.source, extract.feed]
        if number > max(limit * extract.lines // 100, REJECTS_ALWAYS_ALLOWED):
            intake.stand_at(extract)
            message = f"{extract.name}: {number} of its {extract.lines} lines are refused; {limit} in 100 are allowed"
            raise refusal(extract.feed, ExtractMalformed, message, _REJECTS)
