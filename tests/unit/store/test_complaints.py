"""Notes: what is committed to, and in which of them somebody is named."""

import pytest

from gateway.store.complaints import note_commitment, stands_in


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Mrs Quill rang.", True),
        ("mrs QUILL's sister", True),
        ("Quillian Street", False),
        ("no name", False),
        ("lives at CB13ZX now", True),
        ("lives at cb1 3zx", True),
        ("born 1961-08-17", True),
        ("born 19610817", True),
        ("Mr van der Quoll", True),
        ("Mr VanderQuoll", True),
        ("", False),
    ],
)
def test_a_note_names_somebody_by_a_whole_word_whatever_its_case_and_spacing(text, named):
    assert stands_in(text, {"Quill", "CB1 3ZX", "1961-08-17", "van der Quoll"}) is named


def test_nobody_is_named_by_no_word():
    assert not stands_in("Mrs Quill", set())
    assert not stands_in("Mrs Quill", {"", "-"})


def test_what_an_entry_holds_of_a_note_is_another_under_another_salt():
    assert note_commitment(b"a" * 32, "said") != note_commitment(b"b" * 32, "said")
