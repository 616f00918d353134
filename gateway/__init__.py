"""The one way out for data about families in the Supporting Families programme.

The folders are the flow, in this order:

    sources -> cohort -> agreements -> selection -> minimisation -> sealing -> delivery -> receipts

`ledger/` (pure) and `store/` (tables and queries) lie beneath every stage, `model/` holds the nouns,
`services/` walk the flow, `cli/` and `scheduler.py` ask services, and `bootstrap.py` wires.
"""

__version__ = "0.1.0"
