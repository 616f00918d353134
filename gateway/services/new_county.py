"""Edge: lay out the folder of a new county: settings, mappings, frameworks, agreements, and folders for what comes.

- The folder must not be there: nothing of anybody's is ever written over.
- Everything but the settings is a copy of what is shipped. Agreements are copied unchanged unless the caller gives a
  way to change them: a rehearsal needs terms that cover its day, a real county the text as its people read it.
- The settings name every setting with what it means.

Keys and database are made by bootstrap.py.
"""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase, digits

import gateway
from gateway.errors import SettingsInvalid

#: A checkout's own files, from which a new county's are made.
TEMPLATES = Path(gateway.__file__).resolve().parent.parent
_SETTINGS = Path(__file__).parent / "templates" / "gateway.toml"
_SINGLE_FILES = ("jobcentres.yaml", "bank_holidays.yaml", "approvers")
_LONGEST_SLUG = 60


@dataclass(frozen=True, slots=True)
class NewCounty:
    """What a new county's settings say. `account` is the operating system's name of who runs it, `name` a person's."""

    controller: str
    environment: str
    origin: str
    account: str
    name: str
    roles: tuple[str, ...] = ("operator", "data_officer")
    #: A file that holds the database's address; without one the database is a SQLite file in the state directory.
    database_file: Path | None = None
    flags_reaching_nobody_allowed: int = 0
    lines_lost_at_first_allowed: int = 0


def origin_for(controller: str) -> str:
    """Return a name for the log of a council: its own in small letters, and what the log is."""
    known = ascii_lowercase + digits
    words = re.split(r"[^a-z0-9]+", "".join(c if c in known else " " for c in controller.lower()))
    slug = "-".join(filter(None, words))[:_LONGEST_SLUG].strip("-")
    return f"{slug or 'county'}/gateway"


def lay_out(folder: Path, county: NewCounty, *, change: Callable[[str], str] = str) -> Path:
    """Write a county's folder and return its settings file. `change` is applied to the text of each agreement.

    Raises SettingsInvalid where the folder is there, or what it is made from is not.
    """
    if not (TEMPLATES / "config" / "sources").is_dir():
        raise SettingsInvalid(
            "the files that a county begins from are not beside the program",
            advice="Run `gateway init` from a clone of the repository: README.md.",
        )
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise SettingsInvalid(
            f"{folder} is there already, and nothing is written over", advice="Name a folder that is not there yet."
        ) from error
    _copy_config(folder)
    _copy_agreements(folder, change)
    for mapping in sorted((folder / "config" / "sources").glob("*.yaml")):
        (folder / "extracts" / mapping.stem).mkdir(parents=True)
    settings = folder / "config" / "gateway.toml"
    settings.write_text(_settings_of(county), encoding="utf-8")
    return settings


def _copy_config(folder: Path) -> None:
    config = folder / "config"
    for name in ("sources", "frameworks", "linkage"):
        shutil.copytree(TEMPLATES / "config" / name, config / name)
    for name in _SINGLE_FILES:
        shutil.copyfile(TEMPLATES / "config" / name, config / name)
    (config / "partners").mkdir()
    for example in sorted((TEMPLATES / "config" / "partners").glob("*.example")):
        shutil.copyfile(example, config / "partners" / example.name)


def _copy_agreements(folder: Path, change: Callable[[str], str]) -> None:
    agreements = folder / "agreements"
    (agreements / "approvals").mkdir(parents=True)
    for document in sorted((TEMPLATES / "agreements").glob("*.yaml")):
        text = change(document.read_bytes().decode("utf-8"))
        (agreements / document.name).write_bytes(text.encode("utf-8"))


def _settings_of(county: NewCounty) -> str:
    kept = county.database_file
    return _SETTINGS.read_text(encoding="utf-8").format(
        controller=_quoted(county.controller),
        environment=county.environment,
        origin=county.origin,
        database=f"database_file = {_quoted(str(kept.resolve()))}" if kept else 'database = "sqlite:///gateway.db"',
        flags_reaching_nobody_allowed=county.flags_reaching_nobody_allowed,
        lines_lost_at_first_allowed=county.lines_lost_at_first_allowed,
        account=_quoted(county.account),
        name=_quoted(county.name),
        roles=", ".join(map(_quoted, county.roles)),
    )


def _quoted(text: str) -> str:
    """Return text as a basic string of TOML, whose escapes are JSON's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
