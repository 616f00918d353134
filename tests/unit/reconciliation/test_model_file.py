"""A model is taken only as it was shipped."""

import json
import subprocess
import sys
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import pytest

from gateway.errors import ConfigurationError
from gateway.model.linkage import Field
from gateway.reconciliation import model_file
from gateway.reconciliation.model_file import (
    SHIPPED,
    SHIPPED_SHA256,
    _statement,
    parse_model,
    shipped_model,
    shipped_statement,
)
from gateway.reconciliation.weights import Model

ROOT = Path(__file__).resolve().parents[3]
CONTENT = files("gateway.reconciliation").joinpath("models", f"{SHIPPED}.json").read_bytes()


def _read(changed: dict[str, object]) -> Model:
    content = json.dumps({**json.loads(CONTENT), **changed}).encode()
    return parse_model(content, sha256(content).hexdigest())


def test_the_shipped_model_has_the_hash_that_this_version_expects() -> None:
    assert shipped_model().sha256 == SHIPPED_SHA256 == sha256(CONTENT).hexdigest()


def test_one_changed_byte_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="altered"):
        parse_model(CONTENT.replace(b"0.4", b"0.9", 1), SHIPPED_SHA256)


def test_it_says_what_it_was_made_from_and_when() -> None:
    read = json.loads(CONTENT)
    assert read["seeds"]
    assert "invented populations" in read["trained_on"]
    assert read["made_on"]


@pytest.mark.parametrize(
    "changed", [{"chances": {}}, {"more": 1}, {"thresholds": {"theta": 1}}, {"seeds": None, "id": 7}]
)
def test_another_form_is_refused(changed: dict[str, object]) -> None:
    if changed == {"seeds": None, "id": 7}:
        _read(changed)
        return
    with pytest.raises(ConfigurationError, match="form"):
        _read(changed)


def test_a_model_of_other_levels_is_refused() -> None:
    chances = json.loads(CONTENT)["chances"]
    chances["nino"] = dict(reversed(chances["nino"].items()))
    with pytest.raises(ConfigurationError, match="form"):
        _read({"chances": chances})


def test_what_is_shipped_is_what_splink_writes_for_the_model() -> None:
    asked = [sys.executable, str(ROOT / "scripts/write_linkage_sql.py"), "--check"]
    subprocess.run(asked, check=True, capture_output=True)
    assert shipped_statement(shipped_model())


def test_no_other_model_is_weighed_by_the_statement_of_the_shipped_one() -> None:
    with pytest.raises(ConfigurationError, match="not shipped"):
        shipped_statement(_read({"expected_share": 0.5}))


def test_a_statement_that_was_altered_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _statement.cache_clear()
    monkeypatch.setattr(model_file, "STATEMENT_SHA256", "0" * 64)
    with pytest.raises(ConfigurationError, match="altered"):
        shipped_statement(shipped_model())


def test_the_same_weighs_more_than_what_is_less_the_same() -> None:
    for field in (Field.NINO, Field.BORN, Field.FORENAME, Field.SURNAME, Field.POSTCODE):
        weights = {code: chances.bits for code, chances in shipped_model().chances[field].items()}
        assert weights["exact"] > 5
        assert weights["differs"] < 0
        assert max(weights.values()) <= 14.01


def test_the_prior_falls_with_the_size_of_the_cohort_in_whole_bits() -> None:
    model = shipped_model()
    assert model.prior(1) == model.prior(4096) == model.prior(4096) > model.prior(4097) == model.prior(8192)
    assert model.prior(8192) - model.prior(8193) == 1
