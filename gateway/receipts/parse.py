"""Read the text of a receipt, strictly: known keys, each once, and closed lists of words.

- A byte order mark, CRLF, blank lines, the form's own remarks and blanks at the ends of lines are no faults: desks'
  tools make them, and a clear-text signature does not cover blanks at the end of a line.
- A remark of somebody's own is refused: a receipt is kept as it came, for good, and has no room for words (law L8).
- `validated` and `processed` say how many people were found; `rejected` says why, and nothing else does; `destroyed`
  says on which day, and nothing else does.
- A co-signed checkpoint is passed on unread: a fault in it is no fault of the receipt (witness.py).
- A fault names the line and the key, never what stands there: somebody may have written about a person.

Pure. Whether anybody signed the text is asked before, in verify.py.
"""

import re
from dataclasses import dataclass
from datetime import date

from gateway.errors import ReceiptMalformed
from gateway.model.receipt import ReceiptLevel
from gateway.receipts.form import COSIGNED, DESTROYED_ON, FORMAT, RejectReason, is_remark_of_ours

MOST_BYTES = 64 * 1024
_NEEDED = frozenset({"format", "list", "package-sha256", "level"})
_KNOWN = _NEEDED | {"people", "reason", COSIGNED, DESTROYED_ON}
#: A note with the most signatures that one may hold (ledger/notes.py) fits in twice.
_LINE = re.compile(r"([a-z0-9-]{1,20}):[ \t]*(\S{1,16384})", re.ASCII)
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,119}", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_COUNT = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_COUNTED = frozenset({ReceiptLevel.VALIDATED, ReceiptLevel.PROCESSED})
_ADVICE = "Ask the recipient to sign the form that lies beside the package: docs/formats/receipt.md."


@dataclass(frozen=True, slots=True)
class ReceiptText:
    """What a receipt's text says."""

    list_reference: str
    package_sha256: str
    level: ReceiptLevel
    people: int | None
    reason: RejectReason | None
    cosigned_checkpoint: str | None = None
    destroyed_on: date | None = None


def parse_receipt(text: bytes) -> ReceiptText:
    """Read a receipt's text. Raises ReceiptMalformed."""
    if len(text) > MOST_BYTES:
        raise _malformed(f"is larger than {MOST_BYTES} bytes")
    try:
        lines = text.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise _malformed("is not text in UTF-8") from None
    values = _values(lines)
    if missing := sorted(_NEEDED - values.keys()):
        raise _malformed(f"lacks {', '.join(missing)}")
    return _typed(values)


def _values(lines: list[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or is_remark_of_ours(line.rstrip()):
            continue
        match = _LINE.fullmatch(line.rstrip())
        if match is None or match[1] not in _KNOWN:
            raise _malformed(f"has a line {number} that is not one of its lines")
        if match[1] in values:
            raise _malformed(f"says {match[1]} twice")
        values[match[1]] = match[2]
    return values


def _typed(values: dict[str, str]) -> ReceiptText:
    if values["format"] != FORMAT:
        raise _malformed("is not of a format that is read here")
    level = ReceiptLevel(_one_of("level", values["level"], tuple(ReceiptLevel)))
    people = _shaped("people", values["people"], _COUNT) if "people" in values else None
    reason = _one_of("reason", values["reason"], tuple(RejectReason)) if "reason" in values else None
    if (reason is not None) != (level is ReceiptLevel.REJECTED):
        raise _malformed("does not give a reason when, and only when, it rejects")
    if people is None and level in _COUNTED:
        raise _malformed(f"does not say how many people were found, as {level.value} must")
    if (DESTROYED_ON in values) != (level is ReceiptLevel.DESTROYED):
        raise _malformed("does not say on which day when, and only when, the list was destroyed")
    return ReceiptText(
        list_reference=_shaped("list", values["list"], _REFERENCE),
        package_sha256=_shaped("package-sha256", values["package-sha256"].lower(), _HASH),
        level=level,
        people=None if people is None else int(people),
        reason=None if reason is None else RejectReason(reason),
        cosigned_checkpoint=values.get(COSIGNED),
        destroyed_on=_day(values[DESTROYED_ON]) if DESTROYED_ON in values else None,
    )


def _one_of(key: str, value: str, allowed: tuple[str, ...]) -> str:
    if value.lower() not in allowed:
        raise _malformed(f"has at {key} a word that is not one of {', '.join(allowed)}")
    return value.lower()


def _shaped(key: str, value: str, shape: re.Pattern[str]) -> str:
    if not shape.fullmatch(value):
        raise _malformed(f"has a {key} that cannot be one")
    return value


def _day(value: str) -> date:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise _malformed(f"has a {DESTROYED_ON} that cannot be one") from None
    if day.isoformat() != value:
        raise _malformed(f"has a {DESTROYED_ON} that is not written as 2027-01-31 is")
    return day


def _malformed(what: str) -> ReceiptMalformed:
    return ReceiptMalformed(f"the receipt {what}", advice=_ADVICE)
