"""Bad input at the command line: a clear error or a counted reject, the old snapshot intact, and no value repeated."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gateway import bootstrap
from gateway.errors import ExtractShrunk
from gateway.services.sources.load_sources import load_sources
from gateway.settings import read_settings
from tests.command_line import County, a_county

EHM, FLAGS = "liquidlogic_ehm", "suppression"
#: Stands in every line that a damage adds; nothing but the file may ever show it.
CANARY = "Zebedeecanary"
SOMEBODY = f"2009999,{CANARY},{CANARY},1990-01-01,N,,,"
END = "\r\n"

Damage = Callable[[Path], None]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8-sig").rstrip().splitlines()


def _keep(path: Path, lines: list[str], encoding: str = "utf-8", end: str = END) -> None:
    path.write_bytes((END.join(lines) + end).encode(encoding))


def truncated(path: Path) -> None:
    _keep(path, [*_lines(path), SOMEBODY[:24]], end="")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def a_header_alone(path: Path) -> None:
    _keep(path, _lines(path)[:1])


def no_header(path: Path) -> None:
    _keep(path, [SOMEBODY, *_lines(path)[1:]])


def binary_junk(path: Path) -> None:
    path.write_bytes(path.read_bytes() + bytes(range(256)) * 64 + CANARY.encode())


def lines_in_another_encoding(path: Path) -> None:
    path.write_bytes(path.read_bytes() + f"{SOMEBODY} Zoë{END}".encode("cp1252"))


def utf_16_without_its_mark(path: Path) -> None:
    _keep(path, [*_lines(path), SOMEBODY], encoding="utf-16-le")


def one_line_of_10_mb(path: Path) -> None:
    _keep(path, [*_lines(path), SOMEBODY.replace("1990-01-01", CANARY * 800_000)])


def a_quote_that_does_not_close(path: Path) -> None:
    _keep(path, [*_lines(path), SOMEBODY.replace(CANARY, f'"{CANARY}', 1)])


def two_columns_swapped(path: Path) -> None:
    _keep(path, _swapped([line.split(",") for line in [*_lines(path), SOMEBODY]], 2, 3))


def ids_of_persons_and_families_swapped(path: Path) -> None:
    _keep(path, _swapped([line.split(",") for line in _lines(path)], 0, 1))


def _swapped(rows: list[list[str]], one: int, other: int) -> list[str]:
    for row in rows[1:]:
        row[one], row[other] = row[other], row[one]
    return [",".join(row) for row in rows]


@pytest.fixture
def county(tmp_path) -> County:
    return a_county(tmp_path)


def _snapshots(county: County) -> list[tuple[object, ...]]:
    """What every snapshot says of itself, and what the persons of the newest are."""
    with closing(sqlite3.connect(county.folder / "state" / "gateway.db")) as connection:
        kept = connection.execute("SELECT * FROM snapshots ORDER BY snapshot_id").fetchall()
        people = connection.execute("SELECT * FROM persons ORDER BY snapshot_id, person_key").fetchall()
    return kept + people


def _everything_written(county: County) -> str:
    logs = "".join(path.read_text(encoding="utf-8") for path in (county.folder / "state" / "log").iterdir())
    names = " ".join(path.name for path in county.folder.rglob("*"))
    return logs + names


@pytest.mark.parametrize(
    ("feed", "damage", "code", "said"),
    [
        ("persons", truncated, 1, "breaks off in line"),
        ("persons", empty, 1, "the file is empty"),
        ("persons", a_header_alone, 1, "a header and no lines"),
        ("needs", a_header_alone, 3, "had"),
        ("persons", no_header, 5, "the header lacks"),
        ("persons", binary_junk, 1, "is not in the file's encoding"),
        ("persons", lines_in_another_encoding, 1, "is not in the file's encoding"),
        ("persons", utf_16_without_its_mark, 1, "zero byte"),
        ("persons", one_line_of_10_mb, 1, "may be about anybody"),
        ("persons", a_quote_that_does_not_close, 1, "may be about anybody"),
        ("persons", two_columns_swapped, 1, "cannot be read"),
        ("memberships", ids_of_persons_and_families_swapped, 1, "are refused"),
    ],
)
def test_a_bad_extract_is_refused_and_the_old_snapshot_stays(county, feed, damage, code, said):
    before = _snapshots(county)
    damage(county.extract(EHM, feed))
    ran = county.run("sources", "load")
    assert ran.code == code
    assert said in ran.err
    assert "Next: " in ran.err
    assert ran.out == ""
    assert _snapshots(county) == before
    assert CANARY not in ran.said + _everything_written(county)


@pytest.mark.parametrize("damage", [empty, a_header_alone, binary_junk, truncated, one_line_of_10_mb])
def test_L3_any_fault_of_the_suppression_feed_stops_the_night(county, damage):
    before = _snapshots(county)
    damage(county.extract(FLAGS, "suppression"))
    ran = county.run("sources", "load")
    assert ran.code == 3
    assert "suppression-refused" in ran.err
    assert _snapshots(county) == before
    assert CANARY not in ran.said + _everything_written(county)


def test_lines_that_cannot_be_used_are_counted_and_named_by_line_and_reason(county):
    before = {(row["feed"], tuple(row["reasons"])) for row in _rejects(county)}
    persons, memberships, families = (county.extract(EHM, feed) for feed in ("persons", "memberships", "families"))
    known = _lines(persons)[5].split(",")[0]
    _keep(persons, [*_lines(persons), SOMEBODY.replace("2009999", known)])
    _keep(memberships, [*_lines(memberships), f'50001,{known},"2026-01-01,'])
    _keep(families, [*_lines(families), "99999,2026-01-01,"])
    loaded = county.run("sources", "load", "--json")
    assert loaded.code == 0
    assert loaded.document()["state"] == "loaded"
    found = {(row["feed"], tuple(row["reasons"])) for row in _rejects(county)}
    assert {feed for feed, _ in found - before} >= {"persons", "families"}
    assert {"quotes_odd"} <= {reason for _, reasons in found for reason in reasons}
    assert CANARY not in loaded.said + _everything_written(county)


def _rejects(county: County) -> list[dict[str, object]]:
    return county.run("sources", "rejects", "--json").document()["rejects"]


def test_a_refused_load_is_told_again_until_it_is_mended(county):
    persons = county.extract(EHM, "persons")
    whole = persons.read_bytes()
    truncated(persons)
    assert county.run("sources", "load").code == 1
    status = county.run("sources", "status")
    assert status.code == 0
    assert "extract-malformed" in status.err
    told = county.run("doctor", "--offline", "--json").document()
    assert "it was refused: extract-malformed liquidlogic_ehm persons" in {check["found"] for check in told["checks"]}
    persons.write_bytes(whole)
    assert county.run("sources", "load").code == 0
    assert "refused at" not in county.run("sources", "status").err


def test_a_shrunk_extract_passes_when_somebody_asks_and_another_who_approves_confirms(county):
    needs = county.extract(EHM, "needs")
    _keep(needs, _lines(needs)[: len(_lines(needs)) // 2])
    refused = county.run("sources", "load")
    assert refused.code == 3
    assert "--accept shrinkage --case REF" in refused.err
    asked = county.run("sources", "load", "--accept", "shrinkage", "--case", "IG-2026-0142")
    assert asked.code == 3
    assert "gateway sources accept liquidlogic_ehm needs --case REF" in asked.err
    assert "gateway sources accept liquidlogic_ehm needs --case REF" in county.run("sources", "status").err
    county.give_roles("operator", "data_officer", "approver")
    own = county.run("sources", "accept", EHM, "needs", "--case", "IG-2026-0142")
    assert own.code == 6
    assert "nobody else has asked" in own.err
    _ask_as_a_colleague(county)
    assert county.run("sources", "accept", EHM, "needs", "--case", "IG-2026-0142").code == 0
    assert county.run("sources", "load").code == 0


def test_L3_nobody_lets_a_shrunk_suppression_feed_pass(county):
    feed = county.extract(FLAGS, "suppression")
    _keep(feed, _lines(feed)[:4])
    county.give_roles("operator", "data_officer", "approver")
    for words in (
        ("load",),
        ("load", "--accept", "shrinkage", "--case", "IG-1"),
        ("accept", FLAGS, FLAGS, "--case", "IG-1"),
    ):
        assert county.run("sources", *words).code == 3


def _ask_as_a_colleague(county: County) -> None:
    """Ask from another account, which a test cannot log in as."""
    with bootstrap.workplace_of(read_settings(county.settings)) as workplace:
        colleague = replace(workplace.actor, account="colleague")
        with pytest.raises(ExtractShrunk):
            load_sources(replace(workplace, actor=colleague), accept="IG-2026-0142")
