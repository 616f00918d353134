"""What may stand in an entry, and above all what may not."""

import pytest

from gateway.ledger import kinds


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (kinds.CODE, "changed_too_much"),
        (kinds.NAME, "liquidlogic_ehm/persons"),
        (kinds.NAME, "2026.1.0+build"),
        (kinds.REFERENCE, "LST-jcp-2026-11-22-all"),
        (kinds.PRINCIPAL, "ig.lead@county.example"),
        (kinds.PRINCIPAL, "COUNTY\\svc-gateway$"),
        (kinds.SUBJECT, "01234567-89ab-cdef-0123-456789abcdef"),
        (kinds.HASH, "0" * 64),
        (kinds.FINGERPRINT, "A" * 40),
        (kinds.FINGERPRINT, "SHA256:" + "a" * 43),
        (kinds.CASE, "IG-2026-0142"),
        (kinds.CASE, "SAR/2026/17"),
        (kinds.CASE, "INC0012345"),
        (kinds.number, 0),
        (kinds.number, 2**53 - 1),
        (kinds.truth, False),
        (kinds.day, "2026-02-28"),
        (kinds.instant, "2026-11-22T23:10:00Z"),
        (kinds.CODES, []),
        (kinds.COUNTS, {"under_age": 3}),
        (kinds.HASHES, {"liquidlogic_ehm/persons": "0" * 64}),
    ],
)
def test_what_a_kind_is_for_fits_it(kind, value):
    assert kind(value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (kinds.CODE, "Changed too much"),
        (kinds.CODE, "a" * 61),
        (kinds.CODE, 3),
        (kinds.NAME, "two words"),
        (kinds.NAME, "Zo\u00eb"),
        (kinds.SUBJECT, "01234567-89AB-cdef-0123-456789abcdef"),
        (kinds.HASH, "0" * 63),
        (kinds.HASH, "G" * 64),
        (kinds.CASE, "the Smith case"),
        (kinds.CASE, "IG-2026-0142\n"),
        (kinds.number, True),
        (kinds.number, -1),
        (kinds.number, 2**53),
        (kinds.number, "3"),
        (kinds.truth, 1),
        (kinds.day, "2026-02-30"),
        (kinds.day, "20260228"),
        (kinds.day, 20260228),
        (kinds.instant, "2026-11-22T23:10:00+00:00"),
        (kinds.instant, "2026-11-22T3:10:00Z"),
        (kinds.instant, None),
        (kinds.CODES, "empty"),
        (kinds.CODES, ["empty", "Not A Code"]),
        (kinds.COUNTS, {"under_age": "three"}),
        (kinds.COUNTS, {"under age": 3}),
        (kinds.COUNTS, ["under_age"]),
        (kinds.one_of("a", "b"), "c"),
        (kinds.one_of("a", "b"), 1),
    ],
)
def test_what_a_kind_is_not_for_does_not_fit(kind, value):
    assert not kind(value)


@pytest.mark.parametrize("value", ["QQ123456C", "QQ123456", "qq123456c", "QQ12 34 56C", "qq 12 34 56 c"])
@pytest.mark.parametrize("kind", [kinds.CODE, kinds.NAME, kinds.REFERENCE, kinds.PRINCIPAL, kinds.CASE])
def test_L8_nothing_in_the_shape_of_a_national_insurance_number_fits_any_kind(kind, value):
    assert not kind(value)
