"""A manifest has exactly one sequence of bytes, survives signing, and cannot be read as anything else."""

import json
from datetime import datetime

import pysequoia
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clock import SystemClock
from gateway.errors import PackageCorrupt
from gateway.sealing.certificate import fingerprint_of, usable_signer
from gateway.sealing.manifest import Content, build_manifest, parse_manifest, sign_manifest
from gateway.sealing.signatures import signed_text
from tests.gpg_desk import Desk
from tests.manifests_made import NOTE, a_manifest

_DIFFERENCES = a_manifest(
    content=Content.DELTA, base="JCP-2026-11-15-cambridge", base_root="ef" * 32, held=3100, sequence=9
)


def test_a_manifest_reads_back_as_it_was() -> None:
    for facts in (
        a_manifest(),
        a_manifest(supersedes="JCP-2026-11-15-cambridge"),
        a_manifest(checkpoint=()),
        _DIFFERENCES,
    ):
        assert parse_manifest(build_manifest(facts)) == facts


def test_it_can_be_read_by_eye_and_says_how_it_is_marked() -> None:
    text = build_manifest(a_manifest()).decode("ascii")
    assert (
        '"marking": "OFFICIAL-SENSITIVE"' in text.splitlines()[14].strip() or '"marking": "OFFICIAL-SENSITIVE"' in text
    )
    assert '  "destroy_by": "2026-12-20",\n' in text
    assert max(len(line) for line in text.splitlines()) < 120


def test_the_checkpoint_can_be_put_together_again() -> None:
    body = json.loads(build_manifest(a_manifest()))
    assert "\n".join(body["checkpoint"]) + "\n" == NOTE


@given(st.integers(0, 10_000), st.text(st.characters(codec="utf-8"), min_size=1, max_size=40).filter(str.isprintable))
def test_any_sound_manifest_survives_the_round_trip(people: int, controller: str) -> None:
    facts = a_manifest(people=people, controller=controller)
    assert parse_manifest(build_manifest(facts)) == facts


@pytest.mark.parametrize(
    "changed",
    [
        {"people": -1},
        {"people": True},
        {"people": "3180"},
        {"controller": "two\nlines"},
        {"controller": ""},
        {"controller": "x" * 301},
        {"package_sha256": "CD" * 32},
        {"signing_key": "A" * 16},
        {"destroy_by": datetime(2026, 12, 20)},  # noqa: DTZ001 - a fault on purpose
        {"fields": ["record_ref"]},
        {"checkpoint": ("a\nb",)},
        {"content": "delta"},
        {"base": "two\nlines"},
        {"base_root": "ef"},
        {"held": -1},
        {"sequence": None},
    ],
    ids=str,
)
def test_a_value_that_does_not_fit_is_refused_before_it_is_signed(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="may not stand in a manifest") as refusal:
        build_manifest(a_manifest(**changed))
    assert next(iter(changed)) in str(refusal.value)


def edited(edit) -> bytes:
    body = json.loads(build_manifest(a_manifest()))
    edit(body)
    return json.dumps(body, sort_keys=True, indent=2).encode() + b"\n"


@pytest.mark.parametrize(
    "edit",
    [
        lambda body: body.pop("people"),
        lambda body: body.update(more=1),
        lambda body: body.update(format="supporting-families-gateway/manifest/2"),
        lambda body: body.update(marking="OFFICIAL"),
        lambda body: body.update(people=1.0),
        lambda body: body.update(destroy_by="20261220"),
        lambda body: body.update(destroy_by="tomorrow"),
        lambda body: body.update(file_format="xlsx"),
        lambda body: body.update(fields="record_ref"),
        lambda body: body.update(checkpoint=None),
    ],
)
def test_another_form_is_refused(edit) -> None:
    with pytest.raises(PackageCorrupt):
        parse_manifest(edited(edit))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"null",
        b"[" * 60_000,
        b'{"people": 1, "people": 1}',
        build_manifest(a_manifest()).replace(b"  ", b" "),
        build_manifest(a_manifest()).replace(b'  "part"', b'  "part": "ely",\n  "part"'),
        build_manifest(a_manifest()) + b"{}",
        b"\xff" + build_manifest(a_manifest()),
    ],
    ids=["empty", "list", "null", "deep", "twice", "spaces", "key twice", "more", "not text"],
)
def test_other_bytes_are_refused(text: bytes) -> None:
    with pytest.raises(PackageCorrupt):
        parse_manifest(text)


@pytest.mark.gpg
def test_a_signed_manifest_is_verified_by_the_desks_gpg_and_read_from_what_it_prints(
    desk: Desk, our_key: bytes
) -> None:
    signed = sign_manifest(build_manifest(a_manifest()), our_key)
    certificate = bytes(pysequoia.Tsk.from_bytes(our_key).extract_certificate())
    signer = usable_signer(certificate, fingerprint_of(certificate), SystemClock().today())
    assert parse_manifest(signed_text(signed, signer)) == a_manifest()
    desk.knows(certificate)
    assert parse_manifest(desk.do("--decrypt", given=signed)) == a_manifest()
