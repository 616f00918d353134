"""The published probes of transparency-dev/merkle, read by the gateway and by the stand-alone verifier alike."""

import base64
import json
from pathlib import Path

import pytest

from gateway.ledger.proofs import extends, includes

PROBES = [
    json.loads(line) for line in Path("tests/vectors/merkle/probes.jsonl").read_text(encoding="utf-8").splitlines()
]
VERIFIER = Path("gateway/verifier/verify_evidence.py")


#: Growth from the empty log: the probes call it useless, and RFC 9162 leaves it open. A witness begins with it.
FROM_NOTHING = {
    "consistency/additional/size1-is-zero-and-size2-is-not-zero",
}


def _bytes(text):
    return base64.b64decode(text or "")


def _path(probe):
    return [_bytes(each) for each in probe["proof"] or []]


def _by_gateway(probe):
    if "leafIdx" in probe:
        place = probe["treeSize"], probe["leafIdx"], _bytes(probe["leafHash"])
        return includes(_bytes(probe["root"]), *place, _path(probe))
    old, new = (_bytes(probe["root1"]), probe["size1"]), (_bytes(probe["root2"]), probe["size2"])
    return extends(*old, *new, _path(probe))


@pytest.fixture(scope="module")
def by_verifier():
    names = {"__name__": "verifier"}
    exec(compile(VERIFIER.read_text(encoding="utf-8"), VERIFIER.name, "exec"), names)

    def holds(probe):
        try:
            if "leafIdx" in probe:
                leaf = _bytes(probe["leafHash"])
                return names["root_from"](_path(probe), leaf, probe["leafIdx"], probe["treeSize"]) == _bytes(
                    probe["root"]
                )
            old, new = (probe["size1"], _bytes(probe["root1"])), (probe["size2"], _bytes(probe["root2"]))
            return names["has_grown"](_path(probe), *old, *new)
        except names["DoesNotHold"]:
            return False

    return holds


def test_the_probes_are_all_there_and_of_both_kinds():
    assert len(PROBES) == 196
    assert {"leafIdx" in probe for probe in PROBES} == {probe["wantErr"] for probe in PROBES} == {True, False}


def test_every_probe_is_judged_as_it_is_published():
    assert [probe["name"] for probe in PROBES if _by_gateway(probe) == probe["wantErr"]] == sorted(FROM_NOTHING)


def test_the_stand_alone_verifier_judges_every_probe_the_same(by_verifier):
    assert [probe["name"] for probe in PROBES if by_verifier(probe) == probe["wantErr"]] == sorted(FROM_NOTHING)
