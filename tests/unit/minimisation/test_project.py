"""Each agreed field in each of its transforms, as it stands in the list."""

from datetime import date

import pytest

from gateway.errors import AgreementMalformed
from gateway.minimisation import list_select
from gateway.model.agreement import Split
from gateway.model.fields import FIELDS, Transform
from tests.agreements_made import a_framework, an_agreement, fields
from tests.snapshot_builder import BEFORE, DAY, NEEDS, SNAPSHOT, Snapshot, reference, secret

WHERE = {"snapshot_id": SNAPSHOT, "day": DAY}


def values(connection, snapshot, *rules, **changes):
    """What stands in the rows of the agreed fields, beyond reference, secret and factors."""
    snapshot.write(connection)
    agreement = an_agreement(fields=(*fields("record_ref"), *rules), **changes)
    return [tuple(row[3:]) for row in connection.execute(list_select(agreement, a_framework(), **WHERE))]


def a_person(**columns):
    snapshot = Snapshot()
    snapshot.family(1, members=(snapshot.person(1, **columns),))
    return snapshot


@pytest.mark.parametrize(
    ("name", "transform", "columns", "value"),
    [
        ("surname", Transform.AS_IS, {"surname": "Smith-Jones"}, "Smith-Jones"),
        ("surname", Transform.AS_IS, {"surname": ""}, None),
        ("surname", Transform.AS_IS, {"surname": None}, None),
        ("forename", Transform.AS_IS, {"forename": "Zoë"}, "Zoë"),
        ("date_of_birth", Transform.AS_IS, {"date_of_birth": date(2004, 2, 29)}, "2004-02-29"),
        ("date_of_birth", Transform.YEAR, {"date_of_birth": date(2004, 2, 29)}, "2004"),
        ("nino", Transform.AS_IS, {"nino": "QQ123456A"}, "QQ123456A"),
        ("nino", Transform.AS_IS, {"nino": None}, None),
        ("postcode", Transform.AS_IS, {"nino": "QQ123456A"}, "CB1 2AB"),
        ("postcode", Transform.SECTOR, {}, "CB1 2"),
        ("postcode", Transform.WHEN_NINO_BLANK, {"nino": "QQ123456A"}, None),
        ("postcode", Transform.WHEN_NINO_BLANK, {"nino": None}, "CB1 2AB"),
        ("postcode", Transform.WHEN_NINO_BLANK, {"nino": ""}, "CB1 2AB"),
        ("record_action", Transform.AS_IS, {}, "A"),
    ],
)
def test_a_person_s_own_field(connection, name, transform, columns, value):
    assert values(connection, a_person(**columns), *fields(name, **{name: transform})) == [(value,)]


def test_the_action_is_what_the_caller_says(connection):
    a_person().write(connection)
    agreement = an_agreement(fields=fields("record_ref", "record_action"))
    rows = connection.execute(list_select(agreement, a_framework(), action="C", **WHERE)).all()
    assert [row.record_action for row in rows] == ["C"]


@pytest.mark.parametrize(
    ("sector", "split", "office"),
    [
        ("CB1 2", Split("jobcentre", "cambridge"), "wisbech"),
        ("ZE1 0", Split("jobcentre", "cambridge"), "cambridge"),
        (None, Split("jobcentre", "cambridge"), "cambridge"),
        ("CB1 2", None, "wisbech"),
        (None, None, None),
    ],
)
def test_the_office_is_that_of_the_sector_or_the_fallback(connection, sector, split, office):
    snapshot = a_person(postcode_sector=sector)
    snapshot.office("CB1 2", "wisbech")
    assert values(connection, snapshot, *fields("jcp_office"), split=split) == [(office,)]


LEAD = fields("lead_professional_name", "lead_professional_contact", "lead_professional_org")
HUB, NUMBER = "Early Help Hub", "01632 960 001"


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({}, ("Sam Worker", "sam.worker@county.example", "Early Help")),
        ({"email": None, "phone": "01632 960 777"}, ("Sam Worker", "01632 960 777", "Early Help")),
        ({"email": "", "phone": "+44 1632 960777"}, ("Sam Worker", "+44 1632 960777", "Early Help")),
        ({"email": None, "phone": ""}, ("Sam Worker", NUMBER, "Early Help")),
        ({"name": None, "team": None}, (None, "sam.worker@county.example", HUB)),
        ({"team": "Education Inclusion"}, ("Sam Worker", "sam.worker@county.example", "Education support")),
        ({"team": "The Invented Project"}, ("Sam Worker", "sam.worker@county.example", HUB)),
    ],
)
def test_the_lead_professional_is_told_in_allowed_words_only(connection, columns, said):
    snapshot = a_person()
    snapshot.only("involvements", family_key=1)[0].update(columns)
    assert values(connection, snapshot, *LEAD) == [said]


def test_an_agreement_without_team_labels_tells_its_general_label(connection):
    assert values(connection, a_person(), *LEAD, team_labels=())[0][2] == HUB


def test_where_no_lead_professional_is_needed_and_none_is_there_the_agreement_s_words_stand(connection):
    snapshot = a_person()
    snapshot.drop("involvements", family_key=1)
    snapshot.write(connection)
    agreement = an_agreement(fields=(*fields("record_ref"), *LEAD))
    rows = connection.execute(list_select(agreement, a_framework(must_exist=frozenset()), **WHERE)).all()
    assert [tuple(row[3:]) for row in rows] == [(None, NUMBER, HUB)]


def test_the_lead_professional_is_the_one_who_began_last_and_of_two_the_first_entered(connection):
    snapshot = a_person()
    snapshot.drop("involvements", family_key=1)
    for name, from_on, to_on in (
        ("Began First", BEFORE, None),
        ("Not Yet", date(2026, 11, 23), None),
        ("Began Last", date(2026, 11, 22), None),
        ("Began Last Too", date(2026, 11, 22), None),
        ("Left Today", date(2026, 11, 22), DAY),
    ):
        snapshot.lead(1, name=name, from_on=from_on, to_on=to_on)
    assert values(connection, snapshot, *fields("lead_professional_name")) == [("Began Last",)]


def test_the_lead_professional_is_that_of_the_family_relied_on(connection):
    snapshot = a_person()
    snapshot.only("involvements", family_key=1)[0]["name"] = "Of The First"
    snapshot.family(2, members=(1,))
    snapshot.only("involvements", family_key=2)[0].update(name="Of The Second", from_on=DAY)
    assert values(connection, snapshot, *fields("lead_professional_name")) == [("Of The First",)]


@pytest.mark.parametrize(
    ("needs", "said"),
    [
        (("1.1", "10.1", "10.2"), (None, None, None)),
        (("9.1", "10.1", "10.2"), ("yes", None, None)),
        (("3.2", "10.1", "10.2"), (None, "yes", None)),
        (("3.3", "10.1", "10.2"), (None, "yes", None)),
        # Substance misuse is not told as a health need.
        (("4.1", "10.1", "10.2"), (None, None, None)),
        (("7.1", "10.1", "10.2"), (None, None, "yes")),
        (("3.2", "7.1", "9.1"), ("yes", "yes", "yes")),
    ],
)
def test_needs_are_told_as_yes_or_blank(connection, needs, said):
    snapshot = Snapshot()
    snapshot.family(1, members=(snapshot.person(1),), needs=needs)
    assert values(connection, snapshot, *fields("need_housing", "need_health", "need_offending")) == [said]


def test_a_need_that_was_met_is_not_told(connection):
    snapshot = a_person()
    snapshot.only("needs", code="9.1")[0]["met_on"] = DAY
    snapshot.need(1, "1.1")
    assert values(connection, snapshot, *fields("need_housing")) == [(None,)]


def test_every_field_and_transform_of_the_vocabulary_can_be_projected(connection):
    for field in FIELDS.values():
        for transform in field.transforms:
            agreement = an_agreement(fields=fields("record_ref", field.name, **{field.name: transform}))
            list_select(agreement, a_framework(), **WHERE)


@pytest.mark.parametrize(("name", "transform"), [("nino", Transform.YEAR), ("invented", Transform.AS_IS)])
def test_a_field_or_transform_outside_the_vocabulary_is_refused(name, transform):
    agreement = an_agreement(fields=fields("record_ref", name, **{name: transform}))
    with pytest.raises(AgreementMalformed):
        list_select(agreement, a_framework(), **WHERE)


def test_the_columns_are_the_reference_the_secret_the_factors_and_the_agreed_fields_in_their_order(connection):
    snapshot = Snapshot()
    snapshot.family(1, members=(snapshot.person(1), snapshot.person(2), snapshot.person(3, flags=1)), needs=NEEDS)
    snapshot.write(connection)
    agreement = an_agreement(fields=fields("record_ref", "forename", "nino", "surname"))
    result = connection.execute(list_select(agreement, a_framework(), **WHERE))
    assert tuple(result.keys()) == ("subject_ref", "secret", "factors", "forename", "nino", "surname")
    rows = [tuple(row) for row in result]
    factors = 1 << 5 | 1 << 7 | 1 << 12
    assert rows == sorted(
        (reference(key), secret(key).hex(), factors, "Ada", None, f"Synthetic{key}") for key in (1, 2)
    )
