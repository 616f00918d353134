"""Numbers that reach disk: bits of fields, factors and flags are unique and never move."""

from gateway.model.factors import BIT, FACTORS, mask_of
from gateway.model.fields import FIELDS, bitmap_of, names_of
from gateway.model.flags import ALWAYS_BLOCKING, FAMILY_WIDE, FLAG_BIT, FlagKind, flag_mask


def test_the_bits_that_are_stored_have_not_moved():
    assert {name: field.bit for name, field in FIELDS.items()} == {
        "record_ref": 0,
        "record_action": 1,
        "surname": 2,
        "forename": 3,
        "date_of_birth": 4,
        "nino": 5,
        "postcode": 6,
        "jcp_office": 7,
        "lead_professional_name": 8,
        "lead_professional_contact": 9,
        "lead_professional_org": 10,
        "need_housing": 11,
        "need_health": 12,
        "need_offending": 13,
    }
    assert [BIT[letter] for letter in "abcdefghijklm"] == [1 << n for n in range(13)]
    assert [FLAG_BIT[kind] for kind in FlagKind] == [1 << n for n in range(11)]


def test_a_bitmap_of_fields_reads_back():
    assert names_of(bitmap_of(("surname", "record_ref"))) == ("record_ref", "surname")


def test_a_mask_of_factors_has_a_bit_for_each():
    assert len(FACTORS) == 13
    assert mask_of("mfa") == BIT["a"] | BIT["f"] | BIT["m"]
    assert mask_of("aa") == mask_of("a")


def test_flags_that_show_where_somebody_lives_reach_the_whole_family_and_always_block():
    """Law L3: a domestic-abuse flag on one adult blocks all adults of all their families."""
    assert FAMILY_WIDE <= ALWAYS_BLOCKING
    assert flag_mask(frozenset(FlagKind)) == (1 << 11) - 1
