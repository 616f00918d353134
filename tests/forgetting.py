"""Somebody of a rehearsed county is forgotten: by one officer and another, with every byte searched before and after."""

import base64
import gzip
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from gateway.model.forgetting import ForgetReason, UntoldReason
from gateway.model.officers import Actor, Role
from gateway.services.rights.forget_subjects import ask_forget, confirm_forget
from gateway.store.forgets import Forget
from tests.extracts_edited import extract_of
from tests.rehearsed_county import SECOND_PERSON, RehearsedCounty

CASE = "IG-2026-0142"
EHM = "liquidlogic_ehm"
OFFICER = Actor("officer", "Invented Officer", frozenset({Role.IG_OFFICER}))
#: What belongs to the partners, to the officers' own machines, and to the search itself.
_NOT_OURS = ("partner", "desk")


def ask(
    county: RehearsedCounty,
    source_id: str,
    *,
    hold_back: bool = False,
    untold: UntoldReason | None = UntoldReason.DISPROPORTIONATE,
) -> Forget:
    with county.at(actor=OFFICER) as workplace:
        return ask_forget(
            workplace,
            (EHM, source_id),
            reason=ForgetReason.NOT_NEEDED,
            case_reference=CASE,
            hold_back=hold_back,
            untold=untold,
        )


def confirm(county: RehearsedCounty, forget: Forget) -> Forget:
    with county.at(actor=SECOND_PERSON) as workplace:
        return confirm_forget(workplace, forget.reference)


def forgotten(county: RehearsedCounty, source_id: str, *, hold_back: bool = False) -> Forget:
    """Have a person forgotten, whole."""
    return confirm(county, ask(county, source_id, hold_back=hold_back))


def leave_the_source(county: RehearsedCounty, source_id: str) -> None:
    """Take every line about a person out of the case system's extracts, as it does once it forgot them itself."""
    for path in sorted((county.folder / "extracts" / EHM).glob("*.csv")):
        feed = path.name.rpartition("_")[0]
        if path == extract_of(county, EHM, feed):
            lines = path.read_bytes().splitlines(keepends=True)
            kept = [
                line for line in lines if source_id.encode() not in [cell.strip(b'" \r\n') for cell in _cells(line)]
            ]
            path.write_bytes(b"".join(kept))


def _cells(line: bytes) -> list[bytes]:
    return re.split(rb"[,;|\t]", line)


def keep_an_older_extract(county: RehearsedCounty) -> Path:
    """Leave the extract of another day beside the newest, as a drop folder has them."""
    path = extract_of(county, EHM, "persons")
    older = path.with_name("persons_20261101.csv")
    shutil.copy(path, older)
    return older


def bytes_kept(county: RehearsedCounty) -> Iterator[tuple[str, bytes]]:
    """Every file of the county's own, and of a PostgreSQL database every file of it, with the place of each."""
    for path in sorted(county.folder.rglob("*")):
        name = path.relative_to(county.folder)
        if path.is_file() and name.parts[0] not in _NOT_OURS:
            content = path.read_bytes()
            yield str(name), str(name).encode() + content
            if content.startswith(b"\x1f\x8b"):
                yield f"{name}, unpacked", gzip.decompress(content)
    url = make_url(county.on_server or county.settings.database_url())
    if url.get_backend_name() == "postgresql":
        yield from _bytes_of_server(str(url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)))


def _bytes_of_server(url: str) -> Iterator[tuple[str, bytes]]:
    """Every file of a server that can hold a row of the database, but for its write-ahead log."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CHECKPOINT"))
        folder = Path(connection.execute(text("SHOW data_directory")).scalar_one())
        number = connection.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar_one()
    engine.dispose()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and name.parts[0] != "pg_wal" and name.parts[:2] not in _others(folder, number):
            try:
                yield f"server: {name}", path.read_bytes()
            except FileNotFoundError:
                # A server makes and removes files of its own all the time.
                continue


def _others(folder: Path, number: int) -> set[tuple[str, ...]]:
    """The folders of other databases."""
    return {("base", path.name) for path in (folder / "base").iterdir() if path.name != str(number)}


def traces(places: Iterable[tuple[str, bytes]], values: Iterable[str]) -> set[tuple[str, str]]:
    """Say where a value stands: plain, as hexadecimal, as base64, in either width of letters."""
    forms = {value: set(_forms(value)) for value in values}
    return {
        (place, value)
        for place, content in places
        for lower in (content.lower(),)
        for value, wanted in forms.items()
        if any(form in lower or form in content for form in wanted)
    }


def _forms(value: str) -> Iterator[bytes]:
    for written in {value, value.lower(), value.upper(), value.replace(" ", ""), value.replace(" ", "").lower()}:
        for octets in (written.encode(), written.encode("utf-16-le")):
            yield octets
            yield octets.hex().encode()
            for before in range(3):
                encoded = base64.b64encode(b"\0" * before + octets)
                yield encoded[4 if before else 0 :].rstrip(b"=")[:-1]
