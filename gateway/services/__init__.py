"""What people and the night ask for, one file an ask: where pure stages, edges and the ledger meet.

The folders stand on one another in one direction, which setup.cfg holds. `workplace.py` is what every ask is given.
"""
