"""References of lists: whatever an agreement and an office may be called, every place that keeps a reference holds it."""

from datetime import date
from types import SimpleNamespace

from gateway.ledger.kinds import REFERENCE
from gateway.receipts.form import receipt_form
from gateway.receipts.parse import parse_receipt
from gateway.services.disclosure.list_decisions import ListTerms
from gateway.services.disclosure.list_making import list_reference
from gateway.store.tables import leases, lists


def the_longest_reference() -> str:
    agreement = SimpleNamespace(agreement_id="a" * 60)
    return list_reference(ListTerms(agreement, None, None, date(2026, 11, 16), "b" * 40))


def test_the_longest_reference_fits_the_ledger_and_the_columns_of_a_database_that_counts():
    reference = the_longest_reference()
    assert REFERENCE(reference)
    assert len(reference) <= lists.c.reference.type.length
    assert len(reference) <= leases.c.name.type.length


def test_the_longest_reference_comes_back_in_a_receipt():
    reference = the_longest_reference()
    assert parse_receipt(receipt_form(reference, "0" * 64)).list_reference == reference
