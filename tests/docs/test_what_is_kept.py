"""What is kept how long is said of every table, once, and its defaults are those of the settings."""

import re
from pathlib import Path

import pytest

from gateway.settings import ComplaintsSection, ForgettingSection, LimitsSection, LogSection, ReconciliationSection
from gateway.store.tables import metadata

PAGE = (Path(__file__).resolve().parents[2] / "docs/explanation/what-is-kept.md").read_text(encoding="utf-8")
TABLES = PAGE.split("## Outside the database")[0]


def rows() -> list[list[str]]:
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in TABLES.splitlines() if line.startswith("| `")
    ]
    assert all(len(row) == 4 for row in cells)
    return cells


def test_every_table_stands_in_the_page_once_with_how_long_and_by_whom():
    named = [name for row in rows() for name in re.findall(r"`([a-z_]+)`", row[0])]
    assert sorted(named) == sorted(metadata.tables)
    assert all(all(cell for cell in row) for row in rows())


@pytest.mark.parametrize(
    ("section", "name"),
    [
        (LimitsSection, "snapshot_kept_days"),
        (LimitsSection, "evidence_kept_years"),
        (ForgettingSection, "backups_kept_days"),
        (ComplaintsSection, "notes_kept_days"),
        (ReconciliationSection, "rows_kept_days"),
        (LogSection, "kept_months"),
    ],
)
def test_a_default_that_the_page_names_is_the_one_of_the_settings(section, name):
    said = re.search(rf"`{name}` \((\d+)\)", PAGE)
    assert said is not None
    assert int(said[1]) == section.model_fields[name].default
