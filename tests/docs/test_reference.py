"""The reference pages say what the code says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "keys/README.md",
    ROOT / "agreements/README.md",
]


def test_every_generated_page_is_what_the_code_says():
    checked = subprocess.run(
        [sys.executable, "scripts/render_docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_a_page_names_exists(page):
    """A command in the manual that is not there sends somebody looking at two in the morning."""
    from gateway.cli import COMMANDS, gateway

    for words in re.findall(r"`gateway ([a-z][a-z -]*)", page.read_text(encoding="utf-8")):
        name, *rest = words.split()
        assert name in COMMANDS, f"{page.name} names gateway {name}"
        command = gateway.get_command(None, name)
        below = getattr(command, "commands", {})
        if below and rest:
            assert rest[0] in below, f"{page.name} names gateway {name} {rest[0]}"


def test_the_readme_fits_on_a_few_screens():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 160
