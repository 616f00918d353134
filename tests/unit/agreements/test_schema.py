"""The JSON Schema for editors: the same keys and closed lists as the loader's."""

import json
import re
from pathlib import Path

import pytest

from gateway.agreements.coherence import check_coherence
from gateway.agreements.criteria import FORMS, WORDS
from gateway.agreements.document import _agreement_of
from gateway.agreements.schema import agreement_schema
from gateway.documents import Reader, parse_tree, plain_of

SCHEMA = agreement_schema()
DOCUMENTS = [Path("tests/vectors/agreements/good.yaml"), *sorted(Path("agreements").glob("*.yaml"))]


def misfits(value, schema, path="$"):
    """Where a document's content does not fit: as much of JSON Schema as ours uses, numbers read from text."""
    if "$ref" in schema:
        return misfits(value, SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]], path)
    if "anyOf" in schema:
        found = [misfits(value, option, path) for option in schema["anyOf"]]
        return [] if [] in found else [path]
    if "enum" in schema:
        return [] if value in schema["enum"] else [path]
    return {"object": of_table, "array": of_list, "string": of_text, "integer": of_number}[schema["type"]](
        value, schema, path
    )


def of_table(value, schema, path):
    if not isinstance(value, dict):
        return [path]
    known, free = schema.get("properties", {}), schema["additionalProperties"]
    found = [f"{path}.{key}" for key in schema.get("required", ()) if key not in value]
    for key, inner in value.items():
        if key not in known and free is False:
            found.append(f"{path}.{key}")
        else:
            found += misfits(inner, known.get(key, free), f"{path}.{key}")
    return found


def of_list(value, schema, path):
    if not isinstance(value, list) or len(value) < schema["minItems"]:
        return [path]
    return [fault for n, item in enumerate(value) for fault in misfits(item, schema["items"], f"{path}[{n}]")]


def of_text(value, schema, path):
    fits = isinstance(value, str) and len(value) >= schema.get("minLength", 0)
    return [] if fits and re.search(schema.get("pattern", ""), value) else [path]


def of_number(value, schema, path):
    fits = isinstance(value, str) and value.isdigit() and schema["minimum"] <= int(value) <= schema["maximum"]
    return [] if fits else [path]


def content_of(path: Path):
    tree, _ = parse_tree(path.read_bytes(), path.name)
    assert tree is not None
    return plain_of(tree)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_good_agreements_fit_the_schema(path):
    assert misfits(content_of(path), SCHEMA) == []


@pytest.mark.parametrize(
    "name",
    [
        "unknown-key",
        "no-necessity",
        "unknown-field",
        "unknown-mode",
        "no-evidence-rule",
        "where-everybody",
        "where-factors",
    ],
)
def test_the_schema_catches_what_an_editor_can(name):
    assert misfits(content_of(Path(f"tests/vectors/agreements/{name}.yaml")), SCHEMA) != []


def test_the_schema_knows_exactly_the_keys_that_the_loader_asks_for():
    text = DOCUMENTS[0].read_text()
    reader = Reader.of(text.encode(), "f.yaml")
    check_coherence(reader, _agreement_of(reader))
    asked = {each.label: each._known for each in reader._reading.readers if not each.label.startswith("where")}
    for label, known in asked.items():
        schema = SCHEMA
        for step in re.findall(r"[a-z_0-9]+|\[\d+\]", label):
            schema = schema["items"] if step.startswith("[") else schema["properties"][step]
        if schema["additionalProperties"] is False:
            assert set(schema["properties"]) == known, label


def test_the_schema_knows_every_criterion():
    options = SCHEMA["$defs"]["criterion"]["anyOf"]
    assert set(options[0]["enum"]) == set(WORDS)
    assert {next(iter(option["properties"])) for option in options[1:]} == set(FORMS)


def test_the_schema_can_be_written_down():
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
