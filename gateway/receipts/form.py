"""The receipt form: what we lay beside each package for the recipient to sign, with the package's hash filled in.

Lines of `key: value`; a line that begins with `#` tells the reader something and says nothing. CRLF ends each line,
because it is opened on Windows. The form depends on the list and its package alone, so it can be made again: a
detached signature that comes back without the form is verified against that.

A recipient that is a witness of our log adds the checkpoint from the manifest, co-signed, in base64 on one line.

Pure. docs/formats/receipt.md describes the format for partners.
"""

import base64
from datetime import date
from enum import StrEnum

from gateway.model.receipt import ReceiptLevel

FORMAT = "supporting-families-gateway/receipt/1"
#: The key of the line that holds the co-signed checkpoint.
COSIGNED = "cosigned-checkpoint"
#: The key of the line that says, in a certificate of destruction, on which day the last copy went.
DESTROYED_ON = "destroyed-on"


class RejectReason(StrEnum):
    """Why a recipient rejects a package. The codes stand in signed receipts and in the ledger."""

    SIGNATURE_NOT_VALID = "signature_not_valid"
    CANNOT_OPEN = "cannot_open"
    HASH_DIFFERS = "hash_differs"
    WRONG_RECIPIENT = "wrong_recipient"
    WRONG_COUNT = "wrong_count"
    WRONG_FORMAT = "wrong_format"
    NOT_EXPECTED = "not_expected"
    #: Anything else; the recipient says what it is by phone.
    ASK_US = "ask_us"


def is_remark_of_ours(line: str) -> bool:
    """Say whether a line is one of the form's own remarks."""
    return line in _REMARK_LINES


def receipt_form(list_reference: str, package_sha256: str) -> bytes:
    """Return the form for a package, ready to be signed as it is."""
    return write_receipt(
        list_reference=list_reference,
        package_sha256=package_sha256,
        level=ReceiptLevel.RECEIVED,
        people=None,
        reason=None,
        remarks=_REMARKS,
    )


def write_receipt(
    *,
    list_reference: str,
    package_sha256: str,
    level: ReceiptLevel,
    people: int | None,
    reason: RejectReason | None,
    cosigned: str | None = None,
    destroyed_on: date | None = None,
    remarks: tuple[str, ...] = (),
) -> bytes:
    """Return a receipt's text, unsigned; `cosigned` is the note of a checkpoint that a witness cosigned.

    `destroyed_on` is there with DESTROYED, and only then.
    """
    lines = [
        f"format: {FORMAT}",
        f"list: {list_reference}",
        f"package-sha256: {package_sha256}",
        f"level: {level.value}",
    ]
    lines += [f"people: {people}"] if people is not None else []
    lines += [f"reason: {reason.value}"] if reason is not None else []
    lines += [f"{DESTROYED_ON}: {destroyed_on.isoformat()}"] if destroyed_on is not None else []
    lines += [f"{COSIGNED}: {base64.b64encode(cosigned.encode()).decode()}"] if cosigned is not None else []
    return "".join(f"{line}\r\n" for line in (*(f"# {remark}" for remark in remarks), *lines)).encode("ascii")


_REMARKS = (
    "Receipt for a list from the council. Sign this file as it is, and leave the signature in the receipts folder.",
    "It then says that the package arrived. To say more, change the word after level before you sign:",
    "  validated or processed, and add a line   people: 123   with the number of rows you found;",
    "  rejected, and add a line   reason: cannot_open   with one of these words:",
    f"  {', '.join(list(RejectReason)[:4])},",
    f"  {', '.join(list(RejectReason)[4:])}.",
    "When the list and every copy of it are destroyed, sign this again:",
    f"  destroyed, and add a line   {DESTROYED_ON}: 2027-01-31   with the day on which the last one went.",
    "Write no name and nothing about any person here.",
)
_REMARK_LINES = frozenset(f"# {remark}" for remark in _REMARKS)
