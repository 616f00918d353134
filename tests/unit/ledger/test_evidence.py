"""Rows of evidence: what binds, what hides, and what forgetting does to each."""

import hashlib
import hmac
import itertools
import struct

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import LedgerDamaged
from gateway.ledger.digests import LinesDigest, decision_digest
from gateway.ledger.evidence import (
    checked_leaf,
    commitment,
    exclusion_leaf,
    handover_leaf,
    leaf,
    mask_factors,
    open_line,
    record_ref,
    references_under,
    registry_commitment,
    registry_leaf,
    seal_line,
    told_leaf,
    told_under,
)

SECRET = bytes(range(32))
OTHER = bytes(range(1, 33))
SUBJECT = "01234567-89ab-cdef-0123-456789abcdef"
LINE = b"Rabc,INVENTED,Person,QQ123456C"


def test_a_commitment_is_the_hash_that_the_format_says():
    agreed = b"\x00\x03jcp"
    assert commitment(SECRET, "jcp", LINE) == hashlib.sha256(SECRET + agreed + LINE).digest()


def test_a_leaf_is_the_hash_that_the_format_says():
    content = b"\x01\x00\x03L-1" + (7).to_bytes(4) + SUBJECT.encode() + (63).to_bytes(4) + (9).to_bytes(4) + b"c" * 32
    assert leaf("L-1", 7, SUBJECT, 63, 9, b"c" * 32) == hashlib.sha256(b"\x00" + content).digest()


def test_a_commitment_says_nothing_of_the_night_and_everything_of_the_line():
    assert commitment(SECRET, "jcp", LINE) == commitment(SECRET, "jcp", LINE)
    others = [
        commitment(OTHER, "jcp", LINE),
        commitment(SECRET, "jc", b"p" + LINE),
        commitment(SECRET, "jcp", LINE + b" "),
    ]
    assert commitment(SECRET, "jcp", LINE) not in others


def test_L7_any_part_of_a_row_changes_its_leaf():
    rows = [
        ("L-1", 7, SUBJECT, 63, 9, b"c" * 32),
        ("L-2", 7, SUBJECT, 63, 9, b"c" * 32),
        ("L-1", 8, SUBJECT, 63, 9, b"c" * 32),
        ("L-1", 7, SUBJECT[:-1] + "e", 63, 9, b"c" * 32),
        ("L-1", 7, SUBJECT, 62, 9, b"c" * 32),
        ("L-1", 7, SUBJECT, 63, 8, b"c" * 32),
        ("L-1", 7, SUBJECT, 63, 9, b"c" * 31 + b"d"),
    ]
    leaves = [leaf(*row) for row in rows]
    leaves += [exclusion_leaf("L-1", "jcp", SUBJECT, "protected"), exclusion_leaf("L-1", "jcp", SUBJECT, None)]
    leaves += [registry_leaf(1, 7, SUBJECT, b"c" * 32), registry_leaf(7, 1, SUBJECT, b"c" * 32)]
    assert len(set(leaves)) == len(leaves)


def test_L7_any_part_of_what_was_told_changes_its_leaf():
    row = ["RCN-1", 7, SUBJECT, "left", 63, 9, b"c" * 32]
    others = ["RCN-2", 8, SUBJECT[:-1] + "e", "lef", 62, 8, b"c" * 31 + b"d"]
    rows = [row, *([*row[:place], other, *row[place + 1 :]] for place, other in enumerate(others))]
    leaves = [told_leaf(*each) for each in rows]
    assert len({*leaves, handover_leaf("RCN-1", 7, SUBJECT)}) == len(rows) + 1
    for subject, committed in ((SUBJECT[:-1], b"c" * 32), (SUBJECT, b"c" * 33)):
        with pytest.raises(ValueError, match="other widths"):
            told_leaf("RCN-1", 7, subject, "left", 63, 9, committed)


@given(st.integers(0, 2**32 - 1), st.binary(min_size=32, max_size=32), st.binary(max_size=60))
def test_L7_people_told_of_alike_have_the_commitment_and_leaf_of_each(position, secret, said):
    committed = commitment(secret, "jcp", said)
    expected = committed, told_leaf("RCN-1", position, SUBJECT, "left", 63, 0, committed)
    finished = told_under("jcp", "RCN-1", "left", 63)
    assert finished(position, SUBJECT, secret, said) == expected
    with pytest.raises(ValueError, match="other widths"):
        finished(position, SUBJECT[:-1], secret, said)


def test_a_number_that_no_row_can_hold_is_an_error():
    with pytest.raises(struct.error):
        leaf("L-1", -1, SUBJECT, 63, 9, b"c" * 32)


def test_L7_no_byte_passes_from_one_column_to_the_next():
    assert checked_leaf("L-1", 7, SUBJECT, 63, 9, b"c" * 32) == leaf("L-1", 7, SUBJECT, 63, 9, b"c" * 32)
    for subject, committed in ((SUBJECT[:-1], b"c" * 32), (SUBJECT, b"c" * 33), (SUBJECT + "f", b"c" * 31)):
        with pytest.raises(ValueError, match="other widths"):
            checked_leaf("L-1", 7, subject, 63, 9, committed)


@given(st.binary(min_size=32, max_size=32), st.text(max_size=20), st.integers(0, 2**13 - 1))
def test_masking_twice_gives_the_factors_back(secret, reference, mask):
    masked = mask_factors(secret, reference, mask)
    assert 0 <= masked < 2**16
    assert mask_factors(secret, reference, masked) == mask


def test_the_same_factors_are_masked_differently_for_each_person_and_list():
    masks = {mask_factors(bytes([n]) * 32, f"L-{m}", 0b101) for n, m in itertools.product(range(20), range(20))}
    assert len(masks) > 350


def test_a_kept_line_opens_with_the_secret_and_in_its_place_only():
    sealed = seal_line(SECRET, "L-1", 7, LINE)
    assert open_line(SECRET, "L-1", 7, sealed) == LINE
    assert LINE not in sealed
    wrong = [(OTHER, "L-1", 7, sealed), (SECRET, "L-2", 7, sealed), (SECRET, "L-1", 8, sealed), (SECRET, "L-1", 7, b"")]
    for arguments in wrong:
        with pytest.raises(LedgerDamaged) as caught:
            open_line(*arguments)
        assert "QQ" not in str(caught.value)


def test_a_flipped_bit_of_a_kept_line_is_found():
    sealed = seal_line(SECRET, "L-1", 7, LINE)
    for place in range(len(sealed)):
        bent = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(LedgerDamaged):
            open_line(SECRET, "L-1", 7, bent)


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=32), st.text(max_size=60), st.integers(0, 2**32 - 1), st.binary(max_size=300))
def test_a_sealed_line_is_what_the_format_says(secret, reference, position, line):
    of_list = len(reference.encode()).to_bytes(2) + reference.encode()
    place = of_list + position.to_bytes(4)
    nonce = hmac.digest(secret, b"nonce" + place + line, "sha256")[:12]
    key = hmac.digest(secret, b"line" + of_list, "sha256")
    assert seal_line(secret, reference, position, line) == nonce + AESGCM(key).encrypt(nonce, line, place)


def test_a_secret_of_another_width_seals_nothing():
    with pytest.raises(ValueError, match="one width"):
        seal_line(b"short", "L-1", 1, LINE)


def test_another_line_in_the_same_place_never_repeats_a_nonce():
    nonces = {seal_line(SECRET, "L-1", 7, b"line %d" % number)[:12] for number in range(500)}
    assert len(nonces) == 500


@given(st.binary(min_size=1, max_size=100), st.uuids().map(str))
def test_a_reference_is_the_hmac_that_the_format_says(key, subject_ref):
    assert record_ref(key, subject_ref) == "R" + hmac.digest(key, subject_ref.encode(), "sha256")[:12].hex()


def test_two_agreements_cannot_be_joined_on_their_references():
    ours, theirs = references_under(b"a" * 32), references_under(b"b" * 32)
    subjects = [f"{number:08x}{SUBJECT[8:]}" for number in range(1000)]
    assert not {ours(subject) for subject in subjects} & {theirs(subject) for subject in subjects}
    assert len({ours(subject) for subject in subjects}) == 1000


def test_decisions_in_another_order_or_for_another_reason_give_another_digest():
    first, second = ("a", None), ("b", "protected")
    digests = [
        decision_digest(decisions)
        for decisions in ([first, second], [second, first], [first], [], [first, ("b", "under_age")], [("ab", None)])
    ]
    assert len(set(digests)) == len(digests)


def test_lines_that_were_split_otherwise_give_another_digest():
    def digest(*lines):
        made = LinesDigest()
        made.extend(lines)
        return made.hexdigest(), made.count

    assert digest(b"ab", b"c")[0] != digest(b"a", b"bc")[0]
    assert digest(b"ab", b"c")[1] == 2


def test_a_registry_leaf_binds_the_secret_and_the_identifiers_in_any_order():
    one, two = ("nino", 1, b"x" * 16), ("ehm", 1, b"y" * 16)
    assert registry_commitment(SECRET, [one, two]) == registry_commitment(SECRET, [two, one])
    others = {
        registry_commitment(SECRET, []),
        registry_commitment(SECRET, [one]),
        registry_commitment(SECRET, [one, two]),
        registry_commitment(OTHER, [one, two]),
        registry_commitment(SECRET, [("nino", 2, b"x" * 16), two]),
    }
    assert len(others) == 5
