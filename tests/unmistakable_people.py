"""People whose every value is unmistakable, put into an invented county's extracts, and the search for any trace of them.

One is disclosed, one is protected, one stands on a line that is refused. A trace is any of their values, in any of the
forms in which a program could write it, or anybody's National Insurance number.
"""

import base64
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from gateway.sandbox.county import CountyFacts
from gateway.sandbox.invented_layouts import EHM, SUPPRESSION

#: Of the person who is disclosed.
SURNAME, FORENAME, NINO, POSTCODE = "Zqsurname", "Zqforename", "QQ918273C", "CB1 3ZX"
BORN = "1961-08-17"
EMAIL, LEAD = "zqworker@county.example", "Zqlead"
PROTECTED, FLAGGED, REFUSED = "Zqprotected", "Zqflagged", "Zqrefused"
NAMES = (SURNAME, FORENAME, LEAD, PROTECTED, FLAGGED, REFUSED)
VALUES = (*NAMES, NINO, POSTCODE, EMAIL)
_DATES = (BORN, "17/08/1961", "19610817", "17-08-1961", "17.08.1961")
_ANY_NINO = re.compile(rb"qq ?(?:\d ?){6}")


def put_into(facts: CountyFacts) -> None:
    """Give the county's own canaries unmistakable values, and add a line that is refused and a flag about nobody."""
    disclosed, protected = facts.canary("ordinary").source_id, facts.canary("flag_restricted_record").source_id
    lead = next(
        row["DIM_WORKER_ID"]
        for row in _rows(facts, EHM, "involvements")
        if row["DIM_PERSON_ID"] == disclosed and row["DIM_LOOKUP_INVOLVEMENT_TYPE_CODE"] == "EHLP"
    )
    _change(
        facts,
        "persons",
        {
            disclosed: {"SURNAME": SURNAME, "FORENAME": FORENAME, "BIRTH_DTTM": f"{BORN} 00:00:00"},
            protected: {"SURNAME": PROTECTED, "FORENAME": PROTECTED},
        },
    )
    _change(facts, "identifiers", {disclosed: {"IDENTIFIER_VALUE": NINO}})
    _change(facts, "addresses", {disclosed: {"POSTCODE": POSTCODE}})
    _change(
        facts, "workers", {lead: {"FORENAME": LEAD, "SURNAME": LEAD, "EMAIL": EMAIL, "TELEPHONE": ""}}, "DIM_WORKER_ID"
    )
    add_line(facts, EHM, "persons", f"2999999,,{REFUSED},{REFUSED},F,1961-99-99 00:00:00,N,,,,WBRI,GBR,Y,,N")
    add_line(facts, SUPPRESSION, "suppression", f"objection_upheld,,,,{FLAGGED},17/08/1961,,01/01/2026,")


def file_of(facts: CountyFacts, source: str, feed: str) -> Path:
    """The newest extract of a feed."""
    return max((facts.folder / source).glob(f"{feed}_*.csv"))


def add_line(facts: CountyFacts, source: str, feed: str, line: str) -> None:
    """Add a line to an extract, before the blank ones at its end."""
    path = file_of(facts, source, feed)
    path.write_bytes(path.read_bytes().rstrip(b"\r\n") + b"\r\n" + line.encode() + b"\r\n")


def traces_in(content: bytes) -> set[str]:
    """Say which values of a person stand in the bytes, in whatever form."""
    lower = content.lower()
    found = {value for value in (*VALUES, *_DATES) if any(form in lower for form in _forms(value))}
    found |= {"a National Insurance number"} if _ANY_NINO.search(lower) else set()
    return found | {value for value in NAMES if any(form in content for form in _base64_forms(value))}


def _forms(value: str) -> Iterator[bytes]:
    for text in {value.lower(), value.lower().replace(" ", "")}:
        yield text.encode()
        yield text.encode("utf-16-le")
        yield text.encode().hex().encode()
    yield value.encode().hex().encode()


def _base64_forms(value: str) -> Iterator[bytes]:
    """What base64 makes of the value wherever in three octets it begins, without its ends, which its neighbours change."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + value.encode())
        yield encoded[4 if before else 0 :].rstrip(b"=")[:-1]


def _rows(facts: CountyFacts, source: str, feed: str) -> list[dict[str, str]]:
    text = file_of(facts, source, feed).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _change(facts: CountyFacts, feed: str, changes: dict[str, dict[str, str]], key: str = "DIM_PERSON_ID") -> None:
    """Change cells of the rows with a key, line by line, so that everything else keeps its bytes."""
    path = file_of(facts, EHM, feed)
    lines = path.read_bytes().decode().split("\r\n")
    heading = lines[0].lstrip("\ufeff").split(",")
    place = heading.index(key)
    changed = set()
    for number, line in enumerate(lines):
        cells = next(csv.reader([line]), [])
        if len(cells) == len(heading) and cells[place] in changes:
            for column, value in changes[cells[place]].items():
                cells[heading.index(column)] = value
            lines[number] = ",".join(cells)
            changed.add(cells[place])
    assert changed == changes.keys()
    path.write_bytes("\r\n".join(lines).encode())
