"""Read a model: a JSON file that is named, dated, and taken only when its bytes have the hash that is expected.

- It weighs exactly the levels that this version compares (`levels.py`); any other set is refused.
- It says what it was trained on, with which seeds and on which day. There is no training at run time: the same pair
  weighs the same next month.
- `shipped_model` is the one that this version came with.
- Beside it stands the statement that Splink writes for it, hashed too: no model is weighed by another's.

Edge: reads the shipped files from the package. Making them is left to scripts/train_linkage.py and
scripts/write_linkage_sql.py.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from gateway.errors import ConfigurationError
from gateway.model.linkage import Field
from gateway.reconciliation.fields import COMPARED
from gateway.reconciliation.levels import FieldRules
from gateway.reconciliation.weights import Chances, Commonness, Model, Thresholds

SHIPPED = "uk-2026-11"
SHIPPED_SHA256 = "3bcb1692844cb9255b31e1414566a9b220edfde0f933283992a960e41b1abdb5"
#: Of what Splink writes to weigh pairs by that model.
STATEMENT_SHA256 = "659ae124a88e4b7a5009d4cedfa5bed14f16b0340a131e3152e8283c31a34543"
_KEYS = {
    "id",
    "made_on",
    "trained_on",
    "seeds",
    "expected_share",
    "smallest_cohort",
    "chances",
    "commonness",
    "thresholds",
}


@lru_cache(maxsize=1)
def shipped_model() -> Model:
    """Return the model that this version came with. Raises ConfigurationError when its file was altered."""
    content = files("gateway.reconciliation").joinpath("models", f"{SHIPPED}.json").read_bytes()
    return parse_model(content, SHIPPED_SHA256)


def shipped_statement(model: Model) -> str:
    """Return what Splink writes to weigh pairs by the shipped model. Raises ConfigurationError for any other model."""
    if model.sha256 != SHIPPED_SHA256:
        raise ConfigurationError(f"what Splink writes for the linkage model {model.name} is not shipped")
    return _statement()


@lru_cache(maxsize=1)
def _statement() -> str:
    content = files("gateway.reconciliation").joinpath("models", f"{SHIPPED}.sql").read_bytes()
    digest = sha256(content).hexdigest()
    if digest != STATEMENT_SHA256:
        raise ConfigurationError(f"what weighs pairs has the hash {digest}, not {STATEMENT_SHA256}: it was altered")
    return content.decode("utf-8")


def parse_model(content: bytes, expected_sha256: str) -> Model:
    """Return the model of a file's bytes. Raises ConfigurationError when they are not what was expected."""
    digest = sha256(content).hexdigest()
    if digest != expected_sha256:
        raise ConfigurationError(f"the linkage model has the hash {digest}, not {expected_sha256}: it was altered")
    try:
        return _model(json.loads(content), digest)
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError("the linkage model is not of the form that this version reads") from error


def _model(read: Mapping[str, Any], digest: str) -> Model:
    if set(read) != _KEYS:
        raise ValueError("its keys are others")
    return Model(
        name=str(read["id"]),
        sha256=digest,
        chances={rules.field: _chances(rules, read["chances"][rules.field.value]) for rules in COMPARED},
        commonness={Field(name): Commonness(**each) for name, each in read["commonness"].items()},
        expected_share=float(read["expected_share"]),
        smallest_cohort=int(read["smallest_cohort"]),
        thresholds=Thresholds(**read["thresholds"]),
    )


def _chances(rules: FieldRules, read: Mapping[str, Any]) -> dict[str, Chances]:
    if tuple(read) != rules.codes:
        raise ValueError("it weighs other levels")
    return {code: Chances(m=float(each["m"]), u=float(each["u"])) for code, each in read.items()}
