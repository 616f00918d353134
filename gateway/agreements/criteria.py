"""Read the criteria tree of an agreement: whom, within the framework, it covers.

    where:
      all:
        - in_programme
        - any_need_in: ["10.1", "10.3"]
        - not: {lives_in: [PE13, PE14]}

- A bare word is a criterion without a number; everything else is a table with one key.
- `all`, `any` and `at_least` want at least one part: an empty list would hold for everybody or for nobody.
- How many of the thirteen factors are needed is no criterion to choose: it comes from the legal power.

Pure. What each criterion means is in model/criteria.py.
"""

import re
from collections.abc import Callable

from gateway.agreements.frameworks import NEED_CODE
from gateway.agreements.jobcentres import OUTCODE
from gateway.documents import Items, Node, Reader, Table, Text
from gateway.model.criteria import (
    AgeAtLeast,
    AgeBelow,
    AllOf,
    AnyOf,
    AssessmentOfWholeFamily,
    AtLeast,
    Criterion,
    EpisodeOpen,
    InProgramme,
    LeadProfessionalInPlace,
    LivesIn,
    NeedsAtLeast,
    Not,
    PlanInPlace,
)

WORDS: dict[str, Criterion] = {
    "in_programme": InProgramme(),
    "episode_open": EpisodeOpen(),
    "assessment_of_whole_family": AssessmentOfWholeFamily(),
    "plan_in_place": PlanInPlace(),
    "lead_professional_in_place": LeadProfessionalInPlace(),
}
#: What stands in for a criterion that could not be read; the fault keeps the document from being used.
_PLACEHOLDER: Criterion = InProgramme()
_OLDEST = 120


def criterion_under(reader: Reader, key: str) -> Criterion:
    """Return the criterion under a key of a table."""
    node = reader.raw(key)
    return _PLACEHOLDER if node is None else _criterion_of(node, reader)


def needs_named_in(criterion: Criterion) -> frozenset[str]:
    """Return every need code that a tree names."""
    match criterion:
        case AllOf(parts) | AnyOf(parts) | AtLeast(_, parts):
            return frozenset[str]().union(*(needs_named_in(part) for part in parts))
        case Not(part):
            return needs_named_in(part)
        case NeedsAtLeast(_, groups):
            return frozenset[str]().union(*groups)
        case _:
            return frozenset()


def _criterion_of(node: Node, reader: Reader) -> Criterion:
    if isinstance(node, Text) and node.value in WORDS:
        return WORDS[node.value]
    if isinstance(node, Table) and len(node.entries) == 1 and node.entries[0].key.value in _FORMS:
        key = node.entries[0].key.value
        return _FORMS[key](reader.under(node, f"where.{key}"), key)
    known = ", ".join((*WORDS, *_FORMS))
    reader.fault(
        node.place, f"a criterion must be one of {known}; those after the first five take a value after a colon"
    )
    return _PLACEHOLDER


def _parts(reader: Reader, key: str) -> tuple[Criterion, ...]:
    node = reader.raw(key)
    if not isinstance(node, Items) or not node.items:
        reader.fault_at(key, "must be a list with at least one criterion")
        return (_PLACEHOLDER,)
    return tuple(_criterion_of(item, reader) for item in node.items)


def _all(reader: Reader, key: str) -> Criterion:
    return AllOf(_parts(reader, key))


def _any(reader: Reader, key: str) -> Criterion:
    return AnyOf(_parts(reader, key))


def _not(reader: Reader, key: str) -> Criterion:
    return Not(criterion_under(reader, key))


def _at_least(reader: Reader, key: str) -> Criterion:
    inner = reader.table(key)
    parts = _parts(inner, "of")
    count = inner.integer("count", 1, len(parts))
    return AtLeast(count, parts)


def _age_at_least(reader: Reader, key: str) -> Criterion:
    return AgeAtLeast(reader.integer(key, 0, _OLDEST))


def _age_below(reader: Reader, key: str) -> Criterion:
    return AgeBelow(reader.integer(key, 1, _OLDEST))


def _lives_in(reader: Reader, key: str) -> Criterion:
    outcodes = reader.texts(key, pattern=OUTCODE, wanted="an outward code like CB1")
    if not outcodes:
        reader.fault_at(key, "must name at least one outward code")
    return LivesIn(frozenset(outcodes))


def _any_need_in(reader: Reader, key: str) -> Criterion:
    return NeedsAtLeast(1, (_codes(reader, key),))


def _needs_at_least(reader: Reader, key: str) -> Criterion:
    inner = reader.table(key)
    node = inner.raw("groups")
    items = node.items if isinstance(node, Items) else ()
    groups = tuple(frozenset(_code_texts(item, inner)) for item in items)
    if not groups or not all(groups):
        inner.fault_at("groups", "must be a list of lists of need codes, none of them empty")
    return NeedsAtLeast(inner.integer("count", 1, max(1, len(groups))), groups or (frozenset(),))


def _code_texts(node: Node, reader: Reader) -> list[str]:
    items = node.items if isinstance(node, Items) else ()
    codes = [item.value for item in items if isinstance(item, Text) and re.fullmatch(NEED_CODE, item.value)]
    if len(codes) < len(items):
        reader.fault(node.place, "each of these must be a need's code like 10.1")
    return codes


def _codes(reader: Reader, key: str) -> frozenset[str]:
    codes = reader.texts(key, pattern=NEED_CODE, wanted="a need's code like 10.1")
    if not codes:
        reader.fault_at(key, "must name at least one need")
    return frozenset(codes)


_FORMS: dict[str, Callable[[Reader, str], Criterion]] = {
    "all": _all,
    "any": _any,
    "not": _not,
    "at_least": _at_least,
    "age_at_least": _age_at_least,
    "age_below": _age_below,
    "lives_in": _lives_in,
    "any_need_in": _any_need_in,
    "needs_at_least": _needs_at_least,
}
FORMS = tuple(_FORMS)
