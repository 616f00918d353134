"""A receipt's text is read strictly, and a fault never repeats what stands in it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ReceiptMalformed
from gateway.model.receipt import ReceiptLevel
from gateway.receipts.form import RejectReason, receipt_form, write_receipt
from gateway.receipts.parse import MOST_BYTES, ReceiptText, parse_receipt

HASH = "ab" * 32
PLAIN = f"format: supporting-families-gateway/receipt/1\nlist: L-1\npackage-sha256: {HASH}\nlevel: received\n"


def test_our_own_form_says_that_the_package_arrived() -> None:
    """The desk only signs it."""
    assert parse_receipt(receipt_form("L-1", HASH)) == ReceiptText("L-1", HASH, ReceiptLevel.RECEIVED, None, None)


def test_the_form_tells_every_word_that_may_be_put_into_it() -> None:
    form = receipt_form("L-1", HASH).decode("ascii")
    assert all(reason.value in form for reason in RejectReason)
    assert all(level.value in form for level in ReceiptLevel)
    assert form.count("\r\n") == form.count("\n")


def test_the_form_of_a_list_is_always_the_same_bytes() -> None:
    """So that a signature which comes back alone can be verified."""
    assert receipt_form("L-1", HASH) == receipt_form("L-1", HASH)


@given(
    st.from_regex(r"[A-Z][A-Z0-9-]{0,20}", fullmatch=True),
    st.sampled_from(list(ReceiptLevel)),
    st.integers(0, 999_999),
    st.sampled_from(list(RejectReason)),
    st.dates(),
)
def test_what_is_written_is_read_back(
    reference: str, level: ReceiptLevel, people: int, reason: RejectReason, day: date
) -> None:
    given_reason = reason if level is ReceiptLevel.REJECTED else None
    given_day = day if level is ReceiptLevel.DESTROYED else None
    text = write_receipt(
        list_reference=reference,
        package_sha256=HASH,
        level=level,
        people=people,
        reason=given_reason,
        destroyed_on=given_day,
    )
    assert parse_receipt(text) == ReceiptText(reference, HASH, level, people, given_reason, None, given_day)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "  \n"),
        "\n\n" + PLAIN + "\n",
        receipt_form("L-1", HASH).decode().replace("\r\n", "  \n"),
        PLAIN.replace("received", "Received").replace(HASH, HASH.upper()),
        "".join(reversed(PLAIN.splitlines(keepends=True))),
    ],
    ids=["byte order mark", "CRLF", "blanks at ends", "blank lines", "our remarks", "capitals", "other order"],
)
def test_what_desks_tools_do_to_a_text_is_no_fault(text: str) -> None:
    assert parse_receipt(text.encode()).list_reference == "L-1"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "lacks format, level, list, package-sha256"),
        (PLAIN.replace("level: received\n", ""), "lacks level"),
        (PLAIN + "level: received\n", "says level twice"),
        (PLAIN + "note: she has moved\n", "line 5 that is not one of its lines"),
        (PLAIN + "Ann Example is away\n", "line 5 that is not one of its lines"),
        (PLAIN + "# Ann Example is away\n", "line 5 that is not one of its lines"),
        (PLAIN + f"cosigned-checkpoint: {'A' * 16385}\n", "line 5 that is not one of its lines"),
        (PLAIN.replace("receipt/1", "receipt/2"), "format that is read here"),
        (PLAIN.replace("received", "happy"), "at level a word"),
        (PLAIN.replace("received", "validated"), "how many people"),
        (PLAIN.replace("received", "rejected"), "gives? a reason|reason when"),
        (PLAIN + "reason: cannot_open\n", "reason when"),
        (PLAIN.replace("received", "rejected") + "reason: she_moved\n", "at reason a word"),
        (PLAIN.replace("received", "validated") + "people: 007\n", "people that cannot be one"),
        (PLAIN.replace("received", "validated") + "people: -7\n", "people that cannot be one"),
        (PLAIN.replace(HASH, HASH[:-1]), "package-sha256 that cannot be one"),
        (PLAIN.replace("L-1", "../L-1"), "list that cannot be one"),
        (PLAIN.replace("L-1", "L-1 or L-2"), "line 2"),
        (PLAIN.replace("L-1", "L-\u0661"), "list that cannot be one"),
    ],
)
def test_any_other_text_is_refused(text: str, why: str) -> None:
    with pytest.raises(ReceiptMalformed, match=why) as refusal:
        parse_receipt(text.encode())
    assert not any(word in str(refusal.value) for word in ("Ann", "moved", "happy"))


@pytest.mark.parametrize("data", [b"\xff\xfe" + PLAIN.encode("utf-16-le"), b"\xff", b"#" * (MOST_BYTES + 1)])
def test_bytes_that_are_no_text_or_too_many_are_refused(data: bytes) -> None:
    with pytest.raises(ReceiptMalformed):
        parse_receipt(data)


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    with pytest.raises(ReceiptMalformed):
        parse_receipt(data)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("level: received\n", "level: destroyed\n"),
        ("level: received\n", "level: received\ndestroyed-on: 2027-01-31\n"),
        ("level: received\n", "level: destroyed\ndestroyed-on: 2027-02-30\n"),
        ("level: received\n", "level: destroyed\ndestroyed-on: 20270131\n"),
        ("level: received\n", "level: destroyed\ndestroyed-on: 31.01.2027\n"),
    ],
    ids=["no day", "a day without destruction", "no such day", "written another way", "in another order"],
)
def test_a_certificate_of_destruction_names_its_day_and_nothing_else_does(old: str, new: str) -> None:
    with pytest.raises(ReceiptMalformed) as refused:
        parse_receipt(PLAIN.replace(old, new).encode())
    assert "2027-02-30" not in str(refused.value)
    assert parse_receipt(
        PLAIN.replace(old, "level: destroyed\ndestroyed-on: 2027-01-31\n").encode()
    ).destroyed_on == date(2027, 1, 31)
