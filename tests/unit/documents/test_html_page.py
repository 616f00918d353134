"""Pages for people: what is put in is shown and never obeyed, and what a reader's software needs is there."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.documents.html_page import bullets, code, facts, joined, lines, link, numbered, page, section, table, text

HOSTILE = "<script>alert('x')</script>\" onload=\"go()&amp;"


class Reading(HTMLParser):
    """What a browser would take from a page."""

    def __init__(self, of: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(of)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def everything(value: str) -> str:
    return page(
        value,
        section(value, facts(value, [(value, value)]), bullets([value]), numbered([lines([value, value])])),
        table(value, [value, value], [[value, code(value)]]),
        lead=value,
        notice=value,
        foot=value,
    )


def _with(value, attributes):
    return attributes | ({"aria-label": value} if "aria-label" in attributes else {})


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_whatever_is_put_in_is_shown_and_changes_no_tag(value):
    usual, read = Reading(everything("x")), Reading(everything(value))
    assert read.tags == [(tag, _with(value, attributes)) for tag, attributes in usual.tags]
    assert read.texts.count(value) >= 10 or not value.strip()


def test_what_looks_like_a_script_is_words():
    assert "script" not in {name for name, _ in Reading(everything(HOSTILE)).tags}
    assert text(HOSTILE) == text(text(HOSTILE))
    assert joined("<", text("<")) == "&lt;&lt;"


def test_nothing_is_fetched_or_run():
    read = Reading(everything("x"))
    policy = next(tag["content"] for tag in read.named("meta") if "http-equiv" in tag)
    assert "default-src 'none'" in policy
    fetched = {"src", "srcset", "data", "action", "poster", "background"}
    assert not [tag for tag, attributes in read.tags if fetched & set(attributes) or tag in {"link", "script", "img"}]


def test_a_page_says_its_language_and_a_table_what_its_cells_are():
    read = Reading(everything("x"))
    assert read.named("html") == [{"lang": "en-GB"}]
    assert len(read.named("h1")) == 1
    assert len(read.named("caption")) == len(read.named("table")) == 2
    assert {tag["scope"] for tag in read.named("th")} == {"col", "row"}


def test_numbers_stand_to_the_right_with_separators_and_what_is_not_known_says_so():
    shown = table("Lists", ["list", "people"], [["a", 3180], ["b", 12]])
    assert '<td class="number">3,180</td>' in shown
    assert "not recorded" in facts("Agreement", [("benefits", None)])
    assert table("Lists", ["list"], []) == "<p>Lists: none.</p>"


@pytest.mark.parametrize("target", ["https://example.test/", "/etc/x", "../x.html", "javascript:x"])
def test_a_page_links_to_its_neighbours_alone(target):
    with pytest.raises(ValueError, match="beside it"):
        link(target, "x")
    assert link("runs.html", "Runs") == '<a href="runs.html">Runs</a>'
