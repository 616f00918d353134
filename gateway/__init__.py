"""The one way out for data about families in the Supporting Families programme.

The folders are the flow, in this order:

    sources -> cohort -> agreements -> selection -> minimisation -> sealing -> delivery -> receipts

Lists of claimants come the other way: `sources/work_coach_list/` reads them, `reconciliation/` holds them against the
people concerned, `worksheets/` writes what a person opens.

`ledger/` (pure) and `store/` (tables and queries) lie beneath every stage, `model/` holds the nouns,
`services/` walk the flow, `cli/` and `scheduler.py` ask services, and `bootstrap.py` wires.
"""

import os

# Else pydantic looks through every installed package for one that wants to see what it checks, the settings with their
# secrets among it, and loads that.
os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"

__version__ = "0.1.0"
