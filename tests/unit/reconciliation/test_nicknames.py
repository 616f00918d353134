"""The table of forenames: which forms are one name, and which are names."""

import pytest

from gateway.errors import ConfigurationError
from gateway.reconciliation.nicknames import NO_NICKNAMES, parse_nicknames
from tests.linkage_made import nicknames


def test_two_forms_of_one_group_share_it() -> None:
    table = parse_nicknames(
        "name,forms,community\nMałgorzata,Gosia Gośka,Polish\nAlexandra,Alex,British\nAlexander,Alex,British\n"
    )
    assert table.of("gosia") == table.of("malgorzata") == ("malgorzata",)
    assert table.of("alex") == ("alexander", "alexandra")
    assert table.of("nobody") == NO_NICKNAMES.of("gosia") == ()


@pytest.mark.parametrize(
    "text", ["", "name,forms\nA,B\n", "name,forms,community\nA,B\n", "name,forms,community\n,B,C\n"]
)
def test_another_form_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"nicknames\.csv"):
        parse_nicknames(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [("alfie", "alfred"), ("archie", "archibald"), ("mo", "muhammad"), ("kuba", "jakub"), ("gosia", "malgorzata"),
     ("kate", "catherine"), ("biddy", "bridget"), ("costel", "constantin"), ("chico", "francisco")],
)  # fmt: skip
def test_the_names_of_the_county_are_there(one: str, other: str) -> None:
    assert set(nicknames().of(one)) & set(nicknames().of(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("hassan", "hussain"), ("paul", "paula"), ("jack", "jacob"), ("jayden", "kayden"), ("laura", "lauren"),
     ("natalie", "natasha"), ("daniel", "daniela"), ("kevin", "kieran")],
)  # fmt: skip
def test_names_of_two_children_are_not_one(one: str, other: str) -> None:
    assert not set(nicknames().of(one)) & set(nicknames().of(other))
