"""The manual cannot drift: every key, word and code that the loader knows stands in its pages."""

import re
from pathlib import Path

from gateway.agreements.approvers import NAMESPACE, ApproverRole
from gateway.agreements.criteria import FORMS, WORDS
from gateway.agreements.schema import agreement_schema
from gateway.model.fields import FIELDS, Transform
from gateway.services.agreements.suspend_agreements import ResumeReason, SuspendReason

FORMAT = Path("docs/formats/agreement.md").read_text()
README = Path("agreements/README.md").read_text()


def keys_of(schema) -> set[str]:
    found: set[str] = set(schema.get("properties", {}))
    for inner in [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]:
        found |= keys_of(inner)
    return found


def test_the_format_page_names_every_key():
    schema = {name: part for name, part in agreement_schema().items() if name != "$defs"}
    assert {key for key in keys_of(schema) if not re.search(rf"\b{key}\b", FORMAT)} == set()


def test_the_format_page_names_every_field_transform_and_criterion():
    for word in (*FIELDS, *Transform, *WORDS, *FORMS):
        assert word in FORMAT, word


def test_the_readme_names_every_reason_and_role():
    for word in (*SuspendReason, *ResumeReason, *ApproverRole):
        assert f"`{word}`" in README or f"role={word}" in README, word
    assert f"ssh-keygen -Y sign -n {NAMESPACE} " in README


def test_the_readme_explains_every_code_that_keeps_an_agreement_from_running():
    source = Path("gateway/agreements/force.py").read_text().split("def _cautions")[0]
    source += Path("gateway/services/agreements/agreement_standing.py").read_text()
    codes = set(re.findall(r'Reason\(\s*"([a-z-]+)"', source))
    table = README.split("## What keeps an agreement from running")[1]
    assert codes == {
        code for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for code in re.findall(r"`([a-z-]+)`", row)
    }
