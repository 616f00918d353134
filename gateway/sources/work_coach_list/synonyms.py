"""Headings that offices are known to write, and what they mean: for proposing columns, never for reading unasked.

`SURE` are those that can hardly mean anything else; `LIKELY` have to be looked at by whoever confirms them. All are
written as headings are compared (headings.py), and also understood after `claimant`, `customer` and the like.

Pure.
"""

from gateway.model.work_coach_list import Column

SURE: dict[Column, tuple[str, ...]] = {
    Column.RECORD_REF: ("record ref", "record reference", "recordref", "gateway reference", "council reference"),
    Column.NINO: (
        "nino",
        "ni no",
        "ni number",
        "nat ins no",
        "national insurance number",
        "national insurance no",
        "n i no",
        "n i number",
    ),
    Column.FORENAME: ("forename", "forenames", "first name", "firstname", "given name", "given names", "fore name"),
    Column.MIDDLE_NAMES: ("middle name", "middle names", "middle initial", "middle initials", "middlename"),
    Column.SURNAME: ("surname", "last name", "lastname", "family name", "sur name"),
    Column.FULL_NAME: ("full name", "fullname"),
    Column.BORN: ("dob", "d o b", "date of birth", "birth date", "birthdate", "dateofbirth"),
    Column.POSTCODE: ("postcode", "post code", "postal code", "pcode"),
    Column.ADDRESS_LINE: ("address line 1", "address 1", "addressline1", "first line of address", "address line"),
    Column.WORK_COACH: ("work coach", "work coach name", "workcoach", "name of work coach"),
    Column.OFFICE: ("office", "jobcentre", "job centre", "jobcentre office", "jobcentre name", "jcp office", "jcp"),
}
LIKELY: dict[Column, tuple[str, ...]] = {
    Column.RECORD_REF: (
        "reference",
        "ref",
        "ref no",
        "our ref",
        "our reference",
        "your ref",
        "your reference",
        "unique reference",
    ),
    Column.NINO: ("ni", "nin", "insurance number"),
    Column.FORENAME: ("first names", "forename s", "christian name", "known as", "initials"),
    Column.MIDDLE_NAMES: ("other names", "second name", "other name"),
    Column.SURNAME: ("surname name", "family"),
    Column.FULL_NAME: ("name", "claimant", "customer", "client", "claimant s name", "customer s name"),
    Column.BORN: ("born", "birthday", "birth", "date birth"),
    Column.POSTCODE: ("post", "zip", "zip code", "pc"),
    Column.ADDRESS_LINE: ("address", "street", "addr", "home address"),
    Column.WORK_COACH: ("coach", "wc", "adviser", "advisor", "personal adviser", "work coach id", "case manager"),
    Column.OFFICE: ("site", "location", "jobcentre plus", "jobcentre plus office", "site name", "branch"),
}
_BEFORE = ("claimant", "customer", "client", "citizen")


def _spread(words: dict[Column, tuple[str, ...]]) -> dict[str, Column]:
    plain = {heading: column for column, headings in words.items() for heading in headings}
    led = {f"{before} {heading}": column for heading, column in plain.items() for before in _BEFORE}
    return led | plain


CERTAIN = _spread(SURE)
KNOWN = _spread(LIKELY) | CERTAIN
