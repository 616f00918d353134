"""Describe an agreement's document as JSON Schema, so that editors complete and check it while it is written.

The schema knows keys, closed lists and shapes. Every rule beyond that is the loader's: what a schema accepts
`gateway agreements check` may still refuse. Values are described as text because the loader reads every scalar so.

Pure.
"""

from collections.abc import Iterable
from typing import Any

from gateway.agreements.criteria import WORDS
from gateway.agreements.frameworks import FRAMEWORK_ID, NEED_CODE
from gateway.agreements.jobcentres import OUTCODE
from gateway.agreements.sections import NAME, SHORTEST_NECESSITY, YOUNGEST, SplitBy, Weekday
from gateway.model.agreement import (
    CatchUp,
    ClaimantLists,
    Direction,
    DomesticAbuseNeed,
    EmptyList,
    Every,
    EvidenceKind,
    FileFormat,
    FullListEvery,
    Mode,
    OnHoliday,
    PartyRole,
    PowerStatus,
)
from gateway.model.factors import FACTORS
from gateway.model.fields import FIELDS, Transform
from gateway.model.flags import FlagKind

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "minLength": 1}
_DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_TIME: Schema = {"type": "string", "pattern": r"^\d{2}:\d{2}$"}
_REFERENCE: Schema = {"$ref": "#/$defs/criterion"}


def agreement_schema() -> Schema:
    """Return the schema of an agreement's document."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A data sharing agreement that the gateway obeys",
        **_table(_required(), _optional()),
        "$defs": {"criterion": _criterion()},
    }


def _optional() -> Schema:
    by_table = {"split": _split(), "teams": _teams(), "registers": _registers(), "delta": _delta()}
    return by_table | {"claimant_lists": _one_of(ClaimantLists)}


def _required() -> Schema:
    return {
        "id": _pattern(NAME),
        "version": _whole(1, 9_999),
        "title": _TEXT,
        "programme": _pattern(NAME),
        "parties": _list(_table({"name": _TEXT, "role": _one_of(PartyRole)})),
        "recipient": _pattern(NAME),
        "purpose": _table({"code": _pattern(NAME), "text": _TEXT}),
        "legal_powers": _list(_power()),
        "lawful_basis": _table(
            {"article_6": _list(_TEXT)},
            {"article_9": _list(_TEXT), "article_10": _list(_TEXT), "policy_document": _TEXT},
        ),
        "dpia": _table({"reference": _TEXT, "review_by": _DAY}),
        "privacy_notice": _pattern("https://.+"),
        "term": _table({"starts_on": _DAY, "ends_on": _DAY, "review_by": _DAY, "review_grace_days": _whole(0, 90)}),
        "cohort": _cohort(),
        "fields": _list(_field()),
        "blocking_flags": _list(_one_of(FlagKind)),
        "mode": _one_of(Mode),
        "file_format": _one_of(FileFormat),
        "evidence": _one_of(EvidenceKind),
        "cadence": _cadence(),
        "limits": _table(
            {
                "most_people": _whole(1, 5_000_000),
                "most_change_percent": _whole(0, 100),
                "ignore_change_below": _whole(0, 1_000_000),
            }
        ),
        "empty_list": _one_of(EmptyList),
        "retention": _table(
            {
                "our_copy_days": _whole(1, 3_650),
                "their_copy_days": _whole(1, 3_650),
                "receipt_within_working_days": _whole(1, 60),
            },
            optional={"certificate_within_days": _whole(1, 365)},
        ),
        "contacts": _list(_TEXT),
    }


def _power() -> Schema:
    return _table(
        {
            "direction": _one_of(Direction),
            "citation": _TEXT,
            "status": _one_of(PowerStatus),
            "factors_needed": _whole(0, len(FACTORS)),
        },
        {"confirmed_by": _TEXT, "confirmed_on": _DAY},
    )


def _cohort() -> Schema:
    return _table(
        {
            "framework": _pattern(FRAMEWORK_ID),
            "where": _REFERENCE,
            "minimum_age": _whole(YOUNGEST, 99),
            "domestic_abuse_need": _one_of(DomesticAbuseNeed),
        },
        {"under_18_reason": _TEXT},
    )


def _field() -> Schema:
    necessity = {"type": "string", "minLength": SHORTEST_NECESSITY}
    return _table({"name": _one_of(FIELDS), "necessity": necessity}, {"transform": _one_of(Transform)})


def _cadence() -> Schema:
    return _table(
        {
            "every": _one_of(Every),
            "at": _TIME,
            "deliver_until": _TIME,
            "on_holiday": _one_of(OnHoliday),
            "catch_up": _one_of(CatchUp),
        },
        {"weekday": _one_of(Weekday), "day_of_month": _whole(1, 28)},
    )


def _split() -> Schema:
    return _table({"by": _one_of(SplitBy), "fallback": _pattern(NAME)})


def _delta() -> Schema:
    return _table({"full_list_every": _one_of(FullListEvery)})


def _teams() -> Schema:
    labels = {"type": "object", "additionalProperties": _TEXT}
    return _table({"labels": labels, "default": _TEXT, "default_contact": _TEXT})


def _registers() -> Schema:
    # An empty list says that there is none; a list left out says that nobody wrote it down.
    texts = {**_list(_TEXT), "minItems": 0}
    lists = ("data_subjects", "controller_codes", "processors", "processor_codes", "areas", "area_codes")
    words = ("entry_id", "benefits", "data_protection_officer", "transfers_abroad", "retention_followed")
    return _table({}, dict.fromkeys(lists, texts) | dict.fromkeys(words, _TEXT))


def _criterion() -> Schema:
    codes = _list(_pattern(NEED_CODE))
    forms = {
        "all": _list(_REFERENCE),
        "any": _list(_REFERENCE),
        "not": _REFERENCE,
        "at_least": _table({"count": _whole(1, 99), "of": _list(_REFERENCE)}),
        "age_at_least": _whole(0, 120),
        "age_below": _whole(1, 120),
        "lives_in": _list(_pattern(OUTCODE)),
        "any_need_in": codes,
        "needs_at_least": _table({"count": _whole(1, 99), "groups": _list(codes)}),
    }
    return {"anyOf": [_one_of(WORDS), *(_table({name: form}) for name, form in forms.items())]}


def _table(required: Schema, optional: Schema | None = None) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item, "minItems": 1}


def _one_of(words: Iterable[str]) -> Schema:
    return {"enum": [str(word) for word in words]}


def _pattern(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"^({pattern})$"}


def _whole(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}
