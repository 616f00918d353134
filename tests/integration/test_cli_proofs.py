"""`gateway audit proof` and `bundle` at the command line, and the verifier over what they wrote."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.audited_county import an_audited_county
from tests.command_line import gateway

VERIFIER = Path("gateway/verifier/verify_evidence.py").resolve()


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    return an_audited_county(tmp_path_factory.mktemp("proofs"))


@pytest.fixture(scope="module")
def key(county):
    with county.at(county.clock.now()) as workplace:
        return workplace.keys.checkpoint_signer().vkey


def run(county, *words, **more):
    return gateway("--config", str(county.settings_file), "audit", *words, **more)


def verified(file: Path, key: str, *words: str):
    command = [sys.executable, "-I", str(VERIFIER), str(file), "--key", key, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_a_row_an_entry_and_growth_are_written_as_one_document_and_hold(county, key, tmp_path):
    kept = county.lists()[0]
    for words in (("--list", kept.reference, "--position", "2"), ("--entry", "3"), ("--consistency", "1")):
        ran = run(county, "proof", *words)
        assert ran.code == 0, ran.said
        file = tmp_path / "proof.json"
        file.write_text(ran.out, encoding="utf-8")
        ended = verified(file, key)
        assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_person_is_read_from_standard_input_and_goes_with_a_reason(county):
    kept = county.lists()[0]
    about = ("proof", "--list", kept.reference, "--person", "-")
    assert run(county, *about, stdin="QQ000000A\n").code == 2
    asked = run(county, *about, "--reason", "audit", "--case", "IA-2026-1", stdin="QQ000000A\n")
    assert (asked.code, asked.out) == (1, "")
    assert "no row of" in asked.err


def test_a_bundle_is_a_new_private_file_that_holds(county, key, tmp_path):
    out = tmp_path / "lists.jsonl"
    ran = run(county, "bundle", "--from", "2026-11-01", "--to", "2026-11-30", "--out", str(out), "--json")
    assert ran.code == 0, ran.said
    assert ran.document()["damaged"] == []
    assert out.stat().st_mode & 0o077 == 0
    ended = verified(out, key)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count(" rows, for ") == len(ran.document()["lists"]) == 6
    assert all(json.loads(line) for line in out.read_bytes().splitlines())
    assert run(county, "bundle", "--from", "2026-11-01", "--to", "2026-11-30", "--out", str(out)).code == 2


def test_a_bundle_of_what_is_not_there_leaves_no_file(county, tmp_path):
    out = tmp_path / "none.jsonl"
    assert run(county, "bundle", "L-none", "--out", str(out)).code == 2
    assert not out.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("proof",),
        ("proof", "--list", "L"),
        ("proof", "--entry", "1", "--consistency", "1"),
        ("bundle", "L", "--from", "2026-11-01", "--to", "2026-11-02", "--out", "x"),
    ],
)
def test_what_cannot_be_meant_is_refused(county, words, tmp_path):
    words = [str(tmp_path / word) if word == "x" else word for word in words]
    assert run(county, *words).code == 2


def test_a_witness_cosigns_what_grew_and_verifying_holds_the_log_against_it(county, key, tmp_path):
    state = str(tmp_path / "witness.json")
    made = gateway("audit", "witness", "new", "--state", state, "--name", "desk.example/second", "--log", key)
    assert made.code == 0, made.said
    assert Path(state).stat().st_mode & 0o077 == 0
    proof = run(county, "proof", "--consistency", "0").out
    cosigned = gateway("audit", "witness", "cosign", "--state", state, stdin=proof)
    assert cosigned.code == 0, cosigned.said
    shown = gateway("audit", "witness", "show", "--state", state, "--json").document()
    assert shown["witness"] == made.out.strip()
    assert list(shown["logs"].values()) == [int(cosigned.out.split("\n")[1])]
    kept = tmp_path / "cosigned.txt"
    kept.write_text(cosigned.out, encoding="utf-8")
    witnessed = ("--checkpoint", str(kept), "--witness", made.out.strip())
    assert run(county, "verify", *witnessed).code == 0
    file = tmp_path / "proof.json"
    file.write_text(proof, encoding="utf-8")
    assert verified(file, key, "--checkpoint", str(kept)).returncode == 0
    smaller = gateway("audit", "witness", "cosign", "--state", state, stdin=run(county, "proof", "--entry", "1").out)
    assert (smaller.code, smaller.out) == (4, "")
    Path(state).chmod(0o644)
    assert gateway("audit", "witness", "show", "--state", state).code == 5
