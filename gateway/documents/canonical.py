"""The one form of a value that is hashed: canonical JSON.

Keys in code point order, no spaces, UTF-8 without escapes for what JSON can carry as it is. Only text, whole
numbers, truth values, null, lists and tables with text keys: a fraction has no single spelling.
"""

import hashlib
import json
from collections.abc import Callable, Sequence

#: Kept, because `json.dumps` would make one for each value.
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
Value = str | int | bool | list["Value"] | tuple["Value", ...] | dict[str, "Value"] | None


def canonical_json(value: object) -> bytes:
    """Return the canonical bytes of a value. Raises TypeError for a value that has no canonical form."""
    _require_canonical(value)
    return _ENCODER.encode(value).encode()


def canonical_texts(names: Sequence[str]) -> Callable[[Sequence[str]], str]:
    """Return what gives the canonical form of a table with these names, from its texts, for a loop over many alike."""
    order = sorted(range(len(names)), key=lambda place: names[place])
    begun = [f"{_ENCODER.encode(names[place])}:" for place in order]
    quoted = _ENCODER.encode

    def written(texts: Sequence[str]) -> str:
        return "{" + ",".join([begin + quoted(texts[place]) for begin, place in zip(begun, order, strict=True)]) + "}"

    return written


def sha256_hex(data: bytes) -> str:
    """Return SHA-256 of the bytes in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


#: What has nothing inside it: asked of each cell of a long sheet, where a call costs more than the answer.
_SIMPLE = frozenset({str, int, bool, type(None)})


def _require_canonical(value: object) -> None:
    match value:
        case None | str() | bool() | int():
            return
        case list() | tuple():
            for item in value:
                if type(item) not in _SIMPLE:
                    _require_canonical(item)
        case dict():
            for key, item in value.items():
                if not isinstance(key, str):
                    raise TypeError(f"a key of type {type(key).__name__} has no canonical form")
                if type(item) not in _SIMPLE:
                    _require_canonical(item)
        case _:
            raise TypeError(f"a value of type {type(value).__name__} has no canonical form")
