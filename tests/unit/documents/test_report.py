"""Reports: what a page says the plain text says too, in a form that can be signed."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.documents.report import WIDTH, Grid, Part, Report, report_page, report_text

REPORT = Report(
    "What was found",
    "A report of everything.",
    "Made for tests at 2026-11-22T23:10:00Z.",
    (
        Part("Sentences", sentences=("One. " * 40, "Two.")),
        Part("Facts", facts=(("people", 3180), ("benefits", None), ("key", "A" * 120))),
        Part("Things to do", items=("Write. " * 30, "Send.")),
        Part(
            "Tables",
            grids=(
                Grid("Lists", ("list", "people"), (("LST-1", 1203), ("LST-22", 7))),
                Grid("Hashes", ("list", "sha256", "part"), (("LST-1", "f" * 64, "long words " * 8),)),
                Grid("Nothing", ("list",), ()),
            ),
        ),
    ),
    notice="Invented people.",
)
WORDS = ("3,180", "not recorded", "A" * 120, "LST-22", "f" * 64, "Nothing: none.", "Invented people.", "Send.")


def test_the_page_and_the_text_say_the_same():
    for shown in (report_page(REPORT), report_text(REPORT)):
        for word in WORDS:
            assert word in shown


def test_numbers_in_the_text_stand_under_each_other():
    lines = report_text(REPORT).splitlines()
    assert lines[lines.index("Lists:") + 1 :][:3] == ["  list    people", "  LST-1    1,203", "  LST-22       7"]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=300))
def test_plain_text_can_be_signed_and_comes_back_as_it_was(words):
    text = report_text(
        Report(
            "T",
            words,
            words,
            (Part("P", (words,), ((words[:20], words),), (words,), (Grid(words, ("a", "b"), ((words, words),)),)),),
        )
    )
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    for line in text.splitlines():
        assert line == line.rstrip()


def test_lines_fit_a_page_unless_one_word_does_not():
    assert all(len(line) <= WIDTH or "A" * 120 in line for line in report_text(REPORT).splitlines())
    assert not any(line.startswith("-") for line in report_text(REPORT).splitlines())
