"""Write one new key into the text of a partner's file, and leave everything else in it as somebody wrote it.

The text is changed where the key stands and then read again: unless it says exactly what it said before, but for that
key, it is refused, and a person changes the file by hand. So a layout that was not thought of loses nothing.

Pure.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.errors import PartnerInvalid

PACKAGE, RECEIPT, RECEIPT_BEFORE = "package_certificate", "receipt_certificate", "receipt_certificate_before"
_HOST_KEYS = re.compile(r"(?ms)^host_keys[ \t]*=[ \t]*\[.*?\][ \t]*$")


def with_host_keys(text: str, host_keys: Sequence[str]) -> str:
    """Return the text with these host keys, in this order. Raises PartnerInvalid."""
    listed = "".join(f'    "{key}",\n' for key in host_keys)
    changed = _HOST_KEYS.sub(lambda _: f"host_keys = [\n{listed}]", text, count=1)
    said = tomllib.loads(text)
    return _exactly(changed, said | {"server": said["server"] | {"host_keys": list(host_keys)}}, "host_keys")


def with_certificate(text: str, section: str, file: str, fingerprint: str) -> str:
    """Return the text with another certificate in a section. Raises PartnerInvalid."""
    wanted = {"file": file, "fingerprint": fingerprint}
    said = tomllib.loads(text)
    return _exactly(_section_replaced(text, section, wanted), said | {section: wanted}, section)


def with_receipt_certificate(text: str, file: str, fingerprint: str) -> str:
    """Return the text with another certificate for receipts, and the one in use kept as the one before."""
    before = tomllib.loads(text)[RECEIPT]
    changed = with_certificate(text, RECEIPT, file, fingerprint)
    return with_certificate(changed, RECEIPT_BEFORE, before["file"], before["fingerprint"])


def _section_replaced(text: str, section: str, wanted: Mapping[str, str]) -> str:
    written = f"[{section}]\n" + "".join(f'{name} = "{value}"\n' for name, value in wanted.items())
    found = re.search(rf"(?ms)^\[{section}\][ \t]*$.*?(?=^[ \t]*(?:#|\[)|\Z)", text)
    if found is None:
        return f"{text.rstrip()}\n\n{written}"
    behind = text[found.end() :]
    return text[: found.start()] + written + (f"\n{behind}" if behind else "")


def _exactly(changed: str, wanted: Mapping[str, Any], what: str) -> str:
    try:
        says = tomllib.loads(changed)
    except tomllib.TOMLDecodeError:
        says = {}
    if says != wanted:
        raise PartnerInvalid(
            f"{what} stands in the file in a way that only a person can change",
            advice="Write it as in config/partners/*.toml.example, one thing a line, and ask again.",
        )
    return changed
