"""A new county's folder is whole, explains every setting, and is made over nothing."""

import re

import pytest

from gateway.errors import SettingsInvalid
from gateway.model.officers import Role
from gateway.services.new_county import TEMPLATES, NewCounty, lay_out, origin_for
from gateway.settings import Settings, read_settings


@pytest.fixture(autouse=True)
def _no_settings_of_ours(monkeypatch):
    monkeypatch.delenv("GATEWAY_STATE", raising=False)


def a_county(**changes) -> NewCounty:
    terms = {
        "controller": 'The "Fen" \\ Cœunty Council, Ely',
        "environment": "production",
        "origin": "fen/gateway",
        "account": "CORP\\some one",
        "name": "Some One",
    }
    return NewCounty(**(terms | changes))


def test_every_setting_stands_in_the_file_with_words_above_its_section_or_itself(tmp_path):
    """One that most counties leave alone stands behind a `#`, ready to be used."""
    text = lay_out(tmp_path / "county", a_county()).read_text(encoding="utf-8")
    sections = {found[1]: found[2] for found in re.finditer(r"(?ms)^(?:# )?\[(\w+)\]$(.*?)(?=^(?:# )?\[|\Z)", text)}
    for section, field in Settings.model_fields.items():
        if section not in {"base", "actors"}:
            said = set(re.findall(r"(?m)^(?:# )?(\w+) = ", sections[section]))
            assert said == set(field.annotation.model_fields) - {"database_file"}, section
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if " = " in line and not line.startswith(("#", "name", "roles")):
            assert lines[number - 1].startswith("#"), line


def test_what_stands_behind_a_sign_can_be_used_as_it_is(tmp_path):
    file = lay_out(tmp_path / "county", a_county())
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"(?m)^# (?=\[\w+\]$|\w+ = )", "", text), encoding="utf-8")
    used = read_settings(file).model_dump()
    assert used["mail"]["recipients"] == ("data-team@county.example",)


def test_the_file_says_what_is_in_force_anyway(tmp_path):
    """But for folders, which lie together in a new county, a setting's value is its default."""
    settings = read_settings(lay_out(tmp_path / "county", a_county()))
    defaults = Settings(gateway=settings.gateway, actors=settings.actors)
    for section in ("limits", "alerts", "service"):
        assert getattr(settings, section) == getattr(defaults, section)
    assert settings.gateway.controller == 'The "Fen" \\ Cœunty Council, Ely'
    assert settings.actors["CORP\\some one"].roles == {Role.OPERATOR, Role.DATA_OFFICER}
    for name in (
        "mappings",
        "frameworks",
        "agreements",
        "approvals",
        "approvers",
        "partners",
        "jobcentres",
        "holidays",
    ):
        assert settings.path(getattr(settings.folders, name)).exists(), name
    assert sorted(path.name for path in (tmp_path / "county" / "extracts").iterdir()) == [
        *("capita_one", "liquidlogic_ehm", "suppression"),
    ]


def test_agreements_are_copied_to_the_byte_unless_the_caller_changes_them(tmp_path):
    lay_out(tmp_path / "real", a_county())
    lay_out(tmp_path / "rehearsed", a_county(), change=lambda text: text.replace("version: 1", "version: 7"))
    for document in sorted((TEMPLATES / "agreements").glob("*.yaml")):
        assert (tmp_path / "real" / "agreements" / document.name).read_bytes() == document.read_bytes()
        assert "version: 7" in (tmp_path / "rehearsed" / "agreements" / document.name).read_text(encoding="utf-8")


def test_a_database_elsewhere_is_named_by_its_file(tmp_path):
    kept = tmp_path / "address"
    kept.write_text("postgresql+psycopg://gateway@db.invalid/gateway\n")
    kept.chmod(0o600)
    settings = read_settings(lay_out(tmp_path / "county", a_county(database_file=kept)))
    assert settings.gateway.database is None
    assert settings.database_url() == "postgresql+psycopg://gateway@db.invalid/gateway"


def test_a_folder_that_is_there_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(SettingsInvalid, match="nothing is written over"):
        lay_out(tmp_path, a_county())
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("controller", "origin"),
    [
        ("Fenshire County Council", "fenshire-county-council/gateway"),
        ("  St. Ives & District  ", "st-ives-district/gateway"),
        ("Ynys Môn", "ynys-m-n/gateway"),
        ("Ω", "county/gateway"),
        ("x" * 200, f"{'x' * 60}/gateway"),
    ],
)
def test_the_logs_name_is_made_of_the_councils(controller, origin):
    assert origin_for(controller) == origin
