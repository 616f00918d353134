"""Check what a night is loaded from: mappings, extracts, and the newest load."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from functools import partial

from gateway.model.time import as_text, from_text
from gateway.services.checking.checks import Check, Terms, Verdict, attempt
from gateway.services.planning.plan_night import night_began
from gateway.services.sources.source_intake import read_mappings
from gateway.services.sources.source_status import source_status
from gateway.services.workplace import Workplace
from gateway.sources.extracts import Extract, find_extracts
from gateway.sources.mapping import SourceMapping

#: How long a night's load may take before it is missed.
LOAD_TAKES = timedelta(hours=2)


def check_mappings(workplace: Workplace, _: Terms) -> Iterator[Check]:
    """Check the mappings, and the extracts of each source."""
    mappings = read_mappings(workplace.folders.mappings)
    yield Check("mappings", Verdict.OK, f"{len(mappings)} sources")
    for mapping in mappings.values():
        yield attempt(f"extracts of {mapping.source}", partial(_found, workplace, mapping), _tell_extracts)


def _found(workplace: Workplace, mapping: SourceMapping) -> Collection[Extract]:
    return find_extracts(mapping, workplace.folders.sources, workplace.clock.today()).values()


def _tell_extracts(found: Collection[Extract]) -> str:
    days = sorted({each.taken_on.isoformat() for each in found})
    return f"{len(found)}, of {' to '.join(dict.fromkeys((days[0], days[-1])))}" if days else "none, and none is needed"


def check_load(workplace: Workplace, terms: Terms) -> Iterator[Check]:
    """Check that tonight's extracts were loaded, and that the last load was not refused."""
    status, now = source_status(workplace), workplace.clock.now()
    if status.refusal:
        where = " ".join(filter(None, (status.refusal.code, status.refusal.source, status.refusal.feed)))
        yield Check("newest load", Verdict.NOT_OK, f"it was refused: {where}", "`gateway sources status`")
        return
    if status.snapshot is None:
        yield Check("newest load", Verdict.NOT_OK, "nothing was loaded yet", "`gateway sources load`")
        return
    began, loaded = night_began(terms.load_at, now), from_text(status.snapshot.loaded_at)
    found = f"{status.snapshot.reference}, {status.snapshot.people:,} people, loaded {status.snapshot.loaded_at}"
    if loaded >= began:
        yield Check("newest load", Verdict.OK, found)
    else:
        verdict = Verdict.TAKE_CARE if now - began < LOAD_TAKES else Verdict.NOT_OK
        yield Check("newest load", verdict, f"{found}; not since {as_text(began)}", "`gateway sources load`")
