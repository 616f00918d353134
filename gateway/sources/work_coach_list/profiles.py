"""Write an office's columns as a short text and read it strictly: TOML, one text an office.

    office = "wisbech"
    date_order = "d/m/y"
    ignored = ["Notes"]

    [columns]
    "Surname" = "surname"

- The text says everything; the fingerprint of the headings is worked out from it and never stood by itself.
- A key that is not known, a heading or a meaning twice, columns by which nobody can be found: refused, by key.
- The same profile gives the same text: headings in bytewise order.

Pure: where the text is kept is left to whoever asks. It holds no personal data, but who confirmed it belongs in the
ledger: a column taken for another makes wrong matches.
"""

import tomllib
from collections.abc import Iterable
from typing import Any

from gateway.errors import ColumnProfileInvalid
from gateway.model.work_coach_list import Column, ColumnProfile, DateOrder
from gateway.sources.work_coach_list.headings import fingerprint_of, plain_heading

_COLUMNS = frozenset(Column)
_KEYS = {"office", "date_order", "ignored", "columns"}
_MOST_BYTES = 64 * 1024
_CONTROL_ESCAPED = {code: f"\\u{code:04x}" for code in (*range(0x20), 0x7F)}
_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"'} | {chr(code): text for code, text in _CONTROL_ESCAPED.items()})


def profile_of(
    office: str, columns: Iterable[tuple[str, Column]], ignored: Iterable[str], date_order: DateOrder
) -> ColumnProfile:
    """Return a profile whose headings and meanings fit together. Raises ColumnProfileInvalid."""
    read, besides = tuple(sorted(columns)), tuple(sorted(ignored))
    plain = [plain_heading(heading) for heading, _ in read]
    if "" in plain or len(set(plain)) < len(plain) or set(plain) & set(map(plain_heading, besides)):
        raise ColumnProfileInvalid("a column that is read has no heading, or one that stands twice")
    _refuse_unusable([column for _, column in read])
    headings = [heading for heading, _ in read] + list(besides)
    return ColumnProfile(office, read, besides, date_order, fingerprint_of(headings))


def written_profile(profile: ColumnProfile) -> str:
    """Return the text of a profile."""
    ignored = ", ".join(map(_quoted, profile.ignored))
    head = [f"office = {_quoted(profile.office)}", f"date_order = {_quoted(profile.date_order)}"]
    columns = [f"{_quoted(heading)} = {_quoted(column)}" for heading, column in profile.columns]
    return "\n".join([*head, f"ignored = [{ignored}]", "", "[columns]", *columns, ""])


def read_profile(text: str) -> ColumnProfile:
    """Return the profile that a text says. Raises ColumnProfileInvalid, which names keys and no values."""
    said = _parsed(text)
    if unknown := set(said) - _KEYS:
        raise ColumnProfileInvalid(f"{len(unknown)} keys are not known; known are {', '.join(sorted(_KEYS))}")
    office, order = _text(said, "office"), _text(said, "date_order")
    if order not in set(DateOrder):
        raise ColumnProfileInvalid(f"date_order is none of {', '.join(DateOrder)}")
    return profile_of(office, _columns(said.get("columns")), _ignored(said.get("ignored", [])), DateOrder(order))


def _refuse_unusable(columns: list[Column]) -> None:
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise ColumnProfileInvalid(f"more than one column is read as {', '.join(twice)}")
    if not set(columns) & {Column.RECORD_REF, Column.NINO, Column.SURNAME, Column.FULL_NAME}:
        raise ColumnProfileInvalid("no column says who a claimant is: a reference, a NINO or a surname is needed")
    if Column.FULL_NAME in columns and set(columns) & {Column.FORENAME, Column.MIDDLE_NAMES, Column.SURNAME}:
        raise ColumnProfileInvalid("a whole name and a part of it are both read: leave one of them out")


def _parsed(text: str) -> dict[str, Any]:
    if len(text) > _MOST_BYTES:
        raise ColumnProfileInvalid("the text is longer than any header could need")
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        pass
    # The parser's own message quotes what it read.
    raise ColumnProfileInvalid("the text is no TOML")


def _text(said: dict[str, Any], key: str) -> str:
    value = said.get(key)
    if not isinstance(value, str) or not value:
        raise ColumnProfileInvalid(f"{key} is missing or no text")
    return value


def _columns(said: object) -> list[tuple[str, Column]]:
    if not isinstance(said, dict) or not all(isinstance(value, str) and value in _COLUMNS for value in said.values()):
        raise ColumnProfileInvalid(f"columns must be a table of headings, each one of {', '.join(Column)}")
    return [(heading, Column(value)) for heading, value in said.items()]


def _ignored(said: object) -> list[str]:
    if not isinstance(said, list) or not all(isinstance(heading, str) for heading in said):
        raise ColumnProfileInvalid("ignored must be a list of headings")
    return said


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPED)}"'
