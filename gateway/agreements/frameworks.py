"""Read a framework: who is eligible for the programme in a period (config/frameworks/<id>.yaml).

- `counted` says whether `needed` counts headline criteria (two of six) or single needs (three needs).
- Every need that a criterion names has a line under `factors`, empty where the need stands for none of the
  thirteen factors. The line may name several, but each then counts: a need that stands for one *or* another factor
  gets only the surer one, so that a single need never meets a two-factor test by itself.
- Needs are in the canonical codes (`1.1` to `10.3`); `verify: true` marks wording that is not confirmed.

Pure: bytes come in; the caller opens files. The same bytes are read once: every look at an agreement asks for all
frameworks.
"""

import re
from enum import StrEnum
from functools import lru_cache

from gateway.documents import Reader, canonical_json, plain_of, sha256_hex
from gateway.errors import FrameworkInvalid
from gateway.model.factors import FACTORS
from gateway.model.framework import Framework, FrameworkCriterion, MustExist

FRAMEWORK_ID = r"[a-z0-9]+(_[a-z0-9]+)*"
NEED_CODE = r"(10|[1-9])\.[1-9]"


class Counted(StrEnum):
    """What `needed` counts."""

    CRITERIA = "criteria"
    NEEDS = "needs"


@lru_cache(maxsize=16)
def load_framework(data: bytes, name: str) -> Framework:
    """Return the framework. Raises FrameworkInvalid with every fault of the file."""
    reader = Reader.of(data, name)
    framework = _framework_of(reader)
    faults = reader.finish()
    if faults:
        raise FrameworkInvalid("\n".join(str(fault) for fault in faults))
    return framework


def _framework_of(reader: Reader) -> Framework:
    criteria = tuple(_criterion_of(part) for part in reader.tables("criteria"))
    factors = _factors_of(reader.table("factors"))
    document = b"" if reader.node is None else canonical_json(plain_of(reader.node))
    framework = Framework(
        framework_id=reader.text("id", longest=40, pattern=FRAMEWORK_ID, wanted="lower-case words joined by _"),
        name=reader.text("name", longest=200),
        starts_on=reader.day("starts_on"),
        ends_on=reader.day_or_none("ends_on"),
        criteria=criteria,
        counted=reader.choice("counted", Counted).value,
        needed=reader.integer("needed", 1, 40),
        must_exist=_must_exist_of(reader),
        factors=factors,
        document=document,
        document_hash=sha256_hex(document),
    )
    _check_whole(reader, framework)
    return framework


def _criterion_of(reader: Reader) -> FrameworkCriterion:
    needs = reader.table("needs")
    codes = [code for code, _ in needs.pairs(longest=300)]
    for code in codes:
        if not re.fullmatch(NEED_CODE, code.value):
            needs.fault(code.place, "a need's code must be like 10.1")
    if not codes and needs.node is not None:
        reader.fault_at("needs", "names no need")
    return FrameworkCriterion(
        code=reader.text("code", longest=20),
        name=reader.text("name", longest=200),
        needs=frozenset(code.value for code in codes if re.fullmatch(NEED_CODE, code.value)),
        verify=reader.truth("verify"),
    )


def _factors_of(reader: Reader) -> tuple[tuple[str, tuple[str, ...]], ...]:
    pairs = []
    for code in reader.take_keys():
        if not re.fullmatch(NEED_CODE, code.value):
            reader.fault(code.place, "a need's code must be like 10.1")
            continue
        letters = reader.texts(code.value, longest=1, pattern="|".join(FACTORS), wanted="a letter from a to m")
        if len(set(letters)) < len(letters):
            reader.fault(code.place, "this need names a factor twice")
        pairs.append((code.value, letters))
    return tuple(sorted(pairs))


def _must_exist_of(reader: Reader) -> frozenset[MustExist]:
    words = reader.texts("must_exist", pattern="|".join(MustExist), wanted=f"one of {', '.join(MustExist)}")
    return frozenset(MustExist(word) for word in words if word)


def _check_whole(reader: Reader, framework: Framework) -> None:
    mapped = {code for code, _ in framework.factors}
    needs = [need for criterion in framework.criteria for need in criterion.needs]
    if set(needs) - mapped:
        reader.fault_at("factors", f"has no line for {', '.join(sorted(set(needs) - mapped))}")
    if len({criterion.code for criterion in framework.criteria}) < len(framework.criteria):
        reader.fault_at("criteria", "has two criteria with one code")
    countable = len(framework.criteria) if framework.counted == Counted.CRITERIA else len(set(needs))
    if framework.needed > countable:
        reader.fault_at("needed", f"asks for more than the {countable} there are")
    if framework.ends_on is not None and framework.ends_on < framework.starts_on:
        reader.fault_at("ends_on", "lies before `starts_on`")
